"""The yardsticks behind `make bench`: what the program does, timed against the least that could do it."""

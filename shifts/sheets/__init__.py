"""A month as a file: written for Excel, read back, taken in."""

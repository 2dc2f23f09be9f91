"""The pages of the three notebooks, and of the end of a shift."""

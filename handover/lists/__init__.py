"""The lists of the notebooks, by notebook."""

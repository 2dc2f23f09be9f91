"""The lists of shifts: what their columns hold, on the page and in the file, one module a noun."""

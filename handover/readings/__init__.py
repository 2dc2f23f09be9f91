"""Files that are read in: what their columns mean, what stands in their cells, what is wrong with them. Pure."""

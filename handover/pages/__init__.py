"""What the pages of the notebooks show: fetched in a fixed number of queries, and put into words once. By noun."""

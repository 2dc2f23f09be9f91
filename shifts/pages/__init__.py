"""What the pages of the room show: fetched in a fixed number of queries, and put into words once. By noun."""

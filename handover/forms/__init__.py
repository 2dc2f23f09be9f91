"""What people type into the notebooks, by notebook."""

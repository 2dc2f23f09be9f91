"""Pages of the desk, a module a noun."""

"""Pages about people, a module a noun."""

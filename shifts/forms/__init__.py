"""What people type and send, one module a noun."""

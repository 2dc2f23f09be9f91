"""Pages of the ledger, a module a noun."""

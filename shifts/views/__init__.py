"""The roster, leave, swaps, attendance: one module a noun."""

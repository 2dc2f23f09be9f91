"""Rosters, assignments, attendance and auto-extension."""

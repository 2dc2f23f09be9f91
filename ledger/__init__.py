"""Incidents, sanctions, the double-entry journal and the activity fund."""

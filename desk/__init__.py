"""What draws on every app: Today, the frame of every page, demo data."""

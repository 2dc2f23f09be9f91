"""Every page of the house in one table (`table.py`), and the departments in which they are looked at (`world.py`)."""

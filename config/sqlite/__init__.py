"""Django's SQLite engine, told how many values one statement really takes."""

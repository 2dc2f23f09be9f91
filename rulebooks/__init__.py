"""The rulebook 制度 as data: schema, versions in force by date, reading of files, ready-made rulebooks."""

"""Every database trigger, for both engines, in one place.

SQLite drops a table's triggers whenever Django remakes the table, and a migration fails while another table's trigger
names it. So `pre_migrate` takes all of ours off (SQLite) and `post_migrate` puts back exactly what is declared here for
the tables that exist. Every name begins with `banzu_`.
"""

from .installing import after_migrate, before_migrate, declared, installed, lifted, names
from .rules import PREFIX, Trigger

__all__ = ["PREFIX", "Trigger", "after_migrate", "before_migrate", "declared", "installed", "lifted", "names"]

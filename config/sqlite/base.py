"""The embedded database engine.

Django 5.2 believes that a SQLite statement takes 999 values, which has not been so since SQLite 3.32; Django 6 asks the
library, as we do here. Painting 200 cells of the roster then is one statement a table, as on PostgreSQL.
"""

import functools
import sqlite3

from django.db.backends.sqlite3 import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    @functools.cached_property
    def max_query_params(self) -> int:  # type: ignore[override]
        """How many values this build of the library binds in one statement."""
        self.connection.ensure_connection()
        return self.connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

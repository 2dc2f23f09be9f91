"""Days, instants and sums as the databases hand them over fastest, the same on both engines."""

from django.db.models import Aggregate, CharField, Func, IntegerField, TextField


class Day(Func):
    """A day as the database's driver hands it over: text from SQLite, a date from PostgreSQL.

    A month has at most 31 different ones: looking each up costs a fraction of reading it anew in every cell.
    """

    output_field = CharField()
    template = "%(expressions)s"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS text)", **context)


class Instant(Day):
    """An instant in UTC as text in ISO form: a few hundred different ones in a month."""

    def as_postgresql(self, compiler, connection, **context):
        template = "to_char(%(expressions)s, 'YYYY-MM-DD HH24:MI:SS')"
        return self.as_sql(compiler, connection, template=template, **context)


class Minutes(Aggregate):
    """Whole minutes from the first start to the last end of all shifts of a group together."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(ROUND(SUM(julianday(%(expressions)s)) * 1440) AS integer)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(EXTRACT(EPOCH FROM SUM(%(expressions)s)) / 60)::integer"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


class Joined(Aggregate):
    """The cells of a group as one text, "2026-11-05 N 17,2026-11-06 …": day, code and version of each, in no order.

    A row for a line instead of a row for a cell: handing a row over costs more than taking a text apart.
    """

    output_field = TextField()
    arity = 3

    def as_sqlite(self, compiler, connection, **context):
        template = "GROUP_CONCAT(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" || ' ' || ", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "STRING_AGG(CONCAT_WS(' ', %(expressions)s), ',')"
        return self.as_sql(compiler, connection, template=template, **context)

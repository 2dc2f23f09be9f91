"""One person's spans never overlap in a layer. On SQLite a trigger says so (`office.triggers`)."""

from django.db import migrations

ADD = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE shifts_assignmentspan ADD CONSTRAINT shifts_span_overlap EXCLUDE USING gist
    (user_id WITH =, layer WITH =, tstzrange(starts_at, ends_at) WITH &&);
"""
REMOVE = "ALTER TABLE shifts_assignmentspan DROP CONSTRAINT shifts_span_overlap;"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("shifts", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(ADD), on_postgresql(REMOVE))]

"""The indexes of words over `SearchText.grams`, which no model can declare, and the texts written before them."""

from django.db import migrations

from handover.grams import grams_of

WORDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE handover_searchwords USING fts5(grams, content='', detail=none)",
        "DROP TABLE handover_searchwords",
    ),
    # Kept beside the grams: made anew for each row that is looked at, it would be all that a search takes.
    "postgresql": (
        "ALTER TABLE handover_searchtext"
        " ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', grams)) STORED;"
        "CREATE INDEX handover_search_words ON handover_searchtext USING gin (words)",
        "ALTER TABLE handover_searchtext DROP COLUMN words",
    ),
}


def make(apps, schema_editor):
    schema_editor.execute(WORDS[schema_editor.connection.vendor][0])


def unmake(apps, schema_editor):
    schema_editor.execute(WORDS[schema_editor.connection.vendor][1])


def keep_what_was_written(apps, schema_editor):
    """Entries and items that are older than the search are found too."""
    SearchText = apps.get_model("handover", "SearchText")
    issues = apps.get_model("handover", "Issue").objects.all()
    items = apps.get_model("handover", "HandoverItem").objects.all()
    rows = [
        *(("issue", row, row.business_date, (row.text, row.about), row.author_id) for row in issues.iterator()),
        *(
            ("item", row, row.written_at.date(), (row.to_do, row.known, row.customer), row.author_id)
            for row in items.iterator()
        ),
    ]
    for kind, row, day, texts, member in rows:
        entry = SearchText.objects.create(
            kind=kind,
            row=row.pk,
            department_id=row.department_id,
            membership_id=member,
            business_date=day,
            grams=grams_of(*texts),
        )
        if schema_editor.connection.vendor == "sqlite":
            with schema_editor.connection.cursor() as cursor:
                words = "INSERT INTO handover_searchwords (rowid, grams) VALUES (%s, %s)"
                cursor.execute(words, [entry.pk, entry.grams])


class Migration(migrations.Migration):
    dependencies = [("handover", "0002_notebooks_whole")]

    operations = [
        migrations.RunPython(make, unmake),
        migrations.RunPython(keep_what_was_written, migrations.RunPython.noop),
    ]

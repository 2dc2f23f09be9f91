"""Keeping what can be searched for; written in the transaction of the row that it is about."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction

from handover.grams import grams_of
from handover.models import Case, HandoverItem, Issue, SearchText
from people.models import Membership


@transaction.atomic
def index(
    *, kind: str, row: Issue | HandoverItem | Case, membership: Membership | None, business_date: date
) -> SearchText:
    """Let a new row of the notebooks be found by its texts. `membership`: whose entry it is.

    A row is indexed once; a second time raises IntegrityError. For what is added to its texts see `index_again`.
    """
    entry = SearchText.objects.create(
        department_id=row.department_id,
        kind=kind,
        row=row.pk,
        membership=membership,
        business_date=business_date,
        grams=grams_of(*row.searched),
    )
    index_entries([entry])
    return entry


@transaction.atomic
def index_again(*, kind: str, row: Issue | HandoverItem | Case) -> None:
    """Let a row be found by its texts as they are now. Whoever calls has locked the row."""
    entry = SearchText.objects.get(kind=kind, row=row.pk)
    before, entry.grams = entry.grams, grams_of(*row.searched)
    if entry.grams == before:
        return
    entry.save(update_fields=["grams"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # The index keeps no texts: it forgets words only when it is told which they were.
            forget = "INSERT INTO handover_searchwords (handover_searchwords, rowid, grams) VALUES ('delete', %s, %s)"
            cursor.execute(forget, [entry.pk, before])
    index_entries([entry])


def index_entries(entries: Sequence[SearchText]) -> None:
    """Put entries that have been stored into SQLite's index of words; PostgreSQL's looks after itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO handover_searchwords (rowid, grams) VALUES (%s, %s)",
                [(entry.pk, entry.grams) for entry in entries],
            )

"""The lists of the issue register: what their columns hold, on the page and in the file."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from office.tables import Column, Kind

if TYPE_CHECKING:
    from handover.pages.register import Eyes


def _assignee(row) -> str:
    return row.matter.assignee.name if row.matter.assignee else ""


def issue_columns(eyes: "Eyes") -> tuple[Column, ...]:
    """The columns of the register as this reader may see them; rows come from `pages.register.entries_of`."""
    return (
        Column("when", _("When"), lambda row: row.written_at, sort="written_at", kind=Kind.INSTANT),
        Column("who", _("Name"), lambda row: row.author.name, sort="author__work_number"),
        Column("number", _("Work number"), lambda row: row.author.work_number),
        Column("category", _("Category"), lambda row: row.category_name, sort="category"),
        Column("about", _("Product or order"), eyes.about),
        Column("customer", _("Customer"), eyes.customer),
        Column("text", _("What was written"), eyes.text),
        Column("state", _("State"), lambda row: row.matter.get_state_display(), sort="matter__state"),
        Column("assignee", _("Who works on it"), _assignee),
        Column("answer", _("Answer"), lambda row: row.answer),
    )


DIGEST_COLUMNS = (
    Column("until", _("Handed in"), lambda row: row.until, sort="until", kind=Kind.INSTANT),
    Column("entries", _("Entries"), lambda row: row.entries, sort="entries", kind=Kind.NUMBER),
    Column("people", _("People"), lambda row: row.people, sort="people", kind=Kind.NUMBER),
    Column("open", _("Still open"), lambda row: row.open, sort="open", kind=Kind.NUMBER),
)

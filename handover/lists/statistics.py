"""The lists of the service statistics: what their columns hold, on the page and in the file."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.tables import Column, Kind

_COUNTS = (
    Column(
        "served",
        pgettext_lazy("counted", "Customers served"),
        lambda row: row.counts.served,
        sort=True,
        kind=Kind.NUMBER,
    ),
    Column(
        "closed",
        pgettext_lazy("counted", "Customers closed"),
        lambda row: row.counts.closed,
        sort=True,
        kind=Kind.NUMBER,
    ),
    Column("share", _("Closed ÷ served"), lambda row: row.counts.conversion, sort=True, kind=Kind.NUMBER),
    Column("enquiries", _("Enquiries"), lambda row: row.counts.enquiries, sort=True, kind=Kind.NUMBER),
    Column("sales", _("Sales as noted, yuan"), lambda row: row.counts.sales_fen, sort=True, kind=Kind.MONEY),
)

DAY_COLUMNS = (Column("day", _("Day"), lambda row: row.day, sort=True, kind=Kind.DAY), *_COUNTS)

MEMBER_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column("who", _("Name"), lambda row: row.membership.name, sort=lambda row: row.membership.work_number),
    *_COUNTS,
    Column("days", _("Days"), lambda row: row.counts.days, sort=True, kind=Kind.NUMBER),
)

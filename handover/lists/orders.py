"""The lists of orders: what their columns hold, on the page and in the file."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from handover.models import Order
from handover.orders import fault_words, flag_words
from office.tables import Column, Kind

# What a row says of an order in one cell.
Says = Callable[[Order], str]


def order_columns(buyer: Says, remark: Says, whose: Says) -> tuple[Column, ...]:
    """All orders. `buyer`, `remark`: as the reader may read them; `whose`: the shares in words."""
    return (
        Column("number", _("Order"), lambda row: row.number, sort="number"),
        Column("placed", _("Placed"), lambda row: row.placed_at, sort="placed_at", kind=Kind.INSTANT),
        Column("paid_at", _("Paid at"), lambda row: row.paid_at, kind=Kind.INSTANT, on_page=False),
        Column("day", _("Counts for"), lambda row: row.business_date, kind=Kind.DAY, on_page=False),
        Column("buyer", _("Buyer"), buyer),
        Column("paid", _("Paid, yuan"), lambda row: row.paid_fen, sort="paid_fen", kind=Kind.MONEY),
        Column("refunded", _("Refunded, yuan"), lambda row: row.refunded_fen, kind=Kind.MONEY, on_page=False),
        Column("remark", _("Remark"), remark),
        Column("flag", _("Flag"), lambda row: flag_words(row.flag), sort="flag"),
        Column("whose", _("Whose"), whose, sort="attribution"),
        Column("how", _("How it is known"), lambda row: row.get_attribution_display(), on_page=False),
        Column("fault", _("What is wrong"), lambda row: fault_words(row.fault), on_page=False),
    )


def untagged_columns(buyer: Says, remark: Says, claimed: Says) -> tuple[Column, ...]:
    """Untagged orders. `buyer`, `remark`: as the reader may read them; `claimed`: who claims it, in words."""
    return (
        Column("number", _("Order"), lambda row: row.number, sort="number"),
        Column("paid_at", _("Paid at"), lambda row: row.paid_at, sort="paid_at", kind=Kind.INSTANT),
        Column("buyer", _("Buyer"), buyer),
        Column("paid", _("Paid, yuan"), lambda row: row.paid_fen, sort="paid_fen", kind=Kind.MONEY),
        Column("remark", _("Remark"), remark),
        Column("flag", _("Flag"), lambda row: flag_words(row.flag), sort="flag"),
        Column("fault", _("What is wrong"), lambda row: fault_words(row.fault), sort="fault"),
        Column("claimed", _("Claimed by"), claimed, on_page=False),
    )

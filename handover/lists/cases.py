"""The lists of reviews and complaints: what their columns hold, on the page and in the file."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from handover.pages.cases import Reader, line_of
from office.tables import Column, Kind


def case_columns(reader: Reader, now: datetime) -> Sequence[Column]:
    """Customers in them are shown as far as the reader may see them, also in the file."""

    def clock(case) -> str:
        line = line_of(case, reader, now)
        if line.step is None:
            return case.get_finding_display() or pgettext("case", "Closed")
        return f"{line.step.name}: {line.step.words.text}"

    return (
        Column("what", _("What came in"), lambda case: reader.text(case, case.text)),
        Column("clock", _("Next step"), clock, sort="next_due"),
        Column("due", _("Due by"), lambda case: case.next_due, kind=Kind.INSTANT, on_page=False),
        Column("kind", _("Kind"), lambda case: str(case.rule.name), sort="kind"),
        Column("customer", _("Customer"), reader.customer),
        Column("order", _("Order number"), lambda case: case.order_number, on_page=False),
        Column("product", _("Product"), lambda case: case.product, on_page=False),
        Column("subject", _("About whom"), lambda case: case.subject.name if case.subject else "", on_page=False),
        Column(
            "who",
            _("Who has it"),
            lambda case: case.assignee.name if case.assignee else "",
            sort="assignee__work_number",
        ),
        Column("came", _("Came in"), lambda case: case.came_at, sort="came_at", kind=Kind.INSTANT),
        Column(
            "closed", pgettext_lazy("case", "Closed"), lambda case: case.closed_at, kind=Kind.INSTANT, on_page=False
        ),
    )


def month_columns(first: str) -> Sequence[Column]:
    """`first`: what a line stands for."""
    return (
        Column("name", first, lambda line: line.name, sort=lambda line: line.number or line.name),
        Column("number", _("Work number"), lambda line: line.number, on_page=False),
        Column("came", _("Came in"), lambda line: line.came, sort=True, kind=Kind.NUMBER),
        Column("closed", pgettext_lazy("case", "Closed"), lambda line: line.closed, sort=True, kind=Kind.NUMBER),
        Column("open", pgettext_lazy("case", "Open"), lambda line: line.open, sort=True, kind=Kind.NUMBER),
        Column("upheld", _("Upheld"), lambda line: line.upheld, sort=True, kind=Kind.NUMBER),
        Column("on_time", _("Steps on time"), lambda line: line.share.on_time, kind=Kind.NUMBER, on_page=False),
        Column("due", _("Steps due"), lambda line: line.share.due, kind=Kind.NUMBER, on_page=False),
        Column("share", _("On time ÷ due, %"), lambda line: line.share.percent, sort=True, kind=Kind.NUMBER),
    )

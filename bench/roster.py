"""The roster page against a bare table of the same cells."""

import itertools
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Value
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from office import clock
from office.months import Month
from people.models import Role
from shifts.expressions import Day
from shifts.models import Assignment, ExtensionSegment, Layer
from shifts.pages.grid import columns_of
from shifts.signs import LETTERS, REST_LETTER

from .measure import Side, Yardstick
from .world import LOOKED_AT, MONTH, Desk, desk, planned_month

MOST_TIMES, MOST_BYTES = 4, 150
# A page of a few agents is all frame: its limits mean nothing.
LEAST_AGENTS = 200
RAN_ON = "ran on"
CELL = re.compile(r'<td(?: class="([^"k]*)")?>([^<]*)')


@dataclass(frozen=True)
class Pieces:
    """What the bare view has in memory before it is asked: the department's key, and every cell that can occur.

    `places[day as the driver hands it over]` counts from 0; `plain[place][code]` and `flagged[place, code, changed,
    extended]` are cells.
    """

    department: int
    places: dict[date | str, int]
    plain: list[dict[str, str]]
    flagged: dict[tuple[int, str, bool, bool], str]


KNOWN: dict[str, Pieces] = {}


def pieces_of(made: Desk) -> Pieces:
    """The pieces as a Chinese reader sees them, written by hand here and not by the page's own code."""
    book = made.rulebook
    looks = {"": ("", "")} | {shift.code: (LETTERS[shift.palette], shift.mark.zh) for shift in book.shifts}
    looks[book.rest.code] = (REST_LETTER, book.rest.mark.zh)
    days = list(MONTH.days())
    flagged = {}
    for place, column in enumerate(columns_of(days, today=LOOKED_AT.date(), locked=True)):
        for code, (letter, mark) in looks.items():
            for changed, extended in itertools.product((False, True), repeat=2):
                flags = (letter, column.classes, "u" if changed else "", "e" if extended else "")
                classes = " ".join(filter(None, flags))
                start = f'<td class="{classes}">' if classes else "<td>"
                flagged[place, code, changed, extended] = start + escape(mark)
    plain = [{code: flagged[place, code, False, False] for code in looks} for place in range(len(days))]
    places = {key: place for place, day in enumerate(days) for key in (day, str(day))}
    return Pieces(made.department.pk, places, plain, flagged)


def bare(request, code: str, month: Month) -> HttpResponse:
    """One query and one join: the cells of the draft, marked where they differ from what is published or ran on."""
    pieces = KNOWN[code]
    days, places = range(len(pieces.plain)), pieces.places
    draft: dict[int, list[str]] = {}
    published: dict[int, list[str]] = {}
    extended: dict[int, set[int]] = {}
    for layer, member, day, what in _rows(pieces.department, month).iterator(chunk_size=5000):
        if layer == RAN_ON:
            extended.setdefault(member, set()).add(places[day])
            continue
        lines = draft if layer == Layer.DRAFT else published
        line = lines.get(member)
        if line is None:
            line = lines[member] = [""] * len(days)
        line[places[day]] = what
    parts = ["<!doctype html><title>bare</title><table>"]
    for member in sorted(draft):
        line, held, nights = draft[member], published.get(member), extended.get(member, ())
        parts.append("<tr>")
        if line == held and not nights:
            parts += map(operator.getitem, pieces.plain, line)
        else:
            held = held or [""] * len(days)
            parts += [pieces.flagged[at, line[at], line[at] != held[at], at in nights] for at in days]
    parts.append("</table>")
    return HttpResponse("".join(parts))


def _rows(department: int, month: Month):
    """The fastest of the ways that were tried: no order, days unread, the few long nights as rows of their own."""
    between = (month.first, month.last)
    cells = Assignment.objects.filter(membership__department=department, slot=1, business_date__range=between)
    nights = ExtensionSegment.objects.filter(
        attendance__membership__department=department, attendance__business_date__range=between
    )
    return (
        cells.order_by()
        .values_list("layer", "membership_id", Day("business_date"), "code")
        .union(
            nights.order_by().values_list(
                Value(RAN_ON), "attendance__membership_id", Day("attendance__business_date"), Value("")
            ),
            all=True,
        )
    )


def yardstick(agents: int) -> Yardstick:
    """Both pages through the whole middleware, for the same signed-in supervisor."""
    made = desk(f"roster-{agents}", agents)
    planned_month(made)
    KNOWN[made.department.code] = pieces_of(made)
    client = Client(headers={"accept-language": "zh-hans"}, SERVER_NAME="localhost")
    client.force_login(made.office[Role.SUPERVISOR], backend="allauth.account.auth_backends.AuthenticationBackend")
    page, table = addresses_of(made)

    def get(address: str) -> Callable[[object], int]:
        def run(_given) -> int:
            with clock.at(LOOKED_AT):
                response = client.get(address)
            assert response.status_code == 200, f"{address} answered {response.status_code}"
            return len(response.content)

        return run

    def proof() -> None:
        with clock.at(LOOKED_AT):
            shown, wanted = (cells_of(client.get(address).content.decode()) for address in (page, table))
        assert len(wanted) == agents * len(list(MONTH.days()))
        assert shown == wanted, "The page and the bare table do not hold the same cells."

    return Yardstick(
        name=f"roster-{agents}",
        ours=Side(get(page)),
        bare=Side(get(table)),
        cells=agents * len(list(MONTH.days())),
        proof=proof,
        most_times=MOST_TIMES if agents >= LEAST_AGENTS else None,
        most_bytes=MOST_BYTES if agents >= LEAST_AGENTS else None,
    )


def addresses_of(made: Desk) -> tuple[str, str]:
    """Of the page and of the bare table."""
    return f"/d/{made.department.code}/roster/{MONTH}/", f"/bench/{made.department.code}/{MONTH}/"


def cells_of(html: str) -> list[tuple[str, str]]:
    """Every agent's cells in order, as (classes, mark); the sums at the end of a line (class k) are none."""
    start = html.find("<tbody>")
    if start >= 0:
        html = html[start : html.index("</tbody>")]
    return CELL.findall(html)

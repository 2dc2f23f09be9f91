"""Statistics and orders by a program of the department: many rows a call, all of them or none. See `config.api`."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import AwareDatetime, ConfigDict, StrictBool, StrictInt, StringConstraints

from handover.models import ReadingKind
from handover.readings.checking import Row
from handover.readings.judging import Judged, Known, order, statistic
from handover.readings.values import FLAGS, MOST_COUNT, MOST_SECONDS, clean
from handover.services import receive
from handover.services.readings import known_of
from office.money import LARGEST_FEN
from people.models import Department
from rulebooks.schema.customers import FlagColour
from shifts.api import Refusal, WorkNumber

router = Router(tags=["figures"])

MOST_ROWS = 500
# So many rows with the longest remarks, every character of them escaped, and their keys.
MOST_BYTES = 2_000_000

Count = Annotated[StrictInt, Field(ge=0, le=MOST_COUNT)]
Seconds = Annotated[StrictInt, Field(ge=0, le=MOST_SECONDS)]
Fen = Annotated[StrictInt, Field(ge=0, le=LARGEST_FEN)]


def text(longest: int, least: int = 0) -> Any:
    return Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=least, max_length=longest)]


class StatisticIn(Schema):
    """One agent's day. Counts are customers, rounds or calls; amounts fen; seconds are sums over what is counted."""

    model_config = ConfigDict(extra="forbid")

    work_number: WorkNumber
    day: date
    served: Count
    closed: Count
    enquiries: Count
    sales_fen: Fen
    enquiries_paid: Count | None = None
    paying: Count | None = None
    contacting: Count | None = None
    replied: Count | None = None
    first_replies: Count | None = None
    first_reply_seconds: Seconds | None = None
    rounds: Count | None = None
    round_seconds: Seconds | None = None
    rounds_in_time: Count | None = Field(None, description="Rounds answered in at most 180 seconds.")
    calls: Count | None = None
    talk_seconds: Seconds | None = None


class OrderIn(Schema):
    """One order as it stands now; amounts are fen, instants have an offset. Unpaid: without `paid_at`."""

    model_config = ConfigDict(extra="forbid")

    number: text(60, 1)  # type: ignore[valid-type]
    buyer: text(80, 1)  # type: ignore[valid-type]
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None
    amount_fen: Fen
    paid_fen: Fen
    refunded_fen: Fen | None = None
    dispatched_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    remark: text(500) | None = None  # type: ignore[valid-type]
    flag: FlagColour | None = None
    without_asking: StrictBool | None = None


class StatisticsIn(Schema):
    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[StatisticIn], Field(min_length=1, max_length=MOST_ROWS)]


class OrdersIn(Schema):
    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[OrderIn], Field(min_length=1, max_length=MOST_ROWS)]


class Taken(Schema):
    """How many rows were new, corrected something, and changed nothing."""

    added: int
    corrected: int
    same: int


Answers = {200: Taken, 422: Refusal}


@router.post("/statistics", response=Answers, url_name="statistics")
def statistics(request, sent: StatisticsIn):
    """Report agents' days, at most 500 a call. A day reported before is corrected; what is left out stays as it was."""
    said = [_renamed(row.model_dump(exclude_unset=True)) for row in sent.rows]
    return _take(request, ReadingKind.STATISTICS, said, statistic)


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    values["business_date"] = values.pop("day")
    return values


@router.post("/orders", response=Answers, url_name="orders")
def orders(request, sent: OrdersIn):
    """Report orders, at most 500 a call. A number reported before is corrected; what is left out stays as it was."""
    return _take(request, ReadingKind.ORDERS, [row.model_dump(exclude_unset=True) for row in sent.rows], order)


def _take(request, kind: ReadingKind, said: Sequence[dict[str, Any]], judge: Callable[[dict, Known], Judged]):
    """All rows, or none and what is wrong with which."""
    department: Department = request.auth.department
    rows, fields = judged(said, judge, known_of(department))
    if fields:
        message = _("Nothing was taken: some rows cannot be.")
        return 422, {"code": "wrong_rows", "message": message, "fields": fields}
    reading = receive(department=department, kind=kind, name=request.auth.name, rows=rows)
    return 200, {"added": reading.added, "corrected": reading.corrected, "same": reading.same}


def judged(
    said: Sequence[dict[str, Any]], judge: Callable[[dict, Known], Judged], known: Known
) -> tuple[list[Row], dict[str, str]]:
    """The rows, and {"rows.3.served": why} for what is wrong with them; two rows about the same are wrong."""
    rows: list[Row] = []
    fields: dict[str, str] = {}
    first: dict[Any, int] = {}
    for place, values in enumerate(said):
        key, label, kept, faults = judge({name: _plain(value) for name, value in values.items()}, known)
        for name, why in faults:
            fields.setdefault(f"rows.{place}.{SENT_AS.get(name, name)}", why)
        if faults:
            continue
        if key in first:
            fields[f"rows.{place}"] = _("Row %(row)s is about the same.") % {"row": first[key]}
            continue
        first[key] = place
        rows.append(Row(place, key, label, kept))
    return rows, fields


SENT_AS = {"business_date": "day"}


def _plain(value: Any) -> Any:
    """Texts without signs that cannot be seen, instants to the second: as files have them."""
    if isinstance(value, str):
        return value if value in FLAGS else clean(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return value

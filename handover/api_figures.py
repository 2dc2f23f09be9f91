"""Statistics and orders by a program of the department: many rows a call, all of them or none. See `config.api`."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeAlias

from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import AwareDatetime, ConfigDict, StrictBool, StrictInt, StringConstraints

from handover.models import ReadingKind
from handover.models.readings import LONGEST_SOURCE
from handover.readings.checking import Row
from handover.readings.judging import TIMED, Judged, Known, order, statistic
from handover.readings.values import FLAGS, MOST_COUNT, MOST_SECONDS, Wrong, clean, number_of
from handover.services import receive
from handover.services.readings import known_of, source_called
from office.money import LARGEST_FEN
from people.models import Department
from rulebooks.schema.customers import FlagColour
from shifts.api import Refusal, WorkNumber

router = Router(tags=["figures"])

MOST_ROWS = 500
# So many rows with the longest remarks, every character of them escaped, and their keys.
MOST_BYTES = 2_000_000

LONGEST_NUMBER = 60

Judge: TypeAlias = Callable[[dict, Known, Collection[str]], Judged]
Count = Annotated[StrictInt, Field(ge=0, le=MOST_COUNT)]
Seconds = Annotated[StrictInt, Field(ge=0, le=MOST_SECONDS)]
Fen = Annotated[StrictInt, Field(ge=0, le=LARGEST_FEN)]


def text(longest: int, least: int = 0) -> Any:
    """A text that the database can keep."""
    limits: dict[str, Any] = {"min_length": least, "max_length": longest, "pattern": r"^[^\x00]*$"}
    return Annotated[str, StringConstraints(strict=True, strip_whitespace=True, **limits)]


SOURCE = text(LONGEST_SOURCE)
SOURCE_SAYS = (
    "The tool or shop that these rows are of, in any spelling of its letters; else the token's name. What sources say "
    "of a day is added up."
)


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

    number: text(LONGEST_NUMBER, 1)  # type: ignore[valid-type]
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

    source: SOURCE = Field("", description=SOURCE_SAYS)  # type: ignore[valid-type]
    rows: Annotated[list[StatisticIn], Field(min_length=1, max_length=MOST_ROWS)]


class OrdersIn(Schema):
    model_config = ConfigDict(extra="forbid")

    source: SOURCE = Field("", description=SOURCE_SAYS)  # type: ignore[valid-type]
    rows: Annotated[list[OrderIn], Field(min_length=1, max_length=MOST_ROWS)]


class Taken(Schema):
    """How many rows were new, corrected something, and changed nothing."""

    added: int
    corrected: int
    same: int
    beside: int = Field(
        description="How many of the rows are about a person and a day of which other sources have figures, too. These "
        "are added together: where none is expected, `source` is wrong."
    )


Answers = {200: Taken, 422: Refusal}


@router.post("/statistics", response=Answers, url_name="statistics")
def statistics(request, sent: StatisticsIn):
    """Report agents' days, at most 500 a call. A day that the same source reported before is corrected.

    What is left out stays as it was. A count comes with its seconds.
    """
    said = [_as_in_files(row.model_dump(exclude_unset=True)) for row in sent.rows]
    return _take(request, ReadingKind.STATISTICS, sent.source, said, statistic)


def _as_in_files(values: dict[str, Any]) -> dict[str, Any]:
    """A file has a column for the seconds of what it counts: they are missing where a program leaves them out."""
    values["business_date"] = values.pop("day")
    for seconds, _mean, count in TIMED:
        # Rounds are counted for those in time, too.
        if values.get(count) is not None and not (count == "rounds" and "rounds_in_time" in values):
            values.setdefault(seconds, None)
    return values


@router.post("/orders", response=Answers, url_name="orders")
def orders(request, sent: OrdersIn):
    """Report orders, at most 500 a call. A number reported before is corrected; what is left out stays as it was."""
    said = [row.model_dump(exclude_unset=True) for row in sent.rows]
    return _take(request, ReadingKind.ORDERS, sent.source, said, order)


def _take(request, kind: ReadingKind, source: str, said: Sequence[dict[str, Any]], judge: Judge):
    """All rows, or none and what is wrong with which."""
    department: Department = request.auth.department
    source = clean(source) or request.auth.name
    known = known_of(department, source_called(department, kind, source))
    rows, fields = judged(said, judge, known)
    if fields:
        message = _("Nothing was taken: some rows cannot be.")
        return 422, {"code": "wrong_rows", "message": message, "fields": fields}
    reading, beside = receive(department=department, kind=kind, name=request.auth.name, rows=rows, source=source)
    return 200, {"added": reading.added, "corrected": reading.corrected, "same": reading.same, "beside": beside}


def judged(said: Sequence[dict[str, Any]], judge: Judge, known: Known) -> tuple[list[Row], dict[str, str]]:
    """The rows, and {"rows.3.served": why} for what is wrong with them; two rows about the same are wrong."""
    rows: list[Row] = []
    fields: dict[str, str] = {}
    first: dict[Any, int] = {}
    for place, values in enumerate(said):
        plain: dict[str, Any] = {}
        broken: dict[str, str] = {}
        for name, value in values.items():
            try:
                plain[name] = _plain(name, value)
            except Wrong as wrong:
                broken[name] = str(wrong)
        key, label, kept, faults = judge(plain, known, broken.keys())
        for name, why in (*broken.items(), *faults):
            fields.setdefault(f"rows.{place}.{SENT_AS.get(name, name)}", why)
        if broken or faults:
            continue
        if key in first:
            # People count rows from 1; programs find theirs by the place in the field's name.
            fields[f"rows.{place}"] = _("Row %(row)s is about the same.") % {"row": first[key] + 1}
            continue
        first[key] = place
        rows.append(Row(place, key, label, kept))
    return rows, fields


SENT_AS = {"business_date": "day"}


def _plain(name: str, value: Any) -> Any:
    """As files have them: texts without signs that cannot be seen, numbers of orders alike, instants in UTC."""
    if name == "number":
        return number_of(value, LONGEST_NUMBER)
    if isinstance(value, str):
        return value if value in FLAGS else clean(value)
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC).replace(microsecond=0)
        except OverflowError:
            raise Wrong(_("There is no such time.")) from None
    return value

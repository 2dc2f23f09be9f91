"""The rows of one reading against what is recorded, and writing those that differ: set by set, never one by one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from handover.maturity import maturity_of
from handover.models import (
    Order,
    OrderFact,
    Reading,
    ReadingKind,
    ReadingSource,
    ServiceStatistic,
    StatisticSource,
)
from handover.periods import Ripeness
from handover.readings.checking import Row
from handover.readings.judging import People, Person, carried
from office import clock
from people.models import Department

from .attribution import attribute

# As many keys as one question names.
MOST_ASKED = 5_000
STATISTIC_COLUMNS = (
    "served",
    "closed",
    "enquiries",
    "sales_fen",
    "contacting",
    "replied",
    "enquiries_paid",
    "paying",
    "first_replies",
    "first_reply_seconds",
    "rounds",
    "round_seconds",
    "rounds_in_time",
    "calls",
    "talk_seconds",
)
ORDER_COLUMNS = (
    "buyer",
    "placed_at",
    "paid_at",
    "dispatched_at",
    "received_at",
    "amount_fen",
    "paid_fen",
    "refunded_fen",
    "remark",
    "flag",
    "without_asking",
)


@dataclass(frozen=True)
class Correction:
    """A row that says otherwise than what is recorded: `before` and `after` hold every column."""

    row: Row
    key: int
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        return {name: (self.before[name], value) for name, value in self.after.items() if self.before[name] != value}


@dataclass
class Compared:
    """`beside`: rows about days of which other sources have said something; the figures are added together.

    `confirmed`: rows that say the same as before, of days that were not over then as far as payments go. Written once
    more they count as settled; they are among the `same`.
    """

    new: list[Row] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    confirmed: list[Correction] = field(default_factory=list)
    same: int = 0
    beside: int = 0


def people_of(department: Department, source: ReadingSource | None = None) -> People:
    """Everybody who is or was a member, in one query; and whom the source's own names mean."""
    rows = department.memberships.values_list("pk", "work_number", "user__name", "from_day", "until_day")
    return People((Person(*row) for row in rows.order_by("from_day")), source.names if source else {})


def compare(reading: Reading, rows: Sequence[Row]) -> Compared:
    """Which rows are new, which correct something and which change nothing; a query for some thousands of rows.

    Statistics are held against what their own source said before, orders against all that is known of their number.
    """
    recorded = _statistics if reading.kind == ReadingKind.STATISTICS else _orders
    found = Compared()
    for start in range(0, len(rows), MOST_ASKED):
        part = rows[start : start + MOST_ASKED]
        known, others, early = recorded(reading, part)
        for row in part:
            found.beside += row.key in others
            if row.key not in known:
                found.new.append(row)
                continue
            key, before = known[row.key]
            after = carried(before, row.values)
            if after == before:
                found.same += 1
                if row.key in early:
                    found.confirmed.append(Correction(row, key, before, after))
            else:
                found.corrections.append(Correction(row, key, before, after))
    return found


# What is recorded, {key: (primary key, values)}, the keys of which other sources say something, and those whose line
# was recorded too early to be settled.
Recorded: TypeAlias = "tuple[Mapping[Any, tuple[int, dict[str, Any]]], Collection[Any], Collection[Any]]"


def _statistics(reading: Reading, rows: Sequence[Row]) -> Recorded:
    """By (membership, day): the lines that hold, of this source and of others."""
    days = {row.key[1] for row in rows}
    lines = ServiceStatistic.objects.current().between(min(days), max(days))
    lines = lines.filter(source=StatisticSource.IMPORTED, membership__in={row.key[0] for row in rows}).order_by()
    own, others, recorded_on = {}, set(), {}
    names = ("pk", "origin", "membership", "business_date", "recorded_at", *STATISTIC_COLUMNS)
    for pk, origin, member, day, recorded_at, *values in lines.values_list(*names):
        if origin != reading.source_id:
            others.add((member, day))
            continue
        own[member, day] = pk, dict(zip(STATISTIC_COLUMNS, values, strict=True))
        recorded_on[member, day] = reading.department.local(recorded_at).date()
    return own, others, _too_early(reading.department, recorded_on)


def _too_early(department: Department, recorded_on: Mapping[tuple[int, date], date]) -> set[tuple[int, date]]:
    if not recorded_on:
        return set()
    maturity = maturity_of(department, {day for _member, day in recorded_on})
    return {key for key, on in recorded_on.items() if maturity.ripeness(key[1], on) == Ripeness.EARLY}


def _orders(reading: Reading, rows: Sequence[Row]) -> Recorded:
    orders = Order.objects.filter(department=reading.department, number__in=[row.key for row in rows])
    return (
        {
            number: (pk, dict(zip(ORDER_COLUMNS, values, strict=True)))
            for pk, number, *values in orders.order_by().values_list("pk", "number", *ORDER_COLUMNS)
        },
        (),
        (),
    )


def write(reading: Reading, rows: Sequence[Row]) -> Compared:
    """Write what differs of these rows. The caller stands in a transaction and holds the department's lock."""
    compared = compare(reading, rows)
    if not compared.new and not compared.corrections and not compared.confirmed:
        return compared
    if reading.kind == ReadingKind.STATISTICS:
        _write_statistics(reading, compared)
    else:
        _write_orders(reading, compared)
    return compared


def _write_statistics(reading: Reading, compared: Compared) -> None:
    always = {
        "source": StatisticSource.IMPORTED,
        "origin_id": reading.source_id,
        "reading": reading,
        "recorded_at": clock.now(),
        "recorded_by_id": reading.by_id,
    }
    lines = [
        ServiceStatistic(membership_id=row.key[0], business_date=row.key[1], **row.values, **always)
        for row in compared.new
    ]
    lines += [
        ServiceStatistic(
            membership_id=one.row.key[0],
            business_date=one.row.key[1],
            supersedes_id=one.key,
            **one.after,
            **always,
        )
        for one in [*compared.corrections, *compared.confirmed]
    ]
    ServiceStatistic.objects.bulk_create(lines)


def _write_orders(reading: Reading, compared: Compared) -> None:
    department = reading.department
    told = [(row, row.values) for row in compared.new] + [(one.row, one.after) for one in compared.corrections]
    orders = Order.objects.bulk_create(
        [
            Order(
                department=department,
                number=row.key,
                business_date=(values["paid_at"] or values["placed_at"]).astimezone(department.zone).date(),
                **values,
            )
            for row, values in told
        ],
        update_conflicts=True,
        unique_fields=["department", "number"],
        update_fields=[*ORDER_COLUMNS, "business_date"],
    )
    now = clock.now()
    OrderFact.objects.bulk_create(
        OrderFact(order=order, reading=reading, facts=_facts(row), recorded_at=now)
        for order, (row, _values) in zip(orders, told, strict=True)
    )
    attribute(department=department, order_keys=[order.pk for order in orders])


def _facts(row: Row) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.values.items()}

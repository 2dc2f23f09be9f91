"""Whether the values of one row fit together: for rows of a file and for those that a program sends. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from office.lists import joined

from .values import plain

# A field, and why its value cannot be.
Fault: TypeAlias = tuple[str, str]
# What the row is about, how it is called, the values for its model, and what is wrong with them.
Judged: TypeAlias = tuple[Any, str, dict[str, Any], list[Fault]]

# No more of the first than of the second: field, field.
AT_MOST = (
    ("closed", "served"),
    ("enquiries", "served"),
    ("enquiries_paid", "enquiries"),
    ("replied", "contacting"),
    ("rounds_in_time", "rounds"),
)
# Seconds, the mean that stands for them, and how many there are.
TIMED = (
    ("first_reply_seconds", "first_reply_mean", "first_replies"),
    ("round_seconds", "round_mean", "rounds"),
    ("talk_seconds", "talk_mean", "calls"),
)


@dataclass(frozen=True)
class Person:
    """One membership: who, and on which days."""

    pk: int
    work_number: str
    name: str
    from_day: date
    until_day: date | None

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


class People:
    """A department's memberships, to be found by what a tool calls somebody."""

    def __init__(self, people: Iterable[Person]):
        self.by_number: dict[str, list[Person]] = {}
        self.by_bare: dict[str, set[str]] = {}
        self.by_name: dict[str, set[str]] = {}
        for person in people:
            number = folded(person.work_number)
            self.by_number.setdefault(number, []).append(person)
            if number.isdecimal():
                self.by_bare.setdefault(number.lstrip("0"), set()).add(number)
            self.by_name.setdefault(folded(person.name), set()).add(number)

    def called(self, text: str) -> tuple[list[Person], str]:
        """Everybody with this work number, or with this name when only one has it; else why nobody is meant."""
        said = folded(text)
        if said in self.by_number:
            return self.by_number[said], ""
        # Excel takes the zeros from the front of a number; tools put the shop's name in front of the agent's.
        last = said.rpartition(":")[2].strip()
        alike = self.by_bare.get(said.lstrip("0"), set()) if said.isdecimal() else set()
        alike = alike or self.by_name.get(said, set()) or self.by_name.get(last, set())
        if len(alike) == 1:
            return self.by_number[next(iter(alike))], ""
        if last in self.by_number:
            return self.by_number[last], ""
        if alike:
            numbers = joined(sorted(self.by_number[number][0].work_number for number in alike))
            return [], _("This could be any of %(numbers)s; write the whole work number.") % {"numbers": numbers}
        return [], _("Nobody in this department has this work number.")


def folded(text: str) -> str:
    return plain(text).casefold()


@dataclass(frozen=True)
class Known:
    """What rows are held against: the department's wall clock, now, and its people."""

    zone: ZoneInfo
    now: datetime
    people: People = field(default_factory=lambda: People(()))

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def statistic(values: Mapping[str, Any], known: Known) -> Judged:
    """One agent's day. A mean becomes the sum that it stands for."""
    people, why = known.people.called(values["work_number"])
    day = values["business_date"]
    faults: list[Fault] = []
    person = next((one for one in people if one.holds_on(day)), None)
    if not people:
        faults.append(("work_number", why))
    elif person is None:
        name = people[0].name
        faults.append(("work_number", _("%(name)s was not a member on %(day)s.") % {"name": name, "day": day}))
    if day > known.today:
        faults.append(("business_date", _("This day has not come yet.")))
    kept = {name: value for name, value in values.items() if name not in ("work_number", "business_date")}
    faults += _summed(kept)
    for less, more in AT_MOST:
        some, all_ = kept.get(less), kept.get(more)
        if some is not None and all_ is not None and some > all_:
            faults.append((less, ABOVE[less]() % {"some": some, "all": all_}))
    if person is None or faults:
        return None, "", {}, faults
    return (person.pk, day), f"{person.work_number} {person.name}, {day}", kept, []


ABOVE = {
    "closed": lambda: _("More closed (%(some)s) than served (%(all)s)."),
    "enquiries": lambda: _("More enquiries (%(some)s) than served (%(all)s)."),
    "enquiries_paid": lambda: _("More enquiring buyers paid (%(some)s) than enquired (%(all)s)."),
    "replied": lambda: _("More replied to (%(some)s) than had written (%(all)s)."),
    "rounds_in_time": lambda: _("More rounds in time (%(some)s) than rounds (%(all)s)."),
}


def _summed(kept: dict[str, Any]) -> list[Fault]:
    """Means turned into sums, in place; seconds without their count, or a count without its seconds, are faults."""
    faults = []
    for seconds, mean, count in TIMED:
        said = mean if mean in kept and seconds not in kept else seconds
        has_mean, value = mean in kept, kept.pop(mean, None)
        if has_mean and seconds not in kept:
            times = kept.get(count)
            kept[seconds] = None if value is None or times is None else _rounded(value * times)
        elif seconds in kept:
            value = kept[seconds]
        else:
            continue
        if kept.get(count) == 0 and value is None:
            kept[seconds] = 0
        elif value is None and kept.get(count) is not None:
            faults.append((said, _("This is missing, though there is a count for it.")))
        elif value is not None and kept.get(count) is None:
            faults.append((said, _("There is no count that belongs to this.")))
    return faults


def carried(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The new values on top of what was known before: a tool that does not say something does not take it back.

    What was known and no longer fits the new values is not known any more.
    """
    merged = {**before, **values}
    for less, more in AT_MOST:
        some, all_ = merged.get(less), merged.get(more)
        if less not in values and some is not None and all_ is not None and some > all_:
            merged[less] = None
    if merged.get("refunded_fen", 0) > merged.get("paid_fen", 0):
        merged["refunded_fen"] = merged["paid_fen"]
    return merged


def _rounded(seconds: Decimal) -> int:
    return int(seconds.quantize(Decimal(1), ROUND_HALF_UP))


def order(values: Mapping[str, Any], known: Known) -> Judged:
    """One order, unpaid as long as it has no time of payment."""
    faults: list[Fault] = []
    kept = {name: value for name, value in values.items() if name != "number"}
    for name in ("paid_fen", "refunded_fen"):
        if name in kept:
            kept[name] = kept[name] or 0
    kept["amount_fen"] = kept["paid_fen"] if kept["amount_fen"] is None else kept["amount_fen"]
    for name in ("remark", "flag"):
        if name in kept:
            kept[name] = kept[name] or ""
    if "without_asking" in kept:
        kept["without_asking"] = bool(kept["without_asking"])
    placed, paid_at, paid = kept["placed_at"], kept["paid_at"], kept["paid_fen"]
    for name in ("placed_at", "paid_at", "dispatched_at", "received_at"):
        instant = kept.get(name)
        if instant is not None and instant > known.now:
            faults.append((name, _("This time has not come yet.")))
        elif instant is not None and instant < placed:
            faults.append((name, _("This is before the order was placed.")))
    if paid and paid_at is None:
        faults.append(("paid_at", _("Paid, but without a time of payment.")))
    if values["paid_fen"] is None and paid_at is not None:
        faults.append(("paid_fen", _("Paid, but without an amount.")))
    if kept.get("refunded_fen", 0) > paid:
        faults.append(("refunded_fen", _("More is refunded than was paid.")))
    return values["number"], values["number"], kept, faults

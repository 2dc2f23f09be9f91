"""Whether the values of one row fit together: for rows of a file and for those that a program sends. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from office.lists import joined
from office.months import FIRST_YEAR, LAST_YEAR

from .values import plain

# What stands between a work number and a name.
BETWEEN = " -_/.,:·、()[]"

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
    """A department's memberships, to be found by what a tool calls somebody.

    `chosen`: whom the source's own names mean, as somebody said: {name as it is compared: work number}.
    """

    def __init__(self, people: Iterable[Person], chosen: Mapping[str, str] | None = None):
        self.chosen = {name: folded(number) for name, number in (chosen or {}).items()}
        # Every text that was asked for, with the answer.
        self.asked: dict[str, tuple[list[Person], str]] = {}
        self.by_number: dict[str, list[Person]] = {}
        self.by_bare: dict[str, set[str]] = {}
        self.by_name: dict[str, set[str]] = {}
        people = list(people)
        # Says whether these are the same people as at another time.
        self.digest = hashlib.sha256(repr([people, sorted(self.chosen.items())]).encode()).hexdigest()
        for person in people:
            number = folded(person.work_number)
            self.by_number.setdefault(number, []).append(person)
            if number.isdecimal():
                self.by_bare.setdefault(number.lstrip("0"), set()).add(number)
            self.by_name.setdefault(folded(person.name), set()).add(number)

    def called(self, text: str) -> tuple[list[Person], str]:
        """Everybody with this work number, or with this name when only one has it; else why nobody is meant."""
        if text not in self.asked:
            self.asked[text] = self._called(folded(text))
        return self.asked[text]

    @property
    def unknown(self) -> list[str]:
        """What was asked for and means nobody."""
        return [text for text, (people, _why) in self.asked.items() if not people]

    def _called(self, said: str) -> tuple[list[Person], str]:
        for number in (said, self.chosen.get(said, "")):
            if number in self.by_number:
                return self.by_number[number], ""
        # Excel takes the zeros from the front of a number; tools put the shop's name in front of the agent's.
        last = said.rpartition(":")[2].strip()
        alike = self._bare(said) or self.by_name.get(said, set()) or self.by_name.get(last, set())
        alike = alike or self._both(said) or self._both(last)
        if len(alike) == 1:
            return self.by_number[next(iter(alike))], ""
        if last in self.by_number:
            return self.by_number[last], ""
        if alike:
            numbers = joined(sorted(self.by_number[number][0].work_number for number in alike))
            return [], _("This could be any of %(numbers)s; write the whole work number.") % {"numbers": numbers}
        return [], _("Nobody in this department has this work number or name.")

    def _bare(self, said: str) -> set[str]:
        return self.by_bare.get(said.lstrip("0"), set()) if said.isdecimal() else set()

    def _both(self, said: str) -> set[str]:
        """ "03 李俊杰", "李俊杰 03", "03-李俊杰": the work number of who has both."""
        found = set()
        for name, numbers in self.by_name.items():
            if not name or name not in said:
                continue
            for rest in {said.removeprefix(name), said.removesuffix(name)} - {said}:
                number = rest.strip(BETWEEN)
                found |= numbers & ({number} | self._bare(number))
        return found


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


def statistic(values: Mapping[str, Any], known: Known, broken: Collection[str] = ()) -> Judged:
    """One agent's day. A mean becomes the sum that it stands for.

    `broken`: fields whose cells could not be read; what hangs on them is not judged, and the row is never good.
    """
    day, called = values.get("business_date"), values.get("work_number")
    people, why = known.people.called(called) if called is not None else ([], "")
    faults: list[Fault] = []
    person = next((one for one in people if day is not None and one.holds_on(day)), None)
    if called is not None and not people:
        faults.append(("work_number", why))
    elif people and day is not None and person is None:
        name = people[0].name
        faults.append(("work_number", _("%(name)s was not a member on %(day)s.") % {"name": name, "day": day}))
    if day is not None and day > known.today:
        faults.append(("business_date", _("This day has not come yet.")))
    kept = {name: value for name, value in values.items() if name not in ("work_number", "business_date")}
    faults += _summed(kept, broken)
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


def _summed(kept: dict[str, Any], broken: Collection[str]) -> list[Fault]:
    """Means turned into sums, in place; seconds without their count, or a count without its seconds, are faults."""
    faults = []
    for seconds, mean, count in TIMED:
        if {seconds, mean, count} & set(broken):
            continue
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
    # Seconds belong to the count that they were read in with.
    for seconds, _mean, count in TIMED:
        if seconds not in values and count in values and values[count] != before.get(count):
            merged[seconds] = None
    if merged.get("refunded_fen", 0) > merged.get("paid_fen", 0):
        merged["refunded_fen"] = merged["paid_fen"]
    return merged


def _rounded(seconds: Decimal) -> int:
    return int(seconds.quantize(Decimal(1), ROUND_HALF_UP))


def order(values: Mapping[str, Any], known: Known, broken: Collection[str] = ()) -> Judged:
    """One order, unpaid as long as it has no time of payment. `broken`: as for `statistic`."""
    faults: list[Fault] = [
        (name, _("This is missing.")) for name in ("number", "buyer") if name in values and not values[name]
    ]
    kept = {name: value for name, value in values.items() if name != "number"}
    for name in ("paid_fen", "refunded_fen"):
        if name in kept:
            kept[name] = kept[name] or 0
    if kept.get("amount_fen") is None:
        kept["amount_fen"] = kept.get("paid_fen")
    for name in ("remark", "flag"):
        if name in kept:
            kept[name] = kept[name] or ""
    if "without_asking" in kept:
        kept["without_asking"] = bool(kept["without_asking"])
    faults += _times(kept, known)
    paid, paid_at = kept.get("paid_fen", 0), kept.get("paid_at")
    if not {"paid_fen", "paid_at"} & set(broken):
        if paid and paid_at is None:
            faults.append(("paid_at", _("Paid, but without a time of payment.")))
        if values.get("paid_fen") is None and paid_at is not None:
            faults.append(("paid_fen", _("Paid, but without an amount.")))
    if "paid_fen" not in broken and kept.get("refunded_fen", 0) > paid:
        faults.append(("refunded_fen", _("More is refunded than was paid.")))
    return values.get("number"), values.get("number", ""), kept, faults


def _times(kept: Mapping[str, Any], known: Known) -> list[Fault]:
    faults: list[Fault] = []
    placed = kept.get("placed_at")
    for name in ("placed_at", "paid_at", "dispatched_at", "received_at"):
        instant = kept.get(name)
        if instant is None:
            continue
        if not _is_of_our_time(instant, known):
            faults.append((name, _("There is no such time.")))
        elif instant > known.now:
            faults.append((name, _("This time has not come yet.")))
        elif placed is not None and instant < placed:
            faults.append((name, _("This is before the order was placed.")))
    return faults


def _is_of_our_time(instant: datetime, known: Known) -> bool:
    """Whether the department's calendar has its day."""
    try:
        return FIRST_YEAR <= instant.astimezone(known.zone).year <= LAST_YEAR
    except OverflowError:
        return False

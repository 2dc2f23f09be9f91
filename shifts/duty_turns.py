"""Whose turn it is: duties go round among those who are there. Pure."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

# A person, by key.
Person = int


@dataclass(frozen=True)
class Before:
    """What somebody has had of a duty before the days that are looked at: the last day, if any, and how often."""

    last: date | None = None
    count: int = 0


@dataclass
class _Had:
    """The days of one person's turns, in order, with what came before."""

    days: list[date] = field(default_factory=list)
    earlier: int = 0

    def add(self, day: date) -> None:
        self.days.insert(bisect_left(self.days, day), day)

    def distance(self, day: date) -> int:
        """Days to the nearest turn, before or after."""
        place = bisect_left(self.days, day)
        near = self.days[max(place - 1, 0) : place + 1]
        return min((abs((day - other).days) for other in near), default=NEVER)

    @property
    def count(self) -> int:
        return self.earlier + len(self.days)


# Further away than any two days of the calendar.
NEVER = 10**7


def take_turns(
    available: Mapping[date, Sequence[Person]],
    *,
    people: int,
    fixed: Mapping[date, Mapping[int, Person]] | None = None,
    before: Mapping[Person, Before] | None = None,
) -> dict[date, dict[int, Person]]:
    """Who has the duty on each day: {day: {place: person}}, places from 1 to `people`.

    `available`: who can take it on a day, in an order that decides between equals. `fixed`: places that are taken and
    stay. An open place goes to whoever is farthest from a turn of their own, before or after that day; of several, to
    who has had the fewest; then in the given order. Nobody has it twice on a day; where too few are there, places stay
    empty. The same input gives the same turns, and what came out given as `fixed` comes out again.
    """
    fixed, before = fixed or {}, before or {}
    had: dict[Person, _Had] = {}
    for person, known in before.items():
        # The last day stands among the days, so that distances are counted from it.
        had[person] = _Had([known.last] if known.last else [], known.count - (known.last is not None))
    for day, places in fixed.items():
        for person in places.values():
            had.setdefault(person, _Had()).add(day)
    turns: dict[date, dict[int, Person]] = {}
    for day in sorted({*available, *fixed}):
        taken = dict(fixed.get(day, {}))
        free = [person for person in available.get(day, ()) if person not in taken.values()]
        for place in range(1, people + 1):
            if place in taken or not free:
                continue
            chosen = min(free, key=lambda person: _rank(had.get(person), day))
            free.remove(chosen)
            had.setdefault(chosen, _Had()).add(day)
            taken[place] = chosen
        if taken:
            turns[day] = dict(sorted(taken.items()))
    return turns


def _rank(had: _Had | None, day: date) -> tuple[int, int]:
    """The smallest comes first; `min` keeps the given order among equals."""
    return (-NEVER, 0) if had is None else (-had.distance(day), had.count)

"""Filling a month from a pattern, or on from the months before. Pure.

A pattern is a cycle of codes, one a day; each agent stands at another place of it. Everything else that people call a
pattern is one: one day on and one off is a cycle of two, a Sunday in turn one of 14 or 28 days that begins on a Monday,
and a broken shift is a shift like any other.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

LONGEST_CYCLE = 62
# How far back a cycle is looked for, and the longest that can be seen to come again in it.
LOOK_BACK = 62
LONGEST_FOUND = LOOK_BACK // 2
FOUR_WEEKS = 28

Key = tuple[int, date]


class Left(StrEnum):
    """Why a day was left as it is."""

    FILLED = "filled"
    FIXED = "fixed"
    LEAVE = "leave"
    NO_MEMBER = "no_member"
    UNKNOWN = "unknown"


@dataclass
class Filled:
    """What a fill would do: {(member, day): code} of the cells that change, and how many were left alone and why."""

    cells: dict[Key, str] = field(default_factory=dict)
    left: dict[Left, int] = field(default_factory=dict)

    def leave(self, why: Left) -> None:
        self.left[why] = self.left.get(why, 0) + 1


def split_cycle(text: str) -> list[str]:
    """The words of a typed cycle: "D D N N X X", "白,白,晚,晚,休,休", or without anything between, 白白晚晚休休.

    Between Latin letters there must be something; Chinese characters are one word each when they stand together.
    """
    words = [word for word in re.split(r"[\s,;/|+、，；]+", text.strip()) if word]
    if len(words) == 1 and re.fullmatch(r"[\u4e00-\u9fff]+", words[0]):
        return list(words[0])
    return words


def code_at(cycle: Sequence[str], begins: date, place: int, day: date) -> str:
    """What a day holds for whoever stands at `place` (from 0) of the cycle on the day on which it begins."""
    return cycle[((day - begins).days + place) % len(cycle)]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def staggered(length: int, people: int, *, step: int = 1) -> list[int]:
    """Places in a cycle, one a person, as evenly spread as can be; `step` 7 keeps everybody on the days of the week."""
    steps = length // step
    return [person * steps // people % steps * step for person in range(people)] if steps else [0] * people


def by_cycle(cycle: Sequence[str], *, begins: date, places: Mapping[int, int], days: Iterable[date]) -> dict[Key, str]:
    """The cycle laid over some days for each member at their own place."""
    days = list(days)
    return {(member, day): code_at(cycle, begins, place, day) for member, place in places.items() for day in days}


# -- On from before ---------------------------------------------------------------------------------------------------
History = Mapping[date, str]


def cycle_in(history: History, last: date) -> list[str] | None:
    """The shortest cycle that the days up to `last` follow, in order from the day after; None when there is none.

    Days without a code may be anything. The whole cycle must be known, and at least twice its length looked at.
    """
    codes = [history.get(last - timedelta(days=back), "") for back in range(LOOK_BACK - 1, -1, -1)]
    since = next((place for place, code in enumerate(codes) if code), len(codes))
    codes = codes[since:]
    for length in range(1, min(LONGEST_FOUND, len(codes) // 2) + 1):
        known: dict[int, str] = {}
        for place, code in enumerate(codes):
            if code and known.setdefault(place % length, code) != code:
                break
        else:
            # Every place must be known, most of them twice: else one shift alone would be a cycle.
            if len(known) == length and sum(map(bool, codes)) >= 2 * length:
                return [known[(len(codes) + place) % length] for place in range(length)]
    return None


def on_in_cycle(history: History, first: date, days: Iterable[date]) -> dict[date, str]:
    """The agent's own cycle going on; {} when the days before follow none."""
    cycle = cycle_in(history, first - timedelta(days=1))
    return {day: cycle[(day - first).days % len(cycle)] for day in days} if cycle else {}


def same_weekday(history: History, first: date, days: Iterable[date]) -> dict[date, str]:
    """What the same day of the week had four weeks ago, or eight when that lies in the month that is filled."""
    found = {}
    for day in days:
        weeks = (day - first).days // FOUR_WEEKS + 1
        if code := history.get(day - timedelta(days=FOUR_WEEKS * weeks), ""):
            found[day] = code
    return found


def same_date(history: History, first: date, days: Iterable[date]) -> dict[date, str]:
    """What the same date of the month before had; the 31st may have had none."""
    before = {day.day: code for day, code in history.items() if _months(first) - _months(day) == 1}
    return {day: before[day.day] for day in days if before.get(day.day)}


def _months(day: date) -> int:
    return day.year * 12 + day.month


Carry = Callable[[History, date, Iterable[date]], dict[date, str]]


# -- What may be filled -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """A day of a member as it is: its code, and whether it may be filled at all."""

    code: str = ""
    is_fixed: bool = False
    is_leave: bool = False
    is_member: bool = True


def fill(wanted: Mapping[Key, str], cells: Mapping[Key, Cell], *, overwrite: bool) -> Filled:
    """Those of the wanted codes that may be set: never over leave or what is past and published; others on wish."""
    filled = Filled()
    for key, code in wanted.items():
        cell = cells.get(key, Cell(is_member=False))
        if not cell.is_member:
            filled.leave(Left.NO_MEMBER)
        elif not code:
            filled.leave(Left.UNKNOWN)
        elif cell.code == code:
            continue
        elif cell.is_fixed:
            filled.leave(Left.FIXED)
        elif cell.is_leave:
            filled.leave(Left.LEAVE)
        elif cell.code and not overwrite:
            filled.leave(Left.FILLED)
        else:
            filled.cells[key] = code
    return filled

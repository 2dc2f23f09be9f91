"""A month's plan for people who rotate in pairs, week by week, through the shifts that the rulebook wants. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from office.months import Month
from rulebooks.hours import minute_of
from rulebooks.schema import Rulebook

WEEK = 7
PAIR = 2
# Rest days are given in the month's whole weeks.
WEEKS = 4

Plan = dict[tuple[int, date], str]


def slots_of(rulebook: Rulebook) -> list[str]:
    """The places of a day: each shift's code as often as people are wanted on it."""
    return [shift.code for shift in rulebook.shifts for _place in range(shift.headcount.wanted)]


def stand_ins_of(rulebook: Rulebook) -> dict[str, str]:
    """Optional shift → needed shift: who is on one that may stay empty stands in on the needed one nearest in time."""
    needed = [shift for shift in rulebook.shifts if shift.headcount.minimum]
    start = {shift.code: minute_of(shift.spans[0].start) for shift in rulebook.shifts}
    return {
        shift.code: min(needed, key=lambda other: abs(start[other.code] - start[shift.code])).code
        for shift in rulebook.shifts
        if needed and not shift.headcount.minimum
    }


def rotation(
    month: Month,
    people: Sequence[int],
    slots: Sequence[str],
    rest: str,
    rest_days: int,
    stand_ins: Mapping[str, str],
) -> Plan:
    """(person, day) → code: each pair works one pair of `slots` a week, in order; everybody rests `rest_days` times.

    Who comes to the last slots of the cycle rests as the week begins. Of a pair, each rests on another day.
    """
    plan: Plan = {}
    a_week = -(-rest_days // WEEKS)
    last_turn = (len(slots) - 1) // PAIR
    for place, person in enumerate(people):
        taken = 0
        for day in month.days():
            week, weekday = divmod(day.day - 1, WEEK)
            slot = (place + PAIR * week) % len(slots)
            turn, mate = divmod(slot, PAIR)
            first = mate if turn == last_turn else 2 + 2 * turn + mate
            if taken < rest_days and weekday in {(first + 3 * nth) % WEEK for nth in range(a_week)}:
                plan[person, day] = rest
                taken += 1
            else:
                plan[person, day] = slots[slot]
    for day in month.days():
        _stand_in(plan, day, people, slots, stand_ins)
    return plan


def _stand_in(plan: Plan, day: date, people: Sequence[int], slots: Sequence[str], stand_ins: Mapping[str, str]) -> None:
    """Gaps belong on the optional shifts: who is on one stands in where somebody of the needed one rests."""
    have = [plan[person, day] for person in people]
    for person in reversed(people):
        needed = stand_ins.get(plan[person, day])
        if needed is not None and have.count(needed) < slots.count(needed):
            plan[person, day] = needed
            have.append(needed)

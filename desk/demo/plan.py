"""A month's plan for pairs that rotate week by week through the shift types. Pure."""

from collections.abc import Sequence
from datetime import date

from office.months import Month

WEEK = 7


def rotation(
    month: Month, groups: Sequence[Sequence[int]], codes: Sequence[str], rest: str, rest_days: int
) -> dict[tuple[int, date], str]:
    """(person, day) → code: each group works one shift type a week, in order; everybody rests `rest_days` times.

    Who comes to the last type of the cycle rests as the week begins. Of a pair, each rests on another day.
    """
    plan: dict[tuple[int, date], str] = {}
    for place, group in enumerate(groups):
        for mate, person in enumerate(group):
            taken = 0
            for day in month.days():
                week, weekday = divmod(day.day - 1, WEEK)
                turn = (place + week) % len(codes)
                rests_on = mate if turn == len(codes) - 1 else (2 + 2 * turn + mate) % WEEK
                if weekday == rests_on and taken < rest_days:
                    plan[person, day] = rest
                    taken += 1
                else:
                    plan[person, day] = codes[turn]
    _fill_first_from_last(plan, month, codes)
    return plan


def _fill_first_from_last(plan: dict[tuple[int, date], str], month: Month, codes: Sequence[str]) -> None:
    """Gaps belong on the last type: who has it stands in where somebody of the first type rests."""
    for day in month.days():
        on = {code: [person for (person, at), its in plan.items() if at == day and its == code] for code in codes}
        if len(on[codes[0]]) < len(on[codes[-1]]):
            plan[on[codes[-1]][-1], day] = codes[0]

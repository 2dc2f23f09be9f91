"""Which shift comes on after which, by the hours and the weekdays of the rulebook. Pure."""

from datetime import date, time, timedelta

from rulebooks.schema import WEEKDAYS, Rulebook, ShiftType

DAY = timedelta(days=1)


def next_day(giver: ShiftType, day: date, taker: ShiftType) -> date:
    """The date of the first shift of the type `taker` that begins after the giver's shift of `day` has begun."""
    first = day if _begins(taker) > _begins(giver) else day + DAY
    return next((at for at in (first + n * DAY for n in range(7)) if _is_worked(taker, at)), first)


def given_on(rulebook: Rulebook, code: str, day: date) -> set[tuple[str, date]]:
    """The shifts that hand over to the shift `code` of `day`, as code and date: of each type the last one before it."""
    taker = rulebook.shift(code)
    found: set[tuple[str, date]] = set()
    if taker is None:
        return found
    for giver in rulebook.shifts:
        if code not in giver.hands_over_to:
            continue
        last = day if _begins(giver) < _begins(taker) else day - DAY
        found.add((giver.code, next((at for at in (last - n * DAY for n in range(7)) if _is_worked(giver, at)), last)))
    return found


def _begins(shift: ShiftType) -> time:
    return shift.spans[0].start


def _is_worked(shift: ShiftType, day: date) -> bool:
    return not shift.days or WEEKDAYS[day.weekday()] in shift.days

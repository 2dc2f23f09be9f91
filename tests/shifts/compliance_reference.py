"""The rules of working time told again, slowly: days as sets of days, time as sets of quarters of an hour.

All shifts here begin and end on the hour, in a zone without changes of clocks. `told(violations)` makes of the engine's
answer what these functions return.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from shifts.compliance import DayOff, Leave, Person, Plan, Shift, Skill
from shifts.spans import Stretch

MONDAY = date(2026, 11, 2)
QUARTERS = 4
DAY, WEEK = 24 * QUARTERS, 7 * 24 * QUARTERS
EPOCH = datetime(2026, 10, 1, tzinfo=UTC)
ONE = timedelta(days=1)


def at(day, hour):
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


def shift(agent, day, *hours, code="D", breaks=0, elsewhere=False):
    """`shift(1, day, (8, 12), (13, 17))`: hours count on past midnight."""
    stretches = tuple(Stretch(at(day, start), at(day, end)) for start, end in hours)
    return Shift(agent, day, code, stretches, breaks, elsewhere)


def quarters(one):
    """Every quarter of an hour in which a shift is worked."""
    found = set()
    for stretch in one.stretches:
        start, end = (int((moment - EPOCH).total_seconds()) // 900 for moment in (stretch.starts_at, stretch.ends_at))
        found |= set(range(start, end))
    return found


def days_of(first, last):
    return [first + ONE * number for number in range((last - first).days + 1)]


class Seen:
    """One person's plan as sets."""

    def __init__(self, plan, person):
        self.plan, self.person = plan, person
        self.shifts = [one for one in plan.shifts if one.agent == person.key]
        self.own = [one for one in self.shifts if not one.elsewhere]
        self.worked = {one.day for one in self.own}
        self.rests = {one.day for one in plan.days_off if one.agent == person.key and one.is_rest} - self.worked
        self.off = {one.day for one in plan.days_off if one.agent == person.key and not one.is_rest}
        for leave in plan.leaves:
            if leave.agent == person.key and leave.starts_at is None:
                self.off |= set(days_of(leave.first, leave.last))
        self.planned = self.worked | self.rests | self.off
        self.inside = days_of(plan.first, plan.last)

    def is_member(self, day):
        return self.person.from_day <= day and (self.person.until_day is None or day <= self.person.until_day)

    def minutes(self, day):
        return sum(max(0, len(quarters(one)) * 15 - one.breaks_minutes) for one in self.own if one.day == day)

    def whole(self, days):
        return all(day in self.planned and self.is_member(day) for day in days)


def overlap(seen):
    """{(days, minutes)} of pairs of shifts that share a quarter of an hour."""
    found = set()
    for place, one in enumerate(seen.shifts):
        for two in seen.shifts[place + 1 :]:
            shared = quarters(one) & quarters(two)
            days = own_days(one, two)
            if shared and days & set(seen.inside):
                found.add((tuple(sorted(days)), len(shared) * 15))
    return found


def own_days(*shifts):
    return {one.day for one in shifts if not one.elsewhere}


def rest_between_shifts(seen, hours):
    found = set()
    order = sorted(seen.shifts, key=lambda one: (min(quarters(one)), max(quarters(one))))
    for place, two in enumerate(order):
        if not place:
            continue
        one = max(order[:place], key=lambda other: max(quarters(other)))
        rest = max(0, min(quarters(two)) - max(quarters(one)) - 1)
        days = own_days(one, two)
        if not quarters(one) & quarters(two) and rest < hours * QUARTERS and days & set(seen.inside):
            found.add((tuple(sorted(days)), (hours * QUARTERS - rest) * 15))
    return found


def runs(days):
    """Longest rows of days that follow one another."""
    return [run for run in _rows(sorted(days)) if run]


def _rows(days):
    rows = [[]]
    for day in days:
        if rows[-1] and rows[-1][-1] + ONE != day:
            rows.append([])
        rows[-1].append(day)
    return rows


def consecutive_days(seen, most):
    """The days from which a row back is all worked and longer than allowed."""
    return {day for day in seen.inside if all(day - ONE * back in seen.worked for back in range(most + 1))}


def rest_days(seen, wanted):
    """{(month's first day, missing)}."""
    found = set()
    for first in [day for day in seen.inside if day.day == 1]:
        month = [first + ONE * n for n in range(31) if (first + ONE * n).month == first.month]
        if month[-1] > seen.plan.last:
            continue
        member = [day for day in month if seen.is_member(day)]
        if not member or not seen.whole(member):
            continue
        missing = wanted * len(member) // len(month) - len(seen.rests & set(member))
        if missing > 0:
            found.add((first, missing))
    return found


def weeks(seen):
    return [days_of(m, m + ONE * 6) for m in {day - ONE * day.weekday() for day in seen.inside}]


def rest_days_week(seen, wanted):
    found = {(week[0], wanted - len(seen.rests & set(week))) for week in weeks(seen) if seen.whole(week)}
    return {(monday, missing) for monday, missing in found if missing > 0}


def rest_days_cycle(seen, wanted, every):
    """{(first day, last day, missing)}: windows whose first days follow one another are told together."""
    short = {}
    for start in days_of(seen.plan.first - ONE * every, seen.plan.last):
        window = days_of(start, start + ONE * (every - 1))
        missing = wanted - len(seen.rests & set(window))
        if set(window) & set(seen.inside) and seen.whole(window) and missing > 0:
            short[start] = missing
    return {(run[0], run[-1] + ONE * (every - 1), max(short[day] for day in run)) for run in runs(short)}


def weekly(seen, most_hours, counts=lambda day: True):
    found = set()
    for week in weeks(seen):
        excess = sum(seen.minutes(day) for day in week if counts(day)) - most_hours * 60
        if excess > 0:
            found.add((week[0], excess))
    return found


def overtime(seen, normal):
    everything = sorted(seen.worked)
    return {day: seen.minutes(day) - normal * 60 for day in everything if seen.minutes(day) > normal * 60}


def overtime_running(beyond, inside, most):
    return {day for day in inside if all(day - ONE * back in beyond for back in range(most + 1))}


def unqualified(seen, needs):
    return {
        (one.day, code)
        for one in seen.own
        if one.day in seen.inside
        for code in needs.get(one.code, ())
        if not any(
            skill.code == code and skill.from_day <= one.day <= (skill.until_day or date.max)
            for skill in seen.person.skills
        )
    }


def leave_clash(seen):
    found = set()
    for one in seen.own:
        for leave in (leave for leave in seen.plan.leaves if leave.agent == seen.person.key):
            if leave.starts_at is None:
                clash = one.day in days_of(leave.first, leave.last)
            else:
                clash = quarters(one) & quarters(shift(0, MONDAY)._replace(stretches=(Stretch(*leave[3:5]),)))
            if clash and one.day in seen.inside:
                found.add(one.day)
    return found


def coverage(plan, cover):
    found = set()
    for (day, code), (_wanted, minimum) in cover.items():
        have = sum(1 for one in plan.shifts if one.day == day and one.code == code and not one.elsewhere)
        if plan.first <= day <= plan.last and have < minimum:
            found.add((day, code, minimum - have))
    return found


# -- Rest in any window -----------------------------------------------------------------------------------------------
def rests_in(busy, start, length):
    """How long the rests of a window are, in quarters."""
    found, run = [], 0
    for quarter in range(start, start + length):
        if quarter in busy:
            found.append(run)
            run = 0
        else:
            run += 1
    return sorted((rest for rest in [*found, run] if rest), reverse=True)


def windows(seen, rule, *, only_with_work=True):
    """Every window (its first quarter, its rests) but those that cut a rest at their beginning and one at their end.

    `only_with_work`: those alone that begin with a beginning of work or end with an end of it.
    """
    busy = set().union(*map(quarters, seen.shifts)) if seen.shifts else set()
    length = rule.within_hours * QUARTERS
    for start in range(min(busy, default=0) - length, max(busy, default=0) + 2):
        end = start + length
        begins_with_work = start in busy and start - 1 not in busy
        ends_with_work = end - 1 in busy and end not in busy
        cuts_two = not {start - 1, start} & busy and not {end - 1, end} & busy
        if (begins_with_work or ends_with_work) if only_with_work else not cuts_two:
            yield start, rests_in(busy, start, length)


def falls_short(rule, rests):
    """How many quarters of rest a window lacks."""
    counted, longest = sum(rests[: rule.periods_at_most]), max(rests, default=0)
    return max(rule.hours * QUARTERS - counted, (rule.longest_at_least_hours or 0) * QUARTERS - longest)


def rolling_rest(seen, rule):
    """The days inside that are short and not excepted, with the minutes of rest that are missing."""
    own = [_ends(one, stretch) for one in seen.own for stretch in one.stretches]
    length = rule.within_hours * QUARTERS
    short = defaultdict(list)
    for start, rests in windows(seen, rule):
        touched = [one for one in own if one[0] < start + length and one[1] > start]
        if falls_short(rule, rests) > 0 and touched:
            # Of all stretches in the window the one that begins last.
            short[max(touched)[2]].append(rests)
    missing = {day: max(falls_short(rule, rests) for rests in found) * 15 for day, found in short.items()}
    for run in runs(short):
        for place, day in enumerate(run):
            if rule.exception and place < rule.exception.days_at_most and _may_be_short(seen, rule, day, short):
                del missing[day]
    return {(day, minutes) for day, minutes in missing.items() if day in seen.inside}


def _ends(one, stretch):
    covered = quarters(one._replace(stretches=(stretch,)))
    return min(covered), max(covered) + 1, one.day


def _may_be_short(seen, rule, day, short):
    longest = min(max(rests, default=0) for rests in short[day])
    if longest < rule.exception.longest_at_least_hours * QUARTERS:
        return False
    busy = set().union(*map(quarters, seen.shifts))
    held = set().union(*(quarters(one) for one in seen.own if one.day == day))
    for start in range(max(held) + 1 - WEEK, min(held) + 1):
        if WEEK - len(busy & set(range(start, start + WEEK))) < rule.exception.if_hours_in_week * QUARTERS:
            return False
    return True


# -- Plans to try -----------------------------------------------------------------------------------------------------
def stretches(draw, longest=12):
    start = draw(st.integers(0, 23))
    hours = draw(st.integers(1, longest))
    if hours > 4 and draw(st.booleans()):
        middle = draw(st.integers(1, hours - 2))
        return [(start, start + middle), (start + middle + 1, start + hours)]
    return [(start, start + hours)]


@st.composite
def plans(draw, *, days=14, around=10, people=1, longest=12, elsewhere=True, first=MONDAY + ONE * 2, restful=False):
    """Some people's days, those around the ones that are judged among them: shifts, rest days, leave, gaps."""
    made, shifts_, off, leaves = [], [], [], []
    for key in range(1, people + 1):
        joined = first + ONE * draw(st.sampled_from([-400, -400, -20, 0, 3]))
        left = draw(st.sampled_from([None, None, first + ONE * (days - 3)]))
        held = [
            Skill("calls", first + ONE * draw(st.integers(-3, days)), draw(st.none() | st.just(first + ONE * days)))
        ]
        made.append(Person(key, joined, left, tuple(held if draw(st.booleans()) else [])))
        kinds = ["shift", "shift", "shift", "rest", "off", ""] if not restful else ["shift", "shift", "rest", "rest"]
        for day in days_of(first - ONE * around, first + ONE * (days + around - 1)):
            kind = draw(st.sampled_from(kinds))
            if kind == "shift":
                code, breaks = draw(st.sampled_from("DN")), draw(st.sampled_from([0, 0, 30, 60]))
                shifts_.append(shift(key, day, *stretches(draw, longest), code=code, breaks=breaks))
            elif kind:
                off.append(DayOff(key, day, kind == "rest"))
            if elsewhere and draw(st.integers(0, 9)) == 0:
                shifts_.append(shift(key, day, *stretches(draw, 5), elsewhere=True))
        if draw(st.booleans()):
            day = first + ONE * draw(st.integers(0, days - 1))
            whole = Leave(key, day, day + ONE * draw(st.integers(0, 3)))
            hours = Leave(key, day, day, at(day, 9), at(day, draw(st.integers(10, 20))))
            leaves.append(draw(st.sampled_from([whole, hours])))
    return Plan(first, first + ONE * (days - 1), tuple(made), tuple(shifts_), tuple(off), tuple(leaves))

"""A month filled with each pattern of each ready-made rulebook, held against that rulebook's own limits."""

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from rulebooks.reading import read
from rulebooks.ready_made import ready_made
from rulebooks.schema import Rotation, Rulebook
from shifts.compliance import BLOCK, DayOff, Person, Plan, Shift, Skill, Violation, check, rules_of
from shifts.spans import stretches_of

MONTHS = [(2026, 11), (2026, 12), (2027, 2)]
PATTERNS = [
    pytest.param(each.source, number, id=f"{each.code}-{rotation.code}")
    for each in ready_made()
    for number, rotation in enumerate(read(each.source)[0].rotations)
]
# What these departments do is longer than the law's week, or fewer rest days than a short month's share: it is meant to
# be shown, and is never refused.
SHOWN = {"weekly_hours", "overtime_day", "rest_days"}


def month_of(rulebook: Rulebook, rotation: Rotation, first: date, last: date) -> Plan:
    """As many people as the pattern has days, each at another place of it, from before the month until after it."""
    zone = ZoneInfo(rulebook.time_zone)
    joined = first - timedelta(days=400)
    skills = tuple(Skill(skill.code, joined) for skill in rulebook.skills)
    people = tuple(Person(agent, joined, None, skills) for agent in range(len(rotation.cycle)))
    shifts, days_off = [], []
    # The pattern begins on a Monday, as one with a Sunday of its own must.
    monday = first - timedelta(days=first.weekday() + 14)
    for number in range((last - monday).days + 15):
        day = monday + timedelta(days=number)
        for person in people:
            shift = rulebook.shift(rotation.cycle[(number + person.key) % len(rotation.cycle)])
            if shift is None:
                days_off.append(DayOff(person.key, day, is_rest=True))
                continue
            spans = [(span.start, span.end) for span in shift.spans]
            stretches = tuple(stretches_of(day, spans, zone))
            shifts.append(Shift(person.key, day, shift.code, stretches, shift.breaks_minutes))
    return Plan(first, last, people, tuple(shifts), tuple(days_off))


def judged(source: bytes, number: int, year: int, month: int) -> list[Violation]:
    rulebook, _content = read(source)
    first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return check(month_of(rulebook, rulebook.rotations[number], first, last), rules_of(rulebook))


@pytest.mark.parametrize(("year", "month"), MONTHS)
@pytest.mark.parametrize(("source", "number"), PATTERNS)
def test_nothing_in_it_is_refused_and_nothing_surprises(source, number, year, month):
    found = Counter((one.code, one.severity) for one in judged(source, number, year, month))
    assert [one for one in found if one[1] == BLOCK] == []
    assert {code for code, _severity in found} <= SHOWN

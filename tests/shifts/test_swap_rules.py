"""What the section on swaps says, held against a slow and obvious reading of it."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from office.months import Month
from rulebooks.schema import SwapRules
from shifts.models import SwapKind
from shifts.swap_rules import Side, refusals

FIRST = date(2026, 11, 1)
MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

kinds = st.sampled_from(SwapKind.values)
days = st.integers(0, 59).map(lambda n: FIRST + timedelta(days=n))
hours = st.tuples(st.integers(0, 200), st.integers(1, 14)).map(
    lambda pair: (MIDNIGHT + pair[0] * HOUR, MIDNIGHT + (pair[0] + pair[1]) * HOUR)
)
rule_sets = st.builds(
    SwapRules,
    kinds=st.lists(kinds, min_size=1, unique=True).map(tuple),
    notice_hours=st.integers(0, 72),
    consecutive_days=st.booleans(),
    shifts_in_a_row=st.booleans(),
    a_month_at_most=st.none() | st.integers(1, 3),
)
sides = st.builds(
    Side,
    name=st.just("林晓彤"),
    takes=st.lists(hours, max_size=2),
    around=st.lists(hours, max_size=4),
    swapped=st.frozensets(days, max_size=5),
    counts=st.dictionaries(st.sampled_from([FIRST, date(2026, 12, 1)]), st.integers(1, 4)),
)


def slowly(rules, kind, days, begins_at, agreed_at, now, sides) -> set[str]:
    """The same, minute by minute and day by day."""
    found = set()
    if kind not in rules.kinds:
        found.add("kind_not_allowed")
    if begins_at <= now:
        found.add("begun")
    elif kind != "open_shift" and begins_at < agreed_at + rules.notice_hours * HOUR:
        found.add("too_late")
    for side in sides:
        for taken in side.takes:
            for other in side.around:
                free = [taken[0] - other[1], other[0] - taken[1]]
                if not rules.shifts_in_a_row and any(timedelta() <= one < 8 * HOUR for one in free):
                    found.add("shifts_in_a_row")
        if kind == "open_shift":
            continue
        if not rules.consecutive_days and any(abs((one - two).days) == 1 for one in days for two in side.swapped):
            found.add("consecutive_days")
        if rules.a_month_at_most and any(
            side.counts.get(Month.of(day).first, 0) + 1 > rules.a_month_at_most for day in days
        ):
            found.add("a_month_at_most")
    return found


@given(
    rules=rule_sets,
    kind=kinds,
    swapped=st.lists(days, min_size=1, max_size=2),
    begins=st.integers(0, 100),
    agreed=st.integers(0, 100),
    people=st.lists(sides, max_size=2),
)
def test_it_says_what_a_slow_reader_says(rules, kind, swapped, begins, agreed, people):
    asked = {
        "days": swapped,
        "begins_at": MIDNIGHT + begins * HOUR,
        "agreed_at": MIDNIGHT + agreed * HOUR,
        "now": MIDNIGHT + 24 * HOUR,
        "sides": people,
    }
    found = refusals(rules, kind, **asked)
    assert {refusal.code for refusal in found} == slowly(rules, kind, **asked)
    assert all(refusal.text for refusal in found)


@given(rules=rule_sets, kind=kinds, side=sides, day=days)
def test_less_around_somebody_forbids_no_more(rules, kind, side, day):
    asked = {"days": [day], "begins_at": MIDNIGHT + 300 * HOUR, "agreed_at": MIDNIGHT, "now": MIDNIGHT}
    less = Side(side.name, side.takes, side.around[1:], frozenset(list(side.swapped)[1:]), {})
    codes = [{one.code for one in refusals(rules, kind, sides=[one], **asked)} for one in (less, side)]
    assert codes[0] <= codes[1]


def test_without_the_section_there_are_no_swaps():
    now = MIDNIGHT
    [refusal] = refusals(None, "swap", days=[FIRST], begins_at=now + HOUR, agreed_at=now, now=now, sides=[])
    assert refusal.code == "no_swaps"

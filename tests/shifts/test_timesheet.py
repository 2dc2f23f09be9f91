"""What a day and a month come to, against counting it minute by minute."""

import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shifts.punctuality import Limits
from shifts.spans import Stretch
from shifts.timesheet import Came, Facts, Line, clock_of, line_of, net, sums_of

DAY = date(2026, 11, 10)
MIDNIGHT = datetime(2026, 11, 10, tzinfo=UTC)
LATER = MIDNIGHT + timedelta(days=3)


def at(minutes):
    return MIDNIGHT + timedelta(minutes=minutes)


def span(start, end):
    return Stretch(at(start), at(end))


def clocked(start, end, **more):
    return Came(at(start), None if end is None else at(end), **more)


def day(**facts):
    return line_of(Facts(DAY, "D", **facts), LATER)


EIGHT_TO_FIVE = (span(480, 1020),)
SPLIT = (span(540, 720), span(750, 990))


class TestADay:
    def test_a_whole_day_without_its_break(self):
        line = day(planned=EIGHT_TO_FIVE, breaks=60, came=clocked(475, 1025))
        assert (line.planned, line.worked, line.extension) == (480, 480, 0)
        assert not (line.late or line.left_early or line.is_absent)

    def test_the_gap_of_a_split_shift_is_no_work(self):
        line = day(planned=SPLIT, came=clocked(540, 990))
        assert (line.planned, line.worked) == (420, 420)

    def test_what_runs_on_is_work_beyond_the_plan(self):
        segments = (span(1020, 1050), span(1060, 1065))
        line = day(planned=EIGHT_TO_FIVE, breaks=60, came=clocked(480, 1065, segments=segments), overtime_after=480)
        assert (line.planned, line.worked, line.extension, line.overtime) == (480, 515, 35, 35)

    def test_staying_without_customers_is_none(self):
        assert day(planned=EIGHT_TO_FIVE, came=clocked(480, 1100)).worked == 540

    def test_a_correction_holds_from_its_beginning_to_its_end(self):
        line = day(planned=SPLIT, came=clocked(530, 1000, is_corrected=True, segments=(span(990, 1000),)))
        assert (line.worked, line.extension) == (440, 10)

    def test_late_and_early_beyond_what_is_allowed(self):
        limits = Limits(late_after=5, left_early_before=5)
        line = day(planned=EIGHT_TO_FIVE, came=clocked(490, 1000), limits=limits)
        assert (line.late, line.left_early, line.worked) == (10, 20, 510)
        line = day(planned=EIGHT_TO_FIVE, came=clocked(485, 1016), limits=limits)
        assert (line.late, line.left_early) == (0, 0)

    def test_nobody_came(self):
        assert day(planned=EIGHT_TO_FIVE).is_absent
        assert day(planned=EIGHT_TO_FIVE).worked == 0

    def test_before_the_end_nobody_is_absent(self):
        ahead = line_of(Facts(DAY, "D", planned=EIGHT_TO_FIVE), at(1019))
        assert not ahead.is_absent
        assert ahead.planned == 540

    def test_whoever_is_still_here_has_worked_until_now(self):
        line = line_of(Facts(DAY, "D", planned=EIGHT_TO_FIVE, came=clocked(480, None)), at(600))
        assert line.worked == 120
        assert not line.left_early

    def test_a_forgotten_clock_out_is_no_early_leaving_and_no_more_than_the_plan(self):
        line = day(planned=EIGHT_TO_FIVE, came=clocked(480, 1260, is_forgotten=True))
        assert (line.worked, line.left_early) == (540, 0)

    def test_leave_of_hours_makes_nobody_late(self):
        line = day(planned=EIGHT_TO_FIVE, came=clocked(600, 1020), leave=(("P", span(400, 600)),))
        assert (line.late, line.leave) == (0, (("P", 120),))

    def test_a_day_of_leave_counts_what_it_took_off(self):
        line = day(leave_kind="P", replaced=480)
        assert line.leave == (("P", 480),)
        assert not line.is_absent

    def test_without_overtime_in_the_rulebook_there_is_none(self):
        assert day(planned=EIGHT_TO_FIVE, came=clocked(480, 1020)).overtime is None
        assert day(planned=EIGHT_TO_FIVE, came=clocked(480, 1020), overtime_after=480).overtime == 60
        assert day(overtime_after=480).overtime == 0

    def test_breaks_longer_than_the_shift_leave_nothing(self):
        assert net(EIGHT_TO_FIVE, 600) == 0


minutes = st.integers(0, 1600)
pairs = st.tuples(minutes, minutes).map(sorted).filter(lambda pair: pair[0] < pair[1])


@st.composite
def days(draw):
    cuts = sorted(draw(st.sets(minutes, min_size=2, max_size=4)))
    planned = tuple(span(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=False))
    end = cuts[2 * len(planned) - 1]
    first = draw(st.integers(0, 60))
    segments = (span(end + first, end + first + draw(st.integers(1, 90))),) if draw(st.booleans()) else ()
    came = draw(pairs)
    corrected = draw(st.booleans())
    return planned, draw(st.integers(0, 90)), Came(at(came[0]), at(came[1]), corrected, False, segments)


@given(days())
def test_it_is_what_counting_the_minutes_gives(facts):
    planned, breaks, came = facts
    line = day(planned=planned, breaks=breaks, came=came)

    def inside(minute, stretches):
        return any(one.starts_at <= at(minute) < one.ends_at for one in stretches)

    there = [n for n in range(1800) if came.came_at <= at(n) < came.left_at]
    extended = sum(inside(n, came.segments) for n in there)
    if came.is_corrected:
        gaps = [Stretch(one.ends_at, two.starts_at) for one, two in itertools.pairwise(planned)]
        worked = max(0, sum(not inside(n, gaps) for n in there) - breaks)
    else:
        worked = max(0, sum(inside(n, planned) for n in there) - breaks) + extended
    assert line.extension == extended
    assert line.worked == worked
    assert line.planned == max(0, sum(inside(n, planned) for n in range(1800)) - breaks)


@given(st.lists(days(), max_size=8), st.integers(0, 8))
def test_a_month_is_the_sum_of_its_parts(month, cut):
    lines = [day(planned=planned, breaks=breaks, came=came, overtime_after=400) for planned, breaks, came in month]
    whole, one, two = sums_of(lines), sums_of(lines[:cut]), sums_of(lines[cut:])
    for name in ("planned", "worked", "extension", "shifts", "late", "late_minutes", "left_early", "absent"):
        assert getattr(whole, name) == getattr(one, name) + getattr(two, name)
    assert (whole.overtime or 0) == (one.overtime or 0) + (two.overtime or 0)


def test_kinds_of_leave_stay_apart():
    lines = [
        Line(Facts(DAY, leave_kind="P"), leave=(("P", 480),)),
        Line(Facts(DAY), leave=(("P", 90),)),
        Line(Facts(DAY, leave_kind="S"), leave=(("S", 0),)),
    ]
    sums = sums_of(lines)
    assert sums.by_kind == {"P": [1, 570], "S": [1, 0]}
    assert (sums.leave_days, sums.leave_minutes) == (2, 570)


def test_hours_read_as_a_clock():
    assert [clock_of(0), clock_of(65), clock_of(10290)] == ["0:00", "1:05", "171:30"]

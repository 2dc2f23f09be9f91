"""A shift runs on while customers are open: held against a minute-by-minute reference."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shifts.extension import Report, Segment, minutes, segments

END = datetime(2026, 11, 10, 17, 0, tzinfo=UTC)
CAP, SILENT = timedelta(minutes=180), timedelta(minutes=15)


def after(minute):
    return END + timedelta(minutes=minute)


def run(*reports, until=60, cap=CAP, silent=SILENT):
    facts = [Report(after(minute), count, "desk") for minute, count in reports]
    return segments(facts, planned_end=END, cap=cap, silent_after=silent, until=after(until))


def test_nothing_runs_on_without_open_customers():
    assert run((-30, 2), (-1, 0)) == []


def test_a_segment_lasts_from_the_planned_end_to_the_last_customer():
    assert run((-2, 1), (9, 0)) == [Segment(END, after(9), 1, "desk", confirmed=True)]


def test_every_change_of_the_count_begins_a_segment():
    assert [(s.open_customers, s.ends_at) for s in run((-2, 3), (5, 2), (11, 1), (20, 0))] == [
        (3, after(5)),
        (2, after(11)),
        (1, after(20)),
    ]


def test_the_cap_ends_it():
    found = run((-2, 1), (10, 2), (20, 2), (30, 2), until=200, cap=timedelta(minutes=25), silent=timedelta(hours=5))
    assert found[-1].ends_at == after(25)
    assert minutes(found) == 25


def test_the_duty_person_goes_on_until_the_last_customer():
    found = run((-2, 1), (240, 2), (600, 0), until=700, cap=None, silent=timedelta(hours=20))
    assert [(s.open_customers, s.ends_at) for s in found] == [(1, after(240)), (2, after(600))]


def test_the_duty_persons_silence_proves_nothing_either():
    found = run((-2, 1), until=700, cap=None)
    assert [(s.confirmed, s.ends_at) for s in found] == [(True, after(13)), (False, after(700))]


def test_counts_of_different_sources_are_different_segments():
    facts = [Report(after(-1), 2, "desk"), Report(after(5), 2, "api"), Report(after(9), 0, "desk")]
    found = segments(facts, planned_end=END, cap=CAP, silent_after=SILENT, until=after(60))
    assert [(s.source, s.starts_at, s.ends_at) for s in found] == [("desk", END, after(5)), ("api", after(5), after(9))]


def test_a_silent_client_neither_ends_nor_proves_it():
    found = run((-5, 2), until=240)
    assert [(s.confirmed, s.starts_at, s.ends_at) for s in found] == [
        (True, END, after(10)),
        (False, after(10), after(180)),
    ]


def test_who_comes_back_from_silence_proves_only_what_follows():
    found = run((-5, 2), (40, 2), (50, 0))
    assert [(s.confirmed, s.ends_at) for s in found] == [(True, after(10)), (False, after(40)), (True, after(50))]


def test_a_customer_who_comes_while_the_agent_is_still_there_counts_again():
    assert [(s.starts_at, s.ends_at) for s in run((-1, 1), (4, 0), (8, 1), (12, 0))] == [
        (END, after(4)),
        (after(8), after(12)),
    ]


REPORTS = st.lists(st.tuples(st.integers(-60, 90), st.integers(0, 3)), max_size=8).map(
    lambda rows: sorted(dict(rows).items())
)


CAPS = st.none() | st.integers(1, 100)


def as_time(cap):
    return None if cap is None else timedelta(minutes=cap)


@given(REPORTS, st.integers(0, 120), CAPS, st.integers(1, 40))
def test_every_minute_is_judged_as_the_slow_reference_judges_it(reports, until, cap, silent):
    found = run(*reports, until=until, cap=as_time(cap), silent=timedelta(minutes=silent))
    for minute in range(-5, 125):
        last = [(at, count) for at, count in reports if at <= minute]
        runs_on = 0 <= minute < (until if cap is None else min(until, cap)) and bool(last) and last[-1][1] > 0
        expected = (last[-1][1], minute - last[-1][0] < silent) if runs_on else None
        inside = [s for s in found if s.starts_at <= after(minute) < s.ends_at]
        assert [(s.open_customers, s.confirmed) for s in inside] == ([expected] if expected else [])


@given(REPORTS, st.integers(0, 120), st.integers(0, 120), CAPS)
def test_what_was_recorded_earlier_stays_as_time_goes_on(reports, one, two, cap):
    """Recording again later only lengthens the last segment and adds new ones: stored rows need no rewriting."""
    first, second = sorted((one, two))
    early = run(*[r for r in reports if r[0] <= first], until=first, cap=as_time(cap))
    late = run(*reports, until=second, cap=as_time(cap))
    for before, now in zip(early, late, strict=False):
        assert before.starts_at == now.starts_at
        assert before.ends_at <= now.ends_at
        assert (before.open_customers, before.confirmed) == (now.open_customers, now.confirmed)
    assert len(early) <= len(late)

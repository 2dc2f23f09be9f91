"""The clocks of bad reviews and complaints: examples, and a minute-by-minute reference."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from handover.cases import (
    DEEDS,
    Deed,
    Share,
    Standing,
    Step,
    clock_words,
    due_times,
    follows,
    share_of,
    standings,
    to_do,
)
from handover.models import CaseNote
from rulebooks.schema import CaseKind

CAME = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)


def after(minutes):
    return CAME + timedelta(minutes=minutes)


def kind(*steps):
    """A kind of case from (code, minutes, code of the missed one)."""
    named = {"zh-Hans": "甲", "en": "A"}
    made = [
        {"code": code, "name": named, "within_minutes": minutes, **({"if_missed": other} if other else {})}
        for code, minutes, other in steps
    ]
    return CaseKind.model_validate({"code": "k", "name": named, "steps": made})


def steps_of(rule, done=(), skipped=()):
    done, due = dict(done), due_times(rule, CAME)
    return [
        Step(
            one.code,
            due[one.code],
            one.if_missed or "",
            after(done[one.code]) if one.code in done else None,
            one.code in skipped,
        )
        for one in rule.steps
    ]


# React within 48 minutes, else phone within 72, settle within 200.
REVIEW = kind(("react", 48, ""), ("phone", 72, "react"), ("settle", 200, ""))


def test_every_limit_counts_from_when_the_case_came_in():
    assert due_times(REVIEW, CAME) == {"react": after(48), "phone": after(72), "settle": after(200)}


def test_what_stands_in_for_a_missed_step_is_never_due_before_it():
    assert due_times(kind(("react", 48, ""), ("phone", 10, "react")), CAME)["phone"] == after(48)


@pytest.mark.parametrize(
    ("minute", "done", "phone", "asked"),
    [
        (10, {}, Standing.ASLEEP, ("react",)),
        (48, {}, Standing.ASLEEP, ("react",)),
        (49, {}, Standing.RUNNING, ("react", "phone")),
        (60, {"react": 48}, Standing.SKIPPED, ("settle",)),
        (60, {"react": 50}, Standing.RUNNING, ("phone",)),
        (60, {"react": 50, "phone": 55}, Standing.DONE, ("settle",)),
        (60, {"react": 50, "phone": 55, "settle": 58}, Standing.DONE, ()),
    ],
)
def test_the_phone_call_is_asked_for_only_when_the_reaction_was_missed(minute, done, phone, asked):
    steps = steps_of(REVIEW, done)
    assert standings(steps, after(minute))["phone"] == phone
    assert to_do(steps, after(minute)) == asked


def test_a_reaction_in_time_takes_the_phone_call_away():
    found = follows(steps_of(REVIEW), "react", after(48))
    assert (found.done, found.skipped) == (("react",), ("phone",))


def test_a_phone_call_settles_the_reaction_that_it_stands_in_for():
    found = follows(steps_of(REVIEW), "phone", after(60))
    assert (found.done, found.skipped) == (("react", "phone"), ())


def test_a_late_reaction_leaves_the_phone_call_running():
    found = follows(steps_of(REVIEW), "react", after(60))
    assert (found.done, found.skipped) == (("react",), ())


def test_what_waits_for_a_step_that_is_not_needed_is_not_needed_either():
    rule = kind(("a", 10, ""), ("b", 20, "a"), ("c", 30, "b"), ("d", 40, ""))
    assert follows(steps_of(rule), "a", after(5)).skipped == ("b", "c")
    assert follows(steps_of(rule), "b", after(15)).skipped == ("c",)
    assert to_do(steps_of(rule), after(25)) == ("a", "b", "c")


def test_a_step_between_keeps_its_place():
    rule = kind(("a", 10, ""), ("x", 20, ""), ("c", 30, "a"))
    assert to_do(steps_of(rule), after(15)) == ("a",)
    assert to_do(steps_of(rule, {"a": 15}), after(16)) == ("x",)
    assert to_do(steps_of(rule, {"a": 15, "x": 17}), after(18)) == ("c",)


@pytest.mark.parametrize(
    ("minute", "text", "late", "soon"),
    [
        (0, "2 h 10 min left", False, False),
        (70, "1 h 0 min left", False, True),
        (130, "0 min left", False, True),
        (130.5, "just due", True, False),
        (310, "3 h 0 min late", True, False),
        (130 + 3 * 24 * 60, "3 d 0 h late", True, False),
    ],
)
def test_a_running_clock_says_what_is_left_or_how_late_it_is(minute, text, late, soon):
    words = clock_words(Step("a", after(130)), Standing.RUNNING, after(minute))
    assert (words.text, words.is_late, words.is_soon) == (text, late, soon)


@pytest.mark.parametrize(
    ("step", "standing", "text"),
    [
        (Step("a", after(10), done_at=after(9)), Standing.DONE, "done in time"),
        (Step("a", after(10), done_at=after(35)), Standing.DONE, "done 25 min late"),
        (Step("a", after(10), is_skipped=True), Standing.SKIPPED, "not needed"),
        (Step("a", after(10), "b"), Standing.ASLEEP, "only if the one before is missed"),
    ],
)
def test_a_clock_that_stands_says_why(step, standing, text):
    assert clock_words(step, standing, after(500)).text == text


def test_the_share_on_time_leaves_out_what_still_has_time_and_what_is_not_asked_for():
    steps = steps_of(REVIEW, {"react": 40}, skipped=["phone"])
    assert share_of(steps, after(100)) == Share(1, 1)
    assert share_of(steps, after(201)) == Share(1, 2)
    assert share_of(steps_of(REVIEW), after(20)) == Share()


def test_a_share_of_nothing_is_a_dash():
    assert (Share().text, Share().percent, Share().fraction) == ("—", None, "0 ÷ 0")
    assert (Share(1, 8) + Share(0, 8)).percent == Decimal("6.3")


def test_every_deed_has_a_name_and_fits_its_column():
    longest = CaseNote._meta.get_field("action").max_length
    assert set(DEEDS) == set(Deed)
    assert all(len(deed) <= longest for deed in Deed)
    with translation.override("en"):
        assert all(str(name) for name in DEEDS.values())


# -- Against a slow reference -----------------------------------------------------------------------------------------
@st.composite
def kinds(draw):
    count = draw(st.integers(1, 5))
    limits = draw(st.lists(st.integers(1, 60), min_size=count, max_size=count))
    made = []
    for number, limit in enumerate(limits):
        earlier = draw(st.sampled_from(["", *[code for code, _limit, _other in made]]))
        made.append((f"s{number}", limit, earlier))
    return kind(*made)


class ByTheMinute:
    """The same rules, told minute by minute: each step is woken, missed, done or let go when that happens."""

    def __init__(self, rule):
        self.rule, self.minute = rule, 0
        self.due, self.done, self.missed, self.gone = {}, {}, set(), set()
        for step in rule.steps:
            own = step.within // timedelta(minutes=1)
            self.due[step.code] = max(own, self.due[step.if_missed]) if step.if_missed else own

    def tick(self):
        self.minute += 1
        for step in self.rule.steps:
            if self.is_awake(step) and step.code not in self.done and self.minute > self.due[step.code]:
                self.missed.add(step.code)

    def is_awake(self, step):
        return step.code not in self.gone and (not step.if_missed or step.if_missed in self.missed)

    def may(self, code):
        """Whether each earlier step is done, let go, or missed with this one in its place, link by link."""
        place = [step.code for step in self.rule.steps].index(code)
        wanted, step = code, self.rule.steps[place]
        if not self.is_awake(step) or code in self.done:
            return False
        for earlier in reversed(self.rule.steps[:place]):
            if earlier.code in self.done or earlier.code in self.gone:
                continue
            link = next(one for one in self.rule.steps if one.code == wanted).if_missed
            if earlier.code != link or earlier.code not in self.missed:
                return False
            wanted = earlier.code
        return True

    def do(self, code):
        for step in self.rule.steps[: [one.code for one in self.rule.steps].index(code) + 1]:
            if step.code not in self.done and step.code not in self.gone:
                self.done[step.code] = self.minute
        changed = True
        while changed:
            before = set(self.gone)
            for step in self.rule.steps:
                other = step.if_missed
                in_time = other in self.done and other not in self.missed
                if other and step.code not in self.done and (in_time or other in self.gone):
                    self.gone.add(step.code)
            changed = self.gone != before

    def standing(self, step):
        if step.code in self.done:
            return Standing.DONE
        if step.code in self.gone:
            return Standing.SKIPPED
        return Standing.RUNNING if self.is_awake(step) else Standing.ASLEEP


@given(kinds(), st.lists(st.tuples(st.integers(0, 25), st.integers(0, 3)), max_size=8))
def test_it_agrees_with_a_reference_that_lives_through_every_minute(rule, story):
    slow, steps = ByTheMinute(rule), steps_of(rule)
    for wait, choice in story:
        for _minute in range(wait):
            slow.tick()
        now = after(slow.minute)
        assert list(standings(steps, now).values()) == [slow.standing(step) for step in rule.steps]
        can = to_do(steps, now)
        assert set(can) == {step.code for step in rule.steps if slow.may(step.code)}
        if not can:
            assert all(step.done_at or step.is_skipped for step in steps)
            break
        code = can[min(choice, len(can) - 1)]
        found = follows(steps, code, now)
        slow.do(code)
        steps = [
            Step(
                step.code,
                step.due_at,
                step.if_missed,
                now if step.code in found.done else step.done_at,
                step.is_skipped or step.code in found.skipped,
            )
            for step in steps
        ]
        assert {step.code for step in steps if step.done_at} == set(slow.done)
        assert {step.code for step in steps if step.is_skipped} == slow.gone
        assert not set(found.done) & set(found.skipped)
        due = {
            code for code in slow.due if code not in slow.gone and (code in slow.done or slow.due[code] < slow.minute)
        }
        asleep = {step.code for step in rule.steps if slow.standing(step) == Standing.ASLEEP}
        assert share_of(steps, now) == Share(len(due - slow.missed - asleep), len(due - asleep))


@given(kinds(), st.integers(0, 80))
def test_there_is_always_something_to_do_until_everything_is_settled(rule, minute):
    steps, rounds = steps_of(rule), 0
    while can := to_do(steps, after(minute)):
        found = follows(steps, can[-1], after(minute))
        steps = [
            Step(
                step.code,
                step.due_at,
                step.if_missed,
                step.done_at or (after(minute) if step.code in found.done else None),
                step.is_skipped or step.code in found.skipped,
            )
            for step in steps
        ]
        rounds += 1
        assert rounds <= len(steps)
    assert all((step.done_at is None) == step.is_skipped for step in steps)

"""What differs between two rulebooks, in words."""

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from rulebooks.changes import Change, HoursMoved, Kind, changes, effective, hours_moved, rights_moved
from rulebooks.reading import read
from rulebooks.schema import Rulebook
from tests.conftest import HERE, LIBRARY

SOURCE = (LIBRARY / "three-shift-desk.yaml").read_text(encoding="utf-8")


def rulebook(*replacements: tuple[str, str]) -> Rulebook:
    """The three-shift desk with each first `old` replaced."""
    text = SOURCE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return read(text.encode())[0]


BEFORE = rulebook()
OTHER = read((HERE / "rulebooks" / "changed.yaml").read_bytes())[0]


def differences(*replacements: tuple[str, str]) -> list[Change]:
    return changes(BEFORE, rulebook(*replacements))


class TestNothingChanges:
    def test_between_a_rulebook_and_itself(self):
        assert changes(BEFORE, BEFORE) == changes(OTHER, OTHER) == []

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("# the next day's", "# another comment"),
            ("name: {zh-Hans: 知悉, en: Information}}", "name: {en: Information, zh-Hans: 知悉}, read_back: false}"),
            ("window: calendar_month", "window: {kind: calendar_month}"),
            ("fine_yuan: 10}", "fine_yuan: 10.0}"),
            (", silent_after_minutes: 15", ""),
            ("hands_over_to: [D]  ", "hands_over_to: ['D']"),
        ],
    )
    def test_when_the_same_is_only_written_otherwise(self, old, new):
        assert differences((old, new)) == []


class TestAChange:
    @pytest.mark.parametrize(
        ("old", "new", "where", "before", "after"),
        [
            ("fine_yuan: 30", "fine_yuan: 35.5", "Clauses › § 7 › Ladder › step 2 › Fine", "30 yuan", "35.5 yuan"),
            ("due_days: 7", "due_days: 9", "Activity fund › Due after", "7 days", "9 days"),
            ("at_least: 80", "at_least: 75", "Scorecard › Grades › B › From this total on", "80 points", "75 points"),
            ("17:00-01:00", "17:30-01:30", "Shift types › Night › From when to when", "17:00–01:00", "17:30–01:30"),
            (
                "hands_over_to: [D]",
                "hands_over_to: [D, R]",
                "Shift types › Night › Hands over to",
                "Day",
                "Day, Regular",
            ),
            (
                "read_back: true",
                "read_back: false",
                "Notebooks › Handover log › Kinds › Urgent › Read back",
                "yes",
                "no",
            ),
            (
                "edit_roster: [supervisor]",
                "edit_roster: [owner]",
                "Rights › Edit and publish the roster",
                "Supervisor",
                "Owner",
            ),
            (
                "at_clock_out: warn",
                "at_clock_out: block",
                "Notebooks › Handover log › At clock-out",
                "a warning; the items go into the department's queue",
                "the shift cannot be ended",
            ),
            (
                "consecutive_days: {at_most: 6, breach: warn}",
                "consecutive_days: {at_most: 6, breach: block}",
                "Working time › Days in a row › A breach",
                "is shown; whoever publishes may let it stand and says why",
                "keeps the plan from being published, and a swap from being applied",
            ),
            (
                "minutes_at_most: 15}",
                "minutes_at_most: 25}",
                "Attendance › Away › Errand › At most",
                "15 minutes",
                "25 minutes",
            ),
            (
                "[D, D, N, N, X, X]",
                "[D, D, R, X]",
                "Patterns › Two days, two nights, two off › Cycle",
                "Day, Day, Night, Night, Rest day, Rest day",
                "Day, Day, Regular, Rest day",
            ),
            (
                "empty_shift_liable: worker",
                "empty_shift_liable: both",
                "Swaps › Liable for an empty shift",
                "whoever had taken it",
                "both of them",
            ),
            (
                "taken_in: both, notice_days: 1}",
                "taken_in: both, notice_days: 2}",
                "Leave of absence › Kinds › Personal leave › Notice",
                "1 days",
                "2 days",
            ),
            ("trigger: late", "trigger: absent", "Clauses › § 6 › Proposed for", "clocking in late", None),
            ("en: Be on time", "en: Come on time", "Clauses › § 6 › Wording › in English", None, None),
        ],
    )
    def test_is_told_with_the_way_to_it_and_both_values(self, old, new, where, before, after):
        [change] = differences((old, new))
        assert (change.kind, " › ".join(change.where)) == (Kind.CHANGED, where)
        if before:
            assert change.before == before
        if after:
            assert change.after == after

    def test_is_told_in_the_readers_language(self):
        with translation.override("zh-hans"):
            [change] = differences(("fine_yuan: 30", "fine_yuan: 35"))
            assert change.where[:2] == ("条款", "§ 7")

    def test_of_a_number_that_people_quote_is_told_under_the_new_one(self):
        [change] = differences(('number: "13"', 'number: "14"'))
        assert (change.where, change.before, change.after) == (("Clauses", "§ 14", "Clause number"), "13", "14")

    def test_of_a_window_and_its_length(self):
        found = differences(("window: calendar_month   ", "window: {kind: rolling_days, days: 45}"))
        assert [(change.kind, change.where[-1], change.after) for change in found] == [
            (Kind.CHANGED, "Counted within", "those of the last days, as many as days says"),
            (Kind.ADDED, "How many days", "45 days"),
        ]


class TestAPartThatComesOrGoes:
    CLAUSE = '  - code: late\n    number: "6"\n'
    NEW = (
        '  - code: summary\n    number: "5a"\n    text: {zh-Hans: 写周报, en: Write the weekly summary}\n'
        "    window: forever\n    ladder: [{points: 5}]\n"
    )

    def test_is_told_with_its_values(self):
        [change] = differences((self.CLAUSE, self.NEW + self.CLAUSE))
        assert (change.kind, change.where) == (Kind.ADDED, ("Clauses", "§ 5a"))
        assert change.facts == (
            ("Code", "summary"),
            ("Clause number", "5a"),
            ("Wording", "Write the weekly summary / 写周报"),
            ("Counting › Counted within", "all there ever were"),
            ("Ladder › step 1 › Penalty points", "5 points"),
        )

    def test_is_matched_by_its_code_and_not_by_its_place(self):
        assert len(differences((self.CLAUSE, self.NEW + self.CLAUSE))) == 1, "those after it have not changed"

    def test_goes_with_its_values(self):
        [change] = differences(("      - {code: idea, name: {zh-Hans: 建议, en: Idea}, bonus: adopted-idea}\n", ""))
        assert (change.kind, change.where[-1]) == (Kind.REMOVED, "Idea")
        assert ("Its name", "Idea / 建议") in change.facts

    def test_a_group_that_goes(self):
        [change] = differences(("    extension: {cap_minutes: 180, silent_after_minutes: 15}\n", ""))
        assert (change.kind, change.where) == (Kind.REMOVED, ("Shift types", "Night", "Runs on"))
        assert ("Runs on for at most", "180 minutes") in change.facts

    def test_a_section_that_comes_or_goes(self):
        text = SOURCE[SOURCE.index("swaps:") : SOURCE.index("rotations:")]
        [change] = differences((text, ""))
        assert (change.kind, change.where) == (Kind.REMOVED, ("Swaps",))
        assert ("Shifts in a row", "no") in change.facts
        ways = (
            "two agents exchange their shifts, an agent gives a shift to a colleague, a supervisor offers a shift that"
        )
        assert any(where == "Allowed" and value.startswith(ways) for where, value in change.facts)

    def test_a_limit_that_comes(self):
        limit = (
            "  rolling_rest:\n    - {within_hours: 24, hours: 10, breach: block}\n"
            "  probation: {months: 2, not_on: [N]}\n"
        )
        found = differences(("  coverage: {breach: warn}\n", "  coverage: {breach: warn}\n" + limit))
        assert [(change.kind, change.where) for change in found] == [
            (Kind.ADDED, ("Working time", "Rolling rest")),
            (Kind.ADDED, ("Working time", "Probation")),
        ]
        assert ("in any 24 hours › Rest at least", "10 h") in found[0].facts
        assert ("Not on", "Night") in found[1].facts

    def test_a_shift_that_is_held_on_some_days_and_needs_a_skill(self):
        held = "    headcount: {wanted: 2, minimum: 0}\n"
        skills = "skills:\n  - {code: refunds, name: {zh-Hans: 退款, en: Refunds}}\n\nrest:\n"
        found = differences((held, held + "    days: [saturday, sunday]\n    needs: [refunds]\n"), ("rest:\n", skills))
        assert [(change.where, change.after) for change in found if change.after] == [
            (("Shift types", "Regular", "On which days"), "Saturday, Sunday"),
            (("Shift types", "Regular", "Needs"), "Refunds"),
        ]

    def test_a_step_more_on_a_ladder(self):
        [change] = differences(("      - {fine_yuan: 30}\n", "      - {fine_yuan: 30}\n      - {points: 9}\n"))[:1]
        assert change.where == ("Clauses", "§ 7", "Ladder", "step 3", "Penalty points")

    def test_a_right_that_an_old_version_does_not_know(self):
        known = {right: roles for right, roles in BEFORE.rights.items() if right != "edit_rulebook"}
        old = BEFORE.model_copy(update={"rights": known})
        [change] = changes(old, BEFORE)
        assert (change.kind, change.where[-1], change.after) == (Kind.ADDED, "Change the rulebook", "Manager, Owner")


def test_another_order_of_parts_is_told_as_such():
    first = "      - {code: waiting, name: {zh-Hans: 等人答复, en: Waiting for somebody}}\n"
    second = "      - {code: information, name: {zh-Hans: 知悉, en: Information}}\n"
    [change] = differences((first + second, second + first))
    assert (change.kind, change.before, change.after) == (
        Kind.MOVED,
        "Urgent, Potential customer, Waiting for somebody, Information",
        "Urgent, Potential customer, Information, Waiting for somebody",
    )


class TestWhomItConcerns:
    def test_rights_that_change_hands(self):
        after = rulebook(("edit_roster: [supervisor]", "edit_roster: [leader, owner]"))
        [moved] = rights_moved(BEFORE, after)
        assert (moved.right, moved.gained, moved.lost) == ("edit_roster", ("leader", "owner"), ("supervisor",))
        assert moved.label == "Edit and publish the roster"
        assert rights_moved(BEFORE, BEFORE) == []

    def test_shifts_whose_hours_change_or_that_are_gone(self):
        after = rulebook(("17:00-01:00", "17:00-00:30"))
        assert hours_moved(BEFORE, after) == [HoursMoved("Night", "17:00–01:00", "17:00–00:30")]
        assert [(moved.name, moved.after) for moved in hours_moved(BEFORE, OTHER)] == [
            ("Day", ""),
            ("Night", ""),
            ("Regular", ""),
        ]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from(["late", "off-task", "complaint", "handover-missing"]), unique=True),
    st.integers(0, 31),
    st.booleans(),
)
def test_there_is_a_change_exactly_where_something_else_holds(gone, days, other_fund):
    clauses = tuple(clause for clause in BEFORE.clauses if clause.code not in gone)
    rest = BEFORE.rest.model_copy(update={"days_per_month": days})
    fund = OTHER.fund if other_fund else BEFORE.fund
    after = BEFORE.model_copy(update={"clauses": clauses, "rest": rest, "fund": fund})
    found = changes(BEFORE, after)
    assert sum(change.kind == Kind.REMOVED for change in found) == len(gone)
    assert len(found) == len(gone) + (days != BEFORE.rest.days_per_month) + 2 * other_fund
    assert (effective(after) == effective(BEFORE)) == (not found)
    back = changes(after, BEFORE)
    assert len(back) == len(found)
    assert {(one.before, one.after) for one in found if one.kind == Kind.CHANGED} == {
        (one.after, one.before) for one in back if one.kind == Kind.CHANGED
    }

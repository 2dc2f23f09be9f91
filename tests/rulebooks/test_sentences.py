"""Working time, rest, attendance, leave, swaps, duties and patterns as they are read aloud."""

import pytest
from django.utils import translation

from rulebooks.places import lines_of
from rulebooks.reading import read
from rulebooks.ready_made import ready_made
from rulebooks.schema import Rulebook
from rulebooks.sentences import (
    Rule,
    attendance_rules,
    duty_rules,
    leave_rules,
    pattern_rules,
    rest_rules,
    swap_rules,
    working_time_rules,
)
from rulebooks.words import clause_rows, part_name, shift_rows
from tests.conftest import HERE, LIBRARY

SECTIONS = (working_time_rules, attendance_rules, leave_rules, swap_rules, duty_rules, pattern_rules)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def library(name: str) -> Rulebook:
    return read((LIBRARY / f"{name}.yaml").read_bytes())[0]


def said(rules: list[Rule]) -> dict[str, str]:
    return {rule.label: rule.said for rule in rules}


@pytest.fixture
def changed() -> Rulebook:
    return read((HERE / "rulebooks" / "changed.yaml").read_bytes())[0]


@pytest.fixture
def bare(plain_text) -> Rulebook:
    """A rulebook that leaves out all that may be left out of these sections."""
    rulebook, _content = read(plain_text.encode())
    return rulebook.model_copy(
        update={
            "working_time": type(rulebook.working_time)(),
            "leave": None,
            "swaps": None,
            "duties": (),
            "rotations": (),
        }
    )


class TestRestDays:
    @pytest.mark.parametrize(
        ("name", "sentences"),
        [
            ("three-shift-desk", ["4 rest days a month."]),
            ("six-on-one-off", ["At least 1 rest day in each week from Monday to Sunday."]),
            ("split-shifts", ["At least 2 rest days in any 10 days in a row."]),
            ("alternate-evenings", ["At least 1 rest day in any 2 days in a row."]),
            ("ships-watch", ["No whole rest days in a month."]),
        ],
    )
    def test_by_month_by_week_or_by_cycle(self, name, sentences):
        assert rest_rules(library(name)) == sentences

    def test_several_hold_together(self, plain_text):
        both = plain_text.replace("days_per_month: 4", "days_per_month: 4\n  days_per_week: 2")
        assert rest_rules(read(both.encode())[0]) == [
            "4 rest days a month.",
            "At least 2 rest days in each week from Monday to Sunday.",
        ]


class TestWorkingTime:
    def test_every_limit_with_what_a_breach_of_it_means(self, changed):
        assert [(rule.label, rule.said, rule.breach) for rule in working_time_rules(changed)] == [
            (
                "Rest between shifts",
                "At least 9 h from the end of one shift to the beginning of the next.",
                "block",
            ),
            ("Days in a row", "At most 4 days in a row.", "block"),
            ("Hours a week", "At most 38 h a week, without unpaid breaks.", "warn"),
            ("Leave of absence", "Nobody has a shift on approved leave.", "warn"),
            ("Coverage", "No day has fewer people on a shift than it needs.", "warn"),
        ]

    def test_the_rest_of_a_crew(self):
        [rest] = [rule for rule in working_time_rules(library("ships-watch")) if rule.at.endswith("rolling_rest.1")]
        assert rest.breach == "block"
        assert rest.said == (
            "At least 10 h of rest in any 24 h. Only the 2 longest rests among them count. One of them lasts at least "
            "6 h. On at most 2 days running 6 h in a row are enough, if any seven days give 77 h."
        )

    def test_overtime_and_probation(self):
        rules = said(working_time_rules(library("split-shifts")))
        assert rules["Overtime"] == (
            "More than 8 h a day are overtime. At most 3 h of it a day. At most 36 h of it a month. On at most 3 days "
            "running."
        )
        assert rules["Probation"] == "It lasts 1 month. Not on: Night."
        newcomers = said(working_time_rules(library("staggered-starts")))["Probation"]
        assert newcomers == "It lasts 2 months. Not on: Late, After-sale. At most 60 h a week."

    def test_none_where_none_are_written(self, bare):
        assert working_time_rules(bare) == []


class TestAttendance:
    def test_with_every_number(self, changed):
        rules = said(attendance_rules(changed))
        assert rules == {
            "Clocking in": "from 45 min before the shift begins",
            "Late": "whoever clocks in more than 7 min after the beginning",
            "Absent": "whoever does not come, or more than 40 min late",
            "Left early": "whoever clocks out more than 3 min before the planned end",
            "Off post": "whoever is silent for more than 9 min on duty without having said so",
            "Forgotten clock-out": "ended by the system 240 min after the end, and a correction is asked for",
            "May be away for": "Smoke (at most 6 min, asks first)",
        }

    def test_without_grace_and_with_a_successor(self):
        rules = said(attendance_rules(library("three-shift-desk")))
        assert rules["Late"] == "whoever clocks in after the beginning"
        assert rules["Left early"] == "whoever clocks out before the planned end"
        assert rules["Absent"] == "whoever does not come"
        assert "after 30 min of waiting the supervisor answers for the post" in rules["Successor"]
        assert "Off post" not in rules


class TestLeaveAndSwaps:
    def test_every_kind_of_leave(self, changed):
        assert said(leave_rules(changed)) == {
            "On one day": "at most 1 person on leave",
            "Holiday": (
                "whole days, asked for 5 days before, at most 4 days in a row, with an attachment if there is one"
            ),
            "Illness": "whole days or hours of one day, with an attachment",
        }
        assert [rule.mark for rule in leave_rules(changed)] == ["", "H", "I"]

    def test_what_a_swap_may(self, changed):
        assert said(swap_rules(changed)) == {
            "Allowed": "two agents exchange their shifts; an agent gives a shift to a colleague",
            "Notice": "agreed at least 12 h before the earlier shift",
            "In a month": "at most 2 swaps of one person",
            "On days in a row": "allowed",
            "Shifts in a row": "not allowed",
            "Leave on its days": "not allowed",
            "Liable for an empty shift": "both of them",
        }

    def test_nothing_where_a_section_is_left_out(self, bare):
        assert (leave_rules(bare), swap_rules(bare), duty_rules(bare), pattern_rules(bare)) == ([], [], [], [])


class TestDutiesAndPatterns:
    def test_who_takes_turns_and_who_stays(self):
        rules = said(duty_rules(library("staggered-starts")))
        assert rules == {
            "Duty person": "in turn from: Middle, Late, stays until the last customer",
            "Tidying up": "in turn from: Early, 2 people a day, says when it is done, or has missed it",
        }

    def test_a_pattern_shows_the_marks_of_its_days(self):
        [pattern] = pattern_rules(library("three-shift-desk"))
        assert pattern.said == "6 days, then from the beginning"
        assert pattern.marks == (("D", "d"), ("D", "d"), ("N", "n"), ("N", "n"), ("–", "x"), ("–", "x"))


class TestShiftsAndClauses:
    def test_what_else_is_said_of_a_shift(self):
        facts = {row.shift.code: row.facts for row in shift_rows(library("staggered-starts"))}
        assert facts["A"] == ["120 min of unpaid breaks", "needs: After-sale cases"]
        assert facts["L"] == ["90 min of unpaid breaks", "counts as a night"]
        days = {row.shift.code: row.facts for row in shift_rows(library("alternate-evenings"))}
        assert days["S"] == ["Sunday", "counts as a night"]
        assert days["E"][0] == "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday"

    def test_for_what_the_system_proposes_a_clause(self):
        events = {row.clause.code: row.proposed_for for row in clause_rows(library("three-shift-desk"))}
        assert events["late"] == "clocking in late"
        assert events["off-task"] == ""


@pytest.mark.parametrize("each", ready_made(), ids=lambda each: each.code)
class TestEveryReadyMadeOne:
    def test_is_read_aloud_in_both_languages(self, each):
        rulebook, _content = read(each.source)
        for language in ("zh-hans", "en"):
            with translation.override(language):
                rules = [rule for section in SECTIONS for rule in section(rulebook)]
                assert rest_rules(rulebook)
                assert all(rule.label and rule.said for rule in rules)
                assert not any("%(" in rule.said or "{" in rule.said for rule in rules)

    def test_each_rule_that_can_be_changed_has_its_lines_and_a_name(self, each):
        rulebook, content = read(each.source)
        for rule in (rule for section in SECTIONS for rule in section(rulebook) if rule.at):
            assert lines_of(each.source.decode(), rule.at).text
            assert part_name(content, rule.at) != rule.at

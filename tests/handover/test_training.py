"""Newcomers and their mentors: paired, ticked off, passed, and the mentors' bonuses of a quarter."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from handover.learning import quarter_of
from handover.models import LearntPoint, Mentorship, MentorshipState
from handover.services.training import (
    end_mentorship,
    pair,
    pass_newcomer,
    propose_mentor_bonuses,
    take_back_point,
    tick_point,
)
from ledger.models import Bonus
from office import clock
from office.models import Notice
from tests.factories import add_person

pytestmark = pytest.mark.usefixtures("afternoon")

FIRST = date(2026, 10, 12)
TODAY = date(2026, 11, 10)


def code_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


@pytest.fixture
def newcomer(department):
    return add_person(department, name="何佳", work_number="44", from_day=FIRST)


@pytest.fixture
def mentorship(newcomer, agent, leader):
    return pair(newcomer=newcomer.membership, mentor=agent.membership, from_day=FIRST, actor=leader)


def learn_all(mentorship, actor, rulebook):
    for point in rulebook.training.checklist:
        tick_point(mentorship=mentorship, code=point.code, actor=actor)


class TestPairing:
    def test_both_are_told(self, mentorship, newcomer, agent):
        assert set(Notice.objects.values_list("recipient", flat=True)) == {newcomer.pk, agent.pk}

    def test_one_mentor_at_a_time(self, mentorship, newcomer, colleague, leader):
        facts = {"newcomer": newcomer.membership, "mentor": colleague.membership, "from_day": TODAY, "actor": leader}
        assert code_of(pair, **facts) == "already_paired"
        end_mentorship(mentorship=mentorship, day=TODAY, actor=leader, remark="换班")
        assert pair(**facts).state == MentorshipState.RUNNING

    def test_what_cannot_be_is_refused(self, newcomer, agent, stranger, leader):
        def refused(**changes):
            facts = {"newcomer": newcomer.membership, "mentor": agent.membership, "from_day": FIRST, "actor": leader}
            return code_of(pair, **facts | changes)

        assert refused(mentor=newcomer.membership) == "same_person"
        assert refused(mentor=stranger.membership) == "other_department"
        assert refused(from_day=FIRST - timedelta(days=1)) == "not_a_member"

    def test_a_day_far_ahead_is_taken_for_a_mistake(self, newcomer, agent, leader):
        facts = {"newcomer": newcomer.membership, "mentor": agent.membership, "actor": leader}
        for day in (date(9999, 1, 1), TODAY + timedelta(days=61)):
            assert code_of(pair, from_day=day, **facts) == "too_far"
        assert pair(from_day=TODAY + timedelta(days=60), **facts).pk

    def test_what_has_not_begun_is_called_off_and_another_mentor_given(self, newcomer, agent, colleague, leader):
        first = TODAY + timedelta(days=7)
        facts = {"newcomer": newcomer.membership, "from_day": first, "actor": leader}
        ahead = pair(mentor=agent.membership, **facts)
        assert code_of(pass_newcomer, mentorship=ahead, day=TODAY, actor=leader, remark="x") == "before_start"
        assert code_of(end_mentorship, mentorship=ahead, day=TODAY, actor=leader, remark=" ") == "no_reason"
        over = end_mentorship(mentorship=ahead, day=TODAY, actor=leader, remark="日期填错")
        assert (over.state, over.until_day) == (MentorshipState.ENDED, first)
        told = Notice.objects.filter(message__contains="called off before it began")
        assert set(told.values_list("recipient", flat=True)) == {newcomer.pk, agent.pk}
        assert pair(mentor=colleague.membership, **facts).state == MentorshipState.RUNNING

    def test_one_of_the_year_9999_from_before_can_be_called_off(self, mentorship, leader):
        Mentorship.objects.filter(pk=mentorship.pk).update(from_day=date(9999, 12, 31))
        assert end_mentorship(mentorship=mentorship, day=TODAY, actor=leader, remark="x").until_day.year == 9999


class TestTheChecklist:
    def test_ticked_twice_is_once_and_taken_back_it_is_kept(self, mentorship, agent, rulebook):
        code = rulebook.training.checklist[0].code
        first = tick_point(mentorship=mentorship, code=code, actor=agent)
        assert tick_point(mentorship=mentorship, code=code, actor=agent) == first
        take_back_point(mentorship=mentorship, code=code, actor=agent)
        take_back_point(mentorship=mentorship, code=code, actor=agent)
        assert tick_point(mentorship=mentorship, code=code, actor=agent) != first
        assert LearntPoint.objects.count() == 2

    def test_nobody_ticks_for_themselves_nor_a_bystander(self, mentorship, newcomer, colleague, leader, rulebook):
        code = rulebook.training.checklist[0].code
        for person in (newcomer, colleague):
            assert code_of(tick_point, mentorship=mentorship, code=code, actor=person) == "not_yours"
        assert tick_point(mentorship=mentorship, code=code, actor=leader)

    @pytest.mark.parametrize("code", ["none-such", "a\x00b", ""])
    def test_an_unknown_point_is_refused(self, mentorship, agent, code):
        for act in (tick_point, take_back_point):
            assert code_of(act, mentorship=mentorship, code=code, actor=agent) == "unknown_point"


class TestPassing:
    def test_with_everything_learnt_no_reason_is_needed(self, mentorship, agent, leader, newcomer, rulebook):
        learn_all(mentorship, agent, rulebook)
        done = pass_newcomer(mentorship=mentorship, day=TODAY, actor=leader)
        assert done.state == MentorshipState.PASSED
        assert Notice.objects.filter(recipient=newcomer, message__startswith="You have passed").exists()
        assert code_of(pass_newcomer, mentorship=mentorship, day=TODAY, actor=leader) == "over"

    def test_without_it_somebody_says_why(self, mentorship, leader):
        assert code_of(pass_newcomer, mentorship=mentorship, day=TODAY, actor=leader) == "no_reason"
        assert pass_newcomer(mentorship=mentorship, day=TODAY, actor=leader, remark="做过客服").remark == "做过客服"

    def test_neither_newcomer_nor_mentor_decides(self, mentorship, agent, newcomer):
        for person in (agent, newcomer):
            assert code_of(pass_newcomer, mentorship=mentorship, day=TODAY, actor=person, remark="x") == "own_case"

    def test_days_that_cannot_be_are_refused(self, mentorship, leader):
        facts = {"mentorship": mentorship, "actor": leader, "remark": "x"}
        assert code_of(pass_newcomer, day=TODAY + timedelta(days=1), **facts) == "in_future"
        assert code_of(pass_newcomer, day=FIRST - timedelta(days=1), **facts) == "before_start"
        assert code_of(end_mentorship, day=TODAY, **facts | {"remark": " "}) == "no_reason"

    @pytest.mark.parametrize(("days", "early"), [(28, True), (29, True)])
    def test_within_the_days_of_the_rulebook_it_is_early(self, mentorship, leader, owner, days, early):
        done = pass_newcomer(mentorship=mentorship, day=FIRST + timedelta(days=days), actor=leader, remark="x")
        assert done.is_early is early
        told = Notice.objects.filter(message__contains="early confirmation")
        assert {leader.pk, owner.pk} <= set(told.values_list("recipient", flat=True))

    def test_a_day_later_it_is_not(self, mentorship, leader):
        with clock.at(clock.now() + timedelta(days=10)):
            for days, early in ((31, False),):
                done = pass_newcomer(mentorship=mentorship, day=FIRST + timedelta(days=days), actor=leader, remark="x")
                assert done.is_early is early
        assert not Notice.objects.filter(message__contains="early confirmation").exists()


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_a_day_lies_in_its_quarter_and_quarters_meet(day):
    first, last = quarter_of(day)
    assert first <= day <= last
    assert first.day == 1 and first.month in (1, 4, 7, 10)
    assert quarter_of(last + timedelta(days=1))[0] == last + timedelta(days=1)


class TestBonuses:
    def passed(self, department, mentor, leader, number, from_day, until_day):
        person = add_person(department, work_number=number, from_day=from_day)
        made = pair(newcomer=person.membership, mentor=mentor.membership, from_day=from_day, actor=leader)
        return pass_newcomer(mentorship=made, day=until_day, actor=leader, remark="x")

    def test_when_the_quarter_is_over_the_fastest_mentors_get_theirs_once(
        self, department, agent, colleague, leader, supervisor, at
    ):
        slow = self.passed(department, agent, supervisor, "51", date(2026, 10, 1), date(2026, 10, 31))
        fast = self.passed(department, colleague, supervisor, "52", date(2026, 10, 1), date(2026, 10, 11))
        tied = self.passed(department, leader, supervisor, "53", date(2026, 10, 15), date(2026, 10, 25))
        last = self.passed(department, leader, supervisor, "54", date(2026, 9, 1), date(2026, 11, 9))
        with at("2026-12-31 23:59"):
            assert propose_mentor_bonuses() == 0
        with at("2027-01-01 00:10"):
            assert propose_mentor_bonuses() == 3
            assert propose_mentor_bonuses() == 0
        fen = {row.pk: row.bonus and row.bonus.most_fen for row in Mentorship.objects.select_related("bonus")}
        assert fen == {fast.pk: 15_000, tied.pk: 10_000, slow.pk: 5_000, last.pk: None}

    def test_after_a_long_stop_every_quarter_is_made_up_for(self, department, agent, colleague, supervisor, at):
        self.passed(department, agent, supervisor, "51", date(2026, 5, 1), date(2026, 6, 30))
        self.passed(department, colleague, supervisor, "52", date(2026, 6, 1), date(2026, 7, 1))
        with at("2027-01-03 08:00"):
            assert propose_mentor_bonuses() == 2
        assert set(Bonus.objects.values_list("most_fen", flat=True)) == {15_000}

    def test_under_another_rulebook_other_sums(self, changed_department):
        mentor, newcomer, lead = (add_person(changed_department) for _each in range(3))
        made = pair(newcomer=newcomer.membership, mentor=mentor.membership, from_day=date(2026, 7, 1), actor=lead)
        pass_newcomer(mentorship=made, day=date(2026, 8, 1), actor=lead, remark="x")
        assert propose_mentor_bonuses() == 1
        assert Bonus.objects.get().most_fen == 3_300

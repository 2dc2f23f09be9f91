"""Meetings: made from the rulebook, chaired in turn, minuted, and what they decide."""

import uuid
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from handover.models import Issue, Meeting, MeetingPart
from handover.services.meetings import (
    arrange_meeting,
    cancel_meeting,
    decide_in_meeting,
    make_all_meetings,
    make_meetings,
    mark_came,
    write_minutes,
)
from office import clock
from office.models import Notice
from people.models import Membership
from shifts.models import Assignment, Layer, Leave, LeaveState
from tests.factories import add_person

# The desk meets on Mondays at eight (one stays on the desk) and at five (two stay).
MONDAY = date(2026, 11, 16)


@pytest.fixture
def tuesday(department):
    with clock.at(datetime(2026, 11, 10, 12, 0, tzinfo=department.zone)) as moment:
        yield moment


@pytest.fixture
def plan(wall):
    """`plan(agent, "08:00", "17:00")`: a published shift of that Monday."""

    def do(person, begins, ends, day=MONDAY):
        return Assignment.objects.create(
            layer=Layer.PUBLISHED,
            membership=person.membership,
            business_date=day,
            code="D",
            starts_at=wall(f"{day} {begins}"),
            ends_at=wall(f"{day} {ends}"),
        )

    return do


def first_meeting(department) -> Meeting:
    return Meeting.objects.filter(department=department).order_by("begins_at").first()


def parts(meeting) -> dict[str, str]:
    return dict(meeting.people.values_list("membership__work_number", "part"))


def code_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def take_leave(person, first, last):
    return Leave.objects.create(
        membership=person.membership,
        kind="P",
        rulebook_version=person.membership.department.rulebook_versions.first(),
        first_day=first,
        last_day=last,
        reason="回家",
        state=LeaveState.APPROVED,
        asked_by=person,
        decided_at=clock.now(),
    )


@pytest.mark.usefixtures("tuesday")
class TestMaking:
    def test_those_of_the_coming_days_are_made_once(self, department, agent, wall):
        assert make_all_meetings() == 2
        assert make_all_meetings() == 0
        begins = list(Meeting.objects.order_by("begins_at").values_list("begins_at", flat=True))
        assert begins == [wall("2026-11-16 08:00"), wall("2026-11-16 17:00")]

    def test_the_chair_goes_round(self, department, agent, colleague, leader):
        make_meetings(department=department)
        chairs = [meeting.chair.work_number for meeting in Meeting.objects.order_by("begins_at")]
        assert chairs == ["01", "02"]
        clock.move(timedelta(weeks=1))
        make_meetings(department=department)
        chairs = [meeting.chair.work_number for meeting in Meeting.objects.order_by("begins_at")]
        assert chairs == ["01", "02", "07", "01"]

    def test_over_a_quarter_chairs_differ_by_at_most_one(self, department, agent, colleague, leader):
        for _week in range(13):
            make_meetings(department=department)
            clock.move(timedelta(weeks=1))
        turns = Counter(Meeting.objects.values_list("chair", flat=True))
        assert sum(turns.values()) == 26
        assert max(turns.values()) - min(turns.values()) <= 1

    def test_who_is_on_leave_or_has_left_does_not_chair(self, department, agent, colleague, leader):
        take_leave(leader, MONDAY, MONDAY)
        Membership.objects.filter(pk=colleague.membership.pk).update(until_day=date(2026, 11, 13))
        make_meetings(department=department)
        assert first_meeting(department).chair == agent.membership

    def test_one_of_those_on_duty_stays_and_the_others_take_part(self, department, agent, colleague, leader, plan):
        for person in (agent, colleague, leader):
            plan(person, "08:00", "17:00")
        make_meetings(department=department)
        assert parts(first_meeting(department)) == {"01": "attends", "02": "stays", "07": "attends"}

    def test_who_works_at_another_time_has_no_part(self, department, agent, leader, plan):
        plan(agent, "17:00", "23:30")
        make_meetings(department=department)
        first, second = Meeting.objects.order_by("begins_at")
        assert set(parts(first)) == {"01"}
        assert "07" in parts(second)

    def test_next_week_another_one_stays(self, department, agent, colleague, leader, plan):
        for week in range(3):
            for person in (agent, colleague, leader):
                plan(person, "08:00", "16:00", MONDAY + timedelta(weeks=week))
        stayed = []
        for _week in range(3):
            make_meetings(department=department)
            morning = Meeting.objects.filter(begins_at__gt=clock.now()).order_by("begins_at").first()
            stayed += [number for number, part in parts(morning).items() if part == "stays"]
            clock.move(timedelta(weeks=1))
        assert sorted(stayed) == ["01", "02", "07"]

    def test_its_people_follow_the_roster_until_it_begins(self, department, agent, colleague, leader, plan):
        make_meetings(department=department)
        assert parts(first_meeting(department)) == {"01": "attends"}
        shift = plan(colleague, "08:00", "17:00")
        plan(agent, "08:00", "17:00")
        make_meetings(department=department)
        assert parts(first_meeting(department)) == {"01": "attends", "02": "stays", "07": "attends"}
        shift.delete()
        make_meetings(department=department)
        assert parts(first_meeting(department)) == {"01": "attends", "07": "stays"}

    def test_when_the_chair_goes_on_leave_the_next_one_does_it_and_both_are_told(
        self, department, agent, colleague, leader
    ):
        make_meetings(department=department)
        take_leave(leader, MONDAY, MONDAY)
        make_meetings(department=department)
        chair = first_meeting(department).chair
        assert chair == agent.membership or chair == colleague.membership
        assert Notice.objects.filter(recipient=leader, message__startswith="You no longer chair").exists()
        assert Notice.objects.filter(recipient=chair.user, message__startswith="You chair").exists()

    def test_what_a_person_arranged_stays(self, department, agent, colleague, leader, plan, supervisor):
        for person in (agent, colleague, leader):
            plan(person, "08:00", "17:00")
        make_meetings(department=department)
        meeting = first_meeting(department)
        arrange_meeting(
            meeting=meeting,
            chair=agent.membership,
            parts={colleague.membership.pk: MeetingPart.EXCUSED},
            actor=supervisor,
        )
        make_meetings(department=department)
        meeting.refresh_from_db()
        assert meeting.chair == agent.membership
        assert parts(meeting)["02"] == "excused"

    def test_under_another_rulebook_other_meetings_are_held(self, changed_department):
        add_person(changed_department)
        assert make_meetings(department=changed_department) == 1
        meeting = Meeting.objects.get()
        assert changed_department.local(meeting.begins_at).strftime("%a %H:%M") == "Thu 14:30"
        assert meeting.minutes_due_at - meeting.begins_at == timedelta(hours=3)

    def test_what_the_rulebook_no_longer_has_is_called_off(self, department, agent, leader, wall):
        other = Meeting.objects.create(
            department=department,
            code="earlier",
            rulebook_version=department.rulebook_versions.first(),
            begins_at=wall("2026-11-13 09:00"),
            minutes_due_at=wall("2026-11-14 09:00"),
        )
        make_meetings(department=department)
        other.refresh_from_db()
        assert other.cancelled_at is not None

    def test_without_anybody_it_is_made_without_a_chair(self, department):
        make_meetings(department=department)
        assert first_meeting(department).chair is None


@pytest.fixture
def meeting(department, tuesday, agent, colleague, leader, plan):
    """Monday's first one: the leader chairs, the colleague stays on the desk, the agent takes part."""
    for person in (agent, colleague, leader):
        plan(person, "08:00", "17:00")
    make_meetings(department=department)
    return first_meeting(department)


class TestArranging:
    def test_chair_and_parts_change_and_those_concerned_are_told(self, meeting, agent, colleague, leader, supervisor):
        Notice.objects.all().delete()
        new = {colleague.membership.pk: "attends", leader.membership.pk: "stays"}
        arrange_meeting(meeting=meeting, chair=agent.membership, parts=new, actor=supervisor)
        meeting.refresh_from_db()
        assert meeting.chair == agent.membership
        assert parts(meeting) == {"01": "stays", "02": "attends", "07": "attends"}
        assert set(Notice.objects.values_list("recipient", flat=True)) == {agent.pk, colleague.pk, leader.pk}

    def test_what_cannot_be_is_refused(self, meeting, agent, leader, supervisor, stranger):
        def refused(chair=None, **given):
            facts = {"meeting": meeting, "chair": chair or agent.membership, "parts": {}, "actor": supervisor}
            return code_of(arrange_meeting, **facts | given)

        assert refused(chair=stranger.membership) == "not_there"
        assert refused(parts={stranger.membership.pk: "stays"}) == "unknown_person"
        assert refused(parts={agent.membership.pk: "stays"}) == "chair_attends"
        with clock.at(meeting.begins_at):
            assert refused() == "begun"

    def test_called_off_with_a_reason_everybody_is_told(self, meeting, agent, colleague, supervisor):
        assert code_of(cancel_meeting, meeting=meeting, actor=supervisor, reason="  ") == "no_reason"
        assert code_of(cancel_meeting, meeting=meeting, actor=supervisor, reason="x" * 501) == "too_long"
        cancel_meeting(meeting=meeting, actor=supervisor, reason="大促")
        assert Notice.objects.filter(message__contains="is off", recipient__in=[agent, colleague]).count() == 2
        assert code_of(cancel_meeting, meeting=meeting, actor=supervisor, reason="大促") == "cancelled"
        assert make_meetings(department=meeting.department) == 0


class TestAfterwards:
    @pytest.fixture(autouse=True)
    def begun(self, meeting):
        with clock.at(meeting.begins_at + timedelta(hours=1)):
            yield

    def test_who_came_is_marked_and_corrected(self, meeting, agent, leader, supervisor):
        mark_came(meeting=meeting, came=[agent.membership.pk], actor=supervisor)
        mark_came(meeting=meeting, came=[agent.membership.pk, leader.membership.pk], actor=supervisor)
        came = dict(meeting.people.values_list("membership__work_number", "came"))
        assert came == {"01": True, "02": None, "07": True}

    def test_the_chair_writes_the_minutes_and_hands_them_in_once(self, meeting, leader):
        write_minutes(meeting=meeting, actor=leader, text="开头")
        done = write_minutes(meeting=meeting, actor=leader, text="全部", hand_in=True)
        assert done.minutes_by == leader
        assert code_of(write_minutes, meeting=meeting, actor=leader, text="x") == "minutes_done"
        assert code_of(cancel_meeting, meeting=meeting, actor=leader, reason="x") == "minutes_done"

    def test_nobody_else_does_and_nothing_empty_or_endless(self, meeting, agent, leader, supervisor):
        assert code_of(write_minutes, meeting=meeting, actor=agent, text="x") == "not_yours"
        assert code_of(write_minutes, meeting=meeting, actor=leader, text=" ") == "no_text"
        assert code_of(write_minutes, meeting=meeting, actor=leader, text="x" * 10_001) == "too_long"
        assert write_minutes(meeting=meeting, actor=supervisor, text="x")

    def test_what_has_not_begun_has_no_minutes_and_nobody_came(self, meeting, leader):
        with clock.at(meeting.begins_at - timedelta(hours=1)):
            assert code_of(write_minutes, meeting=meeting, actor=leader, text="x") == "not_begun"
            assert code_of(mark_came, meeting=meeting, came=[], actor=leader) == "not_begun"

    def test_a_decision_becomes_an_entry_of_the_register_once(self, meeting, leader, agent, rulebook):
        category = rulebook.notebooks.issue_register.categories[0].code
        facts = {"meeting": meeting, "category": category, "text": "换快递", "token": uuid.uuid4()}
        first = decide_in_meeting(author=leader.membership, **facts)
        assert decide_in_meeting(author=leader.membership, **facts) == first
        assert Issue.objects.get().meeting == meeting
        assert code_of(decide_in_meeting, author=agent.membership, **facts) == "not_yours"
        new = facts | {"category": "none-such", "token": None}
        assert code_of(decide_in_meeting, author=leader.membership, **new) == "unknown_category"

    def test_minutes_that_are_due_are_asked_for_once(self, meeting, leader):
        Notice.objects.all().delete()
        for hours in (-1, 0, 1, 48):
            with clock.at(meeting.minutes_due_at + timedelta(hours=hours)):
                make_all_meetings()
        told = Notice.objects.filter(message__startswith="The minutes")
        # The chairs of this one and of the one in the evening.
        assert told.filter(recipient=leader).count() == 1

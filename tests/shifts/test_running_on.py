"""Shifts that run on: midnight, cap, swapped owner, silent client, duty person, chat tool, the rest that follows."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from handover.pages.gate import gate_of
from handover.services import end_shift
from office import clock
from office.models import Notice
from office.months import Month
from people.models import Role
from people.services import add_member
from rulebooks.services import import_rulebook
from shifts import services
from shifts.models import Answer, AnswerCause, Attendance, DutyTurn, ExtensionSegment, ReportSource, VersionCause
from shifts.pages.now import now_of
from shifts.services import duties, running_on
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department
from tests.shifts.duty_rules import with_duties

pytestmark = pytest.mark.django_db
TENTH = date(2026, 11, 10)


def count(attendance, customers, source=ReportSource.DESK):
    return services.report_open_customers(attendance=attendance, open_customers=customers, source=source)


def told(person, words) -> list[Notice]:
    return [notice for notice in Notice.objects.filter(recipient=person).order_by("pk") if words in notice.text]


def recorded():
    return [(row.starts_at, row.ends_at, row.open_customers, row.source, row.confirmed) for row in segments()]


def segments():
    return ExtensionSegment.objects.order_by("starts_at")


@pytest.fixture
def every_ten_minutes():
    """`every_ten_minutes(attendance, 1, 12)`: as many customers are open, said twelve times as the clock moves on."""

    def say(attendance, customers, times):
        for _time in range(times):
            clock.move(timedelta(minutes=10))
            count(attendance, customers)

    return say


def test_a_night_that_runs_on_past_midnight_stays_a_shift_of_its_own_date(agent, paint, publish, at, wall):
    # A shift that ends at midnight runs on wholly in the next day.
    with_duties(agent.membership.department, (b'spans: ["17:00-01:00"]', b'spans: ["17:00-24:00"]'))
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
        publish()
    with at("2026-11-10 17:00"):
        night = services.clock_in(membership=agent.membership)
    with at("2026-11-10 23:55"):
        count(night, 1)
    with at("2026-11-11 00:06"):
        services.extend_running_shifts()
        count(night, 0)
    with at("2026-11-11 00:10"):
        ended = services.clock_out(attendance=night, actor=agent)
    assert recorded() == [(wall("2026-11-11 00:00"), wall("2026-11-11 00:06"), 1, "desk", True)]
    assert (ended.business_date, ended.planned_end) == (TENTH, wall("2026-11-11 00:00"))


def test_the_cap_ends_it_and_those_who_watch_are_asked(night_shift, supervisor, at, wall, every_ten_minutes):
    with at("2026-11-11 00:55"):
        count(night_shift, 1)
        every_ten_minutes(night_shift, 1, 20)
    assert segments().last().ends_at == wall("2026-11-11 04:00")
    assert len(told(supervisor, "has come to its cap")) == 1


def test_silence_and_then_the_cap_are_two_things_to_be_told(night_shift, supervisor, at, wall):
    with at("2026-11-11 00:55"):
        count(night_shift, 1)
    for moment in ("2026-11-11 01:30", "2026-11-11 02:00", "2026-11-11 04:01", "2026-11-11 04:30"):
        with at(moment):
            services.extend_running_shifts()
    assert len(told(supervisor, "nothing has been heard")) == 1
    assert len(told(supervisor, "has come to its cap")) == 1
    assert [(end, sure) for _start, end, _open, _source, sure in recorded()] == [
        (wall("2026-11-11 01:10"), True),
        (wall("2026-11-11 04:00"), False),
    ]


def test_the_chat_tools_counts_are_kept_as_such(night_shift, at, wall):
    with at("2026-11-11 00:55"):
        count(night_shift, 2, ReportSource.API)
    with at("2026-11-11 01:05"):
        count(night_shift, 1, ReportSource.API)
    with at("2026-11-11 01:12"):
        count(night_shift, 0)
    assert recorded() == [
        (wall("2026-11-11 01:00"), wall("2026-11-11 01:05"), 2, "api", True),
        (wall("2026-11-11 01:05"), wall("2026-11-11 01:12"), 1, "api", True),
    ]


class TestASwappedShift:
    def test_the_extension_is_that_of_who_works_it_and_who_answered_is_not_touched(
        self, department, agent, colleague, supervisor, paint, publish, at, wall
    ):
        with at("2026-10-25 12:00"):
            paint((agent, 10, "N"), (colleague, 10, "D"))
            publish()
        with at("2026-11-09 12:00"):
            services.change_published(
                department=department,
                actor=supervisor,
                cause=VersionCause.SWAP,
                answer_cause=AnswerCause.SWAP,
                moves=[services.Move(agent.membership.pk, colleague.membership.pk, TENTH)],
            )
        with at("2026-11-10 17:00"):
            night = services.clock_in(membership=colleague.membership)
        answers = list(Answer.objects.values())
        with at("2026-11-11 00:55"):
            count(night, 1)
        with at("2026-11-11 01:20"):
            services.extend_running_shifts()
        assert {row.attendance.membership for row in segments()} == {colleague.membership}
        assert list(Answer.objects.values()) == answers
        answer = Answer.objects.current().get(key=night.assignment_id)
        assert (answer.membership, answer.ends_at) == (colleague.membership, wall("2026-11-11 01:00"))
        former = Answer.objects.at(wall("2026-11-08 12:00")).get(key=night.assignment_id)
        assert former.membership == agent.membership


class TestTheDutyPerson:
    @pytest.fixture
    def night(self, department, agent, paint, publish, at):
        """The agent's night of the 10th, as duty person."""
        with_duties(department)
        with at("2026-10-25 12:00"):
            paint((agent, 10, "N"))
            publish()
        with at("2026-11-09 12:00"):
            duties.make_due_turns()
        with at("2026-11-10 17:00"):
            return services.clock_in(membership=agent.membership)

    def test_there_is_no_cap_and_those_who_watch_are_told_once_when_it_would_have_come(
        self, night, supervisor, at, wall, every_ten_minutes
    ):
        with at("2026-11-11 00:55"):
            count(night, 1)
            every_ten_minutes(night, 1, 36)
            count(night, 0)
        assert segments().last().ends_at == wall("2026-11-11 06:55")
        assert len(told(supervisor, "is the duty person")) == 1
        assert not told(supervisor, "has come to its cap")

    def test_silence_is_asked_about_and_ends_nothing(self, night, supervisor, at, wall):
        with at("2026-11-11 00:55"):
            count(night, 1)
        with at("2026-11-11 08:00"):
            services.extend_running_shifts()
        assert [(end, sure) for _start, end, _open, _source, sure in recorded()] == [
            (wall("2026-11-11 01:10"), True),
            (wall("2026-11-11 08:00"), False),
        ]

    def test_passing_the_duty_on_shortens_nothing_that_was_recorded(self, night, at, wall, every_ten_minutes):
        with at("2026-11-11 00:55"):
            count(night, 1)
            every_ten_minutes(night, 1, 24)
            DutyTurn.objects.all().delete()
            every_ten_minutes(night, 1, 3)
        assert segments().last().ends_at == wall("2026-11-11 04:55")

    def test_the_desk_page_says_so(self, night, department, agent, client_of, at):
        with at("2026-11-11 00:55"):
            count(night, 1)
        with at("2026-11-11 05:00"):
            services.extend_running_shifts()
            now = now_of(Attendance.objects.get())
            assert (now.is_duty_person, now.is_capped, now.cap_at) == (True, False, "")
            page = client_of(agent).get(f"/d/{department.code}/").content.decode()
        assert "you are the duty person and stay until the last one" in page
        assert "04:00" not in page

    def test_they_do_not_leave_before_the_last_customer_and_the_gate_says_so(self, night, agent, at):
        with at("2026-11-11 01:30"):
            count(night, 1)
            night.refresh_from_db()
            hint = next(check.hint for check in gate_of(night).checks if check.key == "customers")
            assert hint == "You are the duty person: stay until the last one."
            with pytest.raises(ValidationError) as refusal:
                end_shift(attendance=night, actor=agent, confirmed=True)
            assert refusal.value.code == "customers_open"
            count(night, 0)
            assert not end_shift(attendance=night, actor=agent, confirmed=True).is_on_duty

    def test_who_may_take_over_ends_their_shift_all_the_same(self, night, supervisor, at):
        with at("2026-11-11 01:30"):
            count(night, 1)
            assert not end_shift(attendance=night, actor=supervisor, confirmed=True, reason="替班").is_on_duty

    def test_on_another_day_they_are_capped_like_everybody(self, night, at):
        DutyTurn.objects.update(business_date=TENTH + timedelta(days=1))
        assert running_on.cap_of(night) == timedelta(minutes=180)


def test_a_shift_that_does_not_run_on_has_no_cap_to_speak_of(agent, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"))
        publish()
    with at("2026-11-10 08:00"):
        assert running_on.cap_of(services.clock_in(membership=agent.membership)) == timedelta()


class TestNewArrivals:
    @pytest.mark.parametrize(("moment", "said"), [("2026-11-11 00:50", False), ("2026-11-11 01:05", True)])
    def test_where_they_are_suspended_the_agent_is_told_after_the_planned_end(
        self, department, agent, paint, publish, client_of, at, moment, said
    ):
        with_duties(department, (b"silent_after_minutes: 15}", b"silent_after_minutes: 15, new_arrivals: suspended}"))
        with at("2026-10-25 12:00"):
            paint((agent, 10, "N"))
            publish()
        with at("2026-11-10 17:00"):
            services.clock_in(membership=agent.membership)
        with at(moment):
            page = client_of(agent).get(f"/d/{department.code}/").content.decode()
        assert ("No new customers any more" in page) == said

    def test_else_nothing_is_said(self, night_shift, department, agent, client_of, at):
        with at("2026-11-11 01:05"):
            page = client_of(agent).get(f"/d/{department.code}/").content.decode()
        assert "No new customers" not in page


class TestTheRestBeforeTheNextShift:
    """The three-shift desk asks for eleven hours between two shifts."""

    @pytest.fixture
    def two_shifts(self, agent, paint, publish, at):
        """The night of the 10th to 01:00, and a shift of the 11th at 12:30: eleven and a half hours between."""
        source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
        source = source.replace(b'spans: ["09:00-18:00"]', b'spans: ["12:30-18:00"]')
        import_rulebook(department=agent.membership.department, source=source, from_day=date(2026, 11, 1), actor=None)
        with at("2026-10-25 12:00"):
            paint((agent, 10, "N"), (agent, 11, "R"))
            publish()
        with at("2026-11-10 17:00"):
            return services.clock_in(membership=agent.membership)

    def test_those_who_watch_are_told_at_once_and_once_with_the_way_to_stand_ins(
        self, two_shifts, department, agent, supervisor, colleague, at, every_ten_minutes
    ):
        with at("2026-11-11 00:55"):
            count(two_shifts, 1)
            every_ten_minutes(two_shifts, 1, 3)
            assert not told(supervisor, "hours of rest"), "at 01:25 eleven hours are left"
            every_ten_minutes(two_shifts, 1, 1)
            notice = told(supervisor, "hours of rest")[0]
            every_ten_minutes(two_shifts, 1, 4)
        assert len(told(supervisor, "hours of rest")) == 1
        assert "林晓彤" in notice.text
        assert "2026-11-11 at 12:30" in notice.text
        assert "less than 11 hours" in notice.text
        assert notice.link == f"/d/{department.code}/cover/2026-11-11/R/?instead_of={agent.membership.pk}"
        assert not Notice.objects.filter(recipient=colleague, message=running_on.RESTS_TOO_LITTLE).exists()

    def test_downtime_is_caught_up(self, two_shifts, supervisor, at):
        with at("2026-11-11 00:55"):
            count(two_shifts, 1)
        with at("2026-11-11 09:00"):
            services.extend_running_shifts()
            services.extend_running_shifts()
        assert len(told(supervisor, "hours of rest")) == 1

    def test_a_shift_that_ends_in_time_warns_nobody(self, two_shifts, supervisor, agent, at):
        with at("2026-11-11 00:55"):
            count(two_shifts, 1)
        with at("2026-11-11 01:10"):
            count(two_shifts, 0)
        with at("2026-11-11 02:30"):
            services.clock_out(attendance=two_shifts, actor=agent)
        assert not told(supervisor, "hours of rest")

    def test_the_next_shift_may_be_in_another_department(self, night_shift, agent, supervisor, at, wall):
        there = make_department("annex")
        source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
        import_rulebook(department=there, source=source, from_day=date(2026, 1, 1), actor=None)
        watcher = add_person(there, name="郑一", roles=[Role.SUPERVISOR], rostered=False)
        member = add_member(
            actor=None, department=there, user=agent, work_number="07", from_day=date(2026, 1, 1), rostered=True
        )
        with at("2026-11-09 12:00"):
            november = Month(2026, 11)
            edit = services.CellEdit(member.pk, date(2026, 11, 11), "D", 0)
            services.paint(department=there, month=november, edits=[edit], actor=watcher)
            services.publish(department=there, month=november, seen_edits=1, actor=watcher, reason="试排")
        with at("2026-11-11 00:55"):
            count(night_shift, 1)
        with at("2026-11-11 01:05"):
            services.extend_running_shifts()
        assert told(watcher, "hours of rest")[0].link.startswith("/d/annex/cover/2026-11-11/D/")
        here = told(supervisor, "in another department")
        assert [notice.link for notice in here] == [f"/d/{agent.membership.department.code}/"]

    def test_a_rulebook_without_such_a_limit_warns_nobody(self, agent, supervisor, paint, publish, at):
        source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
        source = source.replace(b"  rest_between_shifts: {hours: 11, breach: warn}\n", b"")
        import_rulebook(department=agent.membership.department, source=source, from_day=date(2026, 11, 1), actor=None)
        with at("2026-10-25 12:00"):
            paint((agent, 10, "N"), (agent, 11, "R"))
            publish()
        with at("2026-11-10 17:00"):
            night = services.clock_in(membership=agent.membership)
        with at("2026-11-11 00:55"):
            count(night, 1)
        with at("2026-11-11 01:05"):
            services.extend_running_shifts()
        assert not told(supervisor, "of rest")

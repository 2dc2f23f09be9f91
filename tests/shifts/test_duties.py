"""Duties: made in turn from what is published, passed on, done, or proposed as missed."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from ledger.models import Incident
from office import clock
from office.models import AuditEntry, Notice
from office.months import Month
from people.models import Role
from shifts import services as shifts
from shifts.models import DutyTurn, Leave, LeaveState, Roster, VersionCause
from shifts.services import duties
from tests.factories import add_person
from tests.shifts.duty_rules import with_duties

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


def on(number):
    return date(2026, 11, number)


def refused(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def told(person) -> list[str]:
    return [notice.message for notice in Notice.objects.filter(recipient=person).order_by("pk")]


@pytest.fixture
def rules(department):
    return with_duties(department)


@pytest.fixture
def crew(rules, agent, colleague, leader, paint, publish, at):
    """Three on the day shift of the 10th to the 12th, of whom one has the night of the 13th; all published."""
    with at("2026-10-25 12:00"):
        paint(*[(person, number, "D") for person in (agent, colleague, leader) for number in (10, 11, 12)])
        paint((agent, 13, "N"), (colleague, 13, "X"))
        publish()
    return agent, colleague, leader


@pytest.fixture
def turns(department, crew, supervisor, at):
    with at("2026-11-09 12:00"):
        duties.make_turns(department=department, month=NOVEMBER, actor=supervisor)
    return DutyTurn.objects.filter(duty="sweeping")


@pytest.fixture
def change(department, supervisor):
    """`change({(agent, 10): "X"})`: a change of what is published, with what follows from it for the duties."""

    def do(cells):
        keys = {(person.membership.pk, on(number)): code for (person, number), code in cells.items()}
        shifts.change_published(
            department=department, actor=supervisor, cause=VersionCause.PUBLISHED, cells=keys, tell=False
        )
        duties.repair_turns(department, {day for _member, day in keys})

    return do


def holders():
    rows = DutyTurn.objects.filter(duty="sweeping").order_by("business_date", "place")
    return [(row.business_date.day, row.membership.work_number) for row in rows]


class TestMaking:
    def test_who_works_on_the_dutys_shifts_takes_it_in_turn(self, turns):
        assert holders() == [(10, "01"), (11, "02"), (12, "07")]
        night = DutyTurn.objects.get(duty="last-one")
        assert (night.business_date, night.membership.work_number) == (on(13), "07")

    def test_everybody_is_told_their_days_once(self, turns, agent):
        notice = Notice.objects.filter(recipient=agent, message__startswith="Your turns of").order_by("pk")
        assert [row.params["days"] for row in notice] == ["11-13", "11-12"]
        assert notice[0].text == "Your turns of Duty person: 11-13."

    def test_a_second_time_changes_nothing(self, department, turns, at):
        before = list(DutyTurn.objects.values())
        told_before = Notice.objects.count()
        with at("2026-11-09 18:00"):
            assert duties.make_turns(department=department, month=NOVEMBER) == []
        assert list(DutyTurn.objects.values()) == before
        assert Notice.objects.count() == told_before

    def test_past_days_get_no_turns_and_keep_theirs(self, department, crew, at):
        with at("2026-11-11 20:00"):
            duties.make_turns(department=department, month=NOVEMBER)
        assert holders() == [(12, "01")]

    def test_the_next_month_goes_on_where_this_one_ended(self, department, turns, crew, paint, publish, at):
        december = Month(2026, 12)
        with at("2026-11-20 12:00"):
            paint(*[(person, 1, "D") for person in crew], month=december)
            publish(december)
            duties.make_turns(department=department, month=december)
        assert holders()[-1] == (1, "01"), "who had it longest ago"

    @pytest.mark.parametrize(
        ("month", "code"), [(Month(2026, 12), "not_published"), (Month(2026, 10), "past")], ids=["draft", "past"]
    )
    def test_only_a_published_month_that_is_not_over(self, department, crew, at, month, code):
        with at("2026-11-09 12:00"):
            assert refused(duties.make_turns, department=department, month=month) == code

    def test_a_locked_month_is_left_alone(self, department, crew, supervisor, at):
        with at("2026-11-09 12:00"):
            Roster.objects.update(locked_at=clock.now(), locked_by=supervisor)
            assert refused(duties.make_turns, department=department, month=NOVEMBER) == "locked"
            assert duties.make_due_turns() == 0

    def test_a_rulebook_without_duties_has_none(self, department, agent, paint, publish, at):
        with at("2026-10-25 12:00"):
            paint((agent, 10, "D"))
            publish()
        with at("2026-11-09 12:00"):
            assert refused(duties.make_turns, department=department, month=NOVEMBER) == "no_duties"
            assert duties.make_due_turns() == 0

    def test_the_beat_makes_this_and_the_next_month_wherever_they_are_published(self, crew, paint, publish, at):
        with at("2026-11-09 12:00"):
            paint((crew[0], 1, "D"), month=Month(2026, 12))
            assert duties.make_due_turns() == 4
            publish(Month(2026, 12))
            assert duties.make_due_turns() == 1
            assert duties.make_due_turns() == 0

    def test_two_people_a_day_where_the_rulebook_says_so(self, department, crew, at):
        with_duties(department, (b"en: Sweeping}, shifts: [D, R]}", b"en: Sweeping}, shifts: [D, R], people: 2}"))
        with at("2026-11-09 12:00"):
            duties.make_turns(department=department, month=NOVEMBER)
        assert holders() == [(10, "01"), (10, "02"), (11, "07"), (11, "01"), (12, "02"), (12, "07")]


class TestRepairing:
    def test_a_turn_of_somebody_who_is_not_there_any_more_goes_to_the_next_and_both_know(self, turns, change, crew, at):
        agent, _colleague, leader = crew
        with at("2026-11-09 13:00"):
            change({(leader, 10): "X"})
        # Not the colleague, who has it on the day after.
        assert holders() == [(10, "07"), (11, "02"), (12, "07")]
        assert told(leader)[-1].startswith("%(duty)s of %(day)s is no longer yours")
        assert told(agent)[-1].startswith("%(duty)s of %(day)s is yours now")
        assert AuditEntry.objects.filter(action="shifts.duty.passed_on").count() == 1

    def test_where_nobody_is_left_the_turn_is_dropped(self, turns, change, crew, at):
        with at("2026-11-09 13:00"):
            change({(person, 10): "X" for person in crew})
        assert holders() == [(11, "02"), (12, "07")]

    def test_a_change_of_somebody_else_moves_nothing(self, turns, change, crew, at):
        before = holders()
        with at("2026-11-09 13:00"):
            change({(crew[0], 10): "X"})
        assert holders() == before

    def test_what_is_done_stays(self, turns, change, crew, leader, at):
        with at("2026-11-10 07:55"):
            duties.done(turn=turns.get(business_date=on(10)), actor=leader)
            change({(leader, 10): "X"})
        assert holders()[0] == (10, "01")

    def test_an_offer_to_somebody_who_is_not_there_any_more_ends(self, turns, change, crew, leader, colleague, at):
        turn = turns.get(business_date=on(10))
        with at("2026-11-09 13:00"):
            duties.offer(turn=turn, to=colleague.membership, actor=leader)
            change({(colleague, 10): "X"})
        turn.refresh_from_db()
        assert (turn.membership, turn.offered_to) == (leader.membership, None)


class TestPassingOn:
    @pytest.fixture
    def turn(self, turns):
        """The leader's turn of the 10th."""
        return turns.get(business_date=on(10))

    @pytest.fixture(autouse=True)
    def before(self, turns, at):
        with at("2026-11-09 13:00"):
            yield

    def test_it_stays_the_holders_until_it_is_accepted(self, turn, agent, leader):
        duties.offer(turn=turn, to=agent.membership, actor=leader)
        turn.refresh_from_db()
        assert (turn.membership, turn.offered_to) == (leader.membership, agent.membership)
        assert Notice.objects.filter(recipient=agent).latest("pk").text == (
            "陈思雨 asks you to take over Sweeping on 2026-11-10."
        )
        duties.accept(turn=turn, actor=agent)
        turn.refresh_from_db()
        assert (turn.membership, turn.offered_to) == (agent.membership, None)
        assert "has taken over" in told(leader)[-1]

    def test_declining_leaves_it_where_it_is(self, turn, agent, leader):
        duties.offer(turn=turn, to=agent.membership, actor=leader)
        duties.decline(turn=turn, actor=agent)
        turn.refresh_from_db()
        assert (turn.membership, turn.offered_to) == (leader.membership, None)
        assert "does not take over" in told(leader)[-1]
        assert refused(duties.accept, turn=turn, actor=agent) == "not_offered"

    def test_a_later_offer_replaces_the_first(self, turn, agent, colleague, leader):
        duties.offer(turn=turn, to=agent.membership, actor=leader)
        duties.offer(turn=turn, to=colleague.membership, actor=leader)
        assert "no longer asks" in told(agent)[-1]
        assert refused(duties.accept, turn=turn, actor=agent) == "not_offered"

    def test_only_its_holder_offers_it(self, turn, agent, colleague, supervisor):
        assert refused(duties.offer, turn=turn, to=colleague.membership, actor=agent) == "not_yours"
        assert refused(duties.offer, turn=turn, to=colleague.membership, actor=supervisor) == "not_yours"

    def test_only_to_somebody_of_its_shifts_on_that_day(self, turn, leader, supervisor, department):
        other = add_person(department, name="何佳", roles=[Role.AGENT])
        for person in (other, supervisor):
            assert refused(duties.offer, turn=turn, to=person.membership, actor=leader) == "unfit"

    def test_nobody_has_it_twice_on_a_day(self, turn, leader):
        assert refused(duties.offer, turn=turn, to=leader.membership, actor=leader) == "has_it"

    def test_the_supervisor_gives_it_to_somebody_else_and_both_are_told(self, turn, agent, leader, supervisor):
        duties.reassign(turn=turn, to=agent.membership, actor=supervisor)
        turn.refresh_from_db()
        assert turn.membership == agent.membership
        assert "has decided it" in told(leader)[-1]
        assert "has decided it" in told(agent)[-1]
        assert refused(duties.reassign, turn=turn, to=leader.membership, actor=agent) == "not_allowed"

    def test_not_when_its_shift_is_over_or_it_is_done(self, turn, agent, leader, at):
        with at("2026-11-10 17:00"):
            assert refused(duties.offer, turn=turn, to=agent.membership, actor=leader) == "over"
        with at("2026-11-10 16:00"):
            duties.done(turn=turn, actor=leader)
            assert refused(duties.offer, turn=turn, to=agent.membership, actor=leader) == "already_done"

    def test_who_has_left_the_day_meanwhile_cannot_accept(self, turn, agent, leader, department, supervisor):
        duties.offer(turn=turn, to=agent.membership, actor=leader)
        key = (agent.membership.pk, on(10))
        shifts.change_published(
            department=department, actor=supervisor, cause=VersionCause.LEAVE, cells={key: "X"}, tell=False
        )
        assert refused(duties.accept, turn=turn, actor=agent) in ("unfit", "not_offered")


class TestDone:
    @pytest.fixture
    def turn(self, turns):
        return turns.get(business_date=on(10))

    @pytest.mark.parametrize("moment", ["2026-11-10 00:10", "2026-11-10 16:50", "2026-11-11 04:59"])
    def test_its_holder_says_so_until_half_a_day_after_the_shift(self, turn, leader, at, moment):
        with at(moment):
            ended = duties.done(turn=turn, actor=leader)
            assert (ended.done_at, ended.done_by) == (clock.now(), leader)

    @pytest.mark.parametrize(("moment", "code"), [("2026-11-09 23:00", "too_early"), ("2026-11-11 05:01", "too_late")])
    def test_neither_before_its_date_nor_much_later(self, turn, leader, at, moment, code):
        with at(moment):
            assert refused(duties.done, turn=turn, actor=leader) == code

    def test_nobody_else_says_it_and_nobody_twice(self, turn, leader, agent, supervisor, at):
        with at("2026-11-10 16:50"):
            for person in (agent, supervisor):
                assert refused(duties.done, turn=turn, actor=person) == "not_yours"
            duties.done(turn=turn, actor=leader)
            assert refused(duties.done, turn=turn, actor=leader) == "already_done"

    def test_a_duty_that_nobody_confirms_is_not_asked_for(self, turns, agent, at):
        turn = DutyTurn.objects.get(duty="last-one")
        with at("2026-11-13 20:00"):
            assert refused(duties.done, turn=turn, actor=agent) == "not_asked"


class TestMissed:
    def look(self, department, since, until, wall):
        return duties.propose_missed(department, wall(since), wall(until))

    def test_what_was_not_confirmed_is_proposed_once_whatever_is_run_again(self, department, turns, leader, at, wall):
        with at("2026-11-11 06:00"):
            for _again in range(2):
                assert self.look(department, "2026-11-10 04:00", "2026-11-11 06:00", wall) == 1
        incident = Incident.objects.get()
        assert (incident.membership, incident.clause_code) == (leader.membership, "sweeping-missed")
        assert (incident.occurred_at, incident.business_date) == (wall("2026-11-10 17:00"), on(10))
        assert incident.source_id == turns.get(business_date=on(10)).pk
        assert incident.reported_by is None

    def test_not_before_the_time_to_say_so_is_over(self, department, turns, at, wall):
        with at("2026-11-11 04:00"):
            assert self.look(department, "2026-11-10 04:00", "2026-11-11 04:00", wall) == 0

    def test_three_days_of_downtime_are_caught_up(self, department, turns, at, wall):
        with at("2026-11-14 12:00"):
            assert self.look(department, "2026-11-10 04:00", "2026-11-14 12:00", wall) == 3
        assert Incident.objects.count() == 3

    def test_what_was_done_or_need_not_be_said_is_not_missed(self, department, turns, leader, at, wall):
        with at("2026-11-10 16:00"):
            duties.done(turn=turns.get(business_date=on(10)), actor=leader)
        with at("2026-11-14 18:00"):
            assert self.look(department, "2026-11-10 04:00", "2026-11-11 06:00", wall) == 0
            assert self.look(department, "2026-11-13 12:00", "2026-11-14 18:00", wall) == 0

    def test_whoever_was_on_approved_leave_missed_nothing(self, department, turns, leader, rules, supervisor, at, wall):
        day = on(10)
        slip = {"kind": "PL", "rulebook_version": rules, "reason": "发烧", "asked_by": leader}
        Leave.objects.create(
            membership=leader.membership,
            first_day=day,
            last_day=day,
            state=LeaveState.APPROVED,
            decided_at=wall("2026-11-11 05:00"),
            decided_by=supervisor,
            **slip,
        )
        with at("2026-11-11 06:00"):
            assert self.look(department, "2026-11-10 04:00", "2026-11-11 06:00", wall) == 0

    def test_without_a_clause_nothing_is_proposed(self, department, turns, at, wall):
        with_duties(department, (b"    trigger: duty_missed\n", b""))
        with at("2026-11-11 06:00"):
            assert self.look(department, "2026-11-10 04:00", "2026-11-11 06:00", wall) == 0
        assert not Incident.objects.exists()

    def test_a_night_that_began_on_somebodys_last_day_belongs_to_that_day(self, department, crew, agent, at, wall):
        with_duties(department, (b"    confirmed: false\n", b""))
        with at("2026-11-09 12:00"):
            duties.make_turns(department=department, month=NOVEMBER)
        member = agent.membership
        member.until_day = on(13)
        member.save(update_fields=["until_day"])
        with at("2026-11-14 14:00"):
            assert self.look(department, "2026-11-14 12:30", "2026-11-14 14:00", wall) == 1
        assert Incident.objects.get().business_date == on(13)

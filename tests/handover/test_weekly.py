"""The weekly summary: counted, handed in once, asked for before it is due, missed once."""

import unicodedata
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from handover.models import WeeklySummary
from handover.services.weekly import hand_in_summary, save_summary, watch_weeklies
from handover.weekly import characters, missing
from ledger.models import Incident
from ledger.services import incidents
from office import clock
from office.models import Notice
from people.models import Membership
from shifts.models import Assignment, Layer, Leave, LeaveState
from tests.factories import add_person

# Due on Saturdays at five, at least 200 characters, under the rulebook of the desk.
SATURDAY = date(2026, 11, 14)
LONG = "这一周我接待了很多顾客，" * 20


@pytest.fixture
def thursday(department):
    with clock.at(datetime(2026, 11, 12, 12, 0, tzinfo=department.zone)) as moment:
        yield moment


def code_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def missed(person):
    return Incident.objects.filter(membership=person.membership, source_kind="summary").order_by("occurred_at")


class TestCounting:
    @pytest.mark.parametrize(
        ("text", "count"),
        [("", 0), (" \n\t\r\n　", 0), ("退款", 2), ("a b\nc", 3), ("好。\u200b\u200b\ufeff", 2), ("👍 ok", 3)],
    )
    def test_only_what_can_be_seen_counts(self, text, count):
        assert characters(text) == count

    @given(st.text())
    def test_it_agrees_with_a_slow_count(self, text):
        slow = 0
        for sign in text:
            kind = unicodedata.category(sign)
            if kind[0] == "Z" or kind in ("Cc", "Cf"):
                continue
            slow += 1
        assert characters(text) == slow

    @given(st.text(), st.sampled_from([" ", "\n", "\r\n", "\t", "　", "\xa0"]), st.integers(1, 50))
    def test_white_space_never_helps(self, text, space, times):
        assert characters(text + space * times) == characters(text)
        assert missing(space.join(text), 100) == missing(text, 100)

    @given(st.text(), st.integers(0, 300))
    def test_what_is_missing_and_what_is_there_make_the_whole(self, text, least):
        assert missing(text, least) == max(0, least - characters(text))


@pytest.mark.usefixtures("thursday")
class TestWriting:
    def test_a_draft_is_kept_and_what_was_saved_last_stays(self, agent):
        save_summary(membership=agent.membership, day=SATURDAY, text="开头")
        save_summary(membership=agent.membership, day=SATURDAY, text="开头\r\n和后来")
        summary = WeeklySummary.objects.get()
        assert summary.text == "开头\n和后来"
        assert summary.handed_in_at is None

    def test_handed_in_before_the_hour_is_on_time(self, agent, wall):
        summary = hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        assert summary.is_on_time
        assert summary.due_at == wall("2026-11-14 17:00")

    def test_too_short_says_how_many_are_missing(self, agent):
        with pytest.raises(ValidationError) as refusal:
            hand_in_summary(membership=agent.membership, day=SATURDAY, text="好 " * 150)
        assert refusal.value.code == "too_short"
        assert refusal.value.messages == ["50 characters are missing: at least 200, without spaces and line ends."]
        assert not WeeklySummary.objects.handed_in().exists()

    def test_exactly_as_many_as_asked_are_enough(self, agent):
        assert code_of(hand_in_summary, membership=agent.membership, day=SATURDAY, text="好" * 199) == "too_short"
        assert hand_in_summary(membership=agent.membership, day=SATURDAY, text="好" * 200).handed_in_at

    def test_it_is_handed_in_once(self, agent):
        first = hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        again = hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        assert again.handed_in_at == first.handed_in_at
        assert code_of(hand_in_summary, membership=agent.membership, day=SATURDAY, text=LONG + "x") == "handed_in"
        assert code_of(save_summary, membership=agent.membership, day=SATURDAY, text="x") == "handed_in"

    def test_a_late_one_is_taken_and_marked(self, agent, at):
        with at("2026-11-14 17:01"):
            assert not hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG).is_on_time

    def test_at_the_very_moment_it_is_on_time(self, agent, at):
        with at("2026-11-14 17:00"):
            assert hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG).is_on_time

    def test_nothing_is_written_for_a_day_on_which_none_is_due(self, agent):
        for day in (date(2026, 11, 13), date(2026, 11, 28), date(2026, 8, 1)):
            assert code_of(save_summary, membership=agent.membership, day=day, text="x") == "no_such_week"

    def test_who_is_not_scored_is_not_asked(self, supervisor):
        assert code_of(save_summary, membership=supervisor.membership, day=SATURDAY, text="x") == "not_asked"

    def test_a_text_longer_than_the_column_is_refused(self, agent):
        assert code_of(save_summary, membership=agent.membership, day=SATURDAY, text="x" * 10_001) == "too_long"


class TestWatching:
    @pytest.fixture(autouse=True)
    def recently(self, department, agent, at):
        """The agent has been a member for two weeks: two summaries can be missed by the 14th at most."""
        Membership.objects.filter(pk=agent.membership.pk).update(from_day=date(2026, 11, 1))
        agent.membership.refresh_from_db()

    def test_a_missed_one_proposes_its_incident_once(self, agent, at, wall):
        with at("2026-11-14 17:05"):
            assert watch_weeklies() == 1
            assert watch_weeklies() == 0
        incident = missed(agent).get()
        assert incident.occurred_at == wall("2026-11-14 17:00")
        assert incident.reported_by is None

    def test_nothing_is_missed_before_the_hour(self, agent, at):
        with at("2026-11-14 16:59"):
            assert watch_weeklies() == 0

    def test_who_handed_in_on_time_has_missed_nothing(self, agent, at):
        with at("2026-11-13 10:00"):
            hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 0

    def test_late_is_not_on_time_and_the_facts_say_so(self, agent, at):
        with at("2026-11-14 17:30"):
            hand_in_summary(membership=agent.membership, day=SATURDAY, text=LONG)
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 1
        assert missed(agent).get().facts

    def test_a_new_member_owes_nothing_for_the_week_of_joining(self, agent, at):
        Membership.objects.filter(pk=agent.membership.pk).update(from_day=date(2026, 11, 9))
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 0
        with at("2026-11-21 18:00"):
            assert watch_weeklies() == 1

    def test_who_has_left_within_the_week_owes_nothing(self, agent, at):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 11, 13))
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 0

    def test_the_unscored_owe_nothing(self, agent, supervisor, at):
        Membership.objects.filter(pk=agent.membership.pk).update(scored=False)
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 0

    def _leave(self, person, first, last, **more):
        version = person.membership.department.rulebook_versions.first()
        return Leave.objects.create(
            membership=person.membership,
            kind="P",
            rulebook_version=version,
            first_day=first,
            last_day=last,
            reason="回家",
            state=LeaveState.APPROVED,
            asked_by=person,
            decided_at=clock.now(),
            **more,
        )

    def test_who_was_on_leave_the_whole_week_owes_nothing(self, agent, at):
        with at("2026-11-14 18:00"):
            self._leave(agent, date(2026, 11, 8), date(2026, 11, 14))
            assert watch_weeklies() == 0

    def test_one_day_at_work_is_enough_to_owe_it(self, agent, at):
        with at("2026-11-14 18:00"):
            self._leave(agent, date(2026, 11, 8), date(2026, 11, 13))
            assert watch_weeklies() == 1

    def test_a_day_of_rest_beside_leave_is_no_work(self, agent, at):
        with at("2026-11-14 18:00"):
            self._leave(agent, date(2026, 11, 8), date(2026, 11, 13))
            Assignment.objects.create(
                layer=Layer.PUBLISHED, membership=agent.membership, business_date=SATURDAY, code="X", is_rest=True
            )
            assert watch_weeklies() == 0

    def test_it_reminds_once_and_only_who_has_not_handed_in(self, agent, colleague, at):
        with at("2026-11-13 10:00"):
            hand_in_summary(membership=colleague.membership, day=SATURDAY, text=LONG)
        with at("2026-11-13 16:59"):
            watch_weeklies()
            assert not Notice.objects.filter(message__startswith="Your weekly").exists()
        for text in ("2026-11-13 17:00", "2026-11-13 17:05", "2026-11-14 16:00"):
            with at(text):
                watch_weeklies()
        told = Notice.objects.filter(message__startswith="Your weekly")
        assert [notice.recipient for notice in told] == [agent]
        assert told.get().params == {"day": "2026-11-14", "time": "17:00"}

    def test_after_a_stop_of_months_eight_weeks_are_made_up_for(self, agent, at):
        Membership.objects.filter(pk=agent.membership.pk).update(from_day=date(2026, 1, 1))
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 8
            assert watch_weeklies() == 0
        days = [incident.business_date for incident in missed(agent)]
        assert days == [SATURDAY - timedelta(weeks=number) for number in reversed(range(8))]

    def test_under_another_rulebook_another_moment_and_length_hold(self, changed_department):
        sailor = add_person(changed_department, from_day=date(2026, 10, 1))
        tuesday = date(2026, 11, 10)
        due = datetime(2026, 11, 10, 9, 15, tzinfo=changed_department.zone)
        with clock.at(due - timedelta(hours=6)):
            assert code_of(hand_in_summary, membership=sailor.membership, day=tuesday, text="好" * 39) == "too_short"
            watch_weeklies()
            assert Notice.objects.filter(recipient=sailor).count() == 1
            assert hand_in_summary(membership=sailor.membership, day=tuesday, text="好" * 40).due_at == due

    def test_one_that_cannot_be_reported_stops_no_other(self, agent, colleague, at, monkeypatch):
        def refuse(*, membership, **facts):
            if membership == agent.membership:
                raise ValidationError("no", code="no")
            return whole(membership=membership, **facts)

        whole = incidents.report_incident
        monkeypatch.setattr(incidents, "report_incident", refuse)
        Membership.objects.filter(pk=colleague.membership.pk).update(from_day=date(2026, 11, 1))
        with at("2026-11-14 18:00"):
            assert watch_weeklies() == 1

"""What a publication changes for whom, who has seen it, and a month that is locked."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office import clock
from office.models import AuditEntry, Notice
from office.months import Month
from shifts import services
from shifts.models import Answer, Assignment, Correction, Roster, RosterChange, VersionCause
from shifts.pages.publishing import difference_of, waiting_for
from shifts.services import publishing
from tests.factories import add_person

pytestmark = pytest.mark.django_db
MONTH = Month(2026, 11)
OCTOBER = Month(2026, 10)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


def url(name, department, month=MONTH, **kwargs):
    return reverse(f"shifts:{name}", kwargs={"code": department.code, "month": month, **kwargs})


def roster(department, month=MONTH):
    return Roster.objects.filter(department=department, first_day=month.first).first()


def code_of(refused):
    return refused.value.code


@pytest.fixture
def published(agent, colleague, paint, publish):
    """The agent's night of the 12th and the colleague's day of the 13th, published; says the version."""
    paint((agent, 12, "N"), (colleague, 13, "D"))
    return publish()


class TestVersions:
    def test_keep_what_changed_for_each_person(self, published, agent, colleague, paint, publish):
        paint((agent, 12, "R"), seen=1)
        second = publish()
        assert [(row.membership, row.days) for row in second.changes.all()] == [
            (agent.membership, [["2026-11-12", "N", "R"]])
        ]
        assert set(published.changes.values_list("membership", flat=True)) == {
            agent.membership.pk,
            colleague.membership.pk,
        }

    def test_tell_only_those_whose_days_changed(self, published, agent, colleague, paint, publish):
        Notice.objects.all().delete()
        paint((agent, 12, "R"), seen=1)
        publish()
        assert list(Notice.objects.values_list("recipient", flat=True)) == [agent.pk]

    def test_hold_what_is_published_not_what_was_drafted_too_late(self, agent, paint, publish, at):
        paint((agent, 12, "N"), (agent, 20, "D"))
        publish()
        with at("2026-11-11 12:00"):
            paint((agent, 13, "R"), (agent, 25, "R"))
        with at("2026-11-15 12:00"):
            version = publish()
        assert version.content[str(agent.membership.pk)] == {"12": "N", "20": "D", "25": "R"}


class TestDifference:
    def test_says_by_person_what_publishing_would_change(self, department, published, agent, colleague, paint):
        paint((agent, 12, "R"), seen=1)
        found = difference_of(department, MONTH, roster(department))
        assert [person.member for person in found.people] == [agent.membership]
        (day,) = found.people[0].days
        assert (day.day, day.before.letter, day.after.letter) == (date(2026, 11, 12), "n", "r")
        assert found.cells == 1
        assert not found.is_first

    def test_leaves_out_what_comes_too_late(self, department, published, agent, paint, at):
        with at("2026-11-10 12:00"):
            paint((agent, 11, "D"), (agent, 14, "D"))
        with at("2026-11-12 12:00"):
            found = difference_of(department, MONTH, roster(department))
        assert (found.cells, found.too_late) == (1, 1)

    def test_of_a_month_nobody_planned_is_empty(self, department):
        assert difference_of(department, MONTH, None).people == []


class TestAcknowledging:
    def test_marks_it_and_what_came_before(self, published, agent, paint, publish):
        paint((agent, 12, "R"), seen=1)
        newest = publish().changes.get()
        assert publishing.acknowledge(change=newest, actor=agent) == 2
        assert not RosterChange.objects.waiting().filter(membership=agent.membership).exists()
        assert AuditEntry.objects.filter(action="shifts.roster.acknowledged").count() == 1

    def test_an_older_one_leaves_the_newer_one_waiting(self, published, agent, paint, publish):
        paint((agent, 12, "R"), seen=1)
        publish()
        oldest = published.changes.get(membership=agent.membership)
        assert publishing.acknowledge(change=oldest, actor=agent) == 1
        assert [person.change.version.number for person in waiting_for(agent.membership)] == [2]

    def test_twice_changes_nothing(self, published, agent):
        change = published.changes.get(membership=agent.membership)
        publishing.acknowledge(change=change, actor=agent)
        first = RosterChange.objects.get(pk=change.pk).acknowledged_at
        assert publishing.acknowledge(change=change, actor=agent) == 0
        assert RosterChange.objects.get(pk=change.pk).acknowledged_at == first

    def test_is_not_done_for_somebody_else(self, published, agent, supervisor):
        change = published.changes.get(membership=agent.membership)
        with pytest.raises(ValidationError) as refused:
            publishing.acknowledge(change=change, actor=supervisor)
        assert code_of(refused) == "not_yours"

    def test_of_days_that_are_past_is_asked_for_no_more(self, published, agent, at):
        with at("2026-11-20 12:00"):
            assert waiting_for(agent.membership) == []

    def test_in_the_browser(self, department, published, agent, colleague, client_of, stranger):
        change = published.changes.get(membership=agent.membership)
        address = reverse("shifts:roster_acknowledge", kwargs={"code": department.code, "pk": change.pk})
        assert client_of(stranger).post(address).status_code == 404
        assert client_of(colleague).post(address).status_code == 404
        assert client_of(agent).get(address).status_code == 405
        assert client_of(agent).post(address).status_code == 302
        change.refresh_from_db()
        assert change.acknowledged_at is not None


class TestLocking:
    @pytest.fixture
    def october(self, department, agent, supervisor, paint, publish, at):
        with at("2026-09-25 12:00"):
            paint((agent, 12, "N"), month=OCTOBER)
            publish(OCTOBER)
        return OCTOBER

    def lock(self, department, actor, month=OCTOBER):
        return publishing.lock_month(department=department, month=month, actor=actor)

    def test_closes_a_month_that_is_over(self, department, supervisor, october, at, paint, agent):
        with at("2026-11-02 12:00"):
            self.lock(department, supervisor)
            for refused_call in (
                lambda: paint((agent, 30, "D"), month=OCTOBER),
                lambda: services.publish(
                    department=department, month=OCTOBER, seen_edits=roster(department, OCTOBER).edits, actor=supervisor
                ),
                lambda: self.lock(department, supervisor),
            ):
                with pytest.raises(ValidationError) as refused:
                    refused_call()
                assert code_of(refused) == "locked"

    def test_waits_for_the_month_to_be_over(self, department, supervisor, october):
        with pytest.raises(ValidationError) as refused:
            self.lock(department, supervisor)
        assert code_of(refused) == "not_over"

    def test_needs_a_published_month(self, department, supervisor, at):
        with at("2026-11-02 12:00"), pytest.raises(ValidationError) as refused:
            self.lock(department, supervisor)
        assert code_of(refused) == "not_published"

    def test_waits_for_corrections(self, department, supervisor, agent, october, at, wall):
        with at("2026-11-02 12:00"):
            Correction.objects.create(
                assignment=Assignment.objects.published().get(),
                membership=agent.membership,
                came_at=wall("2026-10-12 17:00"),
                left_at=wall("2026-10-13 01:00"),
                reason="forgot",
                asked_by=agent,
            )
            with pytest.raises(ValidationError) as refused:
                self.lock(department, supervisor)
        assert code_of(refused) == "correction_waits"

    def test_is_undone_with_a_reason_that_is_kept(self, department, supervisor, october, at):
        with at("2026-11-02 12:00"):
            self.lock(department, supervisor)
            with pytest.raises(ValidationError) as refused:
                publishing.unlock_month(department=department, month=OCTOBER, actor=supervisor, reason="  ")
            assert code_of(refused) == "no_reason"
            publishing.unlock_month(department=department, month=OCTOBER, actor=supervisor, reason="a slip was late")
        assert not roster(department, OCTOBER).is_locked
        assert AuditEntry.objects.get(action="shifts.roster.unlocked").facts["reason"] == "a slip was late"

    def test_in_the_browser(self, department, supervisor, agent, october, at, client_of):
        with at("2026-11-02 12:00"):
            assert client_of(agent).post(url("roster_lock", department, OCTOBER)).status_code == 403
            client_of(supervisor).post(url("roster_lock", department, OCTOBER))
            assert roster(department, OCTOBER).is_locked
            assert "Unlock" in client_of(supervisor).get(url("roster_versions", department, OCTOBER)).content.decode()
            assert client_of(agent).post(url("roster_unlock", department, OCTOBER)).status_code == 403
            refused = client_of(supervisor).post(url("roster_unlock", department, OCTOBER), {"reason": " "})
            assert refused.status_code == 422
            assert roster(department, OCTOBER).is_locked
            client_of(supervisor).post(url("roster_unlock", department, OCTOBER), {"reason": "late slip"})
            assert not roster(department, OCTOBER).is_locked


class TestPages:
    def test_publishing_shows_the_difference_first(self, department, published, agent, supervisor, paint, client_of):
        paint((agent, 12, "R"), seen=1)
        html = client_of(supervisor).get(url("roster_publish", department)).content.decode()
        assert agent.name in html
        assert "11-12" in html

    def test_what_stands_with_a_warning_needs_a_reason(self, department, agent, supervisor, paint, client_of):
        paint((agent, 12, "N"))
        client, address = client_of(supervisor), url("roster_publish", department)
        seen = roster(department).edits
        answer = client.post(address, {"seen": seen})
        assert answer.status_code == 422
        assert not Assignment.objects.published().exists()
        assert client.post(address, {"seen": seen, "reason": "few people"}).status_code == 302
        assert Assignment.objects.published().count() == 1

    def test_a_draft_that_changed_meanwhile_is_shown_anew(self, department, agent, supervisor, paint, client_of):
        paint((agent, 12, "N"))
        seen = roster(department).edits
        paint((agent, 13, "D"))
        answer = client_of(supervisor).post(url("roster_publish", department), {"seen": seen, "reason": "few"})
        assert answer.status_code == 422
        assert f'value="{roster(department).edits}"' in answer.content.decode()

    @pytest.mark.parametrize("name", ["roster_publish", "roster_lock", "roster_unlock", "roster_discard"])
    def test_are_for_whoever_edits_the_roster(self, department, agent, stranger, client_of, name):
        assert client_of(agent).post(url(name, department)).status_code == 403
        assert client_of(stranger).post(url(name, department)).status_code == 404

    def test_the_board_shows_everybody_to_the_supervisor_and_oneself_to_an_agent(
        self, department, published, agent, colleague, supervisor, client_of
    ):
        address = url("roster_version", department, number=1)
        board = client_of(supervisor).get(address).content.decode()
        assert agent.name in board
        assert colleague.name in board
        own = client_of(agent).get(address).content.decode()
        assert "I have seen it" in own
        assert colleague.name not in own

    def test_a_version_that_is_not_there(self, department, published, supervisor, client_of):
        assert client_of(supervisor).get(url("roster_version", department, number=9)).status_code == 404

    @pytest.mark.parametrize("name", ["roster_publish", "roster_versions", "roster_version"])
    def test_cost_the_same_for_one_and_for_thirty(self, department, supervisor, agent, paint, publish, client_of, name):
        kwargs = {"number": 1} if name == "roster_version" else {}

        def queries():
            client = client_of(supervisor)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url(name, department, **kwargs)).status_code == 200
            return len(asked)

        paint((agent, 12, "N"))
        if name != "roster_publish":
            publish()
        queries()
        one = queries()
        crew = [add_person(department) for _ in range(30)]
        paint(*[(person, day, "D") for person in crew for day in (13, 14)])
        if name == "roster_versions":
            publish()
        assert queries() == one


class TestAnswers:
    def test_begin_and_end_with_what_is_published(self, published, agent, paint, publish):
        first = Answer.objects.current().get(membership=agent.membership)
        paint((agent, 12, "R"), seen=1)
        with clock.at(clock.now()):
            publish()
        first.refresh_from_db()
        assert first.until_at is not None
        assert Answer.objects.current().get(membership=agent.membership).code == "R"
        paint((agent, 12, ""), seen=2)
        publish()
        assert not Answer.objects.current().filter(membership=agent.membership).exists()

    def test_stay_where_nothing_changed(self, published, agent, colleague, paint, publish):
        before = Answer.objects.current().get(membership=colleague.membership)
        paint((agent, 12, "R"), seen=1)
        publish()
        assert Answer.objects.current().get(membership=colleague.membership) == before


class TestChangingWhatIsPublished:
    def change(self, department, actor, **kwargs):
        return services.change_published(department=department, actor=actor, cause=VersionCause.COVER, **kwargs)

    def test_writes_both_layers_and_a_version(self, department, published, agent, supervisor):
        versions = self.change(department, supervisor, cells={(agent.membership.pk, date(2026, 11, 12)): "R"})
        assert versions[MONTH].cause == VersionCause.COVER
        rows = Assignment.objects.filter(membership=agent.membership)
        assert {row.layer: row.code for row in rows} == {"draft": "R", "published": "R"}

    def test_an_unpublished_edit_of_that_cell_stays(self, department, published, agent, supervisor, paint):
        paint((agent, 12, "D"), seen=1)
        self.change(department, supervisor, cells={(agent.membership.pk, date(2026, 11, 12)): "R"})
        rows = Assignment.objects.filter(membership=agent.membership)
        assert {row.layer: row.code for row in rows} == {"draft": "D", "published": "R"}

    def test_a_shift_that_changes_hands_keeps_its_key(self, department, published, agent, colleague, supervisor):
        shift = Assignment.objects.published().get(membership=agent.membership)
        move = services.Move(agent.membership.pk, colleague.membership.pk, date(2026, 11, 12))
        self.change(department, supervisor, moves=[move])
        shift.refresh_from_db()
        assert shift.membership == colleague.membership
        assert {span.user for span in shift.spans.all()} == {colleague}
        assert Answer.objects.current().get(key=shift.pk).membership == colleague.membership
        assert Answer.objects.filter(key=shift.pk).count() == 2

    def test_two_exchange_overlapping_shifts_of_one_day(self, department, agent, colleague, supervisor, paint, publish):
        paint((agent, 12, "D"), (colleague, 12, "R"))
        publish()
        self.change(
            department,
            supervisor,
            moves=[services.Move(agent.membership.pk, colleague.membership.pk, date(2026, 11, 12))],
        )
        found = dict(Assignment.objects.published().values_list("membership", "code"))
        assert found == {agent.membership.pk: "R", colleague.membership.pk: "D"}

    def test_refuses_days_that_are_past_and_months_never_published(self, department, published, agent, supervisor, at):
        key = (agent.membership.pk, date(2026, 11, 12))
        with at("2026-11-13 09:00"), pytest.raises(ValidationError) as refused:
            self.change(department, supervisor, cells={key: "R"})
        assert code_of(refused) == "past"
        with pytest.raises(ValidationError) as refused:
            self.change(department, supervisor, cells={(agent.membership.pk, date(2026, 12, 12)): "R"})
        assert code_of(refused) == "not_published"

    def test_refuses_a_shift_that_has_begun(self, department, night_shift, agent, supervisor, at):
        with at("2026-11-10 18:00"), pytest.raises(ValidationError) as refused:
            self.change(department, supervisor, cells={(agent.membership.pk, date(2026, 11, 10)): "R"})
        assert code_of(refused) == "begun"

"""Somebody leaves, stays after all, moves: what it means for roster, notebooks, dues and what they may read."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk.leaving import correct, leave, left_behind, move
from handover import services as handover
from ledger import services as ledger
from office.models import AuditEntry, Notice
from office.months import Month
from people.models import Role
from people.services import add_member, grant_role
from shifts import services as shifts
from shifts.models import Assignment, Attendance, Layer, Roster
from tests.factories import JOINED

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
DAY = timedelta(days=1)
NOVEMBER = Month(2026, 11)


def seen(department, month=NOVEMBER):
    return Roster.objects.get(department=department, first_day=month.first).edits


@pytest.fixture
def planned(department, supervisor, agent, colleague, at):
    """November: the agent and the colleague work nights on the 10th to 13th; the 14th is only drafted."""

    def edits(people, days, code):
        return [shifts.CellEdit(who.membership.pk, date(2026, 11, day), code, 0) for who in people for day in days]

    with at("2026-10-25 12:00"):
        shifts.paint(
            department=department, month=NOVEMBER, edits=edits((agent, colleague), range(10, 13), "N"), actor=supervisor
        )
        shifts.paint(department=department, month=NOVEMBER, edits=edits((agent,), [13], "X"), actor=supervisor)
        shifts.publish(
            department=department, month=NOVEMBER, seen_edits=seen(department), actor=supervisor, reason="so it is"
        )
        shifts.paint(department=department, month=NOVEMBER, edits=edits((agent,), [14], "D"), actor=supervisor)


@pytest.fixture
def noon(at):
    with at("2026-11-10 12:00"):
        yield


def cells(person, layer=Layer.PUBLISHED):
    rows = Assignment.objects.filter(membership__user=person, layer=layer)
    return sorted((row.business_date.day, row.code) for row in rows)


def code_of(call, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


@pytest.mark.usefixtures("planned", "noon")
class TestLeaving:
    def test_takes_the_shifts_after_the_last_day_out_of_draft_and_plan(self, department, owner, agent, colleague):
        lost = leave(actor=owner, member=agent.membership, last_day=TODAY + DAY)
        assert lost == [date(2026, 11, 12)]
        assert cells(agent) == cells(agent, Layer.DRAFT) == [(10, "N"), (11, "N")]
        assert cells(colleague) == [(10, "N"), (11, "N"), (12, "N")]

    def test_keeps_what_is_published_now_as_a_version(self, department, owner, agent, colleague):
        leave(actor=owner, member=agent.membership, last_day=TODAY + DAY)
        roster = Roster.objects.get(department=department)
        version = roster.versions.first()
        assert (roster.version, version.number, version.changed_cells) == (2, 2, 2)
        assert version.content[str(agent.membership.pk)] == {"10": "N", "11": "N"}
        assert version.content[str(colleague.membership.pk)] == {"10": "N", "11": "N", "12": "N"}

    def test_reaches_into_later_months(self, department, owner, agent, supervisor):
        december = Month(2026, 12)
        edits = [shifts.CellEdit(agent.membership.pk, date(2026, 12, day), "N", 0) for day in (1, 2)]
        shifts.paint(department=department, month=december, edits=edits, actor=supervisor)
        shifts.publish(
            department=department,
            month=december,
            seen_edits=seen(department, december),
            actor=supervisor,
            reason="so it is",
        )
        lost = leave(actor=owner, member=agent.membership, last_day=date(2026, 12, 1))
        assert lost == [date(2026, 12, 2)]
        versions = {roster.month.number: roster.version for roster in Roster.objects.all()}
        assert versions == {11: 1, 12: 2}
        assert (12, "N") in cells(agent) and (2, "N") not in cells(agent)

    def test_an_editor_who_looked_before_looks_again(self, department, owner, agent, supervisor):
        before = seen(department)
        leave(actor=owner, member=agent.membership, last_day=TODAY)
        facts = {"department": department, "month": NOVEMBER, "actor": supervisor}
        assert code_of(shifts.publish, seen_edits=before, **facts) == "stale"
        assert code_of(shifts.publish, seen_edits=seen(department), **facts) == "nothing_to_publish"

    def test_is_one_audited_write_and_told_to_those_who_edit_the_roster(self, owner, agent, supervisor):
        leave(actor=owner, member=agent.membership, last_day=TODAY + DAY)
        entry = AuditEntry.objects.get(action="shifts.roster.released")
        assert ["published", "2026-11-12", "N"] in entry.facts["before"]
        notice = Notice.objects.filter(recipient=supervisor).first()
        assert notice.text == f"{agent.name} leaves. Shifts without them now: 11-12"

    def test_without_shifts_nobody_is_told(self, owner, supervisor, leader):
        before = Notice.objects.filter(recipient=supervisor).count()
        assert leave(actor=owner, member=leader.membership, last_day=TODAY) == []
        assert Notice.objects.filter(recipient=supervisor).count() == before

    def test_what_was_clocked_into_stays_and_stands_before_the_last_day(self, owner, agent, at):
        with at("2026-11-10 16:55"):
            shifts.clock_in(membership=agent.membership)
        assert code_of(leave, actor=owner, member=agent.membership, last_day=TODAY - DAY) == "has_worked"
        leave(actor=owner, member=agent.membership, last_day=TODAY)
        assert cells(agent) == [(10, "N")]

    def test_is_not_before_an_incident_that_may_stand(self, owner, supervisor, manager, agent, wall):
        facts = {"clause_code": "off-task", "occurred_at": wall("2026-11-09 10:00"), "facts": "x"}
        incident = ledger.report_incident(actor=supervisor, membership=agent.membership, **facts)
        early = {"actor": owner, "member": agent.membership, "last_day": date(2026, 11, 8)}
        assert code_of(leave, **early) == "has_incident"
        ledger.dismiss_incident(incident=incident, actor=manager, reason="Not so")
        leave(**early)

    def test_nobody_leaves_the_roster_with_planned_shifts(self, owner, agent):
        facts = {"actor": owner, "member": agent.membership, "name": agent.name, "work_number": "07", "scored": True}
        assert code_of(correct, rostered=False, **facts) == "still_planned"
        shifts.release_shifts(member=agent.membership, last_day=TODAY - DAY, actor=owner)
        assert not correct(rostered=False, **facts).rostered

    def test_taken_back_the_shifts_stay_away(self, owner, agent):
        leave(actor=owner, member=agent.membership, last_day=TODAY)
        leave(actor=owner, member=agent.membership, last_day=None)
        agent.membership.refresh_from_db()
        assert agent.membership.until_day is None
        assert cells(agent) == [(10, "N")]

    def test_shows_what_is_left_behind(self, department, owner, agent, supervisor, manager, wall):
        handover.write_item(author=agent.membership, kind="waiting", to_do="打电话")
        incident = ledger.report_incident(
            actor=supervisor,
            membership=agent.membership,
            clause_code="off-task",
            occurred_at=wall("2026-11-09 10:00"),
            facts="x",
        )
        ledger.confirm_incident(incident=incident, actor=manager)
        behind = left_behind(agent.membership, TODAY)
        assert [row.business_date.day for row in behind.shifts] == [11, 12]
        assert (behind.drafted, len(behind.items), behind.fines, behind.unpaid_fen) == (1, 1, 1, 1000)
        assert not behind.is_nothing

    def test_open_items_wait_for_the_last_day_to_end(self, owner, agent, colleague):
        item = handover.write_item(author=agent.membership, kind="waiting", to_do="打电话")
        leave(actor=owner, member=agent.membership, last_day=TODAY)
        item.refresh_from_db()
        assert (item.owner, item.in_queue) == (agent.membership, False)

    def test_and_go_to_the_queue_at_once_when_it_has(self, owner, agent):
        item = handover.write_item(author=agent.membership, kind="waiting", to_do="打电话")
        leave(actor=owner, member=agent.membership, last_day=TODAY - 5 * DAY)
        item.refresh_from_db()
        assert (item.owner, item.in_queue) == (None, True)


class TestTheLastNight:
    """The shift 17:00–01:00 on the last day, run on to 03:10, is worked, handed over and ended like any other."""

    @pytest.mark.usefixtures("planned")
    def test_is_brought_to_its_end(self, department, owner, agent, client_of, at):
        desk = f"/d/{department.code}/"
        client = client_of(agent)
        with at("2026-11-10 12:00"):
            leave(actor=owner, member=agent.membership, last_day=TODAY)
        with at("2026-11-10 16:55"):
            client.post(f"{desk}clock-in/")
            attendance = Attendance.objects.get(membership=agent.membership)
        with at("2026-11-11 00:50"):
            client.post(f"{desk}open-customers/", {"change": "1"})
        with at("2026-11-11 03:05"):
            assert client.get(desk).status_code == 200
            agent.membership.refresh_from_db()
            item = handover.write_item(author=agent.membership, kind="waiting", to_do="打电话")
            handover.write_issue(author=agent.membership, category="problem", text="x" * 20)
        with at("2026-11-11 03:10"):
            client.post(f"{desk}open-customers/", {"change": "-1"})
            client.post(f"{desk}handover/submit/", {"remark": "", "seen_items": "1"})
            response = client.post(f"{desk}end-shift/", {"attendance": attendance.pk})
            assert response.status_code == 302, response.content.decode()
        attendance.refresh_from_db()
        item.refresh_from_db()
        assert not attendance.is_on_duty
        assert attendance.handover.items.get() == item
        assert item.in_queue
        with at("2026-11-11 03:59"):
            assert client.get(desk).status_code == 200
        with at("2026-11-11 04:01"):
            assert client.get(desk).status_code == 404


@pytest.mark.usefixtures("noon")
class TestMoving:
    @pytest.fixture
    def both_owner(self, owner, other_department):
        grant_role(actor=None, department=other_department, user=owner, role=Role.OWNER, from_day=JOINED)
        return owner

    def facts(self, actor, person, target, **more):
        return {
            "actor": actor,
            "member": person.membership,
            "target": target,
            "last_day": TODAY,
            "work_number": "31",
            "roles": [Role.AGENT, Role.LEADER],
            **more,
        }

    def test_begins_there_the_day_after_it_ends_here(self, both_owner, agent, department, other_department):
        added = move(**self.facts(both_owner, agent, other_department))
        agent.membership.refresh_from_db()
        assert (agent.membership.until_day, added.from_day) == (TODAY, TODAY + DAY)
        assert (added.department, added.work_number, added.rostered) == (other_department, "31", True)
        held = other_department.role_grants.filter(user=agent).values_list("role", "from_day")
        assert set(held) == {("agent", TODAY + DAY), ("leader", TODAY + DAY)}

    def test_is_all_or_nothing(self, both_owner, agent, other_department, stranger):
        assert code_of(move, **self.facts(both_owner, agent, other_department, work_number="07")) == "number_taken"
        agent.membership.refresh_from_db()
        assert agent.membership.until_day is None

    def test_needs_the_right_in_both(self, owner, agent, department, other_department):
        assert code_of(move, **self.facts(owner, agent, other_department)) == "not_yours"
        assert code_of(move, **self.facts(owner, agent, department)) == "same_department"

    def test_by_its_page(self, both_owner, owner, agent, department, other_department, client_of):
        page = f"/d/{department.code}/members/{agent.membership.pk}/move/"
        client = client_of(both_owner)
        assert client.get(page).status_code == 200
        facts = {"target": other_department.pk, "last_day": "2026-11-10", "work_number": "31", "roles": ["agent"]}
        assert client.post(page, {**facts, "target": department.pk}).status_code == 422
        assert client.post(page, {**facts, "last_day": "2025-01-01"}).status_code == 422
        assert client.post(page, facts)["location"] == page.replace("move/", "")
        assert other_department.memberships.filter(user=agent).exists()

    def test_who_manages_one_department_has_nowhere_to_move_to(self, owner, agent, department, client_of):
        page = f"/d/{department.code}/members/{agent.membership.pk}/move/"
        assert client_of(owner).get(page).status_code == 404


@pytest.mark.usefixtures("planned", "noon")
class TestThePages:
    @pytest.fixture
    def page(self, department, agent):
        return f"/d/{department.code}/members/{agent.membership.pk}/"

    def test_the_last_day_is_looked_at_and_then_set(self, page, owner, agent, client_of):
        client = client_of(owner)
        html = client.get(f"{page}leave/").content.decode()
        assert "2 planned shifts are taken away" in html
        looked = client.get(f"{page}leave/?last_day=2026-11-11", headers={"hx-request": "true"})
        assert "1 planned shift is taken away" in looked.content.decode()
        assert client.post(f"{page}leave/", {"last_day": "2026-11-11"})["location"] == page
        agent.membership.refresh_from_db()
        assert agent.membership.until_day == date(2026, 11, 11)
        assert "1 shift is open now" in client.get(page).content.decode()

    @pytest.mark.parametrize("day", ["", "x", "2025-12-31"])
    def test_one_that_cannot_be_is_refused(self, page, owner, client_of, day):
        response = client_of(owner).post(f"{page}leave/", {"last_day": day})
        assert response.status_code == 422
        assert "last_day" in response.context["form"].errors

    def test_it_is_taken_back_while_it_is_not_past(self, page, owner, agent, client_of, at):
        client = client_of(owner)
        client.post(f"{page}leave/", {"last_day": "2026-11-11"})
        assert client.post(f"{page}stay/")["location"] == page
        client.post(f"{page}leave/", {"last_day": "2026-11-11"})
        with at("2026-11-12 12:00"):
            assert client.post(f"{page}stay/").status_code == 422


class TestFormerMembers:
    """Somebody who has left reads what is theirs, and nothing else."""

    @pytest.fixture
    def left(self, department, agent, owner, supervisor, manager, wall, at):
        """The agent, who left on the 10th with a confirmed incident; today is the 20th."""
        with at("2026-11-10 12:00"):
            incident = ledger.report_incident(
                actor=supervisor,
                membership=agent.membership,
                clause_code="off-task",
                occurred_at=wall("2026-11-09 10:00"),
                facts="Watched a film",
            )
            ledger.confirm_incident(incident=incident, actor=manager)
            leave(actor=owner, member=agent.membership, last_day=TODAY)
        agent.incident = incident
        with at("2026-11-20 12:00"):
            yield agent

    def test_the_first_page_names_the_earlier_department(self, department, left, client_of):
        html = client_of(left).get("/").content.decode()
        assert department.name in html
        assert f'href="/d/{department.code}/incidents/"' in html

    def test_own_incidents_and_scorecards_stay_open(self, department, left, client_of):
        client, desk = client_of(left), f"/d/{department.code}/"
        listed = client.get(f"{desk}incidents/")
        assert "Watched a film" in listed.content.decode()
        assert client.get(f"{desk}incidents/{left.incident.pk}/").status_code == 200
        card = client.get(f"{desk}scores/2026-10/")
        assert card["location"] == f"{desk}scores/2026-10/{left.membership.pk}/"
        assert client.get(card["location"]).status_code == 200

    def test_what_they_reported_about_others_is_theirs_no_more(
        self, department, left, owner, supervisor, manager, client_of, at
    ):
        desk = f"/d/{department.code}/"
        assert "Watched a film" in client_of(supervisor).get(f"{desk}incidents/").content.decode()
        leave(actor=owner, member=supervisor.membership, last_day=TODAY)
        assert "Watched a film" not in client_of(supervisor).get(f"{desk}incidents/").content.decode()
        assert client_of(supervisor).get(f"{desk}incidents/{left.incident.pk}/").status_code == 404

    def test_everything_else_is_not_there(self, department, left, colleague, client_of):
        client, desk = client_of(left), f"/d/{department.code}/"
        for end in ("", "handover/", "roster/2026-11/", "fund/", "rulebook/", "issues/", "members/", "incidents/new/"):
            assert client.get(desk + end).status_code == 404, end
        assert client.get(f"{desk}scores/2026-10/{colleague.membership.pk}/").status_code == 404
        assert client.post(f"{desk}scores/2026-10/run/").status_code == 404

    def test_the_menu_names_only_these_and_no_page_that_is_closed(self, department, left, client_of):
        html = client_of(left).get(f"/d/{department.code}/incidents/").content.decode()
        desk = f'href="/d/{department.code}/'
        assert f'{desk}scores/2026-10/"' in html
        for end in ("roster", "handover", "fund", "rulebook", "issues"):
            assert f"{desk}{end}" not in html, end

    def test_a_stranger_still_finds_nothing(self, department, left, stranger, client_of):
        assert client_of(stranger).get(f"/d/{department.code}/incidents/").status_code == 404


class TestTheDepartmentSwitch:
    @pytest.fixture
    def page(self, department, at):
        with at("2026-11-10 12:00"):
            yield f"/d/{department.code}/rulebook/"

    def test_leads_to_the_others_and_to_earlier_ones(self, page, department, other_department, agent, client_of):
        assert other_department.name not in client_of(agent).get(page).content.decode()
        add_member(actor=None, department=other_department, user=agent, work_number="31", from_day=JOINED)
        assert f'href="/d/{other_department.code}/"' in client_of(agent).get(page).content.decode()
        agent.memberships.filter(department=other_department).update(until_day=TODAY - DAY)
        assert f'href="/d/{other_department.code}/incidents/"' in client_of(agent).get(page).content.decode()

    def test_costs_one_query_more_and_only_for_those_who_have_others(
        self, page, other_department, agent, colleague, client_of
    ):
        def queries(person, address):
            client = client_of(person)
            client.get(address)
            with CaptureQueriesContext(connection) as counted:
                client.get(address)
            return len(counted)

        add_member(actor=None, department=other_department, user=agent, work_number="31", from_day=JOINED)
        assert queries(agent, page) == queries(colleague, page) + 1
        assert queries(agent, "/notices/") == queries(colleague, "/notices/")

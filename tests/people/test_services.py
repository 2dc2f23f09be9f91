"""Members, roles and rights: what is written, and what is refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from office.models import AuditEntry
from people.models import Department, Membership, Right, Role, RoleGrant, RoleRight, User
from people.services import add_member, create_department, grant_role, in_each_department, set_rights
from tests.factories import JOINED, add_person, make_department

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)


@pytest.fixture
def person(db):
    return User.objects.create(username="wang", name="王浩然")


def leave(member, day):
    member.until_day = day
    member.save(update_fields=["until_day"])


class TestDepartment:
    def test_begins_without_members_and_is_audited(self, person):
        made = create_department(actor=person, code="desk-2", name="二组", time_zone="Asia/Shanghai")
        assert not made.memberships.exists()
        entry = AuditEntry.objects.get(action="people.department.created")
        assert (entry.actor, entry.department, entry.target_id) == (person, made, made.pk)

    @pytest.mark.parametrize("code", ["", "Desk", "-desk", "de sk", "de/sk", "客服", "de_sk", "desk\n", "x" * 41])
    def test_a_code_that_cannot_stand_in_an_address_is_refused(self, code):
        with pytest.raises(ValidationError) as refusal:
            create_department(actor=None, code=code, name="x", time_zone="Asia/Shanghai")
        assert set(refusal.value.error_dict) == {"code"}

    def test_a_code_is_used_once(self, department):
        with pytest.raises(ValidationError):
            create_department(actor=None, code=department.code, name="x", time_zone="Asia/Shanghai")

    @pytest.mark.parametrize("zone", ["", "Asia/Atlantis", "asia/shanghai", "Etc/GMT-8", "GMT+8", "+08:00", "../zone"])
    def test_a_time_zone_that_not_every_engine_reads_the_same_is_refused(self, zone):
        with pytest.raises(ValidationError) as refusal:
            create_department(actor=None, code="x", name="x", time_zone=zone)
        assert set(refusal.value.error_dict) == {"time_zone"}

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires"])
    def test_the_zone_of_a_city_is_taken(self, zone):
        made = create_department(actor=None, code="x", name="x", time_zone=zone)
        assert made.zone.key == zone


class TestMembership:
    def add(self, department, person, number="31", day=DAY, **kwargs):
        return add_member(actor=None, department=department, user=person, work_number=number, from_day=day, **kwargs)

    def test_begins_on_its_day_without_an_end(self, department, person, supervisor):
        member = self.add(department, person, rostered=False)
        assert (member.from_day, member.until_day, member.rostered, member.scored) == (DAY, None, False, True)
        assert (str(member), member.name) == ("31 王浩然", "王浩然")
        assert AuditEntry.objects.get(action="people.member.added", target_id=member.pk).department == department

    @pytest.mark.parametrize("day", [JOINED - timedelta(days=400), JOINED, DAY])
    def test_nobody_is_a_member_of_a_department_twice_at_once(self, department, agent, day):
        with pytest.raises(ValidationError) as refusal:
            self.add(department, agent, day=day)
        assert refusal.value.code == "already_member"
        assert agent.name in refusal.value.messages[0]
        assert department.memberships.filter(user=agent).count() == 1

    def test_whoever_has_left_may_come_back_from_the_next_day(self, department, agent):
        leave(agent.membership, DAY)
        with pytest.raises(ValidationError):
            self.add(department, agent, day=DAY)
        assert self.add(department, agent, day=DAY + timedelta(days=1)).pk != agent.membership.pk

    def test_an_end_before_the_beginning_is_refused(self, agent):
        member = agent.membership
        member.until_day = member.from_day - timedelta(days=1)
        with pytest.raises(ValidationError):
            member.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            member.save()

    def test_one_day_alone_is_a_membership(self, agent):
        leave(agent.membership, agent.membership.from_day)
        assert agent.membership.holds_on(JOINED)
        assert not agent.membership.holds_on(JOINED + timedelta(days=1))

    def test_a_work_number_is_given_once_in_a_department_also_after_its_owner_left(self, department, agent, person):
        with pytest.raises(ValidationError):
            self.add(department, person, number=agent.membership.work_number)
        leave(agent.membership, JOINED)
        with pytest.raises(ValidationError):
            self.add(department, person, number=agent.membership.work_number)

    def test_and_again_in_another(self, agent, other_department, person):
        assert self.add(other_department, person, number=agent.membership.work_number)

    @pytest.mark.parametrize("number", ["", "x" * 13])
    def test_a_work_number_has_1_to_12_signs(self, department, person, number):
        with pytest.raises(ValidationError):
            self.add(department, person, number=number)

    def test_members_are_found_by_day_and_by_stretch(self, department, agent, colleague):
        leave(agent.membership, DAY)
        after, members = DAY + timedelta(days=1), department.memberships
        assert set(members.on(DAY)) == {agent.membership, colleague.membership}
        assert set(members.on(after)) == {colleague.membership}
        assert not members.on(JOINED - timedelta(days=1)).exists()
        assert agent.membership in members.touching(DAY, after)
        assert agent.membership not in members.touching(after, after)
        assert agent.membership in members.touching(date.min, JOINED)

    def test_on_asks_the_same_as_holds_on(self, department, agent, colleague):
        leave(agent.membership, DAY)
        for day in (JOINED - timedelta(days=1), JOINED, DAY, DAY + timedelta(days=1)):
            held = {member for member in Membership.objects.all() if member.holds_on(day)}
            assert set(Membership.objects.on(day)) == held


class TestRoleGrant:
    def test_is_written_and_audited(self, department, agent, owner):
        grant = grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=DAY)
        assert (grant.from_day, grant.until_day) == (DAY, None)
        entry = AuditEntry.objects.get(action="people.role.granted", target_id=grant.pk)
        assert entry.facts == {"role": "leader", "from_day": "2026-11-10"}

    def test_an_unknown_role_is_refused(self, department, agent):
        with pytest.raises(ValidationError):
            grant_role(actor=None, department=department, user=agent, role="boss", from_day=DAY)
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(department=department, user=agent, role="boss", from_day=DAY)

    def test_the_same_twice_is_refused(self, department, agent):
        with pytest.raises(ValidationError):
            grant_role(actor=None, department=department, user=agent, role=Role.AGENT, from_day=JOINED)


class TestRights:
    @pytest.fixture
    def desk(self, db):
        return make_department("bare")

    def held(self, department, day) -> set[tuple[str, str]]:
        rows = department.role_rights.filter(from_day__lte=day)
        return {(row.right, row.role) for row in rows if row.until_day is None or day <= row.until_day}

    def test_hold_from_their_day_on(self, desk):
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["supervisor", "leader"]}, from_day=DAY)
        assert self.held(desk, DAY - timedelta(days=1)) == set()
        assert self.held(desk, DAY) == {("edit_roster", "supervisor"), ("edit_roster", "leader")}

    def test_what_held_before_is_kept(self, desk):
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["supervisor"]}, from_day=JOINED)
        set_rights(department=desk, rights={Right.SCORE_MONTH: ["manager"]}, from_day=DAY)
        assert self.held(desk, DAY - timedelta(days=1)) == {("edit_roster", "supervisor")}
        assert self.held(desk, DAY) == {("score_month", "manager")}

    def test_a_second_answer_for_the_same_day_takes_the_place_of_the_first(self, desk):
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["supervisor"]}, from_day=JOINED)
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["leader"]}, from_day=DAY)
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["manager"]}, from_day=DAY)
        assert self.held(desk, JOINED) == {("edit_roster", "supervisor")}
        assert self.held(desk, DAY) == {("edit_roster", "manager")}

    def test_an_answer_from_an_earlier_day_takes_the_place_of_what_was_to_come(self, desk):
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["supervisor"]}, from_day=JOINED)
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["leader"]}, from_day=DAY)
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["owner"]}, from_day=DAY - timedelta(days=9))
        assert self.held(desk, DAY - timedelta(days=10)) == {("edit_roster", "supervisor")}
        assert self.held(desk, DAY) == self.held(desk, DAY - timedelta(days=9)) == {("edit_roster", "owner")}

    def test_a_role_named_twice_is_named(self, desk):
        set_rights(department=desk, rights={Right.EDIT_ROSTER: ["leader", "leader"]}, from_day=DAY)
        assert self.held(desk, DAY) == {("edit_roster", "leader")}

    def test_other_departments_are_not_touched(self, desk, department):
        before = self.held(department, DAY)
        set_rights(department=desk, rights={}, from_day=DAY)
        assert self.held(department, DAY) == before != set()

    @pytest.mark.parametrize("row", [{"right": "fly"}, {"role": "boss"}, {"until_day": JOINED}])
    def test_the_database_refuses_what_is_unknown_and_days_out_of_order(self, desk, row):
        fields = {"right": Right.EDIT_ROSTER, "role": Role.LEADER, "from_day": DAY, **row}
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleRight.objects.create(department=desk, **fields)


def test_a_person_has_one_name(person):
    assert (str(person), person.get_full_name(), person.get_short_name()) == ("王浩然",) * 3
    assert str(User(username="only")) == "only"


def test_a_department_sorts_by_name_and_shows_it(department):
    assert str(department) == department.name
    assert list(Department.objects.all()) == [department]


def test_factories_go_through_the_service(department):
    assert AuditEntry.objects.filter(target_id=add_person(department).membership.pk).exists()


def test_what_fails_in_one_department_stops_no_other_and_is_logged(caplog):
    for code in ("quay", "pier", "dock"):
        make_department(code=code)

    def work(department):
        if department.code == "pier":
            raise RuntimeError("broken")
        return 2 if department.code == "quay" else None

    assert in_each_department(work, "The roofs of %s could not be mended.") == 2
    assert [record.message for record in caplog.records] == ["The roofs of pier could not be mended."]

"""Who may do what, where and on which day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from office import clock
from people.models import Department, Membership, Right, Role, RoleGrant, User
from people.permissions import (
    beyond,
    departments_of,
    departments_where,
    has_right,
    holders_of,
    may_found,
    places_of,
    rights_in,
)
from people.services import add_member, grant_role, set_rights
from tests.factories import JOINED, add_person, make_department

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
# Every hour of the day counts: somewhere on earth it is always yesterday or tomorrow.
HOURS = range(24)
# The night shift of the rulebook's department runs to 04:00 at the latest: so long does a last day last.
LATEST = 4


def local(department, hour, day=TODAY):
    return clock.at(datetime(day.year, day.month, day.day, hour, 30, tzinfo=department.zone))


def sees(user, department) -> bool:
    return department in departments_of(user)


@pytest.fixture
def person(db):
    return User.objects.create(username="wang", name="王浩然")


class TestBelonging:
    def test_a_member_and_a_holder_of_a_role_belong_and_a_stranger_does_not(self, department, agent, person, stranger):
        grant_role(actor=None, department=department, user=person, role=Role.OWNER, from_day=TODAY)
        with local(department, 12):
            assert sees(agent, department)
            assert sees(person, department)
            assert not sees(stranger, department)

    @pytest.mark.parametrize("hour", HOURS)
    def test_from_the_first_minute_of_the_first_day_to_the_end_of_the_last_days_night(self, department, person, hour):
        member = add_member(actor=None, department=department, user=person, work_number="31", from_day=TODAY)
        member.until_day = TODAY
        member.save(update_fields=["until_day"])
        for day, belongs in ((YESTERDAY, False), (TODAY, True), (TOMORROW, hour < LATEST)):
            with local(department, hour, day):
                assert sees(person, department) == belongs

    @pytest.mark.parametrize("hour", [0, 5, 9, 12, 17, 23])
    def test_the_same_holds_for_a_role(self, department, person, hour):
        grant = grant_role(actor=None, department=department, user=person, role=Role.FINANCE, from_day=TODAY)
        grant.until_day = TODAY
        grant.save(update_fields=["until_day"])
        for day, belongs in ((YESTERDAY, False), (TODAY, True), (TOMORROW, hour < LATEST)):
            with local(department, hour, day):
                assert sees(person, department) == belongs
                assert has_right(person, department, Right.COLLECT_FINES) == belongs
                assert (department in departments_where(person, Right.COLLECT_FINES)) == belongs
                assert (person in holders_of(department, Right.COLLECT_FINES)) == belongs

    def test_a_department_is_found_once_however_many_roles_one_has(self, department, agent):
        for role in Role.values[1:]:
            grant_role(actor=None, department=department, user=agent, role=role, from_day=TODAY)
        with local(department, 12):
            assert list(departments_of(agent)) == [department]
            assert list(holders_of(department, Right.EDIT_ROSTER)) == [agent]

    def test_the_first_department_comes_first_by_name(self, department, other_department, agent):
        add_member(actor=None, department=other_department, user=agent, work_number="1", from_day=TODAY)
        with local(department, 12):
            assert list(departments_of(agent)) == [department, other_department]


class TestTimeZones:
    ZONES = ("Pacific/Kiritimati", "Asia/Shanghai", "Asia/Kathmandu", "UTC", "America/New_York", "Pacific/Pago_Pago")

    @pytest.fixture
    def everywhere(self, person) -> list[Department]:
        """A department in each zone; the person is a member and finance of each for TODAY and TOMORROW."""
        found = [make_department(f"desk-{number}", time_zone=zone) for number, zone in enumerate(self.ZONES)]
        for department in found:
            set_rights(department=department, rights={Right.COLLECT_FINES: [Role.FINANCE]}, from_day=TODAY)
            add_member(actor=None, department=department, user=person, work_number="1", from_day=TODAY)
            grant_role(actor=None, department=department, user=person, role=Role.FINANCE, from_day=TODAY)
        for model in (Membership, RoleGrant):
            model.objects.filter(user=person).update(until_day=TOMORROW)
        return found

    def test_each_department_has_its_own_today(self, person, everywhere):
        # Each has its own latest hour too.
        for number, department in enumerate(everywhere):
            department.late_minutes = 60 * number
            department.save(update_fields=["late_minutes"])
        start = datetime(2026, 11, 9, 6, 15, tzinfo=UTC)
        seen = set()
        for hours in range(0, 100, 1):
            with clock.at(start + timedelta(hours=hours)):
                expected = {one for one in everywhere if one.today() >= TODAY and one.ending_day() <= TOMORROW}
                assert set(departments_of(person)) == expected
                assert set(departments_where(person, Right.COLLECT_FINES)) == expected
                assert {one for one in everywhere if has_right(person, one, Right.COLLECT_FINES)} == expected
                assert {one for one in places_of(person) if not one.is_former} == expected
            seen.add(len(expected))
        assert seen == set(range(len(self.ZONES) + 1))

    def test_also_when_the_clocks_change(self, person):
        department = make_department("york", time_zone="America/New_York")
        add_member(actor=None, department=department, user=person, work_number="1", from_day=date(2026, 11, 2))
        # Summer time ended on the 1st: midnight is at 05:00 UTC now.
        with clock.at(datetime(2026, 11, 2, 4, 59, tzinfo=UTC)):
            assert not sees(person, department)
        with clock.at(datetime(2026, 11, 2, 5, 0, tzinfo=UTC)):
            assert sees(person, department)


class TestRights:
    def test_come_from_ones_roles_and_what_the_rulebook_gives_them(self, department, agent, supervisor, rulebook):
        with local(department, 12):
            given = {right for right, roles in rulebook.rights.items() if Role.SUPERVISOR in roles}
            assert rights_in(supervisor, department) == given != frozenset()
            assert rights_in(agent, department) == frozenset()

    def test_are_those_of_the_department_alone(self, department, other_department, supervisor):
        with local(department, 12):
            assert rights_in(supervisor, other_department) == frozenset()
            assert list(departments_where(supervisor, Right.EDIT_ROSTER)) == [department]

    def test_another_rulebook_gives_them_to_other_roles(self, changed_department, changed_rulebook):
        leader = add_person(changed_department, roles=[Role.LEADER])
        supervisor = add_person(changed_department, roles=[Role.SUPERVISOR])
        with local(changed_department, 12):
            assert has_right(leader, changed_department, Right.EDIT_ROSTER)
            assert not has_right(supervisor, changed_department, Right.EDIT_ROSTER)

    @pytest.mark.parametrize("hour", [0, 5, 9, 12, 17, 23])
    def test_one_that_begins_tomorrow_or_ended_yesterday_does_not_hold_today(self, department, supervisor, hour):
        set_rights(department=department, rights={Right.EDIT_ROSTER: [Role.LEADER]}, from_day=TOMORROW)
        with local(department, hour):
            assert has_right(supervisor, department, Right.EDIT_ROSTER)
            assert department in departments_where(supervisor, Right.EDIT_ROSTER)
        with local(department, hour, TOMORROW):
            assert not has_right(supervisor, department, Right.EDIT_ROSTER)
            assert department not in departments_where(supervisor, Right.EDIT_ROSTER)
            assert not holders_of(department, Right.EDIT_ROSTER).exists()

    def test_are_found_in_one_query_each(self, department, supervisor, django_assert_num_queries):
        with django_assert_num_queries(4):
            rights_in(supervisor, department)
            list(departments_of(supervisor))
            list(departments_where(supervisor, Right.EDIT_ROSTER))
            list(holders_of(department, Right.EDIT_ROSTER))

    def test_everybody_who_holds_one_is_found(self, department, leader, supervisor, manager, agent, stranger):
        with local(department, 12):
            assert set(holders_of(department, Right.WATCH_SHIFTS)) == {leader, supervisor, manager}


class TestPlaces:
    """Everything that the department switch needs, in one query."""

    def test_are_those_of_today_by_name_and_then_the_earlier_ones(self, department, other_department, agent):
        add_member(actor=None, department=other_department, user=agent, work_number="1", from_day=TODAY)
        agent.memberships.filter(department=department).update(until_day=YESTERDAY)
        agent.role_grants.update(until_day=YESTERDAY)
        with local(department, 12):
            found = list(places_of(agent))
        assert [(one, one.is_former) for one in found] == [(other_department, False), (department, True)]
        assert all(one.has_others for one in found)

    def test_of_somebody_with_one_department_has_no_others(self, department, other_department, agent):
        with local(department, 12):
            (place,) = places_of(agent)
        assert (place, place.is_former, place.has_others, place.may_found) == (department, False, False, False)

    def test_a_department_one_has_not_begun_in_is_none(self, department, person):
        add_member(actor=None, department=department, user=person, work_number="1", from_day=TOMORROW)
        with local(department, 12):
            assert not places_of(person).exists()

    def test_a_role_that_is_over_leaves_none(self, department, person):
        grant = grant_role(actor=None, department=department, user=person, role=Role.OWNER, from_day=YESTERDAY)
        grant.until_day = YESTERDAY
        grant.save(update_fields=["until_day"])
        with local(department, 12):
            assert not places_of(person).exists()

    def test_who_owns_a_department_may_found_another(self, department, owner, manager, person):
        with local(department, 12):
            assert may_found(owner) and places_of(owner)[0].may_found
            assert not may_found(manager) and not places_of(manager)[0].may_found
            assert may_found(User(is_superuser=True, pk=0))


class TestReach:
    """Whose access somebody may reset: of those who may do nothing that the other may not."""

    def test_who_manages_the_members_reaches_everybody_there(self, department, owner, manager, agent, supervisor):
        with local(department, 12):
            assert [beyond(owner, other) for other in (manager, agent, supervisor)] == [[], [], []]

    def test_but_nobody_who_has_rights_elsewhere(self, department, other_department, owner, stranger, agent):
        with local(department, 12):
            assert beyond(owner, stranger) == [other_department]
            grant_role(actor=None, department=other_department, user=agent, role=Role.FINANCE, from_day=TOMORROW)
            assert beyond(owner, agent) == [other_department]

    def test_unless_they_hold_the_same_rights_there(self, department, other_department, owner, agent):
        grant_role(actor=None, department=other_department, user=agent, role=Role.FINANCE, from_day=TODAY)
        grant_role(actor=None, department=other_department, user=owner, role=Role.FINANCE, from_day=TODAY)
        with local(department, 12):
            assert beyond(owner, agent) == []

    def test_what_is_over_does_not_count(self, department, other_department, owner, agent):
        grant = grant_role(actor=None, department=other_department, user=agent, role=Role.FINANCE, from_day=JOINED)
        grant.until_day = YESTERDAY
        grant.save(update_fields=["until_day"])
        with local(department, 12):
            assert beyond(owner, agent) == []

"""What a view asks first, and what it answers to whom."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from people.access import department_or_404, in_department, may, membership_of, require_membership, require_right
from people.models import Right, Role, User
from people.services import add_member, grant_role
from tests.factories import JOINED

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def asking():
    """`asking(user)`: a request of that person."""

    def make(user):
        request = RequestFactory().get("/")
        request.user = user
        return request

    return make


@pytest.fixture(params=["04:10", "09:00", "16:55", "23:50"])
def any_hour(request, at):
    with at(f"2026-11-10 {request.param}"):
        yield


def end(user, day):
    """The person leaves: last day of the membership and of every role."""
    user.memberships.update(until_day=day)
    user.role_grants.update(until_day=day)


class TestTheDepartmentOfAnAddress:
    def test_is_found_and_remembered_with_ones_rights(self, department, supervisor, rulebook, asking):
        request = asking(supervisor)
        assert department_or_404(request, department.code) == department
        assert request.department == department
        assert Right.EDIT_ROSTER in request.rights
        assert may(request, Right.EDIT_ROSTER)
        assert not may(request, Right.COLLECT_FINES)

    @pytest.mark.parametrize("code", ["next-door", "nowhere", "", "DESK", "desk ", "'"])
    def test_any_other_does_not_exist(self, department, other_department, agent, asking, code):
        with pytest.raises(Http404):
            department_or_404(asking(agent), code)

    @pytest.mark.usefixtures("any_hour")
    def test_for_whoever_left_yesterday_it_does_not_exist(self, department, agent, asking):
        end(agent, TODAY)
        assert department_or_404(asking(agent), department.code)
        end(agent, YESTERDAY)
        with pytest.raises(Http404):
            department_or_404(asking(agent), department.code)

    @pytest.mark.usefixtures("any_hour")
    def test_for_whoever_begins_tomorrow_it_does_not_exist_yet(self, department, asking):
        user = User.objects.create(username="new", name="新人")
        add_member(actor=None, department=department, user=user, work_number="31", from_day=TOMORROW)
        grant_role(actor=None, department=department, user=user, role=Role.AGENT, from_day=TOMORROW)
        with pytest.raises(Http404):
            department_or_404(asking(user), department.code)

    def test_a_view_gets_it_in_place_of_its_code(self, department, agent, asking):
        @in_department
        def view(request, department, number, *, word):
            """Says what it got."""
            return department, number, word

        assert view(asking(agent), department.code, 3, word="x") == (department, 3, "x")
        assert view.__doc__ == "Says what it got."


class TestFormerMembers:
    def test_find_the_department_where_a_page_is_open_to_them_and_have_no_right_there(
        self, department, supervisor, asking, at
    ):
        end(supervisor, YESTERDAY)
        request = asking(supervisor)
        with at("2026-11-10 12:00"), pytest.raises(Http404):
            department_or_404(request, department.code)
        with at("2026-11-10 12:00"):
            found = department_or_404(request, department.code, former=True)
        assert (found, found.is_former, request.rights) == (department, True, frozenset())

    def test_a_stranger_is_none(self, department, stranger, asking):
        with pytest.raises(Http404):
            department_or_404(asking(stranger), department.code, former=True)

    def test_who_only_held_a_role_is_none(self, department, asking, at):
        user = User.objects.create(username="boss", name="老板")
        grant_role(actor=None, department=department, user=user, role=Role.OWNER, from_day=JOINED)
        user.role_grants.update(until_day=YESTERDAY)
        with at("2026-11-10 12:00"), pytest.raises(Http404):
            department_or_404(asking(user), department.code, former=True)


class TestRights:
    def test_a_colleague_without_the_right_is_refused(self, department, agent, asking):
        request = asking(agent)
        department_or_404(request, department.code)
        with pytest.raises(PermissionDenied):
            require_right(request, Right.EDIT_ROSTER)

    def test_whoever_holds_it_passes(self, department, supervisor, asking):
        request = asking(supervisor)
        department_or_404(request, department.code)
        require_right(request, Right.EDIT_ROSTER)


class TestMembershipOf:
    def test_is_the_one_of_the_day(self, department, agent):
        first = agent.membership
        end(agent, TODAY)
        second = add_member(actor=None, department=department, user=agent, work_number="55", from_day=TOMORROW)
        found = [membership_of(agent, department, day) for day in (JOINED, TODAY, TOMORROW)]
        assert found == [first, first, second]
        assert membership_of(agent, department, JOINED - timedelta(days=1)) is None

    @pytest.mark.usefixtures("any_hour")
    def test_is_todays_in_the_department_when_no_day_is_given(self, department, agent):
        end(agent, TODAY)
        assert membership_of(agent, department) == agent.membership
        end(agent, YESTERDAY)
        assert membership_of(agent, department) is None

    def test_whoever_comes_back_at_once_first_ends_the_last_night(self, department, agent, at):
        end(agent, YESTERDAY)
        second = add_member(actor=None, department=department, user=agent, work_number="07", from_day=TODAY)
        with at("2026-11-10 02:00"):
            assert membership_of(agent, department) == agent.membership
        with at("2026-11-10 04:01"):
            assert membership_of(agent, department) == second

    def test_of_a_stranger_is_none(self, department, stranger):
        assert membership_of(stranger, department) is None

    def test_brings_its_user_along(self, department, agent, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert membership_of(agent, department, TODAY).name == agent.name

    def test_a_role_alone_is_none_and_is_refused_where_one_is_needed(self, department, agent, asking):
        user = User.objects.create(username="boss", name="老板")
        grant_role(actor=None, department=department, user=user, role=Role.OWNER, from_day=JOINED)
        request = asking(user)
        department_or_404(request, department.code)
        with pytest.raises(PermissionDenied):
            require_membership(request)
        request = asking(agent)
        department_or_404(request, department.code)
        assert require_membership(request) == agent.membership


class TestAtTheDoor:
    """The same through the addresses: the rulebook's page stands for every page of a department."""

    @pytest.fixture
    def page(self, department):
        return f"/d/{department.code}/rulebook/"

    def test_a_member_comes_in(self, page, agent, client_of):
        assert client_of(agent).get(page).status_code == 200

    def test_for_a_stranger_there_is_nothing(self, page, stranger, client_of):
        assert client_of(stranger).get(page).status_code == 404

    def test_an_anonymous_visitor_signs_in_and_comes_back(self, page, client):
        assert client.get(page)["location"] == f"/accounts/login/?next={page}"

    def test_whether_it_exists_or_not_is_not_told_to_the_anonymous(self, client, db):
        assert client.get("/d/nowhere/rulebook/")["location"].startswith("/accounts/login/")

    @pytest.mark.usefixtures("any_hour")
    def test_whoever_left_yesterday_finds_nothing_and_is_told_so_on_the_first_page(self, page, agent, client_of):
        end(agent, YESTERDAY)
        client = client_of(agent)
        assert client.get(page).status_code == 404
        response = client.get("/")
        assert response.status_code == 200
        assert "You belong to no department now" in response.content.decode()

    def test_the_night_shift_of_the_last_day_still_comes_in(self, page, agent, client_of, at):
        end(agent, YESTERDAY)
        with at("2026-11-10 03:59"):
            assert client_of(agent).get(page).status_code == 200
        with at("2026-11-10 04:01"):
            assert client_of(agent).get(page).status_code == 404

    def test_whoever_never_belonged_anywhere_is_told_so(self, db, client_of):
        response = client_of(User.objects.create(username="nobody", name="无门")).get("/")
        assert response.status_code == 200
        assert "You belong to no department yet" in response.content.decode()

    def test_a_member_is_led_to_the_department(self, department, agent, client_of):
        assert client_of(agent).get("/")["location"] == f"/d/{department.code}/"

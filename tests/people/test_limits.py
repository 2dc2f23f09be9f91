"""What must not be possible with names, last days, roles and invitations that are each fine by themselves."""

from datetime import date, timedelta
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.query import QuerySet
from django.test import Client

from office.models import AuditEntry
from office.months import Month
from people.models import Department, Invitation, Membership, Right, Role, RoleGrant, RoleRight, User
from people.pasting import read_lines
from people.permissions import beyond, rights_in
from people.services import (
    accept_invitation,
    add_again,
    add_member,
    add_person,
    check_lines,
    correct_member,
    create_department,
    end_role,
    grant_role,
    invite,
    keepers,
    open_invitation,
    out_of_reach,
    remove_member,
    reset_access,
    set_last_day,
)
from shifts import services as shifts
from tests.factories import JOINED

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
DAY = timedelta(days=1)
PASSWORD = "correct-horse-7"


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00"):
        yield


def with_password(user):
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def refused(wanted, call, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        call(*args, **kwargs)
    codes = [error.code for error in getattr(refusal.value, "error_list", [])]
    codes += [each.code for errors in getattr(refusal.value, "error_dict", {}).values() for each in errors]
    assert wanted in codes, refusal.value
    return " ".join(refusal.value.messages)


def grants_of(user, department):
    return set(department.role_grants.filter(user=user).values_list("role", "from_day", "until_day"))


def new(owner, department, **more):
    facts = {"name": "赵新", "work_number": "31", "from_day": TODAY, "roles": [Role.AGENT], **more}
    return add_person(actor=owner, department=department, **facts)


class TestUserNames:
    def test_that_differ_in_capitals_alone_are_one(self, owner, department, stranger):
        User.objects.filter(pk=stranger.pk).update(username="Boss")
        refused("username_taken", new, owner, department, username="bOSS")
        refused("username_taken", new, owner, department, username="BOSS")
        lines = read_lines("31,赵新,,BOSS", roles={}, default="agent")
        (line,) = check_lines(actor=owner, department=department, lines=lines)
        assert "is taken" in line.mistake
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(username="bosS", name="x")

    def test_are_kept_in_small_letters(self, owner, department):
        assert new(owner, department, username="XiaoZhao").user.username == "xiaozhao"

    def test_given_away_in_this_moment_are_taken(self, owner, department, stranger):
        """The other department's row cannot be seen yet when this one asks."""
        with (
            mock.patch.object(User, "full_clean"),
            mock.patch.object(QuerySet, "exists", return_value=False),
            mock.patch("people.services.members.person_named", return_value=None),
        ):
            refused("username_taken", new, owner, department, username=stranger.username)

    def test_a_code_given_away_in_this_moment_is_taken(self, owner, department):
        with mock.patch.object(Department, "full_clean"):
            facts = {"code": department.code, "name": "x", "time_zone": "Asia/Shanghai"}
            refused("taken", create_department, actor=owner, **facts)

    @pytest.mark.parametrize("name", ["\u202eabc", "a\x7fb", "\u200b"])
    def test_of_signs_that_cannot_be_shown_are_refused_everywhere(self, owner, department, agent, name):
        refused("unshowable", new, owner, department, name=name)
        refused("unshowable", new, owner, department, work_number=name)
        facts = {"actor": owner, "member": agent.membership, "work_number": "07", "rostered": True, "scored": True}
        refused("unshowable", correct_member, name=name, **facts)


class TestRolesOfAMember:
    def test_given_after_the_last_day_was_set_end_with_it(self, owner, department, agent):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY + 9 * DAY)
        facts = {"actor": owner, "department": department, "user": agent, "role": Role.MANAGER}
        refused("not_a_member", grant_role, from_day=TODAY + 10 * DAY, **facts)
        assert grant_role(from_day=TODAY, **facts).until_day == TODAY + 9 * DAY

    def test_are_not_moved_beyond_it(self, owner, department, agent):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY + 9 * DAY)
        grant = department.role_grants.get(user=agent)
        assert end_role(actor=owner, grant=grant, last_day=TODAY + 99 * DAY).until_day == TODAY + 9 * DAY

    def test_are_refused_to_who_has_left_and_not_to_who_never_was_one(self, owner, department, agent):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - DAY)
        facts = {"actor": owner, "department": department, "role": Role.MANAGER, "from_day": TODAY}
        refused("not_a_member", grant_role, user=agent, **facts)
        founder = User.objects.create(username="founder", name="沈")
        assert grant_role(user=founder, **facts).until_day is None

    def test_of_the_next_membership_are_not_those_of_this(self, owner, department, agent):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY + 9 * DAY)
        first = TODAY + 20 * DAY
        add_again(actor=owner, member=agent.membership, work_number="07", from_day=first, roles=["agent", "leader"])
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY + 5 * DAY)
        after = {("agent", JOINED, TODAY + 5 * DAY), ("agent", first, None), ("leader", first, None)}
        assert grants_of(agent, department) == after

    def test_that_were_ended_on_purpose_stay_ended(self, owner, department, agent):
        for role, last_day in ((Role.LEADER, TODAY + 9 * DAY), (Role.MANAGER, TODAY + 20 * DAY)):
            grant = grant_role(actor=owner, department=department, user=agent, role=role, from_day=JOINED)
            end_role(actor=owner, grant=grant, last_day=last_day)
        before = grants_of(agent, department)
        for last_day in (TODAY + 9 * DAY, TODAY + 15 * DAY, TODAY + 30 * DAY, None):
            set_last_day(actor=owner, member=agent.membership, last_day=last_day)
        assert grants_of(agent, department) == before

    def test_that_have_begun_are_ended_and_never_gone(self, owner, department, agent):
        grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=TODAY - 5 * DAY)
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - 9 * DAY)
        assert ("leader", TODAY - 5 * DAY, TODAY - 5 * DAY) in grants_of(agent, department)

    def test_that_begin_today_keep_the_last_day_from_lying_before(self, owner, department, agent):
        grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=TODAY)
        refused("role_begun", set_last_day, actor=owner, member=agent.membership, last_day=TODAY - DAY)


class TestWhoKeepsADepartment:
    def test_is_somebody_who_can_come_in(self, owner, department, agent):
        with_password(owner)
        grant_role(actor=owner, department=department, user=agent, role=Role.OWNER, from_day=JOINED)
        assert agent not in keepers(department, TODAY)
        refused("last_keeper", set_last_day, actor=owner, member=owner.membership, last_day=TODAY)
        invite(actor=owner, department=department, members=[agent.membership])
        assert agent in keepers(department, TODAY)
        assert set_last_day(actor=owner, member=owner.membership, last_day=TODAY)

    def test_is_asked_for_every_rulebook_to_come(self, owner, manager, department):
        with_password(owner), with_password(manager)
        later = TODAY + 30 * DAY
        rights = RoleRight.objects.filter(department=department, right=Right.MANAGE_MEMBERS)
        rights.update(until_day=later - DAY)
        RoleRight.objects.create(department=department, role=Role.MANAGER, right=Right.MANAGE_MEMBERS, from_day=later)
        refused("last_keeper", set_last_day, actor=owner, member=manager.membership, last_day=TODAY)


class TestReach:
    def test_belonging_elsewhere_keeps_the_account_out_of_reach(self, owner, department, other_department, agent):
        add_member(actor=None, department=other_department, user=agent, work_number="33", from_day=JOINED)
        assert beyond(owner, agent) == []
        assert beyond(owner, agent, account=True) == [other_department]
        facts = {"actor": owner, "member": agent.membership}
        # Nothing is theirs to lose before there is a password.
        assert invite(actor=owner, department=department, members=[agent.membership])
        with_password(agent)
        refused("out_of_reach", reset_access, department=department, **facts)
        renamed = {"work_number": "07", "rostered": True, "scored": True}
        refused("out_of_reach", correct_member, name="别人", **renamed, **facts)
        grant_role(actor=None, department=other_department, user=owner, role=Role.OWNER, from_day=JOINED)
        assert reset_access(department=department, **facts)

    def test_only_what_the_actor_may_do_now_counts(self, owner, department, other_department, stranger):
        add_member(actor=None, department=department, user=stranger, work_number="33", from_day=JOINED)
        facts = {"department": other_department, "user": owner, "role": Role.OWNER}
        grant_role(actor=None, from_day=TODAY + DAY, **facts)
        assert beyond(owner, stranger) == [other_department]

    def test_all_without_a_password_are_all_in_reach(
        self, owner, department, other_department, agent, stranger, client_of
    ):
        member = add_member(actor=None, department=department, user=stranger, work_number="33", from_day=JOINED)
        assert out_of_reach(owner, department, [agent.membership, member]) == [member]
        response = client_of(owner).post(f"/d/{department.code}/members/invitations/", {"all": "1"})
        assert response.status_code == 200
        assert "Not invited" in response.content.decode()
        assert not Invitation.objects.filter(user=stranger).exists()
        assert Invitation.objects.filter(user=agent).exists()


class TestACardInADrawer:
    @pytest.fixture
    def card(self, owner, department, agent):
        return invite(actor=owner, department=department, members=[agent.membership])[0].token

    def over(self, token):
        assert open_invitation(token) is None
        refused("used_or_expired", accept_invitation, token=token, password=PASSWORD)
        assert Client().get(f"/welcome/{token}/").status_code == 410

    def test_opens_no_account_that_has_grown(self, card, owner, other_department, agent):
        grant_role(actor=None, department=other_department, user=agent, role=Role.OWNER, from_day=TODAY)
        self.over(card)

    def test_of_somebody_who_manages_no_more_is_over(self, card, owner, department):
        department.role_grants.filter(user=owner).update(until_day=TODAY - 2 * DAY)
        self.over(card)

    def test_of_somebody_locked_is_over(self, card, owner):
        User.objects.filter(pk=owner.pk).update(is_active=False)
        self.over(card)

    def test_for_somebody_who_has_left_is_over(self, card, owner, agent):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - 2 * DAY)
        self.over(card)

    def test_for_somebody_to_come_or_with_a_role_alone_holds(self, owner, department):
        member = new(owner, department, from_day=TODAY + 9 * DAY)
        (made,) = invite(actor=owner, department=department, members=[member])
        assert open_invitation(made.token)

    def test_of_a_superuser_holds_without_a_role(self, department, agent):
        root = User.objects.create(username="root", name="根", is_superuser=True)
        (made,) = invite(actor=root, department=department, members=[agent.membership])
        assert accept_invitation(token=made.token, password=PASSWORD) == agent


class TestAddedByMistake:
    @pytest.fixture
    def member(self, owner, department):
        return new(owner, department, from_day=TODAY + 9 * DAY)

    def test_is_removed_with_roles_and_account(self, owner, department, member):
        user = member.user
        invite(actor=owner, department=department, members=[member])
        remove_member(actor=owner, member=member)
        assert not Membership.objects.filter(pk=member.pk).exists()
        assert not RoleGrant.objects.filter(user=user.pk).exists()
        assert not User.objects.filter(pk=user.pk).exists()
        assert AuditEntry.objects.filter(action="people.member.removed", actor=owner).exists()
        assert new(owner, department).user.username == "desk-31"

    def test_an_account_that_is_anybodys_stays(self, owner, department, agent):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY)
        first = TODAY + 9 * DAY
        added = add_again(actor=owner, member=agent.membership, work_number="07", from_day=first, roles=["agent"])
        remove_member(actor=owner, member=added)
        assert grants_of(agent, department) == {("agent", JOINED, TODAY)}
        assert agent.memberships.count() == 1

    def test_not_who_has_begun_and_not_who_stands_on_the_roster(self, owner, department, supervisor, agent, member):
        refused("has_begun", remove_member, actor=owner, member=agent.membership)
        edits = [shifts.CellEdit(member.pk, member.from_day, "D", 0)]
        shifts.paint(department=department, month=Month(2026, 11), edits=edits, actor=supervisor)
        refused("in_use", remove_member, actor=owner, member=member)
        assert grants_of(member.user, department) == {("agent", member.from_day, None)}

    def test_by_the_button_on_their_page(self, owner, agent, department, member, client_of):
        client, page = client_of(owner), f"/d/{department.code}/members/{member.pk}/"
        assert "Added by mistake" in client.get(page).content.decode()
        assert client.get(f"{page}remove/").status_code == 405
        assert client_of(agent).post(f"{page}remove/").status_code == 403
        assert client.post(f"{page}remove/")["location"] == f"/d/{department.code}/members/"
        own = f"/d/{department.code}/members/{owner.membership.pk}/"
        assert "Added by mistake" not in client.get(own).content.decode()
        assert client.post(f"{own}remove/").status_code == 422


class TestDays:
    @pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
    def test_at_the_ends_of_time_are_refused_in_words(self, day, owner, agent, department, client_of):
        page = f"/d/{department.code}/members/{agent.membership.pk}/"
        client = client_of(owner)
        grant = department.role_grants.get(user=agent)
        sent = [
            (f"{page}leave/", {"last_day": day}),
            (f"{page}roles/", {"role": "leader", "from_day": day}),
            (f"{page}roles/{grant.pk}/end/", {"last_day": day}),
            (
                f"/d/{department.code}/members/new/",
                {"name": "x", "work_number": "5", "roles": "agent", "from_day": day},
            ),
            ("/departments/new/", {"name": "x", "code": "xx", "rulebook": "three-shift-desk", "from_day": day}),
        ]
        for address, data in sent:
            response = client.post(address, data)
            assert response.status_code == 422, address
            assert "2000-01-01 to 2100-12-31" in response.content.decode(), address
        assert client.get(f"{page}leave/", {"last_day": day}).status_code == 200
        assert rights_in(agent, department) is not None

"""From a printed card to a password, once; and what a reset of access ends."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from office import clock
from office.models import AuditEntry
from people.models import Invitation, Role, User
from people.services import (
    accept_invitation,
    add_member,
    grant_role,
    invite,
    open_invitation,
    reset_access,
    set_last_day,
)
from people.services.invitations import digest_of
from tests.factories import JOINED

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def newcomer(agent):
    """The agent before they have chosen a password."""
    agent.set_unusable_password()
    agent.save(update_fields=["password"])
    return agent


@pytest.fixture
def settled(agent):
    agent.set_password(PASSWORD)
    agent.save(update_fields=["password"])
    return agent


def invited(owner, *people, **more):
    members = [person.membership for person in people]
    return invite(actor=owner, department=members[0].department, members=members, **more)


def code_of(call, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


class TestInviting:
    def test_keeps_the_digest_only_and_holds_two_weeks(self, owner, newcomer):
        (made,) = invited(owner, newcomer)
        stored = Invitation.objects.get()
        assert len(made.token) >= 43
        assert stored.digest == digest_of(made.token)
        assert made.token not in str(vars(stored)) + str(list(AuditEntry.objects.values()))
        assert stored.expires_at - stored.made_at == timedelta(days=14)
        assert open_invitation(made.token) == stored

    def test_a_newer_one_ends_the_older(self, owner, newcomer):
        (old,), (new,) = invited(owner, newcomer), invited(owner, newcomer)
        assert open_invitation(old.token) is None
        assert open_invitation(new.token) is not None

    def test_it_expires(self, owner, newcomer):
        (made,) = invited(owner, newcomer)
        clock.move(timedelta(days=14) - timedelta(seconds=1))
        assert open_invitation(made.token)
        clock.move(timedelta(seconds=1))
        assert open_invitation(made.token) is None
        assert code_of(accept_invitation, token=made.token, password=PASSWORD) == "used_or_expired"

    def test_who_has_a_password_loses_it_only_when_that_is_confirmed(self, owner, settled):
        assert code_of(invited, owner, settled) == "has_password"
        assert User.objects.get(pk=settled.pk).check_password(PASSWORD)
        invited(owner, settled, confirmed=True)
        assert not User.objects.get(pk=settled.pk).has_usable_password()

    def test_all_or_nobody(self, owner, newcomer, colleague, other_department):
        grant_role(actor=None, department=other_department, user=colleague, role=Role.MANAGER, from_day=JOINED)
        assert code_of(invited, owner, newcomer, colleague) == "out_of_reach"
        assert not Invitation.objects.exists()

    def test_not_oneself_and_not_who_has_left(self, owner, newcomer):
        assert code_of(invited, owner, owner, confirmed=True) == "oneself"
        set_last_day(actor=owner, member=newcomer.membership, last_day=clock.now().date() - timedelta(days=1))
        newcomer.membership.refresh_from_db()
        assert code_of(invited, owner, newcomer) == "not_a_member"


class TestAccepting:
    def test_sets_the_password_once(self, owner, newcomer):
        (made,) = invited(owner, newcomer)
        assert accept_invitation(token=made.token, password=PASSWORD) == newcomer
        assert User.objects.get(pk=newcomer.pk).check_password(PASSWORD)
        assert code_of(accept_invitation, token=made.token, password="another-one-8") == "used_or_expired"
        assert User.objects.get(pk=newcomer.pk).check_password(PASSWORD)

    def test_of_an_unknown_token_or_a_locked_account_is_refused(self, owner, newcomer):
        (made,) = invited(owner, newcomer)
        assert code_of(accept_invitation, token="nothing", password=PASSWORD) == "used_or_expired"
        User.objects.filter(pk=newcomer.pk).update(is_active=False)
        assert open_invitation(made.token) is None
        assert code_of(accept_invitation, token=made.token, password=PASSWORD) == "used_or_expired"


class TestResetting:
    def reset(self, actor, person):
        return reset_access(actor=actor, department=person.membership.department, member=person.membership)

    def test_ends_password_and_sessions_and_invites(self, owner, settled, department, client_of):
        client = client_of(settled)
        assert client.get(f"/d/{department.code}/rulebook/").status_code == 200
        made = self.reset(owner, settled)
        assert client.get(f"/d/{department.code}/rulebook/").status_code == 302
        assert open_invitation(made.token).user == settled
        assert AuditEntry.objects.filter(action="people.access.reset", actor=owner).exists()

    def test_not_of_oneself_and_not_of_who_may_do_more(self, owner, settled, other_department):
        assert code_of(self.reset, owner, owner) == "oneself"
        grant_role(actor=None, department=other_department, user=settled, role=Role.FINANCE, from_day=JOINED)
        assert code_of(self.reset, owner, settled) == "out_of_reach"
        assert User.objects.get(pk=settled.pk).check_password(PASSWORD)

    def test_a_small_department_is_no_way_to_somebodys_account(self, department, owner, stranger, other_department):
        """The owner makes the manager of next door a member here, and still cannot take their account."""
        stranger.membership = add_member(
            actor=owner, department=department, user=stranger, work_number="66", from_day=JOINED
        )
        assert code_of(self.reset, owner, stranger) == "out_of_reach"
        assert code_of(invited, owner, stranger, confirmed=True) == "out_of_reach"

    def test_of_superusers_by_superusers_alone(self, owner, settled):
        User.objects.filter(pk=settled.pk).update(is_superuser=True)
        assert code_of(self.reset, owner, settled) == "out_of_reach"
        User.objects.filter(pk=owner.pk).update(is_superuser=True)
        owner.refresh_from_db()
        owner.is_superuser = True
        assert self.reset(owner, settled)


class TestTheWelcomePage:
    @pytest.fixture
    def address(self, owner, newcomer):
        (made,) = invited(owner, newcomer)
        return f"/welcome/{made.token}/"

    @pytest.fixture
    def visitor(self):
        return Client(headers={"accept-language": "en"})

    def test_says_who_is_meant_and_is_kept_by_nobody(self, address, visitor, newcomer):
        response = visitor.get(address)
        html = response.content.decode()
        assert newcomer.name in html and newcomer.username in html
        assert response["Referrer-Policy"] == "same-origin"
        assert "no-store" in response["Cache-Control"]

    def test_takes_a_password_and_leads_in(self, address, visitor, newcomer, department):
        response = visitor.post(address, {"password": PASSWORD, "again": PASSWORD}, follow=True)
        assert response.redirect_chain[-1][0] == f"/d/{department.code}/"
        assert int(visitor.session["_auth_user_id"]) == newcomer.pk

    @pytest.mark.parametrize(
        ("password", "again", "words"),
        [
            ("", "", "required"),
            (PASSWORD, "correct-horse-8", "not the same"),
            ("short", "short", "at least"),
            ("password123", "password123", "too common"),
        ],
    )
    def test_a_bad_one_is_refused_and_the_invitation_still_holds(self, address, visitor, password, again, words):
        response = visitor.post(address, {"password": password, "again": again})
        assert response.status_code == 422
        assert words in response.content.decode()
        assert Invitation.objects.open().exists()

    def test_a_second_time_it_is_over(self, address, visitor):
        visitor.post(address, {"password": PASSWORD, "again": PASSWORD})
        other = Client(headers={"accept-language": "en"})
        for response in (other.get(address), other.post(address, {"password": PASSWORD, "again": PASSWORD})):
            assert response.status_code == 410
            assert "Ask whoever manages the members" in response.content.decode()

    @pytest.mark.parametrize("address", ["/welcome/x/", "/welcome/" + "x" * 500 + "/", "/welcome/%00/"])
    def test_an_unknown_one_is_over_too(self, db, visitor, address):
        assert visitor.get(address).status_code == 410

    def test_who_is_signed_in_as_somebody_else_changes_over(self, address, owner, newcomer, client_of):
        client = client_of(owner)
        client.post(address, {"password": PASSWORD, "again": PASSWORD})
        assert int(client.session["_auth_user_id"]) == newcomer.pk

    def test_only_reads_and_posts(self, address, visitor):
        assert visitor.put(address).status_code == 405


class TestTheCards:
    @pytest.fixture
    def page(self, department):
        return f"/d/{department.code}/members/invitations/"

    def addresses(self, response):
        return re.findall(r"/welcome/([\w-]+)/", response.content.decode())

    def test_each_has_name_number_user_name_address_and_code(self, page, owner, newcomer, client_of):
        response = client_of(owner).post(page, {"members": [newcomer.membership.pk]})
        html = response.content.decode()
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        (token,) = self.addresses(response)
        assert Client().get(f"/welcome/{token}/").status_code == 200
        for words in (newcomer.name, newcomer.username, newcomer.membership.work_number, 'class="bz-qr"'):
            assert words in html
        assert "style=" not in html

    def test_for_all_without_a_password(self, page, owner, newcomer, settled_colleague, client_of):
        response = client_of(owner).post(page, {"all": "1"})
        assert len(self.addresses(response)) == 1

    @pytest.fixture
    def settled_colleague(self, colleague):
        colleague.set_password(PASSWORD)
        colleague.save(update_fields=["password"])
        return colleague

    def test_who_has_a_password_is_asked_about_first(self, page, owner, newcomer, settled_colleague, client_of):
        both = {"members": [newcomer.membership.pk, settled_colleague.membership.pk]}
        asked = client_of(owner).post(page, both)
        assert asked.status_code == 422
        assert settled_colleague.name in asked.content.decode()
        assert not Invitation.objects.exists()
        done = client_of(owner).post(page, {**both, "confirmed": "1"})
        assert len(self.addresses(done)) == 2

    @pytest.mark.parametrize("chosen", [[], ["x"], ["9" * 30], ["0"]])
    def test_nobody_chosen_is_said(self, page, owner, client_of, chosen):
        response = client_of(owner).post(page, {"members": chosen})
        assert response.status_code == 422
        assert "Choose somebody first" in response.content.decode()

    def test_another_departments_people_are_nobody_here(self, page, owner, stranger, client_of):
        assert client_of(owner).post(page, {"members": [stranger.membership.pk]}).status_code == 422
        assert not Invitation.objects.exists()

    def test_are_for_those_who_manage_the_members(self, page, agent, stranger, owner, client_of):
        assert client_of(agent).post(page, {"all": "1"}).status_code == 403
        assert client_of(stranger).post(page, {"all": "1"}).status_code == 404
        assert client_of(owner).get(page).status_code == 405

    def test_a_reset_prints_its_card_and_says_why_not(self, department, owner, settled, other_department, client_of):
        page = f"/d/{department.code}/members/{settled.membership.pk}/reset/"
        assert len(self.addresses(client_of(owner).post(page))) == 1
        grant_role(actor=None, department=other_department, user=settled, role=Role.FINANCE, from_day=JOINED)
        response = client_of(owner).post(page)
        assert response.status_code == 422
        assert "belongs to" in response.content.decode()
        assert client_of(settled).post(page).status_code in (302, 403)
        assert client_of(owner).get(page).status_code == 405

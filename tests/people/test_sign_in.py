"""Signing in, out and in again with another password; nobody signs up."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from people.models import User

pytestmark = pytest.mark.django_db
PASSWORD, BETTER = "correct-horse-7", "battery-staple-9"
LOGIN, CHANGE = "/accounts/login/", "/accounts/password/change/"


@pytest.fixture(autouse=True)
def nobody_has_tried_yet():
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person(agent):
    agent.set_password(PASSWORD)
    agent.email = "lin@example.com"
    agent.save(update_fields=["password", "email"])
    return agent


@pytest.fixture
def visitor(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def sign_in(client, person, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": person.username, "password": password, **more})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


class TestSigningIn:
    def test_by_user_name_leads_to_the_department(self, visitor, person, department):
        assert visitor.get(LOGIN).status_code == 200
        response = visitor.post(LOGIN, {"login": person.username, "password": PASSWORD}, follow=True)
        assert response.redirect_chain[-1][0] == f"/d/{department.code}/"
        assert response.status_code == 200

    def test_or_to_the_page_that_was_asked_for(self, visitor, person, department):
        page = f"/d/{department.code}/rulebook/"
        assert f'value="{page}"' in visitor.get(LOGIN, {"next": page}).content.decode()
        assert sign_in(visitor, person, next=page)["location"] == page

    @pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
    def test_but_never_to_another_house(self, visitor, person, page):
        assert sign_in(visitor, person, next=page)["location"] == "/"

    @pytest.mark.parametrize("password", ["wrong-horse-7", "", PASSWORD.upper(), PASSWORD + " " * 5000])
    def test_a_wrong_password_is_told_and_lets_nobody_in(self, visitor, person, password):
        response = sign_in(visitor, person, password)
        assert response.status_code == 200
        assert response.context["form"].errors
        assert not signed_in(visitor)

    def test_a_wrong_name_is_told_in_the_same_words(self, visitor, person):
        known = sign_in(visitor, person, "wrong")
        unknown = sign_in(visitor, User(username="nobody"), "wrong")
        words = "The username and/or password you specified are not correct."
        assert words in known.content.decode()
        assert words in unknown.content.decode()

    def test_in_chinese_for_who_reads_chinese(self, client, person):
        html = client.post(
            LOGIN, {"login": person.username, "password": "wrong"}, headers={"accept-language": "zh-CN"}
        ).content.decode()
        assert '<html lang="zh-Hans"' in html
        assert "密码" in html

    @pytest.mark.parametrize("name", ["", "x" * 500, "a\x00b", "' OR 1=1"])
    def test_nonsense_for_a_name_is_told(self, visitor, db, name):
        assert visitor.post(LOGIN, {"login": name, "password": "x"}).status_code == 200
        assert not signed_in(visitor)

    def test_an_account_that_is_closed_stays_out(self, visitor, person):
        person.is_active = False
        person.save(update_fields=["is_active"])
        sign_in(visitor, person)
        assert not signed_in(visitor)

    def test_after_many_wrong_passwords_also_the_right_one_waits(self, visitor, person):
        for _attempt in range(5):
            sign_in(visitor, person, "wrong")
        response = sign_in(visitor, person)
        assert not signed_in(visitor)
        assert "Too many failed login attempts" in response.content.decode()

    def test_whoever_tries_without_end_gets_a_page_that_says_so(self, visitor, db):
        for _attempt in range(30):
            response = visitor.post(LOGIN, {"login": "x", "password": "x"})
        assert response.status_code == 200
        response = visitor.post(LOGIN, {"login": "x", "password": "x"})
        assert response.status_code == 429
        assert "Too many attempts" in response.content.decode()

    def test_the_form_is_guarded_against_forged_posts(self, person):
        assert sign_in(Client(enforce_csrf_checks=True), person).status_code == 403


class TestSigningOut:
    def test_asks_first_and_then_ends(self, person, client_of):
        client = client_of(person)
        assert client.get("/accounts/logout/").status_code == 200
        assert signed_in(client)
        assert client.post("/accounts/logout/")["location"] == LOGIN
        assert not signed_in(client)


class TestNobodySignsUp:
    def test_the_page_says_so(self, visitor, db):
        response = visitor.get("/accounts/signup/")
        assert response.status_code == 200
        assert "Nobody signs up here" in response.content.decode()
        assert "<input" not in response.content.decode().split("<main")[1].split("</main>")[0]

    def test_and_a_post_makes_no_account(self, visitor, db):
        fields = {"username": "guest", "password1": PASSWORD, "password2": PASSWORD, "email": "guest@example.com"}
        response = visitor.post("/accounts/signup/", fields)
        assert "Nobody signs up here" in response.content.decode()
        assert not User.objects.exists()

    def test_the_sign_in_page_does_not_invite_to_it(self, visitor, db):
        assert "signup" not in visitor.get(LOGIN).content.decode()


class TestPasswords:
    def change(self, client, old=PASSWORD, new=BETTER, again=None):
        return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": again or new})

    def test_is_changed_by_its_owner_who_stays_signed_in(self, person, client_of, visitor):
        client = client_of(person)
        assert client.get(CHANGE).status_code == 200
        assert self.change(client).status_code == 302
        assert signed_in(client)
        sign_in(visitor, person)
        assert not signed_in(visitor)
        sign_in(visitor, person, BETTER)
        assert signed_in(visitor)

    @pytest.mark.parametrize(
        ("old", "new", "again"),
        [
            ("wrong", BETTER, BETTER),
            (PASSWORD, BETTER, "another-one-3"),
            (PASSWORD, "short", "short"),
            (PASSWORD, "password123", "password123"),
        ],
    )
    def test_a_mistake_changes_nothing(self, person, client_of, old, new, again):
        assert self.change(client_of(person), old, new, again).status_code == 200
        person.refresh_from_db()
        assert person.check_password(PASSWORD)

    def test_is_nobody_elses_to_change(self, visitor, db):
        assert visitor.get(CHANGE)["location"].startswith(LOGIN)
        assert self.change(visitor)["location"].startswith(LOGIN)

    def test_a_forgotten_one_is_set_anew_by_a_link_in_a_mail(self, visitor, person):
        assert visitor.get(reverse("account_reset_password")).status_code == 200
        visitor.post(reverse("account_reset_password"), {"email": person.email})
        [letter] = mail.outbox
        link = next(word for word in letter.body.split() if "/password/reset/key/" in word)
        form = visitor.get(link.replace("http://testserver", ""), follow=True)
        address = form.redirect_chain[-1][0]
        assert visitor.post(address, {"password1": BETTER, "password2": BETTER}).status_code == 302
        person.refresh_from_db()
        assert person.check_password(BETTER)
        assert "This link no longer works" in visitor.get(link.replace("http://testserver", "")).content.decode()

    def test_whether_an_address_has_an_account_is_told_neither_here_nor_by_mail(self, visitor, person):
        pages = [
            visitor.post(reverse("account_reset_password"), {"email": email}, follow=True)
            for email in (person.email, "nobody@example.com")
        ]
        assert pages[0].redirect_chain == pages[1].redirect_chain
        words = [re.sub("csrf[^>]*", "", page.content.decode()) for page in pages]
        assert words[0] == words[1]
        assert [letter.to for letter in mail.outbox] == [[person.email]]


class TestLanguage:
    def test_is_chosen_before_signing_in(self, visitor, db):
        response = visitor.post(reverse("set_language"), {"language": "zh-hans", "next": LOGIN})
        assert response["location"] == LOGIN
        assert '<html lang="zh-Hans"' in visitor.get(LOGIN).content.decode()

    def test_one_that_is_not_spoken_here_changes_nothing(self, visitor, db):
        visitor.post(reverse("set_language"), {"language": "fr", "next": LOGIN})
        assert '<html lang="en"' in visitor.get(LOGIN).content.decode()

    def test_the_way_back_stays_in_the_house(self, visitor, db):
        response = visitor.post(reverse("set_language"), {"language": "en", "next": "https://elsewhere.example/"})
        assert "elsewhere" not in response["location"]


@pytest.mark.parametrize("page", ["email", "confirm-email", "login/code/confirm"])
def test_pages_for_which_nobody_here_has_a_use_do_not_exist(person, client_of, page):
    assert client_of(person).get(f"/accounts/{page}/").status_code == 404


@pytest.mark.parametrize(
    "page",
    ["login", "logout", "inactive", "signup", "password/change", "password/reset"],
)
@pytest.mark.parametrize("who", ["anonymous", "member"])
def test_every_page_about_accounts_is_one_of_ours(visitor, person, client_of, who, page):
    client = visitor if who == "anonymous" else client_of(person)
    response = client.get(f"/accounts/{page}/", follow=True)
    html = response.content.decode()
    assert response.status_code == 200
    assert 'class="bz-' in html
    assert "<main" in html
    assert '<html lang="en"' in html
    assert "style=" not in html
    assert "<script>" not in html

"""Tokens for the department's programs: shown once, kept as a digest, revoked for ever."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office import clock
from office.models import AuditEntry
from people.models import ApiToken, Department
from people.services.tokens import MOST_TOKENS, authenticate_token, make_token, revoke_token

pytestmark = pytest.mark.django_db

PAGE = "/d/desk/tokens/"


@pytest.fixture
def made(department, owner):
    return make_token(actor=owner, department=department, name="千牛")


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_only_the_digest_and_the_first_signs_of_a_token_are_kept(made):
    kept = str(list(ApiToken.objects.values())) + str(list(AuditEntry.objects.values()))
    assert made.secret not in kept
    assert made.secret.startswith(made.token.hint)
    assert len(made.secret) > 40


def test_a_token_says_which_department_it_is_of(made, department):
    assert authenticate_token(made.secret).department == department


@pytest.mark.parametrize("secret", ["", "bz_", "bz_" + "x" * 43, "bz_" + "x" * 5_000, "Bearer", "bz_\x00", "宝"])
def test_anything_else_is_no_token(made, secret):
    assert authenticate_token(secret) is None


def test_a_revoked_token_opens_nothing_and_is_revoked_once(made, owner):
    revoke_token(actor=owner, token=made.token)
    assert authenticate_token(made.secret) is None
    with pytest.raises(ValidationError) as caught:
        revoke_token(actor=owner, token=made.token)
    assert caught.value.code == "already_revoked"


def test_its_last_use_is_kept_to_the_minute(made, at, wall, django_assert_num_queries):
    with at("2026-11-10 09:00"):
        authenticate_token(made.secret)
        clock.move(timedelta(seconds=30))
        with django_assert_num_queries(1):
            authenticate_token(made.secret)
    made.token.refresh_from_db()
    assert made.token.last_used_at == wall("2026-11-10 09:00")
    with at("2026-11-10 09:01"):
        authenticate_token(made.secret)
    made.token.refresh_from_db()
    assert made.token.last_used_at == wall("2026-11-10 09:01")


def test_two_living_tokens_never_have_one_name_and_a_revoked_ones_is_free_again(made, owner, department):
    with pytest.raises(ValidationError) as caught:
        make_token(actor=owner, department=department, name=" 千牛 ")
    assert caught.value.code == "name_taken"
    revoke_token(actor=owner, token=made.token)
    assert make_token(actor=owner, department=department, name="千牛").secret != made.secret


def test_a_department_has_so_many_tokens_at_most(department, owner):
    for number in range(MOST_TOKENS):
        make_token(actor=owner, department=department, name=f"{number}")
    with pytest.raises(ValidationError) as caught:
        make_token(actor=owner, department=department, name="one more")
    assert caught.value.code == "too_many"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\u202eb", "a\x00b"])
def test_a_name_that_cannot_be_shown_is_refused(department, owner, name):
    with pytest.raises(ValidationError):
        make_token(actor=owner, department=department, name=name)
    assert not ApiToken.objects.exists()


def test_the_page_shows_a_new_token_once(owner, client_of):
    client = client_of(owner)
    answer = client.post(f"{PAGE}new/", {"name": "Chat tool"})
    secret = re.search(r"<code>(bz_[\w-]{40,})</code>", answer.content.decode())[1]
    assert authenticate_token(secret)
    assert answer["Cache-Control"] == "no-store"
    again = client.get(PAGE).content.decode()
    assert secret not in again
    assert secret[:8] in again


def test_a_refused_name_stays_in_the_form(made, owner, client_of):
    answer = client_of(owner).post(f"{PAGE}new/", {"name": "千牛"})
    assert answer.status_code == 422
    assert 'value="千牛"' in answer.content.decode()
    assert "There is a token of this name already." in text_of(answer)


def test_the_page_revokes(made, owner, client_of):
    answer = client_of(owner).post(f"{PAGE}{made.token.pk}/revoke/", follow=True)
    assert "Revoked: 千牛" in text_of(answer)
    assert authenticate_token(made.secret) is None
    assert "revoked already" in text_of(client_of(owner).post(f"{PAGE}{made.token.pk}/revoke/", follow=True))


def test_tokens_are_for_whoever_manages_the_members(made, agent, manager, stranger, other_department, client_of):
    for user, status in ((agent, 403), (manager, 403), (stranger, 404)):
        for answer in (
            client_of(user).get(PAGE),
            client_of(user).post(f"{PAGE}new/", {"name": "x"}),
            client_of(user).post(f"{PAGE}{made.token.pk}/revoke/"),
        ):
            assert answer.status_code == status
    # With every right next door, a token of this department is still no token there.
    answer = client_of(stranger).post(f"/d/{other_department.code}/tokens/{made.token.pk}/revoke/")
    assert answer.status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_the_page_asks_the_database_as_often_for_one_token_as_for_many(owner, client_of):
    department = Department.objects.get(code="desk")
    counts = []
    for number in range(MOST_TOKENS):
        make_token(actor=owner, department=department, name=f"{number}")
        if number in (0, MOST_TOKENS - 1):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client_of(owner).get(PAGE)
            counts.append(len(queries))
    assert counts[0] == counts[1]

"""Away and back: by button, with a reason and where the rulebook asks with a permission."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from office.models import Notice
from shifts import services as shifts
from shifts.models import Away
from shifts.pages.away import away_panel_of
from shifts.services import away as services

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def go(night_shift, agent, at):
    def do(reason="meal", moment="2026-11-10 19:00", actor=agent):
        with at(moment):
            return services.leave_desk(attendance=night_shift, reason=reason, actor=actor)

    return do


def test_a_meal_needs_no_permission_and_ends_with_being_back(go, night_shift, agent, at, wall):
    away = go()
    assert (away.permission, away.left_at) == ("not_asked", wall("2026-11-10 19:00"))
    with at("2026-11-10 19:25"):
        assert services.come_back(attendance=night_shift, actor=agent).back_at == wall("2026-11-10 19:25")
    assert not Notice.objects.filter(message=services.ASKS).exists()


def test_an_errand_asks_those_who_watch_and_not_oneself(go, leader, supervisor, manager, agent):
    away = go("errand")
    assert away.permission == "asked"
    asked = Notice.objects.filter(message=services.ASKS, link=f"/d/desk/away/{away.pk}/decide/")
    assert set(asked.values_list("recipient", flat=True)) == {leader.pk, supervisor.pk, manager.pk}


def test_an_allowed_absence_goes_on_and_a_refused_one_never_was(go, night_shift, agent, supervisor, at, wall):
    with at("2026-11-10 19:02"):
        allowed = services.decide(away=go("errand"), allow=True, actor=supervisor)
    assert (allowed.permission, allowed.back_at, allowed.decided_by) == ("granted", None, supervisor)
    with at("2026-11-10 19:10"):
        services.come_back(attendance=night_shift, actor=agent)
    with at("2026-11-10 20:05"):
        refused = services.decide(away=go("errand", "2026-11-10 20:00"), allow=False, actor=supervisor)
    assert (refused.permission, refused.back_at) == ("refused", wall("2026-11-10 20:05"))
    assert Notice.objects.filter(recipient=agent, message__in=[services.ALLOWED, services.DENIED]).count() == 2


def test_whoever_stays_after_all_takes_the_question_back(go, night_shift, agent, supervisor, at):
    away = go("errand")
    with at("2026-11-10 19:05"):
        stayed = services.come_back(attendance=night_shift, actor=agent, stayed=True)
        assert stayed.permission == "refused"
        with pytest.raises(ValidationError) as caught:
            services.decide(away=away, allow=True, actor=supervisor)
    assert caught.value.code == "already_decided"


def test_one_is_away_once_at_a_time(go):
    go()
    with pytest.raises(ValidationError) as caught:
        go("errand")
    assert caught.value.code == "already_away"
    assert Away.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "smoke", "MEAL", "x" * 5_000, "meal\x00"])
def test_a_reason_that_the_rulebook_does_not_know_is_refused(go, reason):
    with pytest.raises(ValidationError) as caught:
        go(reason)
    assert caught.value.code == "unknown_reason"


def test_what_cannot_be_is_refused(go, night_shift, agent, colleague, supervisor, at):
    with at("2026-11-10 19:00"):
        for act, code in (
            (lambda: services.come_back(attendance=night_shift, actor=agent), "not_away"),
            (lambda: go(actor=colleague), "not_yours"),
        ):
            with pytest.raises(ValidationError) as caught:
                act()
            assert caught.value.code == code
    meal = go()
    with at("2026-11-10 19:05"):
        for act, code in (
            (lambda: services.come_back(attendance=night_shift, actor=agent, stayed=True), "not_asked"),
            (lambda: services.come_back(attendance=night_shift, actor=supervisor), "not_yours"),
            (lambda: services.decide(away=meal, allow=True, actor=supervisor), "not_asked"),
            (lambda: services.decide(away=meal, allow=True, actor=agent), "own_case"),
            (lambda: services.decide(away=meal, allow=True, actor=colleague), "no_right"),
        ):
            with pytest.raises(ValidationError) as caught:
                act()
            assert caught.value.code == code


def test_a_permission_comes_too_late_when_they_are_back(go, night_shift, agent, supervisor, at):
    away = go("errand")
    with at("2026-11-10 19:05"):
        services.come_back(attendance=night_shift, actor=agent)
        with pytest.raises(ValidationError) as caught:
            services.decide(away=away, allow=True, actor=supervisor)
    assert caught.value.code == "over"


def test_the_clock_out_ends_it(go, night_shift, agent, at, wall):
    away = go()
    with at("2026-11-10 19:40"):
        shifts.clock_out(attendance=night_shift, actor=agent)
    away.refresh_from_db()
    assert away.back_at == wall("2026-11-10 19:40")
    with pytest.raises(ValidationError) as caught:
        go(moment="2026-11-10 19:50")
    assert caught.value.code == "not_on_duty"


def test_the_database_keeps_it_in_order(go):
    go()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE shifts_away SET back_at = '2020-01-01 00:00:00+00:00'")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM shifts_away")


def test_who_is_away_now_stands_with_the_longest_first(go, department, at):
    away = go()
    assert [each.pk for each in services.away_now(department)] == [away.pk]


# -- Pages ------------------------------------------------------------------------------------------------------------
HTMX = {"hx-request": "true"}


def test_the_buttons_on_the_desk(night_shift, agent, client_of, at):
    client = client_of(agent)
    with at("2026-11-10 19:00"):
        shown = text_of(client.get("/d/desk/away/"))
        assert "Meal at most 30 min" in shown
        assert "asks first" in shown
        gone = client.post("/d/desk/away/", {"reason": "meal"}, headers=HTMX)
        assert (gone.status_code, "I am back" in text_of(gone)) == (200, True)
        again = client.post("/d/desk/away/", {"reason": "meal"}, headers=HTMX)
        assert (again.status_code, "You are away already." in text_of(again)) == (422, True)
    with at("2026-11-10 19:31"):
        assert "longer than the rulebook allows" in text_of(client.get("/d/desk/away/"))
        assert "Leave the desk" in text_of(client.post("/d/desk/back/", {"stayed": "0"}, headers=HTMX))
        # Without a script the page of the day comes, with what was refused.
        answer = client.post("/d/desk/back/", follow=True)
    assert answer.redirect_chain == [("/d/desk/", 302)]
    assert "You are not away." in text_of(answer)


def test_who_only_asks_is_not_said_to_be_away(night_shift, agent, supervisor, client_of, at):
    client = client_of(agent)
    with at("2026-11-10 19:00"):
        assert "Away from the desk" not in text_of(client.post("/d/desk/away/", {"reason": "errand"}, headers=HTMX))
        client_of(supervisor).post(f"/d/desk/away/{Away.objects.get().pk}/decide/", {"allow": "1"})
        assert "Away from the desk" in text_of(client.get("/d/desk/away/"))


def test_asking_goes_on_asking_until_it_is_answered(night_shift, agent, supervisor, client_of, at):
    client = client_of(agent)
    with at("2026-11-10 19:00"):
        assert 'hx-trigger="every' in client.post("/d/desk/away/", {"reason": "errand"}, headers=HTMX).content.decode()
        page = f"/d/desk/away/{Away.objects.get().pk}/decide/"
        assert "Errand" in text_of(client_of(supervisor).get(page))
        assert client_of(supervisor).post(page, {}).status_code == 422
        client_of(supervisor).post(page, {"allow": "1"})
        assert client_of(supervisor).post(page, {"allow": "0"}).status_code == 422
        shown = client.get("/d/desk/away/")
    assert "allowed" in text_of(shown)
    assert 'hx-trigger="every' not in shown.content.decode()


def test_who_may_allow_it(go, agent, colleague, finance, leader, stranger, client_of, at):
    page = f"/d/desk/away/{go('errand').pk}/decide/"
    with at("2026-11-10 19:01"):
        expected = {leader: 200, agent: 403, colleague: 404, finance: 404, stranger: 404}
        assert {user: client_of(user).get(page).status_code for user in expected} == expected
        expected = {leader: 302, agent: 403, colleague: 404, finance: 404, stranger: 404}
        for user in (agent, colleague, finance, stranger, leader):
            assert client_of(user).post(page, {"allow": "1"}).status_code == expected[user]


def test_who_is_not_on_duty_has_no_buttons(colleague, stranger, client_of):
    assert client_of(colleague).get("/d/desk/away/").status_code == 204
    answer = client_of(colleague).post("/d/desk/away/", {"reason": "meal"}, headers=HTMX)
    assert (answer.status_code, "You are not clocked in." in text_of(answer)) == (422, True)
    for address in ("/d/desk/away/", "/d/desk/back/"):
        assert client_of(stranger).post(address).status_code == 404


def test_the_panel_takes_one_query(go, night_shift, at, django_assert_num_queries):
    go()
    with at("2026-11-10 19:10"), django_assert_num_queries(1):
        panel = away_panel_of(night_shift)
    assert (panel.name, panel.minutes, panel.most, panel.is_over) == ("Meal", 10, 30, False)

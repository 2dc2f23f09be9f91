"""Whom the button "invitations for all without a password" means: each person once, nobody with a card that holds."""

from datetime import timedelta

import pytest

from office import clock
from people.directory import without_password
from people.services import add_member, invite, set_last_day
from tests.factories import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00"):
        yield


def waiting(department):
    return [member.user.name for member in without_password(department)]


def test_who_has_an_invitation_that_holds_is_not_meant_until_it_expires(department, owner):
    newcomer = add_person(department, name="新人")
    assert "新人" in waiting(department)
    invite(actor=owner, department=department, members=[newcomer.membership])
    assert "新人" not in waiting(department)
    with clock.at(clock.now() + timedelta(days=15)):
        assert "新人" in waiting(department)


def test_who_leaves_today_and_begins_again_tomorrow_is_meant_once(department, owner):
    person, today = add_person(department, name="去而复返", work_number="55"), department.today()
    set_last_day(actor=owner, member=person.membership, last_day=today)
    again = today + timedelta(days=1)
    add_member(actor=owner, department=department, user=person, work_number="55", from_day=again)
    assert waiting(department).count("去而复返") == 1

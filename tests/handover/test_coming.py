"""Whom an item can be meant for: who comes on next stands first, everybody else with their next shift."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.pages.coming import colleagues_of
from rulebooks.services import in_force
from shifts.models import Assignment, Layer
from tests.factories import add_person
from tests.handover.conftest import TUESDAY, begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")
WEDNESDAY = date(2026, 11, 11)


@pytest.fixture
def plan(department):
    """`plan(person, "N", day, 17, 25)`: a published shift, from and to in hours of its day."""

    def do(person, code, day, start, end):
        instants = [
            datetime.combine(day, datetime.min.time(), tzinfo=department.zone).replace(hour=hour % 24)
            + (timedelta(hour // 24))
            for hour in (start, end)
        ]
        return Assignment.objects.create(
            layer=Layer.PUBLISHED,
            membership=person.membership,
            business_date=day,
            slot=1,
            code=code,
            starts_at=instants[0],
            ends_at=instants[1],
        )

    return do


@pytest.fixture
def people(department, agent, colleague, plan):
    """Tuesday's night is the colleague's; one comes on Wednesday by day; one has no shift planned."""
    by_day = add_person(department, name="周雨欣", work_number="08")
    nobody = add_person(department, name="何佳怡", work_number="09")
    plan(colleague, "N", TUESDAY, 17, 25)
    plan(by_day, "D", WEDNESDAY, 9, 18)
    return colleague, by_day, nobody


def found(department, agent, attendance):
    return colleagues_of(agent.membership, attendance, in_force(department, TUESDAY))


def test_on_duty_those_come_next_to_whom_the_shift_hands_over(department, agent, people):
    colleague, by_day, nobody = people
    first, *others = found(department, agent, begin_shift(agent, "D"))
    assert (first.member, first.is_next) == (colleague.membership, True)
    assert first.label.endswith(f"{colleague.name} · today Night")
    assert not any(one.is_next for one in others)
    assert [one.shift for one in others if one.member == by_day.membership] == ["tomorrow Day"]
    assert (others[-1].member, others[-1].shift) == (nobody.membership, "no shift planned")


def test_off_duty_those_come_next_who_begin_first(department, agent, people):
    assert [one.member for one in found(department, agent, None) if one.is_next] == [people[0].membership]


def test_who_is_on_now_is_said(department, agent, people):
    begin_shift(people[2], "D")
    labels = [one.label for one in found(department, agent, None)]
    assert [label for label in labels if label.endswith("Day, now")] == [f"09 {people[2].name} · Day, now"]


def test_it_costs_the_same_for_3_and_20_people(department, agent, people):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert found(department, agent, None)
        return len(captured)

    queries()
    few = queries()
    for number in range(20):
        add_person(department, work_number=f"5{number:02}")
    assert queries() == few


def test_the_form_offers_them_in_that_order(department, agent, people, client_of):
    begin_shift(agent, "D")
    html = client_of(agent).get(reverse("handover:item_new", args=[department.code])).content.decode()
    places = [html.index(text) for text in ("Whoever comes on next", "Comes on next", people[0].name, people[1].name)]
    assert places == sorted(places)
    assert f'data-coming-next="{people[0].membership.pk}"' in html

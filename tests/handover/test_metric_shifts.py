"""What shifts and the handover log come to: adherence, talk a shift, time to acceptance, items carried over."""

import statistics
from datetime import timedelta
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handover import services
from handover.pages.metric_shifts import middle_of
from handover.pages.metrics import figures_of
from handover.periods import By, Period
from handover.tallies import Group
from office import clock
from rulebooks.services import in_force
from shifts.models import Leave, LeaveState
from tests.factories import add_person
from tests.handover.conftest import TUESDAY, begin_shift
from tests.handover.metric_facts import line
from tests.handover.order_facts import planned, worked
from tests.handover.test_notebook_views import page, queries_of
from tests.sheets import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]
NOVEMBER = Period.around(By.MONTH, TUESDAY)
MONDAY = TUESDAY - timedelta(days=1)
DAY_SHIFT = "D"


def of(department, person=None):
    figures = figures_of(department, NOVEMBER, groups=[Group.SHIFTS])
    if person is None:
        return figures.department.figure
    return next(one for one in figures.lines if one.membership == person.membership).figure


@pytest.fixture
def minutes(rulebook):
    """How long the day shift is planned."""
    [span] = rulebook.shift(DAY_SHIFT).spans
    return (span.end.hour - span.start.hour) * 60 + span.end.minute - span.start.minute


@pytest.fixture
def hours(rulebook):
    """`hours(monday, late=30)`: when the day shift of that day begins, so much later, and when it ends."""
    [span] = rulebook.shift(DAY_SHIFT).spans

    def of_day(day, late=0, longer=0):
        begins = timedelta(hours=span.start.hour, minutes=span.start.minute + late)
        ends = timedelta(hours=span.end.hour, minutes=span.end.minute + longer)
        return f"{day} {str(begins)[:-3]:0>5}", f"{day} {str(ends)[:-3]:0>5}"

    return of_day


class TestAdherence:
    def test_minutes_within_the_planned_hours_count_and_no_others(self, department, agent, hours, minutes):
        worked(agent, MONDAY, DAY_SHIFT, *hours(MONDAY, late=30, longer=90))
        assert of(department, agent)("adherence").fraction == f"{minutes - 30:,} ÷ {minutes:,}"
        assert of(department)("adherence").fraction == f"{minutes - 30:,} ÷ {minutes:,}"

    def test_a_shift_that_nobody_came_to_counts_as_planned(self, department, agent, minutes):
        planned(agent, MONDAY, DAY_SHIFT)
        assert of(department, agent)("adherence").fraction == f"0 ÷ {minutes:,}"

    def test_a_shift_that_is_not_over_does_not_count_yet(self, department, agent):
        begin_shift(agent, DAY_SHIFT)
        assert of(department, agent)("adherence").text == "—"

    def test_what_the_system_ended_is_left_out(self, department, agent, hours):
        shift = worked(agent, MONDAY, DAY_SHIFT, *hours(MONDAY))
        shift.forgotten = True
        shift.save()
        figure = of(department, agent)("adherence")
        assert (figure.text, figure.tally.left_out) == ("—", 1)

    def test_hours_of_leave_are_not_planned(self, department, agent, hours, minutes):
        shift = worked(agent, MONDAY, DAY_SHIFT, *hours(MONDAY))
        begins = shift.planned_start
        slip(agent, MONDAY, starts_at=begins, ends_at=begins + timedelta(hours=2))
        assert of(department, agent)("adherence").fraction == f"{minutes - 120:,} ÷ {minutes - 120:,}"

    def test_a_day_of_leave_takes_the_shift_out(self, department, agent):
        planned(agent, MONDAY, DAY_SHIFT)
        slip(agent, MONDAY)
        assert of(department, agent)("adherence").text == "—"


def slip(person, day, **hours):
    return Leave.objects.create(
        membership=person.membership,
        kind="X",
        rulebook_version_id=in_force(person.membership.department, day).version_id,
        first_day=day,
        last_day=day,
        state=LeaveState.APPROVED,
        asked_by=person,
        decided_by=person,
        decided_at=clock.now(),
        **hours,
    )


def test_talk_is_divided_by_the_shifts_of_days_that_report_it(department, agent, hours):
    for day in (MONDAY, MONDAY - timedelta(days=1)):
        worked(agent, day, DAY_SHIFT, *hours(day))
    line(agent, MONDAY, calls=2, talk_seconds=600)
    line(agent, MONDAY - timedelta(days=1))
    figure = of(department, agent)("talk_a_shift")
    assert (figure.text, figure.tally.left_out) == ("10.0 min", 1)


class TestHandover:
    def accept(self, item, person, minutes):
        clock.move(timedelta(minutes=minutes))
        services.accept_item(item=item, actor_membership=person.membership)

    def test_the_time_to_acceptance_is_theirs_who_accept(
        self, department, agent, colleague, day_shift, night_shift, write
    ):
        items = [write(agent) for _number in range(3)]
        services.submit_handover(attendance=day_shift, actor=agent)
        for item, minutes in zip(items, (2, 2, 8), strict=True):
            self.accept(item, colleague, minutes)
        figure = of(department, colleague)
        assert figure("mean_acceptance").text == "6.0 min"
        assert figure("mean_acceptance").fraction == "1,080 s ÷ 3"
        assert figure("median_acceptance").text == "4.0 min"
        assert of(department)("median_acceptance").text == "4.0 min"
        assert of(department, agent)("mean_acceptance").text == "—"
        assert of(department, agent)("carried_items").text == "0"

    def test_what_two_shifts_have_passed_on_is_carried_over(self, department, agent, day_shift, write):
        items = [write(agent) for _number in range(2)]
        items[0].carried = 2
        items[0].save(update_fields=["carried"])
        services.submit_handover(attendance=day_shift, actor=agent)
        assert of(department, agent)("carried_items").text == "1"
        assert of(department)("carried_items").text == "1"


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_the_middle_is_that_of_the_standard_library(values):
    assert middle_of(values) == Fraction(statistics.median(values))


class TestPages:
    def address(self, department, name="statistic_figures"):
        return reverse(f"handover:{name}", args=[department.code])

    def test_the_group_has_its_own_columns_and_leads_to_the_shifts(
        self, department, agent, leader, client_of, hours, minutes
    ):
        worked(agent, MONDAY, DAY_SHIFT, *hours(MONDAY, late=30))
        client = client_of(leader)
        html = page(client.get(self.address(department), {"group": "shifts"}))
        assert "Adherence" in html
        assert "Talk a shift" not in html.partition("What is counted")[0]
        asked = {"metric": "adherence", "member": agent.membership.pk, "from": MONDAY, "to": MONDAY}
        html = page(client.get(self.address(department, "statistic_rows"), asked))
        assert f"{minutes - 30:,}" in html
        heads, *rows = rows_of(
            client.get(self.address(department, "statistic_rows"), asked | {"export": "xlsx"}).content
        )
        assert dict(zip(heads, rows[0], strict=True))["Minutes worked"] == minutes - 30

    @pytest.mark.parametrize("metric", ["mean_acceptance", "median_acceptance", "carried_items", "talk_a_shift"])
    def test_each_figure_leads_to_its_rows(
        self, department, agent, colleague, leader, day_shift, night_shift, write, client_of, metric
    ):
        item = write(agent, "给小鹿发实拍图")
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=item, actor_membership=colleague.membership)
        asked = {"metric": metric, "member": "", "from": TUESDAY, "to": TUESDAY}
        html = page(client_of(leader).get(self.address(department, "statistic_rows"), asked))
        assert ("给小鹿发实拍图" in html) == (metric != "talk_a_shift")
        for person, status in ((agent, 200), (colleague, 403)):
            whose = asked | {"member": agent.membership.pk}
            assert client_of(person).get(self.address(department, "statistic_rows"), whose).status_code == status

    def test_it_costs_the_same_with_one_shift_and_with_thirty(self, department, agent, leader, client_of, hours):
        worked(agent, MONDAY, DAY_SHIFT, *hours(MONDAY))
        client, address = client_of(leader), f"{self.address(department)}?group=shifts"
        few = queries_of(client, address)
        for _number in range(30):
            worked(add_person(department), MONDAY, DAY_SHIFT, *hours(MONDAY))
        assert queries_of(client, address) == few <= 10

"""What is self-counted comes from the notebook alone, however much the chat tool reports of the same days."""

import pytest
from django.urls import reverse

from handover.models import StatisticSource as Source
from handover.pages.gate import gate_of
from handover.pages.month import lines, members_of, read
from kpi.metrics import REGISTRY, Scope
from office import clock
from office.months import Month
from tests.handover.conftest import TUESDAY
from tests.handover.metric_facts import line
from tests.handover.test_notebook_views import page

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
CHAT = {"served": 77, "closed": 66, "enquiries": 70, "sales_fen": 5_500}


@pytest.fixture
def both(afternoon, agent, colleague):
    """The agent's Tuesday by both; the colleague's by the chat tool alone."""
    line(agent, TUESDAY, **CHAT)
    line(agent, TUESDAY, Source.MANUAL, served=46, closed=27, enquiries=12, sales_fen=100)
    line(colleague, TUESDAY, **CHAT)


@pytest.mark.usefixtures("both")
class TestTheNotebook:
    def test_a_month_holds_each_day_once(self, department, agent, colleague):
        recorded, [day] = read(department, agent.membership, TUESDAY, agent.membership, NOVEMBER)
        assert recorded.served == 46
        assert (day.counts.served, day.counts.closed, day.counts.days) == (46, 27, 1)
        assert read(department, colleague.membership, TUESDAY, colleague.membership, NOVEMBER) == (None, [])

    def test_everybodys_sums_are_the_notebooks(self, department, agent, colleague):
        counts = {one.membership: one.counts for one in members_of(department, NOVEMBER)}
        assert counts[agent.membership].fraction == "27 ÷ 46"
        assert counts[colleague.membership].days == 0
        assert {row.source for row in lines(department)} == {Source.MANUAL}

    def test_the_form_asks_for_a_day_that_only_the_chat_tool_has(self, department, colleague, client_of):
        html = page(client_of(colleague).get(reverse("handover:statistics", args=[department.code])))
        assert "not recorded" in html
        assert "77" not in html

    def test_the_scores_count_the_notebook(self, department, agent, colleague):
        metric = REGISTRY["self_counted_conversion"]
        scope = Scope(department, NOVEMBER, clock.now())
        facts = metric.gather(scope)
        assert (facts[agent.membership.pk].numerator, facts[agent.membership.pk].denominator) == (27, 46)
        assert colleague.membership.pk not in facts
        assert metric.count(metric.rows(scope, agent.membership)).denominator == 46


def test_the_chat_tools_line_does_not_pass_the_gate(agent, day_shift):
    line(agent, TUESDAY, **CHAT)
    check = next(one for one in gate_of(day_shift).checks if one.key == "statistics")
    assert not check.ok
    line(agent, TUESDAY, Source.MANUAL, served=46, closed=27)
    check = next(one for one in gate_of(day_shift).checks if one.key == "statistics")
    assert check.ok
    assert "46" in check.hint

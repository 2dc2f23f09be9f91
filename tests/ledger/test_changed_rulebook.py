"""The same facts under a rulebook in which every number, code and window differs give that rulebook's results."""

from datetime import date, datetime

import pytest

from ledger import services
from ledger.balances import flows_of
from office import clock
from tests.factories import add_person
from tests.ledger.conftest import decider_of

pytestmark = pytest.mark.django_db

# Four facts in six weeks; each department has a clause for them, the first of its rulebook.
FACTS = ["2026-09-28 10:00", "2026-10-09 10:00", "2026-10-30 10:00", "2026-11-10 10:00"]


@pytest.fixture
def judge_in(at):
    """`judge_in(department, clause)`: report and confirm all facts there, by whoever may; the sanctions in order."""

    def judge(department, clause, facts=FACTS):
        roles = ("agent", "leader", "supervisor", "manager", "finance", "owner")
        cast = {role: add_person(department, roles=[role]) for role in roles}
        sanctions = []
        with at("2026-11-20 12:00"):
            for fact in facts:
                incident = services.report_incident(
                    actor=cast["supervisor"],
                    membership=cast["agent"].membership,
                    clause_code=clause,
                    occurred_at=datetime.fromisoformat(fact).replace(tzinfo=department.zone),
                    facts="The same everywhere",
                )
                services.confirm_incident(incident=incident, actor=decider_of(department))
                sanctions.append(incident.sanction)
        return sanctions

    return judge


def told(sanctions):
    return [(s.count, s.step, s.kind, s.amount_fen, s.points, s.due_day) for s in sanctions]


def test_under_the_three_shift_desk_each_month_begins_anew(judge_in, department):
    due = date(2026, 11, 27)
    assert told(judge_in(department, "off-task")) == [
        (1, 1, "fine", 1000, 0, due),
        (1, 1, "fine", 1000, 0, due),
        (2, 2, "fine", 3000, 0, due),
        (1, 1, "fine", 1000, 0, due),
    ]
    assert [flow.fined for flow in flows_of(department)] == [6000]


def test_under_the_harbour_desk_45_days_count_and_points_come_between(judge_in, changed_department):
    due = date(2026, 12, 6)
    # 45 days that end on 10 November begin on 27 September.
    assert told(judge_in(changed_department, "phone-off-hook")) == [
        (1, 1, "fine", 750, 0, due),
        (2, 2, "points", 0, 11, None),
        (3, 3, "fine", 2225, 0, due),
        (4, 4, "fine", 6400, 0, due),
    ]
    assert [flow.fined for flow in flows_of(changed_department)] == [9375]


def test_a_rolling_window_lets_go_after_its_days(judge_in, changed_department):
    facts = ["2026-09-27 10:00", "2026-11-10 10:00", "2026-11-11 10:00"]
    assert [s.count for s in judge_in(changed_department, "phone-off-hook", facts)] == [1, 2, 2]


def test_a_window_without_an_end_never_forgets(judge_in, changed_department):
    facts = ["2026-01-02 10:00", "2026-06-10 10:00", "2026-11-10 10:00"]
    sanctions = judge_in(changed_department, "no-uniform", facts)
    assert [(s.step, s.kind, s.text.get("en")) for s in sanctions] == [
        (1, "warning", "Written warning"),
        (2, "proposal", "Another post"),
        (2, "proposal", "Another post"),
    ]


def test_deciders_are_those_of_the_rulebook(judge_in, department, changed_department):
    judge_in(department, "off-task", FACTS[:1])
    judge_in(changed_department, "no-uniform", FACTS[:1])
    with clock.at(datetime(2026, 11, 20, tzinfo=department.zone)):
        roles = {
            found.code: set(decider_of(found).role_grants.values_list("role", flat=True))
            for found in (department, changed_department)
        }
    assert roles == {"desk": {"manager"}, "harbour": {"owner"}}

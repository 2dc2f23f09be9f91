"""Holding a month against the limits of working time, beside a bare loop over the same cells."""

from collections import Counter
from datetime import date

from office import clock
from people.models import Role
from shifts import services
from shifts.compliance import Plan, Rules, check
from shifts.models import Layer
from shifts.plans import case_of

from .measure import Side, Yardstick
from .world import MONTH, PLANNED, Desk, desk, planned_code


def bare(plan: Plan) -> tuple[dict[tuple[date, str], int], dict[int, int]]:
    """The least that any check must do: one look at every cell. People on each day and shift, minutes of each agent."""
    people: dict[tuple[date, str], int] = Counter()
    minutes: dict[int, int] = Counter()
    for shift in plan.shifts:
        people[shift.day, shift.code] += 1
        for stretch in shift.stretches:
            minutes[shift.agent] += (stretch.ends_at - stretch.starts_at).seconds // 60
    for off in plan.days_off:
        minutes[off.agent] += 0
    return people, minutes


def planned(agents: int) -> Desk:
    """A department with MONTH in its draft, shifts that change by the week."""
    made = desk(f"checks-{agents}", agents)
    edits = [
        services.CellEdit(member.pk, day, planned_code(number, day.day), 0)
        for number, member in enumerate(made.agents)
        for day in MONTH.days()
    ]
    with clock.at(PLANNED):
        services.paint(department=made.department, month=MONTH, edits=edits, actor=made.office[Role.SUPERVISOR])
    return made


def yardstick(agents: int) -> Yardstick:
    """`shifts.compliance.check` of a drafted month, loaded beforehand: both sides have the same plan in memory."""
    made = planned(agents)
    with clock.at(PLANNED):
        case = case_of(made.department, MONTH, Layer.DRAFT)
    plan, rules = case.plan, case.rules

    def ours(_given: object) -> int:
        check(plan, rules)
        return 0

    def loop(_given: object) -> int:
        bare(plan)
        return 0

    return Yardstick(
        name=f"checks-{agents}",
        ours=Side(ours),
        bare=Side(loop),
        proof=lambda: prove(plan, rules),
    )


def prove(plan: Plan, rules: Rules) -> None:
    """The days that lack people are those that the bare loop counts too few on."""
    have, _minutes = bare(plan)
    wanted = {(day, code) for (day, code), (_wanted, least) in rules.cover.items() if have.get((day, code), 0) < least}
    found = check(plan, rules)
    assert {(one.days[0], one.about) for one in found if one.code == "coverage"} == wanted
    assert "rest_between_shifts" in {one.code for one in found}, "Nothing was found: is this a check?"

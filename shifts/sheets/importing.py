"""Loading what a handed-in table is held against."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from people.models import Department
from shifts.pages.paper import Paper
from shifts.services.roster import Conflict
from shifts.sheets.reading import Known
from shifts.sheets.writing import people_of


def known_of(paper: Paper) -> Known:
    """The month's people, and why others of the department have no line in it; one query more than the paper's."""
    people = people_of(paper.lines)
    return Known(
        paper.month,
        people,
        paper.rulebooks,
        others=_others(paper.department, paper, {person.work_number for person in people}),
        fixed=frozenset(day for day in paper.days if paper.is_fixed(day)),
    )


def _others(department: Department, paper: Paper, present: set[str]) -> dict[str, str]:
    rows = department.memberships.exclude(work_number__in=present).select_related("user").order_by("from_day")
    reasons = {}
    for member in rows:
        facts = {"name": member.name, "day": member.until_day or member.from_day}
        if member.until_day is not None and member.until_day < paper.month.first:
            reason = _("%(name)s left on %(day)s.") % facts
        elif member.from_day > paper.month.last:
            reason = _("%(name)s only joins on %(day)s.") % {**facts, "day": member.from_day}
        else:
            reason = _("%(name)s is not on the roster.") % facts
        reasons[member.work_number] = reason
    return reasons


def said_conflicts(paper: Paper, conflicts: Iterable[Conflict]) -> list[dict]:
    """Cells that somebody else changed meanwhile, with both values as they read on the page."""
    names = {line.member.pk: line.member for line in paper.lines}
    return [
        {
            "member": names.get(conflict.membership_id),
            "day": conflict.day,
            "theirs": (paper.letter(conflict.day, conflict.theirs), paper.mark(conflict.day, conflict.theirs)),
            "yours": (paper.letter(conflict.day, conflict.yours), paper.mark(conflict.day, conflict.yours)),
        }
        for conflict in conflicts
    ]

"""The weekly hand-in of the issue register: what has been written goes to those who handle it."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from handover.models import HandIn, Matter, MatterState, MatterStep
from office import audit, clock, notices
from people.models import Department, Right, User
from people.permissions import holders_of
from people.services import in_each_department
from rulebooks.moments import WEEK
from rulebooks.services import NoRulebook, in_force

DIGEST = gettext_noop("The issue register of the week has been handed in: %(entries)s entries of %(people)s people.")
HANDED = gettext_noop("Your entries of the week have been handed in: %(count)s. You are told what becomes of each.")


def hand_in_registers() -> int:
    """Hand in the register of every department where it is due; how many were. One that fails stops no other."""
    return in_each_department(
        lambda department: hand_in_register(department=department) is not None,
        "The issue register of %s could not be handed in.",
    )


@transaction.atomic
def hand_in_register(*, department: Department) -> HandIn | None:
    """Hand in what has been written up to the rulebook's last moment of the week and is not handed in yet.

    After a stop of several weeks that is one hand-in of them all: nobody reads three digests for one. None when that
    moment has been handed in, when nothing was written, and where the rulebook hands nothing in.
    """
    # Who comes second at the same moment waits here and then finds the hand-in of the first.
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    try:
        moment = in_force(department, department.today()).notebooks.issue_register.hand_in
    except NoRulebook:
        return None
    if moment is None:
        return None
    until = moment.last_before(clock.now(), department.zone)
    last = department.hand_ins.first()
    if last is not None and last.until >= until:
        return None
    due = Matter.objects.select_for_update(of=("self",)).order_by("pk")
    due = due.filter(issue__department=department, issue__written_at__lte=until, hand_in=None)
    matters = list(due.select_related("issue__author__user"))
    if not matters:
        return None
    first = min(matter.issue.written_at for matter in matters)
    since = last.until if last is not None else min(first, until - WEEK)
    return _handed_in(department, since, until, matters)


def _handed_in(department: Department, since, until, matters: list[Matter]) -> HandIn:
    authors: dict[int, list[Matter]] = {}
    for matter in matters:
        authors.setdefault(matter.issue.author.user_id, []).append(matter)
    made = HandIn.objects.create(
        department=department, since=since, until=until, entries=len(matters), people=len(authors)
    )
    # What has been dealt with before is in the digest too, with what became of it.
    new = [matter for matter in matters if matter.state == MatterState.NEW]
    keys = [matter.pk for matter in matters]
    Matter.objects.filter(pk__in=keys).update(hand_in=made)
    Matter.objects.filter(pk__in=[matter.pk for matter in new]).update(state=MatterState.HANDED_IN)
    MatterStep.objects.bulk_create(MatterStep(matter=matter, state=MatterState.HANDED_IN) for matter in new)
    audit.record(None, "handover.register.handed_in", made, entries=made.entries, people=made.people)
    digest = reverse("handover:issue_digest", args=[department.code, made.pk])
    readers = holders_of(department, Right.HANDLE_REGISTER)
    notices.tell(readers, DIGEST, link=digest, entries=made.entries, people=made.people)
    for written in authors.values():
        author: User = written[0].issue.author.user
        notices.tell(author, HANDED, link=reverse("handover:issues", args=[department.code]), count=len(written))
    return made

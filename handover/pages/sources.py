"""Where what the notebooks propose is read, for who may read it: one query for each kind."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handover.models import Case, HandoverItem, Learner, Mentorship, WeeklySummary
from handover.pages.register import links_of
from handover.permissions import can_read_everybody
from handover.services.launches import SOURCE as EXAM
from handover.services.training import SOURCE as MENTORSHIP
from handover.services.weekly import SOURCE as SUMMARY
from ledger import sources
from people.access import may
from people.models import Department, Right


def register() -> None:
    """Say it to the ledger."""
    sources.register("issue", _("Entry of the register"), links_of)
    sources.register(Case._meta.label_lower, _("Complaint"), _cases)
    sources.register(HandoverItem._meta.label_lower, _("Handover item"), _items)
    sources.register(SUMMARY, _("Weekly summary"), _summaries)
    sources.register(EXAM, _("Launch and its quiz"), _launches)
    sources.register(MENTORSHIP, _("Newcomer and mentor"), _mentorships)


def _cases(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
    rows = Case.objects.visible_to(request.user).filter(pk__in=list(keys), department=department)
    return {pk: reverse("handover:case", args=[department.code, pk]) for pk in rows.values_list("pk", flat=True)}


def _items(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
    rows = HandoverItem.objects.visible_to(request.user).filter(pk__in=list(keys), department=department)
    return {pk: reverse("handover:item", args=[department.code, pk]) for pk in rows.values_list("pk", flat=True)}


def _summaries(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
    """The summary once it is handed in, else its week: one's own, or everybody's for who reads them."""
    rows = WeeklySummary.objects.visible_to(request.user).filter(pk__in=list(keys), membership__department=department)
    found = {}
    for pk, handed_in_at, due_at, user in rows.values_list("pk", "handed_in_at", "due_at", "membership__user"):
        if handed_in_at is not None:
            found[pk] = reverse("handover:weekly_summary", args=[department.code, pk])
        elif user == request.user.pk or can_read_everybody(request):
            page = "weekly" if user == request.user.pk else "weekly_board"
            week = {"week": department.local(due_at).date().isoformat()}
            found[pk] = reverse(f"handover:{page}", args=[department.code], query=week)
    return found


def _launches(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
    rows = Learner.objects.filter(pk__in=list(keys), membership__department=department)
    if not may(request, Right.LEAD_TRAINING):
        rows = rows.filter(launch__opened_at__isnull=False)
    found = rows.values_list("pk", "launch")
    return {pk: reverse("handover:launch", args=[department.code, launch]) for pk, launch in found}


def _mentorships(request: HttpRequest, department: Department, keys: Iterable[int]) -> Mapping[int, str]:
    rows = Mentorship.objects.visible_to(request.user).filter(pk__in=list(keys), newcomer__department=department)
    found = rows.values_list("pk", flat=True)
    return {pk: reverse("handover:mentorship", args=[department.code, pk]) for pk in found}

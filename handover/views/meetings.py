"""Meetings: what comes and was held, one meeting, and what its chair and who leads it do."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from handover.forms.meetings import ArrangeForm, CameForm, CancelForm, DecisionForm, MinutesForm
from handover.lists.meetings import MEETING_COLUMNS
from handover.models import Meeting, MeetingPart
from handover.pages.meetings import Held, people_of, read_meetings
from handover.services.meeting_turns import may_chair
from handover.services.meetings import arrange_meeting, cancel_meeting, decide_in_meeting, mark_came, write_minutes
from handover.views.rules import needs_rulebook
from office import clock
from office.forms import RefusingForm
from office.tables import Table
from people.access import in_department, may, membership_of, require_membership, require_right
from people.models import Right
from rulebooks.services import in_force

MEETINGS_A_PAGE = 25


@require_GET
@in_department
@needs_rulebook
def meetings(request, department):
    rules = in_force(department, department.today()).meetings
    coming, held = read_meetings(department, request.user)
    table = Table(
        request,
        MEETING_COLUMNS,
        held,
        name="meetings",
        title=_("Meetings"),
        order="-when",
        per_page=MEETINGS_A_PAGE,
        zone=department.zone,
    )
    if table.wants_file:
        return table.file()
    return render(request, "handover/meeting_list.html", {"rules": rules, "coming": coming, "table": table})


def _meeting_or_404(request, department, pk) -> Meeting:
    rows = Meeting.objects.visible_to(request.user).select_related("chair__user", "minutes_by", "department")
    return get_object_or_404(rows, department=department, pk=pk)


def _writes(request, meeting: Meeting) -> bool:
    """The chair, and who leads meetings."""
    chairs = meeting.chair is not None and meeting.chair.user_id == request.user.pk
    return chairs or may(request, Right.LEAD_TRAINING)


@require_GET
@in_department
def meeting(request, department, pk):
    return _page(request, _meeting_or_404(request, department, pk))


def _page(request, found: Meeting, **failed):
    """The whole page. `failed`: the form that was refused, by its name, with what was typed."""
    department, leads, writes = found.department, may(request, Right.LEAD_TRAINING), _writes(request, found)
    people, begun, off = people_of(found), found.begins_at <= clock.now(), found.cancelled_at is not None
    forms: dict[str, RefusingForm] = {}
    if leads and not begun and not off:
        chairs = may_chair(found)
        initial = {"chair": str(found.chair_id)}
        forms["arrange"] = ArrangeForm(chairs=chairs, people=people, initial=initial)
    if leads and not off and found.minutes_at is None:
        forms["cancel"] = CancelForm(auto_id="cancel-%s")
    if leads and begun and not off:
        forms["came_form"] = CameForm(people=[row for row in people if row.part == MeetingPart.ATTENDS])
    if writes and begun and not off:
        if found.minutes_at is None:
            forms["minutes"] = MinutesForm(initial={"text": found.minutes}, auto_id="minutes-%s")
        if membership_of(request.user, department):
            rulebook = in_force(department, department.today())
            forms["decide"] = DecisionForm(rulebook=rulebook, auto_id="decide-%s")
    decisions = found.decisions.select_related("author__user", "matter")
    context = {"held": Held(found), "meeting": found, "people": people, "begun": begun, "off": off, "leads": leads}
    context |= {"writes": writes, "decisions": decisions, **forms, **failed}
    return render(request, "handover/meeting_detail.html", context, status=422 if failed else 200)


def _answer(request, found: Meeting, name: str, form, act, done: str):
    """Do what was asked and go back to the page; 422 with the form where it was refused."""
    if form.carry_out(act):
        messages.success(request, done)
        return redirect("handover:meeting", code=found.department.code, pk=found.pk)
    return _page(request, _meeting_or_404(request, found.department, found.pk), **{name: form})


@require_POST
@in_department
def meeting_arrange(request, department, pk):
    found = _meeting_or_404(request, department, pk)
    require_right(request, Right.LEAD_TRAINING)
    form = ArrangeForm(request.POST, chairs=may_chair(found), people=people_of(found))
    return _answer(
        request,
        found,
        "arrange",
        form,
        lambda: arrange_meeting(meeting=found, actor=request.user, **form.arranged()),
        _("Arranged; whoever is concerned has been told."),
    )


@require_POST
@in_department
def meeting_cancel(request, department, pk):
    found = _meeting_or_404(request, department, pk)
    require_right(request, Right.LEAD_TRAINING)
    form = CancelForm(request.POST, auto_id="cancel-%s")
    return _answer(
        request,
        found,
        "cancel",
        form,
        lambda: cancel_meeting(meeting=found, actor=request.user, **form.cleaned_data),
        _("The meeting is off; everybody in it has been told."),
    )


@require_POST
@in_department
def meeting_came(request, department, pk):
    found = _meeting_or_404(request, department, pk)
    require_right(request, Right.LEAD_TRAINING)
    form = CameForm(
        request.POST, people=list(found.people.filter(part=MeetingPart.ATTENDS).select_related("membership__user"))
    )
    return _answer(
        request,
        found,
        "came_form",
        form,
        lambda: mark_came(meeting=found, came=form.cleaned_data["came"], actor=request.user),
        _("Marked who came."),
    )


@require_POST
@in_department
def meeting_minutes(request, department, pk):
    found = _meeting_or_404(request, department, pk)
    if not _writes(request, found):
        raise PermissionDenied
    form = MinutesForm(request.POST, auto_id="minutes-%s")
    done = _("Minutes handed in.") if request.POST.get("hand_in") else _("Saved as a draft; it is not handed in yet.")
    return _answer(
        request,
        found,
        "minutes",
        form,
        lambda: write_minutes(meeting=found, actor=request.user, **form.cleaned_data),
        done,
    )


@require_POST
@in_department
@needs_rulebook
def meeting_decide(request, department, pk):
    found = _meeting_or_404(request, department, pk)
    if not _writes(request, found):
        raise PermissionDenied
    member = require_membership(request)
    form = DecisionForm(request.POST, rulebook=in_force(department, department.today()), auto_id="decide-%s")
    return _answer(
        request,
        found,
        "decide",
        form,
        lambda: decide_in_meeting(meeting=found, author=member, **form.cleaned_data),
        _("Entered in the register."),
    )

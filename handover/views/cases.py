"""Bad reviews and complaints: the list, registering one, working on it, closing it, a month's statistics."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from handover.forms.cases import NOBODY, AboutForm, AssignForm, CaseForm, CaseNoteForm, CloseForm, CorrectForm, StepForm
from handover.lists.cases import case_columns, month_columns
from handover.models import Case, CaseState, CaseStep
from handover.pages.case_months import by_kind, by_person, total_of
from handover.pages.cases import Reader, line_of, members_of, page_of, rules_for
from handover.services import cases as services
from handover.views.rules import needs_rulebook
from ledger.views.months import month_asked
from office import clock, uploads
from office.forms import MonthForm
from office.months import FIRST_YEAR, Month
from office.tables import Choice, Table, filled
from people.access import in_department, may, require_membership, require_right
from people.models import Right
from people.permissions import holders_of_any
from rulebooks.services import in_force, version_by_id

CASES_A_PAGE = 25
# Keys of the database are shorter than this.
LONGEST_KEY = 19
PEOPLE = ("department", "registered_by", "assignee__user", "assignee__department", "subject__user", "picture")
# Whoever holds one of these reads every case and the statistics of a month; others see what is theirs.
READS_ALL = (Right.SCORE_MONTH, Right.HANDLE_CASES, Right.READ_REGISTER)


def reads_all(request) -> bool:
    return any(may(request, right) for right in READS_ALL)


# ── The list ──


@require_GET
@in_department
def cases(request, department):
    now, reader = clock.now(), Reader.of(request)
    rules, may_register = rules_for(department, request.user)
    form, choices, rows = _found(request, reader, rules, now)
    table = Table(
        request,
        case_columns(reader, now),
        rows.select_related("department", "registered_by", "assignee__user", "subject__user").prefetch_related("steps"),
        name="cases",
        title=_("Reviews and complaints"),
        order="-came" if choices[0].value in ("closed", "all") else "clock",
        per_page=CASES_A_PAGE,
        zone=department.zone,
        form=form,
        choices=choices,
    )
    if table.wants_file:
        return table.file()
    context = {"table": table, "lines": [line_of(case, reader, now) for case in table.page]}
    context |= {"rules": rules, "may_register": may_register, "may_edit": may(request, Right.EDIT_RULEBOOK)}
    context["month"] = Month.of(department.today()) if reads_all(request) else None
    context["readers"] = [] if reads_all(request) else holders_of_any(department, READS_ALL)
    return render(request, "handover/case_list.html", context)


def _found(request, reader, rules, now):
    """The form, the choices with their counts, and the rows that fit all of them."""
    department, month = request.department, month_asked(request)
    form = MonthForm(request.GET, newest=Month.of(department.today()), shown=month)
    left = CaseStep.objects.filter(case=OuterRef("pk"), done_at=None, is_skipped=False)
    rows = Case.objects.visible_to(request.user).filter(department=department)
    rows = rows.filter(business_date__range=(month.first, month.last)) if month else rows
    if words := filled(form).get("q", ""):
        rows = rows.filter(Q(text__icontains=words) | Q(product__icontains=words) | reader.named(words))
    whose = Choice(
        request,
        "whose",
        _("Whose"),
        [
            ("", _("Everybody") if reads_all(request) else _("All")),
            ("mine", _("Mine")),
            ("nobody", _("Nobody's")),
            ("me", _("About me")),
        ],
    )
    fits = {
        "mine": Q(assignee__user=request.user),
        "nobody": Q(assignee=None),
        "me": Q(subject__user=request.user),
    }
    rows = rows.filter(fits[whose.value]) if whose.value else rows
    about, rows = _about(request, rows)
    rows = rows.annotate(is_late=Exists(left.filter(due_at__lt=now)))
    state, kind, rows = _by_state_and_kind(request, rules, rows)
    # What is asked for next is the first step that is left: closed cases have none.
    choices = [state, kind, whose, *([about] if about else [])]
    return form, choices, rows.annotate(next_due=Subquery(left.order_by("place").values("due_at")[:1]))


def _about(request, rows):
    """Cases about one person or about nobody, as the statistics of a month lead here; None without that."""
    asked = request.GET.get("about", "")
    if asked == NOBODY:
        named, rows = _("Nobody named"), rows.filter(subject=None)
    elif asked.isdecimal() and len(asked) < LONGEST_KEY:
        person = request.department.memberships.filter(pk=asked).select_related("user").first()
        named, rows = person.name if person else "—", rows.filter(subject=person) if person else rows.none()
    else:
        return None, rows
    return Choice(request, "about", _("About whom"), [("", _("About anybody")), (asked, named)]), rows


def _by_state_and_kind(request, rules, rows):
    """The two choices with counts, from one query, and the rows that fit both."""
    is_open, is_late = Q(state=CaseState.OPEN), Q(state=CaseState.OPEN, is_late=True)
    fits = {"": is_open, "late": is_late, "closed": Q(state=CaseState.CLOSED), "all": Q()}
    counted = (
        rows.order_by()
        .values("kind")
        .annotate(
            version=Max("rulebook_version"),
            all=Count("pk"),
            open=Count("pk", filter=is_open),
            late=Count("pk", filter=is_late),
        )
    )
    counts = {row["kind"]: row | {"": row["open"], "closed": row["all"] - row["open"]} for row in counted}
    names = {known.code: str(known.name) for known in rules.kinds} if rules else {}
    for code, row in counts.items():
        old = version_by_id(row["version"]).case_kind(code)
        names.setdefault(code, str(old.name) if old else code)
    kind = Choice(request, "kind", _("Kind"), [("", _("All kinds")), *names.items()])
    shown = [row for code, row in counts.items() if kind.value in ("", code)]
    labels = (
        ("", pgettext("case", "Open")),
        ("late", pgettext("case", "Late")),
        ("closed", pgettext("case", "Closed")),
        ("all", _("All states")),
    )
    # To who sees only their own a count would say that there is nothing else.
    counted = [(sum(row[one] for row in shown),) if reads_all(request) else () for one, _says in labels]
    state = Choice(
        request, "state", _("State"), [(*label, *count) for label, count in zip(labels, counted, strict=True)]
    )
    rows = rows.filter(fits[state.value])
    return state, kind, rows.filter(kind=kind.value) if kind.value else rows


# ── Registering ──


@require_http_methods(["GET", "POST"])
@in_department
@needs_rulebook
def case_new(request, department):
    member = require_membership(request)
    rules = in_force(department, department.today()).cases
    if rules is None:
        return render(request, "handover/case_none.html", {"may_edit": may(request, Right.EDIT_RULEBOOK)})
    asked = request.GET if request.method == "GET" else {}
    form = CaseForm(request.POST or None, request.FILES or None, department=department, rules=rules, asked=asked)
    if form.carry_out(lambda: services.register_case(department=department, actor=member.user, **form.cleaned_data)):
        messages.success(request, _("Registered. The clocks run."))
        return redirect("handover:case", department.code, form.outcome.pk)
    context = {"form": form, "rules": rules}
    return render(request, "handover/case_form.html", context, status=422 if form.errors else 200)


# ── One case ──


def _case_or_404(request, department, pk) -> Case:
    rows = Case.objects.visible_to(request.user).select_related(*PEOPLE).prefetch_related("steps__done_by")
    return get_object_or_404(rows, department=department, pk=pk)


@require_GET
@in_department
def case(request, department, pk):
    return _page(request, _case_or_404(request, department, pk))


def _page(request, found: Case, **bound):
    """The page of a case; `bound`: a form that was refused, by its name."""
    page = page_of(found, Reader.of(request))
    forms = {
        "step": StepForm(auto_id="step_%s"),
        "note": CaseNoteForm(auto_id="note_%s"),
        "assign": AssignForm(members=page.members, on_duty=page.on_duty, auto_id="assign_%s"),
        "about": AboutForm(members=page.members, subject=found.subject, auto_id="about_%s"),
        "close": CloseForm(case=found, members=page.members, auto_id="close_%s"),
        "correct": CorrectForm(case=found, members=page.members, auto_id="correct_%s"),
        **bound,
    }
    context = {f"{name}_form": form for name, form in forms.items()}
    context |= {"page": page, "case": found, "all_forms": forms.values()}
    refused = any(form.errors for form in bound.values())
    return render(request, "handover/case_detail.html", context, status=422 if refused else 200)


@require_GET
@in_department
def case_clocks(request, department, pk):
    """The steps alone, for the part of the page that keeps itself up to date."""
    page = page_of(_case_or_404(request, department, pk), Reader.of(request), clocks_only=True)
    return render(request, "handover/_case_steps.html", {"page": page, "case": page.case})


@require_GET
@in_department
def case_picture(request, department, pk):
    found = _case_or_404(request, department, pk)
    if found.picture is None:
        raise Http404
    return uploads.response(found.picture)


def _mine_or_403(request, department, pk) -> Case:
    found = _case_or_404(request, department, pk)
    if not Reader.of(request).may_work(found):
        raise PermissionDenied
    return found


@require_POST
@in_department
def case_step(request, department, pk, step):
    found = _mine_or_403(request, department, pk)
    row = get_object_or_404(CaseStep.objects.select_related("case"), case=found, pk=step)
    form = StepForm(request.POST, auto_id="step_%s")
    form.carry_out(lambda: services.do_step(step=row, actor=request.user, **form.cleaned_data))
    return _answer(request, department, found, {"step": form}, _("Done."))


@require_POST
@in_department
def case_close(request, department, pk):
    found = _mine_or_403(request, department, pk)
    members, _on_duty = members_of(department)
    form = CloseForm(request.POST, case=found, members=members, auto_id="close_%s")
    form.carry_out(lambda: services.close_case(case=found, actor=request.user, **form.found()))
    return _answer(request, department, found, {"close": form}, pgettext("case", "Closed."))


@require_POST
@in_department
def case_about(request, department, pk):
    """About whom an open case is."""
    found = _mine_or_403(request, department, pk)
    members, _on_duty = members_of(department)
    form = AboutForm(request.POST, members=members, subject=found.subject, auto_id="about_%s")
    form.carry_out(lambda: services.say_about(case=found, actor=request.user, **form.said()))
    return _answer(request, department, found, {"about": form}, _("Written down."))


@require_POST
@in_department
def case_correct(request, department, pk):
    """What was found of a closed case, otherwise."""
    found = _case_or_404(request, department, pk)
    require_right(request, Right.HANDLE_CASES)
    members, _on_duty = members_of(department)
    form = CorrectForm(request.POST, case=found, members=members, auto_id="correct_%s")
    form.carry_out(lambda: services.correct_case(case=found, actor=request.user, **form.found()))
    return _answer(request, department, found, {"correct": form}, _("Corrected. Those concerned have been told."))


@require_POST
@in_department
def case_note(request, department, pk):
    found = _mine_or_403(request, department, pk)
    form = CaseNoteForm(request.POST, auto_id="note_%s")
    form.carry_out(lambda: services.add_note(case=found, actor=request.user, **form.cleaned_data))
    return _answer(request, department, found, {"note": form}, _("Written down."))


@require_POST
@in_department
def case_assign(request, department, pk):
    found = _mine_or_403(request, department, pk)
    members, on_duty = members_of(department)
    form = AssignForm(request.POST, members=members, on_duty=on_duty, auto_id="assign_%s")
    form.carry_out(lambda: services.assign_case(case=found, actor=request.user, **form.given()))
    return _answer(request, department, found, {"assign": form}, _("Given. They have been told."))


def _answer(request, department, found, bound, said: str):
    """The case again: with what was done, or with what was refused and typed."""
    if any(form.errors for form in bound.values()):
        return _page(request, _case_or_404(request, department, found.pk), **bound)
    messages.success(request, said)
    # Whoever has passed it on may see no more of it.
    if not Case.objects.visible_to(request.user).filter(pk=found.pk).exists():
        return redirect("handover:cases", department.code)
    return redirect("handover:case", department.code, found.pk)


# ── A month ──


@require_GET
@in_department
def case_month(request, department, month):
    if not reads_all(request):
        raise PermissionDenied
    by = Choice(request, "by", _("By"), [("", _("By kind")), ("person", _("By person"))])
    lines = (by_person if by.value else by_kind)(department, month, clock.now())
    table = Table(
        request,
        month_columns(_("About whom") if by.value else _("Kind")),
        lines,
        name=f"cases-{month}",
        title=_("Reviews and complaints %(month)s") % {"month": month},
        order="-came",
        per_page=200,
        zone=department.zone,
        choices=[by],
    )
    if table.wants_file:
        return table.file()
    context = {"table": table, "lines": table.page, "total": total_of(lines), "month": month, "by_person": by.value}
    return render(request, "handover/case_month.html", context | _months(department, month))


def _months(department, month: Month) -> dict:
    """Where the switch of the months leads; not into months that have not begun."""
    this = Month.of(department.today())

    def url(other: Month) -> str:
        return reverse("handover:case_month", args=[department.code, other])

    earlier = url(month.previous) if month > Month(FIRST_YEAR, 1) else ""
    later = url(month.next) if month < this else ""
    return {"previous": earlier, "next": later, "now": url(this) if month != this else "", "begun": month <= this}

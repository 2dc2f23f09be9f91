"""Who has which skill: agents by skills."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.tables import Column, Table
from people.access import in_department, require_right
from people.models import Department, Membership, Right
from rulebooks.schema import Rulebook, Skill
from rulebooks.services import NoRulebook, in_force
from shifts.forms.qualifications import QualificationForm, current
from shifts.models import Qualification
from shifts.services import qualifications as services


@dataclass(frozen=True)
class Row:
    """A member with what they have, a list of periods for each skill in the rulebook's order."""

    member: Membership
    held: list[tuple[Skill, list[Qualification]]]


def _rulebook(department: Department) -> Rulebook | None:
    """The one in force; None where it knows no skills."""
    try:
        rulebook = in_force(department, department.today())
    except NoRulebook:
        return None
    return rulebook if rulebook.skills else None


def _no_skills(request, *, status: int = 200) -> HttpResponse:
    return render(request, "shifts/qualification_none.html", status=status)


def _rows(department: Department, rulebook: Rulebook) -> list[Row]:
    members = current(department).filter(rostered=True).select_related("user")
    rows = Qualification.objects.filter(membership__department=department)
    by_cell: dict[tuple[int, str], list[Qualification]] = {}
    for row in rows.filter(Q(until_day=None) | Q(until_day__gte=department.today())):
        by_cell.setdefault((row.membership_id, row.code), []).append(row)
    return [
        Row(member, [(skill, by_cell.get((member.pk, skill.code), [])) for skill in rulebook.skills])
        for member in members
    ]


def _columns(rulebook: Rulebook) -> list[Column]:
    def days(place: int):
        return lambda row: " · ".join(period_of(each) for each in row.held[place][1])

    return [
        Column("number", gettext_lazy("Work number"), lambda row: row.member.work_number, sort=True),
        Column("who", gettext_lazy("Name"), lambda row: row.member.name, sort=True),
        *(Column(skill.code, str(skill.name), days(place)) for place, skill in enumerate(rulebook.skills)),
    ]


def period_of(row: Qualification) -> str:
    return f"{row.from_day} – {row.until_day or ''}".strip()


@require_GET
@in_department
def qualifications(request, department):
    require_right(request, Right.EDIT_ROSTER)
    rulebook = _rulebook(department)
    if rulebook is None:
        return _no_skills(request)
    table = Table(
        request,
        _columns(rulebook),
        _rows(department, rulebook),
        name="skills",
        title=_("Skills"),
        zone=department.zone,
        per_page=100,
    )
    if table.wants_file:
        return table.file()
    needs = [(skill, [shift for shift in rulebook.shifts if skill.code in shift.needs]) for skill in rulebook.skills]
    return render(request, "shifts/qualification_list.html", {"department": department, "table": table, "needs": needs})


@require_http_methods(["GET", "POST"])
@in_department
def qualification_set(request, department):
    """Give a skill, or write its last day; `?member=&skill=` opens it for one cell of the list."""
    require_right(request, Right.EDIT_ROSTER)
    rulebook = _rulebook(department)
    if rulebook is None:
        return _no_skills(request, status=200 if request.method == "GET" else 422)
    form = QualificationForm(
        request.POST or None, department=department, rulebook=rulebook, initial=_asked(request, department)
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            row = services.give(
                membership=data["member"],
                code=data["skill"],
                from_day=data["from_day"],
                until_day=data["until_day"],
                actor=request.user,
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved: %(name)s") % {"name": row.membership.name})
            return redirect("shifts:qualifications", department.code)
    context = {"department": department, "form": form, "held": _held(department, form)}
    return render(request, "shifts/qualification_form.html", context, status=422 if form.errors else 200)


def _asked(request, department: Department) -> dict:
    """What the form begins with: the newest entry of the cell, so that its last day can be written."""
    member, skill = request.GET.get("member", ""), request.GET.get("skill", "")
    asked = {"member": member, "skill": skill, "from_day": department.today()}
    if member.isdecimal() and len(member) < 19 and "\0" not in skill:
        held = Qualification.objects.filter(membership=int(member), membership__department=department, code=skill)
        if row := held.filter(Q(until_day=None) | Q(until_day__gte=department.today())).last():
            asked |= {"from_day": row.from_day, "until_day": row.until_day}
    return asked


def _held(department: Department, form: QualificationForm) -> list[Qualification]:
    """Everything that the member of the form has, or had, of its skill."""
    member, skill = str(form["member"].value() or ""), str(form["skill"].value() or "")
    if not member.isdecimal() or len(member) >= 19 or "\0" in skill:
        return []
    rows = Qualification.objects.filter(membership=int(member), membership__department=department, code=skill)
    return list(rows.select_related("membership__user"))


@require_POST
@in_department
def qualification_remove(request, department):
    """Take away an entry that was a mistake; one that is gone already is gone."""
    require_right(request, Right.EDIT_ROSTER)
    asked = request.POST.get("qualification", "")
    rows = Qualification.objects.filter(membership__department=department)
    row = rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    if row is None:
        messages.info(request, _("This entry is gone already."))
    else:
        services.take_back(qualification=row, actor=request.user)
        messages.success(request, _("The entry has been taken away."))
    return redirect("shifts:qualifications", department.code)

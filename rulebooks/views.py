"""The rulebook as its department reads it, what changes from version to version, and changing it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from people.access import in_department, may, require_right
from people.models import Right

from . import editing, editor, notebook_sentences, sentences, words
from .changes import changes, hours_moved
from .forms import EditForm
from .models import RulebookVersion
from .services import version_by_id


@require_GET
@in_department
def current(request, department):
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    return _show(request, department, versions, versions.in_force_on(department.today()).first())


@require_GET
@in_department
def version(request, department, number):
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    return _show(request, department, versions, get_object_or_404(versions, number=number))


def _show(request, department, versions, version):
    listed = list(versions.defer("source", "content").select_related("published_by"))
    today = department.today()
    # Newest first: the first that has begun is the one in force.
    in_force = next((each for each in sorted(listed, key=_begun, reverse=True) if each.from_day <= today), None)
    rulebook = version_by_id(version.pk) if version else None
    context = {
        "version": version,
        "versions": [(each, each.from_day > today, each == in_force) for each in listed],
        "in_force": version is not None and version == in_force,
        "to_come": version is not None and version.from_day > today,
        "rulebook": rulebook,
        "may_edit": may(request, Right.EDIT_RULEBOOK) and bool(listed),
        # A link to a part opens the latest version: beside an older text than the one in force it could lead elsewhere.
        "may_edit_parts": may(request, Right.EDIT_RULEBOOK) and version in (in_force, *listed[:1]) and bool(listed),
        "next": next((each for each in reversed(listed) if each.from_day > today and each != version), None),
    }
    return render(request, "rulebooks/rulebook_detail.html", context | (_read_aloud(rulebook) if rulebook else {}))


def _begun(version):
    return version.from_day, version.number


def _read_aloud(rulebook) -> dict:
    return {
        "shifts": words.shift_rows(rulebook),
        "indicators": words.indicator_rows(rulebook),
        "clauses": words.clause_rows(rulebook),
        "rights": words.right_rows(rulebook),
        "rest": sentences.rest_rules(rulebook),
        "working_time": sentences.working_time_rules(rulebook),
        "attendance": sentences.attendance_rules(rulebook),
        "leave": sentences.leave_rules(rulebook),
        "swaps": sentences.swap_rules(rulebook),
        "duties": sentences.duty_rules(rulebook),
        "log_rules": notebook_sentences.log_rules(rulebook),
        "hand_in": notebook_sentences.hand_in(rulebook),
        "orders": notebook_sentences.order_rules(rulebook),
        "cases": notebook_sentences.case_rules(rulebook),
        "learning": notebook_sentences.learning_rules(rulebook),
        "bonuses": notebook_sentences.bonus_rules(rulebook),
        "patterns": sentences.pattern_rules(rulebook),
        "at_clock_out": words.at_clock_out(rulebook),
        "fund_names": words.fund_names(rulebook),
    }


@require_GET
@in_department
def file(request, department, number):
    """The text of a version as it was published."""
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    version = get_object_or_404(versions, number=number)
    name = f"{department.code}-rulebook-{version.number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(version.source, content_type="application/yaml; charset=utf-8", headers=headers)


@require_GET
@in_department
def differences(request, department, number):
    """What changed from another version to this one; from the one before when none is named."""
    versions = RulebookVersion.objects.visible_to(request.user).filter(department=department)
    version = get_object_or_404(versions, number=number)
    wanted = request.GET.get("with") or str(number - 1)
    other = versions.filter(number=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 10 else None
    if other is None and "with" in request.GET:
        raise Http404
    context = {
        "version": version,
        "other": other,
        "others": versions.exclude(pk=version.pk).defer("source", "content"),
        "to_come": version.from_day > department.today(),
    }
    if other:
        context |= _compared(version_by_id(other.pk), version_by_id(version.pk))
    return render(request, "rulebooks/rulebook_changes.html", context)


def _compared(before, after) -> dict:
    return {"changes": changes(before, after), "hours": hours_moved(before, after)}


@require_http_methods(["GET", "POST"])
@in_department
def edit(request, department):
    """The editor; posted, what would change or what is wrong. Nothing is stored here."""
    require_right(request, Right.EDIT_RULEBOOK)
    latest = _latest(department)
    if request.method == "GET":
        return _editor(request, editor.fresh(latest, at=request.GET.get("at", "")))
    form = EditForm(request.POST, request.FILES, department=department, latest=latest, actor=request.user)
    if not form.is_valid() or form.overtaken or form.rulebook is None:
        return _sent_back(request, form)
    day = form.cleaned_data["from_day"]
    before = version_by_id(latest.pk)
    context = {"form": form, "latest": latest, "from_day": day} | _compared(before, form.rulebook)
    context["people"] = editing.people_moved(before, form.rulebook, department, day)
    return render(request, "rulebooks/rulebook_preview.html", context)


@require_POST
@in_department
def publish(request, department):
    """Publish what the preview showed; or go back from it to the text."""
    require_right(request, Right.EDIT_RULEBOOK)
    form = EditForm(request.POST, department=department, latest=_latest(department), actor=request.user)
    good = form.is_valid()
    if "back" in request.POST:
        again = {"at": request.POST.get("came_from", ""), "from_day": form.data.get("from_day")}
        return _editor(request, editor.fresh(form.latest, whole=form.whole, **again))
    version = _published(request, form) if good and not form.overtaken else None
    if version is None:
        return _sent_back(request, form)
    messages.success(request, _("Published. Everybody in the department is told."))
    return redirect("rulebooks:version", department.code, version.number)


def _published(request, form):
    """The new version; None with the refusal on the form."""
    facts = {name: form.cleaned_data[name] for name in ("from_day", "base")}
    try:
        return editing.publish(department=form.department, text=form.whole, actor=request.user, **facts)
    except ValidationError as refusal:
        # Somebody was quicker by a moment, or this one's right or day has just passed.
        form.refuse(refusal)
        form.latest = _latest(form.department)
        return None


def _latest(department):
    version = department.rulebook_versions.select_related("department").first()
    if version is None:
        raise Http404
    return version


def _sent_back(request, form):
    """The text with what is wrong about it; when somebody published meanwhile, with what they changed."""
    if not form.overtaken:
        return _editor(request, editor.returned(form), status=422)
    based_on = form.based_on
    theirs = changes(version_by_id(based_on.pk), version_by_id(form.latest.pk)) if based_on else None
    mine = editor.fresh(form.latest, whole=form.whole, from_day=form.data.get("from_day"))
    return _editor(request, mine, status=422, theirs=form.latest, their_changes=theirs)


def _editor(request, shown, status=200, **context):
    context |= {"editor": shown, "form": shown.form, "latest": shown.form.latest}
    return render(request, "rulebooks/rulebook_form.html", context, status=status)

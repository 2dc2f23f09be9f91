"""Bad reviews 差评 and complaints 投诉: registered, given to somebody, worked through in steps, closed.

Every write locks the case first; what an upheld complaint proposes locks the ledger's head after it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.cases import Deed, Standing, Step, due_times, follows, standings, to_do
from handover.models import Case, CaseNote, CaseState, CaseStep, Finding, SearchKind
from handover.services.items import refuse_who_left
from handover.services.search import index
from handover.services.upheld import propose_for
from office import audit, clock, notices, uploads
from people.access import membership_of
from people.models import Department, Membership, Right, User
from people.permissions import has_right, holders_of
from rulebooks.schema import CaseKind, Rulebook
from rulebooks.services import in_force

LONGEST_TEXT = CaseNote._meta.get_field("text").max_length or 0
TEXTS = {"customer", "phone", "product", "order_number", "text"}

CAME = gettext_noop("%(name)s has registered: %(kind)s. Give it to somebody.")
ABOUT_YOU = gettext_noop("Registered about you: %(kind)s of %(day)s.")
YOURS = gettext_noop("%(name)s has given you: %(kind)s of %(day)s. Next: %(step)s.")
ENDED = gettext_noop("Closed: %(kind)s of %(day)s.")
ENDED_UPHELD = gettext_noop("Closed: %(kind)s of %(day)s. It was upheld.")
ENDED_NOT_UPHELD = gettext_noop("Closed: %(kind)s of %(day)s. It was not upheld.")
NOW_UPHELD = gettext_noop("Corrected: %(kind)s of %(day)s was upheld. %(text)s")
NOW_NOT_UPHELD = gettext_noop("Corrected: %(kind)s of %(day)s was not upheld. %(text)s")


def in_time(case: Case, rows: Iterable[CaseStep]) -> list[Step]:
    """The steps of a case as the clocks reckon with them, in their order."""
    rule = case.rule
    known = {step.code: step for step in rule.steps}
    return [
        Step(row.code, row.due_at, known[row.code].if_missed or "", row.done_at, row.is_skipped)
        for row in sorted(rows, key=lambda row: row.place)
    ]


# ── Registering ──


def register_case(
    *,
    department: Department,
    actor: User,
    kind: str,
    customer: str,
    text: str,
    came_at: datetime,
    severity: str = "",
    phone: str = "",
    product: str = "",
    order_number: str = "",
    subject: Membership | None = None,
    picture: File | None = None,
) -> Case:
    """Register a review or complaint that came in at `came_at` (aware); the clocks of its steps run from then.

    It belongs to the calendar day on which it came in, and to the rulebook in force then. The same facts by the same
    person are one case: a second press finds the first. Those who handle cases, and whom it is about, are told.

    Refuses: "not_a_member", "in_future", "no_rulebook", "no_cases" where the rulebook has none, "unknown_kind",
    "unknown_severity", "foreign_subject", bad texts (by field), and a file that cannot be kept.
    """
    with uploads.none_left_behind(), transaction.atomic():
        member = _member(department, actor)
        day = department.local(_not_to_come(came_at)).date()
        rulebook = in_force(department, day)
        rule = _kind_of(rulebook, kind, severity)
        _refuse_foreign(subject, department)
        case = Case(
            department=department,
            kind=rule.code,
            rulebook_version_id=rulebook.version_id,
            severity=severity,
            customer=customer.strip(),
            phone=phone.strip(),
            product=product.strip(),
            order_number=order_number.strip(),
            text=text.strip(),
            subject=subject,
            came_at=came_at,
            business_date=day,
            registered_by=member.user,
        )
        case.clean_fields(exclude={field.name for field in Case._meta.concrete_fields} - TEXTS)
        if first := _the_same(case):
            return first
        case.picture = uploads.keep(file=picture, department=department, by=actor) if picture else None
        case.save()
        due = due_times(rule, came_at)
        CaseStep.objects.bulk_create(
            CaseStep(case=case, code=step.code, place=place, due_at=due[step.code])
            for place, step in enumerate(rule.steps)
        )
        index(kind=SearchKind.CASE, row=case, membership=member, business_date=day)
        _remember(case, Deed.REGISTERED, actor)
        audit.record(actor, "handover.case.registered", case, kind=rule.code, came_at=came_at, subject=subject)
        _tell(case, holders_of(department, Right.HANDLE_CASES).exclude(pk=actor.pk), CAME, name=actor.name)
        if subject is not None and subject.user_id != actor.pk:
            _tell(case, subject.user, ABOUT_YOU)
        return case


def _member(department: Department, actor: User) -> Membership:
    """The actor's membership, locked, so that two presses of one person come one after the other."""
    member = membership_of(actor, department)
    if member is None:
        raise ValidationError(_("Only members of the department can register this."), code="not_a_member")
    Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
    return member


def _not_to_come(came_at: datetime) -> datetime:
    if came_at > clock.now():
        raise ValidationError(_("This is in the future."), code="in_future")
    return came_at


def _kind_of(rulebook: Rulebook, code: str, severity: str) -> CaseKind:
    if rulebook.cases is None:
        raise ValidationError(
            _("The rulebook in force on that day has no section on reviews and complaints."), code="no_cases"
        )
    rule = rulebook.case_kind(code)
    if rule is None:
        raise ValidationError(_("The rulebook in force on that day knows no such kind."), code="unknown_kind")
    if severity and severity not in {known.code for known in rule.severities}:
        raise ValidationError(_("This kind has no such severity."), code="unknown_severity")
    return rule


def _the_same(case: Case) -> Case | None:
    facts = ("department", "registered_by", "kind", "severity", "customer", "phone", "product", "order_number", "text")
    same = {name: getattr(case, name) for name in (*facts, "subject", "came_at")}
    return Case.objects.filter(**same).first()


# ── Working on it ──


@transaction.atomic
def assign_case(*, case: Case, to: Membership, actor: User, text: str = "") -> Case:
    """Give a case to a member, who is told; `text` is what they should know. A step that is done by this is done.

    Refuses: "already_closed", "not_yours" for who neither handles cases nor has this one, "other_department",
    "not_a_member" for somebody who has left, "has_it", "too_long".
    """
    case = _open(case, actor)
    text = _short(text)
    if to.department_id != case.department_id:
        raise ValidationError(_("Choose somebody of this department."), code="other_department")
    refuse_who_left(to)
    if to.pk == case.assignee_id:
        raise ValidationError(_("%(name)s has this case already.") % {"name": to.name}, code="has_it")
    before, case.assignee = case.assignee_id, to
    case.save(update_fields=["assignee"])
    _remember(case, Deed.ASSIGNED, actor, text=_short(f"{to.name}: {text}" if text else to.name))
    audit.record(actor, "handover.case.assigned", case, before=before, after=to.pk)
    _do_by_assigning(case, actor)
    if to.user_id != actor.pk:
        _tell(case, to.user, YOURS, name=actor.name, step=_next_name(case))
    return case


def _do_by_assigning(case: Case, actor: User) -> None:
    """Do the step that the rulebook takes for done once somebody has the case, when it is that step's turn."""
    for code in reversed(to_do(in_time(case, case.steps.all()), clock.now())):
        rule = case.rule.step(code)
        if rule is not None and rule.done_by == "assigning":
            step = _do(case, code, actor)
            _remember(case, Deed.STEP, actor, step=step)
            audit.record(actor, "handover.case.step", case, step=code, due_at=step.due_at)
            return


@transaction.atomic
def say_about(*, case: Case, actor: User, subject: Membership | None) -> Case:
    """Say of an open case about whom it is, or that it is about nobody of us (None). Whom it is about is told.

    Refuses: "already_closed", "not_yours", "foreign_subject", "said_already", "own_case" for what is about oneself.
    """
    case = _open(case, actor)
    _refuse_foreign(subject, case.department)
    if subject == case.subject and (subject is not None or case.notes.filter(action=Deed.ABOUT).exists()):
        raise ValidationError(_("This is what it says already."), code="said_already")
    # Also nobody names themselves: they could not undo it.
    _refuse_own([case.subject, subject], actor)
    before, case.subject = case.subject_id, subject
    case.save(update_fields=["subject"])
    _remember(case, Deed.ABOUT, actor, subject=subject)
    audit.record(actor, "handover.case.about", case, before=before, after=case.subject_id)
    if subject is not None and subject.user_id != actor.pk:
        _tell(case, subject.user, ABOUT_YOU)
    return case


@transaction.atomic
def do_step(*, step: CaseStep, actor: User, text: str = "") -> CaseStep:
    """Say that a step is done, with what came of it. Done in time, what only its being missed asks for falls away.

    A step that stands in for a missed one settles that one too, late. Refuses: "already_closed", "not_yours",
    "already_done", "not_needed", "not_its_turn", "closes" for the last step (see `close_case`), "too_long".
    """
    case = _open(step.case, actor)
    if step.code == case.rule.steps[-1].code:
        raise ValidationError(_("This step closes the case: say how it ended."), code="closes")
    step = _do(case, step.code, actor)
    _remember(case, Deed.STEP, actor, step=step, text=_short(text))
    audit.record(actor, "handover.case.step", case, step=step.code, due_at=step.due_at)
    return step


@transaction.atomic
def add_note(*, case: Case, actor: User, text: str) -> CaseNote:
    """Add to what is known of a case, also of a closed one. Refuses: "not_yours", "no_text", "too_long"."""
    case = _mine(case, actor)
    note = _remember(case, Deed.NOTE, actor, text=_said(text))
    audit.record(actor, "handover.case.noted", case)
    return note


@transaction.atomic
def close_case(
    *,
    case: Case,
    actor: User,
    text: str,
    finding: str = "",
    subject: Membership | None = None,
    nobody: bool = False,
) -> Case:
    """Do the last step and close the case: how it ended, and whether it was right where the rulebook asks for that.

    `subject`: about whom it is, where that has not been said yet or was said wrongly; `nobody`: about nobody of us.
    Upheld, and about somebody, it proposes an incident under each clause that is for it. Refuses: "already_closed",
    "not_yours", "not_its_turn" while an earlier step is left, "no_text", "too_long", "no_finding" where one is asked
    for, "no_finding_asked" where none is, "no_subject" when it was upheld and nobody said about whom,
    "foreign_subject", "own_case": nobody finds about themselves.
    """
    case = _open(case, actor)
    rule, text = case.rule, _said(text)
    if rule.can_be_upheld:
        case.subject = _found_about(case, actor, finding, subject, nobody=nobody)
    elif finding:
        raise ValidationError(_("Cases of this kind are neither upheld nor not."), code="no_finding_asked")
    last = _do(case, rule.steps[-1].code, actor)
    case.state, case.finding, case.closed_at = CaseState.CLOSED, finding, last.done_at
    case.save(update_fields=["state", "finding", "closed_at", "subject"])
    _remember(case, Deed.CLOSED, actor, step=last, text=text, finding=finding, subject=case.subject)
    audit.record(actor, "handover.case.closed", case, finding=finding, due_at=last.due_at, subject=case.subject)
    _tell_end(case, actor)
    if finding == Finding.UPHELD:
        propose_for(case)
    return case


@transaction.atomic
def correct_case(
    *, case: Case, actor: User, text: str, finding: str = "", subject: Membership | None = None, nobody: bool = False
) -> Case:
    """Say of a closed case otherwise what was found, or about whom, with the reason; what was said before stays.

    Where it now proposes an incident that is proposed; one that was proposed before is left to whoever decides it.
    Refuses: "not_yours" for who does not handle cases, "not_closed", "nothing_changed", and what `close_case` does.
    """
    case = _mine(case, actor)
    text = _said(text)
    if not has_right(actor, case.department, Right.HANDLE_CASES):
        raise ValidationError(_("Only who handles cases can correct what was found."), code="not_yours")
    if case.state != CaseState.CLOSED:
        raise ValidationError(_("This case is open: what is found is said when it is closed."), code="not_closed")
    if not case.rule.can_be_upheld:
        raise ValidationError(_("Cases of this kind are neither upheld nor not."), code="no_finding_asked")
    about = _found_about(case, actor, finding, subject, nobody=nobody)
    if (finding, about) == (case.finding, case.subject):
        raise ValidationError(_("This is what it says already."), code="nothing_changed")
    before = {"finding": case.finding, "subject": case.subject_id}
    case.finding, case.subject = finding, about
    # The note first: the database changes what was found for nothing else.
    _remember(case, Deed.CORRECTED, actor, text=text, finding=finding, subject=about)
    case.save(update_fields=["finding", "subject"])
    audit.record(
        actor, "handover.case.corrected", case, before=before, after={"finding": finding, "subject": case.subject_id}
    )
    _tell_corrected(case, actor, text)
    if finding == Finding.UPHELD:
        propose_for(case)
    return case


def _found_about(
    case: Case, actor: User, finding: str, subject: Membership | None, *, nobody: bool
) -> Membership | None:
    """About whom a case is that is found upheld or not: as said now, else as said before."""
    if finding not in Finding.values:
        raise ValidationError(_("Say whether it was upheld."), code="no_finding")
    about = None if nobody else subject or case.subject
    if finding == Finding.UPHELD and about is None and not nobody:
        raise ValidationError(_("Say about whom it is, or that it is about nobody of us."), code="no_subject")
    _refuse_foreign(about, case.department)
    _refuse_own([case.subject, about], actor)
    return about


def _refuse_foreign(subject: Membership | None, department: Department) -> None:
    if subject is not None and subject.department_id != department.pk:
        raise ValidationError(_("Choose somebody of this department."), code="foreign_subject")


def _refuse_own(people: Iterable[Membership | None], actor: User) -> None:
    if any(person is not None and person.user_id == actor.pk for person in people):
        raise ValidationError(_("This is about you: somebody else decides it."), code="own_case")


def _do(case: Case, code: str, actor: User) -> CaseStep:
    """Mark the step as done now, with what follows from it."""
    now = clock.now()
    rows = {row.code: row for row in case.steps.select_for_update().order_by("place")}
    steps = in_time(case, rows.values())
    _refuse_out_of_turn(steps, code, now)
    found = follows(steps, code, now)
    for done in found.done:
        row = rows[done]
        row.done_at, row.done_by = now, actor
        row.save(update_fields=["done_at", "done_by"])
    for skipped in found.skipped:
        rows[skipped].is_skipped = True
        rows[skipped].save(update_fields=["is_skipped"])
    return rows[code]


def _refuse_out_of_turn(steps: list[Step], code: str, now: datetime) -> None:
    stands = standings(steps, now)[code]
    if stands == Standing.DONE:
        raise ValidationError(_("This step has been done already."), code="already_done")
    if stands == Standing.SKIPPED:
        raise ValidationError(_("This step is not needed: the one before was done in time."), code="not_needed")
    if code not in to_do(steps, now):
        raise ValidationError(_("Another step comes before this one."), code="not_its_turn")


# ── Who, and what is written down ──


def may_work_on(case: Case, user: User, *, handles: bool) -> bool:
    """Whoever handles cases (`handles`), and who has this one and still belongs to the department."""
    has_it = case.assignee is not None and case.assignee.user_id == user.pk and case.assignee.holds_now
    return handles or has_it


def _mine(case: Case, actor: User) -> Case:
    """The case, locked, when `actor` may work on it."""
    # Two people may press at once: the second waits here and then sees what the first one did.
    people = ("department", "assignee__user", "assignee__department", "subject__user", "registered_by")
    case = Case.objects.select_for_update(of=("self",)).select_related(*people).get(pk=case.pk)
    if not may_work_on(case, actor, handles=has_right(actor, case.department, Right.HANDLE_CASES)):
        raise ValidationError(_("Only who handles this case can do that."), code="not_yours")
    return case


def _open(case: Case, actor: User) -> Case:
    case = _mine(case, actor)
    if case.state == CaseState.CLOSED:
        raise ValidationError(_("This case is closed already."), code="already_closed")
    return case


def _short(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": LONGEST_TEXT}, code="too_long")
    return text


def _said(text: str) -> str:
    text = _short(text)
    if not text:
        raise ValidationError(_("Write it down: this is read later."), code="no_text")
    return text


def _remember(case: Case, deed: Deed, actor: User | None, **said) -> CaseNote:
    return CaseNote.objects.create(case=case, action=deed, actor=actor, **said)


def _next_name(case: Case) -> dict | str:
    """The step that is asked for now, in every language."""
    asked = to_do(in_time(case, case.steps.all()), clock.now())
    step = case.rule.step(asked[-1]) if asked else None
    return step.name.both if step else "—"


def link_of(case: Case) -> str:
    return reverse("handover:case", args=[case.department.code, case.pk])


def _tell(case: Case, people, message: str, **params) -> None:
    notices.tell(
        people,
        message,
        link=link_of(case),
        kind=case.rule.name.both,
        day=case.business_date.isoformat(),
        **params,
    )


def _tell_end(case: Case, actor: User) -> None:
    """Whoever registered it and whom it is about."""
    messages = {Finding.UPHELD: ENDED_UPHELD, Finding.NOT_UPHELD: ENDED_NOT_UPHELD}
    people = [case.registered_by, *([case.subject.user] if case.subject else [])]
    message = messages[Finding(case.finding)] if case.finding else ENDED
    _tell(case, [person for person in people if person.pk != actor.pk], message)


def _tell_corrected(case: Case, actor: User, text: str) -> None:
    people = [case.registered_by, *([case.subject.user] if case.subject else [])]
    message = NOW_UPHELD if case.finding == Finding.UPHELD else NOW_NOT_UPHELD
    _tell(case, [person for person in people if person.pk != actor.pk], message, text=text)

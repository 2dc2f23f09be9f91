"""The beat of bad reviews and complaints: reminders before a step is due, escalation after it, the month's report.

Each step is reminded of once and escalated once; what was due while the server stood still is made up for, except
reminders of what is late by now, which is escalated instead.
"""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_noop

from handover.cases import Deed, Standing, standings, to_do
from handover.models import Case, CaseNote, CaseState, CaseStep
from handover.services.cases import in_time, link_of
from handover.words import moment
from office import audit, clock, notices
from office.models import AuditEntry
from office.months import Month
from people.models import Department, Right
from people.permissions import holders_of
from people.services import in_each_department
from rulebooks.services import NoRulebook, in_force

log = logging.getLogger(__name__)

SOON = gettext_noop("%(kind)s of %(day)s: %(step)s is due by %(due)s.")
LATE = gettext_noop("%(kind)s of %(day)s: %(step)s was due by %(due)s and is not done.")
INSTEAD = gettext_noop("%(kind)s of %(day)s: %(step)s was missed. Now: %(next)s, by %(due)s.")
READY = gettext_noop("The statistics of reviews and complaints for %(month)s are ready.")
# The entry of the audit trail by which the beat knows that a month has been reported.
REPORTED = "handover.cases.reported"


def watch_cases() -> int:
    """Remind, escalate and report what is due now; how many notices' causes there were. A second time there are none.

    What fails for one case or department does not stop the others.
    """
    found = 0
    undone = CaseStep.objects.filter(case=OuterRef("pk"), done_at=None, is_skipped=False, escalated_at=None)
    cases = Case.objects.open().filter(Exists(undone)).select_related("department").prefetch_related("steps")
    for case in cases.order_by("pk"):
        try:
            if _calls(case, clock.now()):
                found += look_at(case)
        except Exception:
            log.exception("The clocks of case %s could not be looked at.", case.pk)
    return found + in_each_department(report_month, "The month's cases of %s could not be reported.")


def _calls(case: Case, now: datetime) -> list[tuple[CaseStep, Deed]]:
    """The running steps whose time has come to be reminded of, or is over."""
    rows = list(case.steps.all())
    stands = standings(in_time(case, rows), now)
    ahead = case.rule.remind_before_minutes
    found = []
    for row in rows:
        if stands[row.code] != Standing.RUNNING:
            continue
        if now > row.due_at:
            if row.escalated_at is None:
                found.append((row, Deed.ESCALATED))
        elif ahead is not None and row.reminded_at is None and now >= row.due_at - timedelta(minutes=ahead):
            found.append((row, Deed.REMINDED))
    return found


@transaction.atomic
def look_at(case: Case) -> int:
    """Remind of and escalate the steps of one case whose time has come; how many."""
    people = ("department", "assignee__user", "assignee__department")
    # Two beats at once: the second waits here and then finds what the first one has marked.
    case = Case.objects.select_for_update(of=("self",)).select_related(*people).get(pk=case.pk)
    if case.state == CaseState.CLOSED:
        return 0
    now = clock.now()
    calls = _calls(case, now)
    for row, deed in calls:
        if deed == Deed.REMINDED:
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            _tell(case, _who_has_it(case), SOON, row, due=row.due_at)
        else:
            row.escalated_at = now
            row.save(update_fields=["escalated_at"])
            _escalate(case, row, now)
        CaseNote.objects.create(case=case, action=deed, step=row)
    return len(calls)


def _escalate(case: Case, row: CaseStep, now: datetime) -> None:
    """Tell everybody who answers for it; when another step runs in its place, also which one and by when."""
    people = [*_who_has_it(case)]
    for right in (Right.HANDLE_CASES, Right.SCORE_MONTH):
        people += holders_of(case.department, right)
    rows = {one.code: one for one in case.steps.all()}
    asked = to_do(in_time(case, rows.values()), now)
    instead = case.rule.step(asked[-1]) if row.code in asked[:-1] else None
    if instead is None:
        _tell(case, people, LATE, row, due=row.due_at)
    else:
        _tell(case, people, INSTEAD, row, due=rows[instead.code].due_at, next=instead.name.both)


def _who_has_it(case: Case):
    """Whoever has the case, else all who could."""
    if case.assignee is not None and case.assignee.holds_now:
        return [case.assignee.user]
    return holders_of(case.department, Right.HANDLE_CASES)


def _tell(case: Case, people, message: str, row: CaseStep, *, due: datetime, **params) -> None:
    step = case.rule.step(row.code)
    notices.tell(
        people,
        message,
        link=link_of(case),
        kind=case.rule.name.both,
        day=case.business_date.isoformat(),
        step=step.name.both if step else row.code,
        due=moment(due, clock.now(), case.department.zone),
        **params,
    )


# ── The month's report ──


def month_due(today: date, by_day: int) -> Month:
    """The latest month whose report is due on `today`: from the rulebook's day on the month before."""
    month = Month.of(today).previous
    return month if today.day >= by_day else month.previous


@transaction.atomic
def report_month(department: Department) -> bool:
    """Tell who scores the month and who handles cases that the latest month's statistics are ready, once a month.

    That it was done stands in the audit trail. Nothing for a month at whose end the rulebook had no cases.
    """
    today = department.today()
    try:
        rules = in_force(department, today).cases
        if rules is None or rules.report_by_day is None:
            return False
        month = month_due(today, rules.report_by_day)
        if in_force(department, month.last).cases is None:
            return False
    except NoRulebook:
        return False
    if _is_reported(department, month):
        return False
    # Two beats at once: the second waits here and then finds the entry of the first.
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    if _is_reported(department, month):
        return False
    people = [*holders_of(department, Right.SCORE_MONTH), *holders_of(department, Right.HANDLE_CASES)]
    audit.record(None, REPORTED, department, department=department, month=str(month))
    notices.tell(
        people,
        READY,
        link=reverse("handover:case_month", args=[department.code, month]),
        month={"month": str(month)},
    )
    return True


def _is_reported(department: Department, month: Month) -> bool:
    entries = AuditEntry.objects.filter(target_kind=Department._meta.label_lower, target_id=department.pk)
    return entries.filter(action=REPORTED, facts__month=str(month)).exists()

"""The weekly summary 周总结: written bit by bit, handed in once, asked for again before it is due, missed once."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from handover.models import WeeklySummary
from handover.weekly import Week, missing
from handover.writers import Writers, weeks_of, writers
from ledger.models import Incident
from ledger.services import propose_incident
from office import audit, clock, notices
from people.models import Department, Membership
from people.services import in_each_department

from .items import refuse_who_left

# The event that clauses of the rulebook may be proposed for, and what such an incident names as its source.
MISSED = "summary_missed"
SOURCE = "summary"

REMINDER = gettext_noop("Your weekly summary is due on %(day)s at %(time)s. It is not handed in yet.")


# -- Writing ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def save_summary(*, membership: Membership, day: date, text: str) -> WeeklySummary:
    """Keep what a member has written so far of the week whose summary is due on `day`; what was saved last stays.

    Refuses who is not asked for a summary ("not_asked"), a day on which none is due or that is too long past
    ("no_such_week"), what is handed in already ("handed_in"), and a text that is too long ("too_long").
    """
    summary = _open(membership, day, _lines(text))
    _keep(summary, text)
    return summary


@transaction.atomic
def hand_in_summary(*, membership: Membership, day: date, text: str) -> WeeklySummary:
    """Hand in the summary of the week whose summary is due on `day`: on time, or late and marked so.

    The same text a second time is the first one. Refuses like `save_summary`, and a text with fewer characters than
    the rulebook asks for ("too_short", with how many are missing; spaces and line ends do not count).
    """
    summary = _open(membership, day, _lines(text), again=True)
    if summary.handed_in_at is not None:
        return summary
    rule = _week(summary.membership, day).rule
    if lacks := missing(text, rule.at_least_characters):
        raise ValidationError(
            ngettext(
                "%(count)s character is missing: at least %(least)s, without spaces and line ends.",
                "%(count)s characters are missing: at least %(least)s, without spaces and line ends.",
                lacks,
            )
            % {"count": lacks, "least": rule.at_least_characters},
            code="too_short",
        )
    summary.handed_in_at = clock.now()
    _keep(summary, text)
    audit.record(
        summary.membership.user,
        "handover.summary.handed_in",
        summary,
        department=summary.membership.department,
        due_at=summary.due_at,
        on_time=summary.is_on_time,
    )
    return summary


def _open(membership: Membership, day: date, text: str, *, again: bool = False) -> WeeklySummary:
    """The summary of that week, new when nothing of it was saved yet; `again`: the one handed in with this text."""
    # Two saves at one moment: the second waits here and then finds the row of the first.
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "department")
    membership = rows.get(pk=membership.pk)
    week = _week(membership, day)
    summary = WeeklySummary.objects.filter(membership=membership, due_at=week.due_at).first()
    if summary is None:
        refuse_who_left(membership)
        version = week.rulebook.version_id
        summary = WeeklySummary(membership=membership, due_at=week.due_at, rulebook_version_id=version)
    if summary.handed_in_at is not None and not (again and summary.text == text):
        raise ValidationError(_("This summary is handed in already; it does not change any more."), code="handed_in")
    summary.membership = membership
    return summary


def _week(membership: Membership, day: date) -> Week:
    week = next((week for week in weeks_of(membership.department, clock.now()) if week.day == day), None)
    if week is None:
        raise ValidationError(_("No summary is asked for on this day."), code="no_such_week")
    if not membership.scored or not membership.holds_on(day):
        raise ValidationError(_("No weekly summary is asked of you."), code="not_asked")
    return week


def _keep(summary: WeeklySummary, text: str) -> None:
    summary.text, summary.saved_at = _lines(text), clock.now()
    longest = WeeklySummary._meta.get_field("text").max_length or 0
    if len(summary.text) > longest:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": longest}, code="too_long")
    summary.save()


def _lines(text: str) -> str:
    """Line ends as one sign: forms send two."""
    return text.replace("\r\n", "\n")


# -- Watching ---------------------------------------------------------------------------------------------------------
def watch_weeklies() -> int:
    """Ask for the coming summaries and propose an incident for each missed one; how many were proposed anew.

    What fails in one department does not stop the others.
    """
    return in_each_department(watch_weekly, "The weekly summaries of %s could not be looked through.")


def watch_weekly(department: Department) -> int:
    """The same for one department. Weeks that ended while nobody looked are made up for."""
    now = clock.now()
    found = weeks_of(department, now)
    if not found:
        return 0
    who = writers(department, found)
    rows = _rows(found, who)
    for week in found:
        if week.due_at > now:
            _remind(department, week, who, rows, now)
    over = [week for week in found if week.due_at <= now]
    with translation.override(settings.LANGUAGE_CODE):
        return _propose(over, who, rows)


def _rows(found: list[Week], who: Writers) -> dict[tuple[int, datetime], WeeklySummary]:
    """The summary of each who owes one, by member and due time; what is not there yet is made."""
    people = [member.pk for member in who.members]
    held = WeeklySummary.objects.filter(membership__in=people, due_at__in=[week.due_at for week in found])
    known = set(held.values_list("membership", "due_at"))
    new = [
        WeeklySummary(membership=member, due_at=week.due_at, rulebook_version_id=week.rulebook.version_id)
        for week in found
        for member in who.of(week)
        if (member.pk, week.due_at) not in known
    ]
    # Its writer may save for the first time at this very moment.
    WeeklySummary.objects.bulk_create(new, ignore_conflicts=True)
    return {(row.membership_id, row.due_at): row for row in held.defer("text")}


def _remind(department: Department, week: Week, who: Writers, rows, now: datetime) -> None:
    hours = week.rule.remind_before_hours
    if hours is None or now < week.due_at - timedelta(hours=hours):
        return
    link = reverse("handover:weekly", args=[department.code])
    wall = department.local(week.due_at)
    for member in who.of(week):
        row = rows.get((member.pk, week.due_at))
        if row is None or row.handed_in_at is not None or row.reminded_at is not None:
            continue
        with transaction.atomic():
            # Two looks at once, or handed in just now: the first one tells, and nobody who is done.
            open_still = WeeklySummary.objects.filter(pk=row.pk, reminded_at=None, handed_in_at=None)
            if open_still.update(reminded_at=now):
                notices.tell(member.user, REMINDER, link=link, day=f"{wall:%Y-%m-%d}", time=f"{wall:%H:%M}")


def _propose(over: Iterable[Week], who: Writers, rows) -> int:
    """Report each summary that was not handed in on time under every clause for it; how many are new."""
    missed = [
        (week, member, rows[member.pk, week.due_at])
        for week in over
        for member in who.of(week)
        if (member.pk, week.due_at) in rows and not rows[member.pk, week.due_at].is_on_time
    ]
    keys = [row.pk for _week, _member, row in missed]
    proposed = Incident.objects.filter(source_kind=SOURCE, source_id__in=keys)
    known = set(proposed.values_list("clause_code", "source_id"))
    return sum(
        _report(week, member, row, clause.code)
        for week, member, row in missed
        for clause in week.rulebook.triggered_by(MISSED)
        if (clause.code, row.pk) not in known
    )


def _report(week: Week, member: Membership, row: WeeklySummary, clause_code: str) -> bool:
    local = member.department.local
    due = f"{local(week.due_at):%Y-%m-%d %H:%M}"
    if row.handed_in_at is None:
        facts = _("The weekly summary due on %(due)s was not handed in.") % {"due": due}
    else:
        late = f"{local(row.handed_in_at):%Y-%m-%d %H:%M}"
        facts = _("The weekly summary due on %(due)s was handed in late, on %(late)s.") % {"due": due, "late": late}
    return propose_incident(
        membership=member,
        clause_code=clause_code,
        occurred_at=week.due_at,
        facts=facts,
        source=(SOURCE, row.pk, _("Weekly summary due on %(due)s") % {"due": due}),
    )

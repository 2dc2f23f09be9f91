"""Looking through the shifts of a department for what the rulebook has a clause for; each proposes its incident once.

Run by the beat. How far it has come stands in `Watch`, so that a stopped server is made up for; whatever is looked at
again finds what it proposed before. A person decides about every proposal: leave or a correction that comes later
changes nothing here, and is for the decider to see.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from ledger.models import Incident
from ledger.services import propose_incident
from office import clock
from people.models import Department
from people.services import in_each_department
from rulebooks.services import NoRulebook, in_force, version_by_id
from shifts.empty_shifts import propose_for_empty_swaps
from shifts.findings import Finding, Worked, off_post, punctuality
from shifts.models import Assignment, Attendance, Watch
from shifts.services.duties import propose_missed
from shifts.worked import attendances, of_assignments, of_attendances

# Where nobody has looked yet: what is older was not watched when it happened.
AT_FIRST = timedelta(days=1)
# What was being written when we last looked is looked at again.
ONCE_MORE = timedelta(hours=1)


def look_through_all() -> int:
    """Look through every department; how many incidents were proposed. What fails in one does not stop the others."""
    return in_each_department(look_through, "The shifts of %s could not be looked through.")


def look_through(department: Department) -> int:
    """Propose incidents for what has happened since the last look; how many are new.

    Late, left early, absent, off post; then empty swapped shifts and missed duties, which have services of their own.
    """
    now = clock.now()
    watch, _made = Watch.objects.get_or_create(department=department, defaults={"seen_until": now - AT_FIRST})
    since = watch.seen_until - ONCE_MORE
    with translation.override(settings.LANGUAGE_CODE):
        found = _propose(department, _findings(department, since, now))
        found += _others(department, since, now)
    # Two looks at once: the farther one stays.
    Watch.objects.filter(pk=watch.pk, seen_until__lt=now).update(seen_until=now)
    return found


def _findings(department: Department, since: datetime, until: datetime) -> Iterator[Finding]:
    shifts = [*_came_or_left(department, since, until), *_nobody_came(department, since, until)]
    for shift in shifts:
        yield from punctuality(shift)
    for shift in _running(department, since, until):
        yield from off_post(shift, until)


def _came_or_left(department: Department, since: datetime, until: datetime) -> list[Worked]:
    moments = Q(clocked_in_at__gt=since, clocked_in_at__lte=until)
    moments |= Q(clocked_out_at__gt=since, clocked_out_at__lte=until)
    return of_attendances(attendances(department).filter(moments))


def _nobody_came(department: Department, since: datetime, until: datetime) -> list[Worked]:
    """Published shifts that ended in the time and to which nobody has come."""
    rows = Assignment.objects.published().working().filter(membership__department=department, attendance=None)
    rows = rows.filter(ends_at__gt=since, ends_at__lte=until).order_by("pk")
    people = ("membership__user", "membership__department")
    return of_assignments(department, rows.select_related(*people).prefetch_related("spans"))


def _running(department: Department, since: datetime, until: datetime) -> list[Worked]:
    """Shifts that were worked in the time, with presence reports and absences."""
    rows = attendances(department).filter(Q(clocked_out_at=None) | Q(clocked_out_at__gt=since))
    return of_attendances(rows.filter(clocked_in_at__lte=until).prefetch_related("reports", "absences"))


def _propose(department: Department, findings: Iterable[Finding]) -> int:
    """Report each finding under every clause that is for it; how many are new."""
    found = list(findings)
    known = _proposed(department, found)
    new = 0
    for finding in found:
        occurred_at = _on_a_day_of_membership(finding)
        try:
            rulebook = in_force(department, department.local(occurred_at).date())
        except NoRulebook:
            continue
        for clause in rulebook.triggered_by(finding.event):
            if (finding.membership.pk, clause.code, *finding.source) not in known:
                new += _report(finding, clause.code, occurred_at)
    return new


def _proposed(department: Department, findings: list[Finding]) -> set[tuple[int, str, str, int | None]]:
    """(member, clause, kind, key) of what these findings have proposed before: asked for in one query."""
    keys = {finding.source[1] for finding in findings}
    kinds = {finding.source[0] for finding in findings}
    rows = Incident.objects.filter(department=department, source_kind__in=kinds, source_id__in=keys)
    return set(rows.values_list("membership", "clause_code", "source_kind", "source_id"))


def _on_a_day_of_membership(finding: Finding) -> datetime:
    """When it happened; for the night of somebody's last day the beginning of the shift, which is on that day."""
    last, department = finding.membership.until_day, finding.membership.department
    after_last = last is not None and department.local(finding.occurred_at).date() > last
    return finding.shift_began if after_last else finding.occurred_at


def _report(finding: Finding, clause_code: str, occurred_at: datetime) -> bool:
    return propose_incident(
        membership=finding.membership,
        clause_code=clause_code,
        occurred_at=occurred_at,
        facts=finding.facts,
        source=(*finding.source, finding.label),
    )


def _others(department: Department, since: datetime, until: datetime) -> int:
    return propose_for_empty_swaps(department, since, until) + propose_missed(department, since, until)


# -- Forgotten clock-outs ---------------------------------------------------------------------------------------------
def forgotten_shifts(department: Department | None = None) -> list[Attendance]:
    """Running shifts, of one department or of all, that have been forgotten for as long as their rulebook says.

    It counts from the planned end; with customers open from the cap of the extension; after a later report from that:
    whoever counts customers has forgotten nothing.
    """
    now = clock.now()
    rows = Attendance.objects.on_duty().filter(planned_end__lt=now)
    if department is not None:
        rows = rows.filter(membership__department=department)
    rows = rows.select_related("membership__user", "membership__department").order_by("pk")
    return [row for row in rows if forgotten_from(row) <= now]


def forgotten_from(attendance: Attendance) -> datetime:
    """From when on a running shift counts as forgotten, as things stand."""
    rulebook = version_by_id(attendance.rulebook_version_id)
    shift = rulebook.shift(attendance.code)
    end = attendance.planned_end
    if shift is not None and shift.extension is not None and attendance.open_customers:
        end += timedelta(minutes=shift.extension.cap_minutes)
    if attendance.reported_at is not None:
        end = max(end, attendance.reported_at)
    return end + timedelta(minutes=rulebook.attendance.forgotten_after_minutes)

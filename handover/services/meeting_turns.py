"""Meetings of the coming days: made from the rulebook, with a chair in turn and those who stay on the desk.

Run by the beat. Until a meeting begins its people follow the published roster; what a person has arranged stays, as
far as those concerned are still there.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext_noop

from handover.models import Meeting, MeetingPart, MeetingPerson
from handover.turns import in_turn
from office import audit, clock, notices
from people.models import Department, Membership, Right
from people.permissions import holders_of
from people.services import in_each_department
from rulebooks.moments import WEEKDAYS
from rulebooks.schema import MeetingRule, Rulebook
from rulebooks.services import in_force_by_day, version_by_id
from shifts.models import Assignment, Leave

# So far ahead people know who chairs; more than a week, so that the next of every meeting is always there.
AHEAD = timedelta(days=8)

CHAIRS = gettext_noop("You chair the meeting %(name)s on %(day)s at %(time)s.")
CHAIRS_NOT = gettext_noop("You no longer chair the meeting %(name)s on %(day)s at %(time)s.")
GONE = gettext_noop("The meeting %(name)s on %(day)s at %(time)s is off: the rulebook has changed.")
MINUTES = gettext_noop("The minutes of the meeting %(name)s on %(day)s are due and not handed in yet.")


def make_all_meetings() -> int:
    """Make what is missing in every department and ask for minutes; how many meetings are new."""
    return in_each_department(_make_and_remind, "The meetings of %s could not be made.")


def _make_and_remind(department: Department) -> int:
    made = make_meetings(department=department)
    remind_of_minutes(department=department)
    return made


@transaction.atomic
def make_meetings(*, department: Department) -> int:
    """Make the department's meetings of the coming days, and bring the people of those made before up to date."""
    # Two looks at once: the second waits here and then finds the meetings of the first.
    department = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    now = clock.now()
    wanted = _wanted(department, now)
    ahead = Meeting.objects.filter(department=department, begins_at__gt=now, begins_at__lte=now + AHEAD)
    known = {(meeting.code, meeting.begins_at): meeting for meeting in ahead.select_related("chair__user")}
    made = 0
    for rule, rulebook, begins_at in wanted:
        meeting = known.pop((rule.code, begins_at), None)
        if meeting is None:
            meeting = _make(department, rule, rulebook, begins_at)
            made += 1
        if meeting.cancelled_at is None:
            _keep_in_step(meeting, rule)
    for meeting in known.values():
        if meeting.cancelled_at is None:
            _call_off(meeting)
    return made


def _wanted(department: Department, now: datetime) -> list[tuple[MeetingRule, Rulebook, datetime]]:
    """What the rulebook of each coming day has then, in order of time."""
    today = department.local(now).date()
    days = [today + timedelta(days=number) for number in range(AHEAD.days + 1)]
    found = [
        (rule, rulebook, datetime.combine(day, rule.held.time, tzinfo=department.zone))
        for day, rulebook in in_force_by_day(department, days).items()
        for rule in rulebook.meetings
        if rule.held.weekday == WEEKDAYS[day.weekday()]
    ]
    return sorted((one for one in found if now < one[2] <= now + AHEAD), key=lambda one: (one[2], one[0].code))


def _make(department: Department, rule: MeetingRule, rulebook: Rulebook, begins_at: datetime) -> Meeting:
    meeting = Meeting.objects.create(
        department=department,
        code=rule.code,
        rulebook_version_id=rulebook.version_id,
        begins_at=begins_at,
        minutes_due_at=begins_at + timedelta(hours=rule.minutes_due_hours),
    )
    audit.record(None, "handover.meeting.made", meeting, begins_at=begins_at)
    return meeting


def _call_off(meeting: Meeting) -> None:
    meeting.cancelled_at = clock.now()
    meeting.save(update_fields=["cancelled_at"])
    audit.record(None, "handover.meeting.cancelled", meeting)
    people = [row.membership.user for row in meeting.people.select_related("membership__user")]
    tell_of(meeting, people, GONE)


# -- Who does what ----------------------------------------------------------------------------------------------------
def may_chair(meeting: Meeting) -> list[Membership]:
    """Who is on the books on its day and not on leave then, in turn: whoever chaired longest ago first."""
    there = there_at(meeting.department, meeting.begins_at)
    others = Meeting.objects.filter(department=meeting.department, cancelled_at=None).exclude(pk=meeting.pk)
    rows = others.exclude(chair=None).order_by().values("chair").annotate(last=Max("begins_at"))
    return in_turn(there, dict(rows.values_list("chair", "last")))


def there_at(department: Department, instant: datetime) -> list[Membership]:
    """Rostered members of that day who are not on approved leave at that time."""
    day = department.local(instant).date()
    away = (
        Leave.objects.approved()
        .touching(day, day)
        .filter(Q(starts_at=None) | Q(starts_at__lte=instant, ends_at__gt=instant), membership__department=department)
    )
    rows = department.memberships.rostered().on(day).exclude(pk__in=away.values("membership"))
    return list(rows.select_related("user"))


def planned_at(meeting: Meeting) -> set[int]:
    """Memberships with a published shift on which they are when it begins."""
    rows = Assignment.objects.published().working().filter(membership__department=meeting.department)
    rows = rows.filter(starts_at__lte=meeting.begins_at, ends_at__gt=meeting.begins_at)
    return set(rows.values_list("membership", flat=True))


def _keep_in_step(meeting: Meeting, rule: MeetingRule) -> None:
    chairs = may_chair(meeting)
    _keep_chair(meeting, chairs)
    planned = planned_at(meeting) & {member.pk for member in chairs}
    wanted = planned | {meeting.chair_id} if meeting.chair_id else planned
    parts = dict(meeting.people.values_list("membership", "part"))
    gone = parts.keys() - wanted
    new = wanted - parts.keys()
    if gone:
        meeting.people.filter(membership__in=gone).delete()
    rows = [MeetingPerson(meeting=meeting, membership_id=key, part=MeetingPart.ATTENDS) for key in sorted(new)]
    MeetingPerson.objects.bulk_create(rows)
    meeting.people.filter(membership=meeting.chair_id).exclude(part=MeetingPart.ATTENDS).update(
        part=MeetingPart.ATTENDS
    )
    if gone or new:
        _fill_desk(meeting, rule, [member for member in chairs if member.pk in planned])


def _keep_chair(meeting: Meeting, chairs: list[Membership]) -> None:
    """Whoever chairs goes on chairing while they can; else the next in turn does."""
    before = meeting.chair
    if before in chairs or not (before or chairs):
        return
    meeting.chair = chairs[0] if chairs else None
    meeting.save(update_fields=["chair"])
    audit.record(None, "handover.meeting.chair", meeting, before=before and before.pk, after=meeting.chair_id)
    if before:
        tell_of(meeting, [before.user], CHAIRS_NOT)
    if meeting.chair:
        tell_of(meeting, [meeting.chair.user], CHAIRS)


def _fill_desk(meeting: Meeting, rule: MeetingRule, planned: list[Membership]) -> None:
    """As many as the rulebook wants stay on the desk: whoever stayed longest ago, but not the chair."""
    lacks = rule.stay_on_desk - meeting.people.filter(part=MeetingPart.STAYS).count()
    if lacks <= 0:
        return
    stayed = MeetingPerson.objects.filter(part=MeetingPart.STAYS, meeting__department=meeting.department)
    stayed = stayed.filter(meeting__cancelled_at=None).exclude(meeting=meeting)
    last = stayed.order_by().values("membership").annotate(last=Max("meeting__begins_at"))
    attending = set(meeting.people.filter(part=MeetingPart.ATTENDS).values_list("membership", flat=True))
    free = [member for member in planned if member.pk in attending and member.pk != meeting.chair_id]
    staying = in_turn(free, dict(last.values_list("membership", "last")))[:lacks]
    meeting.people.filter(membership__in=staying).update(part=MeetingPart.STAYS)


# -- Telling ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def remind_of_minutes(*, department: Department) -> int:
    """Ask once for minutes that are due: the chair, or who leads where no chair is there any more; how many were."""
    now = clock.now()
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("chair__user", "chair__department")
    rows = rows.filter(department=department, minutes_due_at__lte=now, minutes_at=None, reminded_at=None)
    due = list(rows.filter(cancelled_at=None).order_by("pk"))
    for meeting in due:
        meeting.reminded_at = now
        meeting.save(update_fields=["reminded_at"])
        if meeting.chair is not None and not meeting.chair.has_left:
            tell_of(meeting, [meeting.chair.user], MINUTES)
        else:
            tell_of(meeting, holders_of(department, Right.LEAD_TRAINING), MINUTES)
    return len(due)


def name_of(meeting: Meeting):
    """Its name in both languages, as the rulebook under which it was made says; its code where it says none."""
    rule = version_by_id(meeting.rulebook_version_id).meeting(meeting.code)
    return rule.name.both if rule else meeting.code


def tell_of(meeting: Meeting, people, message: str, **params) -> None:
    wall = meeting.department.local(meeting.begins_at)
    link = reverse("handover:meeting", args=[meeting.department.code, meeting.pk])
    when = {"day": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}"}
    notices.tell(people, message, link=link, name=name_of(meeting), **when, **params)

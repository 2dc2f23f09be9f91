"""What the pages of meetings show: what comes, what was held, and one meeting with its people."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from handover.models import Meeting, MeetingPart, MeetingPerson
from handover.words import Due, due_words
from office import clock
from people.models import Department, User
from rulebooks.services import version_by_id

# What was held longer ago than a year stands in the database and not on the page.
LOOKS_BACK = timedelta(days=366)


class Minutes(TextChoices):
    DONE = "done", _("Handed in")
    LATE = "late", _("Handed in late")
    OPEN = "open", _("Not yet written")
    OVERDUE = "overdue", _("Overdue")
    OFF = "off", _("Did not take place")


TONES = {Minutes.DONE: "good", Minutes.LATE: "warn", Minutes.OVERDUE: "bad"}


@dataclass
class Held:
    """One meeting as a list shows it. `part`: of the reader, if any."""

    meeting: Meeting
    part: str = ""
    stays: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return name_of(self.meeting)

    @property
    def chair(self) -> str:
        return self.meeting.chair.name if self.meeting.chair else ""

    @property
    def came_words(self) -> str:
        """How many came of how many who were to; "—" where nobody has marked it."""
        counted = vars(self.meeting)
        return f"{counted['came']}/{counted['attending']}" if counted.get("marked") else "—"

    @property
    def minutes(self) -> Minutes:
        return minutes_of(self.meeting)

    @property
    def tone(self) -> str:
        return TONES.get(self.minutes, "")

    @property
    def due(self) -> Due:
        return due_words(self.meeting.minutes_due_at, clock.now(), self.meeting.department.zone)


def name_of(meeting: Meeting) -> str:
    rule = version_by_id(meeting.rulebook_version_id).meeting(meeting.code)
    return str(rule.name) if rule else meeting.code


def minutes_of(meeting: Meeting) -> Minutes:
    if meeting.cancelled_at is not None:
        return Minutes.OFF
    if meeting.minutes_at is not None:
        return Minutes.DONE if meeting.minutes_at <= meeting.minutes_due_at else Minutes.LATE
    return Minutes.OVERDUE if meeting.minutes_due_at <= clock.now() else Minutes.OPEN


def read_meetings(department: Department, user: User) -> tuple[list[Held], list[Held]]:
    """Those to come, the next first, and those held, the newest first; in two queries."""
    now = clock.now()
    attends = Q(people__part=MeetingPart.ATTENDS)
    rows = Meeting.objects.filter(department=department, begins_at__gt=now - LOOKS_BACK).annotate(
        attending=Count("people", filter=attends),
        came=Count("people", filter=attends & Q(people__came=True)),
        marked=Count("people", filter=attends & Q(people__came__isnull=False)),
    )
    meetings = list(rows.select_related("chair__user", "department").order_by("-begins_at", "code"))
    found = {meeting.pk: Held(meeting) for meeting in meetings}
    ahead = [meeting.pk for meeting in meetings if meeting.begins_at > now]
    people = MeetingPerson.objects.filter(meeting__in=ahead).select_related("membership__user")
    for row in people.order_by("membership__work_number"):
        held = found[row.meeting_id]
        if row.membership.user_id == user.pk:
            held.part = row.part
        if row.part == MeetingPart.STAYS:
            held.stays.append(row.membership.name)
    coming = [found[key] for key in reversed(ahead)]
    return coming, [held for held in found.values() if held.meeting.begins_at <= now]


def people_of(meeting: Meeting) -> list[MeetingPerson]:
    """The chair first, then who takes part, stays and is excused, each by work number."""
    order = {part: place for place, part in enumerate(MeetingPart.values)}
    rows = meeting.people.select_related("membership__user")
    return sorted(
        rows,
        key=lambda row: (row.membership_id != meeting.chair_id, order[row.part], row.membership.work_number),
    )

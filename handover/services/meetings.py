"""Meetings 例会: who chairs and who stays on the desk, who came, the minutes, and decisions that become entries."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import Issue, Meeting, MeetingPart
from office import audit, clock
from people.models import Membership, Right, User
from people.permissions import has_right

from .meeting_turns import CHAIRS, CHAIRS_NOT, make_all_meetings, make_meetings, may_chair, remind_of_minutes, tell_of
from .register import write_issue

__all__ = [
    "arrange_meeting",
    "cancel_meeting",
    "decide_in_meeting",
    "make_all_meetings",
    "make_meetings",
    "mark_came",
    "may_write",
    "remind_of_minutes",
    "write_minutes",
]

STAYS = gettext_noop("During the meeting %(name)s on %(day)s at %(time)s you stay on the desk.")
ATTENDS = gettext_noop("You take part in the meeting %(name)s on %(day)s at %(time)s.")
EXCUSED = gettext_noop("You are excused from the meeting %(name)s on %(day)s at %(time)s.")
OFF = gettext_noop("The meeting %(name)s on %(day)s at %(time)s is off: %(reason)s")
SAYS = {MeetingPart.STAYS: STAYS, MeetingPart.ATTENDS: ATTENDS, MeetingPart.EXCUSED: EXCUSED}

LONGEST_REASON = 500
LONGEST_MINUTES = Meeting._meta.get_field("minutes").max_length or 0


def may_write(meeting: Meeting, user: User) -> bool:
    """Whether somebody writes its minutes: the chair, or who leads meetings."""
    chairs = meeting.chair is not None and meeting.chair.user_id == user.pk
    return chairs or has_right(user, meeting.department, Right.LEAD_TRAINING)


@transaction.atomic
def arrange_meeting(*, meeting: Meeting, chair: Membership, parts: Mapping[int, str], actor: User) -> Meeting:
    """Say who chairs a meeting and what its people do; `parts`: by membership, only of those who have one.

    Those whose part changes are told. Refuses a meeting that has begun ("begun") or is off ("cancelled"), a chair who
    is not there then ("not_there") or does not take part ("chair_attends"), and people who have no part in it
    ("unknown_person").
    """
    meeting = _lock(meeting)
    if meeting.begins_at <= clock.now():
        raise ValidationError(_("This meeting has begun."), code="begun")
    if chair not in may_chair(meeting):
        raise ValidationError(_("%(name)s is not there on that day.") % {"name": chair.name}, code="not_there")
    rows = {row.membership_id: row for row in meeting.people.select_related("membership__user")}
    if parts.keys() - rows.keys():
        raise ValidationError(_("Somebody has no part in this meeting any more."), code="unknown_person")
    if parts.get(chair.pk, MeetingPart.ATTENDS) != MeetingPart.ATTENDS:
        raise ValidationError(
            _("Whoever chairs takes part: choose another chair, or let %(name)s take part.") % {"name": chair.name},
            code="chair_attends",
        )
    _change_chair(meeting, chair, actor)
    wanted = {**parts, chair.pk: MeetingPart.ATTENDS.value}
    for key, part in wanted.items():
        row = rows.get(key)
        if row is None:
            meeting.people.create(membership=chair, part=part)
        elif row.part != part:
            row.part = part
            row.save(update_fields=["part"])
            tell_of(meeting, [row.membership.user], SAYS[MeetingPart(part)])
    audit.record(actor, "handover.meeting.arranged", meeting, chair=chair.pk, parts=wanted)
    return meeting


def _change_chair(meeting: Meeting, chair: Membership, actor: User) -> None:
    before = meeting.chair
    if before == chair:
        return
    meeting.chair = chair
    meeting.save(update_fields=["chair"])
    if before is not None and before.user_id != actor.pk:
        tell_of(meeting, [before.user], CHAIRS_NOT)
    if chair.user_id != actor.pk:
        tell_of(meeting, [chair.user], CHAIRS)


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, actor: User, reason: str) -> Meeting:
    """Call a meeting off, with a reason that everybody in it is told and that stands on its page.

    Refuses "cancelled", one whose minutes are handed in ("minutes_done"), and a missing or overlong reason
    ("no_reason", "too_long").
    """
    meeting = _lock(meeting)
    _refuse_minuted(meeting)
    reason = _needed(reason, "no_reason", LONGEST_REASON)
    # What is written of a meeting that did not take place is why.
    meeting.cancelled_at, meeting.minutes = clock.now(), reason
    meeting.save(update_fields=["cancelled_at", "minutes"])
    audit.record(actor, "handover.meeting.cancelled", meeting, reason=reason)
    people = [row.membership.user for row in meeting.people.select_related("membership__user")]
    tell_of(meeting, [person for person in people if person != actor], OFF, reason=reason)
    return meeting


@transaction.atomic
def mark_came(*, meeting: Meeting, came: Collection[int], actor: User) -> Meeting:
    """Mark who of those who take part came, by membership; again corrects it. Refuses "not_begun" and "cancelled"."""
    meeting = _begun(meeting)
    attending = meeting.people.filter(part=MeetingPart.ATTENDS)
    attending.filter(membership__in=came).update(came=True)
    attending.exclude(membership__in=came).update(came=False)
    audit.record(actor, "handover.meeting.came", meeting, came=sorted(came))
    return meeting


@transaction.atomic
def write_minutes(*, meeting: Meeting, actor: User, text: str, hand_in: bool = False) -> Meeting:
    """Keep the minutes as far as they are written; with `hand_in` they are done, and everybody in it may read them.

    Refuses whoever neither chairs nor leads meetings ("not_yours"), "not_begun", "cancelled", minutes that are handed
    in already ("minutes_done"), and texts that are empty or too long ("no_text", "too_long").
    """
    meeting = _begun(meeting)
    if not may_write(meeting, actor):
        raise ValidationError(_("The minutes are written by whoever chairs or leads the meeting."), code="not_yours")
    _refuse_minuted(meeting)
    meeting.minutes = _needed(text.replace("\r\n", "\n"), "no_text", LONGEST_MINUTES)
    if hand_in:
        meeting.minutes_by, meeting.minutes_at = actor, clock.now()
        audit.record(actor, "handover.meeting.minutes", meeting, on_time=meeting.minutes_at <= meeting.minutes_due_at)
    meeting.save(update_fields=["minutes", "minutes_by", "minutes_at"])
    return meeting


@transaction.atomic
def decide_in_meeting(
    *, meeting: Meeting, author: Membership, category: str, text: str, about: str = "", token: UUID | None = None
) -> Issue:
    """Enter what a meeting has decided into the issue register. Refuses like `write_minutes` and `write_issue`."""
    meeting = _begun(meeting)
    if not may_write(meeting, author.user):
        raise ValidationError(_("Decisions are entered by whoever chairs or leads the meeting."), code="not_yours")
    return write_issue(author=author, category=category, text=text, about=about, token=token, meeting=meeting)


def _lock(meeting: Meeting) -> Meeting:
    # Two people may press at once: the second waits here and then sees what the first one did.
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("department", "chair__user")
    meeting = rows.get(pk=meeting.pk)
    if meeting.cancelled_at is not None:
        raise ValidationError(_("This meeting is off."), code="cancelled")
    return meeting


def _begun(meeting: Meeting) -> Meeting:
    meeting = _lock(meeting)
    if meeting.begins_at > clock.now():
        raise ValidationError(_("This meeting has not begun."), code="not_begun")
    return meeting


def _refuse_minuted(meeting: Meeting) -> None:
    if meeting.minutes_at is not None:
        raise ValidationError(_("Its minutes are handed in; they do not change any more."), code="minutes_done")


def _needed(text: str, missing: str, longest: int) -> str:
    text = text.strip()
    if not text:
        raise ValidationError(_("Write a few words."), code=missing)
    if len(text) > longest:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": longest}, code="too_long")
    return text

"""What the pages of newcomers show: everybody's, or one's own, and one newcomer's checklist."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from handover.models import LearntPoint, Mentorship, MentorshipState
from people.models import Department, Membership, User
from rulebooks.services import version_by_id


@dataclass(frozen=True)
class Pair:
    """One mentorship in a list: how many points of how many are learnt."""

    mentorship: Mentorship
    learnt: int
    asked: int

    @property
    def is_running(self) -> bool:
        return self.mentorship.state == MentorshipState.RUNNING

    @property
    def tone(self) -> str:
        return {MentorshipState.PASSED: "good", MentorshipState.RUNNING: "info"}.get(
            MentorshipState(self.mentorship.state), ""
        )


@dataclass(frozen=True)
class Point:
    """One point of a checklist, and who ticked it when."""

    code: str
    name: str
    learnt: LearntPoint | None


def pairs_of(department: Department, user: User) -> list[Pair]:
    """What the person may see, those who still learn first; in one query."""
    rows = Mentorship.objects.visible_to(user).filter(newcomer__department=department)
    rows = rows.annotate(learnt=Count("points", filter=Q(points__taken_back_at=None), distinct=True))
    rows = rows.select_related("newcomer__user", "mentor__user").order_by("-from_day", "-pk")
    found = [Pair(row, row.learnt, len(_checklist(row))) for row in rows]
    return sorted(found, key=lambda pair: not pair.is_running)


def _checklist(mentorship: Mentorship):
    training = version_by_id(mentorship.rulebook_version_id).training
    return training.checklist if training else ()


def points_of(mentorship: Mentorship) -> list[Point]:
    """The checklist under which they were paired, in its order; in one query."""
    ticked = {point.code: point for point in mentorship.points.filter(taken_back_at=None).select_related("by")}
    return [Point(point.code, str(point.name), ticked.get(point.code)) for point in _checklist(mentorship)]


def who_can_be_paired(department: Department, day: date) -> tuple[list[Membership], list[Membership]]:
    """Newcomers without a mentor, whoever joined last first, and everybody who can be one; in one query."""
    rows = department.memberships.rostered().touching(day, date.max).select_related("user", "department")
    learning = Q(mentorships__state=MentorshipState.RUNNING) | Q(mentorships__state=MentorshipState.PASSED)
    members = list(rows.annotate(settled=Count("mentorships", filter=learning)).order_by("work_number"))
    free = sorted((one for one in members if not one.settled), key=lambda one: one.from_day, reverse=True)
    return free, members

"""Who owes the weekly summary of which week: fetched in a fixed number of queries, however many people and weeks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handover.weekly import ONE_DAY, Week, weeks
from people.models import Department, Membership
from rulebooks.moments import WEEK
from rulebooks.services import in_force_by_day
from shifts.models import Assignment, Leave

# What was missed longer ago is not asked for any more, also after a server stood still.
LOOKS_BACK = 8
# A week that begins today ends within so many, also when the rulebook has just moved its day.
LOOKS_AHEAD = 2


def weeks_of(department: Department, now: datetime) -> list[Week]:
    """The weeks that ended in the time that is looked back on, and the one that runs, if any, as the last one."""
    today = department.local(now).date()
    first = today - WEEK * LOOKS_BACK
    days = [first + ONE_DAY * number for number in range((LOOKS_BACK + LOOKS_AHEAD) * WEEK.days)]
    found = list(weeks(in_force_by_day(department, days), department.zone))
    over = [week for week in found if now - WEEK * LOOKS_BACK < week.due_at <= now]
    coming = [week for week in found if week.due_at > now]
    return over + coming[:1]


@dataclass(frozen=True)
class Writers:
    """The members of a department over some weeks, and the days on which each was away or rested."""

    members: list[Membership]
    away: dict[int, set[date]]
    rest: dict[int, set[date]]

    def asked(self, member: Membership, week: Week) -> bool:
        """Whether the summary is theirs to write: scored, and a member for the whole week."""
        return member.scored and member.holds_on(week.began) and member.holds_on(week.day)

    def on_leave(self, member: Membership, week: Week) -> bool:
        """On approved leave the whole week; days of rest in it are no work either."""
        away = self.away.get(member.pk, set()) & week.days
        return bool(away) and week.days <= away | self.rest.get(member.pk, set())

    def owes(self, member: Membership, week: Week) -> bool:
        return self.asked(member, week) and not self.on_leave(member, week)

    def of(self, week: Week) -> list[Membership]:
        return [member for member in self.members if self.owes(member, week)]


def writers(department: Department, over: list[Week], only: Membership | None = None) -> Writers:
    """Whoever was scored in these weeks, or one member; in three queries."""
    if not over:
        return Writers([], {}, {})
    first, last = min(week.first_day for week in over), max(week.day for week in over)
    if only is not None:
        members = [only]
    else:
        rows = department.memberships.scored().touching(first, last)
        members = list(rows.select_related("user", "department").order_by("work_number", "pk"))
    keys = [member.pk for member in members]
    away: dict[int, set[date]] = {}
    # An hour off is no day away.
    slips = Leave.objects.approved().filter(membership__in=keys, starts_at=None).touching(first, last)
    for key, begins, ends in slips.values_list("membership", "first_day", "last_day"):
        away.setdefault(key, set()).update(_days(max(begins, first), min(ends, last)))
    rest: dict[int, set[date]] = {}
    resting = Assignment.objects.published().filter(membership__in=away, is_rest=True).between(first, last)
    for key, day in resting.values_list("membership", "business_date"):
        rest.setdefault(key, set()).add(day)
    return Writers(members, away, rest)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]

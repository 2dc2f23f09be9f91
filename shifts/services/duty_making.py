"""Making the rota of duties from what is published, and keeping it right when that changes."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, clock, notices
from office.months import Month
from people.models import Department, Membership, User
from rulebooks.schema import Duty, Rulebook
from rulebooks.services import in_force_by_day
from shifts.duty_turns import Before, take_turns
from shifts.models import Assignment, DutyTurn, Roster

YOURS = gettext_noop("Your turns of %(duty)s: %(days)s.")
NOW_YOURS = gettext_noop("%(duty)s of %(day)s is yours now, after a change of the roster.")
NO_LONGER_YOURS = gettext_noop("%(duty)s of %(day)s is no longer yours, after a change of the roster.")


@dataclass(frozen=True)
class Day:
    """Who works on a date, by shift code, and the rulebook that holds."""

    rulebook: Rulebook | None
    shifts: tuple[Assignment, ...]

    def rule(self, duty: str) -> Duty | None:
        return self.rulebook.duty(duty) if self.rulebook else None

    def people(self, rule: Duty | None) -> list[Membership]:
        """Those of whom the duty is taken, in the order of their work numbers."""
        return [shift.membership for shift in self.shifts if rule and shift.code in rule.shifts]

    def still_there(self, rule: Duty | None) -> list[Membership]:
        """Those of them whose shift is not over."""
        now = clock.now()
        return [
            shift.membership for shift in self.shifts if rule and shift.code in rule.shifts and shift.times[1] > now
        ]

    def shift_of(self, member_pk: int) -> Assignment | None:
        return next((shift for shift in self.shifts if shift.membership_id == member_pk), None)


def days_of(department: Department, days: Collection[date]) -> dict[date, Day]:
    """What is published for these dates, with the people; two queries."""
    rulebooks = in_force_by_day(department, days)
    planned = Assignment.objects.published().working().filter(membership__department=department)
    rows = planned.filter(business_date__in=days).select_related("membership__user", "membership__department")
    by_day: dict[date, list[Assignment]] = defaultdict(list)
    for row in rows.order_by("membership__work_number", "pk"):
        by_day[row.business_date].append(row)
    return {day: Day(rulebooks.get(day), tuple(by_day[day])) for day in days}


@transaction.atomic
def make_turns(*, department: Department, month: Month, actor: User | None = None) -> list[DutyTurn]:
    """Give the duties of the days still to come to the people of their published shifts, in turn; says the new turns.

    What is past, done or still right stays, so a second call changes nothing. Refuses a month that is over ("past"),
    not published ("not_published") or locked ("locked"), and a rulebook without duties ("no_duties"). Everybody is told
    their days once.
    """
    today = department.today()
    days = [day for day in month.days() if day >= today]
    if not days:
        raise ValidationError(_("This month is over; its duties stay as they were."), code="past")
    # Whoever publishes the month, or makes its turns at the same moment, waits here.
    roster = Roster.objects.select_for_update().filter(department=department, first_day=month.first).first()
    if roster is None or not roster.version:
        raise ValidationError(
            _("The roster of %(month)s is not published yet.") % {"month": month}, code="not_published"
        )
    if roster.is_locked:
        raise ValidationError(
            _("The roster of %(month)s is locked; nothing of it changes any more.") % {"month": month}, code="locked"
        )
    known = days_of(department, days)
    if not any(day.rulebook and day.rulebook.duties for day in known.values()):
        raise ValidationError(_("The rulebook knows no duties."), code="no_duties")
    made = _arrange(department, known, fill=True, actor=actor)
    if made:
        turns = [turn.pk for turn in made]
        audit.record(actor, "shifts.duties.made", roster, department=department, month=str(month), turns=turns)
        _tell_made(department, made, known)
    return made


@transaction.atomic
def repair_turns(department: Department, days: Iterable[date], *, actor: User | None = None) -> None:
    """After a change of what is published on these days: turns of people who are not there any more go to the next.

    Both are told. Where nobody is left to take it, the turn is dropped. To be called inside the transaction of the
    change.
    """
    today = department.today()
    wanted = {day for day in days if day >= today}
    concerned = DutyTurn.objects.filter(department=department, business_date__in=wanted, done_at=None)
    if wanted and concerned.exists():
        _arrange(department, days_of(department, wanted), fill=False, actor=actor)


def make_due_turns() -> int:
    """Make, and put right, the turns of this and the next month wherever they are published; says how many are new.

    For the beat; running twice is harmless.
    """
    made = 0
    for department in Department.objects.filter(rosters__version__gt=0).distinct():
        this = Month.of(department.today())
        rosters = Roster.objects.filter(department=department, version__gt=0, locked_at=None)
        for first in rosters.filter(first_day__in=[this.first, this.next.first]).values_list("first_day", flat=True):
            try:
                made += len(make_turns(department=department, month=Month.of(first)))
            except ValidationError as refusal:
                # Somebody has locked the month meanwhile, or there are no duties here.
                if refusal.code not in ("locked", "no_duties", "past"):
                    raise
    return made


def _arrange(department: Department, known: dict[date, Day], *, fill: bool, actor: User | None) -> list[DutyTurn]:
    """Make the turns of these days right; says those that are new. `fill`: also of days that have none yet."""
    first = min(known)
    # Later days too: who has it on the day after is not asked for the day before.
    rows = list(
        DutyTurn.objects.select_for_update(of=("self",))
        .filter(department=department, business_date__gte=first)
        .select_related("department", "membership__user", "offered_to")
    )
    by_duty: dict[str, list[DutyTurn]] = defaultdict(list)
    for turn in rows:
        by_duty[turn.duty].append(turn)
    named = {duty.code for day in known.values() if day.rulebook for duty in day.rulebook.duties}
    made: list[DutyTurn] = []
    for duty in sorted(named | set(by_duty)):
        made += _arrange_duty(department, duty, by_duty[duty], known, fill=fill, actor=actor)
    return made


def _arrange_duty(
    department: Department, duty: str, turns: list[DutyTurn], known: dict[date, Day], *, fill: bool, actor: User | None
) -> list[DutyTurn]:
    fixed: dict[date, dict[int, int]] = defaultdict(dict)
    broken: dict[tuple[date, int], DutyTurn] = {}
    for turn in turns:
        day = known.get(turn.business_date)
        if day is None or turn.done_at or _fits(turn, day):
            fixed[turn.business_date][turn.place] = turn.membership_id
        else:
            broken[turn.business_date, turn.place] = turn
        if turn.offered_to and day is not None and turn.offered_to not in day.people(day.rule(duty)):
            turn.offered_to = None
            turn.save(update_fields=["offered_to"])
    asked = known if fill else {turn.business_date for turn in turns if turn.business_date in known}
    if not fill and not broken:
        return []
    found = _taken(department, duty, {day: known[day] for day in asked}, fixed, since=min(known))
    return _write(department, duty, found, fixed, broken, known, actor)


def _fits(turn: DutyTurn, day: Day) -> bool:
    rule = day.rule(turn.duty)
    return rule is not None and turn.place <= rule.people and turn.membership in day.people(rule)


def _taken(
    department: Department, duty: str, asked: dict[date, Day], fixed: dict[date, dict[int, int]], *, since: date
) -> dict[date, dict[int, int]]:
    """Who has the duty on the days asked for, beside what is fixed, which holds all turns from `since` on."""
    if not asked:
        return {}
    earlier = DutyTurn.objects.filter(department=department, duty=duty, business_date__lt=since)
    rows = earlier.order_by().values_list("membership").annotate(Max("business_date"), Count("pk"))
    before = {member: Before(last, count) for member, last, count in rows}
    found = {day: dict(places) for day, places in fixed.items()}

    def people_on(day: date) -> int:
        rule = asked[day].rule(duty)
        return rule.people if rule else 0

    # A new rulebook inside the month may want more people, or fewer.
    for people, days in groupby(sorted(asked), key=people_on):
        if people:
            available = {day: [member.pk for member in asked[day].still_there(asked[day].rule(duty))] for day in days}
            found = take_turns(available, people=people, fixed=found, before=before)
    return found


def _write(
    department: Department,
    duty: str,
    found: dict[date, dict[int, int]],
    fixed: dict[date, dict[int, int]],
    broken: dict[tuple[date, int], DutyTurn],
    known: dict[date, Day],
    actor: User | None,
) -> list[DutyTurn]:
    """Drop, pass on and add rows until they say what was found; says the added ones."""
    places = {
        (day, place): person
        for day, taken in found.items()
        for place, person in taken.items()
        if place not in fixed.get(day, {})
    }
    for key, turn in broken.items():
        if key not in places:
            audit.record(actor, "shifts.duty.dropped", turn, department=department, before=turn.membership_id)
            _tell_of_change(turn, None, known)
            turn.delete()
    members = {shift.membership_id: shift.membership for day in known.values() for shift in day.shifts}
    added = []
    for (day, place), person in sorted(places.items()):
        former = broken.get((day, place))
        if former is None:
            added.append(
                DutyTurn(department=department, duty=duty, business_date=day, place=place, membership=members[person])
            )
            continue
        _tell_of_change(former, members[person], known)
        audit.record(
            actor,
            "shifts.duty.passed_on",
            former,
            department=department,
            before=former.membership_id,
            after=person,
        )
        former.membership, former.offered_to = members[person], None
        former.save(update_fields=["membership", "offered_to"])
    return DutyTurn.objects.bulk_create(added)


def rota_link(department: Department, day: date) -> str:
    """The rota of the day's month."""
    return reverse("shifts:duties", args=[department.code, Month.of(day)])


def _tell_of_change(turn: DutyTurn, to: Membership | None, known: dict[date, Day]) -> None:
    rule = known[turn.business_date].rule(turn.duty)
    told = [(turn.membership, NO_LONGER_YOURS), *([(to, NOW_YOURS)] if to is not None else [])]
    for member, message in told:
        notices.tell(
            member.user,
            message,
            link=rota_link(turn.department, turn.business_date),
            duty=rule.name.both if rule else turn.duty,
            day=turn.business_date.isoformat(),
        )


def _tell_made(department: Department, made: list[DutyTurn], known: dict[date, Day]) -> None:
    own: dict[tuple[int, str], list[DutyTurn]] = defaultdict(list)
    for turn in made:
        own[turn.membership_id, turn.duty].append(turn)
    for (_member, duty), turns in sorted(own.items()):
        rule = known[turns[0].business_date].rule(duty)
        notices.tell(
            turns[0].membership.user,
            YOURS,
            link=rota_link(department, turns[0].business_date),
            duty=rule.name.both if rule else duty,
            days=" · ".join(f"{turn.business_date:%m-%d}" for turn in turns),
        )

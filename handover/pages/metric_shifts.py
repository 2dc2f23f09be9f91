"""Shifts that are over and items that were handed over, as the figures count them.

The rows are what a figure leads to; its sums are made of the same rows. Three queries for any number of agents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from django.db.models import BooleanField, Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from handover.metrics import CARRIED_FROM
from handover.models import ItemAction, ItemEvent, ServiceStatistic, StatisticSource
from handover.tallies import Basis, Metric, Sums, Tally, total
from office import clock
from people.models import Department
from shifts.models import AssignmentSpan, Layer, Leave
from shifts.punctuality import time_within
from shifts.spans import Stretch

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shift:
    """A shift that is over. `planned` and `worked`: minutes, None when nobody knows; `talk_seconds`: of that day."""

    pk: int
    member: int
    day: date
    code: str
    planned: int | None
    worked: int | None
    came: bool
    talk_seconds: int | None

    def tallies(self) -> Sums:
        is_known = self.planned is not None and self.worked is not None
        adherence = Tally(self.worked or 0, self.planned or 0, facts=1) if is_known else Tally(left_out=1)
        found = {"adherence": adherence}
        if self.came:
            talks = self.talk_seconds is not None
            found["talk_a_shift"] = Tally(self.talk_seconds or 0, 1, facts=1) if talks else Tally(left_out=1)
        return found


@dataclass(frozen=True)
class Passed:
    """Something that happened to an item: accepted by `member` so many seconds after it was handed over (`since`), or,
    when `seconds` is None, handed over by `member`. `carried`: how many shifts have passed it on by now.
    """

    item: int
    member: int
    day: date
    at: datetime
    seconds: int | None
    to_do: str
    since: datetime | None = None
    carried: int = 0

    @property
    def is_carried(self) -> bool:
        return self.carried >= CARRIED_FROM


@dataclass
class Handled:
    """What somebody accepted, or all did: the seconds each took; and what was handed over, with what is carried."""

    seconds: list[int] = field(default_factory=list)
    handed: int = 0
    carried: set[int] = field(default_factory=set)

    def add(self, one: Passed) -> None:
        if one.seconds is not None:
            self.seconds.append(one.seconds)
            return
        self.handed += 1
        if one.is_carried:
            self.carried.add(one.item)

    def tallies(self) -> dict[str, Tally]:
        accepted = len(self.seconds)
        return {
            "mean_acceptance": Tally(sum(self.seconds), accepted, facts=accepted),
            "median_acceptance": Tally(accepted, facts=accepted),
            "carried_items": Tally(len(self.carried), facts=self.handed),
        }

    def middles(self) -> dict[str, Fraction]:
        return {"median_acceptance": middle_of(self.seconds)} if self.seconds else {}


def middle_of(values: list[int]) -> Fraction:
    """The median: of an even number the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    return Fraction(ordered[half] if len(values) % 2 else ordered[half - 1] + ordered[half], 2 - len(values) % 2)


@dataclass(frozen=True)
class ShiftSums:
    """Sums of the department, by member, and by day of the subject or else of the department; and the medians."""

    whole: Sums = field(default_factory=dict)
    members: Mapping[int, Sums] = field(default_factory=dict)
    days: Mapping[date, Sums] = field(default_factory=dict)
    middle: dict[str, Fraction] = field(default_factory=dict)
    middles: dict[int, dict[str, Fraction]] = field(default_factory=dict)


def shift_sums(department: Department, first: date, last: date, is_subject: Callable[[int], bool]) -> ShiftSums:
    shifts, passed = shifts_of(department, first, last), passed_of(department, first, last)
    by_member: dict[int, list[Sums]] = defaultdict(list)
    by_day: dict[date, list[Sums]] = defaultdict(list)
    for shift in shifts:
        sums = shift.tallies()
        by_member[shift.member].append(sums)
        if is_subject(shift.member):
            by_day[shift.day].append(sums)
    handled: dict[int, Handled] = defaultdict(Handled)
    handled_on: dict[date, Handled] = defaultdict(Handled)
    everybodys = Handled()
    for one in passed:
        everybodys.add(one)
        handled[one.member].add(one)
        if is_subject(one.member):
            handled_on[one.day].add(one)
    for member, found in handled.items():
        by_member[member].append(found.tallies())
    for day, found in handled_on.items():
        by_day[day].append(found.tallies())
    members = {member: total(sums) for member, sums in by_member.items()}
    of_shifts = total(sums for shift in shifts for sums in [shift.tallies()])
    return ShiftSums(
        whole=total([of_shifts, everybodys.tallies()]),
        members=members,
        days={day: total(sums) for day, sums in by_day.items()},
        middle=everybodys.middles(),
        middles={member: found.middles() for member, found in handled.items()},
    )


def shifts_of(department: Department, first: date, last: date, of: Q | None = None) -> list[Shift]:
    """The published shifts that are over, by day; in two queries. Not those that a whole day of leave covers."""
    talk = ServiceStatistic.objects.current().filter(
        membership=OuterRef("assignment__membership"),
        business_date=OuterRef("assignment__business_date"),
        source=StatisticSource.IMPORTED,
    )
    talk = talk.order_by().values("membership").annotate(talk=Sum("talk_seconds")).values("talk")
    attendance = "assignment__attendance__"
    left_unknown = Q(**{f"{attendance}forgotten": True, f"{attendance}correction": None})
    spans = AssignmentSpan.objects.filter(
        of or Q(),
        assignment__layer=Layer.PUBLISHED,
        assignment__membership__department=department,
        assignment__business_date__range=(first, last),
        assignment__ends_at__lte=clock.now(),
    ).annotate(
        came_at=Coalesce(f"{attendance}correction__came_at", f"{attendance}clocked_in_at"),
        left_at=Coalesce(f"{attendance}correction__left_at", f"{attendance}clocked_out_at"),
        unknown=Case(When(left_unknown, then=Value(True)), default=Value(False), output_field=BooleanField()),
        talk=Subquery(talk),
    )
    names = ("assignment", "assignment__membership", "assignment__business_date", "assignment__code")
    by_shift: dict[tuple, list[tuple]] = defaultdict(list)
    for *shift, starts_at, ends_at, came_at, left_at, unknown, seconds in spans.order_by(
        "assignment__business_date", "assignment", "starts_at"
    ).values_list(*names, "starts_at", "ends_at", "came_at", "left_at", "unknown", "talk"):
        by_shift[tuple(shift)].append((Stretch(starts_at, ends_at), came_at, left_at, unknown, seconds))
    leave = _leave(department, first, last)
    return [
        _shift(shift, found, hours)
        for shift, found in by_shift.items()
        if (hours := leave(shift[1], shift[2])) is not None
    ]


def _shift(shift: tuple, found: list[tuple], leave: list[Stretch]) -> Shift:
    pk, member, day, code = shift
    planned = [stretch for stretch, *_rest in found]
    _stretch, came_at, left_at, unknown, seconds = found[0]
    hours = _within(planned, planned) - _within(planned, leave)
    if came_at is None:
        worked: int | None = 0
    elif left_at is None or unknown:
        worked = None
    else:
        there = [Stretch(came_at, left_at)] if left_at > came_at else []
        worked = _within(planned, there) - _within(planned, _cut(leave, there))
    return Shift(pk, member, day, code, hours, worked, came_at is not None, seconds)


def _within(planned: list[Stretch], others: Iterable[Stretch]) -> int:
    """Whole minutes of the planned hours that lie in any of the others, which do not overlap."""
    return sum((time_within(planned, one.starts_at, one.ends_at) for one in others), timedelta()) // MINUTE


def _cut(stretches: Iterable[Stretch], limits: list[Stretch]) -> list[Stretch]:
    """What of the stretches lies within the limits."""
    found = []
    for one in stretches:
        for limit in limits:
            starts_at, ends_at = max(one.starts_at, limit.starts_at), min(one.ends_at, limit.ends_at)
            if starts_at < ends_at:
                found.append(Stretch(starts_at, ends_at))
    return found


def _leave(department: Department, first: date, last: date) -> Callable[[int, date], list[Stretch] | None]:
    """Of a member and a day the hours of approved leave; None when leave takes the whole day."""
    slips = Leave.objects.approved().touching(first, last).filter(membership__department=department)
    by_member: dict[int, list[Leave]] = defaultdict(list)
    for slip in slips:
        by_member[slip.membership_id].append(slip)

    def leave(member: int, day: date) -> list[Stretch] | None:
        found = []
        for slip in by_member.get(member, ()):
            if slip.starts_at is not None and slip.ends_at is not None:
                found.append(Stretch(slip.starts_at, slip.ends_at))
            elif slip.first_day <= day <= slip.last_day:
                return None
        return found

    return leave


def passed_of(department: Department, first: date, last: date) -> list[Passed]:
    """What was handed over and what of it was accepted, by instant; in one query."""
    zone = department.zone
    begins = datetime.combine(first, time(), tzinfo=zone)
    ends = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    before = ItemEvent.objects.filter(item=OuterRef("item"), pk__lt=OuterRef("pk")).order_by("-pk")
    handed = before.filter(action=ItemAction.SUBMITTED)
    actions = (ItemAction.ACCEPTED, ItemAction.SUBMITTED)
    events = ItemEvent.objects.filter(item__department=department, at__gte=begins, at__lt=ends, action__in=actions)
    events = events.annotate(since=Subquery(handed.values("at")[:1]), giver=F("handover__giver"))
    found = []
    names = ("action", "item", "owner", "giver", "at", "since", "item__to_do", "item__carried")
    for action, item, owner, giver, at, since, to_do, carried in events.order_by("at", "pk").values_list(*names):
        day = at.astimezone(zone).date()
        if action == ItemAction.ACCEPTED and owner and since:
            seconds = int((at - since).total_seconds())
            found.append(Passed(item, owner, day, at, seconds, to_do, since, carried))
        elif action == ItemAction.SUBMITTED and giver:
            found.append(Passed(item, giver, day, at, None, to_do, at, carried))
    return found


def rows_of(metric: Metric, department: Department, first: date, last: date, member: int | None) -> list:
    """The rows behind a figure of one member or of all, with all that it was looked for among."""
    if metric.basis == Basis.SHIFTS:
        of = None if member is None else Q(assignment__membership=member)
        shifts = shifts_of(department, first, last, of)
        return [shift for shift in shifts if shift.tallies().get(metric.name, Tally()).facts]
    handed = metric.name == "carried_items"
    passed = passed_of(department, first, last)
    return [one for one in passed if (one.seconds is None) == handed and member in (None, one.member)]

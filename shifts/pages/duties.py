"""The rota of duties as people see it: a month by day, and one's own turns of today."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office import clock
from office.months import Month
from office.tables import Column, Kind
from people.models import Department, Membership, User
from shifts.models import DutyTurn
from shifts.services.duties import said_until
from shifts.services.duty_making import Day, days_of


@dataclass(frozen=True)
class Row:
    """One turn, and what its reader may do with it now. `tone` is that of a tag: good, warn, bad or none."""

    turn: DutyTurn
    name: str
    is_own: bool
    is_offered: bool
    can_pass_on: bool
    can_be_done: bool
    state: str
    tone: str = ""

    @property
    def day(self) -> date:
        return self.turn.business_date

    @property
    def who(self) -> str:
        return self.turn.membership.name

    @property
    def number(self) -> str:
        return self.turn.membership.work_number


@dataclass(frozen=True)
class Mine:
    """The reader's own turns that are on now or wait to be said done, and those that colleagues offer them."""

    own: tuple[Row, ...]
    offered: tuple[Row, ...]

    def __bool__(self) -> bool:
        return bool(self.own or self.offered)


COLUMNS = (
    Column("day", gettext_lazy("Date"), lambda row: row.day, sort=True, kind=Kind.DAY),
    Column("duty", gettext_lazy("Duty"), lambda row: row.name, sort=True),
    Column("number", gettext_lazy("Work number"), lambda row: row.number, on_page=False),
    Column("who", gettext_lazy("Who"), lambda row: row.who, sort=lambda row: row.number),
    Column("state", gettext_lazy("State"), lambda row: row.state),
)


def rota_of(department: Department, month: Month, reader: User, *, may_edit: bool) -> list[Row]:
    """The month's turns in the order of their days, with three queries. `may_edit`: the reader edits the roster."""
    turns = DutyTurn.objects.filter(department=department).between(month.first, month.last)
    return _rows(department, list(_with_people(turns)), reader, may_edit=may_edit)


def duties_today(member: Membership) -> Mine:
    """What the member's own desk shows: turns of today and of a night that began yesterday, and what is offered."""
    department = member.department
    today = department.today()
    near = Q(membership=member, business_date__range=(today - timedelta(days=1), today))
    offered = Q(offered_to=member, business_date__gte=today - timedelta(days=1))
    turns = list(_with_people(DutyTurn.objects.filter(near | offered, department=department)))
    rows = _rows(department, turns, member.user, may_edit=False)
    return Mine(
        own=tuple(row for row in rows if row.is_own and (row.can_be_done or row.can_pass_on or row.day == today)),
        offered=tuple(row for row in rows if row.is_offered),
    )


def row_of(turn: DutyTurn, reader: User, *, may_edit: bool) -> Row:
    """One turn as the reader sees it."""
    return _rows(turn.department, [turn], reader, may_edit=may_edit)[0]


def people_for(turn: DutyTurn) -> list[Membership]:
    """Who could take the turn over: those of its shifts that day who do not have the same duty already."""
    day = days_of(turn.department, [turn.business_date])[turn.business_date]
    same = DutyTurn.objects.filter(duty=turn.duty, business_date=turn.business_date)
    taken = set(same.values_list("membership", flat=True))
    return [member for member in day.still_there(day.rule(turn.duty)) if member.pk not in taken]


def _with_people(turns):
    return turns.select_related("membership__user", "offered_to__user", "department").order_by(
        "business_date", "duty", "place"
    )


def _rows(department: Department, turns: list[DutyTurn], reader: User, *, may_edit: bool) -> list[Row]:
    known = days_of(department, {turn.business_date for turn in turns}) if turns else {}
    now = clock.now()
    return [_row(turn, known[turn.business_date], reader, now, may_edit=may_edit) for turn in turns]


def _row(turn: DutyTurn, day: Day, reader: User, now: datetime, *, may_edit: bool) -> Row:
    rule, shift = day.rule(turn.duty), day.shift_of(turn.membership_id)
    asked = rule is not None and rule.confirmed
    is_own = turn.membership.user_id == reader.pk
    is_over = shift.times[1] <= now if shift else turn.business_date < turn.department.today()
    until = said_until(turn, day)
    begun = turn.business_date <= turn.department.today()
    is_open = turn.done_at is None and not is_over
    state, tone = _state(turn, asked=asked, is_over=is_over, is_late=now > until)
    return Row(
        turn=turn,
        name=str(rule.name) if rule else turn.duty,
        is_own=is_own,
        is_offered=is_open and turn.offered_to is not None and turn.offered_to.user_id == reader.pk,
        can_pass_on=is_open and (is_own or may_edit),
        can_be_done=is_own and asked and turn.done_at is None and begun and now <= until,
        state=state,
        tone=tone,
    )


def _state(turn: DutyTurn, *, asked: bool, is_over: bool, is_late: bool) -> tuple[str, str]:
    if turn.done_at is not None:
        return _("Done"), "good"
    if turn.offered_to is not None and not is_over:
        return _("Offered to %(name)s") % {"name": turn.offered_to.name}, "info"
    if not is_over or not asked:
        return "", ""
    return (_("Not confirmed"), "bad") if is_late else (_("To be confirmed"), "warn")

"""The departments of whoever manages their members: people, rulebook, fund, last month, and what waits too long.

The same number of queries for any number of departments and members.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.decide_part import TOO_LONG
from desk.facts import Fact
from handover.words import in_words
from kpi.models import ScoreRun
from ledger.models import AccountKind, Incident, IncidentState, Posting
from office import clock
from office.lists import joined
from office.money import yuan
from office.months import Month
from people.models import Department, Membership, Right, RoleGrant, RoleRight, User
from people.permissions import departments_where
from rulebooks.models import RulebookVersion

# Somebody who comes or goes within this stands on the page by name.
SOON = timedelta(days=30)
# Whoever holds one of these reads the incidents of a department.
READING = (Right.DECIDE_INCIDENT, Right.READ_SCORECARDS)


@dataclass(frozen=True)
class Move:
    """Somebody who joins or leaves within the next days."""

    member: Membership
    day: date
    joins: bool


@dataclass(frozen=True)
class Late:
    """Something that waits too long; `who` may do it: names, empty when nobody may. `url`: for who may read it."""

    says: str
    who: str
    url: str = ""


@dataclass
class House:
    """One department, as its owner sees it."""

    department: Department
    today: date
    present: list[Membership] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    scored_last_month: int = 0
    version: RulebookVersion | None = None
    coming: RulebookVersion | None = None
    cash_fen: int = 0
    owed_fen: int = 0
    run: ScoreRun | None = None
    waiting: int = 0
    waits_since: datetime | None = None
    deciders: list[str] = field(default_factory=list)
    scorers: list[str] = field(default_factory=list)
    # Whether the reader may read the incidents, not only that they wait.
    reads: bool = False

    @property
    def last_month(self) -> Month:
        return Month.of(self.today).previous

    @property
    def joining(self) -> int:
        return sum(move.joins for move in self.moves)

    @property
    def leaving(self) -> int:
        return sum(not move.joins for move in self.moves)

    @property
    def never_signed_in(self) -> int:
        return sum(member.user.last_login is None for member in self.present)

    @property
    def people_words(self) -> str:
        """ "12 members, 1 joins, 2 leave"."""
        count = len(self.present)
        parts = [ngettext("%(count)s member", "%(count)s members", count) % {"count": count}, *self.move_words]
        return joined(parts)

    @property
    def move_words(self) -> list[str]:
        says = []
        if self.joining:
            says.append(_("%(count)s joining soon") % {"count": self.joining})
        if self.leaving:
            says.append(_("%(count)s leaving soon") % {"count": self.leaving})
        return says

    @property
    def is_scored(self) -> bool:
        return self.run is not None and self.run.is_over()

    @property
    def is_score_late(self) -> bool:
        """Nobody has scored last month although it ended days ago."""
        return bool(self.scored_last_month) and not self.is_scored and self.today.day > TOO_LONG.days

    @property
    def waited(self) -> str:
        return in_words(clock.now() - self.waits_since) if self.waits_since else ""

    @property
    def is_decision_late(self) -> bool:
        return self.waits_since is not None and clock.now() - self.waits_since > TOO_LONG

    @property
    def incidents_url(self) -> str:
        """Those that wait, for who may read them."""
        waiting = {"state": IncidentState.REPORTED}
        return reverse("ledger:incidents", args=[self.department.code], query=waiting) if self.reads else ""

    @property
    def late(self) -> list[Late]:
        """What waits for a decision or for scores longer than it should, and for whom."""
        found = []
        if self.is_decision_late:
            says = ngettext(
                "%(count)s incident not decided, waiting for %(length)s",
                "%(count)s incidents not decided, the oldest waiting for %(length)s",
                self.waiting,
            )
            says %= {"count": self.waiting, "length": self.waited}
            found.append(Late(says, joined(self.deciders), self.incidents_url))
        if self.is_score_late:
            month = self.last_month.name
            found.append(Late(_("%(month)s is not scored") % {"month": month}, joined(self.scorers)))
        return found


@dataclass(frozen=True)
class HousePart:
    houses: list[House]

    def of(self, department: Department) -> House | None:
        return next((house for house in self.houses if house.department == department), None)

    @property
    def facts(self) -> list[Fact]:
        people = {member.user_id for house in self.houses for member in house.present}
        moves = [sum(house.joining for house in self.houses), sum(house.leaving for house in self.houses)]
        says = joined(
            words % {"count": count}
            for words, count in zip((_("%(count)s joining soon"), _("%(count)s leaving soon")), moves, strict=True)
            if count
        )
        strangers = sum(house.never_signed_in for house in self.houses)
        late = sum(len(house.late) for house in self.houses)
        facts = [
            Fact(_("Members"), len(people), says, "users"),
            Fact(_("Cash in the fund"), yuan(sum(house.cash_fen for house in self.houses)), _("yuan"), "coins"),
            Fact(_("Never signed in"), strangers, ngettext("member", "members", strangers), "key"),
            Fact(
                _("Waiting too long"),
                late,
                _("for more than %(days)s days") % {"days": TOO_LONG.days},
                "clock-exclamation",
                "bad" if late else "",
            ),
        ]
        if len(self.houses) > 1:
            facts.insert(0, Fact(_("Departments"), len(self.houses), "", "building"))
        return facts

    @property
    def moves(self) -> list[Move]:
        """Who comes and who goes, the nearest first."""
        return sorted((move for house in self.houses for move in house.moves), key=lambda move: move.day)


def house_part(user) -> HousePart | None:
    """None for somebody who manages no department's members. Eight queries."""
    houses = {one.pk: House(one, one.today()) for one in departments_where(user, Right.MANAGE_MEMBERS)}
    if not houses:
        return None
    _add_people(houses)
    _add_rulebooks(houses)
    _add_money(houses)
    _add_months(houses)
    _add_waiting(houses)
    _add_who(houses, user)
    return HousePart(list(houses.values()))


def _add_people(houses: dict[int, House]) -> None:
    earliest = min(house.last_month.first for house in houses.values())
    rows = Membership.objects.filter(Q(until_day=None) | Q(until_day__gte=earliest), department__in=houses)
    for member in rows.select_related("user", "department").order_by("work_number"):
        house = houses[member.department_id]
        last = house.last_month
        ends = member.until_day or date.max
        if member.scored and member.from_day <= last.last and ends >= last.first:
            house.scored_last_month += 1
        if member.holds_on(house.today):
            house.present.append(member)
            if ends <= house.today + SOON:
                house.moves.append(Move(member, ends, joins=False))
        elif house.today < member.from_day <= house.today + SOON:
            house.moves.append(Move(member, member.from_day, joins=True))


def _add_rulebooks(houses: dict[int, House]) -> None:
    # Source and content are long and not shown.
    versions = RulebookVersion.objects.filter(department__in=houses).defer("source", "content")
    for version in versions.order_by("from_day", "number"):
        house = houses[version.department_id]
        if version.from_day <= house.today:
            house.version = version
        elif house.coming is None:
            house.coming = version


def _add_money(houses: dict[int, House]) -> None:
    sums: dict[int, Counter] = defaultdict(Counter)
    rows = Posting.objects.filter(account__department__in=houses, entry__sealed_at__isnull=False).order_by()
    for department, kind, amount in rows.values_list("account__department", "account__kind").annotate(
        Sum("amount_fen")
    ):
        sums[department][kind] = amount
    for pk, house in houses.items():
        house.cash_fen, house.owed_fen = sums[pk][AccountKind.FUND_CASH], sums[pk][AccountKind.RECEIVABLE]


def _add_months(houses: dict[int, House]) -> None:
    months = {house.last_month.first for house in houses.values()}
    runs = ScoreRun.objects.filter(department__in=houses, month__in=months)
    for run in runs.select_related("department"):
        house = houses[run.department_id]
        if run.of_month == house.last_month:
            house.run = run


def _add_waiting(houses: dict[int, House]) -> None:
    rows = Incident.objects.filter(department__in=houses).reported().order_by()
    for pk, count, first in rows.values_list("department").annotate(Count("pk"), Min("reported_at")):
        houses[pk].waiting, houses[pk].waits_since = count, first


def _add_who(houses: dict[int, House], reader: User) -> None:
    """Whom to ask: who may decide and who may score today; and whether the reader may read the incidents."""
    lists = {Right.DECIDE_INCIDENT: "deciders", Right.SCORE_MONTH: "scorers"}
    roles: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in RoleRight.objects.filter(department__in=houses, right__in=[*lists, *READING]):
        if _holds(row, houses[row.department_id].today):
            roles[row.department_id, row.role].append(row.right)
    grants = RoleGrant.objects.filter(department__in=houses, user__is_active=True).select_related("user")
    for grant in grants.order_by("from_day", "pk"):
        house = houses[grant.department_id]
        for right in roles[house.department.pk, grant.role] if _holds(grant, house.today) else ():
            house.reads = house.reads or (right in READING and grant.user_id == reader.pk)
            if right not in lists:
                continue
            names = getattr(house, lists[Right(right)])
            if str(grant.user) not in names:
                names.append(str(grant.user))


def _holds(row: RoleRight | RoleGrant, day: date) -> bool:
    return row.from_day <= day and (row.until_day is None or day <= row.until_day)

"""What the pages of orders show: the list, a month's untagged orders with their claims, and one order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import CharField, F, Prefetch, Q, QuerySet, Sum, Value, Window

from handover.customers import masked, may_see_customers, without_phones
from handover.models import Attribution, ClaimState, Order, OrderClaim, OrderShare
from handover.orders import WHOLE, fault_words, flag_words, percent, share_equally, split_fen, standing
from handover.services.orders import claims_close
from handover.words import moment
from office import clock
from office.lists import joined
from office.months import Month
from people.access import may, membership_of
from people.models import Department, Membership, Right
from people.permissions import holders_of

from .order_story import Told, story_of


@dataclass(frozen=True)
class Reader:
    """Who reads a page, and what they may: `sees_buyers`, every buyer's handle; `decides`, whose an order is."""

    user: int
    sees_buyers: bool
    decides: bool

    def buyer(self, order: Order, concerned: Iterable[int]) -> str:
        """The buyer's handle: whole for who deals with them. `concerned`: users who have or claim a share."""
        return order.buyer if self.sees_buyers or self.user in concerned else masked(order.buyer)

    def remark(self, order: Order, concerned: Iterable[int]) -> str:
        return order.remark if self.sees_buyers or self.user in concerned else without_phones(order.remark)

    def buyer_of(self, order: Order) -> str:
        return self.buyer(order, sharers(order))

    def remark_of(self, order: Order) -> str:
        return self.remark(order, sharers(order))


def reader_of(request) -> Reader:
    decides = may(request, Right.DECIDE_ORDERS)
    return Reader(request.user.pk, may_see_customers(request) or decides, decides)


# -- The list ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One row of a list: the order with ready words."""

    order: Order
    when: str
    buyer: str
    remark: str
    flag: str
    fault: str
    whose: str = ""
    tone: str = ""
    claims: tuple["Claim", ...] = ()
    mine: "Claim | None" = None


TONES = {Attribution.NONE: "warn", Attribution.TAGGED: "good"}


def with_shares(rows: QuerySet[Order]) -> QuerySet[Order]:
    return rows.prefetch_related(Prefetch("shares", OrderShare.objects.select_related("membership__user")))


def whose(order: Order) -> str:
    """Its shares in one line: "07 Lin", or "02 Wang 50 %, 07 Lin 50 %"."""
    shares = list(order.shares.all())
    if len(shares) == 1:
        return str(shares[0].membership)
    return joined(f"{share.membership} {percent(share.parts)}" for share in shares)


def sharers(order: Order) -> list[int]:
    return [share.membership.user_id for share in order.shares.all()]


def lines_of(orders: Iterable[Order], reader: Reader, department: Department) -> list[Line]:
    now, zone = clock.now(), department.zone
    return [
        Line(
            order=order,
            when=moment(order.placed_at, now, zone),
            buyer=reader.buyer_of(order),
            remark=reader.remark_of(order),
            flag=flag_words(order.flag),
            fault=fault_words(order.fault),
            whose=whose(order),
            tone=TONES.get(Attribution(order.attribution), "info"),
        )
        for order in orders
    ]


# -- Claims -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Claim:
    """A claim as a page shows it. `by` and `decision`: who decided it, and why."""

    pk: int
    user: int
    member: int
    who: str
    reason: str
    at: str
    state: str
    by: str = ""
    decision: str = ""

    @property
    def waits(self) -> bool:
        return self.state == ClaimState.ASKED

    @property
    def state_words(self) -> str:
        return str(ClaimState(self.state).label)


def _shown(claim: OrderClaim, department: Department) -> Claim:
    return Claim(
        pk=claim.pk,
        user=claim.membership.user_id,
        member=claim.membership_id,
        who=str(claim.membership),
        reason=claim.reason,
        at=moment(claim.asked_at, clock.now(), department.zone),
        state=claim.state,
    )


# -- A month's untagged orders ----------------------------------------------------------------------------------------
@dataclass
class Untagged:
    """The untagged orders of a month: how much they are, until when they can be claimed, what waits for a decision.

    `closes`: the last day for claims, None where the rulebook knows no orders; `days_left`: today included, 0 when it
    is over. `waiting`: orders with claims that the reader decides; not those that they claim themselves.
    """

    department: Department
    month: Month
    reader: Reader
    member: Membership | None
    closes: date | None
    days_left: int
    claims: dict[int, list[Claim]] = field(default_factory=dict)
    waiting: list[Line] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.days_left > 0

    @property
    def is_soon(self) -> bool:
        return 0 < self.days_left <= 3

    def may_claim(self, order: Order) -> bool:
        """Whether the reader could have served it: who is on no roster has no orders."""
        own = self.member
        return self.is_open and own is not None and own.rostered and own.holds_on(order.business_date)

    def claimed_by(self, order: Order) -> str:
        return joined(claim.who for claim in self.claims.get(order.pk, ()))

    def buyer(self, order: Order) -> str:
        return self.reader.buyer(order, self._concerned(order))

    def remark(self, order: Order) -> str:
        return self.reader.remark(order, self._concerned(order))

    def _concerned(self, order: Order) -> list[int]:
        return [claim.user for claim in self.claims.get(order.pk, ())]

    def line(self, order: Order) -> Line:
        claims = tuple(self.claims.get(order.pk, ()))
        now = clock.now()
        return Line(
            order=order,
            when=moment(order.paid_at or order.placed_at, now, self.department.zone),
            buyer=self.buyer(order),
            remark=self.remark(order),
            flag=flag_words(order.flag),
            fault=fault_words(order.fault),
            claims=claims,
            mine=next((claim for claim in claims if claim.user == self.reader.user), None),
        )


def untagged_of(department: Department, month: Month) -> QuerySet[Order]:
    """The month's untagged orders, each with what all of them together come to (`all_fen`): one query for both."""
    rows = Order.objects.untagged().filter(department=department, business_date__range=(month.first, month.last))
    return rows.annotate(all_fen=Window(Sum("paid_fen")))


def all_fen(lines: list[Line]) -> int:
    """What all untagged orders of the month come to, from any of them."""
    return lines[0].order.__dict__["all_fen"] if lines else 0


def read_untagged(request, department: Department, month: Month) -> Untagged:
    """Everything but the rows of the list, in three queries."""
    closes, today = claims_close(department, month), department.today()
    member = membership_of(request.user, department)
    found = Untagged(
        department=department,
        month=month,
        reader=reader_of(request),
        member=member,
        closes=closes,
        days_left=max(0, (closes - today).days + 1) if closes else 0,
    )
    rows = OrderClaim.objects.waiting().filter(order__department=department)
    rows = rows.filter(order__business_date__range=(month.first, month.last), order__attribution=Attribution.NONE)
    orders: dict[int, Order] = {}
    for claim in rows.select_related("order", "membership__user").order_by("asked_at", "pk"):
        orders[claim.order_id] = claim.order
        found.claims.setdefault(claim.order_id, []).append(_shown(claim, department))
    if found.reader.decides:
        found.waiting = [line for line in map(found.line, orders.values()) if line.mine is None]
    return found


def newest_month(department: Department) -> Month:
    """Last month while its orders can be claimed, else this one."""
    this = Month.of(department.today())
    closes = claims_close(department, this.previous)
    return this.previous if closes and department.today() <= closes else this


# -- One order --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Share:
    who: str
    percent: str
    fen: int


@dataclass(frozen=True)
class FollowUpItem:
    pk: int
    to_do: str
    at: str
    who: str
    is_open: bool


@dataclass
class Sheet:
    """One order as its page shows it. `deciders_besides`: whether somebody decides who is not concerned."""

    line: Line
    shares: list[Share]
    claims: list[Claim]
    items: list[FollowUpItem]
    story: list[Told]
    members: list[Membership]
    held: dict[int, int]
    closes: date | None
    may_claim: bool
    may_decide: bool
    is_own_case: bool
    seen: str

    @property
    def given(self) -> dict[int, int]:
        """The parts that the form begins with: as they are, else equal ones for those who claim it."""
        return self.held or share_equally([claim.member for claim in self.claims if claim.waits])


def read_order(request, department: Department, order: Order) -> Sheet:
    """The page of an order, in five queries."""
    reader = reader_of(request)
    members = _members(department, order, reader)
    claims, items = _claims_and_items(order, department)
    untagged = order.attribution == Attribution.NONE
    # Only one of the two is asked for: what is untagged has no shares, and only what is untagged can be claimed.
    shares = [] if untagged else list(order.shares.select_related("membership__user"))
    closes = claims_close(department, Month.of(order.business_date)) if untagged and order.paid_at else None
    own = next((one for one in members if one.user_id == reader.user and one.holds_now and one.rostered), None)
    waiting = [claim for claim in claims if claim.waits]
    concerned = {share.membership.user_id for share in shares} | {claim.user for claim in waiting}
    besides = any(member.decides for member in members if member.user_id not in concerned | {reader.user})  # type: ignore[attr-defined]
    is_own = reader.user in concerned and besides
    held = {share.membership_id: share.parts for share in shares}
    dealing = concerned | {item.user for item in items}
    sharing = held.keys() | {claim.member for claim in claims}
    open_still = closes is not None and department.today() <= closes
    return Sheet(
        line=_line(order, reader, department, dealing, shares),
        shares=_in_yuan(order, shares),
        claims=claims,
        items=[item.shown for item in items],
        story=story_of(order, department, sees=reader.sees_buyers or reader.user in dealing),
        # Those who serve, and whoever has or claims a part already.
        members=[one for one in members if one.rostered or one.pk in sharing] if reader.decides else [],
        held=held,
        closes=closes,
        may_claim=open_still and own is not None and reader.user not in {claim.user for claim in waiting},
        may_decide=reader.decides and order.paid_at is not None and not is_own,
        is_own_case=reader.decides and is_own,
        seen=standing(order.attribution, held),
    )


def _members(department: Department, order: Order, reader: Reader) -> list[Membership]:
    """Who can have a part of it, with whether they decide about orders; for others than deciders only themselves."""
    people = department.memberships.on(order.business_date).select_related("user")
    if not reader.decides:
        people = people.filter(user=reader.user)
    deciders = holders_of(department, Right.DECIDE_ORDERS).order_by().values("pk")
    found = list(people.annotate(decides=Q(user__in=deciders)).order_by("work_number", "pk"))
    for member in found:
        member.department = department
    return found


def _line(
    order: Order, reader: Reader, department: Department, dealing: Iterable[int], shares: list[OrderShare]
) -> Line:
    return Line(
        order=order,
        when=moment(order.placed_at, clock.now(), department.zone),
        buyer=reader.buyer(order, dealing),
        remark=reader.remark(order, dealing),
        flag=flag_words(order.flag),
        fault=fault_words(order.fault),
        whose=joined(str(share.membership) for share in shares),
        tone=TONES.get(Attribution(order.attribution), "info"),
    )


def _in_yuan(order: Order, shares: list[OrderShare]) -> list[Share]:
    if sum(share.parts for share in shares) != WHOLE:
        return []
    amounts = split_fen(order.paid_fen - order.refunded_fen, [share.parts for share in shares])
    return [Share(str(share.membership), percent(share.parts), fen) for share, fen in zip(shares, amounts, strict=True)]


@dataclass(frozen=True)
class _Item:
    shown: FollowUpItem
    user: int


def _claims_and_items(order: Order, department: Department) -> tuple[list[Claim], list[_Item]]:
    """What people claim and what came up again of it, in one query."""
    nothing = Value("", output_field=CharField())
    who = "membership__user", "membership__user__name", "membership__work_number"
    claimed = order.claims.order_by().values_list(
        Value("claim", output_field=CharField()), "pk", "asked_at", *who, F("membership"), "state", "reason",
        "decision", "decided_by__name",
    )  # fmt: skip
    owner = "owner__user", "owner__user__name", "owner__work_number"
    followed = order.items.order_by().values_list(
        Value("item", output_field=CharField()), "pk", "written_at", *owner, F("owner"), "state", "to_do",
        nothing, nothing,
    )  # fmt: skip
    claims: list[Claim] = []
    items: list[_Item] = []
    rows = sorted(claimed.union(followed, all=True), key=lambda row: (row[2], row[1]))
    for kind, pk, at, user, name, number, member, state, text, decision, by in rows:
        when, who_words = moment(at, clock.now(), department.zone), f"{number} {name}" if name else ""
        if kind == "claim":
            claims.append(Claim(pk, user, member, who_words, text, when, state, by or "", decision))
        else:
            items.append(_Item(FollowUpItem(pk, text, when, who_words, state == "open"), user or 0))
    return claims, items

"""All that a department keeps of one customer: items, entries of the register, cases and orders, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.customers import masked, without_phones
from handover.models import Case, HandoverItem, Issue, Order
from handover.pages.log import shift_of
from handover.words import moment
from office import clock
from office.money import yuan
from people.models import Department, Membership, User
from shifts.models import Attendance

# Of each kind; whoever has more is no customer but a test account.
MOST = 200
MOST_FOUND = 50


@dataclass(frozen=True)
class Entry:
    """One thing that is kept. `day` and `when`: on the department's wall clock. `about`: short facts; `texts`: what
    people wrote; `is_mine`: the reader deals with it; `is_settled`: it came up by itself and is done.
    """

    at: datetime
    day: date
    when: str
    kind: str
    icon: str
    texts: tuple[str, ...]
    about: tuple[str, ...] = ()
    url: str = ""
    is_open: bool = False
    is_mine: bool = False
    is_settled: bool = False


@dataclass(frozen=True)
class Day:
    """The entries of one day, newest first; `settled`: those that stand folded."""

    day: date
    entries: list[Entry]
    settled: list[Entry]


@dataclass
class History:
    """What is kept of one customer, as one person may read it. `handle` is whole for who deals with the customer."""

    handle: str
    entries: list[Entry] = field(default_factory=list)
    is_whole: bool = False
    is_cut: bool = False


@dataclass(frozen=True)
class Found:
    """A customer that the search has found, how much is kept of them, and since when nothing new has come."""

    handle: str
    count: int
    last: str


def history_of(
    department: Department, handle: str, user: User, *, member: Membership | None, sees_all: bool
) -> History:
    """Everything that the person may read of the customer with exactly this handle, in four queries.

    With what they can accept now `member` deals already: one query more where that decides.
    """
    rows = HandoverItem.objects.filter(department=department, customer=handle).for_cards()
    items = list(rows.order_by("-written_at", "-pk")[:MOST])
    sources = [
        list(_items(department, items, user)),
        list(_issues(department, handle, user)),
        list(_cases(department, handle, user)),
        list(_orders(department, handle)),
    ]
    entries = sorted((entry for rows in sources for entry in rows), key=lambda entry: entry.at, reverse=True)
    is_whole = sees_all or any(entry.is_mine for entry in entries) or _can_accept_one(items, member)
    return History(
        handle=handle if is_whole else masked(handle),
        entries=entries if is_whole else [_without_phones(entry) for entry in entries],
        is_whole=is_whole,
        is_cut=any(len(rows) == MOST for rows in sources),
    )


def find(department: Department, user: User, words: str, *, sees_all: bool) -> list[Found]:
    """Customers whose handle has these words in it, those with the newest entries first; in eight queries.

    Who does not see every customer finds others only by the whole handle, as it stands in the chat; among their own by
    a part of it. Without words: the newest of those that one sees.
    """
    whole, part = Q(customer=words), Q(customer__icontains=words)
    mine = Q(author__user=user) | Q(owner__user=user) | Q(meant_for__user=user)
    kept = _kept(department, user)
    items, issues, cases, orders = (rows for rows, _column, _instant in kept)
    looked_for = (
        items.filter(part if sees_all else whole | part & mine),
        # Both show each person what they may read anyway.
        issues.filter(part),
        cases.filter(part),
        orders.filter(buyer__icontains=words) if sees_all else orders.filter(buyer=words),
    )
    handles: dict[str, datetime] = {}
    for rows, (_all, column, instant) in zip(looked_for, kept, strict=True):
        for handle, _count, last in _counted(rows, column, instant).order_by("-last")[:MOST_FOUND]:
            handles[handle] = max(handles.get(handle, last), last)
    newest = sorted(handles, key=lambda handle: (handles[handle], handle), reverse=True)[:MOST_FOUND]
    return _with_counts(department, kept, newest)


Kept = tuple[QuerySet, str, str]


def _kept(department: Department, user: User) -> list[Kept]:
    """Whatever the person may read of anybody in each notebook, with its columns of the handle and of the instant."""
    return [
        (HandoverItem.objects.filter(department=department).exclude(customer=""), "customer", "written_at"),
        (
            Issue.objects.visible_to(user).filter(department=department).exclude(customer=""),
            "customer",
            "written_at",
        ),
        (Case.objects.visible_to(user).filter(department=department), "customer", "came_at"),
        (Order.objects.filter(department=department), "buyer", "placed_at"),
    ]


def _with_counts(department: Department, kept: list[Kept], handles: list[str]) -> list[Found]:
    """How much stands on the page of each of these customers, and since when nothing new has come."""
    counts: dict[str, int] = {}
    lasts: dict[str, datetime] = {}
    for rows, column, instant in kept:
        for handle, count, last in _counted(rows.filter(**{f"{column}__in": handles}), column, instant):
            counts[handle] = counts.get(handle, 0) + min(count, MOST)
            lasts[handle] = max(lasts.get(handle, last), last)
    now = clock.now()
    return [Found(one, counts[one], moment(lasts[one], now, department.zone)) for one in handles]


def _counted(rows: QuerySet, column: str, instant: str) -> QuerySet:
    counted = rows.order_by().values(column).annotate(count=Count("pk", distinct=True), last=Max(instant))
    return counted.values_list(column, "count", "last")


def days_of(entries: Iterable[Entry]) -> list[Day]:
    """Entries, newest first, by day."""
    found = []
    for day, group in groupby(entries, key=lambda entry: entry.day):
        theirs = list(group)
        settled = [entry for entry in theirs if entry.is_settled]
        found.append(Day(day, [entry for entry in theirs if not entry.is_settled], settled))
    return found


def _when(department: Department, at: datetime) -> dict:
    wall = department.local(at)
    return {"at": at, "day": wall.date(), "when": f"{wall:%H:%M}"}


def _items(department: Department, items: list[HandoverItem], user: User) -> Iterator[Entry]:
    for item in items:
        if not item.is_open:
            where = _("Done")
        elif item.owner is None:
            where = _("In the queue")
        else:
            where = _("With %(name)s") % {"name": item.owner.name}
        yield Entry(
            **_when(department, item.written_at),
            kind=str(item.rule.name),
            icon="transfer",
            texts=tuple(filter(None, (item.to_do, item.known))),
            about=tuple(filter(None, (item.written_by or _("made by the rulebook"), where))),
            url=reverse("handover:item", args=[department.code, item.pk]),
            is_open=item.is_open,
            is_mine=deals_with(item, user, None),
            is_settled=bool(item.follow_up) and not item.is_open,
        )


def _can_accept_one(items: list[HandoverItem], member: Membership | None) -> bool:
    waiting = [item for item in items if item.is_waiting]
    attendance = shift_of(member) if member and waiting else None
    return attendance is not None and any(item.is_for(attendance) for item in waiting)


def deals_with(item: HandoverItem, user: User, attendance: Attendance | None) -> bool:
    """Whether the item is the person's as author, owner or who is meant, or theirs to accept on their shift."""
    if attendance is not None and item.is_for(attendance):
        return True
    return any(one is not None and one.user_id == user.pk for one in (item.author, item.owner, item.meant_for))


def _issues(department: Department, handle: str, user: User) -> Iterator[Entry]:
    rows = Issue.objects.visible_to(user).filter(department=department, customer=handle)
    for issue in rows.select_related("author__user", "department", "matter").order_by("-written_at", "-pk")[:MOST]:
        matter = getattr(issue, "matter", None)
        state = str(matter.get_state_display()) if matter else ""
        yield Entry(
            **_when(department, issue.written_at),
            kind=issue.category_name,
            icon="notebook",
            texts=tuple(filter(None, (issue.text, issue.about))),
            about=tuple(filter(None, (issue.author.name, state))),
            is_mine=issue.author.user_id == user.pk,
        )


def _cases(department: Department, handle: str, user: User) -> Iterator[Entry]:
    rows = Case.objects.visible_to(user).filter(department=department, customer=handle).distinct()
    for case in rows.select_related("assignee__user").order_by("-came_at", "-pk")[:MOST]:
        assignee = case.assignee
        about = (assignee.name if assignee else "", str(case.get_state_display()), str(case.get_finding_display()))
        yield Entry(
            **_when(department, case.came_at),
            kind=str(case.rule.name),
            icon="message-question",
            texts=tuple(filter(None, (case.text, case.product, case.phone))),
            about=tuple(filter(None, about)),
            is_open=case.closed_at is None,
            is_mine=user.pk in (case.registered_by_id, assignee.user_id if assignee else None),
        )


def _orders(department: Department, handle: str) -> Iterator[Entry]:
    for order in Order.objects.filter(department=department, buyer=handle).order_by("-placed_at", "-pk")[:MOST]:
        paid = _("paid %(amount)s yuan") % {"amount": yuan(order.paid_fen)} if order.paid_at else _("not paid")
        refunded = _("refunded %(amount)s yuan") % {"amount": yuan(order.refunded_fen)} if order.refunded_fen else ""
        yield Entry(
            **_when(department, order.placed_at),
            kind=_("Order"),
            icon="receipt",
            texts=(order.number,),
            about=tuple(filter(None, (paid, refunded))),
        )


def _without_phones(entry: Entry) -> Entry:
    # An order's number is no phone, although it is as long as one.
    if entry.icon == "receipt":
        return entry
    return Entry(**{**vars(entry), "texts": tuple(map(without_phones, entry.texts))})

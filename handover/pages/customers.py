"""All that a department keeps of one customer: items, entries of the register, cases and orders, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.customers import masked, without_phones
from handover.models import Case, HandoverItem, Issue, Order
from handover.words import moment
from office import clock
from office.money import yuan
from people.models import Department, User

# Of each kind; whoever has more is no customer but a test account.
MOST = 200
MOST_FOUND = 50


@dataclass(frozen=True)
class Entry:
    """One thing that is kept. `about`: short facts; `texts`: what people wrote; `is_mine`: the reader deals with it."""

    at: datetime
    when: str
    kind: str
    icon: str
    texts: tuple[str, ...]
    about: tuple[str, ...] = ()
    url: str = ""
    is_open: bool = False
    is_mine: bool = False


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


def history_of(department: Department, handle: str, user: User, *, sees_all: bool) -> History:
    """Everything that the person may read of the customer with exactly this handle, in four queries."""
    sources = [
        list(_items(department, handle, user)),
        list(_issues(department, handle, user)),
        list(_cases(department, handle, user)),
        list(_orders(department, handle)),
    ]
    entries = sorted((entry for rows in sources for entry in rows), key=lambda entry: entry.at, reverse=True)
    is_whole = sees_all or any(entry.is_mine for entry in entries)
    return History(
        handle=handle if is_whole else masked(handle),
        entries=entries if is_whole else [_without_phones(entry) for entry in entries],
        is_whole=is_whole,
        is_cut=any(len(rows) == MOST for rows in sources),
    )


def find(department: Department, user: User, words: str, *, sees_all: bool) -> list[Found]:
    """Customers whose handle has these words in it, those with the newest entries first; in four queries.

    Who does not see every customer finds others only by the whole handle, as it stands in the chat; among their own by
    a part of it. Without words: the newest of those that one sees.
    """
    whole, part = Q(customer=words), Q(customer__icontains=words)
    mine = Q(author__user=user) | Q(owner__user=user)
    items = HandoverItem.objects.filter(department=department).exclude(customer="")
    items = items.filter(part) if sees_all else items.filter(whole | part & mine)
    # Both show each person what they may read anyway.
    issues = Issue.objects.visible_to(user).filter(part, department=department).exclude(customer="")
    cases = Case.objects.visible_to(user).filter(part, department=department)
    orders = Order.objects.filter(department=department)
    orders = orders.filter(buyer__icontains=words) if sees_all else orders.filter(buyer=words)
    found: dict[str, tuple[int, datetime]] = {}
    for rows in (
        _counted(items, "customer", "written_at"),
        _counted(issues, "customer", "written_at"),
        _counted(cases, "customer", "came_at"),
        _counted(orders, "buyer", "placed_at"),
    ):
        for handle, count, last in rows:
            before = found.get(handle, (0, last))
            found[handle] = (before[0] + count, max(before[1], last))
    newest = sorted(found.items(), key=lambda one: (one[1][1], one[0]), reverse=True)[:MOST_FOUND]
    now = clock.now()
    return [Found(handle, count, moment(last, now, department.zone)) for handle, (count, last) in newest]


def _counted(rows: QuerySet, column: str, instant: str) -> Iterable[tuple[str, int, datetime]]:
    counted = rows.order_by().values(column).annotate(count=Count("pk", distinct=True), last=Max(instant))
    return counted.order_by("-last").values_list(column, "count", "last")[:MOST_FOUND]


def _items(department: Department, handle: str, user: User) -> Iterator[Entry]:
    rows = HandoverItem.objects.filter(department=department, customer=handle).for_cards()
    for item in rows.order_by("-written_at", "-pk")[:MOST]:
        if not item.is_open:
            where = _("Done")
        elif item.owner is None:
            where = _("In the queue")
        else:
            where = _("With %(name)s") % {"name": item.owner.name}
        yield Entry(
            at=item.written_at,
            when=item.written_words,
            kind=str(item.rule.name),
            icon="transfer",
            texts=tuple(filter(None, (item.to_do, item.known))),
            about=tuple(filter(None, (item.written_by, where))),
            url=reverse("handover:item", args=[department.code, item.pk]),
            is_open=item.is_open,
            is_mine=any(one is not None and one.user_id == user.pk for one in (item.author, item.owner)),
        )


def _issues(department: Department, handle: str, user: User) -> Iterator[Entry]:
    rows = Issue.objects.visible_to(user).filter(department=department, customer=handle)
    for issue in rows.select_related("author__user", "department", "matter").order_by("-written_at", "-pk")[:MOST]:
        matter = getattr(issue, "matter", None)
        state = str(matter.get_state_display()) if matter else ""
        yield Entry(
            at=issue.written_at,
            when=issue.written_words,
            kind=issue.category_name,
            icon="notebook",
            texts=tuple(filter(None, (issue.text, issue.about))),
            about=tuple(filter(None, (issue.author.name, state))),
            is_mine=issue.author.user_id == user.pk,
        )


def _cases(department: Department, handle: str, user: User) -> Iterator[Entry]:
    rows = Case.objects.visible_to(user).filter(department=department, customer=handle).distinct()
    now = clock.now()
    for case in rows.select_related("assignee__user").order_by("-came_at", "-pk")[:MOST]:
        assignee = case.assignee
        about = (assignee.name if assignee else "", str(case.get_state_display()), str(case.get_finding_display()))
        yield Entry(
            at=case.came_at,
            when=moment(case.came_at, now, department.zone),
            kind=str(case.rule.name),
            icon="message-question",
            texts=tuple(filter(None, (case.text, case.product, case.phone))),
            about=tuple(filter(None, about)),
            is_open=case.closed_at is None,
            is_mine=user.pk in (case.registered_by_id, assignee.user_id if assignee else None),
        )


def _orders(department: Department, handle: str) -> Iterator[Entry]:
    now = clock.now()
    for order in Order.objects.filter(department=department, buyer=handle).order_by("-placed_at", "-pk")[:MOST]:
        paid = _("paid %(amount)s yuan") % {"amount": yuan(order.paid_fen)} if order.paid_at else _("not paid")
        refunded = _("refunded %(amount)s yuan") % {"amount": yuan(order.refunded_fen)} if order.refunded_fen else ""
        yield Entry(
            at=order.placed_at,
            when=moment(order.placed_at, now, department.zone),
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

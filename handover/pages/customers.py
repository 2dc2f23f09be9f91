"""All that a department keeps of one customer: items, entries of the register, cases and orders, newest first."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.customers import masked, without_phones
from handover.grams import IDEOGRAPH, plain, wanted
from handover.models import Case, HandoverItem, Issue, Order, SearchKind, SearchText
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
    """Everything that the person may read of the customer with this handle, in five queries at most.

    Each entry is whole to who deals with it: who knows a handle can write an item of it, and learns no phone by that.
    With what they can accept now `member` deals already: one query more where something waits.
    """
    handles = _spellings(department, handle)
    handles = {handle} | {one for one in handles if plain(one) == plain(handle)}
    rows = HandoverItem.objects.filter(department=department, customer__in=handles).for_cards()
    items = list(rows.order_by("-written_at", "-pk")[:MOST])
    is_awaited = member is not None and not sees_all and any(item.is_waiting for item in items)
    attendance = shift_of(member) if member and is_awaited else None
    sources = [
        list(_items(department, items, user, attendance)),
        list(_issues(department, handles, user)),
        list(_cases(department, handles, user)),
        list(_orders(department, handles)),
    ]
    entries = sorted((entry for rows in sources for entry in rows), key=lambda entry: entry.at, reverse=True)
    is_whole = sees_all or any(entry.is_mine for entry in entries)
    return History(
        handle=handle if is_whole else masked(handle),
        entries=[entry if sees_all or entry.is_mine else _without_phones(entry) for entry in entries],
        is_whole=is_whole,
        is_cut=any(len(rows) == MOST for rows in sources),
    )


def find(department: Department, user: User, words: str, *, sees_all: bool) -> list[Found]:
    """Customers whose handle has these words in it, those with the newest entries first; in nine queries at most.

    Who does not see every customer finds others only by the whole handle, as it stands in the chat; among their own by
    a part of it. Capitals and width do not matter. Without words: the newest of those that one sees.
    """
    spellings = _spellings(department, words)
    same = {words} | {one for one in spellings if plain(one) == plain(words)}
    # The database finds the others of which the words are a part.
    apart = {one for one in spellings if words.casefold() not in one.casefold() and plain(words) in plain(one)}
    part = Q(customer__icontains=words) | Q(customer__in=apart)
    whole = Q(customer__in=same)
    mine = Q(author__user=user) | Q(owner__user=user) | Q(meant_for__user=user)
    kept = _kept(department, user)
    items, issues, cases, orders = (rows for rows, _column, _instant in kept)
    looked_for = (
        items.filter(part if sees_all else whole | part & mine),
        # Both show each person what they may read anyway.
        issues.filter(part),
        cases.filter(part),
        orders.filter(Q(buyer__icontains=words) | Q(buyer__in=apart) if sees_all else Q(buyer__in=same)),
    )
    handles: dict[str, datetime] = {}
    for rows, (_all, column, instant) in zip(looked_for, kept, strict=True):
        for handle, _count, last in _counted(rows, column, instant).order_by("-last")[:MOST_FOUND]:
            handles[handle] = max(handles.get(handle, last), last)
    people: dict[str, list[str]] = {}
    for handle in sorted(handles, key=lambda handle: (handles[handle], handle), reverse=True):
        people.setdefault(plain(handle), []).append(handle)
    return _with_counts(department, kept, list(people.values())[:MOST_FOUND])


def _spellings(department: Department, words: str) -> set[str]:
    """Handles of the department among which are all that hold these words, whatever the capitals and the width.

    In one query at most: ideographs have neither. The index of the search knows them but for the buyers of orders and
    for words too short for it; those are found when they differ in nothing but capitals, or are as plain as can be.
    """
    if all(IDEOGRAPH.match(sign) for sign in words):
        return {words}
    as_one = Q(customer__iexact=words) | Q(customer=plain(words))
    found = SearchText.objects.filter(department=department).holding(words).order_by()

    def handles(notebook: type[HandoverItem | Issue | Case], kind: SearchKind) -> QuerySet:
        theirs = Q(pk__in=found.filter(kind=kind).values("row")) if wanted(words) else as_one
        return notebook.objects.filter(theirs, department=department).order_by().values_list("customer").distinct()

    buyers = Order.objects.filter(Q(buyer__iexact=words) | Q(buyer__iexact=plain(words)), department=department)
    kept = handles(HandoverItem, SearchKind.ITEM).union(
        handles(Issue, SearchKind.ISSUE), handles(Case, SearchKind.CASE), buyers.order_by().values_list("buyer")
    )
    return {handle for (handle,) in kept if handle}


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


def _with_counts(department: Department, kept: list[Kept], people: list[list[str]]) -> list[Found]:
    """How much stands on the page of each of these customers, and since when nothing new has come.

    Of each the spellings of the handle, the one shown first.
    """
    shown = {spelling: spellings[0] for spellings in people for spelling in spellings}
    counts, lasts = Counter[str](), dict[str, datetime]()
    for rows, column, instant in kept:
        here = Counter[str]()
        for spelling, count, last in _counted(rows.filter(**{f"{column}__in": shown}), column, instant):
            handle = shown[spelling]
            here[handle] += count
            lasts[handle] = max(lasts.get(handle, last), last)
        counts.update({handle: min(count, MOST) for handle, count in here.items()})
    now = clock.now()
    return [Found(one, counts[one], moment(lasts[one], now, department.zone)) for one, *_others in people]


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


def _items(
    department: Department, items: list[HandoverItem], user: User, attendance: Attendance | None
) -> Iterator[Entry]:
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
            is_mine=deals_with(item, user, attendance),
            is_settled=bool(item.follow_up) and not item.is_open,
        )


def deals_with(item: HandoverItem, user: User, attendance: Attendance | None) -> bool:
    """Whether the item is the person's as author, owner or who is meant, or theirs to accept on their shift."""
    if attendance is not None and item.is_for(attendance):
        return True
    return any(one is not None and one.user_id == user.pk for one in (item.author, item.owner, item.meant_for))


def _issues(department: Department, handles: Iterable[str], user: User) -> Iterator[Entry]:
    rows = Issue.objects.visible_to(user).filter(department=department, customer__in=handles)
    rows = rows.select_related("author__user", "department", "matter__assignee")
    for issue in rows.order_by("-written_at", "-pk")[:MOST]:
        matter = getattr(issue, "matter", None)
        state, assignee = (str(matter.get_state_display()), matter.assignee) if matter else ("", None)
        yield Entry(
            **_when(department, issue.written_at),
            kind=issue.category_name,
            icon="notebook",
            texts=tuple(filter(None, (issue.text, issue.about))),
            about=tuple(filter(None, (issue.author.name, state))),
            is_mine=user.pk in (issue.author.user_id, assignee.user_id if assignee else None),
        )


def _cases(department: Department, handles: Iterable[str], user: User) -> Iterator[Entry]:
    rows = Case.objects.visible_to(user).filter(department=department, customer__in=handles).distinct()
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


def _orders(department: Department, handles: Iterable[str]) -> Iterator[Entry]:
    rows = Order.objects.filter(department=department, buyer__in=handles)
    for order in rows.order_by("-placed_at", "-pk")[:MOST]:
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

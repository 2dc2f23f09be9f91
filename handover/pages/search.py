"""What a search through the notebooks finds, newest first: a fixed number of queries for a page.

Customers are found and shown as on every other page: whole to who deals with them; to others a handle is found only as
a whole and shown masked, and phone numbers are neither found nor shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from handover.customers import masked, without_phones
from handover.grams import plain
from handover.models import Case, HandoverItem, Issue, SearchKind, SearchText
from handover.pages.customers import deals_with
from people.models import Department, User
from shifts.models import Attendance

A_PAGE = 25
# Entries that hold the pairs of a longer word without holding the word are passed over; so many are looked at at most.
LOOKED_AT = 4 * A_PAGE
A_PAIR = 2
LONGEST_TITLE, LONGEST_EXCERPT = 80, 160
# So much of a text stands before the word for which it is cut.
BEFORE = 30


@dataclass(frozen=True)
class Hit:
    """One row of a notebook that was found. `title`: what is to be done, or the first words; `excerpt`: the text that
    holds the words, where the title does not."""

    kind: str
    day: date
    who: str
    title: SafeString
    state: str
    excerpt: SafeString
    url: str


@dataclass(frozen=True)
class Found:
    """A page of hits; `older`: where the next page goes on, empty when there is none."""

    hits: list[Hit]
    older: str = ""


@dataclass(frozen=True)
class Reader:
    """Who searches: whether they see every customer, and the shift they are on, on which they may accept items."""

    user: User
    sees_all: bool = False
    attendance: Attendance | None = None

    def deals_with(self, row: Issue | HandoverItem | Case) -> bool:
        """Whether they see the customer of the row whole."""
        if self.sees_all:
            return True
        if isinstance(row, HandoverItem):
            return deals_with(row, self.user, self.attendance)
        if isinstance(row, Case):
            return self.user.pk in (row.registered_by_id, row.assignee and row.assignee.user_id)
        return self.user.pk in (row.author.user_id, row.matter.assignee and row.matter.assignee.user_id)


def search(
    department: Department,
    reader: Reader,
    words: str,
    *,
    kind: str = "",
    first: date | None = None,
    last: date | None = None,
    before: int | None = None,
) -> Found:
    """Rows that the person may see and that hold all of the words, in the period, older than the entry `before`."""
    entries = SearchText.objects.visible_to(reader.user).filter(department=department).holding(words)
    if kind:
        entries = entries.filter(kind=kind)
    if first is not None:
        entries = entries.filter(business_date__gte=first)
    if last is not None:
        entries = entries.filter(business_date__lte=last)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    candidates = list(entries.order_by("-pk").values_list("pk", "kind", "row")[: LOOKED_AT + 1])
    hits, seen = _hits(department, reader, candidates[:LOOKED_AT], plain(words))
    more = len(hits) > A_PAGE or len(candidates) > LOOKED_AT
    hits = hits[:A_PAGE]
    end = hits[-1][0] if len(hits) == A_PAGE else seen
    return Found([hit for _pk, hit in hits], str(end) if more else "")


def issues_holding(rows: QuerySet[Issue], department: Department, reader: Reader, words: str) -> QuerySet[Issue]:
    """Those of the entries that hold all of the words, as a search through the notebooks finds them.

    In the entries of others a word with figures, which may be of a phone, finds nothing for who does not see every
    customer.
    """
    if not words.strip():
        return rows
    found = SearchText.objects.filter(department=department, kind=SearchKind.ISSUE).holding(words)
    rows = rows.filter(pk__in=found.values("row"))
    own = Q() if reader.sees_all else Q(author__user=reader.user) | Q(matter__assignee__user=reader.user)
    for word in words.split():
        spelt = {word, plain(word)}
        if reader.sees_all and len(plain(word)) == A_PAIR:
            # Every text of an entry may be read, and the index knows which have this pair.
            continue
        in_texts, in_customer, is_customer = Q(), Q(), Q()
        for spelling in spelt:
            in_texts |= Q(text__icontains=spelling) | Q(about__icontains=spelling)
            in_customer |= Q(customer__icontains=spelling)
            is_customer |= Q(customer__iexact=spelling)
        if reader.sees_all:
            rows = rows.filter(in_texts | in_customer)
        elif any(sign.isdecimal() for sign in plain(word)):
            rows = rows.filter(own & (in_texts | in_customer) | is_customer)
        else:
            rows = rows.filter(in_texts | own & in_customer | is_customer)
    return rows


def _hits(department: Department, reader: Reader, candidates, asked: str) -> tuple[list[tuple[int, Hit]], int]:
    keys: dict[str, list[int]] = {kind: [] for kind in SearchKind.values}
    for _pk, kind, row in candidates:
        keys[kind].append(row)
    issues = Issue.objects.select_related("author__user", "matter__assignee__user")
    items = HandoverItem.objects.select_related("author__user", "owner__user", "meant_for__user", "handover")
    cases = Case.objects.select_related("registered_by", "assignee__user")
    rows: dict[SearchKind, dict] = {
        SearchKind.ISSUE: issues.in_bulk(keys[SearchKind.ISSUE]),
        SearchKind.ITEM: items.in_bulk(keys[SearchKind.ITEM]),
        SearchKind.CASE: cases.in_bulk(keys[SearchKind.CASE]),
    }
    found, seen = [], 0
    for pk, kind, row in candidates:
        seen = pk
        thing = rows[SearchKind(kind)].get(row)
        if thing is not None and (hit := _hit(department, reader, SearchKind(kind), thing, asked)):
            found.append((pk, hit))
    return found, seen


def _hit(department: Department, reader: Reader, kind: SearchKind, row, asked: str) -> Hit | None:
    """The row as a hit; None when it does not hold the words after all, as far as the reader may read it."""
    words = asked.split()
    title, *others = row.searched
    others.remove(row.customer)
    if reader.deals_with(row):
        rest, texts = words, [title, *others, row.customer]
        held = plain(" ".join(texts))
    else:
        rest, texts = _without(row.customer, asked), [without_phones(text) for text in (title, *others)]
        held = " ".join(without_phones(plain(text)) for text in (title, *others))
    if not all(word in held for word in rest):
        return None
    head = _cut(" ".join(texts[0].split()), 0, LONGEST_TITLE)
    lacking = [word for word in rest if word not in head.casefold()]
    if lacking:
        excerpt = _excerpt(texts, lacking[0])
    elif rest != words:
        excerpt = masked(row.customer)
    else:
        excerpt = ""
    if kind == SearchKind.ITEM:
        day, who, name = department.local(row.written_at).date(), row.written_by, "item"
    elif kind == SearchKind.ISSUE:
        day, who, name = row.business_date, row.author.name, "issue"
    else:
        day, who, name = row.business_date, row.registered_by.name, "case"
    return Hit(
        kind=str(kind.label),
        day=day,
        who=who,
        title=marked(head, words),
        state=_state(row),
        excerpt=marked(excerpt, words),
        url=reverse(f"handover:{name}", args=[department.code, row.pk]),
    )


def _without(customer: str, asked: str) -> list[str]:
    """The words without those of the customer's handle, where it stands among them as a whole."""
    return f" {asked} ".replace(f" {plain(customer)} ", " ").split() if customer else asked.split()


def _state(row: Issue | HandoverItem | Case) -> str:
    if isinstance(row, Issue):
        return str(row.matter.get_state_display())
    if isinstance(row, Case):
        return str(row.get_state_display())
    if not row.is_open:
        return _("Done")
    return _("With %(name)s") % {"name": row.owner.name} if row.owner else _("In the queue")


def _excerpt(texts: Iterable[str], word: str) -> str:
    """The text that holds the word, from shortly before it on; empty where it is spelt otherwise."""
    text = next((text for text in texts if word in text.casefold()), "")
    return _cut(text, max(text.casefold().find(word) - BEFORE, 0), LONGEST_EXCERPT)


def _cut(text: str, at: int, longest: int) -> str:
    return f"{'…' if at else ''}{text[at : at + longest]}{'…' if len(text) > at + longest else ''}"


def marked(text: str, words: Iterable[str]) -> SafeString:
    """The text with the words in it marked, safe to be shown."""
    low = text.casefold()
    # A text whose length changes without its capitals is shown unmarked: places in one would not be those of the other.
    if len(low) != len(text):
        return SafeString(escape(text))
    inside = [False] * len(text)
    for word in words:
        at = low.find(word)
        while word and at >= 0:
            inside[at : at + len(word)] = [True] * len(word)
            at = low.find(word, at + len(word))
    pieces, was = [], False
    for sign, is_inside in zip(text, inside, strict=True):
        if is_inside != was:
            pieces.append("<mark>" if is_inside else "</mark>")
            was = is_inside
        pieces.append(escape(sign))
    return mark_safe("".join(pieces) + ("</mark>" if was else ""))

"""What a search through the notebooks finds, newest first: a fixed number of queries for a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from handover.grams import plain
from handover.models import Case, HandoverItem, Issue, SearchKind, SearchText
from people.models import Department, User

A_PAGE = 25
# Entries that hold the pairs of a longer word without holding the word are passed over; so many are looked at at most.
LOOKED_AT = 4 * A_PAGE
LONGEST_EXCERPT = 160


@dataclass(frozen=True)
class Hit:
    """One row of a notebook that was found."""

    kind: str
    day: date
    who: str
    text: SafeString
    url: str


@dataclass(frozen=True)
class Found:
    """A page of hits; `older`: where the next page goes on, empty when there is none."""

    hits: list[Hit]
    older: str = ""


def search(
    department: Department,
    user: User,
    words: str,
    *,
    kind: str = "",
    first: date | None = None,
    last: date | None = None,
    before: int | None = None,
) -> Found:
    """Rows that the person may see and that hold all of the words, in the period, older than the entry `before`."""
    entries = SearchText.objects.visible_to(user).filter(department=department).holding(words)
    if kind:
        entries = entries.filter(kind=kind)
    if first is not None:
        entries = entries.filter(business_date__gte=first)
    if last is not None:
        entries = entries.filter(business_date__lte=last)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    candidates = list(entries.order_by("-pk").values_list("pk", "kind", "row")[: LOOKED_AT + 1])
    hits, seen = _hits(department, candidates[:LOOKED_AT], plain(words).split())
    more = len(hits) > A_PAGE or len(candidates) > LOOKED_AT
    hits = hits[:A_PAGE]
    end = hits[-1][0] if len(hits) == A_PAGE else seen
    return Found([hit for _pk, hit in hits], str(end) if more else "")


def _hits(department: Department, candidates, words: list[str]) -> tuple[list[tuple[int, Hit]], int]:
    keys: dict[str, list[int]] = {kind: [] for kind in SearchKind.values}
    for _pk, kind, row in candidates:
        keys[kind].append(row)
    rows: dict[SearchKind, dict] = {
        SearchKind.ISSUE: Issue.objects.select_related("author__user").in_bulk(keys[SearchKind.ISSUE]),
        SearchKind.ITEM: HandoverItem.objects.select_related("author__user").in_bulk(keys[SearchKind.ITEM]),
        SearchKind.CASE: Case.objects.select_related("registered_by").in_bulk(keys[SearchKind.CASE]),
    }
    found, seen = [], 0
    for pk, kind, row in candidates:
        seen = pk
        thing = rows[SearchKind(kind)].get(row)
        if thing is not None and (hit := _hit(department, kind, thing, words)):
            found.append((pk, hit))
    return found, seen


def _hit(department: Department, kind: str, row, words: list[str]) -> Hit | None:
    """The row as a hit; None when it does not hold the words after all."""
    texts = row.searched
    whole = plain(" ".join(texts))
    if not all(word in whole for word in words):
        return None
    names = {SearchKind.ISSUE: "issue", SearchKind.ITEM: "item", SearchKind.CASE: "case"}
    if kind == SearchKind.ISSUE:
        day, who = row.business_date, row.author.name
    elif kind == SearchKind.ITEM:
        day, who = department.local(row.written_at).date(), row.author.name if row.author else ""
    else:
        day, who = row.business_date, row.registered_by.name
    url = reverse(f"handover:{names[SearchKind(kind)]}", args=[department.code, row.pk])
    return Hit(str(SearchKind(kind).label), day, who, marked(_excerpt(texts, words), words), url)


def _excerpt(texts: Iterable[str], words: list[str]) -> str:
    """The text that holds the first of the words, from shortly before it on."""
    known = [text for text in texts if text]
    word = words[0] if words else ""
    text = next((text for text in known if word in text.casefold()), known[0] if known else "")
    at = max(text.casefold().find(word) - 30, 0)
    cut = text[at : at + LONGEST_EXCERPT]
    return f"{'…' if at else ''}{cut}{'…' if len(text) > at + LONGEST_EXCERPT else ''}"


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

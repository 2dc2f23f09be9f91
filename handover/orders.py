"""Whose an order is: what its remark and flag say, who shares one that nobody was asked about, when it comes up again.

Pure: the rulebook, the members and who was there come from outside. Shares are parts of `WHOLE`, amounts are fen.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from office.months import Month
from rulebooks.schema import FollowUp, Orders

# A whole order, in parts.
WHOLE = 10_000


class Fault(StrEnum):
    """Why the tag of an order does not say whose it is."""

    NO_NUMBER = "no_number"
    UNKNOWN_NUMBER = "unknown_number"
    TWO_NUMBERS = "two_numbers"
    NO_MEMBER = "no_member_that_day"
    WRONG_FLAG = "wrong_flag"
    NO_RULES = "no_rules"


FAULT_WORDS = {
    Fault.NO_NUMBER: _("Nobody named in the remark"),
    Fault.UNKNOWN_NUMBER: _("Nobody has this work number"),
    Fault.TWO_NUMBERS: _("More than one person named"),
    Fault.NO_MEMBER: _("Not a member on that day"),
    Fault.WRONG_FLAG: _("Wrong flag"),
    Fault.NO_RULES: _("No rules for orders then"),
}

FLAG_WORDS = {
    "red": _("red"),
    "yellow": _("yellow"),
    "green": _("green"),
    "blue": _("blue"),
    "purple": _("purple"),
}
NO_FLAG = pgettext_lazy("flag of an order", "none")


# -- The tag ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Agent:
    """A membership, as a remark may name it."""

    key: int
    work_number: str
    name: str
    from_day: date
    until_day: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


# A number after one of these is meant as a work number, and bare numbers beside it are something else.
EXPLICIT = re.compile(r"(?:工号|工號|#|(?<![0-9a-z])no\.?)[\s:.]*")
TOKEN = re.compile(r"[0-9a-z]+(?:[-./:_][0-9a-z]+)*")
PLAIN = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
# Between two letters or digits these make one word: a date, a time, an amount, a model.
JOINING = frozenset("-./:_")
# What is counted in these is no work number.
UNITS = frozenset("件个個元块塊套箱包条條双雙只隻瓶份米斤天月日年点點分%折")
MONEY = frozenset("¥$")


@dataclass(frozen=True)
class Named:
    """Whom a remark names: one set for each mention, of those it may mean; an empty one for a number nobody has."""

    mentions: tuple[frozenset[int], ...]


@dataclass
class Tags:
    """What the remarks and flags of a department's orders say under one version of its rulebook."""

    rules: Orders
    agents: Sequence[Agent]
    _seen: dict[str, Named] = field(default_factory=dict, repr=False)

    def owner(self, remark: str, flag: str, day: date) -> int | Fault:
        """The key of the one member that an order of `day` counts for, or why there is none."""
        named = self._seen.get(remark)
        if named is None:
            named = self._seen[remark] = self._read(plain(remark))
        if not named.mentions:
            return Fault.NO_NUMBER
        if not all(named.mentions):
            return Fault.UNKNOWN_NUMBER
        meant = frozenset.intersection(*named.mentions)
        there = [key for key in meant if self._by_key[key].holds_on(day)]
        if len(there) == 1:
            return there[0] if self.rules.flag in (None, flag) else Fault.WRONG_FLAG
        return Fault.NO_MEMBER if meant and not there else Fault.TWO_NUMBERS

    @cached_property
    def _by_key(self) -> dict[int, Agent]:
        return {agent.key: agent for agent in self.agents}

    @cached_property
    def _numbers(self) -> dict[str, frozenset[int]]:
        return _by_word((agent.work_number, agent.key) for agent in self.agents) if self.rules.work_number else {}

    @cached_property
    def _names(self) -> dict[str, frozenset[int]]:
        return _by_word((agent.name, agent.key) for agent in self.agents) if self.rules.name else {}

    def _read(self, text: str) -> Named:
        spans = [*self._numbers_in(text), *self._names_in(text)]
        # What lies inside a longer one is a part of that: 王浩 in 王浩然.
        whole = [
            meant
            for start, end, meant in spans
            if not any(one <= start and end <= two and two - one > end - start for one, two, _meant in spans)
        ]
        return Named(tuple(whole))

    def _numbers_in(self, text: str) -> list[tuple[int, int, frozenset[int]]]:
        if not self.rules.work_number:
            return []
        explicit = [found for start in EXPLICIT.finditer(text) if (found := self._explicit(text, start.end()))]
        if explicit:
            return explicit
        bare = [
            (start, end, meant)
            for number, meant in self._numbers.items()
            if number in text
            for start, end in _places(number, text)
            if _stands_alone(text, start, end) and not _counts_things(text, start, end)
        ]
        if not bare and TOKEN.fullmatch(text) and any(sign.isdecimal() for sign in text):
            return [(0, len(text), frozenset())]
        return bare

    def _explicit(self, text: str, at: int) -> tuple[int, int, frozenset[int]] | None:
        """The number that stands at a place where one must be."""
        fits = [number for number in self._numbers if text.startswith(number, at) and _ends(text, at + len(number))]
        if fits:
            number = max(fits, key=len)
            return at, at + len(number), self._numbers[number]
        token = TOKEN.match(text, at)
        if token and any(sign.isdecimal() for sign in token[0]):
            return at, token.end(), frozenset()
        return None

    def _names_in(self, text: str) -> Iterator[tuple[int, int, frozenset[int]]]:
        for name, meant in self._names.items():
            if name in text:
                yield from ((start, end, meant) for start, end in _places(name, text) if _is_word(text, start, end))


def plain(text: str) -> str:
    """Full-width digits and signs as the usual ones, capitals as small letters, no white space around."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _by_word(pairs: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for word, key in pairs:
        if plain(word):
            found[plain(word)].add(key)
    return {word: frozenset(keys) for word, keys in found.items()}


def _places(word: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


def _at(text: str, place: int) -> str:
    return text[place] if 0 <= place < len(text) else ""


def _begins(text: str, start: int) -> bool:
    before = _at(text, start - 1)
    return before not in PLAIN and not (before in JOINING and _at(text, start - 2) in PLAIN)


def _ends(text: str, end: int) -> bool:
    after = _at(text, end)
    return after not in PLAIN and not (after in JOINING and _at(text, end + 1) in PLAIN)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether it is a whole word: 07 in "工号07", "07 林", "(07)", not in "1072", "2026-07-12" or "x07"."""
    return _begins(text, start) and _ends(text, end)


def _counts_things(text: str, start: int, end: int) -> bool:
    """Whether it says how many or how much: "07件", "¥07", "1,200"."""
    return (
        _at(text, end) in UNITS
        or _at(text, start - 1) in MONEY
        or bool(re.match(r",[0-9]{3}(?![0-9])", text[end:]))
        or bool(re.search(r"[0-9],$", text[:start]) and re.match(r"[0-9]{3}(?![0-9])", text[start:]))
    )


def _is_word(text: str, start: int, end: int) -> bool:
    """A name in Latin letters is a whole word; Chinese has nothing between its words."""
    begins = text[start] not in PLAIN or _at(text, start - 1) not in PLAIN
    return begins and (text[end - 1] not in PLAIN or _at(text, end) not in PLAIN)


# -- Shares -----------------------------------------------------------------------------------------------------------
def share_equally(keys: Sequence[int]) -> dict[int, int]:
    """Equal parts for each key; what cannot be divided goes to the first. Nothing for more people than parts."""
    if not 0 < len(keys) <= WHOLE:
        return {}
    each, rest = divmod(WHOLE, len(keys))
    return {key: each + (rest if key == keys[0] else 0) for key in keys}


def split_fen(fen: int, parts: Sequence[int]) -> list[int]:
    """An amount by parts of a whole, in whole fen that add up to it.

    Each fen that cannot be divided goes to whose share it takes most from; among equals, to the first. ValueError when
    the parts are not one whole.
    """
    if sum(parts) != WHOLE or min(parts) < 0:
        raise ValueError(f"These are not parts of one order: {list(parts)}")
    split = [fen * part // WHOLE for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda place: -(fen * parts[place] % WHOLE))
    for place in by_rest[: fen - sum(split)]:
        split[place] += 1
    return split


# -- Who was there ----------------------------------------------------------------------------------------------------
HOUR = timedelta(hours=1)


class Presence:
    """Who was there at an instant: stretches of time, the end not included, found by the hours they touch."""

    def __init__(self, stretches: Iterable[tuple[int, datetime, datetime]]) -> None:
        self._hours: dict[int, list[tuple[int, datetime, datetime]]] = defaultdict(list)
        for key, start, end in stretches:
            for hour in range(_hour(start), _hour(end) + 1):
                self._hours[hour].append((key, start, end))

    def at(self, instant: datetime) -> frozenset[int]:
        near = self._hours.get(_hour(instant), ())
        return frozenset(key for key, start, end in near if start <= instant < end)


def _hour(instant: datetime) -> int:
    return int(instant.timestamp() // HOUR.total_seconds())


# -- Days and instants ------------------------------------------------------------------------------------------------
def closes_on(rules: Orders, month: Month) -> date:
    """The last day on which the untagged orders of a month can be claimed."""
    return month.next.first.replace(day=rules.claims_until_day)


ONE_DAY = timedelta(days=1)


def comes_up_at(began: datetime, rule: FollowUp, zone: ZoneInfo) -> datetime:
    """When (UTC) a follow-up comes up that counts from the instant `began`, on the wall clock of `zone`.

    At a given time of the day: the first such time that is not before it is due at all. A wall time that does not
    exist moves forward, one that comes twice is its first occurrence.
    """
    wall = began.astimezone(zone)
    if rule.days is None:
        earliest = began + timedelta(minutes=rule.minutes or 0)
        day = earliest.astimezone(zone).date()
    else:
        earliest, day = began, wall.date() + timedelta(days=rule.days)
        if rule.at is None:
            return _on_the_wall(day, wall.time(), zone)
    if rule.at is None:
        return earliest.astimezone(UTC)
    found = _on_the_wall(day, rule.at, zone)
    return found if found >= earliest else _on_the_wall(day + ONE_DAY, rule.at, zone)


def _on_the_wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


# -- Words ------------------------------------------------------------------------------------------------------------
def fault_words(code: str) -> str:
    """A fault in words; a code that this version does not know stands for itself."""
    return str(FAULT_WORDS[Fault(code)]) if code in set(Fault) else code


def flag_words(colour: str) -> str:
    return str(FLAG_WORDS.get(colour, colour) if colour else NO_FLAG)


def percent(parts: int) -> str:
    """Parts as a percentage: 5000 → "50 %", 3334 → "33.34 %"."""
    whole, hundredths = divmod(parts, WHOLE // 100)
    return f"{whole}.{hundredths:02} %" if hundredths else f"{whole} %"


def standing(attribution: str, parts: dict[int, int]) -> str:
    """Whose an order is as one word, so that who decides says what they saw: "claimed:7=10000"."""
    return f"{attribution}:{','.join(f'{key}={parts[key]}' for key in sorted(parts))}"


def sums_up(parts: Collection[int]) -> bool:
    """Whether these make one whole order."""
    return sum(parts) == WHOLE and all(0 < part <= WHOLE for part in parts)

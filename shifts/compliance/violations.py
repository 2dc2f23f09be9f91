"""A breach of a rule: what it is, whom and which days it concerns, and how it reads. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from office.texts import filled

WARN, BLOCK = "warn", "block"
LANGUAGES = ("zh-Hans", "en")
MINUTES_AN_HOUR = 60


@dataclass(frozen=True)
class Violation:
    """One breach. `days` are all that it is about; `marked` those of them to blame, () when it is a whole month.

    `agent` is None for a gap in coverage. `about` tells apart what else would have the same key: the shift's code, the
    limit. `excess` says how bad it is in the rule's own unit (minutes, days, people); `words` and `facts` how it reads.
    """

    code: str
    severity: str
    agent: int | None
    days: tuple[date, ...]
    words: str
    facts: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    excess: int = 0
    marked: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """Stable text that names it, however bad it is: "rest_between_shifts:7:2026-11-03:2026-11-04"."""
        name = f"{self.code}.{self.about}" if self.about else self.code
        agent = "" if self.agent is None else self.agent
        return f"{name}:{agent}:{self.days[0].isoformat()}:{self.days[-1].isoformat()}"

    @property
    def blocks(self) -> bool:
        return self.severity == BLOCK

    @property
    def text(self) -> str:
        """What is wrong, in the active language, without the person's name."""
        return filled(self.words, self.facts)

    def message(self, names: Mapping[int, str]) -> str:
        """The same with the person's name before it; names by key."""
        name = names.get(self.agent, "") if self.agent is not None else ""
        return f"{name}: {self.text}" if name else self.text

    def in_all_languages(self, names: Mapping[int, str]) -> dict[str, str]:
        """As it reads in each language, to be kept."""
        found = {}
        for language in LANGUAGES:
            with override(language.lower()):
                found[language] = self.message(names)
        return found

    def marks_between(self, first: date, last: date) -> tuple[date, ...]:
        """The cells to outline."""
        return tuple(day for day in self.marked if first <= day <= last)

    def leads_to(self, first: date, last: date) -> date:
        """The day to jump to: the first to blame that is shown, else the first of its days that is."""
        return next((day for day in (*self.marked, *self.days) if first <= day <= last), first)


def text(violation: Violation) -> str:
    """What is wrong, in the active language."""
    return violation.text


def new_breaches(before: Iterable[Violation], after: Iterable[Violation]) -> list[Violation]:
    """Those of `after` that were not there before, or not as bad.

    A breach that has become smaller is not new although its days are others: a run of nine days that is cut to eight.
    """
    held: dict[tuple, list[tuple[frozenset, int]]] = {}
    for one in before:
        held.setdefault(_kind(one), []).append((frozenset(one.days), one.excess))
    return [one for one in after if not _covered(one, held.get(_kind(one), ()))]


def _kind(one: Violation) -> tuple:
    return one.code, one.about, one.agent, one.severity


def _covered(one: Violation, held: Iterable[tuple[frozenset, int]]) -> bool:
    return any(one.excess <= excess and days.issuperset(one.days) for days, excess in held)


def in_order(found: Iterable[Violation]) -> list[Violation]:
    """What blocks first, then by day, kind and person."""
    return sorted(
        found, key=lambda one: (one.severity != BLOCK, one.days, one.code, one.about, one.agent or 0, one.excess)
    )


def duration(minutes: int) -> dict[str, object]:
    """A length of time as a fact: "10 h 30 min"."""
    hours, rest = divmod(minutes, MINUTES_AN_HOUR)
    if not rest:
        return {"message": _("%(hours)s h"), "params": {"hours": hours}}
    return {"message": _("%(hours)s h %(minutes)s min"), "params": {"hours": hours, "minutes": rest}}


def short(day: date) -> str:
    """A day within its year."""
    return f"{day:%m-%d}"


def days_between(first: int, last: int) -> Iterator[date]:
    """Days from one ordinal to another, both included."""
    return map(date.fromordinal, range(first, last + 1))

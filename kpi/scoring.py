"""From counted facts and the rulebook's sheet to points, total, grade and rank. No ORM, no clock.

Rounding, stated once: everything is worked out exactly; the figures, scores, weights and points of a line are kept with
four places and the total with two, all rounded half up (`half_up`). The total is rounded from the exact sum, not from
the kept points, and the grade goes by the rounded total, which is the number that people see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

LINE_PLACES = 4
TOTAL_PLACES = 2
FULL_SCORE = 100


def half_up(value: Fraction | Decimal | int, places: int) -> Decimal:
    """Round to `places` decimals, a half towards more: 2.345 → 2.35. Scores and points are never below 0."""
    above, below = value.as_integer_ratio()
    # floor(value × 10^places + ½), in whole numbers: a month of a thousand agents rounds 17,000 times.
    return Decimal((2 * above * 10**places + below) // (2 * below)).scaleb(-places)


class NoFigure(StrEnum):
    """What a line counts when there is nothing to divide by or nobody has judged."""

    REWEIGHT = "reweight"
    FULL = "full"
    ZERO = "zero"


@dataclass(frozen=True)
class Linear:
    """0 at `start`, 100 at `end`, straight between and held outside; an end below the start means less is better."""

    start: Decimal
    end: Decimal


@dataclass(frozen=True)
class Target:
    """100 at `figure` and above, in proportion below."""

    figure: Decimal


@dataclass(frozen=True)
class Deduct:
    """100 less `each` per event, not below 0."""

    each: Decimal


@dataclass(frozen=True)
class Choice:
    """What each answer of a hand-given scale is worth."""

    scores: Mapping[str, Decimal]


Method = Linear | Target | Deduct | Choice


@dataclass(frozen=True)
class Rule:
    """One indicator. `per` turns a ratio into the metric's unit: 100 for percent, 1 for a count."""

    code: str
    weight: Decimal
    method: Method
    no_figure: NoFigure
    per: int = 1


@dataclass(frozen=True)
class Grade:
    code: str
    at_least: Decimal
    flag: bool = False


@dataclass(frozen=True)
class Sheet:
    """The scorecard of a rulebook: `grades` from the best down, `weights` adding up to `full`."""

    rules: tuple[Rule, ...]
    full: Decimal
    cap: Decimal
    floor: Decimal
    grades: tuple[Grade, ...]


@dataclass(frozen=True)
class Facts:
    """What was counted for one member under one indicator.

    A ratio has both numbers, a count only the numerator, a hand-given line only `choice`. `rows` says how many rows
    were counted and `last` is the newest one's key; neither changes the score.
    """

    numerator: int | None = None
    denominator: int | None = None
    choice: str = ""
    rows: int = 0
    last: int = 0


@dataclass(frozen=True)
class Line:
    """One scored indicator. `figure` is None when there was none; `score` and `points` when the line was left out."""

    code: str
    figure: Decimal | None
    score: Decimal | None
    weight: Decimal
    points: Decimal | None


@dataclass(frozen=True)
class Card:
    lines: tuple[Line, ...]
    total: Decimal
    grade: str
    flagged: bool

    @property
    def is_empty(self) -> bool:
        """No line had a figure that counts: the total is the floor and says nothing about the month."""
        return all(line.score is None for line in self.lines)


def figure_of(rule: Rule, facts: Facts) -> Fraction | None:
    """The exact figure in the metric's unit; None for 0 ÷ 0 and for what nobody judged."""
    if isinstance(rule.method, Choice):
        given = rule.method.scores.get(facts.choice)
        return None if given is None else Fraction(given)
    if facts.numerator is None or facts.denominator == 0:
        return None
    return Fraction(facts.numerator * rule.per, 1 if facts.denominator is None else facts.denominator)


def raw_score_of(method: Method, figure: Fraction) -> Fraction:
    """What the formula gives, before it is held between 0 and 100."""
    match method:
        case Linear(start, end):
            return (figure - Fraction(start)) / (Fraction(end) - Fraction(start)) * FULL_SCORE
        case Target(aim):
            return figure / Fraction(aim) * FULL_SCORE
        case Deduct(each):
            return FULL_SCORE - Fraction(each) * figure
        case Choice():
            return figure


def score_of(method: Method, figure: Fraction) -> Fraction:
    """The exact score, 0 to 100, of a figure."""
    return min(max(raw_score_of(method, figure), Fraction(0)), Fraction(FULL_SCORE))


def _score_or_none(rule: Rule, figure: Fraction | None) -> Fraction | None:
    if figure is not None:
        return score_of(rule.method, figure)
    stands_in = {NoFigure.FULL: Fraction(FULL_SCORE), NoFigure.ZERO: Fraction(0)}
    return stands_in.get(rule.no_figure)


def shared_weights(rules: Sequence[Rule], counts: Sequence[bool], full: Decimal) -> list[Fraction]:
    """Each rule's weight when those that do not count pass theirs on in proportion; all 0 when none counts."""
    kept = sum((Fraction(rule.weight) for rule, yes in zip(rules, counts, strict=True) if yes), Fraction(0))
    return [
        Fraction(rule.weight) * Fraction(full) / kept if yes else Fraction(0)
        for rule, yes in zip(rules, counts, strict=True)
    ]


def grade_of(sheet: Sheet, total: Decimal) -> Grade:
    """The best grade whose least total is reached."""
    return next((grade for grade in sheet.grades if grade.at_least <= total), sheet.grades[-1])


def score(sheet: Sheet, facts: Mapping[str, Facts]) -> Card:
    """Score one month. `facts` by the code of the indicator; a code that is missing has no figure."""
    figures = [figure_of(rule, facts.get(rule.code, Facts())) for rule in sheet.rules]
    scores = [_score_or_none(rule, figure) for rule, figure in zip(sheet.rules, figures, strict=True)]
    weights = shared_weights(sheet.rules, [found is not None for found in scores], sheet.full)
    points = [
        None if found is None else weight * found / FULL_SCORE for weight, found in zip(weights, scores, strict=True)
    ]
    exact = sum((part for part in points if part is not None), Fraction(0))
    total = half_up(min(max(exact, Fraction(sheet.floor)), Fraction(sheet.cap)), TOTAL_PLACES)
    grade = grade_of(sheet, total)
    lines = tuple(
        Line(rule.code, _kept(figure), _kept(found), half_up(weight, LINE_PLACES), _kept(part))
        for rule, figure, found, weight, part in zip(sheet.rules, figures, scores, weights, points, strict=True)
    )
    return Card(lines, total, grade.code, grade.flag)


def _kept(value: Fraction | None) -> Decimal | None:
    return None if value is None else half_up(value, LINE_PLACES)


def ranks(totals: Sequence[Decimal]) -> list[int]:
    """The place of each total, the highest first; equal totals share one: 1, 1, 3."""
    first: dict[Decimal, int] = {}
    for place, total in enumerate(sorted(totals, reverse=True), start=1):
        first.setdefault(total, place)
    return [first[total] for total in totals]

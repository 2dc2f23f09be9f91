"""What a scorecard says about its numbers: figures with units, formulas with the rulebook's numbers filled in."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from office.lists import joined
from people.models import Department
from rulebooks.schema import Indicator, Rulebook

from . import scoring
from .metrics import REGISTRY
from .models import ScoreLine
from .sheets import decimal, rule_of

NOTHING = "—"


def plain(value: Decimal | float | int | None) -> str:
    """A number without needless zeros: 40.0 → 40, 72.2555 → 72.2555; a true minus sign, "—" for none."""
    if value is None:
        return NOTHING
    exact = value if isinstance(value, Decimal) else decimal(value)
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def shortly(value: Decimal) -> str:
    """At most two places: 33.3333 → 33.33, 40.0000 → 40."""
    return plain(scoring.half_up(value, scoring.TOTAL_PLACES))


def places(value: Decimal | None, count: int = scoring.TOTAL_PLACES) -> str:
    """A number with two places; "—" for none."""
    return NOTHING if value is None else f"{scoring.half_up(value, count):f}"


def instant(moment: datetime, department: Department) -> str:
    """A moment on the department's wall clock, to the minute."""
    return f"{department.local(moment):%Y-%m-%d %H:%M}"


def figure(line: ScoreLine, indicator: Indicator) -> str:
    """The figure as people say it: "61.68 %", "2 incidents", the name of the answer."""
    metric = REGISTRY[line.metric]
    if line.figure is None:
        return NOTHING
    if indicator.method.choice:
        return next((str(a.name) for a in indicator.method.choice if a.code == line.inputs.get("choice")), NOTHING)
    return metric.unit(places(line.figure) if metric.denominator else plain(line.figure))


def aim(indicator: Indicator) -> str:
    """What earns the full score, in a few signs; nothing where that needs a sentence."""
    metric, method = REGISTRY[indicator.metric], indicator.method
    if method.linear:
        sign = "≥" if method.linear.end > method.linear.start else "≤"
        return f"{sign} {metric.unit(plain(method.linear.end))}"
    if method.target:
        return f"≥ {metric.unit(plain(method.target))}"
    return ""


def rule(indicator: Indicator) -> str:
    """The rulebook's method as a sentence."""
    metric, method = REGISTRY[indicator.metric], indicator.method
    if method.linear:
        return _("0 at %(start)s, 100 at %(end)s, straight between.") % {
            "start": metric.unit(plain(method.linear.start)),
            "end": metric.unit(plain(method.linear.end)),
        }
    if method.target:
        return _("100 from %(target)s on, in proportion below.") % {"target": metric.unit(plain(method.target))}
    if method.deduct:
        return _("100, less %(each)s for each; never below 0.") % {"each": plain(method.deduct.each)}
    answers = [f"{answer.name} {plain(answer.score)}" for answer in method.choice or ()]
    return _("Given by hand: %(answers)s.") % {"answers": joined(answers)}


def working(line: ScoreLine, indicator: Indicator) -> str:
    """How the figure became the score, in numbers that can be checked on a pocket calculator."""
    if line.figure is None:
        return {
            "reweight": _("No figure: the line is left out, and the others share its weight."),
            "full": _("No figure: it counts in full."),
            "zero": _("No figure: it counts 0."),
        }[indicator.no_figure]
    method, metric = indicator.method, REGISTRY[line.metric]
    start = f"{line.numerator} ÷ {line.denominator} × {metric.per}" if metric.denominator else plain(line.figure)
    if method.linear:
        low, high = plain(method.linear.start), plain(method.linear.end)
        steps = f"({start} − {_signed(low)}) ÷ ({high} − {_signed(low)}) × 100"
    elif method.target:
        steps = f"{f'({start})' if metric.denominator else start} ÷ {plain(method.target)} × 100"
    elif method.deduct:
        steps = f"100 − {plain(method.deduct.each)} × {start}"
    else:
        return f"{figure(line, indicator)} = {plain(line.score)}"
    return f"{steps} = {_unclamped(line, indicator)}"


def _signed(number: str) -> str:
    return f"({number})" if number.startswith("−") else number


def _unclamped(line: ScoreLine, indicator: Indicator) -> str:
    """The kept score; with what the formula gave before it was held between 0 and 100, where that is another."""
    made = rule_of(indicator)
    exact = scoring.figure_of(made, scoring.Facts(line.numerator, line.denominator))
    if exact is None or line.score is None:
        return NOTHING
    raw = scoring.raw_score_of(made.method, exact)
    kept = scoring.score_of(made.method, exact)
    if raw == kept:
        return plain(line.score)
    before = plain(scoring.half_up(abs(raw), scoring.LINE_PLACES))
    return f"{'−' if raw < 0 else ''}{before} → {plain(line.score)}"


def weight(line: ScoreLine, indicator: Indicator, rulebook: Rulebook) -> str:
    """How a weight grew by what lines without a figure passed on; empty when it is the rulebook's."""
    written = decimal(indicator.weight)
    if not line.counts or line.weight == written:
        return ""
    full = decimal(rulebook.scorecard.scale.full)
    kept = scoring.half_up(Fraction(written) * Fraction(full) / Fraction(line.weight), 2)
    return f"{plain(written)} × {plain(full)} ÷ {plain(kept)} = {plain(line.weight)}"


def points(line: ScoreLine) -> str:
    if not line.counts:
        return ""
    return f"{plain(line.score)} × {plain(line.weight)} ÷ 100 = {plain(line.points)}"


def total(lines: list[ScoreLine], kept: Decimal, rulebook: Rulebook) -> str:
    """The sum that makes the total, and where it was held between floor and cap."""
    scale = rulebook.scorecard.scale
    parts = [line.points for line in lines if line.points is not None]
    if not parts:
        return _("No line has a figure: the total is the floor, %(floor)s.") % {"floor": plain(scale.floor)}
    summed = sum(parts, Decimal(0))
    steps = " + ".join(plain(part) for part in parts)
    if summed > decimal(scale.cap):
        return f"{steps} = {plain(summed)}; " + _("at most %(cap)s") % {"cap": plain(scale.cap)}
    if summed < decimal(scale.floor):
        return f"{steps} = {plain(summed)}; " + _("at least %(floor)s") % {"floor": plain(scale.floor)}
    return f"{steps} = {places(kept)}"

"""From the rulebook's scorecard to the sheet that `scoring` works with."""

from decimal import Decimal

from rulebooks.schema import Indicator, Scorecard
from rulebooks.schema import Method as WrittenMethod

from . import metrics, scoring


def sheet_of(scorecard: Scorecard) -> scoring.Sheet:
    """The pure form of a rulebook's scorecard: exact decimals as they were written, the metrics' units added."""
    scale = scorecard.scale
    return scoring.Sheet(
        rules=tuple(rule_of(indicator) for indicator in scorecard.indicators),
        full=decimal(scale.full),
        cap=decimal(scale.cap),
        floor=decimal(scale.floor),
        grades=tuple(scoring.Grade(grade.code, decimal(grade.at_least), grade.flag) for grade in scorecard.grades),
    )


def rule_of(indicator: Indicator) -> scoring.Rule:
    return scoring.Rule(
        code=indicator.code,
        weight=decimal(indicator.weight),
        method=_method_of(indicator.method),
        no_figure=scoring.NoFigure(indicator.no_figure),
        per=metrics.REGISTRY[indicator.metric].per,
    )


def _method_of(method: WrittenMethod) -> scoring.Method:
    if method.linear:
        return scoring.Linear(decimal(method.linear.start), decimal(method.linear.end))
    if method.target:
        return scoring.Target(decimal(method.target))
    if method.deduct:
        return scoring.Deduct(decimal(method.deduct.each))
    return scoring.Choice({answer.code: decimal(answer.score) for answer in method.choice or ()})


def decimal(written: float) -> Decimal:
    """A number of the rulebook as it stands there: 62.5 is 62.5 and not its nearest binary fraction."""
    return Decimal(str(written))


def by_hand(scorecard: Scorecard) -> list[Indicator]:
    """The indicators that a supervisor answers."""
    return [indicator for indicator in scorecard.indicators if indicator.method.choice]

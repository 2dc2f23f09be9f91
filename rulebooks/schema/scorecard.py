"""The scorecard 绩效考核表: indicators 指标, how their figures become points, and grades 等级."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, Field, model_validator

from rulebooks.parts import (
    ClauseNumber,
    Code,
    Number,
    Part,
    Points,
    Switch,
    Text,
    mistake,
    once,
    plain,
    readable,
    unit,
    values,
)

from .clauses import one_value


class Scale(Part):
    full: Annotated[Points, Field(gt=0)] = Field(
        title=_("Full mark"),
        description=_("What the weights of all indicators add up to: the total of somebody who reached every target."),
        json_schema_extra=unit(_("points")),
    )
    cap: Annotated[Points, Field(gt=0)] = Field(
        title=_("Cap"),
        description=_("A total above it counts as this. Not below the full mark."),
        json_schema_extra=unit(_("points")),
    )
    floor: Points = Field(
        0.0,
        title=_("Floor"),
        description=_("A total below it counts as this. Not above the full mark."),
        json_schema_extra=unit(_("points")),
    )

    @model_validator(mode="after")
    def in_order(self):
        if not self.floor <= self.full <= self.cap:
            message = _("The floor, {floor}, cannot lie above the full mark, {full}, nor that above the cap, {cap}.")
            raise mistake("scale", message, floor=plain(self.floor), full=plain(self.full), cap=plain(self.cap))
        return self


class Linear(Part):
    """0 points at `from`, 100 at `to`, straight between, held outside; `to` below `from` means less is better."""

    start: Annotated[Number, Field(alias="from")] = Field(
        title=_("0 points at"),
        description=_("The figure that earns 0 points, in the unit of the figure."),
    )
    end: Annotated[Number, Field(alias="to")] = Field(
        title=_("100 points at"),
        description=_("The figure that earns 100 points. Below from: less is better. Straight between."),
    )

    @model_validator(mode="after")
    def differ(self):
        if self.start == self.end:
            raise mistake("linear", _("from and to cannot be the same."))
        return self


class Deduct(Part):
    """100 less `each` per event, not below 0."""

    each: Annotated[Number, Field(gt=0, le=100)] = Field(
        title=_("Off for each"),
        description=_("Taken off 100 for every event; never below 0."),
        json_schema_extra=unit(_("points")),
    )


class Grade100(Part):
    """One answer of a hand-given scale and what it is worth."""

    code: Code = Field(
        title=_("Code"), description=_("Names the answer. It stays the same when the name changes; no two are alike.")
    )
    name: Text = Field(title=_("Its name"), description=_("What the supervisor chooses."))
    score: Annotated[Number, Field(ge=0, le=100)] = Field(
        title=_("Worth"), description=_("What the answer is worth."), json_schema_extra=unit(_("points"))
    )


class Method(Part):
    """How a figure becomes 0 to 100: exactly one of these."""

    linear: Linear | None = Field(
        None, title=_("Straight line"), description=_("From 0 at one figure straight to 100 at another.")
    )
    target: Annotated[Number, Field(gt=0)] | None = Field(
        None,
        title=_("Target"),
        description=_("100 from this figure on, in proportion below; in the unit of the figure."),
    )
    deduct: Deduct | None = Field(None, title=_("Deduction"), description=_("100 less a fixed number for each event."))
    choice: Annotated[tuple[Grade100, ...], Field(min_length=1)] | None = Field(
        None, title=_("Answers"), description=_("Given by hand: the answers to choose from and what each is worth.")
    )

    @model_validator(mode="after")
    def one_of(self):
        if not one_value(self):
            message = _("A method is exactly one of linear, target, deduct, choice, with its value.")
            raise mistake("method", message)
        codes = [answer.code for answer in self.choice or ()]
        once(_("Two answers have the code {value}."), codes, lambda index: ("choice", index, "code"))
        return self

    @property
    def kind(self) -> str:
        return next(iter(self.model_fields_set))


# The figures that the program can work out today, and the methods that suit each.
METRICS: dict[str, tuple[str, ...]] = {
    "self_counted_conversion": ("linear", "target"),
    "handover_submitted": ("linear", "target"),
    "confirmed_incidents": ("deduct", "linear"),
    "supervisors_judgement": ("choice",),
}
# Those that are shares of something, in percent.
SHARES = frozenset({"self_counted_conversion", "handover_submitted"})


class Indicator(Part):
    code: Code = Field(
        title=_("Code"),
        description=_("Names the indicator from month to month. It stays the same when the name changes."),
    )
    number: ClauseNumber = Field(
        title=_("Clause number"), description=_('The number people quote, in quotes: "7" or "12.3". It may change.')
    )
    name: Text = Field(title=_("Its name"), description=_("The name that people say and read."))
    metric: Literal[tuple(METRICS)] = Field(  # type: ignore[valid-type]
        title=_("Figure"),
        description=_("What is counted. Beside each figure stand the methods that suit it."),
        json_schema_extra=values(
            self_counted_conversion=_("customers closed of customers served, in percent"),
            handover_submitted=_("shifts with a handover of shifts that hand over, in percent"),
            confirmed_incidents=_("confirmed incidents"),
            supervisors_judgement=_("an answer given by hand"),
        ),
    )
    weight: Annotated[Number, Field(gt=0, le=1000)] = Field(
        title=_("Weight"),
        description=_("What the indicator counts in the total. All weights together make the full mark."),
        json_schema_extra=unit(_("points")),
    )
    method: Method = Field(
        title=_("Method"),
        description=_("How the figure becomes 0 to 100 points: exactly one of linear, target, deduct, choice."),
    )
    # When there is no figure: leave the line out and share its weight, give it full marks, or give it none.
    no_figure: Literal["reweight", "full", "zero"] = Field(
        title=_("Without a figure"),
        description=_("What holds in a month in which there is nothing to count."),
        json_schema_extra=values(
            reweight=_("left out; the others share its weight"), full=_("counts in full"), zero=_("counts 0")
        ),
    )

    @model_validator(mode="after")
    def method_suits(self):
        suitable = METRICS[self.metric]
        if self.method.kind not in suitable:
            raise mistake(
                "method",
                _("{metric} cannot be scored by {kind}, only by: {suitable}."),
                at=("method", self.method.kind),
                metric=self.metric,
                kind=self.method.kind,
                suitable=", ".join(suitable),
            )
        return self


class Grade(Part):
    """A grade 等级 from its least total on; `flag` marks it for the manager's attention."""

    code: Annotated[str, Field(max_length=4), AfterValidator(readable)] = Field(
        title=_("Grade"), description=_("The grade as it stands on the scorecard: A, B, S.")
    )
    at_least: Points = Field(
        title=_("From this total on"),
        description=_("The least total for this grade. Grades go from the best down; the last begins at the floor."),
        json_schema_extra=unit(_("points")),
    )
    flag: Switch = Field(False, title=_("Marked"), description=_("Marks this grade for the manager's attention."))


class Scorecard(Part):
    number: ClauseNumber = Field(
        title=_("Clause number"), description=_('The number people quote, in quotes: "7" or "12.3". It may change.')
    )
    scale: Scale = Field(title=_("Scale"), description=_("How high and how low a total can be."))
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)] = Field(
        title=_("Indicators"), description=_("What is counted, in the order of the scorecard.")
    )
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)] = Field(
        title=_("Grades"), description=_("Which total earns which grade, the best first.")
    )

    @model_validator(mode="after")
    def adds_up(self):
        codes = [indicator.code for indicator in self.indicators]
        once(_("Two indicators have the code {value}."), codes, lambda index: ("indicators", index, "code"))
        codes = [grade.code for grade in self.grades]
        once(_("Two grades have the code {value}."), codes, lambda index: ("grades", index, "code"))
        total = sum(indicator.weight for indicator in self.indicators)
        if round(total - self.scale.full, 6):
            message = _("The weights add up to {total}, not to the full mark, {full}.")
            raise mistake("weights", message, at=("indicators",), total=plain(total), full=plain(self.scale.full))
        self._grades_fit()
        return self

    def _grades_fit(self) -> None:
        least = [grade.at_least for grade in self.grades]
        for index in range(1, len(least)):
            if least[index] >= least[index - 1]:
                message = _("Grades go from the best down: at_least must be less than in the grade before.")
                raise mistake("grades", message, at=("grades", index, "at_least"))
        if least[-1] > self.scale.floor:
            raise mistake(
                "grades",
                _("The last grade begins at {least}, but a total can be as low as the floor, {floor}."),
                at=("grades", len(least) - 1, "at_least"),
                least=plain(least[-1]),
                floor=plain(self.scale.floor),
            )

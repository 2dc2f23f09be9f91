"""Orders, bad reviews and complaints: what customers leave behind, whose it is, and how fast it is dealt with."""

from datetime import timedelta
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field, model_validator

from rulebooks.parts import Code, Part, Switch, Text, Whole, mistake, once, unit, values

FlagColour = Literal["red", "yellow", "green", "blue", "purple"]


class Orders(Part):
    """How an order comes to count for an agent."""

    work_number: Switch = Field(
        True, title=_("Work number"), description=_("Whether a work number in the remark of an order says whose it is.")
    )
    name: Switch = Field(
        False, title=_("Name"), description=_("Whether a name in the remark of an order says whose it is.")
    )
    flag: FlagColour | None = Field(
        None,
        title=_("Flag"),
        description=_("The colour that the order must be flagged with besides; without it any flag, or none, will do."),
        json_schema_extra=values(
            red=_("red"), yellow=_("yellow"), green=_("green"), blue=_("blue"), purple=_("purple")
        ),
        examples=["red"],
    )
    auto_placed: Literal["night_shift_of_day", "agent_on_duty", "nobody"] = Field(
        "nobody",
        title=_("Placed without asking"),
        description=_("Whose an untagged order is whose buyer had asked nobody."),
        json_schema_extra=values(
            night_shift_of_day=_("shared by the night shift of that day"),
            agent_on_duty=_("shared by those who were on duty then"),
            nobody=_("nobody's, unless somebody claims it"),
        ),
        examples=["night_shift_of_day"],
    )
    claims_until_day: Annotated[Whole, Field(ge=1, le=28)] = Field(
        5,
        title=_("Claims until"),
        description=_("Until which day of the next month agents can claim the untagged orders of a month."),
        json_schema_extra=unit(_("day of the month")),
    )
    mature_after_days: Annotated[Whole, Field(ge=0, le=60)] = Field(
        3,
        title=_("Mature after"),
        description=_("So long after a day its enquiries may still be paid; then its conversion is settled."),
        json_schema_extra=unit(_("days")),
    )


class Severity(Part):
    code: Code = Field(title=_("Code"), description=_("Names the severity; no two of a kind are alike."))
    name: Text = Field(title=_("Its name"), description=_("What is chosen when a case is registered."))


class CaseStep(Part):
    """One thing to be done about a case, and by when."""

    code: Code = Field(title=_("Code"), description=_("Names the step; no two of a kind are alike."))
    name: Text = Field(title=_("Its name"), description=_("What is to be done."))
    within_minutes: Annotated[Whole, Field(ge=1, le=10_080)] | None = Field(
        None,
        title=_("Within minutes"),
        description=_("By when, counted from when the case came in; one of minutes, hours and days."),
        json_schema_extra=unit(_("minutes")),
        examples=[20],
    )
    within_hours: Annotated[Whole, Field(ge=1, le=720)] | None = Field(
        None,
        title=_("Within hours"),
        description=_("By when, counted from when the case came in; one of minutes, hours and days."),
        json_schema_extra=unit(_("h")),
        examples=[48],
    )
    within_days: Annotated[Whole, Field(ge=1, le=366)] | None = Field(
        None,
        title=_("Within days"),
        description=_("By when, counted from when the case came in; one of minutes, hours and days."),
        json_schema_extra=unit(_("days")),
        examples=[7],
    )
    if_missed: Code | None = Field(
        None,
        title=_("Only if missed"),
        description=_("The code of an earlier step: this one is asked for only when that one was not done in time."),
        examples=["answered"],
    )
    done_by: Literal["assigning"] | None = Field(
        None,
        title=_("What does this step"),
        description=_("What does this step when its turn has come; without it somebody says that it is done."),
        json_schema_extra=values(assigning=_("giving the case to somebody")),
        examples=["assigning"],
    )

    @model_validator(mode="after")
    def one_limit(self):
        if sum(limit is not None for limit in (self.within_minutes, self.within_hours, self.within_days)) != 1:
            raise mistake("case_step", _("Write one of within_minutes, within_hours and within_days."))
        return self

    @property
    def within(self) -> timedelta:
        return timedelta(minutes=self.within_minutes or 0, hours=self.within_hours or 0, days=self.within_days or 0)


class CaseKind(Part):
    """Bad reviews 差评, complaints 投诉: registered, worked through in steps, closed."""

    code: Code = Field(title=_("Code"), description=_("Names the kind. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What people call it."))
    severities: tuple[Severity, ...] = Field(
        (), title=_("Severities"), description=_("How bad it can be, in the order of the form.")
    )
    steps: Annotated[tuple[CaseStep, ...], Field(min_length=1)] = Field(
        title=_("Steps"), description=_("What is to be done, in this order, and by when. The last one closes the case.")
    )
    can_be_upheld: Switch = Field(
        False,
        title=_("Can be upheld"),
        description=_("Whether closing it says if it was right; one that was proposes an incident, if a clause is."),
        examples=[True],
    )
    remind_before_minutes: Annotated[Whole, Field(ge=1, le=10_080)] | None = Field(
        None,
        title=_("Reminder"),
        description=_("So long before a step is due, whoever has the case is reminded."),
        json_schema_extra=unit(_("minutes")),
        examples=[60],
    )

    @model_validator(mode="after")
    def steps_fit(self):
        once(
            _("Two of these have the code {value}."),
            [step.code for step in self.steps],
            lambda index: ("steps", index, "code"),
        )
        once(
            _("Two of these have the code {value}."),
            [severity.code for severity in self.severities],
            lambda index: ("severities", index, "code"),
        )
        for index, step in enumerate(self.steps):
            earlier = {one.code for one in self.steps[:index]}
            if step.if_missed is not None and step.if_missed not in earlier:
                message = _("There is no earlier step {code}.")
                raise mistake("case_step", message, at=("steps", index, "if_missed"), code=step.if_missed)
        if self.steps[-1].done_by is not None:
            message = _("The last step closes the case: nothing does it by itself.")
            raise mistake("case_step", message, at=("steps", len(self.steps) - 1, "done_by"))
        return self

    def step(self, code: str) -> CaseStep | None:
        return next((step for step in self.steps if step.code == code), None)


class Cases(Part):
    kinds: Annotated[tuple[CaseKind, ...], Field(min_length=1)] = Field(
        title=_("Kinds"), description=_("The kinds of cases, in the order of the form.")
    )
    report_by_day: Annotated[Whole, Field(ge=1, le=28)] | None = Field(
        None,
        title=_("Reported by"),
        description=_("By which day of the next month the statistics of a month's cases go to those who score it."),
        json_schema_extra=unit(_("day of the month")),
        examples=[10],
    )

    def kind(self, code: str) -> CaseKind | None:
        return next((kind for kind in self.kinds if kind.code == code), None)

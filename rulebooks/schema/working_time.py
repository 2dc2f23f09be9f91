"""The limits of working time, as the roster and the hours worked are held against them.

Every limit says what a breach means: `warn` is shown and can be let stand for a reason that is kept; `block` keeps the
plan from being published, and a swap or stand-in from being applied. That nobody is on two shifts at once is no choice:
it is always refused.
"""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, Field, model_validator

from rulebooks.parts import Code, Part, ShiftCode, Text, Whole, each_once, mistake, unit, values

Hours = Annotated[Whole, Field(ge=1, le=744)]


class Limit(Part):
    """What every limit has."""

    breach: Literal["warn", "block"] = Field(
        "warn",
        title=_("A breach"),
        description=_("What follows when the plan breaks this limit."),
        json_schema_extra=values(
            warn=_("is shown; whoever publishes may let it stand and says why"),
            block=_("keeps the plan from being published, and a swap from being applied"),
        ),
        examples=["block"],
    )


class RestBetweenShifts(Limit):
    hours: Hours = Field(
        title=_("At least"),
        description=_("From the end of one shift, with its extension once worked, to the beginning of the next."),
        json_schema_extra=unit(_("h")),
    )


class ConsecutiveDays(Limit):
    at_most: Annotated[Whole, Field(ge=1, le=31)] = Field(
        title=_("At most"),
        description=_("Days in a row with a shift."),
        json_schema_extra=unit(_("days")),
        examples=[6],
    )


class ShortRest(Part):
    """When the rest in a window may for once be shorter."""

    longest_at_least_hours: Hours = Field(
        title=_("Longest rest at least"),
        description=_("The one rest in a row that is enough on such a day."),
        json_schema_extra=unit(_("h")),
        examples=[6],
    )
    days_at_most: Annotated[Whole, Field(ge=1, le=31)] = Field(
        title=_("Days in a row at most"),
        description=_("How many days running the rest may be so short."),
        json_schema_extra=unit(_("days")),
        examples=[2],
    )
    if_hours_in_week: Annotated[Whole, Field(ge=1, le=168)] = Field(
        title=_("If in seven days"),
        description=_("As much rest each seven days then give all the same."),
        json_schema_extra=unit(_("h")),
        examples=[77],
    )


class RollingRest(Limit):
    """So much rest in any window of so many hours, wherever it begins."""

    within_hours: Hours = Field(
        title=_("In any"), description=_("The length of the window."), json_schema_extra=unit(_("h")), examples=[24]
    )
    hours: Hours = Field(
        title=_("Rest at least"),
        description=_("All rest in the window together."),
        json_schema_extra=unit(_("h")),
        examples=[10],
    )
    periods_at_most: Annotated[Whole, Field(ge=1, le=24)] | None = Field(
        None,
        title=_("In at most"),
        description=_("Only so many rests of the window count, the longest ones."),
        json_schema_extra=unit(_("rests")),
        examples=[2],
    )
    longest_at_least_hours: Hours | None = Field(
        None,
        title=_("One of them at least"),
        description=_("How long the longest rest of the window must be."),
        json_schema_extra=unit(_("h")),
        examples=[6],
    )
    exception: ShortRest | None = Field(
        None, title=_("Exception"), description=_("When the rest may for once be shorter.")
    )

    @model_validator(mode="after")
    def fits_in_window(self):
        for key in ("hours", "longest_at_least_hours"):
            if (getattr(self, key) or 0) > self.within_hours:
                message = _("In {window} hours there cannot be {rest} hours of rest.")
                raise mistake("rest", message, at=(key,), window=self.within_hours, rest=getattr(self, key))
        if self.exception and self.exception.longest_at_least_hours > self.hours:
            message = _("An exception of {shorter} hours is no shorter rest than {rest} hours.")
            place = ("exception", "longest_at_least_hours")
            raise mistake("rest", message, at=place, shorter=self.exception.longest_at_least_hours, rest=self.hours)
        return self


class WeeklyHours(Limit):
    at_most: Hours = Field(
        title=_("At most"),
        description=_("Net hours, without unpaid breaks, in a week from Monday to Sunday."),
        json_schema_extra=unit(_("h")),
        examples=[44],
    )


class Overtime(Limit):
    """Time beyond the normal day."""

    after_hours_a_day: Annotated[Whole, Field(ge=1, le=24)] = Field(
        title=_("Begins after"),
        description=_("Net hours of a day beyond these are overtime."),
        json_schema_extra=unit(_("h")),
        examples=[8],
    )
    hours_a_day_at_most: Annotated[Whole, Field(ge=0, le=24)] | None = Field(
        None,
        title=_("A day at most"),
        description=_("Overtime of one day."),
        json_schema_extra=unit(_("h")),
        examples=[3],
    )
    hours_a_month_at_most: Annotated[Whole, Field(ge=0, le=744)] | None = Field(
        None,
        title=_("A month at most"),
        description=_("Overtime of one calendar month."),
        json_schema_extra=unit(_("h")),
        examples=[36],
    )
    days_running_at_most: Annotated[Whole, Field(ge=1, le=31)] | None = Field(
        None,
        title=_("Days running at most"),
        description=_("Days in a row with overtime."),
        json_schema_extra=unit(_("days")),
        examples=[3],
    )

    @model_validator(mode="after")
    def limits_something(self):
        if {self.hours_a_day_at_most, self.hours_a_month_at_most, self.days_running_at_most} == {None}:
            message = _(
                "Say how much overtime there may be: hours_a_day_at_most, hours_a_month_at_most or "
                "days_running_at_most."
            )
            raise mistake("overtime", message)
        return self


class Probation(Limit):
    months: Annotated[Whole, Field(ge=1, le=12)] = Field(
        title=_("Lasts"),
        description=_("Calendar months from the first day of the membership."),
        json_schema_extra=unit(_("months")),
        examples=[2],
    )
    not_on: Annotated[tuple[ShiftCode, ...], AfterValidator(each_once)] = Field(
        (),
        title=_("Not on"),
        description=_("Codes of the shifts that nobody works while on probation."),
        examples=[["N"]],
    )
    hours_a_week_at_most: Hours | None = Field(
        None,
        title=_("A week at most"),
        description=_("Net hours of a week while on probation."),
        json_schema_extra=unit(_("h")),
        examples=[40],
    )

    @model_validator(mode="after")
    def limits_something(self):
        if not self.not_on and self.hours_a_week_at_most is None:
            raise mistake("probation", _("Say what probation keeps people from: not_on or hours_a_week_at_most."))
        return self


class WorkingTime(Part):
    """The limits 工时规定 that a plan, and what was worked, are held against. One that is left out does not exist."""

    rest_between_shifts: RestBetweenShifts | None = Field(
        None, title=_("Rest between shifts"), description=_("How long everybody rests between two shifts.")
    )
    consecutive_days: ConsecutiveDays | None = Field(
        None, title=_("Days in a row"), description=_("How many days in a row somebody may work.")
    )
    rolling_rest: tuple[RollingRest, ...] = Field(
        (), title=_("Rolling rest"), description=_("Rest within any window of hours, as crews of ships have it.")
    )
    rest_days: Limit | None = Field(
        None,
        title=_("Rest days"),
        description=_(
            "What it means when somebody has fewer rest days than `rest` gives. Without it they are only shown."
        ),
    )
    weekly_hours: WeeklyHours | None = Field(
        None, title=_("Hours a week"), description=_("How many hours a week somebody may work.")
    )
    overtime: Overtime | None = Field(
        None, title=_("Overtime"), description=_("When overtime begins, and how much of it there may be.")
    )
    probation: Probation | None = Field(
        None, title=_("Probation"), description=_("What newcomers are not planned for.")
    )
    qualification: Limit | None = Field(
        None,
        title=_("Qualification"),
        description=_("What it means when somebody works a shift without the skills that it needs."),
    )
    leave_clash: Limit | None = Field(
        None, title=_("Leave of absence"), description=_("What it means when a shift is planned on approved leave.")
    )
    coverage: Limit | None = Field(
        None, title=_("Coverage"), description=_("What it means when a day has fewer people on a shift than it needs.")
    )


class Skill(Part):
    code: Code = Field(title=_("Code"), description=_("Names the skill. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What the skill is called."))

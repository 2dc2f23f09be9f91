"""Shift types 班次, rest days 休息日, attendance: who is planned when, and what being late or away means."""

from datetime import date
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from office.lists import joined
from rulebooks.hours import Span, read_span, spans_in_order
from rulebooks.moments import DAYS, WEEKDAYS, Weekday
from rulebooks.parts import Code, Part, ShiftCode, Switch, Text, Whole, each_once, mistake, unit, values


class Headcount(Part):
    wanted: Annotated[Whole, Field(ge=0, le=1000)] = Field(
        title=_("Wanted"),
        description=_("How many people the roster should put on this shift each day."),
        json_schema_extra=unit(_("people")),
    )
    minimum: Annotated[Whole, Field(ge=0, le=1000)] = Field(
        0,
        title=_("At least"),
        description=_("With fewer the roster shows a gap, and publishing asks first. Not more than are wanted."),
        json_schema_extra=unit(_("people")),
    )

    @model_validator(mode="after")
    def minimum_fits(self):
        if self.minimum > self.wanted:
            message = _("The minimum, {minimum}, is more than is wanted, {wanted}.")
            raise mistake("headcount", message, minimum=self.minimum, wanted=self.wanted)
        return self


# On a day on which a shift type is not held.
NOBODY = Headcount(wanted=0, minimum=0)


class Extension(Part):
    """That a shift runs on by itself while its agent has open customers."""

    cap_minutes: Annotated[Whole, Field(ge=1, le=720)] = Field(
        title=_("Runs on for at most"),
        description=_("After the planned end the shift runs on at most this long, however many customers are open."),
        json_schema_extra=unit(_("minutes")),
    )
    # A report older than this neither ends nor proves an extension.
    silent_after_minutes: Annotated[Whole, Field(ge=1, le=240)] = Field(
        15,
        title=_("Report holds for"),
        description=_("A count of open customers holds this long; without a newer one the shift no longer runs on."),
        json_schema_extra=unit(_("minutes")),
    )
    new_arrivals: Literal["accepted", "suspended"] = Field(
        "accepted",
        title=_("New customers"),
        description=_("What the agent is told to do with customers who arrive after the planned end."),
        json_schema_extra=values(
            accepted=_("they are served like all others"),
            suspended=_("nobody new is taken on; those in hand are finished"),
        ),
        examples=["suspended"],
    )


class ShiftType(Part):
    code: ShiftCode = Field(
        title=_("Code"),
        description=_("Names the shift in the roster and in other keys. It stays the same when the name changes."),
    )
    name: Text = Field(title=_("Its name"), description=_("The name that people say and read."))
    mark: Text = Field(
        title=_("Mark"), description=_("The one character in a cell of the roster. No two shifts have the same.")
    )
    palette: Literal["day", "night", "regular", "leave"] = Field(
        title=_("Colours"),
        description=_("The colours of the shift in the roster; they say nothing about its hours."),
        json_schema_extra=values(
            day=_("yellow, edge on top"),
            night=_("blue, edge below"),
            regular=_("green, both edges"),
            leave=_("rose, edge at the side"),
        ),
    )
    spans: Annotated[
        tuple[Annotated[Span, BeforeValidator(read_span)], ...], Field(min_length=1), AfterValidator(spans_in_order)
    ] = Field(
        title=_("From when to when"),
        description=_(
            "From when to when, in quotes; several for a broken shift. An end at or before its start is on the next "
            "day. All of them end within 24 hours of the first beginning."
        ),
    )
    headcount: Headcount = Field(title=_("Headcount"), description=_("How many people this shift wants and needs."))
    days: Annotated[tuple[Weekday, ...], AfterValidator(each_once)] = Field(
        (),
        title=_("On which days"),
        description=_("The days of the week on which it wants people; every day when left out."),
        json_schema_extra=DAYS,
        examples=[["monday", "saturday"]],
    )
    breaks_minutes: Annotated[Whole, Field(ge=0, le=480)] = Field(
        0,
        title=_("Unpaid breaks"),
        description=_("Breaks inside its hours that do not count as working time."),
        json_schema_extra=unit(_("minutes")),
        examples=[30],
    )
    night: Switch = Field(
        False, title=_("Counts as night"), description=_("Whether the roster counts it among a person's nights.")
    )
    needs: Annotated[tuple[Code, ...], AfterValidator(each_once)] = Field(
        (),
        title=_("Needs"),
        description=_("The codes of the skills that everybody on this shift must have."),
        examples=[["after-sale"]],
    )
    hands_over_to: tuple[ShiftCode, ...] = Field(
        (),
        title=_("Hands over to"),
        description=_(
            "The codes of the shifts that take over from this one. Without any, no handover is asked for at its end."
        ),
    )
    extension: Extension | None = Field(
        None,
        title=_("Runs on"),
        description=_(
            "Lets the shift run on by itself while its agent has open customers. Without this key it ends as planned."
        ),
    )

    @property
    def hours(self) -> str:
        """Its spans in words: "17:00–01:00"."""
        return joined(self.spans)

    def headcount_on(self, day: date) -> Headcount:
        """What the rulebook wants on that day of the week; the calendar may say otherwise for a single day."""
        return self.headcount if not self.days or WEEKDAYS[day.weekday()] in self.days else NOBODY


class RestCycle(Part):
    days: Annotated[Whole, Field(ge=1, le=31)] = Field(
        title=_("Rest days"),
        description=_("How many rest days there are among them at least."),
        json_schema_extra=unit(_("days")),
        examples=[2],
    )
    every_days: Annotated[Whole, Field(ge=2, le=62)] = Field(
        title=_("In any"),
        description=_("How many days in a row are looked at, wherever they begin."),
        json_schema_extra=unit(_("days")),
        examples=[10],
    )

    @model_validator(mode="after")
    def fits(self):
        if self.days >= self.every_days:
            message = _("Of {every} days, {days} cannot be rest days.")
            raise mistake("cycle", message, at=("days",), every=self.every_days, days=self.days)
        return self


class Rest(Part):
    """Rest days 休息日: planned days off, their code and mark on the roster and how many a month there are."""

    code: ShiftCode = Field(
        title=_("Code"), description=_("Names the rest day in the roster. No shift may have the same.")
    )
    name: Text = Field(title=_("Its name"), description=_("The name that people say and read."))
    mark: Text = Field(title=_("Mark"), description=_("The one character in a cell of the roster."))
    days_per_month: Annotated[Whole, Field(ge=0, le=31)] | None = Field(
        None,
        title=_("Rest days a month"),
        description=_("How many rest days each person has in a month. The roster counts what is used beside it."),
        json_schema_extra=unit(_("days")),
        examples=[4],
    )
    days_per_week: Annotated[Whole, Field(ge=0, le=6)] | None = Field(
        None,
        title=_("Rest days a week"),
        description=_("How many rest days each person has at least in a week from Monday to Sunday."),
        json_schema_extra=unit(_("days")),
        examples=[1],
    )
    days_per_cycle: RestCycle | None = Field(
        None, title=_("Rest days in a cycle"), description=_("How many rest days there are in any so many days.")
    )

    @model_validator(mode="after")
    def says_how_many(self):
        if self.days_per_month is None and self.days_per_week is None and self.days_per_cycle is None:
            message = _("Say how many rest days there are: days_per_month, days_per_week or days_per_cycle.")
            raise mistake("rest", message)
        return self


class AwayReason(Part):
    code: Code = Field(title=_("Code"), description=_("Names the reason. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What the agent presses when leaving the desk."))
    minutes_at_most: Annotated[Whole, Field(ge=1, le=480)] | None = Field(
        None,
        title=_("At most"),
        description=_(
            "How long one may be away for this reason; longer counts as off post. Without it there is no limit."
        ),
        json_schema_extra=unit(_("minutes")),
        examples=[15],
    )
    permission: Switch = Field(
        False, title=_("Asks first"), description=_("Whether somebody who watches the shifts must allow it.")
    )


class Attendance(Part):
    clock_in_from_minutes_before: Annotated[Whole, Field(ge=0, le=720)] = Field(
        title=_("Clock in from"),
        description=_("How long before the beginning of a shift its agent may clock in."),
        json_schema_extra=unit(_("minutes")),
    )
    late_after_minutes: Annotated[Whole, Field(ge=0, le=240)] = Field(
        0,
        title=_("Late after"),
        description=_("Whoever clocks in later than this after the beginning is late."),
        json_schema_extra=unit(_("minutes")),
    )
    absent_after_minutes: Annotated[Whole, Field(ge=1, le=720)] | None = Field(
        None,
        title=_("Absent after"),
        description=_("Whoever comes later than this counts as absent, not as late. Without it only who never comes."),
        json_schema_extra=unit(_("minutes")),
        examples=[30],
    )
    left_early_before_minutes: Annotated[Whole, Field(ge=0, le=240)] = Field(
        0,
        title=_("Left early before"),
        description=_("Whoever clocks out earlier than this before the planned end has left early."),
        json_schema_extra=unit(_("minutes")),
        examples=[5],
    )
    forgotten_after_minutes: Annotated[Whole, Field(ge=30, le=720)] = Field(
        240,
        title=_("Forgotten after"),
        description=_(
            "So long after the planned end, or after the cap of its extension, a shift that nobody ended is ended by "
            "the system, and its agent is asked for a correction."
        ),
        json_schema_extra=unit(_("minutes")),
        examples=[180],
    )
    wait_for_successor_minutes: Annotated[Whole, Field(ge=1, le=240)] | None = Field(
        None,
        title=_("Waits for successor"),
        description=_(
            "An agent does not leave before somebody of a shift that takes over is on duty, but waits at most this "
            "long after the planned end. Then the supervisor is told and answers for the post. Without it nobody waits."
        ),
        json_schema_extra=unit(_("minutes")),
        examples=[30],
    )
    off_post_after_minutes: Annotated[Whole, Field(ge=1, le=240)] | None = Field(
        None,
        title=_("Off post after"),
        description=_(
            "When the chat tool of somebody on duty is silent for longer than this and they have not said that they "
            "are away, they are off post. Without it nobody looks."
        ),
        json_schema_extra=unit(_("minutes")),
        examples=[5],
    )
    away: tuple[AwayReason, ...] = Field(
        (), title=_("Away"), description=_("The reasons for which one may leave the desk for a while, in their order.")
    )

    @model_validator(mode="after")
    def late_before_absent(self):
        if self.absent_after_minutes is not None and self.absent_after_minutes <= self.late_after_minutes:
            message = _("Whoever is absent after {absent} minutes cannot be late only after {late}.")
            raise mistake(
                "absent",
                message,
                at=("absent_after_minutes",),
                absent=self.absent_after_minutes,
                late=self.late_after_minutes,
            )
        return self

    def away_reason(self, code: str) -> AwayReason | None:
        return next((reason for reason in self.away if reason.code == code), None)

"""Shift types 班次, rest days 休息日, attendance: who is planned when, and when one may clock in."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from office.lists import joined
from rulebooks.hours import Span, read_span, spans_in_order
from rulebooks.parts import Part, ShiftCode, Text, Whole, mistake, unit, values


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


class Rest(Part):
    """Rest days 休息日: planned days off, their code and mark on the roster and how many a month there are."""

    code: ShiftCode = Field(
        title=_("Code"), description=_("Names the rest day in the roster. No shift may have the same.")
    )
    name: Text = Field(title=_("Its name"), description=_("The name that people say and read."))
    mark: Text = Field(title=_("Mark"), description=_("The one character in a cell of the roster."))
    days_per_month: Annotated[Whole, Field(ge=0, le=31)] = Field(
        title=_("Rest days a month"),
        description=_("How many rest days each person has in a month. The roster counts what is used beside it."),
        json_schema_extra=unit(_("days")),
    )


class Attendance(Part):
    clock_in_from_minutes_before: Annotated[Whole, Field(ge=0, le=720)] = Field(
        title=_("Clock in from"),
        description=_("How long before the beginning of a shift its agent may clock in."),
        json_schema_extra=unit(_("minutes")),
    )

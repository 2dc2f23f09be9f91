"""The weekly summary 周总结, meetings 例会, newcomers and product launches: what a department learns from its weeks."""

from typing import Annotated

from django.utils.translation import gettext_noop as _
from pydantic import Field

from rulebooks.moments import WeekMoment
from rulebooks.parts import Code, Part, Text, Whole, unit


class WeeklySummary(Part):
    due: WeekMoment = Field(title=_("Due"), description=_("By when the summary of the week is handed in."))
    at_least_characters: Annotated[Whole, Field(ge=1, le=5000)] = Field(
        1,
        title=_("At least"),
        description=_("How long it is at least; spaces and line ends do not count."),
        json_schema_extra=unit(_("characters")),
        examples=[200],
    )
    remind_before_hours: Annotated[Whole, Field(ge=1, le=168)] | None = Field(
        None,
        title=_("Reminder"),
        description=_("So long before it is due, whoever has not handed it in is reminded."),
        json_schema_extra=unit(_("h")),
        examples=[24],
    )


class MeetingRule(Part):
    """A meeting of every week; the chair goes round."""

    code: Code = Field(title=_("Code"), description=_("Names the meeting. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What people call it."))
    held: WeekMoment = Field(title=_("Held"), description=_("When it begins."))
    stay_on_desk: Annotated[Whole, Field(ge=0, le=50)] = Field(
        1,
        title=_("Stay on the desk"),
        description=_("How many of those on duty go on serving customers meanwhile, in turn."),
        json_schema_extra=unit(_("people")),
        examples=[2],
    )
    minutes_due_hours: Annotated[Whole, Field(ge=1, le=168)] = Field(
        24,
        title=_("Minutes due"),
        description=_("How long after its beginning the chair has written its minutes."),
        json_schema_extra=unit(_("h")),
    )


class ChecklistPoint(Part):
    code: Code = Field(title=_("Code"), description=_("Names the point; no two are alike."))
    name: Text = Field(title=_("Its name"), description=_("What a newcomer can do when it is ticked."))


class Training(Part):
    """How newcomers learn from one mentor."""

    checklist: Annotated[tuple[ChecklistPoint, ...], Field(min_length=1)] = Field(
        title=_("Checklist"), description=_("What a newcomer has to learn before passing.")
    )
    early_within_days: Annotated[Whole, Field(ge=1, le=366)] | None = Field(
        None,
        title=_("Early within"),
        description=_("Whoever passes so soon after joining is proposed for early confirmation."),
        json_schema_extra=unit(_("days")),
        examples=[30],
    )
    mentor_bonus: Code | None = Field(
        None,
        title=_("Mentor's bonus"),
        description=_(
            "The code of the bonus proposed for mentors: its first amount for whose newcomer of the quarter was the "
            "fastest, its second for the next."
        ),
        examples=["mentor"],
    )


class Exams(Part):
    """The short quiz that goes with a product launch."""

    pass_mark_percent: Annotated[Whole, Field(ge=1, le=100)] = Field(
        80,
        title=_("Pass mark"),
        description=_("How much of a quiz must be right."),
        json_schema_extra=unit("%"),
        examples=[90],
    )
    attempts: Annotated[Whole, Field(ge=1, le=20)] = Field(
        1,
        title=_("Attempts"),
        description=_("How often somebody may try; after the last failed one an incident is proposed, if a clause is."),
        json_schema_extra=unit(_("attempts")),
        examples=[2],
    )

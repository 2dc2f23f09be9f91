"""Leave 请假, swaps 换班 and duties 值日: how a planned shift may come to be worked by somebody else, or by nobody."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, Field

from rulebooks.parts import Code, Part, ShiftCode, Switch, Text, Whole, each_once, unit, values


class LeaveKind(Part):
    code: ShiftCode = Field(
        title=_("Code"),
        description=_("Names the kind, also in the cells of the roster. No shift and no other kind may have the same."),
    )
    name: Text = Field(title=_("Its name"), description=_("What the agent chooses on the slip."))
    mark: Text = Field(title=_("Mark"), description=_("The one character in a cell of the roster."))
    taken_in: Literal["days", "hours", "both"] = Field(
        "days",
        title=_("Taken in"),
        description=_("Whether it is taken in whole days, in hours of one day, or either."),
        json_schema_extra=values(days=_("whole days"), hours=_("hours of one day"), both=_("either")),
    )
    attachment: Literal["none", "optional", "required"] = Field(
        "optional",
        title=_("Attachment"),
        description=_("Whether a picture or PDF belongs to the slip, such as a doctor's note."),
        json_schema_extra=values(none=_("there is none"), optional=_("may be added"), required=_("must be added")),
    )
    notice_days: Annotated[Whole, Field(ge=0, le=90)] = Field(
        0,
        title=_("Notice"),
        description=_(
            "How many days before its first day it must be asked for. With 0 also on the day itself, or later."
        ),
        json_schema_extra=unit(_("days")),
    )
    days_at_most: Annotated[Whole, Field(ge=1, le=366)] | None = Field(
        None,
        title=_("At most"),
        description=_("How many days in a row one slip may have."),
        json_schema_extra=unit(_("days")),
        examples=[3],
    )
    paid: Switch = Field(
        False,
        title=_("Paid leave"),
        description=_("Whether its hours stand as paid in the timesheet."),
        examples=[True],
    )


class LeaveRules(Part):
    kinds: Annotated[tuple[LeaveKind, ...], Field(min_length=1)] = Field(
        title=_("Kinds"), description=_("The kinds of leave, in the order of the form.")
    )
    people_a_day_at_most: Annotated[Whole, Field(ge=1, le=1000)] | None = Field(
        None,
        title=_("People a day"),
        description=_("How many people may be on leave on one day, of all kinds together."),
        json_schema_extra=unit(_("people")),
        examples=[2],
    )


class SwapRules(Part):
    """Swaps, shifts given away and open shifts. Both always consent, and somebody with the right approves."""

    kinds: Annotated[
        tuple[Literal["swap", "give_away", "open_shift"], ...], Field(min_length=1), AfterValidator(each_once)
    ] = Field(
        ("swap", "give_away", "open_shift"),
        title=_("Allowed"),
        description=_("Which ways of passing a shift on there are."),
        json_schema_extra=values(
            swap=_("two agents exchange their shifts"),
            give_away=_("an agent gives a shift to a colleague"),
            open_shift=_("a supervisor offers a shift that nobody has"),
        ),
        examples=[["swap", "give_away"]],
    )
    notice_hours: Annotated[Whole, Field(ge=0, le=720)] = Field(
        0,
        title=_("Notice"),
        description=_("How long before the earlier of the two shifts it must be agreed."),
        json_schema_extra=unit(_("h")),
        examples=[24],
    )
    consecutive_days: Switch = Field(
        False,
        title=_("On days in a row"),
        description=_("Whether somebody may have swapped shifts on two days in a row."),
    )
    shifts_in_a_row: Switch = Field(
        False,
        title=_("Shifts in a row"),
        description=_(
            "Whether a swap may put two shifts of one person right after each other, without a night between."
        ),
    )
    a_month_at_most: Annotated[Whole, Field(ge=1, le=31)] | None = Field(
        None,
        title=_("A month at most"),
        description=_("How many swaps of one person may be applied in a calendar month."),
        json_schema_extra=unit(_("swaps")),
        examples=[3],
    )
    leave_on_swapped_days: Switch = Field(
        False,
        title=_("Leave on its days"),
        description=_("Whether leave may be asked for on the days of an applied swap."),
        examples=[False],
    )
    empty_shift_liable: Literal["worker", "owner", "both"] = Field(
        "worker",
        title=_("Liable for an empty shift"),
        description=_("Against whom an incident is proposed when nobody works a swapped shift."),
        json_schema_extra=values(
            worker=_("whoever had taken it"), owner=_("whose shift it was at first"), both=_("both of them")
        ),
    )


class Duty(Part):
    """A duty 值日 or 值班 that the people of a day take in turn."""

    code: Code = Field(title=_("Code"), description=_("Names the duty. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What people call it."))
    shifts: Annotated[tuple[ShiftCode, ...], Field(min_length=1), AfterValidator(each_once)] = Field(
        title=_("Taken from"), description=_("The codes of the shifts whose people take turns.")
    )
    people: Annotated[Whole, Field(ge=1, le=50)] = Field(
        1,
        title=_("People"),
        description=_("How many have it on a day."),
        json_schema_extra=unit(_("people")),
        examples=[2],
    )
    stays_until_last_customer: Switch = Field(
        False,
        title=_("Duty person"),
        description=_(
            "Whoever has this duty has no nominal end: where their shift runs on at all, it does so without a cap "
            "until the last customer."
        ),
    )
    confirmed: Switch = Field(
        True,
        title=_("Reported as done"),
        description=_("Whether whoever had it says that it is done; left unsaid it counts as missed."),
    )


class Rotation(Part):
    code: Code = Field(title=_("Code"), description=_("Names the pattern. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What the pattern is called."))
    cycle: Annotated[tuple[ShiftCode, ...], Field(min_length=1, max_length=62)] = Field(
        title=_("Cycle"),
        description=_("Codes of shifts and rest days, one a day; after the last the first comes again."),
    )

"""The notebooks: what the issue register 问题登记本 and the handover log 交接记录本 ask for."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field, model_validator

from rulebooks.moments import ClockTime, WeekMoment
from rulebooks.parts import Code, Part, Switch, Text, Whole, mistake, unit, values


class HandoverKind(Part):
    code: Code = Field(
        title=_("Code"), description=_("Names the kind. It stays the same when the name changes; no two are alike.")
    )
    name: Text = Field(title=_("Its name"), description=_("What the agent chooses when writing an item."))
    read_back: Switch = Field(
        False,
        title=_("Read back"),
        description=_("Whoever accepts an item of this kind writes in their own words what they understood."),
    )
    needs_due_time: Switch = Field(
        False, title=_("Needs a time"), description=_("An item of this kind says by when it must be done.")
    )


class HandoverLog(Part):
    at_clock_out: Literal["block", "warn", "off"] = Field(
        title=_("At clock-out"),
        description=_("What happens when somebody ends a shift with open items and without a handover."),
        json_schema_extra=values(
            block=_("the shift cannot be ended"),
            warn=_("a warning; the items go into the department's queue"),
            off=_("nothing; the items stay with their owner"),
        ),
    )
    kinds: Annotated[tuple[HandoverKind, ...], Field(min_length=1)] = Field(
        title=_("Kinds"), description=_("The kinds of items that can be handed over, in the order of the form.")
    )
    during_handover: Literal["queue", "giver"] = Field(
        "queue",
        title=_("During the handover"),
        description=_("What becomes of an item that comes up after the handover was submitted, before clock-out."),
        json_schema_extra=values(
            queue=_("it goes into the department's queue"),
            giver=_("it stays with the giver, who leaves only when it is done"),
        ),
        examples=["giver"],
    )
    carried_stands_out_from: Annotated[Whole, Field(ge=1, le=20)] = Field(
        2,
        title=_("Stands out from"),
        description=_("An item that so many shifts have passed on stands out for those who may take over."),
        json_schema_extra=unit(_("shifts")),
    )
    late_after_minutes: Annotated[Whole, Field(ge=0, le=10_080)] | None = Field(
        None,
        title=_("Late after"),
        description=_("So long after its due time an open item proposes an incident for being late, if a clause is."),
        json_schema_extra=unit(_("minutes")),
        examples=[30],
    )
    missed_after_hours: Annotated[Whole, Field(ge=1, le=720)] | None = Field(
        None,
        title=_("Missed after"),
        description=_("So long after its due time an open item proposes an incident for being missed, if a clause is."),
        json_schema_extra=unit(_("h")),
        examples=[24],
    )


class IssueCategory(Part):
    code: Code = Field(
        title=_("Code"), description=_("Names the category. It stays the same when the name changes; no two are alike.")
    )
    name: Text = Field(title=_("Its name"), description=_("What the agent chooses when writing an entry."))
    bonus: Code | None = Field(
        None,
        title=_("Bonus"),
        description=_("The code of the bonus that adopting an entry of this category proposes."),
        examples=["good-idea"],
    )


class IssueRegister(Part):
    categories: Annotated[tuple[IssueCategory, ...], Field(min_length=1)] = Field(
        title=_("Categories"), description=_("What an entry can be about, in the order of the form.")
    )
    hand_in: WeekMoment | None = Field(
        None,
        title=_("Handed in"),
        description=_("When the week's entries are handed in to those who handle the register."),
    )


class FollowUp(Part):
    """A matter that comes up by itself some time after something happened to an order."""

    code: Code = Field(title=_("Code"), description=_("Names the follow-up. It stays the same when the name changes."))
    name: Text = Field(title=_("Its name"), description=_("What is to be done, as the item says it."))
    after: Literal["dispatched", "received", "unpaid"] = Field(
        title=_("Counted from"),
        description=_("What the time counts from."),
        json_schema_extra=values(
            dispatched=_("the dispatch of the order"),
            received=_("the receipt of the order"),
            unpaid=_("the placing of an order that is still not paid"),
        ),
    )
    days: Annotated[Whole, Field(ge=0, le=366)] | None = Field(
        None,
        title=_("Days"),
        description=_("How many days later it comes up; days or minutes, one of the two."),
        json_schema_extra=unit(_("days")),
        examples=[5],
    )
    minutes: Annotated[Whole, Field(ge=1, le=10_080)] | None = Field(
        None,
        title=_("Minutes"),
        description=_("How many minutes later it comes up; days or minutes, one of the two."),
        json_schema_extra=unit(_("minutes")),
        examples=[60],
    )
    at: ClockTime | None = Field(
        None,
        title=_("At"),
        description=_("The time of that day at which it comes up; without it at the same time as what it counts from."),
        examples=["16:00"],
    )
    kind: Code = Field(title=_("Kind"), description=_("The code of the kind of item that it becomes."))

    @model_validator(mode="after")
    def one_delay(self):
        if (self.days is None) == (self.minutes is None):
            raise mistake("follow_up", _("Write days or minutes, one of the two."))
        return self


class Notebooks(Part):
    issue_register: IssueRegister = Field(
        title=_("Issue register"), description=_("Every problem or idea, written down at once.")
    )
    handover_log: HandoverLog = Field(
        title=_("Handover log"), description=_("What one shift leaves to the next, and when it must be written.")
    )
    follow_ups: tuple[FollowUp, ...] = Field(
        (),
        title=_("Follow-ups"),
        description=_("Which orders come up again later, as items for whoever is on duty."),
    )

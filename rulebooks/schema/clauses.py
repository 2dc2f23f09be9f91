"""Clauses 条款 with their ladders, and the activity fund 部门活动经费 that fines go to."""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import BeforeValidator, Field, model_validator

from office.money import to_fen
from rulebooks.parts import ClauseNumber, Code, Number, Part, Text, Whole, mistake, unit, values


class Window(Part):
    """How far back the confirmed incidents of a clause count."""

    kind: Literal["calendar_month", "calendar_year", "rolling_days", "forever"] = Field(
        title=_("Counted within"),
        description=_("Which earlier incidents count towards the step of the ladder."),
        json_schema_extra=values(
            calendar_month=_("those of the same calendar month"),
            calendar_year=_("those of the same calendar year"),
            rolling_days=_("those of the last days, as many as days says"),
            forever=_("all there ever were"),
        ),
        examples=["rolling_days"],
    )
    days: Annotated[Whole, Field(ge=1, le=3650)] | None = Field(
        None,
        title=_("How many days"),
        description=_("The length of rolling_days: stands with it, and only with it."),
        json_schema_extra=unit(_("days")),
        examples=[90],
    )

    @model_validator(mode="after")
    def days_with_rolling(self):
        if (self.kind == "rolling_days") != (self.days is not None):
            raise mistake("window", _("days is the length of rolling_days: it stands with it, and only with it."))
        return self


def read_window(value: object) -> object:
    return {"kind": value} if isinstance(value, str) else value


def one_value(part: Part) -> bool:
    """Whether exactly one key of the part is written, and with a value: `fine_yuan:` alone says nothing."""
    return len(part.model_fields_set) == 1 and getattr(part, next(iter(part.model_fields_set))) is not None


class Step(Part):
    """One step of a ladder: exactly one of its keys."""

    fine_yuan: Annotated[Number, Field(gt=0, le=1_000_000)] | None = Field(
        None,
        title=_("Fine"),
        description=_("An amount to pay into the activity fund, with two decimals at most. Taken from nobody's pay."),
        json_schema_extra=unit(_("yuan")),
    )
    warning: Text | None = Field(None, title=_("Warning"), description=_("A warning in these words; it costs nothing."))
    points: Annotated[Whole, Field(ge=1, le=1000)] | None = Field(
        None,
        title=_("Penalty points"),
        description=_("Points written down against the person; the scorecard does not count them by itself."),
        json_schema_extra=unit(_("points")),
        examples=[10],
    )
    # A terminal step: a person decides whether it happens.
    propose: Text | None = Field(
        None,
        title=_("Proposal"),
        description=_("What is proposed, for a person to decide. The last step of a ladder; it repeats."),
    )

    @model_validator(mode="after")
    def one_of(self):
        if not one_value(self):
            raise mistake("step", _("A step is exactly one of fine_yuan, warning, points, propose, with its value."))
        try:
            self.fine_fen  # noqa: B018
        except ValueError:
            raise mistake("fine", _("An amount has at most two decimals."), at=("fine_yuan",)) from None
        return self

    @property
    def fine_fen(self) -> int:
        return to_fen(Decimal(str(self.fine_yuan or 0)))


Trigger = Literal[
    "late",
    "left_early",
    "absent",
    "empty_swapped_shift",
    "off_post",
    "duty_missed",
    "handover_missing",
    "item_late",
    "item_missed",
    "complaint_upheld",
    "summary_missed",
    "exam_failed",
]


class Clause(Part):
    """A clause 条款: a sentence people agreed on, and what the system does about it."""

    code: Code = Field(
        title=_("Code"),
        description=_("Names the clause for ever: repeats are counted by it across versions. Do not use it again."),
    )
    number: ClauseNumber = Field(
        title=_("Clause number"), description=_('The number people quote, in quotes: "7" or "12.3". It may change.')
    )
    text: Text = Field(title=_("Wording"), description=_("The rule itself, as it is read by everybody."))
    window: Annotated[Window, BeforeValidator(read_window)] = Field(
        title=_("Counting"),
        description=_(
            "How far back confirmed incidents count for the next step. One word, or kind and days together: "
            "{kind: rolling_days, days: 90}."
        ),
    )
    trigger: Trigger | None = Field(
        None,
        title=_("Proposed for"),
        description=_(
            "For what the system itself proposes an incident under this clause. A person decides all the same."
        ),
        json_schema_extra=values(
            late=_("clocking in late"),
            left_early=_("clocking out before the end"),
            absent=_("not coming to a planned shift, or so late that it counts as absence"),
            empty_swapped_shift=_("a swapped shift that nobody worked"),
            off_post=_("being off the desk without saying so, for too long, or without the permission it needs"),
            duty_missed=_("a duty that was not done"),
            handover_missing=_("ending a shift without a handover"),
            item_late=_("an item of the handover log that is late"),
            item_missed=_("an item of the handover log that was missed"),
            complaint_upheld=_("a complaint that was found to be right"),
            summary_missed=_("a weekly summary that was not handed in on time"),
            exam_failed=_("an exam that was failed for the last time"),
        ),
        examples=["late"],
    )
    # Empty: the sentence holds, but nothing follows from it by itself.
    ladder: tuple[Step, ...] = Field(
        (),
        title=_("Ladder"),
        description=_(
            "What follows the first time, the second, and so on; after the last step that one repeats. Each step is "
            "exactly one of fine_yuan, warning, points, propose. Without a ladder nothing follows by itself."
        ),
    )

    @model_validator(mode="after")
    def proposal_comes_last(self):
        for index, step in enumerate(self.ladder[:-1]):
            if step.propose:
                raise mistake("ladder", _("A proposal ends a ladder: no step can follow it."), at=("ladder", index + 1))
        return self


class Bonus(Part):
    """A bonus 奖励: what is proposed, and how much of it is left to whoever approves."""

    code: Code = Field(
        title=_("Code"), description=_("Names the bonus for ever. It stays the same when the name changes.")
    )
    number: ClauseNumber = Field(
        title=_("Clause number"), description=_('The number people quote, in quotes: "8" or "8.1". It may change.')
    )
    name: Text = Field(title=_("Its name"), description=_("What it is given for."))
    amounts_yuan: tuple[Annotated[Number, Field(gt=0, le=1_000_000)], ...] = Field(
        (),
        title=_("Amounts"),
        description=_("How much: one amount, or one for each place, the first place first. Or from_yuan and to_yuan."),
        json_schema_extra=unit(_("yuan")),
        examples=[[150, 100, 50]],
    )
    from_yuan: Annotated[Number, Field(gt=0, le=1_000_000)] | None = Field(
        None,
        title=_("From"),
        description=_("The least that can be approved; with to_yuan and without amounts_yuan."),
        json_schema_extra=unit(_("yuan")),
        examples=[10],
    )
    to_yuan: Annotated[Number, Field(gt=0, le=1_000_000)] | None = Field(
        None,
        title=_("To"),
        description=_("The most that can be approved; with from_yuan and without amounts_yuan."),
        json_schema_extra=unit(_("yuan")),
        examples=[100],
    )

    @model_validator(mode="after")
    def one_amount(self):
        ends = (self.from_yuan, self.to_yuan)
        if bool(self.amounts_yuan) == any(end is not None for end in ends) or (ends[0] is None) != (ends[1] is None):
            raise mistake("bonus", _("Write amounts_yuan, or from_yuan and to_yuan."))
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            raise mistake("bonus", _("from_yuan is more than to_yuan."), at=("from_yuan",))
        try:
            self.fen_from(0), self.fen_to(0)
        except ValueError:
            raise mistake("bonus", _("An amount has at most two decimals.")) from None
        return self

    def fen_from(self, place: int) -> int:
        """The least for a place, counted from 0; 0 where the place has no amount."""
        return self._fen(place, self.from_yuan)

    def fen_to(self, place: int) -> int:
        """The most for a place, counted from 0; 0 where the place has no amount."""
        return self._fen(place, self.to_yuan)

    def _fen(self, place: int, end: float | None) -> int:
        if end is not None:
            return to_fen(Decimal(str(end)))
        fens = [to_fen(Decimal(str(amount))) for amount in self.amounts_yuan]
        return fens[place] if place < len(fens) else 0


class Fund(Part):
    due_days: Annotated[Whole, Field(ge=0, le=365)] = Field(
        title=_("Due after"),
        description=_("How long after its confirmation a fine is to be paid."),
        json_schema_extra=unit(_("days")),
    )
    names: Literal["name", "work_number", "work_number_masked"] = Field(
        title=_("Shown as"),
        description=_("How the published fund names who paid."),
        json_schema_extra=values(
            name=_("by name"),
            work_number=_("by work number"),
            work_number_masked=_("by work number, partly hidden"),
        ),
    )

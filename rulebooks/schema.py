"""What a rulebook file can say. Unknown keys are refused: a rule that nothing executes must not look as if it held.

Durations and amounts carry their unit in the key. Nothing is implied by order except the steps of a ladder. Only the
sections that the program executes today are here; each later section comes with the code that runs it.
"""

from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, ValidationInfo, model_validator

from office.money import to_fen
from people.models import ZONES, Right, Role

from .hours import Span, read_span, spans_in_order
from .parts import (
    ClauseNumber,
    Code,
    Number,
    Part,
    Points,
    ShiftCode,
    Switch,
    Text,
    Whole,
    mistake,
    once,
    plain,
    readable,
)

RoleName = Literal[tuple(Role.values)]  # type: ignore[valid-type]


class Headcount(Part):
    wanted: Annotated[Whole, Field(ge=0, le=1000)]
    minimum: Annotated[Whole, Field(ge=0, le=1000)] = 0

    @model_validator(mode="after")
    def minimum_fits(self):
        if self.minimum > self.wanted:
            message = _("The minimum, {minimum}, is more than is wanted, {wanted}.")
            raise mistake("headcount", message, minimum=self.minimum, wanted=self.wanted)
        return self


class Extension(Part):
    """That a shift runs on by itself while its agent has open customers."""

    cap_minutes: Annotated[Whole, Field(ge=1, le=720)]
    # A report older than this neither ends nor proves an extension.
    silent_after_minutes: Annotated[Whole, Field(ge=1, le=240)] = 15


class ShiftType(Part):
    code: ShiftCode
    name: Text
    mark: Text
    palette: Literal["day", "night", "regular", "leave"]
    spans: Annotated[
        tuple[Annotated[Span, BeforeValidator(read_span)], ...], Field(min_length=1), AfterValidator(spans_in_order)
    ]
    headcount: Headcount
    hands_over_to: tuple[ShiftCode, ...] = ()
    extension: Extension | None = None

    @property
    def hours(self) -> str:
        """Its spans in words: "17:00–01:00"."""
        return ", ".join(map(str, self.spans))


class Rest(Part):
    """Rest days 休息日: planned days off, their code and mark on the roster and how many a month there are."""

    code: ShiftCode
    name: Text
    mark: Text
    days_per_month: Annotated[Whole, Field(ge=0, le=31)]


class Attendance(Part):
    clock_in_from_minutes_before: Annotated[Whole, Field(ge=0, le=720)]


class HandoverKind(Part):
    code: Code
    name: Text
    read_back: Switch = False
    needs_due_time: Switch = False


class HandoverLog(Part):
    kinds: Annotated[tuple[HandoverKind, ...], Field(min_length=1)]
    at_clock_out: Literal["block", "warn", "off"]


class IssueRegister(Part):
    categories: Annotated[tuple["IssueCategory", ...], Field(min_length=1)]


class IssueCategory(Part):
    code: Code
    name: Text


class Notebooks(Part):
    issue_register: IssueRegister
    handover_log: HandoverLog


class Window(Part):
    """How far back the confirmed incidents of a clause count."""

    kind: Literal["calendar_month", "calendar_year", "rolling_days", "forever"]
    days: Annotated[Whole, Field(ge=1, le=3650)] | None = None

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

    fine_yuan: Annotated[Number, Field(gt=0, le=1_000_000)] | None = None
    warning: Text | None = None
    points: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    # A terminal step: a person decides whether it happens.
    propose: Text | None = None

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


class Clause(Part):
    """A clause 条款: a sentence people agreed on, and what the system does about it."""

    code: Code
    number: ClauseNumber
    text: Text
    window: Annotated[Window, BeforeValidator(read_window)]
    # Empty: the sentence holds, but nothing follows from it by itself.
    ladder: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def proposal_comes_last(self):
        for index, step in enumerate(self.ladder[:-1]):
            if step.propose:
                raise mistake("ladder", _("A proposal ends a ladder: no step can follow it."), at=("ladder", index + 1))
        return self


class Fund(Part):
    due_days: Annotated[Whole, Field(ge=0, le=365)]
    names: Literal["name", "work_number", "work_number_masked"]


class Scale(Part):
    full: Annotated[Points, Field(gt=0)]
    cap: Annotated[Points, Field(gt=0)]
    floor: Points = 0.0

    @model_validator(mode="after")
    def in_order(self):
        if not self.floor <= self.full <= self.cap:
            message = _("The floor, {floor}, cannot lie above the full mark, {full}, nor that above the cap, {cap}.")
            raise mistake("scale", message, floor=plain(self.floor), full=plain(self.full), cap=plain(self.cap))
        return self


class Linear(Part):
    """0 points at `from`, 100 at `to`, straight between, held outside; `to` below `from` means less is better."""

    start: Annotated[Number, Field(alias="from")]
    end: Annotated[Number, Field(alias="to")]

    @model_validator(mode="after")
    def differ(self):
        if self.start == self.end:
            raise mistake("linear", _("from and to cannot be the same."))
        return self


class Deduct(Part):
    """100 less `each` per event, not below 0."""

    each: Annotated[Number, Field(gt=0, le=100)]


class Grade100(Part):
    """One answer of a hand-given scale and what it is worth."""

    code: Code
    name: Text
    score: Annotated[Number, Field(ge=0, le=100)]


class Method(Part):
    """How a figure becomes 0 to 100: exactly one of these."""

    linear: Linear | None = None
    target: Annotated[Number, Field(gt=0)] | None = None
    deduct: Deduct | None = None
    choice: Annotated[tuple[Grade100, ...], Field(min_length=1)] | None = None

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


class Indicator(Part):
    code: Code
    number: ClauseNumber
    name: Text
    metric: Literal[tuple(METRICS)]  # type: ignore[valid-type]
    weight: Annotated[Number, Field(gt=0, le=1000)]
    method: Method
    # When there is no figure: leave the line out and share its weight, give it full marks, or give it none.
    no_figure: Literal["reweight", "full", "zero"]

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

    code: Annotated[str, Field(max_length=4), AfterValidator(readable)]
    at_least: Points
    flag: Switch = False


class Scorecard(Part):
    number: ClauseNumber
    scale: Scale
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]

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


def zone_known(name: str) -> str:
    if name not in ZONES:
        raise mistake("time_zone", _('"{name}" is no time zone; write one like Asia/Shanghai.'), name=name)
    return name


class Rulebook(Part):
    """A whole rulebook. `version_id` and `number` are those of the stored version it was read from."""

    banzu: Annotated[Whole, Field(ge=1, le=1)]
    code: Code
    title: Text
    time_zone: Annotated[str, AfterValidator(zone_known)]
    currency: Literal["CNY"]
    rights: dict[Literal[tuple(Right.values)], tuple[RoleName, ...]]  # type: ignore[valid-type]
    shifts: Annotated[tuple[ShiftType, ...], Field(min_length=1)]
    rest: Rest
    attendance: Attendance
    notebooks: Notebooks
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    fund: Fund
    scorecard: Scorecard

    _version_id: int = PrivateAttr(default=0)
    _number: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def fits_together(self, info: ValidationInfo):
        self._codes_once()
        codes = {shift.code for shift in self.shifts}
        for index, shift in enumerate(self.shifts):
            for place, successor in enumerate(shift.hands_over_to):
                if successor not in codes:
                    message = _("There is no shift {code} to hand over to.")
                    raise mistake(
                        "unknown_shift", message, at=("shifts", index, "hands_over_to", place), code=successor
                    )
        for right, roles in self.rights.items():
            self._roles_once(right, roles)
        missing = [right for right in Right.values if not self.rights.get(right)]
        # A stored version may be older than the right: nobody holds it until the next version names somebody.
        if missing and not (info.context or {}).get("stored"):
            message = _("Name at least one role that may: {missing}.")
            raise mistake("rights", message, at=("rights",), missing=", ".join(missing))
        return self

    def _codes_once(self) -> None:
        def planned(key: str):
            return lambda index: ("shifts", index, key) if index < len(self.shifts) else ("rest", key)

        every: list[ShiftType | Rest] = [*self.shifts, self.rest]
        once(
            _("Two shifts, or a shift and the rest day, have the code {value}."),
            [s.code for s in every],
            planned("code"),
        )
        # The roster shows nothing but the mark: two alike could not be told apart.
        alike = _("Two shifts, or a shift and the rest day, have the mark {value}.")
        once(alike, [shift.mark.zh for shift in every], planned("mark"))
        once(alike, [shift.mark.en for shift in every], planned("mark"))
        codes = [clause.code for clause in self.clauses]
        once(_("Two clauses have the code {value}."), codes, lambda index: ("clauses", index, "code"))
        codes = [kind.code for kind in self.notebooks.handover_log.kinds]
        place: tuple = ("notebooks", "handover_log", "kinds")
        once(_("Two kinds have the code {value}."), codes, lambda index: (*place, index, "code"))
        codes = [category.code for category in self.notebooks.issue_register.categories]
        shelf: tuple = ("notebooks", "issue_register", "categories")
        once(_("Two categories have the code {value}."), codes, lambda index: (*shelf, index, "code"))

    @staticmethod
    def _roles_once(right: str, roles: tuple[str, ...]) -> None:
        once(_("The role {value} stands here twice."), roles, lambda index: ("rights", right, index))

    @property
    def version_id(self) -> int:
        return self._version_id

    @property
    def number(self) -> int:
        return self._number

    def shift(self, code: str) -> ShiftType | None:
        return next((shift for shift in self.shifts if shift.code == code), None)

    def clause(self, code: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.code == code), None)

    def handover_kind(self, code: str) -> HandoverKind | None:
        return next((kind for kind in self.notebooks.handover_log.kinds if kind.code == code), None)

    def indicator(self, code: str) -> Indicator | None:
        return next((indicator for indicator in self.scorecard.indicators if indicator.code == code), None)

"""What a rulebook file can say. Unknown keys are refused: a rule that nothing executes must not look as if it held.

Durations and amounts carry their unit in the key. Nothing is implied by order except the steps of a ladder. Only the
sections that the program executes today are here; each later section comes with the code that runs it.
"""

import re
from datetime import time
from typing import Annotated, Literal
from zoneinfo import available_timezones

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from office.texts import localised
from people.models import Right, Role

LANGUAGES = ("zh-Hans", "en")


def mistake(kind: str, message: str, /, **context) -> PydanticCustomError:
    """A mistake in the words of this file; `{name}` in the message is filled from `context`."""
    # The bare message travels along, so that `reading` can say it in the reader's language.
    return PydanticCustomError(kind, message, {**context, "template": message})


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Part):
    """A text in both languages; `str()` gives the active one."""

    zh: Annotated[str, Field(alias="zh-Hans", min_length=1, max_length=400)]
    en: Annotated[str, Field(min_length=1, max_length=400)]

    def __str__(self) -> str:
        return str(localised(self.both))

    @property
    def both(self) -> dict[str, str]:
        """As data, to be kept with a judgement."""
        return {"zh-Hans": self.zh, "en": self.en}


Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
ShiftCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,3}$")]
RoleName = Literal[tuple(Role.values)]  # type: ignore[valid-type]
Points = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


DAY = 24 * 60


def minute_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class Span(Part):
    """One stretch of a shift, wall-clock times; an end at or before its start is on the next day."""

    start: time
    end: time

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


def read_span(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-(?:(24):(00)|([01]\d|2[0-3]):([0-5]\d))", value)
    if found is None:
        raise mistake("span", _('a span is written "HH:MM-HH:MM", here stands "{value}"'), value=value)
    hours, minutes = found[3] or found[5], found[4] or found[6]
    return {"start": time(int(found[1]), int(found[2])), "end": time(int(hours) % 24, int(minutes))}


def spans_in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Spans follow one another and, with the breaks between them, last at most 24 hours."""
    begin = end = minute_of(spans[0].start)
    for span in spans:
        # The next time that this wall-clock time comes round: an overlap shows as a whole day too much.
        start = minute_of(span.start) + (0 if minute_of(span.start) >= end else DAY)
        end = start + ((minute_of(span.end) - start) % DAY or DAY)
    if end - begin > DAY:
        raise mistake("spans", _("the spans of a shift must follow one another within 24 hours"))
    return spans


class Headcount(Part):
    wanted: Annotated[int, Field(ge=0, le=1000)]
    minimum: Annotated[int, Field(ge=0, le=1000)] = 0

    @model_validator(mode="after")
    def minimum_fits(self):
        if self.minimum > self.wanted:
            raise mistake("headcount", _("the minimum is more than is wanted"))
        return self


class Extension(Part):
    """That a shift runs on by itself while its agent has open customers."""

    cap_minutes: Annotated[int, Field(ge=1, le=720)]
    # A report older than this neither ends nor proves an extension.
    silent_after_minutes: Annotated[int, Field(ge=1, le=240)] = 15


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
    days_per_month: Annotated[int, Field(ge=0, le=31)]


class Attendance(Part):
    clock_in_from_minutes_before: Annotated[int, Field(ge=0, le=720)]


class HandoverKind(Part):
    code: Code
    name: Text
    read_back: bool = False
    needs_due_time: bool = False


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
    days: Annotated[int, Field(ge=1, le=3650)] | None = None

    @model_validator(mode="after")
    def days_with_rolling(self):
        if (self.kind == "rolling_days") != (self.days is not None):
            raise mistake("window", _("days go with rolling_days, and only with it"))
        return self


def read_window(value: object) -> object:
    return {"kind": value} if isinstance(value, str) else value


class Step(Part):
    """One step of a ladder: exactly one of its keys."""

    fine_yuan: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    warning: Text | None = None
    points: Annotated[int, Field(ge=1, le=1000)] | None = None
    # A terminal step: a person decides whether it happens.
    propose: Text | None = None

    @model_validator(mode="after")
    def one_of(self):
        if len(self.model_fields_set) != 1:
            raise mistake("step", _("a step is exactly one of fine_yuan, warning, points, propose"))
        if self.fine_yuan is not None and round(self.fine_yuan * 100, 6) % 1:
            raise mistake("fine", _("a fine has at most two decimals"))
        return self

    @property
    def fine_fen(self) -> int:
        return round((self.fine_yuan or 0) * 100)


class Clause(Part):
    """A clause 条款: a sentence people agreed on, and what the system does about it."""

    code: Code
    number: Annotated[str, Field(min_length=1, max_length=12)]
    text: Text
    window: Annotated[Window, BeforeValidator(read_window)]
    # Empty: the sentence holds, but nothing follows from it by itself.
    ladder: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def proposal_comes_last(self):
        if any(step.propose for step in self.ladder[:-1]):
            raise mistake("ladder", _("a proposal ends a ladder: nothing can follow it"))
        return self


class Fund(Part):
    due_days: Annotated[int, Field(ge=0, le=365)]
    names: Literal["name", "work_number", "work_number_masked"]


class Scale(Part):
    full: Annotated[Points, Field(gt=0)]
    cap: Annotated[Points, Field(gt=0)]
    floor: Points = 0.0

    @model_validator(mode="after")
    def in_order(self):
        if not self.floor <= self.full <= self.cap:
            raise mistake("scale", _("floor, full and cap must rise"))
        return self


class Linear(Part):
    """0 points at `from`, 100 at `to`, straight between, held outside; `to` below `from` means less is better."""

    start: Annotated[float, Field(alias="from", allow_inf_nan=False)]
    end: Annotated[float, Field(alias="to", allow_inf_nan=False)]

    @model_validator(mode="after")
    def differ(self):
        if self.start == self.end:
            raise mistake("linear", _("from and to are the same"))
        return self


class Deduct(Part):
    """100 less `each` per event, not below 0."""

    each: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]


class Grade100(Part):
    """One answer of a hand-given scale and what it is worth."""

    code: Code
    name: Text
    score: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Method(Part):
    """How a figure becomes 0 to 100: exactly one of these."""

    linear: Linear | None = None
    target: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    deduct: Deduct | None = None
    choice: Annotated[tuple[Grade100, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def one_of(self):
        if len(self.model_fields_set) != 1:
            raise mistake("method", _("a method is exactly one of linear, target, deduct, choice"))
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
    number: Annotated[str, Field(min_length=1, max_length=12)]
    name: Text
    metric: Literal[tuple(METRICS)]  # type: ignore[valid-type]
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
    method: Method
    # When there is no figure: leave the line out and share its weight, give it full marks, or give it none.
    no_figure: Literal["reweight", "full", "zero"]

    @model_validator(mode="after")
    def method_suits(self):
        if self.method.kind not in METRICS[self.metric]:
            raise mistake("method", _("{metric} cannot be scored by {kind}"), metric=self.metric, kind=self.method.kind)
        return self


class Grade(Part):
    """A grade 等级 from its least total on; `flag` marks it for the manager's attention."""

    code: Annotated[str, Field(min_length=1, max_length=4)]
    at_least: Points
    flag: bool = False


class Scorecard(Part):
    number: Annotated[str, Field(min_length=1, max_length=12)]
    scale: Scale
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def adds_up(self):
        once("indicator", [i.code for i in self.indicators])
        once("grade", [g.code for g in self.grades])
        total = sum(i.weight for i in self.indicators)
        if round(total - self.scale.full, 6):
            raise mistake(
                "weights",
                _("the weights add up to {total}, not to the full mark {full}"),
                total=total,
                full=self.scale.full,
            )
        least = [g.at_least for g in self.grades]
        if least != sorted(set(least), reverse=True):
            raise mistake("grades", _("grades go from the best down, each with a lower at_least"))
        if least[-1] > self.scale.floor:
            raise mistake("grades", _("a total at the floor, {floor}, has no grade"), floor=self.scale.floor)
        return self


def once(what: str, codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise mistake("twice", _("{what} {code} stands here twice"), what=what, code=code)


def zone_known(name: str) -> str:
    if name not in available_timezones():
        raise mistake("time_zone", _("{name} is no time zone"), name=name)
    return name


class Rulebook(Part):
    """A whole rulebook. `version_id` and `number` are those of the stored version it was read from."""

    banzu: Literal[1]
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
    def codes_fit(self):
        codes = [shift.code for shift in self.shifts]
        once("shift", [*codes, self.rest.code])
        # The roster shows nothing but the mark: two alike could not be told apart.
        once("mark", [shift.mark.zh for shift in self.shifts] + [self.rest.mark.zh])
        once("mark", [shift.mark.en for shift in self.shifts] + [self.rest.mark.en])
        for shift in self.shifts:
            for successor in shift.hands_over_to:
                if successor not in codes:
                    raise mistake(
                        "unknown_shift",
                        _("shift {code} hands over to {to}, which is no shift"),
                        code=shift.code,
                        to=successor,
                    )
        once("clause", [clause.code for clause in self.clauses])
        once("kind", [kind.code for kind in self.notebooks.handover_log.kinds])
        once("category", [category.code for category in self.notebooks.issue_register.categories])
        missing = [right for right in Right.values if not self.rights.get(right)]
        if missing:
            raise mistake("rights", _("nobody may {missing}"), missing=", ".join(missing))
        return self

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

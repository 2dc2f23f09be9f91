"""What a rulebook file can say. Unknown keys are refused: a rule that nothing executes must not look as if it held.

Durations and amounts carry their unit in the key. Nothing is implied by order except the steps of a ladder. Only the
sections that the program executes today are here; each later section comes with the code that runs it.

Every key has a title (its name in words), a description and, where one is needed, a unit or the meaning of its values:
the reference in docs/, the editor's help and the words of "What changes" are made from them.
"""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, model_validator

from people.models import ZONES, Right, Role
from rulebooks.parts import Code, Part, Text, Whole, mistake, once, values

from .absence import Duty, LeaveKind, LeaveRules, Rotation, SwapRules
from .clauses import Bonus, Clause, Fund, Step, Trigger, Window
from .customers import CaseKind, Cases, CaseStep, Orders, Severity
from .learning import ChecklistPoint, Exams, MeetingRule, Training, WeeklySummary
from .notebooks import FollowUp, HandoverKind, HandoverLog, IssueCategory, IssueRegister, Notebooks
from .scorecard import (
    METRICS,
    SHARES,
    Deduct,
    Grade,
    Grade100,
    Indicator,
    Linear,
    Method,
    Scale,
    Scorecard,
)
from .shifts import WEEKDAYS, Attendance, AwayReason, Extension, Headcount, Rest, RestCycle, ShiftType
from .working_time import Limit, RollingRest, Skill, WorkingTime

__all__ = [
    "METRICS",
    "SHARES",
    "WEEKDAYS",
    "Attendance",
    "AwayReason",
    "Bonus",
    "CaseKind",
    "CaseStep",
    "Cases",
    "ChecklistPoint",
    "Clause",
    "Deduct",
    "Duty",
    "Exams",
    "Extension",
    "FollowUp",
    "Fund",
    "Grade",
    "Grade100",
    "HandoverKind",
    "HandoverLog",
    "Headcount",
    "Indicator",
    "IssueCategory",
    "IssueRegister",
    "LeaveKind",
    "LeaveRules",
    "Limit",
    "Linear",
    "MeetingRule",
    "Method",
    "Notebooks",
    "Orders",
    "Rest",
    "RestCycle",
    "RoleName",
    "RollingRest",
    "Rotation",
    "Rulebook",
    "Scale",
    "Scorecard",
    "Severity",
    "ShiftType",
    "Skill",
    "Step",
    "SwapRules",
    "Training",
    "Trigger",
    "WeeklySummary",
    "Window",
    "WorkingTime",
]

RoleName = Literal[tuple(Role.values)]  # type: ignore[valid-type]


def zone_known(name: str) -> str:
    if name not in ZONES:
        raise mistake("time_zone", _('"{name}" is no time zone; write one like Asia/Shanghai.'), name=name)
    return name


def _in(section: str, key: str):
    """The place of the nth part of a section's list."""
    return lambda index: (section, index, key)


class Rulebook(Part):
    """A whole rulebook. `version_id` and `number` are those of the stored version it was read from."""

    banzu: Annotated[Whole, Field(ge=1, le=1)] = Field(
        title=_("File format"), description=_("The version of this way of writing rulebooks.")
    )
    code: Code = Field(title=_("Code"), description=_("Names the rulebook; shown nowhere but in files."))
    title: Text = Field(title=_("Heading"), description=_("The heading of the rulebook's page."))
    time_zone: Annotated[str, AfterValidator(zone_known)] = Field(
        title=_("Time zone"),
        description=_("Where the wall clock hangs that all hours mean, like Asia/Shanghai. It is the department's."),
    )
    currency: Literal["CNY"] = Field(
        title=_("Currency"),
        description=_("The money of all amounts."),
        json_schema_extra=values(CNY=_("Chinese yuan")),
    )
    rights: dict[Literal[tuple(Right.values)], tuple[RoleName, ...]] = Field(  # type: ignore[valid-type]
        title=_("Rights"),
        description=_(
            "Which roles may do what: for each right the list of its roles, at least one. A right that is not given to "
            "a role is not held by it; nothing is inherited."
        ),
    )
    shifts: Annotated[tuple[ShiftType, ...], Field(min_length=1)] = Field(
        title=_("Shift types"), description=_("The shifts that the roster is made of, in the order of its foot.")
    )
    rest: Rest = Field(title=_("Rest days"), description=_("Planned days off."))
    attendance: Attendance = Field(title=_("Attendance"), description=_("Clocking in and out."))
    skills: tuple[Skill, ...] = Field(
        (), title=_("Skills"), description=_("What shifts may need of people; who has which is kept beside the roster.")
    )
    working_time: WorkingTime = Field(
        WorkingTime.model_validate({}),
        title=_("Working time"),
        description=_("The limits that the roster and the hours worked are held against."),
    )
    leave: LeaveRules | None = Field(
        None,
        title=_("Leave of absence"),
        description=_("Leave slips. Without this section nobody can ask for leave here."),
    )
    swaps: SwapRules | None = Field(
        None, title=_("Swaps"), description=_("Passing shifts on. Without this section nobody can swap here.")
    )
    duties: tuple[Duty, ...] = Field(
        (), title=_("Duties"), description=_("Duties that people take in turn: cleaning, or being the duty person.")
    )
    rotations: tuple[Rotation, ...] = Field(
        (),
        title=_("Patterns"),
        description=_("Patterns with which a month can be filled, each agent at another place of it."),
    )
    notebooks: Notebooks = Field(
        title=_("Notebooks"), description=_("What agents write down: the issue register and the handover log.")
    )
    orders: Orders | None = Field(
        None,
        title=_("Orders"),
        description=_("Whose an order is. Without this section orders can be read in, and belong to nobody."),
    )
    cases: Cases | None = Field(
        None,
        title=_("Reviews and complaints"),
        description=_("Bad reviews and complaints with their steps. Without this section there are none here."),
    )
    weekly_summary: WeeklySummary | None = Field(
        None,
        title=_("Weekly summary"),
        description=_("What every scored member writes about the week. Without this section nobody has to."),
    )
    meetings: tuple[MeetingRule, ...] = Field((), title=_("Meetings"), description=_("The meetings of every week."))
    training: Training | None = Field(
        None,
        title=_("Newcomers"),
        description=_("How newcomers learn. Without this section there are no mentors here."),
    )
    exams: Exams = Field(Exams.model_validate({}), title=_("Exams"), description=_("The quizzes of product launches."))
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)] = Field(
        title=_("Clauses"), description=_("The numbered rules, and what follows when one is broken.")
    )
    bonuses: tuple[Bonus, ...] = Field(
        (), title=_("Bonuses"), description=_("What is proposed as a bonus; a person approves each.")
    )
    fund: Fund = Field(title=_("Activity fund"), description=_("The pool that fines go to."))
    scorecard: Scorecard = Field(
        title=_("Scorecard"),
        description=_("What a month was worth. It changes from the first of a month only."),
    )

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
        self._shifts_known(codes)
        self._duties_possible()
        self._notebooks_fit()
        triggers = [clause.trigger for clause in self.clauses if clause.trigger]
        named = [index for index, clause in enumerate(self.clauses) if clause.trigger]
        once(
            _("Another clause is already proposed for {value}; one clause may name it."),
            triggers,
            lambda index: ("clauses", named[index], "trigger"),
        )
        for right, roles in self.rights.items():
            self._roles_once(right, roles)
        missing = [right for right in Right.values if not self.rights.get(right)]
        # A stored version may be older than the right: nobody holds it until the next version names somebody.
        if missing and not (info.context or {}).get("stored"):
            message = _("Name at least one role that may: {missing}.")
            raise mistake("rights", message, at=("rights",), missing=", ".join(missing))
        return self

    def _shifts_known(self, codes: set[str]) -> None:
        """Every code of a shift or a skill that another section names exists."""
        planned = codes | {self.rest.code}
        unknown = _("There is no shift {code}.")
        probation = self.working_time.probation
        places: list[tuple[tuple, str, set[str]]] = [
            (("working_time", "probation", "not_on", place), code, codes)
            for place, code in enumerate(probation.not_on if probation else ())
        ]
        for index, duty in enumerate(self.duties):
            places += [(("duties", index, "shifts", place), code, codes) for place, code in enumerate(duty.shifts)]
        for index, rotation in enumerate(self.rotations):
            places += [(("rotations", index, "cycle", at), code, planned) for at, code in enumerate(rotation.cycle)]
        for at, code, known in places:
            if code not in known:
                raise mistake("unknown_shift", unknown, at=at, code=code)
        skills = {skill.code for skill in self.skills}
        for index, shift in enumerate(self.shifts):
            for place, code in enumerate(shift.needs):
                if code not in skills:
                    message = _("There is no skill {code}; skills has them.")
                    raise mistake("unknown_skill", message, at=("shifts", index, "needs", place), code=code)

    def _duties_possible(self) -> None:
        """Who stays until the last customer needs a shift that runs on."""
        extending = {shift.code for shift in self.shifts if shift.extension}
        for index, duty in enumerate(self.duties):
            if duty.stays_until_last_customer and not extending.intersection(duty.shifts):
                message = _("Nobody can stay until the last customer: no shift of this duty has an extension.")
                raise mistake("duty", message, at=("duties", index, "stays_until_last_customer"))

    def _notebooks_fit(self) -> None:
        """Kinds of items and bonuses that other sections name exist."""
        kinds = {kind.code for kind in self.notebooks.handover_log.kinds}
        for index, follow_up in enumerate(self.notebooks.follow_ups):
            if follow_up.kind not in kinds:
                message, at = _("There is no kind of item {code}."), ("notebooks", "follow_ups", index, "kind")
                raise mistake("unknown_kind", message, at=at, code=follow_up.kind)
        bonuses = {bonus.code for bonus in self.bonuses}
        shelf = ("notebooks", "issue_register", "categories")
        named: list[tuple[tuple, str | None]] = [
            ((*shelf, index, "bonus"), category.bonus)
            for index, category in enumerate(self.notebooks.issue_register.categories)
        ]
        if self.training:
            named.append((("training", "mentor_bonus"), self.training.mentor_bonus))
        for at, code in named:
            if code is not None and code not in bonuses:
                raise mistake("unknown_bonus", _("There is no bonus {code}."), at=at, code=code)

    def _codes_once(self) -> None:
        kinds = self.leave.kinds if self.leave else ()

        def planned(key: str):
            def where(index: int) -> tuple[str | int, ...]:
                if index < len(self.shifts):
                    return ("shifts", index, key)
                kind = index - len(self.shifts) - 1
                return ("rest", key) if kind < 0 else ("leave", "kinds", kind, key)

            return where

        every: list[ShiftType | Rest | LeaveKind] = [*self.shifts, self.rest, *kinds]
        once(
            _("Two shifts, or a shift and the rest day or a kind of leave, have the code {value}."),
            [s.code for s in every],
            planned("code"),
        )
        # The roster shows nothing but the mark: two alike could not be told apart.
        alike = _("Two shifts, or a shift and the rest day or a kind of leave, have the mark {value}.")
        once(alike, [shift.mark.zh for shift in every], planned("mark"))
        once(alike, [shift.mark.en for shift in every], planned("mark"))
        for name, parts in (
            ("skills", self.skills),
            ("duties", self.duties),
            ("rotations", self.rotations),
            ("meetings", self.meetings),
            ("bonuses", self.bonuses),
        ):
            once(_("Two of these have the code {value}."), [part.code for part in parts], _in(name, "code"))
        once(
            _("Two of these have the code {value}."),
            [reason.code for reason in self.attendance.away],
            lambda index: ("attendance", "away", index, "code"),
        )
        codes = [clause.code for clause in self.clauses]
        once(_("Two clauses have the code {value}."), codes, lambda index: ("clauses", index, "code"))
        codes = [kind.code for kind in self.notebooks.handover_log.kinds]
        place: tuple = ("notebooks", "handover_log", "kinds")
        once(_("Two kinds have the code {value}."), codes, lambda index: (*place, index, "code"))
        codes = [category.code for category in self.notebooks.issue_register.categories]
        shelf: tuple = ("notebooks", "issue_register", "categories")
        once(_("Two categories have the code {value}."), codes, lambda index: (*shelf, index, "code"))
        twice, within = _("Two of these have the code {value}."), ("notebooks", "follow_ups")
        once(twice, [one.code for one in self.notebooks.follow_ups], lambda index: (*within, index, "code"))
        if self.cases:
            once(twice, [kind.code for kind in self.cases.kinds], lambda index: ("cases", "kinds", index, "code"))
        if self.training:
            points = [point.code for point in self.training.checklist]
            once(twice, points, lambda index: ("training", "checklist", index, "code"))

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

    def leave_kind(self, code: str) -> LeaveKind | None:
        return next((kind for kind in self.leave.kinds if kind.code == code), None) if self.leave else None

    def duty(self, code: str) -> Duty | None:
        return next((duty for duty in self.duties if duty.code == code), None)

    def triggered_by(self, event: str) -> list[Clause]:
        """The clauses under which the system proposes an incident for such an event."""
        return [clause for clause in self.clauses if clause.trigger == event]

    def clause(self, code: str) -> Clause | None:
        return next((clause for clause in self.clauses if clause.code == code), None)

    def handover_kind(self, code: str) -> HandoverKind | None:
        return next((kind for kind in self.notebooks.handover_log.kinds if kind.code == code), None)

    def follow_up(self, code: str) -> FollowUp | None:
        return next((one for one in self.notebooks.follow_ups if one.code == code), None)

    def case_kind(self, code: str) -> CaseKind | None:
        return self.cases.kind(code) if self.cases else None

    def meeting(self, code: str) -> MeetingRule | None:
        return next((meeting for meeting in self.meetings if meeting.code == code), None)

    def bonus(self, code: str) -> Bonus | None:
        return next((bonus for bonus in self.bonuses if bonus.code == code), None)

    def indicator(self, code: str) -> Indicator | None:
        return next((indicator for indicator in self.scorecard.indicators if indicator.code == code), None)

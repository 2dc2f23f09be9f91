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

from .clauses import Clause, Fund, Step, Window
from .notebooks import HandoverKind, HandoverLog, IssueCategory, IssueRegister, Notebooks
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
from .shifts import Attendance, Extension, Headcount, Rest, ShiftType

__all__ = [
    "METRICS",
    "SHARES",
    "Attendance",
    "Clause",
    "Deduct",
    "Extension",
    "Fund",
    "Grade",
    "Grade100",
    "HandoverKind",
    "HandoverLog",
    "Headcount",
    "Indicator",
    "IssueCategory",
    "IssueRegister",
    "Linear",
    "Method",
    "Notebooks",
    "Rest",
    "RoleName",
    "Rulebook",
    "Scale",
    "Scorecard",
    "ShiftType",
    "Step",
    "Window",
]

RoleName = Literal[tuple(Role.values)]  # type: ignore[valid-type]


def zone_known(name: str) -> str:
    if name not in ZONES:
        raise mistake("time_zone", _('"{name}" is no time zone; write one like Asia/Shanghai.'), name=name)
    return name


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
    notebooks: Notebooks = Field(
        title=_("Notebooks"), description=_("What agents write down: the issue register and the handover log.")
    )
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)] = Field(
        title=_("Clauses"), description=_("The numbered rules, and what follows when one is broken.")
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

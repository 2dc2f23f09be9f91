"""The notebooks: what the issue register 问题登记本 and the handover log 交接记录本 ask for."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field

from rulebooks.parts import Code, Part, Switch, Text, values


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


class IssueCategory(Part):
    code: Code = Field(
        title=_("Code"), description=_("Names the category. It stays the same when the name changes; no two are alike.")
    )
    name: Text = Field(title=_("Its name"), description=_("What the agent chooses when writing an entry."))


class IssueRegister(Part):
    categories: Annotated[tuple[IssueCategory, ...], Field(min_length=1)] = Field(
        title=_("Categories"), description=_("What an entry can be about, in the order of the form.")
    )


class Notebooks(Part):
    issue_register: IssueRegister = Field(
        title=_("Issue register"), description=_("Every problem or idea, written down at once.")
    )
    handover_log: HandoverLog = Field(
        title=_("Handover log"), description=_("What one shift leaves to the next, and when it must be written.")
    )

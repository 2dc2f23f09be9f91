"""What people type into the notebooks. What a service refuses is shown beside the field that it is about."""

from datetime import UTC, datetime
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models import LONGEST_NOTE, HandoverItem, Issue
from office import clock
from office.forms import NoteField, YuanField
from office.lists import joined
from office.money import FEN
from people.models import Department
from rulebooks.schema import Rulebook

# More than one person serves in a day; a number above it is a slip of the finger.
MOST_CUSTOMERS = 99_999


def longest(model, name: str) -> int:
    """How much text the column takes."""
    return model._meta.get_field(name).max_length


class NotebookForm(forms.Form):
    """A form that shows a refusal of its service, code by code, at the field that it is about."""

    beside: dict[str, str] = {}

    def refuse(self, refusal: ValidationError) -> None:
        self.add_error(self.beside.get(getattr(refusal, "code", None) or ""), refusal)


class WallTimeField(forms.Field):
    """A date and time on a department's wall clock, to the minute; cleans to a UTC instant.

    A time that does not exist moves forward, one that comes twice is its first occurrence.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages = {"invalid": _("Give a date and a time.")}

    def __init__(self, *, zone=UTC, **kwargs):
        super().__init__(**kwargs)
        self.zone = zone

    def to_python(self, value) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            wall = datetime.fromisoformat(str(value).strip())
            if wall.tzinfo is not None:
                raise ValueError("a wall clock has no offset")
            return wall.replace(tzinfo=self.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class ItemForm(NotebookForm):
    """A new item of the handover log; its kinds are those of the rulebook in force."""

    beside = {"unknown_kind": "kind", "due_missing": "due_at", "due_past": "due_at"}

    to_do = NoteField(rows=2, max_length=longest(HandoverItem, "to_do"), label=_("What is to be done"))
    kind = forms.ChoiceField(widget=forms.RadioSelect, label=_("Kind"))
    due_at = WallTimeField(required=False, label=_("Done by"))
    customer = forms.CharField(
        required=False,
        max_length=longest(HandoverItem, "customer"),
        label=_("Customer"),
        help_text=_("Handle or order number, as in the chat."),
    )
    known = NoteField(
        rows=3,
        required=False,
        max_length=longest(HandoverItem, "known"),
        label=_("What is known"),
        help_text=_("What has been said and promised so far."),
    )

    def __init__(self, *args, department: Department, rulebook: Rulebook, **kwargs):
        super().__init__(*args, **kwargs)
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [(known.code, _label(known)) for known in rulebook.notebooks.handover_log.kinds]
        due = cast(WallTimeField, self.fields["due_at"])
        due.zone = department.zone
        asked = [known.name for known in rulebook.notebooks.handover_log.kinds if known.needs_due_time]
        if asked:
            due.help_text = gettext("Must be given for: %(kinds)s") % {"kinds": joined(asked)}
        due.widget.attrs["min"] = f"{department.local(clock.now()):%Y-%m-%dT%H:%M}"


def _label(kind) -> str:
    return gettext("%(kind)s · needs a time") % {"kind": kind.name} if kind.needs_due_time else str(kind.name)


class AcceptForm(NotebookForm):
    beside = {"read_back_missing": "read_back", "too_long": "read_back"}

    read_back = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Read it back in your own words"))


class DoneForm(NotebookForm):
    beside = {"too_long": "result"}

    result = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("What came of it"))


class SubmitForm(NotebookForm):
    remark = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Remark for the next shift"))
    seen_items = forms.IntegerField(required=False, min_value=0)


class EndShiftForm(NotebookForm):
    beside = {"handover_unconfirmed": "confirmed", "too_long": "remark"}

    hand_over = forms.BooleanField(required=False)
    confirmed = forms.BooleanField(required=False, label=_("I leave without a handover."))
    remark = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Remark for the next shift"))


class IssueForm(NotebookForm):
    """A new entry of the issue register; its categories are those of the rulebook in force."""

    beside = {"unknown_category": "category"}

    text = NoteField(rows=3, max_length=longest(Issue, "text"), label=_("What is the matter, or what could be better"))
    category = forms.ChoiceField(widget=forms.RadioSelect, label=_("Category"))
    about = forms.CharField(required=False, max_length=longest(Issue, "about"), label=_("Customer, order or product"))

    def __init__(self, *args, rulebook: Rulebook, **kwargs):
        super().__init__(*args, **kwargs)
        register = rulebook.notebooks.issue_register
        cast(forms.ChoiceField, self.fields["category"]).choices = [
            (known.code, str(known.name)) for known in register.categories
        ]


class StatisticForm(NotebookForm):
    """One's own figures of one day."""

    count = forms.NumberInput(attrs={"inputmode": "numeric"})
    beside = {
        "future": "business_date",
        "not_a_member": "business_date",
        "closed_above_served": "closed",
        "enquiries_above_served": "enquiries",
        "too_much": "sales_fen",
    }

    business_date = forms.DateField(
        label=_("Day"), widget=forms.HiddenInput, input_formats=["%Y-%m-%d"], localize=False
    )
    served = forms.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, widget=count, label=_("Customers served"))
    closed = forms.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, widget=count, label=_("Customers closed"))
    enquiries = forms.IntegerField(min_value=0, max_value=MOST_CUSTOMERS, widget=count, label=_("Enquiries"))
    sales_fen = YuanField(least_fen=0, label=_("Sales, yuan"))

    @staticmethod
    def initial_of(row) -> dict:
        """The fields as a recorded row fills them."""
        counts = {name: getattr(row, name) for name in ("business_date", "served", "closed", "enquiries")}
        return counts | {"sales_fen": f"{row.sales_fen // FEN}.{row.sales_fen % FEN:02}"}

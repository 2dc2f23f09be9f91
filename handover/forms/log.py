"""What people type into the handover log. What a service refuses is shown beside the field that it is about."""

from typing import cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models import LONGEST_NOTE, HandoverItem
from office import clock
from office.forms import NoteField, WallTimeField
from office.lists import joined
from people.models import Department, Membership
from rulebooks.schema import Rulebook

from .base import NotebookForm, longest


class ItemForm(NotebookForm):
    """A new item of the handover log; its kinds are those of the rulebook in force."""

    beside = {
        "unknown_kind": "kind",
        "due_missing": "due_at",
        "due_past": "due_at",
        "meant_for_oneself": "meant_for",
        "meant_for_no_member": "meant_for",
    }
    # What the form shows at once; the rest stands behind "More".
    first = ("to_do", "kind", "customer", "due_at")

    to_do = NoteField(rows=2, max_length=longest(HandoverItem, "to_do"), label=_("What is to be done"))
    kind = forms.ChoiceField(widget=forms.RadioSelect, label=_("Kind"))
    customer = forms.CharField(
        required=False,
        max_length=longest(HandoverItem, "customer"),
        label=_("Customer"),
        help_text=_("Handle or order number, as in the chat."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    due_at = WallTimeField(required=False, label=_("Done by"))
    known = NoteField(
        rows=3,
        required=False,
        max_length=longest(HandoverItem, "known"),
        label=_("What is known"),
        help_text=_("What has been said and promised so far."),
    )
    fallback = NoteField(
        rows=2,
        required=False,
        max_length=longest(HandoverItem, "fallback"),
        label=_("If it goes wrong"),
        help_text=_("What to do then, and whom to ask."),
    )
    meant_for = forms.ModelChoiceField(
        Membership.objects.none(),
        required=False,
        empty_label=_("Whoever comes on next"),
        label=_("Meant for"),
        help_text=_("Only this colleague can accept it, until you have left."),
    )

    def __init__(self, *args, department: Department, rulebook: Rulebook, author: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [(known.code, _label(known)) for known in rulebook.notebooks.handover_log.kinds]
        due = cast(WallTimeField, self.fields["due_at"])
        due.zone = department.zone
        asked = [known.name for known in rulebook.notebooks.handover_log.kinds if known.needs_due_time]
        if asked:
            due.help_text = gettext("Must be given for: %(kinds)s") % {"kinds": joined(asked)}
        due.widget.attrs["min"] = f"{department.local(clock.now()):%Y-%m-%dT%H:%M}"
        meant_for = cast(forms.ModelChoiceField, self.fields["meant_for"])
        colleagues = department.memberships.on(department.today()).filter(rostered=True).exclude(pk=author.pk)
        meant_for.queryset = colleagues.select_related("user")

    @property
    def at_once(self):
        return [self[name] for name in self.first]

    @property
    def more(self):
        return [self[name] for name in self.fields if name not in self.first]

    @property
    def has_more(self) -> bool:
        """Whether something was typed, or is wrong, behind "More"."""
        return any(field.value() or field.errors for field in self.more)


def _label(kind) -> str:
    return gettext("%(kind)s · needs a time") % {"kind": kind.name} if kind.needs_due_time else str(kind.name)


class CardForm(NotebookForm):
    """A form on the card of an item. `purpose`: which of the card's forms; `said`: its field of text."""

    purpose = ""
    said = "text"

    @property
    def typed_text(self) -> str:
        return self[self.said].value() or ""

    @property
    def wrong_text(self):
        return self[self.said].errors


class AcceptForm(CardForm):
    beside = {"read_back_missing": "read_back", "too_long": "read_back"}
    purpose, said = "accept", "read_back"

    read_back = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Read it back in your own words"))


class TalkForm(CardForm):
    """One text beside two buttons: ask back, or refuse."""

    beside = {"text_missing": "text", "too_long": "text", "already_asked": "text", "already_refused": "text"}
    purpose = "talk"

    text = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("What is unclear, or why not"))


class AnswerForm(CardForm):
    beside = {"text_missing": "text", "too_long": "text"}
    purpose = "answer"

    text = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Your answer"))


class AssignForm(CardForm):
    """Who gets an item, and why; whether they are on duty the service looks at."""

    beside = {
        "text_missing": "reason",
        "too_long": "reason",
        "not_on_duty": "to",
        "already_theirs": "to",
        "not_a_member": "to",
    }
    purpose, said = "assign", "reason"

    to = forms.ModelChoiceField(Membership.objects.none(), label=_("To whom"))
    reason = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Why"))

    def __init__(self, *args, department: Department, **kwargs):
        super().__init__(*args, **kwargs)
        to = cast(forms.ModelChoiceField, self.fields["to"])
        to.queryset = department.memberships.select_related("user", "department")

    @property
    def chosen(self) -> int | None:
        typed = str(self["to"].value() or "")
        return int(typed) if typed.isdecimal() else None


class DoneForm(CardForm):
    beside = {"too_long": "result"}
    purpose, said = "done", "result"

    result = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("What came of it"))


class SubmitForm(NotebookForm):
    remark = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Remark for the next shift"))
    seen_items = forms.IntegerField(required=False, min_value=0)


class EndShiftForm(NotebookForm):
    beside = {"handover_unconfirmed": "confirmed", "too_long": "remark"}

    hand_over = forms.BooleanField(required=False)
    confirmed = forms.BooleanField(required=False, label=_("I leave without a handover."))
    remark = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Remark for the next shift"))


class CustomerForm(forms.Form):
    """Whom to look up. No handle is longer than the longest column that one stands in."""

    q = forms.CharField(
        required=False,
        max_length=80,
        label=_("Customer"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

"""What people type into the handover log. What a service refuses is shown beside the field that it is about."""

from datetime import datetime, time, timedelta
from typing import cast

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from handover.models import LONGEST_NOTE, HandoverItem
from handover.models.log import asks_for_more
from handover.pages.coming import Colleague
from office import clock
from office.forms import NoteField, RefusingForm, SeenField, WallTimeField, longest
from office.lists import joined
from people.models import Department, Membership
from rulebooks.schema import Rulebook

from .once import OnceForm

# What people mean by tonight and by tomorrow morning, as the end of it.
MIDNIGHT, NOON = time(23, 59), time(12)
WALL = "%Y-%m-%dT%H:%M"


class ItemForm(OnceForm):
    """A new item of the handover log; its kinds are those of the rulebook in force.

    `colleagues`: whom it can be meant for; `shift_ends`: when the running shift of its author does.
    """

    fields_of_codes = {
        "unknown_kind": "kind",
        "due_missing": "due_at",
        "due_past": "due_at",
        "due_too_far": "due_at",
        "meant_for_oneself": "meant_for",
        "meant_for_no_member": "meant_for",
    }
    # What the form shows at once; the rest stands behind "More". `known` does for kinds that ask for it.
    first = ("to_do", "kind", "customer", "due_at")
    behind = ("fallback", "meant_for")

    to_do = NoteField(rows=2, max_length=longest(HandoverItem, "to_do"), label=_("What is to be done"))
    kind = forms.ChoiceField(widget=forms.RadioSelect, label=_("Kind"))
    customer = SeenField(
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
        label=_("Meant for"),
        help_text=_("Only this colleague can accept it, until you have left."),
    )

    def __init__(
        self,
        *args,
        department: Department,
        rulebook: Rulebook,
        colleagues: list[Colleague],
        shift_ends: datetime | None = None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        kinds = rulebook.notebooks.handover_log.kinds
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(known.code, str(known.name)) for known in kinds]
        # Codes of the kinds, for the page: which need a time, and which ask what is known.
        self.needing_time = " ".join(known.code for known in kinds if known.needs_due_time)
        self.asking_known = " ".join(known.code for known in kinds if asks_for_more(known))
        due = cast(WallTimeField, self.fields["due_at"])
        due.zone = department.zone
        if self.needing_time:
            asked = joined(known.name for known in kinds if known.needs_due_time)
            due.help_text = gettext("Must be given for: %(kinds)s") % {"kinds": asked}
        wall = department.local(clock.now())
        due.widget.attrs["min"] = f"{wall:{WALL}}"
        self.quick_times = _quick_times(wall, department.local(shift_ends) if shift_ends else None)
        meant_for = cast(forms.ModelChoiceField, self.fields["meant_for"])
        meant_for.queryset = Membership.objects.filter(pk__in=[one.member.pk for one in colleagues]).select_related(
            "user", "department"
        )
        meant_for.choices = _choices(colleagues)
        self.coming_next = " ".join(str(one.member.pk) for one in colleagues if one.is_next)

    @property
    def at_once(self):
        return [self[name] for name in self.first]

    @property
    def more(self):
        return [self[name] for name in self.behind]

    @property
    def has_more(self) -> bool:
        """Whether something was typed, or is wrong, behind "More"."""
        return any(field.value() or field.errors for field in self.more)


def _quick_times(wall: datetime, shift_ends: datetime | None) -> list[tuple[str, str]]:
    """What people say most often by when something has to be done: in words, and as the field reads it."""
    times = [(gettext("Before the shift ends"), shift_ends)] if shift_ends and shift_ends > wall else []
    times += [
        (gettext("Tonight"), datetime.combine(wall, MIDNIGHT)),
        (gettext("Tomorrow morning"), datetime.combine(wall + timedelta(days=1), NOON)),
    ]
    return [(words, f"{at:{WALL}}") for words, at in times]


def _choices(colleagues: list[Colleague]) -> list:
    named = [(gettext("Comes on next"), True), (gettext("Later"), False)]
    groups = [
        (name, [(one.member.pk, one.label) for one in colleagues if one.is_next == is_next]) for name, is_next in named
    ]
    return [("", gettext("Whoever comes on next")), *(group for group in groups if group[1])]


class CardForm(RefusingForm):
    """A form on the card of an item. `purpose`: which of the card's forms; `needs`: without what it is not shown."""

    purpose = ""
    needs = ""

    @property
    def typed(self) -> list[str]:
        """The texts that came with it, so that none is lost when there is no form any more to show them in."""
        return [
            text for name, field in self.fields.items() if isinstance(field, NoteField) and (text := self[name].value())
        ]


class AcceptForm(CardForm):
    fields_of_codes = {"read_back_missing": "read_back", "too_long": "read_back"}
    purpose, needs = "accept", "may_accept"

    read_back = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Read it back in your own words"))


class TalkForm(CardForm):
    """One text beside two buttons: ask back, or refuse."""

    fields_of_codes = {"text_missing": "text", "too_long": "text", "already_asked": "text", "already_refused": "text"}
    purpose, needs = "talk", "may_accept"

    text = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("What is unclear, or why not"))


class AnswerForm(CardForm):
    fields_of_codes = {"text_missing": "text", "too_long": "text"}
    purpose, needs = "answer", "may_answer"

    text = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Your answer"))


class AssignForm(CardForm):
    """Who gets an item, and why; whether they are on duty the service looks at."""

    fields_of_codes = {
        "text_missing": "reason",
        "too_long": "reason",
        "not_on_duty": "to",
        "already_theirs": "to",
        "not_a_member": "to",
    }
    purpose, needs = "assign", "may_assign"

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
    fields_of_codes = {"too_long": "result"}
    purpose, needs = "done", "may_finish"

    result = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("What came of it"))


class NoteForm(CardForm):
    """What is added to an item: how far it has come, what was left out, another time."""

    fields_of_codes = {
        "text_missing": "text",
        "too_long": "text",
        "known_written": "known",
        "fallback_written": "fallback",
        "due_past": "due_at",
        "due_too_far": "due_at",
        "due_over": "due_at",
    }
    purpose, needs = "note", "may_note"

    text = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("What has happened since"))
    due_at = WallTimeField(required=False, label=_("Done by"))
    known = NoteField(rows=2, required=False, max_length=longest(HandoverItem, "known"), label=_("What is known"))
    fallback = NoteField(
        rows=2, required=False, max_length=longest(HandoverItem, "fallback"), label=_("If it goes wrong")
    )

    def __init__(self, *args, department: Department, **kwargs):
        super().__init__(*args, **kwargs)
        cast(WallTimeField, self.fields["due_at"]).zone = department.zone


def _must_tick() -> forms.CheckboxInput:
    return forms.CheckboxInput(attrs={"required": True})


class SubmitForm(RefusingForm):
    """Handing over; long before the end of the shift with a tick, for somebody else with a reason."""

    fields_of_codes = {"too_early": "already_now", "reason_missing": "reason"}

    remark = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Remark for the next shift"))
    seen_items = forms.IntegerField(required=False, min_value=0)
    # The ticks stand on the page only where they are needed.
    already_now = forms.BooleanField(required=False, label=_("Hand over already now"), widget=_must_tick())
    reason = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Why you do this for them"))


class EndShiftForm(RefusingForm):
    """Ending a shift: with a handover, or without one. What stands open is ticked, acting for somebody is explained."""

    fields_of_codes = {
        "handover_unconfirmed": "confirmed",
        "leaving_unconfirmed": "confirmed",
        "too_long": "remark",
        "reason_missing": "reason",
    }

    hand_over = forms.BooleanField(required=False)
    confirmed = forms.BooleanField(required=False, label=_("I leave without a handover."), widget=_must_tick())
    customers = forms.BooleanField(required=False, initial=True)
    chats = NoteField(
        rows=2,
        required=False,
        max_length=longest(HandoverItem, "known"),
        label=_("Who they are, and where you stand with each"),
    )
    remark = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Remark for the next shift"))
    reason = NoteField(rows=2, required=False, max_length=LONGEST_NOTE, label=_("Why you do this for them"))

    def __init__(self, *args, customers: int, explains: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = explains
        self.fields["reason"].error_messages["required"] = _("Say why you do this for somebody else.")
        label = ngettext(
            "Hand over %(count)s customer in chat as an item",
            "Hand over %(count)s customers in chat as an item",
            customers,
        )
        self.fields["customers"].label = label % {"count": customers}


class CustomerForm(forms.Form):
    """Whom to look up. No handle is longer than the longest column that one stands in."""

    q = forms.CharField(
        required=False,
        max_length=80,
        label=_("Customer"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

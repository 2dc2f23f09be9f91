"""What people type into the issue register, and what is decided about an entry."""

from datetime import timedelta
from typing import cast

from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.customers import without_phones
from handover.forms.once import OnceForm
from handover.grams import grams_of, plain
from handover.models import SETTLED, Issue, Matter, MatterState
from handover.services.matters import NAMED, TEXT_LENGTH
from office import clock
from office.forms import NoteField, RefusingForm, SearchForm, SeenField, longest
from office.uploads import MOST_MEGABYTES, UploadField
from people.forms import MemberField
from people.models import Department
from rulebooks.schema import IssueRegister, Rulebook

# A duplicate is looked for among what is open and what has been settled lately.
LATELY = timedelta(days=60)
# From this share of common pairs of signs on, two entries are alike.
ALIKE = 0.25
# Of the entries that are neither of the same digest nor alike, so many are offered; words find the others.
MOST_OTHERS = 40


def _what_may_be_attached() -> str:
    """In the reader's language: a lazy text loses its laziness when something is filled in."""
    return gettext("A picture (JPEG, PNG, WebP) or a PDF of at most %(most)s MB.") % {"most": MOST_MEGABYTES}


def category_choices(register: IssueRegister) -> list[tuple[str, str]]:
    return [(known.code, str(known.name)) for known in register.categories]


class IssueForm(OnceForm):
    """A new entry of the issue register; its categories are those of the rulebook in force."""

    fields_of_codes = {
        "unknown_category": "category",
        "empty_file": "picture",
        "too_large": "picture",
        "unknown_type": "picture",
    }

    text = NoteField(rows=3, max_length=longest(Issue, "text"), label=_("What is the matter, or what could be better"))
    category = forms.ChoiceField(widget=forms.RadioSelect, label=_("Category"))
    about = forms.CharField(required=False, max_length=longest(Issue, "about"), label=_("Product or order"))
    customer = SeenField(
        required=False,
        max_length=longest(Issue, "customer"),
        label=_("Customer"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    picture = UploadField(required=False, label=_("Picture"), help_text=lazy(_what_may_be_attached, str)())

    def __init__(self, data=None, files=None, *, rulebook: Rulebook, **kwargs):
        super().__init__(data, files=files, **kwargs)
        register = rulebook.notebooks.issue_register
        cast(forms.ChoiceField, self.fields["category"]).choices = category_choices(register)


class IssueFilter(SearchForm):
    """Category, and words to look for."""

    category = forms.ChoiceField(label=_("Category"), required=False)
    field_order = ("category", "q")

    def __init__(self, data, *, register: IssueRegister):
        super().__init__(data)
        field = cast(forms.ChoiceField, self.fields["category"])
        field.choices = [("", _("All categories")), *category_choices(register)]


class EntryField(forms.ModelChoiceField):
    """Another entry of the register: those of the same digest first, then those that say something similar."""

    def offer(self, matter: Matter, others: QuerySet[Matter], *, like: str = "", chosen: str = "") -> None:
        """`like`: words that narrow it down; `chosen`: one that is offered whatever they say."""
        found = list(others)
        held = plain(like).split()
        if held:
            found = [one for one in found if str(one.pk) == chosen or _holds(one.issue, held)]
        groups = beside(matter, found)
        self.choices = [
            ("", self.empty_label or ""),
            *((name, [(one.pk, self.label_from_instance(one)) for one in rows]) for name, rows in groups if rows),
        ]

    def label_from_instance(self, matter) -> str:
        issue = matter.issue
        words = " ".join(without_phones(issue.text).split())[:NAMED]
        return f"{issue.business_date:%m-%d} {issue.author.name}: {words}"


def _holds(issue: Issue, words: list[str]) -> bool:
    text = plain(f"{issue.text} {issue.about} {issue.author.name}")
    return all(word in text for word in words)


def beside(matter: Matter, others: list[Matter]) -> list[tuple[str, list[Matter]]]:
    """The entries that may say the same, in groups: those of the same digest, similar ones, all others."""
    said = set(grams_of(matter.issue.text).split())
    likeness = {other.pk: _likeness(said, set(grams_of(other.issue.text).split())) for other in others}
    by_likeness = sorted(others, key=lambda other: -likeness[other.pk])
    same = [other for other in by_likeness if other.hand_in_id == matter.hand_in_id]
    elsewhere = [other for other in others if other.hand_in_id != matter.hand_in_id]
    alike = [other for other in by_likeness if other in elsewhere and likeness[other.pk] >= ALIKE]
    rest = [other for other in elsewhere if likeness[other.pk] < ALIKE]
    return [
        (gettext("Of the same digest"), same),
        (gettext("Similar words"), alike),
        (gettext("All others"), rest[:MOST_OTHERS]),
    ]


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


class DealForm(RefusingForm):
    """What becomes of an entry: one text for its author, and the button that says what happens."""

    ACTS = (
        ("answer", _("Answer")),
        ("adopt", _("Adopt")),
        ("reject", _("Do not adopt")),
        ("assign", _("Assign")),
        ("merge", _("Same as another")),
    )
    # Which field an act cannot do without.
    NEEDS = {"answer": "text", "adopt": "text", "reject": "text", "assign": "to", "merge": "into"}
    fields_of_codes = {
        "no_text": "text",
        "too_long": "text",
        "has_it": "to",
        "not_a_member": "to",
        "merged_into_itself": "into",
    }

    use_required_attribute = False

    act = forms.ChoiceField(choices=ACTS)
    text = NoteField(
        label=_("Answer or reason, for the author to read"),
        rows=3,
        max_length=TEXT_LENGTH,
        error_messages={"required": _("Write what the author should read.")},
    )
    to = MemberField(
        label=_("Who works on it"),
        queryset=None,
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who works on it.")},
    )
    into = EntryField(
        label=_("The entry that says the same"),
        queryset=None,
        empty_label=_("Choose"),
        error_messages={"required": _("Choose the other entry.")},
    )

    def __init__(self, data=None, *, matter: Matter, department: Department, like: str = ""):
        super().__init__(data, auto_id=f"deal-{matter.pk}-%s")
        if data is not None:
            for name in ("text", "to", "into"):
                self.fields[name].required = self.NEEDS.get(data.get("act", "")) == name
        members = department.memberships.touching(department.ending_day(), department.today())
        cast(forms.ModelChoiceField, self.fields["to"]).queryset = members.select_related("user")
        alive = ~Q(state__in=SETTLED) | Q(issue__written_at__gte=clock.now() - LATELY)
        others = Matter.objects.filter(alive, issue__department=department).exclude(state=MatterState.MERGED)
        others = others.exclude(pk=matter.pk).select_related("issue__author__user").order_by("-pk")
        into = cast(EntryField, self.fields["into"])
        into.queryset = others
        into.offer(matter, others, like=like, chosen=self.data.get("into", ""))


class AgainForm(RefusingForm):
    """Why a settled entry is dealt with again."""

    fields_of_codes = {"no_text": "text", "too_long": "text"}

    text = NoteField(label=_("Why it is dealt with again"), rows=2, max_length=TEXT_LENGTH)


class FinishForm(RefusingForm):
    """What came of an entry, by who worked on it."""

    fields_of_codes = {"no_text": "text", "too_long": "text"}

    text = NoteField(label=_("What came of it"), rows=3, max_length=TEXT_LENGTH)

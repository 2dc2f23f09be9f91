"""What people type in about reviews and complaints."""

from collections.abc import Iterable
from typing import cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models import Case, Finding
from handover.services.cases import LONGEST_TEXT
from office import clock
from office.forms import NoteField, RefusingForm, SeenField, WallTimeField, longest
from office.lists import joined
from office.uploads import UploadField
from people.forms import MemberField
from people.models import Department, Membership
from rulebooks.schema import Cases

# So many characters an address may fill in beforehand.
LONGEST_ASKED = 60
# What is chosen for a case that is about nobody of the department.
NOBODY = "nobody"


class CaseForm(RefusingForm):
    """A new case; kinds and severities are those of the rulebook in force today.

    `asked`: what the address fills in beforehand (order, customer, product).
    """

    fields_of_codes = {
        "unknown_kind": "kind",
        "unknown_severity": "severity",
        "in_future": "came_at",
        "no_rulebook": "came_at",
        "no_cases": "came_at",
        "foreign_subject": "subject",
        "empty_file": "picture",
        "too_large": "picture",
        "unknown_type": "picture",
    }

    kind = forms.ChoiceField(widget=forms.RadioSelect, label=_("Kind"))
    text = NoteField(rows=4, max_length=longest(Case, "text"), label=_("What the customer says"))
    customer = SeenField(
        max_length=longest(Case, "customer"), label=_("Customer"), help_text=_("Handle, as in the chat.")
    )
    came_at = WallTimeField(label=_("Came in at"), help_text=_("The clocks run from then."))
    severity = forms.ChoiceField(widget=forms.RadioSelect, required=False, label=_("Severity"))
    phone = forms.CharField(
        required=False,
        max_length=longest(Case, "phone"),
        label=_("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    order_number = forms.CharField(required=False, max_length=longest(Case, "order_number"), label=_("Order number"))
    product = forms.CharField(required=False, max_length=longest(Case, "product"), label=_("Product"))
    subject = MemberField(label=_("About whom"), queryset=None, required=False, empty_label=_("Not known yet"))
    picture = UploadField(label=_("Picture"), required=False)

    def __init__(self, *args, department: Department, rules: Cases, asked, **kwargs):
        now = department.local(clock.now())
        given = {"order_number": "order", "customer": "customer", "product": "product"}
        initial = {name: asked.get(key, "").strip()[:LONGEST_ASKED] for name, key in given.items()}
        kwargs["initial"] = initial | {"came_at": f"{now:%Y-%m-%dT%H:%M}"}
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind.code, str(kind.name)) for kind in rules.kinds]
        if len(rules.kinds) == 1:
            self.fields["kind"].initial = rules.kinds[0].code
        came = cast(WallTimeField, self.fields["came_at"])
        came.zone = department.zone
        came.widget.attrs["max"] = f"{now:%Y-%m-%dT%H:%M}"
        members = department.memberships.touching(now.date().replace(day=1), now.date())
        cast(MemberField, self.fields["subject"]).queryset = members.select_related("user")
        severities = _severities(rules)
        cast(forms.ChoiceField, self.fields["severity"]).choices = severities
        if not severities:
            del self.fields["severity"]

    @property
    def lost_file(self) -> bool:
        """Whether a file was chosen that the browser does not keep on a refused form."""
        return bool(self.errors and self.files.get("picture") and "picture" not in self.errors)


def _severities(rules: Cases) -> list[tuple[str, str]]:
    """Those of all kinds, each once; one that is called differently by kind carries all its names."""
    names: dict[str, list[str]] = {}
    for kind in rules.kinds:
        for severity in kind.severities:
            known = names.setdefault(severity.code, [])
            if str(severity.name) not in known:
                known.append(str(severity.name))
    return [(code, joined(found)) for code, found in names.items()]


class StepForm(RefusingForm):
    fields_of_codes = {"too_long": "text"}

    text = NoteField(rows=2, required=False, max_length=LONGEST_TEXT, label=_("What came of it"))


class CaseNoteForm(RefusingForm):
    fields_of_codes = {"too_long": "text", "no_text": "text"}

    text = NoteField(rows=2, max_length=LONGEST_TEXT, label=_("Remark"))


class AssignForm(RefusingForm):
    """Whom a case is given to: members, those on duty first and marked."""

    fields_of_codes = {"has_it": "to", "not_a_member": "to", "other_department": "to", "too_long": "text"}

    to = forms.TypedChoiceField(label=_("To whom"), coerce=int)
    text = forms.CharField(required=False, max_length=200, label=_("What they should know"))

    def __init__(self, *args, members, on_duty, **kwargs):
        super().__init__(*args, **kwargs)
        self.members = {member.pk: member for member in members}
        here = sorted(members, key=lambda member: member.pk not in on_duty)
        cast(forms.ChoiceField, self.fields["to"]).choices = [
            ("", _("Choose")),
            *((member.pk, _who(member, member.pk in on_duty)) for member in here),
        ]

    def given(self) -> dict:
        return {"to": self.members[self.cleaned_data["to"]], "text": self.cleaned_data["text"]}


def _who(member, is_here: bool) -> str:
    return gettext("%(who)s · on duty") % {"who": member} if is_here else str(member)


class AboutField(forms.ChoiceField):
    """About whom a case is: a member, or nobody of us, which is an answer too. Cleans to what the services take."""

    def __init__(self, **kwargs):
        super().__init__(required=False, label=_("About whom"), **kwargs)
        self.members: dict[str, Membership] = {}

    def offer(self, members: Iterable[Membership], subject: Membership | None) -> None:
        """These members, and whom the case is about even if they have left."""
        self.members = {str(member.pk): member for member in [*members, *([subject] if subject else [])]}
        named = [(key, f"{member.work_number} {member.name}") for key, member in self.members.items()]
        self.choices = [("", _("Not known yet")), (NOBODY, _("Nobody of us")), *named]
        self.initial = str(subject.pk) if subject else ""

    def answered(self, chosen: str) -> dict:
        return {"subject": self.members.get(chosen), "nobody": chosen == NOBODY}


class AboutForm(RefusingForm):
    """About whom an open case is."""

    fields_of_codes = {"said_already": "about", "foreign_subject": "about", "own_case": "about"}

    about = AboutField()

    def __init__(self, *args, members: Iterable[Membership], subject: Membership | None, **kwargs):
        super().__init__(*args, **kwargs)
        field = cast(AboutField, self.fields["about"])
        field.offer(members, subject)
        field.required = True

    def said(self) -> dict:
        return {"subject": cast(AboutField, self.fields["about"]).members.get(self.cleaned_data["about"])}


class CloseForm(RefusingForm):
    fields_of_codes = {
        "no_finding": "finding",
        "no_finding_asked": "finding",
        "no_subject": "about",
        "foreign_subject": "about",
        "no_text": "text",
        "too_long": "text",
    }

    finding = forms.ChoiceField(widget=forms.RadioSelect, choices=Finding, label=_("Was it right?"))
    about = AboutField(help_text=_("Asked for when it is upheld."))
    text = NoteField(rows=3, max_length=LONGEST_TEXT, label=_("How it ended"))

    def __init__(self, *args, case: Case, members: Iterable[Membership], **kwargs):
        super().__init__(*args, **kwargs)
        if case.rule.can_be_upheld:
            cast(AboutField, self.fields["about"]).offer(members, case.subject)
        else:
            del self.fields["finding"], self.fields["about"]

    def found(self) -> dict:
        """What was said, as the services take it."""
        said = {"text": self.cleaned_data["text"]}
        if "finding" in self.fields:
            said |= cast(AboutField, self.fields["about"]).answered(self.cleaned_data["about"])
            said["finding"] = self.cleaned_data["finding"]
        return said


class CorrectForm(CloseForm):
    """What was found of a closed case, otherwise, and why."""

    fields_of_codes = {**CloseForm.fields_of_codes, "nothing_changed": "finding"}

    text = NoteField(rows=2, max_length=LONGEST_TEXT, label=_("Why it is corrected"))

    def __init__(self, *args, case: Case, members: Iterable[Membership], **kwargs):
        super().__init__(*args, case=case, members=members, initial={"finding": case.finding}, **kwargs)

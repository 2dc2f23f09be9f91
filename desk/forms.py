"""Founding a department, leaving one, moving to another."""

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from office.forms import RefusingForm
from people.forms import DayField, RolesField
from people.models import CODE, Department
from rulebooks.reading import LARGEST_FILE
from rulebooks.ready_made import ready_made

OWN_FILE = "own"


class FoundForm(RefusingForm):
    """A new department: its name, its code in addresses, its rulebook."""

    fields_of_codes = {"future": "from_day", "nobody_manages": "rulebook"}

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens; it stands in addresses and user names and stays."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    rulebook = forms.ChoiceField(label=_("Rulebook"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("Rulebook file"),
        required=False,
        help_text=_("A YAML file, as a rulebook's page offers it for download."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
    )
    from_day = DayField(label=_("The rulebook holds from"), help_text=_("Today at the latest."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.library = {each.code: each for each in ready_made()}
        ready = [(code, f"{each.title} · {each.shifts}") for code, each in self.library.items()]
        field = cast(forms.ChoiceField, self.fields["rulebook"])
        field.choices = [*ready, (OWN_FILE, _("My own file"))]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].lower()
        CODE(code)
        if Department.objects.filter(code=code).exists():
            raise ValidationError(_("Another department has this code."), code="taken")
        return code

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 200 KB."), code="too_large")
        return file

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("rulebook") == OWN_FILE and "file" in cleaned and not cleaned["file"]:
            self.add_error("file", ValidationError(_("Choose a file."), code="required"))
        return cleaned

    def founding(self) -> dict:
        """What `found_department` takes."""
        facts = {name: self.cleaned_data[name] for name in ("name", "code", "from_day")}
        chosen = self.cleaned_data["rulebook"]
        source = self.cleaned_data["file"].read() if chosen == OWN_FILE else self.library[chosen].source
        return {**facts, "source": source}


class LeaveForm(RefusingForm):
    """Somebody's last day."""

    fields_of_codes = dict.fromkeys(
        ("over", "before_beginning", "has_worked", "has_incident", "role_begun", "already_member"), "last_day"
    )

    last_day = DayField(label=_("Last day"))


class MoveForm(LeaveForm):
    """Where to, as what, from when."""

    fields_of_codes = {
        **LeaveForm.fields_of_codes,
        "number_taken": "work_number",
        "same_department": "target",
        "not_yours": "target",
    }

    target = forms.ModelChoiceField(label=_("To"), queryset=Department.objects.none(), empty_label=None)
    work_number = forms.CharField(label=_("Work number there"), max_length=12)
    roles = RolesField()
    field_order = ("target", "last_day", "work_number", "roles")

    def __init__(self, *args, targets, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["target"]).queryset = targets

"""What is typed in about people: one by one, as a list, a role, a password."""

from datetime import date

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from office.forms import DayInput, RefusingForm, SearchForm

from .models import Role, User
from .pasting import Line, TooLong, read_lines

LANGUAGES = ("zh-hans", "en")
# 500 lines of 300 signs; more is no list of people.
LONGEST_LIST = 150_000


# Days before or after are slips of the finger, and too near to the ends of time to reckon with.
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


class DayField(forms.DateField):
    """A day, typed or chosen in the browser's calendar."""

    def __init__(self, **kwargs):
        said = _("Choose a day from 2000-01-01 to 2100-12-31.")
        bounds = [MinValueValidator(EARLIEST, said), MaxValueValidator(LATEST, said)]
        super().__init__(widget=DayInput(min=EARLIEST, max=LATEST), validators=bounds, **kwargs)


class RolesField(forms.MultipleChoiceField):
    def __init__(self, **kwargs):
        super().__init__(
            label=_("Roles"),
            choices=Role.choices,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("What a role may do, the rulebook says."),
            **kwargs,
        )


class MemberField(forms.ModelChoiceField):
    def label_from_instance(self, member) -> str:
        return f"{member.work_number} {member.name}"


class WorkFields(RefusingForm):
    """What a membership says: number, roles, first day, and whether shifts and scores are theirs."""

    fields_of_codes = {
        "number_taken": "work_number",
        "username_taken": "username",
        "other_name": "username",
        "out_of_reach": "username",
        "already_member": "from_day",
        "far_day": "from_day",
        "no_role": "roles",
    }

    work_number = forms.CharField(label=_("Work number"), max_length=12)
    roles = RolesField()
    from_day = DayField(label=_("First day"))
    rostered = forms.BooleanField(label=_("Works shifts: stands on the roster"), required=False)
    scored = forms.BooleanField(label=_("Gets a monthly scorecard"), required=False)


class NewMemberForm(WorkFields):
    """Somebody who joins."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        required=False,
        help_text=_("For signing in. Without one it is made of department and work number."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("name", "work_number", "username", "from_day", "roles", "rostered", "scored")


class AgainForm(WorkFields):
    """Somebody who comes back."""


def role_words() -> dict[str, str]:
    """What the roles are called in every language, in small letters, and their values."""
    words = {value.casefold(): value for value in Role.values}
    for language in LANGUAGES:
        with override(language):
            words |= {str(role.label).casefold(): role.value for role in Role}
    return words


class ListForm(RefusingForm):
    """Many at once, pasted from a table."""

    fields_of_codes = {"empty": "text", "wrong_lines": "text", "far_day": "from_day"}

    text = forms.CharField(
        label=_("List"),
        max_length=LONGEST_LIST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_("One person a line: work number, name, role, user name. The last two may be left out."),
    )
    from_day = DayField(label=_("First day"))
    rostered = forms.BooleanField(label=_("They work shifts"), required=False)
    scored = forms.BooleanField(label=_("They get a monthly scorecard"), required=False)

    lines: list[Line]

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        try:
            self.lines = read_lines(text, roles=role_words(), default=Role.AGENT)
        except TooLong as error:
            raise ValidationError(str(error), code="too_long") from None
        if not self.lines:
            raise ValidationError(_("The list is empty."), code="empty")
        return text


class CorrectForm(RefusingForm):
    """What was written wrongly about a member."""

    fields_of_codes = {"number_taken": "work_number", "out_of_reach": "name", "still_planned": "rostered"}

    name = forms.CharField(label=_("Name"), max_length=60)
    work_number = forms.CharField(
        label=_("Work number"), max_length=12, help_text=_("Old rosters and papers then show the new one too.")
    )
    rostered = forms.BooleanField(label=_("Works shifts: stands on the roster"), required=False)
    scored = forms.BooleanField(label=_("Gets a monthly scorecard"), required=False)


class GrantForm(RefusingForm):
    """A role from a day on."""

    fields_of_codes = {"already_granted": "role", "not_a_member": "from_day"}

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    from_day = DayField(label=_("From"))


class EndRoleForm(RefusingForm):
    """The last day of a role."""

    fields_of_codes = {"over": "last_day", "before_beginning": "last_day", "last_keeper": "last_day"}

    last_day = DayField(label=_("Last day"))


class MemberFilter(SearchForm):
    """Of the list of members: words in names, work numbers and user names; a role."""

    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    field_order = ("role", "q")


class WelcomeForm(RefusingForm):
    """The first password, or a new one."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, and none that everybody would guess."),
    )
    again = forms.CharField(
        label=_("Password, once more"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", ValidationError(_("The two are not the same."), code="mismatch"))
        elif password and again:
            try:
                validate_password(password, self.user)
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return cleaned

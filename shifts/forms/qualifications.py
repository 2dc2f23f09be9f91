"""A member's skill, as it is typed in."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from office.forms import RefusingForm
from people.forms import DayField
from people.models import Department, Membership
from rulebooks.schema import Rulebook


class QualificationForm(RefusingForm):
    """Who has which skill, from when and perhaps until when."""

    fields_of_codes = {
        "unknown_skill": "skill",
        "days_in_order": "until_day",
        "not_member": "from_day",
        "twice": "from_day",
    }

    member = forms.ModelChoiceField(label=_("Who"), queryset=Membership.objects.none(), empty_label=None)
    skill = forms.ChoiceField(label=_("Skill"))
    from_day = DayField(label=_("First day"))
    until_day = DayField(label=_("Last day"), required=False, help_text=_("Empty while it has no end."))

    def __init__(self, *args, department: Department, rulebook: Rulebook, **kwargs):
        super().__init__(*args, **kwargs)
        members = department.memberships.rostered().filter(pk__in=current(department).values("pk"))
        cast(forms.ModelChoiceField, self.fields["member"]).queryset = members.select_related("user")
        cast(forms.ChoiceField, self.fields["skill"]).choices = [
            (skill.code, str(skill.name)) for skill in rulebook.skills
        ]


def current(department: Department):
    """Members who have not left."""
    today = department.ending_day()
    return department.memberships.exclude(until_day__lt=today)

"""What edits of the roster and counts of customers look like when they arrive."""

import json
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from office.months import Month
from shifts.services import CellEdit

# A month of 200 people, and some more.
MOST_EDITS = 7_000
# More rows than any database key has: such a number is a mistake, not a row.
LARGEST_KEY = 2**63 - 1


class CellsForm(forms.Form):
    """`edits`: a JSON list of [membership pk, day of month, code or "", version seen]."""

    edits = forms.CharField(strip=False, max_length=1_000_000)

    def __init__(self, *args, month: Month, **kwargs):
        super().__init__(*args, **kwargs)
        self.month = month

    def clean_edits(self) -> list[CellEdit]:
        try:
            rows = json.loads(self.cleaned_data["edits"])
        except (ValueError, RecursionError):
            raise self._unreadable() from None
        if not isinstance(rows, list) or not rows:
            raise self._unreadable()
        if len(rows) > MOST_EDITS:
            raise ValidationError(_("At most %(most)s cells at once."), code="too_many", params={"most": MOST_EDITS})
        edits = [self._edit(row) for row in rows]
        if len({(edit.membership_id, edit.day) for edit in edits}) < len(edits):
            raise ValidationError(_("The same cell comes twice."), code="twice")
        return edits

    def _edit(self, row) -> CellEdit:
        if not (isinstance(row, list) and len(row) == 4):
            raise self._unreadable()
        member, number, code, seen = row
        numbers = all(type(value) is int and 0 <= value <= LARGEST_KEY for value in (member, number, seen))
        if not numbers or not isinstance(code, str) or len(code) > 16:
            raise self._unreadable()
        if not 1 <= number <= self.month.last.day:
            raise ValidationError(_("There is no such cell in this roster."), code="no_such_cell")
        return CellEdit(member, date(self.month.year, self.month.number, number), code, seen)

    def _unreadable(self) -> ValidationError:
        return ValidationError(_("These edits cannot be read. Nothing was saved."), code="unreadable")


class SeenForm(forms.Form):
    """Which state of the draft the person has seen."""

    # Two such forms stand on the page; neither needs an id.
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.auto_id = False

    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class CustomersForm(forms.Form):
    """One customer more (1), one fewer (-1), or still as many (0)."""

    change = forms.TypedChoiceField(coerce=int, choices=[("1", "+1"), ("0", "0"), ("-1", "-1")])

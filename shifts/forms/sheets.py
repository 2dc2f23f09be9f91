"""What is handed in for a month: a file to look at, and then the cells that were shown."""

import json
from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from office.sheet_in import MOST_BYTES, Table, read_table
from shifts.forms.roster import MOST_EDITS
from shifts.services.roster import CellEdit
from shifts.sheets.reading import Change

ENDINGS = ".xlsx,.csv,.tsv,.txt"


class SheetForm(forms.Form):
    """An Excel file or a table as text; cleans to its cells."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ENDINGS}),
        help_text=_("An Excel workbook (.xlsx), or a table as text (.csv, .tsv), of at most 5 MB."),
        error_messages={"required": _("Choose a file first.")},
    )

    def clean_file(self) -> Table:
        given = self.cleaned_data["file"]
        # No more than it may have is read, however large it is.
        return read_table(given.read(MOST_BYTES + 1))


def as_edits(changes: Sequence[Change]) -> list[CellEdit]:
    return [CellEdit(change.membership_id, change.day, change.after, change.seen) for change in changes]


def as_json(edits: Sequence[CellEdit]) -> str:
    """As `CellsForm` reads them again: what is confirmed is what was shown, with the versions that were seen."""
    return json.dumps([[edit.membership_id, edit.day.day, edit.code, edit.seen] for edit in edits])


def refuse_too_many(edits: Sequence[CellEdit]) -> None:
    if len(edits) > MOST_EDITS:
        raise ValidationError(
            _("%(cells)s cells would change; at most %(most)s can be changed at once. Take fewer people at a time."),
            code="too_many",
            params={"cells": len(edits), "most": MOST_EDITS},
        )

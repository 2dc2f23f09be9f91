"""What is handed in to be read in: a file, and what its columns mean."""

import hashlib
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from handover.models import ReadingKind, ReadingSource
from handover.readings.fields import FIELDS
from office.sheet_in import MOST_BYTES, Table, read_table
from office.uploads import LONGEST_NAME

from .base import NotebookForm, longest

ENDINGS = ".xlsx,.csv,.tsv,.txt"


@dataclass(frozen=True)
class Sheet:
    """The cells of a file, the digest of its bytes, and its name."""

    table: Table
    digest: str
    name: str


class FileForm(NotebookForm):
    """Which file, of what, from where."""

    beside = {"no_headings": "file", "no_rows": "file", "too_many_rows": "file"}

    kind = forms.ChoiceField(label=_("What it holds"), choices=ReadingKind.choices, widget=forms.RadioSelect)
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=longest(ReadingSource, "name"),
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
        help_text=_("What its columns mean is remembered under this name: the tool or the shop that exports it."),
    )
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ENDINGS, "data-most-bytes": MOST_BYTES}),
        help_text=_("An Excel workbook (.xlsx), or a table as text (.csv, .tsv), of at most 5 MB."),
        error_messages={"required": _("Choose a file first.")},
    )

    def clean_source(self) -> str:
        return " ".join(self.cleaned_data["source"].split())

    def clean_file(self) -> Sheet:
        given = self.cleaned_data["file"]
        # No more than it may have is read, however large it is.
        content = given.read(MOST_BYTES + 1)
        table = read_table(content)
        return Sheet(table, hashlib.sha256(content).hexdigest(), given.name[:LONGEST_NAME])


class ColumnsForm(NotebookForm):
    """Which column says what: a choice of the file's headings for every field."""

    def __init__(self, *args, kind: str, headings: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        for each in FIELDS[kind]:
            self.fields[each.name] = forms.ChoiceField(
                label=str(each.label),
                required=False,
                choices=[("", "—"), *((heading, heading) for heading in headings)],
            )

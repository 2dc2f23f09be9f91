"""What is handed in to be read in: a file, and what its columns mean."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handover.models import ReadingKind
from handover.models.readings import LONGEST_SOURCE
from handover.readings.fields import FIELDS, LONGEST_CALLED
from handover.readings.judging import folded
from office.forms import RefusingForm
from office.sheet_in import MOST_BYTES, Table, read_table
from office.uploads import LONGEST_NAME
from people.models import Membership

# So many names are asked about at once; the next ones come after these. Those that are remembered are all listed.
MOST_UNKNOWN = 20
MOST_NAMES = 120
ENDINGS = ".xlsx,.csv,.tsv,.txt"


@dataclass(frozen=True)
class Sheet:
    """The cells of a file, the digest of its bytes, and its name."""

    table: Table
    digest: str
    name: str


class FileForm(RefusingForm):
    """Which file, of what, from where."""

    fields_of_codes = {
        "no_headings": "file",
        "no_rows": "file",
        "too_many_rows": "file",
        "too_many_columns": "file",
    }

    kind = forms.ChoiceField(label=_("What it holds"), choices=ReadingKind.choices, widget=forms.RadioSelect)
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=LONGEST_SOURCE,
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
        table = read_table(content, name=given.name)
        return Sheet(table, hashlib.sha256(content).hexdigest(), given.name[:LONGEST_NAME])


class ColumnsForm(RefusingForm):
    """Which column says what: a choice of the file's headings for every field."""

    def __init__(self, *args, kind: str, headings: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        for each in FIELDS[kind]:
            self.fields[each.name] = forms.ChoiceField(
                label=str(each.label),
                required=False,
                choices=[("", "—"), *((heading, heading) for heading in headings)],
            )


class NamesForm(RefusingForm):
    """Whom the names of a file mean that nobody here has: a choice of the department's people for each.

    `unknown`: names that mean nobody yet; `remembered`: those that somebody was chosen for; `chosen`: whom, as the
    source has it.
    """

    def __init__(
        self,
        data=None,
        *,
        unknown: Sequence[str] = (),
        remembered: Sequence[str] = (),
        chosen: Mapping[str, str],
        members: Iterable[Membership],
    ):
        super().__init__(data, auto_id="names-%s")
        # One who came back has one work number.
        self.members = {member.work_number: member for member in members}
        choices = [
            ("", gettext("Leave out")),
            *((number, f"{number} {one.name}") for number, one in self.members.items()),
        ]
        names = [*unknown[:MOST_UNKNOWN], *remembered]
        if data is not None:
            names = [data[f"said_{place}"] for place in range(MOST_NAMES) if f"said_{place}" in data]
        self.before = [chosen.get(folded(name), "") for name in names[:MOST_NAMES]]
        for place, (name, before) in enumerate(zip(names, self.before, strict=False)):
            said = forms.CharField(required=False, widget=forms.HiddenInput, initial=name, max_length=LONGEST_CALLED)
            self.fields[f"said_{place}"] = said
            member = forms.ChoiceField(label=name, required=False, choices=choices, initial=before)
            self.fields[f"member_{place}"] = member

    def _rows(self, *, remembered: bool) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields name by name: what stands in the file, and whom it means."""
        places = [place for place, before in enumerate(self.before) if (before in self.members) == remembered]
        return [(self[f"said_{place}"], self[f"member_{place}"]) for place in places]

    @property
    def rows(self):
        """The names that mean nobody who is here."""
        return self._rows(remembered=False)

    @property
    def remembered_rows(self):
        return self._rows(remembered=True)

    @property
    def remembered_is_wrong(self) -> bool:
        return any(member.errors for _said, member in self.remembered_rows)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(self.before) and not any(self.chosen().values()):
            raise forms.ValidationError(_("Choose somebody for at least one name."), code="nobody")
        return cleaned

    def chosen(self) -> dict[str, Membership | None]:
        """{name: whom it means}, None for those to leave out."""
        cleaned = self.cleaned_data
        rows = ((cleaned.get(f"said_{place}"), cleaned.get(f"member_{place}")) for place in range(len(self.before)))
        return {said: self.members[number] if number else None for said, number in rows if said}

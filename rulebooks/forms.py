"""The editor's form: a text, or the lines of one part of it, or a file; and the first day."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from office.forms import DayInput, RefusingForm
from office.months import LAST_YEAR
from people.models import Department

from . import editing
from .line_ends import end_of, with_ends_of
from .models import RulebookVersion
from .places import Lines, NoSuchPlace, lines_of, splice
from .reading import LARGEST_FILE, Mistake, RulebookMistakes
from .schema import Rulebook


class EditForm(RefusingForm):
    """Puts what was typed together to a whole text and examines it.

    After `is_valid` there are `whole` (the text, always), `rulebook` (when it is one), `mistakes` (when it is none) and
    `overtaken` (whether the version that the text was made from is no longer the latest).
    """

    fields_of_codes = {"past": "from_day", "before_latest": "from_day", "scorecard_inside_month": "from_day"}

    text = forms.CharField(label=_("The text"), strip=False, required=False, max_length=LARGEST_FILE)
    file = forms.FileField(label=_("Or a file"), required=False)
    from_day = forms.DateField(label=_("First day"), widget=DayInput())
    base = forms.CharField(widget=forms.HiddenInput)
    at = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, department: Department, latest: RulebookVersion, actor=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.department, self.latest, self.actor = department, latest, actor
        self.whole, self.part = "", ""
        self.rulebook: Rulebook | None = None
        self.mistakes: list[Mistake] = []
        self.fields["file"].widget.attrs.update(accept=".yaml,.yml,text/plain")
        self.fields["from_day"].widget.attrs.update(min=earliest(department, latest), max=f"{LAST_YEAR}-12-31")
        self.fields["from_day"].help_text = _(
            "It holds from this day on. When the scorecard changes, it must be the first of a month, as %(day)s."
        ) % {"day": first_of_month(department, latest)}

    @property
    def overtaken(self) -> bool:
        return self.data.get("base") != self.latest.digest

    @property
    def based_on(self) -> RulebookVersion | None:
        """The version that the text was made from; None when there is none like it. After `is_valid`."""
        return self.department.rulebook_versions.filter(digest=self.cleaned_data.get("base", "")).first()

    def clean_from_day(self) -> date:
        day = self.cleaned_data["from_day"]
        if day.year > LAST_YEAR:
            raise ValidationError(_("Write the day as 2026-11-01."), code="unknown_month")
        return day

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        # What was typed, also where the field refuses it: nothing that somebody wrote may be lost.
        self._put_together(self.data.get("text", ""), cleaned.get("file"), cleaned.get("at", ""))
        # What would be examined against another version than it was made from says nothing.
        if not self.overtaken and not self.errors:
            self._examine(cleaned["from_day"])
        return cleaned

    def _put_together(self, text: str, file, at: str) -> None:
        based_on = self.based_on or self.latest
        if file:
            self._take(file.read(LARGEST_FILE + 1))
        else:
            source = based_on.source
            if part := part_of(based_on, at):
                self.whole, self.part = splice(source, at, with_ends_of(part.text, text, end_of(source))), at
            else:
                self.whole, self.part = with_ends_of(source, text, end_of(source)), ""

    def _take(self, source: bytes) -> None:
        try:
            self.whole = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What cannot be shown is not put into the text; the one that was there stays.
            self.whole = self.latest.source
            self.add_error("file", _("The file is not UTF-8 text; save it as UTF-8."))

    def _examine(self, from_day: date) -> None:
        try:
            self.rulebook = editing.examine(
                department=self.department,
                latest=self.latest,
                text=self.whole,
                from_day=from_day,
                actor=self.actor,
            )
        except RulebookMistakes as error:
            self.mistakes = error.mistakes
            self.add_error(None, ValidationError(_("Nothing was stored: there are mistakes."), code="mistakes"))
        except ValidationError as refusal:
            self.refuse(refusal)


def earliest(department: Department, latest: RulebookVersion) -> date:
    """The first day that the browser offers: not a past one, nor one before the latest version's."""
    return max(department.today(), latest.from_day)


def usual(department: Department, latest: RulebookVersion) -> date:
    """Tomorrow, so that nobody works under two versions on one day."""
    return max(department.today() + timedelta(days=1), latest.from_day)


def first_of_month(department: Department, latest: RulebookVersion) -> date:
    """The first of a month from which a changed scorecard can hold."""
    day = earliest(department, latest)
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def part_of(version: RulebookVersion, at: str) -> Lines | None:
    """The lines of a part of a version's text; None when it has no such part."""
    try:
        return lines_of(version.source, at) if at else None
    except NoSuchPlace:
        return None

"""What the editor's page shows: a text or the lines of one part, the help for its keys, the mistakes at their lines."""

from dataclasses import dataclass, field

from .forms import EditForm, part_of, usual
from .keys import Key, every_key, keys_at
from .models import RulebookVersion
from .places import Lines, NoSuchPlace, lines_of, split
from .reading import Mistake

# Lines of the text area: enough to see a part whole, and never more than a screen.
FEWEST_ROWS, MOST_ROWS = 6, 32


@dataclass(frozen=True)
class ShownMistake:
    """A mistake with its line in the text that is shown (0 for the file as a whole), and what stands there."""

    path: str
    line: int
    message: str
    excerpt: str


@dataclass(frozen=True)
class Editor:
    form: EditForm
    text: str
    part: Lines | None = None
    mistakes: list[ShownMistake] = field(default_factory=list)

    @property
    def at(self) -> str:
        return (self.form["at"].value() or "") if self.part else ""

    @property
    def keys(self) -> list[Key]:
        """The help beside the text: for the part shown, else for everything."""
        return keys_at(self.at) if self.part else list(every_key())

    @property
    def rows(self) -> int:
        return min(max(len(split(self.text)) + 2, FEWEST_ROWS), MOST_ROWS)


def fresh(latest: RulebookVersion, *, at: str = "", whole: str | None = None, from_day: object = None) -> Editor:
    """The latest version's text or the part at `at`; or that of a whole text that somebody has in hand."""
    source = latest.source if whole is None else whole
    part = part_of(latest, at)
    try:
        text = lines_of(source, at).text if part else source
    except NoSuchPlace:
        part, text = None, source
    initial = {
        "from_day": from_day or usual(latest.department, latest),
        "base": latest.digest,
        "at": at if part else "",
    }
    form = EditForm(initial=initial, department=latest.department, latest=latest)
    return Editor(form, text, part)


def returned(form: EditForm) -> Editor:
    """What was typed, with what is wrong about it; the whole text where a mistake lies outside the part shown."""
    part = part_of(form.latest, form.part)
    typed = form.data.get("text", "").replace("\r\n", "\n")
    first, last = (part.first, part.first + len(split(typed)) - 1) if part else (0, 0)
    if part and all(first <= mistake.line <= last for mistake in form.mistakes):
        return Editor(form, typed, part, [_shown(each, typed, first) for each in form.mistakes])
    whole = form.whole.replace("\r\n", "\n")
    return Editor(form, whole, mistakes=[_shown(each, whole, 1) for each in form.mistakes])


def _shown(mistake: Mistake, text: str, first: int) -> ShownMistake:
    line = mistake.line - first + 1 if mistake.line else 0
    lines = split(text)
    excerpt = lines[line - 1].strip()[:120] if 0 < line <= len(lines) else ""
    return ShownMistake(mistake.path, line, mistake.message, excerpt)

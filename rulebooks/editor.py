"""What the editor's page shows: a text or the lines of one part, the help for its keys, the mistakes at their lines."""

from dataclasses import dataclass, field

from .forms import EditForm, part_of, usual
from .keys import Key, every_key, keys_at
from .models import RulebookVersion
from .places import Lines, NoSuchPlace, lines_of, split
from .reading import MOST_MISTAKES, Mistake
from .words import part_name

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
    # The part that was being edited when the whole text had to be shown, and the line on which it begins there.
    came_from: str = ""
    own_line: int = 0
    mistakes: list[ShownMistake] = field(default_factory=list)

    @property
    def at(self) -> str:
        return (self.form["at"].value() or "") if self.part else ""

    @property
    def keys(self) -> list[Key]:
        """The help beside the text: for the part that is edited, else for everything."""
        return keys_at(self.place) if self.place else list(every_key())

    @property
    def place(self) -> str:
        return self.at or self.came_from

    @property
    def title(self) -> str:
        """The part shown, in words: "§ 7 Doing private things…"."""
        return part_name(self.form.latest.content, self.at)

    @property
    def has_many_mistakes(self) -> bool:
        return len(self.mistakes) > MOST_MISTAKES

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
        return Editor(form, typed, part, mistakes=_shown(form.mistakes, typed, first))
    whole = form.whole.replace("\r\n", "\n")
    place = form.part or form.data.get("came_from", "")
    own = part_of(form.latest, place)
    return Editor(
        form,
        whole,
        came_from=place if own else "",
        own_line=_first_line(whole, place, own.first) if own else 0,
        mistakes=_shown(form.mistakes, whole, 1),
    )


def _first_line(whole: str, place: str, otherwise: int) -> int:
    """Where a part begins in a text that may hold mistakes, or hold the part no more."""
    try:
        return lines_of(whole, place).first
    except NoSuchPlace:
        return otherwise


def _shown(mistakes: list[Mistake], text: str, first: int) -> list[ShownMistake]:
    """The mistakes at their lines of a text whose first line is the file's `first`."""
    lines = split(text)
    shown = []
    for each in mistakes:
        line = each.line - first + 1 if each.line else 0
        excerpt = lines[line - 1].strip()[:120] if 0 < line <= len(lines) else ""
        shown.append(ShownMistake(each.path, line, each.message, excerpt))
    return shown

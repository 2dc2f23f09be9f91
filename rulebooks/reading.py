"""From a rulebook file to a checked rulebook, or to a list of mistakes that each name their path and line."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, ScalarEvent
from ruamel.yaml.reader import ReaderError

from office.lists import joined

from .keys import names_in
from .parts import plain, shown_everywhere
from .places import split
from .schema import Rulebook

# A written rulebook is a few pages; anything larger is not one.
LARGEST_FILE = 200_000
# The deepest key of the schema lies 7 levels down; a file of brackets alone would exhaust the stack.
DEEPEST = 20
# Nobody mends more at once.
MOST_MISTAKES = 100
# What a Chinese keyboard writes for a colon.
WIDE_COLON = "\N{FULLWIDTH COLON}"


@dataclass(frozen=True)
class Mistake:
    """One mistake: where (dotted path, empty for the whole file; line from 1, 0 when there is no line) and what."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        line = _("line %(line)s") % {"line": self.line} if self.line else ""
        where = joined(part for part in (line, self.path) if part)
        return f"{where}: {self.message}" if where else self.message

    def in_file(self, name: object) -> str:
        """As compilers say it, so that an editor finds the place: "file:12: shifts[1].code: …"."""
        place = f"{name}:{self.line}" if self.line else str(name)
        return ": ".join(part for part in (place, self.path, self.message) if part)


class RulebookMistakes(Exception):
    """A file that is no rulebook; `mistakes` is never empty."""

    def __init__(self, mistakes: Sequence[Mistake]):
        self.mistakes = list(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def read(source: bytes) -> tuple[Rulebook, dict]:
    """Read a file's bytes: the rulebook and its content as plain JSON values. Raises RulebookMistakes."""
    content = json.loads(_content(source))
    return Rulebook.model_validate(content), content


@functools.lru_cache(maxsize=16)
def _content(source: bytes) -> str:
    """The checked content as JSON. Kept, because an editor reads the same text to check, to compare and to publish.

    A file with a mistake is not kept: its mistakes are told in the reader's language.
    """
    tree = _parse(source)
    plain = {str(key): _plain(value) for key, value in tree.items()}
    try:
        Rulebook.model_validate(plain)
        return json.dumps(plain)
    except ValidationError as error:
        raise RulebookMistakes(_mistakes(tree, error.errors(include_url=False, include_input=False))) from None


def _mistakes(tree: CommentedMap, details: Sequence) -> list[Mistake]:
    """The mistakes from the top down: the first hundred of them, and how many more there are."""
    places = [detail["loc"] for detail in details]
    # A list with a wrong item is also reported as too short: say only what is wrong inside it.
    around = {place[:length] for place in places for length in range(len(place))}
    # A key with a full-width colon hides the one that is meant: it is not missing.
    meant = {(*place[:-1], place[-1].split(WIDE_COLON)[0].strip()) for place in places if _is_wide(place)}
    inner = [each for each in details if each["loc"] not in around]
    inner = [each for each in inner if each["type"] != "missing" or each["loc"] not in meant]
    lines = _Lines(tree)
    found = sorted((lines.locate(each) for each in inner), key=lambda located: located[1])
    mistakes = [Mistake(path, line, _say(detail)) for path, line, detail in found[:MOST_MISTAKES]]
    if more := len(found) - len(mistakes):
        words = ngettext("%(count)s more mistake is not listed.", "%(count)s more mistakes are not listed.", more)
        mistakes.append(Mistake("", 0, words % {"count": more}))
    return mistakes


def _is_wide(place: tuple) -> bool:
    return bool(place) and isinstance(place[-1], str) and WIDE_COLON in place[-1]


def _parse(source: bytes) -> CommentedMap:
    if len(source) > LARGEST_FILE:
        raise _in_file(_("The file is larger than 200 KB."))
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise _in_file(_("The file is not UTF-8 text; save it as UTF-8."), line) from None
    try:
        depth = 0
        for event in YAML().parse(text):
            _refuse_tricks(event)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > DEEPEST:
                raise _in_file(_("Too many brackets or levels inside one another."), event.start_mark.line + 1)
        tree = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if wide := _wide_line(text, error):
            raise _in_file(_wide_colon(), wide) from None
        raise _in_file(_unwritable(error.problem or str(error)), mark.line + 1 if mark else 0) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _in_file(_("There is a character here that no text file has."), line) from None
    except (YAMLError, ValueError) as error:
        raise _in_file(_unwritable(str(error))) from None
    if tree is None:
        raise _in_file(_("The file is empty."))
    if not isinstance(tree, CommentedMap):
        raise _in_file(_("A rulebook is written as keys with values, beginning with banzu: 1."), 1)
    return tree


def _wide_line(text: str, error: MarkedYAMLError) -> int:
    """The line that YAML stumbles over for want of a colon, where it has a full-width one instead; else 0."""
    marks = [mark.line for mark in (error.context_mark, error.problem_mark) if mark]
    lines = split(text)
    for line in dict.fromkeys(each for mark in marks for each in (mark, mark - 1)):
        if 0 <= line < len(lines) and re.match(f" *(- )?[A-Za-z_-]+{WIDE_COLON}", lines[line]):
            return line + 1
    return 0


def _in_file(message: str, line: int = 0) -> RulebookMistakes:
    return RulebookMistakes([Mistake("", line, message)])


def _refuse_tricks(event) -> None:
    """Refuse what YAML can do beyond keys, lists and values: a reader could not see what it says.

    References would also let a small file unfold into a huge one, and no database takes half a character.
    """
    line = event.start_mark.line + 1 if event.start_mark else 0
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        raise _in_file(_("Leave this line out: a rulebook needs no directives."), line)
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _in_file(_("Write it out: references (&name and *name) are not read."), line)
    if isinstance(event, ScalarEvent) and event.style is None and event.value == "<<":
        raise _in_file(_("Write it out: references (&name and *name) are not read."), line)
    if getattr(event, "tag", None) is not None:
        raise _in_file(_("Write it out: tags (!name) are not read."), line)
    if isinstance(event, ScalarEvent) and not shown_everywhere(event.value):
        raise _in_file(_("This text holds a character that cannot be shown."), line)


def _unwritable(problem: str) -> str:
    """What YAML's reader complains of, in words for those who do not know it."""
    if twice := re.match(r'found duplicate key "(.*?)" with value', problem):
        return _("The key %(key)s stands here twice.") % {"key": twice[1]}
    if "\\t" in problem:
        return _("There is a tab here; indent with spaces.")
    if "another document" in problem:
        return _("A second document begins here (---); a file holds one rulebook.")
    if "mapping values" in problem:
        return _("There are two colons here, or the indentation is wrong; a text with a colon stands in quotes.")
    if "expected <block end>" in problem:
        return _("The indentation is wrong here or in the line before: keys of one group begin below one another.")
    if "expected ',' or" in problem:
        return _("A bracket, brace, quote or comma is missing here or in the line before.")
    return _("This cannot be read; look at the indentation, colons and quotes (%(problem)s).") % {
        "problem": problem.splitlines()[0]
    }


def _plain(node: object) -> object:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, str):
        return str(node)
    if isinstance(node, Sequence):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    # A bare date or time that YAML made of an unquoted value.
    return str(node)


class _Lines:
    """Where things stand in a file that was read. Remembers the keys of its parts: a file may be all mistakes."""

    def __init__(self, tree: CommentedMap):
        self._tree = tree
        self._known: dict[int, dict[str, object]] = {}

    def locate(self, detail) -> tuple[str, int, Any]:
        """The dotted path of a mistake, the line of the deepest part of it that the file has, and the mistake."""
        node: object = self._tree
        path, line = "", 1
        for step in (*detail["loc"], *(detail.get("ctx") or {}).get("at", ())):
            if step == "[key]":
                # The key itself is wrong, not what stands under it.
                continue
            path += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
            if isinstance(node, CommentedMap) and step in (names := self._names_of(node)):
                line, node = node.lc.key(names[step])[0] + 1, node[names[step]]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line, node = node.lc.item(step)[0] + 1, node[step]
            else:
                # A missing key: its place is the part that should have it.
                node = None
        return path.lstrip("."), line, detail

    def _names_of(self, node: CommentedMap) -> dict[str, object]:
        if id(node) not in self._known:
            self._known[id(node)] = _names(node)
        return self._known[id(node)]


def _names(node: CommentedMap) -> dict[str, object]:
    """The keys as the file has them: `2026:` is a number there, and a text in the checked data."""
    return {str(key): key for key in node}


def _say(detail) -> str:
    """A mistake in the active language; what has no words of ours keeps the schema library's."""
    context = detail.get("ctx") or {}
    if "template" in context:
        return _(context["template"]).format(**context)
    words = {
        "missing": _("This key is missing."),
        "string_type": _("A text is expected here; put it in quotes."),
        "int_type": _("A whole number is expected here, without quotes."),
        "int_from_float": _("A whole number is expected here, without quotes."),
        "float_type": _("A number is expected here, without quotes."),
        "finite_number": _("A number is expected here, without quotes."),
        "bool_type": _("true or false is expected here."),
        "tuple_type": _("A list is expected here."),
        "model_type": _("A group of keys is expected here."),
        "model_attributes_type": _("A group of keys is expected here."),
        "dict_type": _("A group of keys is expected here."),
        "too_short": _("This list is empty."),
    }
    limits = {
        "greater_than": _("Must be more than %(limit)s."),
        "greater_than_equal": _("Must be at least %(limit)s."),
        "less_than_equal": _("Must be at most %(limit)s."),
        "string_too_long": _("At most %(limit)s characters."),
        "too_long": _("At most %(limit)s entries."),
        "literal_error": _("Must be one of: %(limit)s."),
    }
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(detail["loc"])
    if kind in words:
        return words[kind]
    if kind in limits:
        return limits[kind] % {"limit": _limit(context)}
    return detail["msg"]


def _unknown(place: tuple) -> str:
    if _is_wide(place):
        return _wide_colon()
    if known := names_in(place[:-1]):
        return _("This key is unknown. Here may stand: %(keys)s.") % {"keys": ", ".join(known)}
    return _("This key is unknown.")


def _wide_colon() -> str:
    return _("The colon must be the half-width one (:), with a space after it.")


def _limit(context: Mapping) -> str:
    if "expected" in context:
        # The library's list: 'block', 'warn' or 'off'.
        return context["expected"].replace(" or ", ", ").replace("'", "")
    limit = next(context[name] for name in ("gt", "ge", "le", "max_length") if name in context)
    return plain(limit)

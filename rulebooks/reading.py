"""From a rulebook file to a checked rulebook, or to a list of mistakes that each name their path and line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from .schema import Rulebook

# A written rulebook is a few pages; anything larger is not one.
LARGEST_FILE = 500_000


@dataclass(frozen=True)
class Mistake:
    """One mistake: where (dotted path, line from 1; 0 when there is no line) and what."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        where = _("line %(line)s, %(path)s") % {"line": self.line, "path": self.path}
        return f"{where}: {self.message}"


class RulebookMistakes(Exception):
    """A file that is no rulebook; `mistakes` is never empty."""

    def __init__(self, mistakes: Sequence[Mistake]):
        self.mistakes = list(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def read(source: bytes) -> tuple[Rulebook, dict]:
    """Read a file's bytes: the rulebook and its content as plain JSON values. Raises RulebookMistakes."""
    tree = _parse(source)
    plain = {str(key): _plain(value) for key, value in tree.items()}
    try:
        return Rulebook.model_validate(plain), plain
    except ValidationError as error:
        details = error.errors()
        # A list with a wrong item is also reported as too short: say only what is wrong inside it.
        inner = [d for d in details if not any(_inside(other["loc"], d["loc"]) for other in details)]
        raise RulebookMistakes([_mistake(tree, detail) for detail in inner]) from None


def _inside(place: tuple, whole: tuple) -> bool:
    return len(place) > len(whole) and place[: len(whole)] == whole


def _parse(source: bytes) -> CommentedMap:
    if len(source) > LARGEST_FILE:
        raise RulebookMistakes([Mistake("file", 0, _("The file is larger than 500 KB."))])
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RulebookMistakes([Mistake("file", 0, _("The file is not UTF-8 text."))]) from None
    try:
        for event in YAML().parse(text):
            # Aliases let a small file unfold into a huge one, and a reader cannot see what they say.
            if isinstance(event, AliasEvent):
                line = event.start_mark.line + 1
                raise RulebookMistakes([Mistake("file", line, _("Write it out: references (*name) are not read."))])
        tree = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = (error.problem or str(error)).splitlines()[0]
        raise RulebookMistakes([Mistake("file", mark.line + 1 if mark else 0, problem)]) from None
    except (YAMLError, ValueError) as error:
        raise RulebookMistakes([Mistake("file", 0, str(error).splitlines()[0])]) from None
    if not isinstance(tree, CommentedMap):
        raise RulebookMistakes([Mistake("file", 1, _("A rulebook is a list of keys with values."))])
    return tree


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


def _mistake(tree: CommentedMap, detail) -> Mistake:
    path, line = _locate(tree, detail["loc"])
    return Mistake(path, line, _say(detail))


def _locate(tree: CommentedMap, steps: Sequence[str | int]) -> tuple[str, int]:
    """The dotted path and the line of the deepest part of `steps` that the file has."""
    node: object = tree
    words, line = [], 1
    for step in steps:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
            node = node[step]
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
            node = node[step]
        elif isinstance(step, str) and step in ("[key]",):
            continue
        else:
            # A missing key: its place is the part that should have it.
            node = None
        words.append(f"[{step + 1}]" if isinstance(step, int) else f".{step}")
    return "".join(words).lstrip(".") or "file", line


def _say(detail) -> str:
    """A mistake in the active language; what has no words of ours keeps the schema library's."""
    context = detail.get("ctx") or {}
    if "template" in context:
        return _(context["template"]).format(**{name: v for name, v in context.items() if name != "template"})
    words = {
        "missing": _("This key is missing."),
        "extra_forbidden": _("This key is unknown."),
        "string_type": _("A text is expected here."),
        "int_type": _("A whole number is expected here."),
        "int_parsing": _("A whole number is expected here."),
        "int_from_float": _("A whole number is expected here."),
        "float_type": _("A number is expected here."),
        "float_parsing": _("A number is expected here."),
        "bool_type": _("true or false is expected here."),
        "bool_parsing": _("true or false is expected here."),
        "tuple_type": _("A list is expected here."),
        "model_type": _("A group of keys is expected here."),
        "model_attributes_type": _("A group of keys is expected here."),
        "dict_type": _("A group of keys is expected here."),
        "too_short": _("This list is too short."),
        "string_pattern_mismatch": _("This code is not written as codes are: see the documentation of the key."),
    }
    limits = {
        "greater_than": _("Must be more than %(limit)s."),
        "greater_than_equal": _("Must be at least %(limit)s."),
        "less_than_equal": _("Must be at most %(limit)s."),
        "string_too_long": _("At most %(limit)s characters."),
        "string_too_short": _("At least %(limit)s characters."),
        "literal_error": _("Must be one of %(limit)s."),
    }
    kind = detail["type"]
    if kind in words:
        return words[kind]
    if kind in limits:
        names = ("gt", "ge", "le", "max_length", "min_length", "expected")
        return limits[kind] % {"limit": next(context[name] for name in names if name in context)}
    return detail["msg"]

"""Where a part of a rulebook stands in its file, and how to put other lines there. Pure: text in, text out.

A place is written with dots: "rest", "clauses.late", "shifts.N.headcount", "clauses.3". In a list it is the part with
that code, or else the one at that position, counted from 1.
"""

import re
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class NoSuchPlace(LookupError):
    """The file has no part there, or is none in which a part could be found."""


@dataclass(frozen=True)
class Lines:
    """The lines of a part in its file, `first` and `last` counted from 1 and both included.

    `indent` is what all of them begin with, and what a person who edits them need not see.
    """

    first: int
    last: int
    indent: str
    text: str


# What ends a line for YAML's reader, by whose marks we count.
END = "\n\r\x85\u2028\u2029"
LINE = re.compile(f"[^{END}]*(?:\r\n|[{END}])|[^{END}]+")


def split(source: str) -> list[str]:
    """The lines of a file with their ends; `"".join` gives it back."""
    return LINE.findall(source)


def lines_of(source: str, place: str) -> Lines:
    """The lines on which the part at `place` stands, with their common indentation taken away; raises NoSuchPlace."""
    first, last = _find(source, place)
    lines = split(source)[first : last + 1]
    indent = re.match(" *", lines[0])[0]  # type: ignore[index]
    if not all(line.startswith(indent) for line in lines if line.strip()):
        indent = ""
    text = "".join(line.removeprefix(indent) if line.strip() else line for line in lines)
    return Lines(first + 1, last + 1, indent, text)


def splice(source: str, place: str, new_lines: str) -> str:
    """`source` with the lines of the part at `place` replaced; every other byte stays. Raises NoSuchPlace.

    `new_lines` are indented as `lines_of` showed them. They are checked by nobody here: what they make of the file is
    for `reading` to say.
    """
    old = lines_of(source, place)
    lines = split(source)
    before, after = lines[: old.first - 1], lines[old.last :]
    new = [old.indent + line if line.strip() else line for line in split(new_lines)]
    if new and after and new[-1][-1] not in END:
        new[-1] += re.search(f"\r\n$|[{END}]$", lines[old.last - 1])[0]  # type: ignore[index]
    return "".join([*before, *new, *after])


def _find(source: str, place: str) -> tuple[int, int]:
    """The first and the last line of the part, counted from 0."""
    try:
        node = YAML().compose(source)
    except (YAMLError, ValueError, RecursionError):
        raise NoSuchPlace(place) from None
    first = 0
    for step in place.split("."):
        first, node = _step(node, step, place)
    return first, max(first, _last_line(node))


def _step(node: Node | None, step: str, place: str) -> tuple[int, Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line, value
    if isinstance(node, SequenceNode):
        found = next((item for item in node.value if _code(item) == step), None)
        if found is None and re.fullmatch("[1-9][0-9]{0,3}", step) and int(step) <= len(node.value):
            found = node.value[int(step) - 1]
        if found is not None:
            return _dash(node, found), found
    raise NoSuchPlace(place)


def _code(node: Node) -> str | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value.value for key, value in node.value if key.value == "code"), None)


def _dash(node: SequenceNode, item: Node) -> int:
    """The line of the dash before an item, which may stand alone above it."""
    line = item.start_mark.line
    if node.flow_style:
        return line
    lines = split(item.start_mark.buffer)
    above = line
    while above > node.start_mark.line and not lines[above][: item.start_mark.column].strip().startswith("-"):
        above -= 1
    return above


def _last_line(node: Node) -> int:
    """The last line that says something of the part: what follows it, blank lines and comments, is not its own."""
    if isinstance(node, ScalarNode):
        end, start = node.end_mark, node.start_mark
        if node.style is None and not node.value:
            # Nothing stands here; its mark is wherever the next word is.
            return 0
        whole_lines = node.style in ("|", ">") and end.column == 0 and end.line > start.line
        return end.line - 1 if whole_lines else end.line
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style:
        return node.end_mark.line
    children = [value for pair in node.value for value in pair] if isinstance(node, MappingNode) else node.value
    return max((_last_line(child) for child in children), default=node.end_mark.line)

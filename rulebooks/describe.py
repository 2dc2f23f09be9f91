"""The reference of the rulebook file, docs/rulebook.md, made from the schema; in the active language.

Nothing in it is typed twice: words come from the schema, examples from the ready-made rulebook, and the mistakes of a
wrong file from reading one.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from .keys import Key, every_key, rights, roles
from .places import lines_of
from .reading import RulebookMistakes, read
from .ready_made import LIBRARY, ready_made
from .schema import METRICS
from .sentences import in_a_row, rest_rules

EXAMPLE = LIBRARY / "three-shift-desk.yaml"
# What is written wrongly to show how mistakes are told: what stands in the example → what stands there instead.
SPOILT = (("due_days: 7", "due_days: a week"), ("palette: day", "colour: yellow"))


def reference() -> str:
    """The whole page as Markdown, with a line break at its end."""
    source, content = _example(EXAMPLE)
    keys = list(every_key())
    top = list(dict.fromkeys(key.path[0] for key in keys))
    single = [key for key in keys if len(key.path) == 1 and not key.is_group and key.name != "rights"]
    groups = [name for name in top if name not in {key.name for key in single}]
    blocks = [*_introduction(source), *_library(), *_values()]
    blocks += [_heading(_("The head of the file")), _fenced(_head(source, single)), _table(single, content)]
    for name in groups:
        blocks += _section(name, [key for key in keys if key.path[0] == name], *example_with(name))
    return "\n\n".join(blocks) + "\n"


def _example(path: Path) -> tuple[str, dict]:
    """A file of the library as text, and its content."""
    source = path.read_text(encoding="utf-8")
    return source, read(source.encode())[1]


def example_with(section: str) -> tuple[str, dict]:
    """The example, or the first other file of the library, that has this section."""
    for path in (EXAMPLE, *sorted(LIBRARY.glob("*.yaml"))):
        source, content = _example(path)
        if section in content:
            return source, content
    raise AssertionError(f"no ready-made rulebook has {section}")


def example_of(key: Key, content: Mapping) -> str:
    """The key with a value as the example has it, `days_per_month: 4`; else with the schema's own; empty for groups."""
    values = [*_found(content, key.path), *(key.field.examples or [])]
    if key.is_group:
        # Its section shows it as a whole; here only what stands for it in one word.
        values = [value for value in values if isinstance(value, str)]
    return f"{key.name}: {as_written(values[0])}" if values else ""


def as_written(value: object) -> str:
    """A value in one line of a rulebook file."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {as_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_written, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        plain = YAML(typ="safe").load(f"{{a: {value}}}") == {"a": value} and "#" not in value
    except YAMLError:
        plain = False
    return value if plain and not re.match(r"[0-9]", value) else json.dumps(value, ensure_ascii=False)


def _found(node: object, path: Sequence[str]) -> Iterator[object]:
    """Every value in the content that `path` leads to."""
    if not path:
        yield node
    elif path[0] == "[]":
        # A list at the end of the path is shown as a whole.
        for item in [node] if len(path) == 1 else node if isinstance(node, list) else []:
            yield from _found(item, path[1:])
    elif isinstance(node, Mapping) and path[0] in node:
        yield from _found(node[path[0]], path[1:])


# -- Words ------------------------------------------------------------------------------------------------------------


def _introduction(source: str) -> list[str]:
    return [
        "# " + _("The rulebook file, key by key"),
        "> " + _("This page is made from the schema by `manage.py describe_rulebook`. Do not edit it here."),
        _(
            "A rulebook is one text file in YAML: keys with values, indented with two spaces, comments after `#`. The "
            "keys below are all there are; an unknown one is refused, so that no rule looks as if it held when nothing "
            "executes it."
        ),
        _heading(_("Changing a rule")),
        _(
            "In the browser: open *Rulebook*, press *Change* beside the clause, shift or indicator (or *Change the "
            "rulebook* for the whole text), edit the lines, choose the first day, press *Check the text*. What changes "
            "is shown in words, before and after; *Publish* makes it the next version. It needs the right "
            "`edit_rulebook`."
        ),
        _("By command, on the machine that runs Banzu:"),
        _fenced('make manage ARGS="import_rulebook my-rules.yaml --department yunshan --from 2026-12-01"', "sh"),
        _heading(_("Versions and first days")),
        _(
            "- A published version never changes. A correction is the next version.\n"
            "- A version holds from its first day until the next one's. It cannot begin before the version that is "
            "latest now.\n"
            "- What was judged keeps the version it was judged by: fines, handovers, scorecards of earlier days stay.\n"
            "- Shifts that are already planned keep their hours; newly planned ones take the hours of their day.\n"
            "- The scorecard changes from the first of a month only.\n"
            "- The browser offers no day that is past. The command does with `--back-dated`; what happened since and "
            "is judged later is then judged by the new version."
        ),
        _heading(_("How mistakes are shown")),
        _("Each with the line and the path of its key. With a mistake in it, nothing is stored. For example:"),
        _fenced(_mistakes(source), "text"),
        _("Lists count from 1: `shifts[1]` is the first shift."),
    ]


def _mistakes(source: str) -> str:
    for right, wrong in SPOILT:
        source = source.replace(right, wrong, 1)
    try:
        read(source.encode())
    except RulebookMistakes as error:
        return "\n".join(each.in_file("my-rules.yaml") for each in error.mistakes)
    raise AssertionError("the spoilt example has no mistake")


def _library() -> list[str]:
    """What the ready-made rulebooks are, each in a line."""
    lines = [
        f"| `{each.code}.yaml` | {each.title} | {each.shifts} | {in_a_row(rest)} |"
        for each in ready_made()
        for rest in [rest_rules(read(each.source)[0])]
    ]
    words = _("A new department may begin with one of these; they lie in `rulebooks/library/` and may be copied.")
    head = _columns(_("File"), _("Heading"), _("Shift types"), _("Rest days"))
    return [_heading(_("Ready-made rulebooks")), words, "\n".join([head, *lines])]


def _values() -> list[str]:
    rows = [
        (_("text in both languages"), _("the same in Chinese and in English"), "{zh-Hans: 白班, en: Day}"),
        (_("text"), _("in quotes if it looks like a number"), '"12.3"'),
        (_("code"), _("small letters, digits and hyphens, 40 at most; never shown to readers"), "a-code-2"),
        (_("shift code"), _("capital letters and digits, 4 at most, a letter first"), "N"),
        (_("whole number"), _("without quotes"), "15"),
        (_("number"), _("with a point, without quotes"), "62.5"),
        (_("true or false"), _("not yes, no, on, off"), "true"),
        (_("hours"), _("from when to when, in quotes"), '"17:00-01:00"'),
        (_("role"), ", ".join(f"`{value}` {label}" for value, label in roles().items()), "manager"),
    ]
    lines = [f"| {kind} | {words} | `{example}` |" for kind, words, example in rows]
    head = _columns(_("Value"), _("How it is written"), _("Example"))
    return [_heading(_("Kinds of values")), "\n".join([head, *lines])]


def _section(name: str, keys: list[Key], source: str, content: Mapping) -> list[str]:
    first, *rest = keys
    place = name
    text = ""
    if first.shape.items and first.path[-1] == "[]":
        # The item that shows most of the keys.
        items = content[name]
        fullest = max(items, key=lambda item: (len(item), len(str(item))))
        place, text = f"{name}.{fullest['code']}", f"{name}:\n"
    lines = lines_of(source, place)
    shown = "".join((lines.indent + line if text else line) for line in lines.text.splitlines(keepends=True))
    blocks = [f"## `{name}`: {first.title}", first.description]
    if not first.field.is_required():
        blocks.append(_("This section may be left out."))
    blocks.append(_fenced(text + shown))
    return [*blocks, _rights_table(content) if name == "rights" else _table(rest, content)]


def _rights_table(content: Mapping) -> str:
    lines = [
        f"| `rights.{right}` | {words} | `{right}: {as_written(content['rights'][right])}` |"
        for right, words in rights().items()
    ]
    head = _columns(_("Key of the file"), _("What it lets a role do"), _("Example"))
    return "\n".join([head, *lines])


def _table(keys: list[Key], content: Mapping) -> str:
    head = _columns(_("Key of the file"), _("What it says"), _("Value"), _("Left out"), _("Example"))
    return "\n".join([head, *(_row(key, content) for key in keys)])


def _row(key: Key, content: Mapping) -> str:
    example = example_of(key, content)
    cells = [
        f"`{key.dotted}`",
        f"**{key.title}.** {key.description}",
        _value(key),
        _left_out(key),
        f"`{example}`" if example else "",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(key: Key) -> str:
    parts = [key.kind, key.unit, key.limits]
    line = pgettext("between facts", "; ").join(part for part in parts if part)
    methods = METRICS if key.name == "metric" else {}
    meanings = {
        value: words + "".join(f" `{method}`" for method in methods.get(value, ()))
        for value, words in key.values.items()
    }
    return "<br>".join([line, *(f"`{value}`: {words}" for value, words in meanings.items())])


def _left_out(key: Key) -> str:
    if key.field.is_required():
        return _("must stand")
    return f"`{key.default}`" if key.default else _("nothing")


def _head(source: str, keys: list[Key]) -> str:
    return "".join(lines_of(source, key.name).text for key in keys)


def _heading(words: str) -> str:
    return f"## {words}"


def _columns(*names: str) -> str:
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def _fenced(text: str, language: str = "yaml") -> str:
    return f"```{language}\n{text.rstrip()}\n```"

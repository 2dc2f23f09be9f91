"""The Chinese catalog: `update` brings it up to date with the sources, `check` says what it lacks.

Both the catalog (.po) and its compiled form (.mo) are part of the project: `make run` needs no gettext.
"""

import ast
import gettext
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOG = Path("locale/zh_Hans/LC_MESSAGES/django.po")
# Folders whose text no reader of the site sees.
IGNORED = (".venv", "var", "tests", "bench", "docs", "scripts", "static/vendor")
MAKEMESSAGES = ("makemessages", "-l", "zh_Hans", "--no-obsolete", "--add-location", "file", "-v", "0")
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Banzu\\n"
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


@dataclass
class Entry:
    """One message of a catalog: its key, its translations (several with a plural) and its flags."""

    context: str | None = None
    msgid: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str | None, str, str | None]:
        return self.context, self.msgid, self.plural

    @property
    def is_translated(self) -> bool:
        return bool(self.translations) and all(self.translations.values()) and "fuzzy" not in self.flags


def entries_of(text: str) -> dict[tuple, Entry]:
    """The messages of a .po file by key, without its header and its obsolete ones."""
    found: dict[tuple, Entry] = {}
    for block in text.split("\n\n"):
        entry, add = Entry(), None
        for line in block.splitlines():
            if line.startswith("#,"):
                entry.flags |= {flag.strip() for flag in line[2:].split(",")}
            elif line.startswith("#"):
                continue
            elif line.startswith('"') and add:
                add(ast.literal_eval(line))
            elif " " in line:
                word, quoted = line.split(" ", 1)
                add = _filler(entry, word)
                add(ast.literal_eval(quoted))
        if entry.msgid:
            found[entry.key] = entry
    return found


def _filler(entry: Entry, word: str):
    """The function that appends text to the part of `entry` that the keyword `word` names."""
    if word.startswith("msgstr"):
        number = int(word[7:-1] or 0) if "[" in word else 0

        def add(text: str) -> None:
            entry.translations[number] = entry.translations.get(number, "") + text

        return add
    attribute = {"msgctxt": "context", "msgid": "msgid", "msgid_plural": "plural"}[word]
    return lambda text: setattr(entry, attribute, (getattr(entry, attribute) or "") + text)


def complaints(*, catalog: str, sources: str) -> list[str]:
    """What keeps `catalog` from being complete, given a catalog freshly drawn from the sources; one line each."""
    have, wanted = entries_of(catalog), entries_of(sources)
    found = []
    for key, entry in have.items():
        if key not in wanted:
            found.append(f"no longer used: {entry.msgid!r}")
        elif "fuzzy" in entry.flags:
            found.append(f"marked fuzzy: {entry.msgid!r}")
        elif not entry.is_translated:
            found.append(f"not translated: {entry.msgid!r}")
    found += [f"not in the catalog: {entry.msgid!r}" for key, entry in wanted.items() if key not in have]
    return found


def django(*arguments: str, folder: Path) -> None:
    """Runs a command of Django's own in `folder`, without settings: the texts can be drawn from sources that do not
    even start. A failure ends this script."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-m", "django", *arguments], cwd=folder, env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def draw(folder: Path) -> None:
    """Writes the catalog of the sources in `folder`, keeping the translations it already has."""
    (folder / "locale").mkdir(exist_ok=True)
    ignored = [part for name in IGNORED for part in ("--ignore", f"{name}/*")]
    django(*MAKEMESSAGES, *ignored, folder=folder)


def update() -> None:
    path = ROOT / CATALOG
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER)
    before = path.read_text()
    draw(ROOT)
    # A new date alone is no change worth a commit.
    if _undated(before) == _undated(path.read_text()):
        path.write_text(before)
    django("compilemessages", "-l", "zh_Hans", "-v", "0", "--ignore", ".venv", folder=ROOT)
    missing = [entry for entry in entries_of(path.read_text()).values() if not entry.is_translated]
    print(f"{CATALOG}: {len(missing)} messages to translate")


def _undated(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "POT-Creation-Date" not in line)


def check() -> list[str]:
    """What is wrong with the catalog, one line each; draws the sources' messages in a copy of the project."""
    path = ROOT / CATALOG
    if not path.exists():
        return [f"{CATALOG} is missing (run: make messages)"]
    with tempfile.TemporaryDirectory(prefix="banzu-messages-") as name:
        copy = Path(name) / "project"
        shutil.copytree(ROOT, copy, ignore=_not_copied)
        (copy / CATALOG).unlink()
        draw(copy)
        sources = (copy / CATALOG).read_text()
        found = complaints(catalog=path.read_text(), sources=sources)
        compiled = Path(name) / "django.mo"
        tested = subprocess.run(
            ["msgfmt", "--check-format", "-o", compiled, path], capture_output=True, text=True, check=False
        )
        if tested.returncode:
            found += tested.stderr.strip().splitlines()
        elif not found and _messages(compiled) != _messages(path.with_suffix(".mo")):
            found.append(f"{CATALOG.with_suffix('.mo')} is not compiled from the catalog (run: make messages)")
    return found


def _not_copied(folder: str, names: list[str]) -> set[str]:
    inside = Path(folder).relative_to(ROOT)
    return {name for name in names if name in (".git", "__pycache__") or str(inside / name) in IGNORED}


def _messages(path: Path) -> dict:
    """The messages of a compiled catalog, without its dated header; empty where the file is missing."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    catalog.pop("", None)
    return catalog


if __name__ == "__main__":
    if not shutil.which("xgettext"):
        sys.exit("messages: gettext is needed; on Debian or Ubuntu: apt install gettext")
    if sys.argv[1:] == ["update"]:
        update()
    elif found := check():
        sys.exit("\n".join(found[:40] + ([f"… and {len(found) - 40} more"] if len(found) > 40 else [])))

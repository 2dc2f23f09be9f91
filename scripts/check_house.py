"""The rules of the house that no linter knows: what a template may hold, how long a file may grow.

The site's content security policy refuses inline styles, inline scripts and other hosts; in a browser such a mistake
is silent, so it is found here.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("config", "desk", "kpi", "handover", "shifts", "ledger", "rulebooks", "people", "office")
LONGEST = 450

COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SCRIPT = re.compile(r"<script\b[^>]*>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
MARKUP = (
    (re.compile(r"(?<![\w-])style\s*=", re.IGNORECASE), "a style attribute; use a class"),
    (re.compile(r"<style\b", re.IGNORECASE), "a style element; use a file under static/css/"),
    (re.compile(r"(?<![\w-])hx-on\b", re.IGNORECASE), "hx-on; use a file under static/js/"),
    (
        re.compile(r"(?<![\w-])on[a-z]+\s*=\s*[\"']", re.IGNORECASE),
        "an inline handler; use a file under static/js/",
    ),
    (re.compile(r"javascript:", re.IGNORECASE), "a javascript: address"),
)
# The XML namespaces of an SVG are names that no browser asks for.
HOST = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
LOADED = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", re.IGNORECASE)


def blank(pattern: re.Pattern, text: str) -> str:
    """`text` with every match of `pattern` blanked out, its lines kept where they are."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def template_faults(text: str) -> Iterator[tuple[int, str]]:
    """Line and words for each thing in a template that the site's policy refuses."""
    text = blank(COMMENT, text)
    # A style, a script or a handler is judged as the browser sees it: between the tags of the template language.
    markup = blank(TAG, text)
    for pattern, words in MARKUP:
        for match in pattern.finditer(markup):
            yield line_of(markup, match.start()), words
    for match in SCRIPT.finditer(markup):
        if match["body"].strip():
            yield line_of(markup, match.start()), "an inline script; use a file under static/js/"
    for match in HOST.finditer(text):
        yield line_of(text, match.start()), f"the address of another host: {match[0]}"


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def faults(root: Path) -> Iterator[str]:
    """Every broken rule under `root`, as `path:line: words`."""
    templates = [path for folder in ("templates", *ROOMS) for path in root.glob(f"{folder}/**/*.html")]
    for path in sorted(templates):
        for line, words in template_faults(path.read_text()):
            yield f"{path.relative_to(root)}:{line}: {words}"
    for path in sorted([*root.glob("static/**/*.css"), *root.glob("static/**/*.js"), *root.glob("static/**/*.svg")]):
        text = path.read_text()
        own = "vendor" not in path.relative_to(root).parts
        for match in (HOST if own else LOADED).finditer(text):
            yield f"{path.relative_to(root)}:{line_of(text, match.start())}: the address of another host: {match[0]}"
    for path in sorted(path for room in (*ROOMS, "tests", "scripts", "bench") for path in root.glob(f"{room}/**/*.py")):
        length = len(path.read_text().splitlines())
        if length > LONGEST and "migrations" not in path.parts:
            yield f"{path.relative_to(root)}:{length}: longer than {LONGEST} lines; make it a package split by noun"


if __name__ == "__main__":
    if found := list(faults(ROOT)):
        sys.exit("\n".join(found))

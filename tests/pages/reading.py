"""What a person reads on a page, by eye or by ear, and which of it is in the wrong language."""

import functools
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.etree import ElementTree

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Not read as words: scripts, keys of the keyboard, files and codes, what somebody has typed.
UNREAD = {"script", "style", "kbd", "code", "pre", "samp", "textarea"}
SPOKEN = {"title", "placeholder", "alt", "label", "summary", "hx-confirm", "data-label"} | {
    f"aria-{name}" for name in ("label", "description", "valuetext", "roledescription", "placeholder", "braillelabel")
}
BUTTONS = {"submit", "button", "reset"}
MARK = "班"

CHINESE = re.compile("[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]+")
LATIN = re.compile("[A-Za-z\u00c0-\u024f]{2,}")
# Names that are the same in Chinese (Email: to allauth, whose pages these are), and what is no word at all.
NAMES = {
    "Excel",
    "CSV",
    "YAML",
    "PDF",
    "QR",
    "A4",
    "Banzu",
    "UTC",
    "Ctrl",
    "Shift",
    "GitHub",
    "PostgreSQL",
    "SQLite",
} | {"Email"}
NO_WORDS = re.compile(
    r"""
    https?://\S+ | [\w.+-]+@[\w.-]+ | (?<![\w])/[\w/.?=&%-]+   # addresses
    | [A-Z][a-z]+/[A-Z]\w+                                      # time zones
    | %\(\w+\)[sd] | \{\w*\}                                    # what a script fills in
    | \b(?=[0-9a-f]*\d)[0-9a-f]{4,}\b                           # hashes
    | manage\.py\ \w+                                           # commands
    | \b[\w-]+\.(?:yaml|yml|xlsx|csv|pdf|png|jpg)\b                     # files
    """,
    re.VERBOSE,
)
# Words in data-… that a script or a style sheet shows; other values there are codes and addresses.
SENTENCE = re.compile(r"^[A-Z][a-z]+\b|[a-z]{2,} [a-z]{2,} [a-z]{2,}")

# Days are written 2026-11-03, within a year 11-03, months in words or 2026-11; money with its two places and commas.
ODD_SHAPES = re.compile(
    r"""
    \b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?\ \d{1,2}(?:,|\b(?!\d))  # Nov. 3, 2026
    | \d+\ ?月\ ?\d+\ ?[日号]                                                            # 11月3日
    | \b\d{4}/\d{1,2}/\d{1,2}\b | \b\d{1,2}/\d{1,2}/\d{4}\b
    | \b\d{1,2}(?::\d\d)?\ ?[ap]\.?m\b | [上下]午\ ?\d
    | [¥￥]\ ?\d | \b\d{4,}\.\d\d\b
    """,
    re.VERBOSE,
)


@dataclass
class Reader(HTMLParser):
    """Collects what is read: texts, with the language that the page claims for them."""

    language: str
    texts: list[str] = field(default_factory=list)
    # Of each open element: its name, its language, whether its text is read.
    open_: list[tuple[str, str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @property
    def here(self) -> tuple[str, bool]:
        return self.open_[-1][1:] if self.open_ else (self.language, True)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        language, read = self.here
        language = attributes.get("lang", language).lower()
        if tag == "html":
            assert language == self.language, f"the page says that its language is {language!r}"
        if language == self.language:
            self.texts += spoken(tag, attributes, self.language)
        if tag not in VOID:
            self.open_.append((tag, language, read and tag not in UNREAD))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while tag in (name for name, _language, _read in self.open_):
            if self.open_.pop()[0] == tag:
                break

    def handle_data(self, data):
        language, read = self.here
        text = " ".join(data.split())
        if text and read and language == self.language and text != MARK:
            self.texts.append(text)


def spoken(tag: str, attributes: dict[str, str], language: str) -> Iterator[str]:
    """The words in an element's attributes."""
    is_button = tag == "input" and attributes.get("type") in BUTTONS
    is_meta = tag == "meta" and attributes.get("name") in ("description", "application-name")
    for name, value in attributes.items():
        shown = name in SPOKEN or (name == "value" and is_button) or (name == "content" and is_meta)
        by_script = name.startswith("data-") and (language == "en" or bool(SENTENCE.search(value)))
        if shown or by_script:
            yield value


def texts_of(response, language: str) -> list[str]:
    """Everything that is read of an answer: a page, a part of one, JSON with parts in it, or an Excel file."""
    kind = response.headers.get("Content-Type", "")
    if "spreadsheet" in kind:
        return list(sheet_texts(response))
    if response.streaming:
        # A file that somebody handed in: what it says is theirs.
        return []
    content = response.content.decode()
    if "json" in kind:
        return [text for value in json_texts(json.loads(content)) for text in html_texts(value, language)]
    return html_texts(content, language) if "html" in kind else []


def html_texts(html: str, language: str) -> list[str]:
    reader = Reader(language)
    reader.feed(html)
    reader.close()
    return reader.texts


def json_texts(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from json_texts(one)


def sheet_texts(response) -> Iterator[str]:
    """Strings, names of sheets and column heads of a workbook."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        for name in book.namelist():
            if name == "xl/workbook.xml" or name == "xl/sharedStrings.xml" or name.startswith("xl/worksheets/sheet"):
                for node in ElementTree.fromstring(book.read(name)).iter():
                    kind = node.tag.rpartition("}")[2]
                    if kind == "t" and node.text:
                        yield node.text
                    elif kind == "sheet":
                        yield node.attrib["name"]


def strange(texts: list[str], language: str, known: frozenset[str] = frozenset()) -> list[str]:
    """Those with words of the other language. `known`: user names, codes of the rulebook."""
    return [text for text in dict.fromkeys(texts) if _is_strange(text, language, known)]


def misshapen(texts: list[str]) -> list[str]:
    """Those with a day, a time or an amount written as nowhere else."""
    return [text for text in dict.fromkeys(texts) if ODD_SHAPES.search(text)]


@functools.lru_cache(maxsize=100_000)
def _is_strange(text: str, language: str, known: frozenset[str]) -> bool:
    """Remembered: the same menu stands on every page."""
    if language == "en":
        return bool(CHINESE.search(text))
    if not LATIN.search(text):
        return False
    # Addresses first: a known word inside one would tear it apart.
    bare = NO_WORDS.sub(" ", text)
    for word in sorted(known, key=len, reverse=True):
        bare = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", " ", bare)
    return bool(set(LATIN.findall(NO_WORDS.sub(" ", bare))) - NAMES)

"""Every kind of mistake in a rulebook file: where it is, and what is said about it."""

import json
import re

import pytest
from django.utils import translation

from rulebooks import reading
from rulebooks.reading import LARGEST_FILE, Mistake, RulebookMistakes, read
from rulebooks.schema import Rulebook
from tests.conftest import HERE, LIBRARY
from tests.rulebooks import mistakes, mistakes_of_notebooks, mistakes_of_time

CASES = mistakes.CASES | mistakes_of_time.CASES | mistakes_of_notebooks.CASES
SEVERAL = mistakes.SEVERAL | mistakes_of_time.SEVERAL
FILES = [*sorted(LIBRARY.glob("*.yaml")), *sorted((HERE / "rulebooks").glob("*.yaml"))]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def mistakes_in(text: str | bytes) -> list[Mistake]:
    with pytest.raises(RulebookMistakes) as refusal:
        read(text.encode() if isinstance(text, str) else text)
    return refusal.value.mistakes


def line_of(text: str, snippet: str) -> int:
    assert text.count(snippet) == 1, f"{snippet!r} should stand there once"
    return text.count("\n", 0, text.index(snippet)) + 1


class TestGoodFiles:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_every_ready_made_rulebook_is_read(self, path):
        rulebook, content = read(path.read_bytes())
        assert rulebook.shifts
        assert rulebook.clauses
        assert content["banzu"] == 1

    def test_the_content_is_plain_data_that_gives_the_same_rulebook_again(self, plain_text):
        rulebook, content = read(plain_text.encode())
        assert type(rulebook).model_validate(json.loads(json.dumps(content))) == rulebook

    def test_the_mark_at_the_beginning_and_windows_line_ends_are_no_mistake(self, plain_text):
        plain, _content = read(plain_text.encode())
        assert read(b"\xef\xbb\xbf" + plain_text.replace("\n", "\r\n").encode())[0] == plain


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_named_with_its_place_and_in_words(spoil, name):
    old, new, path, snippet, words = CASES[name]
    text = spoil(old, new)
    found = mistakes_in(text)
    mistake = next((each for each in found if each.path == path), None)
    assert mistake, f"nothing is said about {path}: {found}"
    assert words in mistake.message
    if snippet is not None:
        assert mistake.line == line_of(text, snippet)
    if name not in SEVERAL:
        assert found == [mistake]


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_as_a_sentence_and_in_the_readers_language(spoil, name, monkeypatch):
    old, new, *_rest = CASES[name]
    for mistake in mistakes_in(spoil(old, new)):
        assert re.match(r'[A-Z"]|(true|days|from|[a-z]+_[a-z]+) ', mistake.message)
        assert mistake.message.endswith(".")
        assert "Input should" not in mistake.message
    monkeypatch.setattr(reading, "_", lambda message: f"译{message}")
    assert {mistake.message[0] for mistake in mistakes_in(spoil(old, new))} == {"译"}


class TestWholeFiles:
    @pytest.mark.parametrize("source", [b"", b"\n\n", b"# only a remark\n", b"\xef\xbb\xbf", b"---\n"])
    def test_an_empty_one(self, source):
        assert mistakes_in(source) == [Mistake("", 0, "The file is empty.")]

    @pytest.mark.parametrize("source", [b"- banzu: 1\n", b"banzu\n", b"7\n", b"[]\n"])
    def test_one_that_is_no_group_of_keys(self, source):
        [mistake] = mistakes_in(source)
        assert (mistake.path, mistake.line) == ("", 1)
        assert "written as keys with values" in mistake.message

    def test_an_empty_group_lacks_every_section(self):
        found = mistakes_in("{}")
        assert {mistake.message for mistake in found} == {"This key is missing."}
        assert {"banzu", "shifts", "clauses", "scorecard"} <= {mistake.path for mistake in found}

    def test_one_in_another_encoding_with_the_line(self):
        [mistake] = mistakes_in("banzu: 1\ntitle: 制度\n".encode("gb18030"))
        assert mistake == Mistake("", 2, "The file is not UTF-8 text; save it as UTF-8.")

    @pytest.mark.parametrize("source", [b"\x00" * 10, bytes(range(256)), b"PK\x03\x04 an Excel sheet"])
    def test_one_that_is_no_text(self, source):
        assert mistakes_in(source)

    def test_one_that_is_too_large_is_not_even_read(self):
        assert mistakes_in(b"x" * (LARGEST_FILE + 1)) == [Mistake("", 0, "The file is larger than 200 KB.")]

    def test_all_mistakes_are_told_at_once_from_the_top_down(self, spoil):
        text = (
            spoil("currency: CNY", "currency: EUR")
            .replace("due_days: 7", "due_days: soon")
            .replace("flag: true", "flag: 1")
        )
        found = mistakes_in(text)
        assert [mistake.path for mistake in found] == ["currency", "fund.due_days", "scorecard.grades[4].flag"]
        assert [mistake.line for mistake in found] == sorted(mistake.line for mistake in found)


class TestMany:
    """A file of nothing but mistakes is told as quickly as it is read."""

    def test_the_first_hundred_are_told_and_how_many_more_there_are(self):
        found = mistakes_in("".join(f"key{n}: 1\n" for n in range(300)))
        assert len(found) == 101
        lines = [mistake.line for mistake in found[:100]]
        assert lines == sorted(lines)
        missing = sum(field.is_required() for field in Rulebook.model_fields.values())
        assert found[100] == Mistake("", 0, f"{200 + missing} more mistakes are not listed.")

    def test_a_hundred_are_told_without_more(self, plain_text):
        found = mistakes_in(plain_text + "".join(f"key{n}: 1\n" for n in range(100)))
        assert len(found) == 100
        assert found[-1].path == "key99"

    def test_each_is_compared_with_its_surroundings_only(self, monkeypatch):
        """Ten times the lines, ten times the work: looking every one up in every other would be a hundred times."""
        looks = []
        names = reading._names
        monkeypatch.setattr(reading, "_names", lambda node: looks.append(len(node)) or names(node))
        mistakes_in("banzu: 1\nclauses:\n" + "- {code: x}\n" * 1000)
        assert sum(looks) < 3 * 1000


class TestWords:
    @pytest.mark.parametrize(
        ("mistake", "said", "in_file"),
        [
            (Mistake("rest.code", 7, "Wrong."), "line 7, rest.code: Wrong.", "a.yaml:7: rest.code: Wrong."),
            (Mistake("", 7, "Wrong."), "line 7: Wrong.", "a.yaml:7: Wrong."),
            (Mistake("", 0, "Wrong."), "Wrong.", "a.yaml: Wrong."),
        ],
    )
    def test_place_and_message(self, mistake, said, in_file):
        assert str(mistake) == said
        assert mistake.in_file("a.yaml") == in_file

    @pytest.mark.parametrize(
        ("old", "new", "keys"),
        [
            ("due_days: 7", "due_days: 7\n  bank: ICBC", "due_days, names"),
            ("en: Day}", "en: Day, fr: Jour}", "zh-Hans, en"),
            ("from: 40, to: 70}", "from: 40, to: 70, by: 2}", "from, to"),
        ],
    )
    def test_an_unknown_key_comes_with_those_that_are_known_there(self, spoil, old, new, keys):
        [mistake] = mistakes_in(spoil(old, new))
        assert mistake.message == f"This key is unknown. Here may stand: {keys}."

    def test_a_full_width_colon_is_said_where_yaml_cannot_read_it_either(self, spoil):
        text = spoil("  days_per_month: 4", "  days_per_month：4")
        [mistake] = mistakes_in(text)
        assert mistake == Mistake(
            "", line_of(text, "days_per_month：4"), "The colon must be the half-width one (:), with a space after it."
        )

    def test_the_refusal_says_them_all(self):
        refusal = RulebookMistakes([Mistake("a", 1, "One."), Mistake("b", 2, "Two.")])
        assert str(refusal) == "line 1, a: One.\nline 2, b: Two."

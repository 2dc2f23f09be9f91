"""The reference of the rulebook file: complete, true to the schema, and what is on disk."""

import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from rulebooks.describe import as_written, example_of, example_with, reference
from rulebooks.keys import Key, every_key, keys_at, part_of
from rulebooks.management.commands import describe_rulebook
from rulebooks.parts import Part, Text
from rulebooks.ready_made import ready_made
from rulebooks.schema import METRICS, Rulebook

KEYS = list(every_key())


@pytest.fixture(scope="module")
def page() -> str:
    with translation.override("en"):
        return reference()


def parts_under(part: type[Part]) -> set[type[Part]]:
    """The part and all parts that its fields hold, found without `keys`."""
    found = {part}
    for field in part.model_fields.values():
        stack = [field.annotation]
        while stack:
            one = stack.pop()
            if isinstance(one, type) and issubclass(one, Part):
                found |= parts_under(one)
            stack += getattr(one, "__args__", ())
    return found


def by_path(dotted: str) -> Key:
    return next(key for key in KEYS if key.dotted == dotted)


def test_every_field_of_the_schema_has_a_title_and_a_description():
    bare = [
        f"{part.__name__}.{name}"
        for part in parts_under(Rulebook)
        if part.__name__ != "Span"
        for name, field in part.model_fields.items()
        if not (field.title and field.description)
    ]
    assert bare == []


def test_every_field_of_the_schema_is_a_key_of_the_page(page):
    fields = {id(field) for part in parts_under(Rulebook) for field in part.model_fields.values()}
    told = {id(key.field) for key in KEYS} | {id(field) for field in Text.model_fields.values()}
    span = {
        id(field) for part in parts_under(Rulebook) if part.__name__ == "Span" for field in part.model_fields.values()
    }
    assert fields - span == told
    for key in KEYS:
        assert f"`{key.dotted}`" in page or f"## `{key.name}`: {key.title}" in page


def test_every_default_that_is_printed_is_the_schemas(page):
    with_default = {key.dotted: key for key in KEYS if not key.field.is_required()}
    assert {"shifts[].extension.silent_after_minutes", "scorecard.grades[].flag"} <= set(with_default)
    for key in with_default.values():
        read_again = YAML(typ="safe").load(key.default) if key.default else None
        meant = key.field.default
        if isinstance(meant, Part):
            assert meant == type(meant)(), "a group that is left out is one whose keys are all left out"
            meant = None
        meant = list(meant) if isinstance(meant, tuple) else meant
        assert read_again == (meant or None) or read_again == meant
        if len(key.path) == 1 or key.path[1:] == ("[]",):
            section = page.split(f"\n## `{key.name}`: ")[1].split("\n## ")[0]
            assert "This section may be left out." in section
            continue
        row = next(line for line in page.splitlines() if line.startswith(f"| `{key.dotted}` "))
        assert (f"| `{key.default}` |" if key.default else "| nothing |") in row


def test_every_key_without_a_default_must_stand(page):
    for line in page.splitlines():
        key = next((key for key in KEYS if line.startswith(f"| `{key.dotted}` ")), None)
        if key:
            assert ("| must stand |" in line) == key.field.is_required()


def test_every_value_that_is_allowed_is_explained_and_no_other():
    for key in KEYS:
        words = getattr((key.shape.items or key.shape).type, "__args__", ())
        explained = set(words) if key.path[0] == "rights" else set(key.values)
        assert explained == {word for word in words if isinstance(word, str)}
        assert all(key.values.values())


def test_a_section_that_must_stand_is_not_said_to_be_left_out(page):
    for name in ("shifts", "rest", "clauses", "fund"):
        section = page.split(f"\n## `{name}`: ")[1].split("\n## ")[0]
        assert "may be left out" not in section.split("```")[0]


def test_limits_are_the_schemas():
    assert by_path("shifts[].extension.cap_minutes").limits == "at least 1, at most 720"
    assert by_path("scorecard.scale.cap").limits == "more than 0, at most 1000"
    assert by_path("clauses[].ladder[].fine_yuan").limits == "more than 0, at most 1000000"
    assert by_path("clauses[].number").limits == "at most 12 characters"
    assert by_path("banzu").limits == "only 1"
    assert by_path("rotations[].cycle[]").limits == "at most 62 entries"


def test_every_key_that_takes_a_value_has_an_example_and_it_is_valid():
    sections = {name: example_with(name)[1] for name in {key.path[0] for key in KEYS}}
    for key in KEYS:
        example = example_of(key, sections[key.path[0]])
        if key.is_group and not example:
            continue
        loaded = YAML(typ="safe").load(example)
        assert list(loaded) == [key.name]
        # Beside the limits of the annotation a Field(…) of the schema holds its own.
        TypeAdapter(key.field.rebuild_annotation()).validate_python(loaded[key.name])


@pytest.mark.parametrize("value", ["4", "12.3", "–", "a: b", "true", "no", "# x", "plain words", "a, b", "[", "{", "é"])
def test_a_text_is_written_so_that_it_is_read_as_itself(value):
    for around in (value, [value], {"a": value}):
        assert YAML(typ="safe").load(f"x: {as_written(around)}") == {"x": around}


def test_the_methods_that_suit_a_figure_stand_beside_it(page):
    row = next(line for line in page.splitlines() if line.startswith("| `scorecard.indicators[].metric`"))
    for metric, methods in METRICS.items():
        said = row[row.index(f"`{metric}`:") :].split("<br>")[0]
        assert all(f"`{method}`" in said for method in methods)


def test_every_ready_made_rulebook_is_named_with_its_shifts_and_rest_days(page):
    for each in ready_made():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{each.code}.yaml` "))
        assert each.title.en in row
        assert all(shift.hours in row for shift in each.shift_types)
    assert "| At least 2 rest days in any 10 days in a row. |" in page


def test_a_wrong_file_is_shown_with_its_lines(page):
    said = r"my-rules\.yaml:[0-9]+: fund\.due_days: A whole number is expected here, without quotes\."
    assert re.search(said, page)
    assert "shifts[1].colour: This key is unknown." in page


def test_the_pages_on_disk_are_what_the_schema_says():
    call_command("describe_rulebook", "--check")


def test_a_page_that_is_old_is_named_and_written_again(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    with pytest.raises(CommandError, match=r"docs/rulebook\.md, docs/rulebook\.zh-CN\.md: not what the schema says"):
        call_command("describe_rulebook", "--check")
    assert not (tmp_path / "docs").exists(), "the check writes nothing"
    out = StringIO()
    call_command("describe_rulebook", stdout=out)
    assert out.getvalue().splitlines() == [f"{name}: written" for name in describe_rulebook.PAGES.values()]
    call_command("describe_rulebook", "--check")
    (tmp_path / "docs" / "rulebook.md").write_text("old")
    with pytest.raises(CommandError, match=r"^docs/rulebook\.md: not"):
        call_command("describe_rulebook", "--check")


class TestHelpForAPlace:
    @pytest.mark.parametrize(
        ("place", "first", "count"),
        [
            ("clauses.late", "clauses[]", 13),
            ("clauses.3.ladder", "clauses[].ladder[]", 5),
            ("shifts.N.headcount", "shifts[].headcount", 3),
            ("fund", "fund", 3),
            ("leave.kinds.PL", "leave.kinds[]", 9),
            ("working_time.rolling_rest.1", "working_time.rolling_rest[]", 10),
            ("title.en", "title", 1),
            ("rights.edit_roster", "rights", 1),
        ],
    )
    def test_the_part_first_and_what_stands_under_it(self, place, first, count):
        found = keys_at(place)
        assert found[0].dotted == first
        assert len(found) == count

    @pytest.mark.parametrize("place", ["", "nowhere", "nowhere.code", "."])
    def test_nothing_for_a_place_that_the_schema_does_not_know(self, place):
        assert keys_at(place) == []

    def test_a_list_of_words_is_no_group(self):
        assert part_of(by_path("shifts[].hands_over_to[]").shape) is None

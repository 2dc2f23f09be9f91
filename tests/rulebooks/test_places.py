"""Where a part stands in its file, and that nothing but its lines changes when others are put there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rulebooks.places import NoSuchPlace, lines_of, splice, split
from rulebooks.reading import RulebookMistakes, read
from tests.conftest import HERE, LIBRARY

SOURCE = (LIBRARY / "three-shift-desk.yaml").read_text(encoding="utf-8")
OTHER = (HERE / "rulebooks" / "changed.yaml").read_text(encoding="utf-8")

AWKWARD = """\
# before
a:
  # above the first
  -
    code: x
    b: |
      several

      lines
  # between

  - code: y   # beside
    t: "quoted
      over lines"
    list: [1,
      2]
# after
nothing:
last: {k: v}"""


def all_places(node, above=()) -> list[str]:
    """Every place of a file, lists by position."""
    found = [".".join(above)] if above else []
    pairs = node.items() if isinstance(node, dict) else enumerate(node, 1) if isinstance(node, list) else ()
    for key, value in pairs:
        found += all_places(value, (*above, str(key)))
    return found


PLACES = {source: all_places(YAML(typ="safe").load(source)) for source in (SOURCE, OTHER, AWKWARD)}
# A whole rulebook takes a tenth of a second to read.
few = settings(deadline=None, max_examples=30)
places = st.sampled_from([(source, place) for source, found in PLACES.items() for place in found])


def shown(place: str, source: str = SOURCE) -> str:
    return lines_of(source, place).text


class TestFinding:
    def test_a_section_from_its_key_to_its_last_value(self):
        assert shown("fund") == "fund:\n  due_days: 7\n  names: work_number_masked\n"

    def test_a_part_of_a_list_by_its_code_or_by_its_position(self):
        late = shown("clauses.late")
        assert late.startswith("- code: late\n  number: ")
        assert late.endswith("Spoken warning}}\n")
        assert shown("clauses.3") == late

    def test_what_is_deeper(self):
        assert shown("clauses.off-task.ladder.2") == "- {fine_yuan: 30}\n"
        assert shown("shifts.N.headcount") == "headcount: {wanted: 2, minimum: 1}\n"

    def test_without_the_indentation_of_all_its_lines(self):
        lines = lines_of(SOURCE, "clauses.off-task.ladder")
        assert (lines.indent, lines.text.splitlines()[:2]) == ("    ", ["ladder:", "  - {fine_yuan: 10}"])
        first = SOURCE.splitlines()[lines.first - 1]
        assert first == "    ladder:"

    def test_comments_beside_belong_to_it_and_those_around_it_do_not(self):
        assert "# beside" in shown("a.y", AWKWARD)
        assert shown("a.x", AWKWARD).startswith("-\n  code: x\n")
        assert "between" not in shown("a.x", AWKWARD) + shown("a.y", AWKWARD)
        assert shown("nothing", AWKWARD) == "nothing:\n"
        assert shown("last", AWKWARD) == "last: {k: v}"

    @pytest.mark.parametrize(
        "place", ["", "nowhere", "clauses.nowhere", "clauses.0", "clauses.99", "fund.due_days.x", "clauses..text", "."]
    )
    def test_a_place_that_is_not_there(self, place):
        with pytest.raises(NoSuchPlace):
            lines_of(SOURCE, place)

    @pytest.mark.parametrize("source", ["", "- 1", "a: [", "\x00", "x" * 10])
    def test_a_text_that_is_no_file_of_keys(self, source):
        with pytest.raises(NoSuchPlace):
            lines_of(source, "rest")


class TestPuttingBack:
    @few
    @given(places)
    def test_what_was_shown_gives_the_same_bytes(self, chosen):
        source, place = chosen
        assert splice(source, place, lines_of(source, place).text) == source

    @few
    @given(places, st.text(alphabet="ab: -#{}\n\"'", max_size=60))
    def test_whatever_is_typed_the_rest_keeps_every_byte(self, chosen, typed):
        source, place = chosen
        lines = lines_of(source, place)
        made = splice(source, place, typed)
        before = "".join(split(source)[: lines.first - 1])
        after = "".join(split(source)[lines.last :])
        assert made.startswith(before)
        assert made.endswith(after)
        between = made[len(before) : len(made) - len(after)]
        kept = "\n".join(line.removeprefix(lines.indent) if line.strip() else line for line in between.split("\n"))
        assert kept.rstrip("\n") == typed.rstrip("\n")

    @few
    @given(st.sampled_from(["\n", "\r\n"]), st.integers(1, 99))
    def test_a_changed_number_is_all_that_changes(self, end, number):
        source = SOURCE.replace("\n", end)
        made = splice(source, "fund", shown("fund", source).replace("due_days: 7", f"due_days: {number}"))
        assert made == source.replace("due_days: 7", f"due_days: {number}")

    def test_one_more_clause_after_it(self):
        late = shown("clauses.late")
        other = (
            late.replace("code: late", "code: later").replace('"6"', '"6a"').replace("trigger: late", "trigger: absent")
        )
        made = splice(SOURCE, "clauses.late", late + other)
        rulebook, _content = read(made.encode())
        assert [clause.code for clause in rulebook.clauses][2:4] == ["late", "later"]

    def test_emptied_lines_take_the_part_away(self):
        rulebook, _content = read(splice(SOURCE, "clauses.late", "").encode())
        assert rulebook.clause("late") is None

    def test_a_last_line_without_its_end_gets_one(self):
        assert splice(SOURCE, "fund.due_days", "due_days: 9") == SOURCE.replace("due_days: 7", "due_days: 9")

    def test_wrong_indentation_is_a_mistake_at_its_line_of_the_part(self):
        lines = lines_of(SOURCE, "clauses.off-task")
        typed = lines.text.replace("  window: calendar_month", " window: calendar_month")
        with pytest.raises(RulebookMistakes) as refusal:
            read(splice(SOURCE, "clauses.off-task", typed).encode())
        [mistake] = refusal.value.mistakes
        wrong = next(n for n, line in enumerate(typed.splitlines(), 1) if line.startswith(" window"))
        assert mistake.line - lines.first + 1 == wrong

    @given(st.text(max_size=200))
    def test_lines_put_together_are_the_text(self, text):
        assert "".join(split(text)) == text

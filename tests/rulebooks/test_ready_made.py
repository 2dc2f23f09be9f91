"""The ready-made rulebooks, from which a department may begin."""

import re
from datetime import date

import pytest
from django.utils import translation

from rulebooks.keys import every_key
from rulebooks.reading import read
from rulebooks.ready_made import LIBRARY, ready_made
from rulebooks.schema import Rulebook, ShiftType
from rulebooks.services import import_rulebook
from tests.factories import make_department

EACH = pytest.mark.parametrize("each", ready_made(), ids=lambda each: each.code)


def rulebook(code: str) -> Rulebook:
    return read((LIBRARY / f"{code}.yaml").read_bytes())[0]


def hours(code: str) -> dict[str, str]:
    return {shift.code: shift.hours for shift in rulebook(code).shifts}


def test_every_file_of_the_library_is_offered_by_its_code():
    codes = [each.code for each in ready_made()]
    assert codes == sorted(path.stem for path in LIBRARY.glob("*.yaml"))
    assert ready_made() is ready_made(), "read once"


@pytest.mark.django_db
@EACH
def test_each_can_be_published_as_it_is(each):
    department = make_department(f"new-{each.code}", time_zone=each.time_zone)
    version = import_rulebook(department=department, source=each.source, from_day=date(2026, 1, 1), actor=None)
    assert version.source.encode() == each.source


@EACH
def test_each_is_offered_in_both_languages_by_a_title_of_its_own(each):
    for language, own in (("zh-hans", r"[\u4e00-\u9fff]"), ("en", r"[A-Za-z]")):
        with translation.override(language):
            assert re.search(own, str(each.title))
            assert [str(other.title) for other in ready_made()].count(str(each.title)) == 1
            assert all(str(shift.name) in each.shifts for shift in each.shift_types)


@EACH
def test_each_begins_with_what_it_is_for(each):
    first = each.source.decode().splitlines()[0]
    assert re.match(r"# [A-Z].{40,}", first)


@EACH
def test_texts_are_in_the_language_they_are_given_for(each):
    """No Chinese in an English text, and no Chinese text without any Chinese."""
    found = list(_texts(read(each.source)[1]))
    assert len(found) > 20
    for chinese, english in found:
        assert not re.search(r"[\u4e00-\u9fff]", english), english
        assert re.search(r"[\u4e00-\u9fff–]", chinese), chinese


def _texts(node):
    if isinstance(node, dict):
        if set(node) == {"zh-Hans", "en"}:
            yield node["zh-Hans"], node["en"]
        for each in node.values():
            yield from _texts(each)
    elif isinstance(node, list):
        for each in node:
            yield from _texts(each)


class TestPatternsOfRealDepartments:
    """The shifts and rest days of the patterns that the library was asked to hold."""

    @pytest.mark.parametrize(
        ("code", "shifts"),
        [
            ("three-shift-desk", {"D": "08:00–17:00", "N": "17:00–01:00", "R": "09:00–18:00"}),
            ("six-on-one-off", {"D": "08:30–17:30", "N": "17:30–01:00"}),
            ("split-shifts", {"D": "09:00–12:00, 12:30–16:30", "N": "15:30–17:30, 18:00–23:00"}),
            ("long-overlap", {"E": "08:00–17:30", "N": "16:00–01:00"}),
            (
                "staggered-starts",
                {"E": "09:00–19:00", "M": "13:00–23:00", "L": "14:00–00:00", "A": "12:30–23:30"},
            ),
            ("night-until-midnight", {"D": "08:30–17:30", "N": "17:30–00:00"}),
        ],
    )
    def test_hours(self, code, shifts):
        with translation.override("en"):
            assert hours(code) == shifts

    def test_alternate_evenings(self):
        book = rulebook("alternate-evenings")
        monday, sunday = date(2026, 11, 2), date(2026, 11, 8)
        wanted = {day: {s.code: s.headcount_on(day).wanted for s in book.shifts} for day in (monday, sunday)}
        assert wanted == {monday: {"E": 2, "S": 0}, sunday: {"E": 0, "S": 1}}
        assert (str(book.shift("S").spans[0].start), str(book.shift("S").spans[-1].end)) == ("09:30:00", "00:00:00")

    @pytest.mark.parametrize(
        ("code", "month", "week", "cycle"),
        [
            ("three-shift-desk", 4, None, None),
            ("overlap-desk", 4, None, None),
            ("six-on-one-off", None, 1, None),
            ("alternate-evenings", None, None, (1, 2)),
            ("split-shifts", None, None, (2, 10)),
            ("long-overlap", 3, None, None),
            ("staggered-starts", 2, None, None),
            ("night-until-midnight", None, 1, None),
            ("ships-watch", 0, None, None),
        ],
    )
    def test_rest_days(self, code, month, week, cycle):
        rest = rulebook(code).rest
        found = rest.days_per_cycle and (rest.days_per_cycle.days, rest.days_per_cycle.every_days)
        assert (rest.days_per_month, rest.days_per_week, found) == (month, week, cycle)

    def test_the_watches_of_a_ship_fill_the_day_without_overlap(self):
        minutes = sorted(minute for shift in rulebook("ships-watch").shifts for minute in _minutes(shift))
        assert minutes == list(range(24 * 60))


def _minutes(shift: ShiftType):
    for span in shift.spans:
        first = span.start.hour * 60 + span.start.minute
        last = span.end.hour * 60 + span.end.minute or 24 * 60
        yield from range(first, last)


@EACH
def test_a_pattern_keeps_the_rest_days_of_its_own_rulebook(each):
    """Over any stretch of the pattern, as often as it comes round, there are the rest days that the rulebook gives."""
    book = read(each.source)[0]
    for rotation in book.rotations:
        if set(rotation.cycle) == {rotation.cycle[0]}:
            continue
        days = [code == book.rest.code for code in rotation.cycle * 40]
        lengths = {7: book.rest.days_per_week or 0}
        if cycle := book.rest.days_per_cycle:
            lengths[cycle.every_days] = cycle.days
        for length, least in lengths.items():
            windows = [sum(days[start : start + length]) for start in range(7 * len(rotation.cycle))]
            # A week begins on a Monday wherever the pattern stands then: any window may be one.
            assert min(windows) >= least, rotation.code
        if book.rest.days_per_month:
            assert round(30 * sum(days) / len(days)) >= book.rest.days_per_month, rotation.code
        if limit := book.working_time.consecutive_days:
            longest = max(len(run) for run in "".join("x" if rest else "o" for rest in days).split("x"))
            assert longest <= limit.at_most, rotation.code


def test_between_them_they_write_every_key_that_the_schema_has():
    written = set().union(*(set(_written(read(each.source)[1], ())) for each in ready_made()))
    assert {key.path for key in every_key() if key.path[0] != "rights"} - written == set()


def _written(node, path):
    yield path
    if isinstance(node, dict):
        for key, each in node.items():
            yield from _written(each, (*path, key))
    elif isinstance(node, list):
        for each in node:
            yield from _written(each, (*path, "[]"))


def test_between_them_they_use_every_word_that_may_stand_in_these_sections():
    found = set().union(*(set(_words(read(each.source)[1], ())) for each in ready_made()))
    wanted = {
        (key.path, value)
        for key in every_key()
        for value in key.values
        if key.path[0] in ("leave", "swaps") or key.name in ("trigger", "new_arrivals", "days")
    }
    # What holds when nothing is written need not be written anywhere.
    unwritten = {(("shifts", "[]", "extension", "new_arrivals"), "accepted")}
    assert wanted - found <= unwritten


def _words(node, path):
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for key, each in node.items():
            yield from _words(each, (*path, key))
    elif isinstance(node, list):
        for each in node:
            yield from _words(each, (*path, "[]"))

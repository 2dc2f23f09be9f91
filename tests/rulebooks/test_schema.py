"""What a rulebook means once it is read."""

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rulebooks.hours import DAY, Span, read_span, spans_in_order
from rulebooks.parts import Text
from rulebooks.reading import read
from rulebooks.schema import Rulebook, ShiftType, Step, Window

minutes = st.integers(0, DAY - 1)


@pytest.fixture(scope="module")
def plain(plain_text) -> Rulebook:
    return read(plain_text.encode())[0]


def written(start: int, end: int) -> str:
    return f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def span(text: str) -> Span:
    return Span.model_validate(read_span(text))


class TestHours:
    @pytest.mark.parametrize(
        ("text", "crosses", "shown"),
        [
            ("08:00-17:00", False, "08:00–17:00"),
            ("17:00-01:00", True, "17:00–01:00"),
            ("16:00-24:00", True, "16:00–00:00"),
            ("16:00-00:00", True, "16:00–00:00"),
            ("08:00-08:00", True, "08:00–08:00"),
            ("00:00-24:00", True, "00:00–00:00"),
        ],
    )
    def test_an_end_at_or_before_the_start_is_on_the_next_day(self, text, crosses, shown):
        assert (span(text).crosses_midnight, str(span(text))) == (crosses, shown)

    @given(minutes, minutes)
    def test_every_minute_of_the_day_can_be_written(self, start, end):
        read = span(written(start, end))
        assert (read.start.hour * 60 + read.start.minute, read.end.hour * 60 + read.end.minute) == (start, end)

    @given(st.lists(st.tuples(minutes, minutes), min_size=1, max_size=4))
    def test_spans_follow_one_another_within_24_hours_of_the_first_start(self, times):
        """Reference: count minutes from the first start; each span begins there at its first chance in that day."""
        first, ends = times[0][0], 0
        fits = True
        for start, end in times:
            begins = (start - first) % DAY
            fits = fits and begins >= ends
            ends = begins + ((end - start) % DAY or DAY)
            fits = fits and ends <= DAY
        spans = tuple(span(written(*pair)) for pair in times)
        if fits:
            assert spans_in_order(spans) == spans
        else:
            with pytest.raises(Exception, match="follow one another"):
                spans_in_order(spans)

    @pytest.mark.parametrize(
        "spans",
        [
            ["06:30-10:30", "11:15-15:00"],
            ["08:00-12:00", "12:00-16:00"],
            ["20:00-23:00", "01:00-03:00", "03:30-05:00"],
            ["22:00-02:00", "03:00-22:00"],
            ["08:00-08:00"],
        ],
    )
    def test_broken_and_night_shifts_are_good(self, spans):
        assert spans_in_order(tuple(map(span, spans)))

    def test_a_shift_says_its_hours(self, plain):
        assert plain.shift("N").hours == "17:00–01:00"
        broken = plain.shift("N").model_copy(update={"spans": (span("06:30-10:30"), span("11:15-15:00"))})
        assert broken.hours == "06:30–10:30, 11:15–15:00"


class TestSteps:
    @given(st.integers(1, 10**8))
    def test_a_fine_is_the_fen_that_are_written(self, fen):
        assert Step(fine_yuan=float(f"{fen // 100}.{fen % 100:02}")).fine_fen == fen

    @pytest.mark.parametrize("yuan", [0.1, 0.29, 1.1, 19.99, 1000000])
    def test_also_where_binary_fractions_are_crooked(self, yuan):
        assert Step(fine_yuan=yuan).fine_fen == round(yuan * 100)

    def test_what_is_no_fine_costs_nothing(self, plain):
        assert Step(points=3).fine_fen == 0
        assert plain.clauses[0].ladder[-1].fine_fen == 0


class TestWindow:
    def test_one_word_is_enough_where_no_days_are_needed(self, plain):
        assert [(clause.window.kind, clause.window.days) for clause in plain.clauses] == [
            ("calendar_month", None),
            ("rolling_days", 90),
            ("calendar_month", None),
        ]
        assert Window(kind="forever").days is None


class TestDays:
    @pytest.mark.parametrize(("day", "wanted"), [("2026-11-02", 2), ("2026-11-03", 0), ("2026-11-06", 2)])
    def test_a_shift_wants_people_on_its_days_of_the_week_only(self, plain, day, wanted):
        assert plain.shift("R").days == ("monday", "friday")
        assert plain.shift("R").headcount_on(date.fromisoformat(day)).wanted == wanted
        assert plain.shift("D").headcount_on(date.fromisoformat(day)).wanted == 2


class TestTexts:
    @pytest.fixture
    def text(self):
        return Text.model_validate({"zh-Hans": "白班", "en": "Day"})

    def test_speak_the_readers_language(self, text):
        with translation.override("zh-hans"):
            assert str(text) == f"{text}" == "白班"
        with translation.override("en"):
            assert str(text) == "Day"

    def test_are_kept_in_both(self, text):
        assert text.both == {"zh-Hans": "白班", "en": "Day"}

    def test_several_lines_are_allowed(self):
        assert Text.model_validate({"zh-Hans": "一\n二", "en": "a\nb"}).en == "a\nb"


class TestFinding:
    def test_by_code_and_nothing_for_an_unknown_one(self, plain):
        assert plain.shift("N").name.en == "Night"
        assert plain.clause("complaint").number == "4"
        assert plain.handover_kind("urgent").read_back
        assert plain.indicator("judgement").method.kind == "choice"
        assert plain.leave_kind("SL").attachment == "required"
        assert plain.duty("last-one").stays_until_last_customer
        assert plain.attendance.away_reason("doctor").permission
        assert [clause.code for clause in plain.triggered_by("late")] == ["unpunctual"]
        assert plain.triggered_by("absent") == []
        finders = (plain.shift, plain.clause, plain.handover_kind, plain.indicator, plain.leave_kind, plain.duty)
        for find in (*finders, plain.attendance.away_reason):
            assert find("nothing-of-the-kind") is None
        assert plain.shift("X") is None, "the rest day is no shift"

    def test_nothing_can_be_changed_afterwards(self, plain):
        with pytest.raises(ValidationError):
            plain.code = "other"
        with pytest.raises(ValidationError):
            plain.shifts[0].headcount.wanted = 9

    def test_what_is_not_written_is_the_usual(self, plain):
        shift = plain.shift("R")
        assert (shift.hands_over_to, shift.extension) == ((), None)
        kind = plain.handover_kind("caller")
        assert (kind.read_back, kind.needs_due_time) == (False, False)
        assert (plain.swaps.notice_hours, plain.swaps.empty_shift_liable) == (0, "worker")
        assert plain.working_time.coverage is None
        assert plain.model_copy(update={"leave": None}).leave_kind("SL") is None
        written = {"palette": "day", "spans": ["08:00-17:00"], "headcount": {"wanted": 1}}
        names = {"name": {"zh-Hans": "班", "en": "Shift"}, "mark": {"zh-Hans": "班", "en": "S"}}
        assert TypeAdapter(ShiftType).validate_python({"code": "S", **names, **written}).headcount.minimum == 0

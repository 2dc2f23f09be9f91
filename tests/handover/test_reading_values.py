"""What stands in the cells of exported files, written in every way that tools and people write it."""

import string
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.readings import values
from handover.readings.values import Wrong

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A wall clock, as Excel has it, knows no zone.
WALL = (datetime(2000, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001
TABLE = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)


def why(read, text, *more) -> str:
    with pytest.raises(Wrong) as wrong:
        read(text, *more)
    return str(wrong.value)


class TestCounts:
    @pytest.mark.parametrize(
        ("text", "count"),
        [("36", 36), ("1,204", 1204), ("12.0", 12), ("３６", 36), (" 36 人", 36), ("5通", 5), ("0", 0), ("-0", 0)],
    )
    def test_whole_numbers(self, text, count):
        assert values.count_of(text) == count

    @pytest.mark.parametrize("text", ["", " ", "-", "--", "—", "无", "N/A"])
    def test_what_says_nothing_is_nothing(self, text):
        assert values.count_of(text) is None

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("12%", "percentage"),
            ("12.50 %", "percentage"),
            ("８０％", "percentage"),
            ("-3", "negative"),
            ("−3", "negative"),
            ("12.5", "whole"),
            ("12,5", "no number"),
            ("many", "no number"),
            ("1e3", "no number"),
            ("9" * 30, "more than"),
            ("=1+1", "no number"),
        ],
    )
    def test_what_is_no_count(self, text, says):
        assert says in why(values.count_of, text)

    @given(st.integers(0, values.MOST_COUNT))
    def test_every_count_is_read_with_and_without_marks(self, count):
        assert values.count_of(f"{count}") == values.count_of(f"{count:,}") == values.count_of(f"{count}.00") == count


class TestYuan:
    @pytest.mark.parametrize(
        ("text", "fen"),
        [
            ("1,234.50", 123450),
            ("￥88", 8800),
            ("¥ 0.1", 10),
            ("88元", 8800),
            ("12.340", 1234),
            ("CNY 5", 500),
            ("0", 0),
        ],
    )
    def test_amounts(self, text, fen):
        assert values.fen_of(text) == fen

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("1.234", "two decimals"),
            ("-5", "negative"),
            ("￥-5.00", "negative"),
            ("-￥5.00", "negative"),
            ("5%", "percentage"),
            ("1.2万", "no amount"),
            ("1,23.4", "no amount"),
            ("99999999999", "cannot be"),
        ],
    )
    def test_what_is_no_amount(self, text, says):
        assert says in why(values.fen_of, text)

    @given(st.integers(0, 10**10))
    def test_every_fen_comes_back(self, fen):
        assert values.fen_of(f"￥{fen // 100:,}.{fen % 100:02}") == fen
        assert values.fen_of(values.kept(fen / 100)) == fen


class TestSeconds:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("80", 80),
            ("80秒", 80),
            ("80s", 80),
            ("1分20秒", 80),
            ("1分钟", 60),
            ("1小时2分3秒", 3723),
            ("1时", 3600),
            ("00:01:20", 80),
            ("1:20", 80),
            ("1'20\"", 80),
            ("1m20s", 80),
            ("3,600", 3600),
        ],
    )
    def test_times(self, text, seconds):
        assert values.seconds_of(text) == seconds

    def test_a_mean_may_have_parts_of_a_second(self):
        assert values.mean_of("36.5秒") == Decimal("36.5")
        assert "whole seconds" in why(values.seconds_of, "36.5")

    @pytest.mark.parametrize(("text", "says"), [("soon", "no time"), ("-5", "negative"), ("90%", "percentage")])
    def test_what_is_no_time(self, text, says):
        assert says in why(values.mean_of, text)

    @given(st.integers(0, 99 * 3600))
    def test_the_three_ways_agree(self, seconds):
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        spelt = f"{hours}小时{minutes}分{rest}秒"
        clocked = f"{hours:02}:{minutes:02}:{rest:02}"
        assert values.seconds_of(spelt) == values.seconds_of(clocked) == values.seconds_of(str(seconds)) == seconds
        assert values.seconds_of(values.kept(timedelta(seconds=seconds))) == seconds


class TestDays:
    @pytest.mark.parametrize(
        "text",
        ["2026-11-10", "2026/11/10", "2026.11.10", "2026年11月10日", "20261110", "46336", "2026-11-10 00:00:00"],
    )
    def test_every_way_to_write_one_day(self, text):
        assert values.day_of(text) == date(2026, 11, 10)

    @pytest.mark.parametrize("text", ["10.11.2026", "11/10/2026", "26-11-10", "2026-02-30", "2026-11-10x", "today"])
    def test_what_could_be_another_day_is_not_guessed(self, text):
        assert "day" in why(values.day_of, text)

    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_every_day_comes_back(self, day):
        excel = str((day - values.EPOCH).days)
        for text in (f"{day}", f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", excel):
            assert values.day_of(text) == day
        assert values.day_of(values.kept(datetime.combine(day, time(23, 59, 59, 999_999)) - timedelta(1))) == day


class TestInstants:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-10 20:41:05",
            "2026/11/10 20:41:05",
            "2026-11-10T12:41:05Z",
            "2026-11-10 20:41:05+08:00",
            "2026年11月10日 20:41:05",
        ],
    )
    def test_the_departments_wall_clock_unless_an_offset_is_written(self, text):
        assert values.instant_of(text, SHANGHAI) == datetime(2026, 11, 10, 12, 41, 5, tzinfo=UTC)

    def test_a_day_alone_is_its_beginning(self):
        assert values.instant_of("2026-11-10", SHANGHAI) == datetime(2026, 11, 9, 16, tzinfo=UTC)

    def test_there_is_no_such_time(self):
        assert "no such time" in why(values.instant_of, "2026-11-10 25:00", SHANGHAI)

    @given(st.datetimes(*WALL))
    def test_what_excel_keeps_comes_back_to_the_second(self, wall):
        read = values.instant_of(values.kept(wall), SHANGHAI)
        assert abs(read.astimezone(SHANGHAI).replace(tzinfo=None) - wall) <= timedelta(seconds=1)


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "colour"),
        [("红旗", "red"), ("红", "red"), ("1", "red"), ("蓝色", "blue"), ("插紫旗", "purple"), ("灰", "")],
    )
    def test_flags(self, text, colour):
        assert values.flag_of(text) == colour

    def test_a_colour_that_is_none(self):
        assert "no flag" in why(values.flag_of, "橙")

    def test_an_order_number_keeps_every_digit(self):
        assert values.number_of("2131234567890123456", 60) == "2131234567890123456"
        assert values.number_of('="2131234567890123456"', 60) == "2131234567890123456"
        assert values.number_of("'0012", 60) == "0012"

    def test_an_order_number_that_excel_has_rounded_is_refused(self):
        assert "rounded" in why(values.number_of, "2.13123E+18", 60)
        assert "rounded" in why(values.number_of, values.kept(2131234567890123456.0), 60)

    def test_a_number_with_decimals_keeps_them(self):
        assert values.kept(12345.67) == "12345.67"
        assert values.kept(0.1 + 0.2) == "0.3"

    def test_signs_that_cannot_be_seen_go_and_script_is_only_text(self):
        assert values.text_of("a\u202eb\x00 <script>alert(1)</script>", 80) == "ab <script>alert(1)</script>"
        assert "more than 3" in why(values.text_of, "abcd", 3)

    @pytest.mark.parametrize(("text", "is_so"), [("是", True), ("否", False), ("TRUE", True), ("0", False), ("", None)])
    def test_yes_and_no(self, text, is_so):
        assert values.yes_of(text) is is_so


READERS = [values.count_of, values.seconds_of, values.mean_of, values.fen_of, values.day_of, values.flag_of]


@pytest.mark.parametrize("read", READERS)
@given(text=TABLE | st.text(string.digits + ".,:-%¥分秒时年月日 ", max_size=20))
def test_whatever_stands_there_is_read_or_refused_in_words(read, text):
    for one in (read, values.yes_of, lambda said: values.instant_of(said, SHANGHAI)):
        try:
            one(text)
        except Wrong as wrong:
            words = str(wrong)
        else:
            words = "read"
        assert words


def test_the_last_moment_of_excels_calendar_is_kept_as_it_is():
    assert values.kept(datetime.combine(date(9999, 12, 31), time(23, 59, 59, 999_999))) == "9999-12-31 23:59:59"

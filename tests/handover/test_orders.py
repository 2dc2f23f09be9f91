"""Whose an order is, as pure arithmetic: the tag, the shares, who was there, and when an order comes up again."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.orders import (
    WHOLE,
    Agent,
    Fault,
    Presence,
    Tags,
    closes_on,
    comes_up_at,
    fault_words,
    percent,
    plain,
    share_equally,
    split_fen,
    standing,
    sums_up,
)
from office.months import Month
from rulebooks.schema import FollowUp, Orders

DAY = date(2026, 11, 10)
SINCE = date(2026, 1, 1)
LIN, WANG, CHEN, GONE, LIU, BACK_THEN, BACK_NOW = range(1, 8)
AGENTS = (
    Agent(LIN, "07", "林晓彤", SINCE),
    Agent(WANG, "12", "王浩然", SINCE),
    Agent(CHEN, "A-03", "王浩", SINCE),
    Agent(GONE, "33", "周雨欣", SINCE, date(2026, 10, 31)),
    Agent(LIU, "105", "Amy Liu", SINCE),
    # Came back under the same number.
    Agent(BACK_THEN, "55", "何佳", SINCE, date(2026, 3, 31)),
    Agent(BACK_NOW, "55", "何佳", date(2026, 6, 1)),
)


def rules(**more) -> Orders:
    return Orders.model_validate({"work_number": True, "name": True} | more)


def owner(remark, flagged="", day=DAY, **more):
    return Tags(rules(**more), AGENTS).owner(remark, flagged, day)


class TestTheTag:
    @pytest.mark.parametrize(
        "remark",
        [
            "07",
            " 07 ",
            "工号07",
            "工号：０７",
            "＃07",
            "#07 发顺丰",
            "No.07",
            "no 07",
            "07号客服",
            "已改地址,07",
            "（07）",
            "客服07跟进",
            "07-林晓彤",
            "林晓彤",
            "林晓彤的单",
            "07 林晓彤 07",
            # What is counted, paid or dated is nobody's number.
            "工号07 买12件",
            "买12件 07",
            "¥12 07",
            "07 12月12日发",
            "07 付款12.33元",
            "07, 2026-11-12",
            "工号07 12",
        ],
    )
    def test_says_whose_it_is(self, remark):
        assert owner(remark) == LIN

    @pytest.mark.parametrize(
        ("remark", "fault"),
        [
            ("", Fault.NO_NUMBER),
            ("请尽快发货", Fault.NO_NUMBER),
            ("订单1072", Fault.NO_NUMBER),
            ("13800071207", Fault.UNKNOWN_NUMBER),
            ("电话13800071207", Fault.NO_NUMBER),
            ("x07", Fault.UNKNOWN_NUMBER),
            ("2026-07-12", Fault.UNKNOWN_NUMBER),
            ("2026-07-12发", Fault.NO_NUMBER),
            ("买12件", Fault.NO_NUMBER),
            ("共1,105元", Fault.NO_NUMBER),
            ("共105,000", Fault.NO_NUMBER),
            ("7", Fault.UNKNOWN_NUMBER),
            ("工号99", Fault.UNKNOWN_NUMBER),
            ("工号 07-12", Fault.UNKNOWN_NUMBER),
            ("工号99 林晓彤", Fault.UNKNOWN_NUMBER),
            ("07 12", Fault.TWO_NUMBERS),
            ("工号07 工号12", Fault.TWO_NUMBERS),
            ("林晓彤 王浩然", Fault.TWO_NUMBERS),
            ("07 王浩然", Fault.TWO_NUMBERS),
            ("07 33", Fault.TWO_NUMBERS),
            ("33", Fault.NO_MEMBER),
            ("周雨欣", Fault.NO_MEMBER),
        ],
    )
    def test_or_what_is_wrong_with_it(self, remark, fault):
        assert owner(remark) == fault

    def test_a_number_is_a_word_and_may_have_signs_in_it(self):
        assert owner("a-03") == CHEN
        assert owner("Ａ－０３ 王浩") == CHEN

    def test_a_short_name_inside_a_longer_one_is_not_meant(self):
        assert owner("王浩然") == WANG
        assert owner("王浩") == CHEN
        assert owner("王浩然 王浩") == Fault.TWO_NUMBERS

    def test_a_latin_name_is_a_whole_word(self):
        assert owner("AMY LIU ok") == LIU
        assert owner("amy liuwen") == Fault.NO_NUMBER

    def test_who_left_counts_until_the_last_day(self):
        assert owner("33", day=date(2026, 10, 31)) == GONE
        assert owner("33", day=date(2026, 11, 1)) == Fault.NO_MEMBER

    def test_who_came_back_is_the_one_of_the_day(self):
        assert owner("55 何佳", day=date(2026, 3, 1)) == BACK_THEN
        assert owner("55 何佳") == BACK_NOW
        assert owner("55", day=date(2026, 5, 1)) == Fault.NO_MEMBER

    def test_of_two_with_one_name_the_number_says_who(self):
        twins = Tags(rules(), (Agent(1, "07", "张伟", SINCE), Agent(2, "08", "张伟", SINCE)))
        assert twins.owner("张伟", "", DAY) == Fault.TWO_NUMBERS
        assert twins.owner("08 张伟", "", DAY) == 2

    def test_only_what_the_rulebook_reads_counts(self):
        assert owner("07", work_number=False) == Fault.NO_NUMBER
        assert owner("07 王浩然", work_number=False) == WANG
        assert owner("林晓彤", name=False) == Fault.NO_NUMBER
        assert owner("07 王浩然", name=False) == LIN

    def test_the_flag_must_be_the_one_of_the_rulebook(self):
        assert owner("07", "red", flag="red") == LIN
        assert owner("07", "blue", flag="red") == Fault.WRONG_FLAG
        assert owner("07", "", flag="red") == Fault.WRONG_FLAG
        assert owner("", "red", flag="red") == Fault.NO_NUMBER
        assert owner("07", "purple") == LIN

    def test_a_number_of_nothing_names_nobody(self):
        assert Tags(rules(), (Agent(1, " ", "", SINCE),)).owner("请 尽快", "", DAY) == Fault.NO_NUMBER


NUMBERS = st.text("0127ab", min_size=1, max_size=4).filter(lambda number: any(sign.isdigit() for sign in number))
TEXTS = st.text("0127ab 工号,件#１Ａ。", max_size=14)


def slow_owner(remark: str, numbers: dict[str, int]) -> int | Fault:
    """Cuts the remark into words, sign by sign."""
    text = plain(remark)
    words, word = [], ""
    for place, sign in enumerate(text + " "):
        if sign.isascii() and sign.isalnum():
            word += sign
            continue
        if word:
            start = place - len(word)
            before = text[:start]
            while before and before[-1] in " :.":
                before = before[:-1]
            explicit = before.endswith(("工号", "#"))
            counts = sign in "件"
            # One of three digits beside a comma, with digits on the other side, is part of an amount.
            follows = text[place + 1 : place + 4]
            beyond = text[place + 4 : place + 5]
            in_amount = sign == "," and len(follows) == 3 and follows.isdigit() and not beyond.isdigit()
            after_amount = (
                text[max(0, start - 1) : start] == ","
                and text[max(0, start - 2) : max(0, start - 1)].isdigit()
                and len(word) >= 3
                and word[:3].isdigit()
                and not word[3:4].isdigit()
            )
            words.append((word, explicit, counts or in_amount or after_amount))
            word = ""
    wanted = [(word, numbers.get(word)) for word, explicit, _counts in words if explicit]
    wanted = [(word, key) for word, key in wanted if key is not None or any(sign.isdigit() for sign in word)]
    if not wanted:
        wanted = [(word, numbers[word]) for word, _explicit, counts in words if word in numbers and not counts]
    if not wanted:
        alone = len(words) == 1 and words[0][0] == text and any(sign.isdigit() for sign in text)
        return Fault.UNKNOWN_NUMBER if alone else Fault.NO_NUMBER
    if any(key is None for _word, key in wanted):
        return Fault.UNKNOWN_NUMBER
    keys = {key for _word, key in wanted}
    return keys.pop() if len(keys) == 1 else Fault.TWO_NUMBERS


@given(st.lists(NUMBERS, min_size=1, max_size=5, unique=True), TEXTS)
def test_numbers_are_found_as_if_the_remark_were_cut_into_words(numbers, remark):
    agents = tuple(Agent(key, number, "", SINCE) for key, number in enumerate(numbers, start=1))
    known = {number: key for key, number in enumerate(numbers, start=1)}
    assert Tags(rules(name=False), agents).owner(remark, "", DAY) == slow_owner(remark, known)


@given(st.sampled_from(["07", "12", "105"]), st.text("0123456789", min_size=1, max_size=3), st.booleans())
def test_a_number_inside_a_longer_one_never_counts(number, more, before):
    longer = more + number if before else number + more
    if longer not in {agent.work_number for agent in AGENTS}:
        assert owner(f"单号{longer}，谢谢") == Fault.NO_NUMBER


@given(TEXTS)
def test_full_width_and_spaces_around_change_nothing(remark):
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in remark)
    assert owner(f"  {wide} ") == owner(remark)


class TestShares:
    @given(st.integers(1, 300))
    def test_are_equal_and_the_rest_is_the_first_ones(self, people):
        shares = share_equally(range(people))
        assert sum(shares.values()) == WHOLE
        assert len({shares[key] for key in range(1, people)}) <= 1
        assert 0 <= shares[0] - shares[people - 1] < people
        assert sums_up(shares.values())

    def test_of_nobody_there_are_none(self):
        assert share_equally([]) == {}

    @given(st.integers(0, 10**10), st.lists(st.integers(0, WHOLE), max_size=6))
    def test_of_an_amount_add_up_to_it(self, fen, cuts):
        edges = [0, *sorted(cuts), WHOLE]
        parts = [end - start for start, end in pairwise(edges)]
        split = split_fen(fen, parts)
        assert sum(split) == fen
        assert all(abs(fen * part - share * WHOLE) < WHOLE for share, part in zip(split, parts, strict=True))

    def test_the_odd_fen_is_whose_share_it_takes_most_from(self):
        assert split_fen(1, [3333, 3334, 3333]) == [0, 1, 0]
        assert split_fen(99, [3300, 6700]) == [33, 66]
        assert split_fen(3, [5000, 2500, 2500]) == [1, 1, 1]

    def test_one_fen_among_equals_is_the_first_ones(self):
        assert split_fen(1, [5000, 5000]) == [1, 0]
        assert split_fen(1, [3334, 3333, 3333]) == [1, 0, 0]
        assert split_fen(100, [3334, 3333, 3333]) == [34, 33, 33]

    @pytest.mark.parametrize("parts", [[5000], [5000, 5001], [WHOLE + 1, -1]])
    def test_that_are_no_whole_are_refused(self, parts):
        with pytest.raises(ValueError):
            split_fen(100, parts)
        assert not sums_up(parts)


BEGIN = datetime(2026, 11, 10, tzinfo=UTC)
MINUTES = st.integers(0, 3 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.integers(1, 9), MINUTES, MINUTES), max_size=12), MINUTES)
def test_who_was_there_is_found_as_by_looking_at_everybody(stretches, instant):
    there = {key for key, start, end in stretches if start <= instant < end}
    assert Presence(stretches).at(instant) == there


class TestDays:
    def test_claims_end_on_a_day_of_the_next_month(self):
        assert closes_on(rules(claims_until_day=5), Month(2026, 11)) == date(2026, 12, 5)
        assert closes_on(rules(claims_until_day=28), Month(2026, 12)) == date(2027, 1, 28)

    def at(self, began, zone="Asia/Shanghai", **rule):
        clock = rule.pop("at", None)
        made = FollowUp.model_validate(
            {"code": "x", "name": {"zh-Hans": "一", "en": "x"}, "after": "dispatched", "kind": "k", "at": clock} | rule
        )
        home = ZoneInfo(zone)
        came = comes_up_at(datetime.fromisoformat(began).replace(tzinfo=home), made, home)
        return f"{came.astimezone(home):%m-%d %H:%M}"

    def test_a_day_later_is_the_same_time_or_the_one_given(self):
        assert self.at("2026-11-10 17:20", days=1) == "11-11 17:20"
        assert self.at("2026-11-10 17:20", days=1, at="10:00") == "11-11 10:00"
        assert self.at("2026-12-31 23:59", days=5, at="10:00") == "01-05 10:00"

    def test_nothing_comes_up_before_what_it_follows(self):
        assert self.at("2026-11-10 15:59", days=0, at="16:00") == "11-10 16:00"
        assert self.at("2026-11-10 16:00", days=0, at="16:00") == "11-10 16:00"
        assert self.at("2026-11-10 16:01", days=0, at="16:00") == "11-11 16:00"

    def test_minutes_later_may_be_the_next_day(self):
        assert self.at("2026-11-10 23:30", minutes=60) == "11-11 00:30"
        assert self.at("2026-11-10 15:30", minutes=60, at="16:00") == "11-11 16:00"

    def test_a_time_that_does_not_exist_moves_forward(self):
        assert self.at("2026-03-28 02:30", zone="Europe/Berlin", days=1) == "03-29 03:30"

    @given(MINUTES, st.integers(0, 40), st.integers(0, 23))
    def test_it_is_the_first_such_time_by_looking_at_each_hour(self, began, days, hour):
        home = ZoneInfo("Asia/Shanghai")
        made = FollowUp.model_validate(
            {
                "code": "x",
                "name": {"zh-Hans": "一", "en": "x"},
                "after": "received",
                "kind": "k",
                "days": days,
                "at": time(hour),
            }
        )
        day = began.astimezone(home).date() + timedelta(days=days)
        each = (datetime.combine(day, time(), tzinfo=home) + timedelta(hours=step) for step in range(72))
        first = next(one for one in each if one >= began and one.hour == hour)
        assert comes_up_at(began, made, home) == first


def test_words():
    assert percent(5000) == "50 %"
    assert percent(3334) == "33.34 %"
    assert standing("claimed", {7: 4000, 2: 6000}) == "claimed:2=6000,7=4000"
    assert fault_words("wrong_flag") == "Wrong flag"
    assert fault_words("of a later version") == "of a later version"
    assert fault_words("") == ""

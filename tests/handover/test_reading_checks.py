"""What a file says, row by row: headings that are guessed, good rows, and every cell that is wrong."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from handover.readings.cells import cells_of, doubled_of, headings_of
from handover.readings.checking import check, left_out, mistakes_in, problems_of
from handover.readings.fields import FIELDS, ORDERS, STATISTICS, guessed, uncounted
from handover.readings.judging import Known, People, Person, carried
from office.sheet_in import Table, read_table
from tests.handover.reading_files import ORDER_HEADS, STATISTIC_HEADS, order, statistic, text, workbook

KNOWN = Known(
    zone=ZoneInfo("Asia/Shanghai"),
    now=datetime(2026, 11, 10, 4, tzinfo=UTC),
    people=People(
        [
            Person(1, "07", "林晓彤", date(2026, 1, 1), None),
            Person(2, "02", "王浩然", date(2026, 1, 1), None),
            Person(3, "T1", "何佳", date(2026, 1, 1), date(2026, 6, 30)),
            Person(4, "T1", "何佳", date(2026, 11, 1), None),
        ]
    ),
)


def checked(content, kind="statistics", **columns):
    cells = cells_of(content if isinstance(content, Table) else read_table(content), FIELDS[kind])
    mapping = guessed(FIELDS[kind], headings_of(cells), {}) | columns
    assert problems_of(kind, mapping) == {}
    return check(kind, cells, mapping, KNOWN)


def statistics(*rows):
    return checked(text(STATISTIC_HEADS, *rows))


def orders(*rows):
    return checked(text(ORDER_HEADS, *rows), "orders")


def said(found):
    return [(one.place, one.heading, one.value, one.why) for one in found.mistakes]


class TestHeadings:
    def test_those_of_a_chat_tool_are_guessed(self):
        assert guessed(STATISTICS, STATISTIC_HEADS, {}) == {
            "work_number": "工号",
            "business_date": "日期",
            "served": "接待人数",
            "enquiries": "询单人数",
            "enquiries_paid": "询单付款人数",
            "sales_fen": "销售额",
            # A chat tool that knows no closed customers says who paid.
            "closed": "询单付款人数",
        }

    def test_those_of_a_shop_are_guessed(self):
        found = guessed(ORDERS, [*ORDER_HEADS, "发货时间", "确认收货时间", "静默下单"], {})
        assert found["number"], found["amount_fen"] == ("订单编号", "实付金额")
        assert {"remark", "flag", "dispatched_at", "received_at", "without_asking"} <= set(found)

    def test_marks_units_and_blanks_do_not_matter(self):
        found = guessed(STATISTICS, ["工 号", "日期", "接待人数(人)", "销售额（元）"], {})
        assert (found["served"], found["sales_fen"]) == ("接待人数(人)", "销售额（元）")

    def test_what_somebody_chose_goes_before_any_guess(self):
        heads = ["工号", "日期", "接待人数", "总接待人数", "询单人数", "询单付款人数"]
        found = guessed(STATISTICS, heads, {"served": "总接待人数", "enquiries_paid": ""})
        assert found["served"] == "总接待人数"
        assert "enquiries_paid" not in found

    def test_a_title_above_them_is_no_heading(self):
        found = checked(text(("客服数据报表",), ("2026-11-01 至 2026-11-09",), STATISTIC_HEADS, statistic()))
        assert [row.line for row in found.rows] == [4]

    def test_a_file_without_headings_is_refused(self):
        with pytest.raises(ValidationError) as refusal:
            checked(text(statistic(), statistic(number="02")))
        assert refusal.value.code == "no_headings"

    def test_nothing_below_them_is_refused(self):
        with pytest.raises(ValidationError) as refusal:
            checked(text(STATISTIC_HEADS))
        assert refusal.value.code == "no_rows"

    def test_one_that_two_columns_have_cannot_be_chosen(self):
        cells = cells_of(read_table(text(("日期", "工号", "人数", "人数"), ("2026-11-09", "07", 1, 2))), STATISTICS)
        assert (headings_of(cells), doubled_of(cells)) == (["日期", "工号"], ["人数"])

    @pytest.mark.parametrize(
        ("heading", "field"),
        [
            ("进线量", "contacting"),
            ("客服绩效金额", "sales_fen"),
            ("询单", "enquiries"),
            ("接待", "served"),
            ("成交", "closed"),
            ("咨询", "contacting"),
            ("Customers closed", "closed"),
        ],
    )
    def test_a_field_is_known_by_its_own_label_and_by_what_tools_call_it(self, heading, field):
        assert guessed(STATISTICS, [heading], {}) == {field: heading}

    def test_seconds_whose_count_is_not_there_are_left_out(self):
        heads = [*STATISTIC_HEADS, "平均响应时间", "首次响应", "首次响应次数"]
        found = guessed(STATISTICS, heads, {})
        assert "round_mean" not in found
        assert found["first_reply_mean"] == "首次响应"
        assert problems_of("statistics", found) == {}
        assert [(heading, field.name) for heading, field in uncounted(STATISTICS, heads, found)] == [
            ("平均响应时间", "round_mean")
        ]

    def test_more_columns_than_any_tool_exports_are_refused(self):
        cells_of(read_table(text([f"h{place}" for place in range(200)], range(200))), STATISTICS)
        with pytest.raises(ValidationError) as refusal:
            cells_of(read_table(text([f"h{place}" for place in range(201)], range(201))), STATISTICS)
        assert refusal.value.code == "too_many_columns"

    def test_what_stands_beside_the_last_heading_is_not_kept(self):
        cells = cells_of(read_table(text(("日期", "工号", "", ""), ("2026-11-09", "07", 1, 2))), STATISTICS)
        assert cells == [["日期", "工号"], ["2026-11-09", "07"]]

    def test_what_must_be_chosen_is_said(self):
        assert set(problems_of("statistics", {"work_number": "工号", "first_reply_mean": "首响"})) == {
            "business_date",
            "served",
            "closed",
            "enquiries",
            "sales_fen",
            "first_replies",
        }


class TestStatistics:
    def test_a_good_row(self):
        [row] = statistics(statistic()).rows
        assert (row.key, row.line) == ((1, date(2026, 11, 9)), 2)
        assert row.values == {
            "served": 50,
            "closed": 22,
            "enquiries": 40,
            "enquiries_paid": 22,
            "sales_fen": 123450,
        }

    @pytest.mark.parametrize(
        "called",
        [
            "07",
            "7",
            "０７",
            "林晓彤",
            "云杉家居:林晓彤",
            "07 林晓彤",
            "林晓彤 07",
            "07-林晓彤",
            "林晓彤（07）",
            "07林晓彤",
            "7 林晓彤",
            "云杉家居:07 林晓彤",
        ],
    )
    def test_an_agent_is_found_by_what_tools_call_them(self, called):
        assert statistics(statistic(number=called)).rows[0].key[0] == 1

    def test_who_came_back_is_who_was_there_that_day(self):
        found = statistics(statistic(number="T1", day="2026-11-09"), statistic(number="T1", day="2026-06-01"))
        assert [row.key[0] for row in found.rows] == [4, 3]

    @pytest.mark.parametrize(
        ("wrong", "place", "says"),
        [
            ({"number": "77"}, "B2", "Nobody in this department has this work number or name."),
            ({"number": "T1", "day": "2026-08-01"}, "B2", "何佳 was not a member on 2026-08-01."),
            ({"number": "02 林晓彤"}, "B2", "Nobody in this department has this work number or name."),
            ({"number": ""}, "B2", "This is missing."),
            ({"day": "2026-11-11"}, "A2", "This day has not come yet."),
            ({"day": "yesterday"}, "A2", "This is no day; write it like 2026-11-10."),
            ({"paid": 45}, "E2", "More enquiring buyers paid (45) than enquired (40)."),
            ({"enquiries": 51}, "D2", "More enquiries (51) than served (50)."),
            ({"served": "many"}, "C2", "This is no number."),
            ({"served": "80%"}, "C2", "This is a percentage; a count is wanted."),
            ({"served": "-5"}, "C2", "This is negative."),
            ({"sales": "1.234"}, "F2", "An amount has at most two decimals."),
        ],
    )
    def test_the_cell_that_is_wrong_is_named(self, wrong, place, says):
        found = statistics(statistic(**wrong))
        assert found.rows == []
        assert (place, says) in [(where, why) for where, _head, _value, why in said(found)]

    def test_all_wrong_cells_of_a_row_are_named_at_once(self):
        found = statistics(statistic(served="x", sales="y"))
        assert [one.place for one in found.mistakes] == ["C2", "F2"]
        assert found.wrong_rows == [1]

    def test_what_does_not_fit_is_named_beside_what_cannot_be_read(self):
        found = statistics(statistic(number="77", day="2026-11-11", enquiries=51, sales="y"))
        assert [one.place for one in found.mistakes] == ["A2", "B2", "D2", "F2"]

    def test_a_cell_that_is_two_fields_has_its_mistake_once(self):
        found = statistics(statistic(paid="x"))
        assert said(found) == [("E2", "询单付款人数", "x", "This is no number.")]

    def test_a_formula_is_not_believed(self):
        found = checked(workbook(STATISTIC_HEADS, (date(2026, 11, 9), "07", "=1+6", 4, 2, 88.5)))
        assert said(found) == [
            ("C2", "接待人数", "7", "This cell holds a formula. Copy the column and paste it as values.")
        ]

    def test_excels_own_days_and_numbers_are_read(self):
        [row] = checked(workbook(STATISTIC_HEADS, (date(2026, 11, 9), 7, 50, 40, 22, 12345.67))).rows
        assert (row.key, row.values["sales_fen"]) == ((1, date(2026, 11, 9)), 1234567)

    def test_the_same_row_twice_counts_once(self):
        found = statistics(statistic(), statistic(), statistic(number="02"))
        assert [row.line for row in found.rows] == [2, 4]
        assert said(found) == [("B3", "工号", "07", "Row 2 says the same already.")]

    def test_of_two_rows_that_differ_none_is_read(self):
        found = statistics(statistic(), statistic(number="7", served=60))
        assert found.rows == []
        assert [one.place for one in found.mistakes] == ["B2", "B3"]

    def test_sums_below_the_rows_are_left_out_and_no_mistake(self):
        found = statistics(statistic(), ("合计", "", 50, 40, 22, 1234))
        assert (len(found.rows), found.totals, found.mistakes) == (1, 1, [])

    def test_a_mean_with_its_count_becomes_the_sum(self):
        heads = (*STATISTIC_HEADS, "首次响应(秒)", "首次响应次数")
        [row] = checked(text(heads, (*statistic(), "36.5", 41))).rows
        assert (row.values["first_reply_seconds"], row.values["first_replies"]) == (1497, 41)
        assert "first_reply_mean" not in row.values

    def test_a_mean_without_its_count_is_wrong(self):
        heads = (*STATISTIC_HEADS, "首次响应", "首次响应次数")
        found = checked(text(heads, (*statistic(), "36.5", "-"), (*statistic(number="02"), "-", 0)))
        assert [one.why for one in found.mistakes] == ["There is no count that belongs to this."]
        assert found.rows[0].values["first_reply_seconds"] == 0


class TestOrders:
    def test_a_good_row(self):
        [row] = orders(order(remark="<script>alert(1)</script> 07", flag="红旗", refund="8.00")).rows
        assert row.key == "8841"
        assert row.values == {
            "buyer": "t***8",
            "placed_at": datetime(2026, 11, 9, 2, tzinfo=UTC),
            "paid_at": datetime(2026, 11, 9, 2, 5, tzinfo=UTC),
            "amount_fen": 8800,
            "paid_fen": 8800,
            "refunded_fen": 800,
            "remark": "<script>alert(1)</script> 07",
            "flag": "red",
        }

    def test_an_unpaid_order_is_good(self):
        [row] = orders(order(paid="", fen="")).rows
        assert (row.values["paid_at"], row.values["paid_fen"]) == (None, 0)

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"refund": "88.01"}, "More is refunded than was paid."),
            ({"paid": ""}, "Paid, but without a time of payment."),
            ({"fen": ""}, "Paid, but without an amount."),
            ({"paid": "2026-11-09 09:59:59"}, "This is before the order was placed."),
            ({"placed": "2026-11-12 10:00", "paid": "", "fen": ""}, "This time has not come yet."),
            ({"number": "2.13123E+18"}, "Excel has rounded this number."),
            ({"placed": "1999-12-31 10:00", "paid": "", "fen": ""}, "There is no such time."),
            ({"placed": "0001-01-01 00:00", "paid": "", "fen": ""}, "There is no such time."),
            ({"buyer": ""}, "This is missing."),
            ({"flag": "橙"}, "This is no flag"),
        ],
    )
    def test_the_cell_that_is_wrong_is_named(self, wrong, says):
        found = orders(order(**wrong))
        assert found.rows == []
        assert any(one.why.startswith(says) for one in found.mistakes)


def test_what_is_kept_of_a_file_that_was_read_in_are_its_wrong_rows():
    cells = cells_of(read_table(text(STATISTIC_HEADS, statistic(), statistic(number="77"))), STATISTICS)
    found = check("statistics", cells, guessed(STATISTICS, headings_of(cells), {}), KNOWN)
    rest = left_out(cells, found.mistakes)
    assert rest[:2] == [list(STATISTIC_HEADS), []]
    assert mistakes_in(rest) == found.mistakes


def test_a_tool_that_does_not_say_something_does_not_take_it_back():
    before = {"served": 50, "enquiries": 40, "enquiries_paid": 22, "calls": 9}
    assert carried(before, {"served": 60, "enquiries": 30}) == before | {"served": 60, "enquiries": 30}
    assert carried(before, {"enquiries": 20})["enquiries_paid"] is None


def test_seconds_belong_to_the_count_that_they_were_read_in_with():
    before = {"calls": 3, "talk_seconds": 90}
    assert carried(before, {"calls": 3}) == before
    assert carried(before, {"calls": 5}) == {"calls": 5, "talk_seconds": None}

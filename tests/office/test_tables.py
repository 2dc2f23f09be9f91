"""Lists: what stands in the address decides order, page and filter; the file holds every row that fits."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from office import clock
from office.excel import Kind, workbook
from office.forms import SearchForm
from office.models import AuditEntry
from office.tables import Choice, Column, Table, address, filled
from tests.sheets import rows_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Line:
    name: str
    fen: int | None


COLUMNS = (
    Column("name", "Name", lambda row: row.name, sort=True),
    Column("amount", "Amount", lambda row: row.fen, sort=True, kind=Kind.MONEY),
    Column("note", "Note", lambda row: "=1+1", on_page=False),
    Column("bar", "Bar", lambda row: None, in_file=False),
)
LINES = [Line("b", 300), Line("a", None), Line("c", 100)]


def table(query="", rows=LINES, **kwargs):
    options = {"name": "lines", "title": "Lines", "zone": SHANGHAI, **kwargs}
    return Table(RequestFactory().get(f"/{query}"), COLUMNS, rows, **options)


def names(shown):
    return [row.name for row in shown.page]


class TestOrder:
    def test_without_a_wish_the_rows_stay_as_they_were_given(self):
        assert names(table()) == ["b", "a", "c"]

    def test_the_address_decides(self):
        assert names(table("?sort=name")) == ["a", "b", "c"]
        assert names(table("?sort=-name")) == ["c", "b", "a"]

    @pytest.mark.parametrize("asked", ["?sort=amount", "?sort=-amount"])
    def test_what_has_no_value_stands_last_either_way(self, asked):
        assert names(table(asked))[-1] == "a"

    @pytest.mark.parametrize("asked", ["?sort=bar", "?sort=weight", "?sort=", "?sort=--name", "?sort=-"])
    def test_a_column_that_does_not_sort_is_left_aside(self, asked):
        assert names(table(asked, order="name")) == ["a", "b", "c"]

    def test_a_head_turns_its_own_order_round_and_begins_figures_with_the_largest(self):
        by_name = {head.column.name: head for head in table("?sort=name&page=2&q=x").head}
        assert by_name["name"].order == "ascending"
        assert QueryDict(by_name["name"].url[1:]).dict() == {"sort": "-name", "q": "x"}
        assert QueryDict(by_name["amount"].url[1:])["sort"] == "-amount"
        assert by_name["bar"].url == ""
        assert "note" not in by_name

    @given(st.lists(st.tuples(st.text(max_size=3), st.none() | st.integers(0, 10**10))), st.booleans())
    def test_sorting_loses_and_invents_nothing(self, values, down):
        rows = [Line(name, fen) for name, fen in values]
        shown = list(table(f"?sort={'-' if down else ''}amount", rows, per_page=10**6).page)
        with_value = [row.fen for row in shown if row.fen is not None]
        assert sorted(map(repr, shown)) == sorted(map(repr, rows))
        assert with_value == sorted(with_value, reverse=down)
        assert all(row.fen is None for row in shown[len(with_value) :])

    @pytest.mark.django_db
    def test_the_database_sorts_a_queryset_the_same_way(self):
        made = [
            AuditEntry.objects.create(action="x", target_kind="y", target_label=label, target_id=number)
            for label, number in [("b", 3), ("a", None), ("c", 1), ("d", 3)]
        ]
        columns = [Column("number", "No.", lambda row: row.target_id, sort="target_id", kind=Kind.NUMBER)]

        def labels(query):
            shown = Table(RequestFactory().get(query), columns, AuditEntry.objects.all(), name="x", title="x")
            return [row.target_label for row in shown.page]

        assert len(made) == 4
        assert labels("/?sort=number") == ["c", "b", "d", "a"]
        assert labels("/?sort=-number") == ["d", "b", "c", "a"]


class TestPages:
    def test_pages_keep_what_else_was_chosen(self):
        shown = table("?sort=name&page=2&q=x", per_page=1)
        assert names(shown) == ["b"]
        assert QueryDict(shown.next_url[1:]).dict() == {"sort": "name", "q": "x", "page": "3"}
        assert QueryDict(shown.previous_url[1:])["page"] == "1"

    @pytest.mark.parametrize(("asked", "shown"), [("x", 1), ("0", 3), ("99", 3), ("-1", 3)])
    def test_a_page_that_does_not_exist_is_answered_with_one_that_does(self, asked, shown):
        assert table(f"?page={asked}", per_page=1).page.number == shown

    def test_paper_holds_all_rows(self):
        short = table("?sort=name&page=2", per_page=1)
        assert QueryDict(short.print_url[1:]).dict() == {"sort": "name", "rows": "all"}
        all_of_them = table("?rows=all", per_page=1)
        assert names(all_of_them) == ["b", "a", "c"]
        assert all_of_them.print_url == ""


class TestFilters:
    def choice(self, query):
        return Choice(RequestFactory().get(f"/{query}"), "state", "State", [("", "All", 3), ("late", "Late", 1)])

    def test_a_choice_knows_its_value_and_its_addresses(self):
        chosen = self.choice("?state=late&page=4&sort=name")
        assert chosen.value == "late"
        assert [(option.label, option.is_on, option.count) for option in chosen.options] == [
            ("All", False, 3),
            ("Late", True, 1),
        ]
        assert QueryDict(chosen.options[0].url[1:]).dict() == {"sort": "name"}

    def test_an_unknown_value_is_the_first_one(self):
        assert self.choice("?state=nonsense").value == ""

    def test_a_list_says_whether_it_is_filtered_and_how_to_see_everything(self):
        request = RequestFactory().get("/?state=late&q=box&sort=name&page=2")
        form = SearchForm(request.GET)
        choice = Choice(request, "state", "State", [("", "All"), ("late", "Late")])
        shown = Table(request, COLUMNS, LINES, name="lines", title="Lines", form=form, choices=[choice])
        assert shown.is_filtered
        assert QueryDict(shown.all_url[1:]).dict() == {"sort": "name"}
        assert dict(shown.kept) == {"state": "late", "sort": "name"}
        assert not table("?sort=name", form=SearchForm({})).is_filtered

    def test_a_value_that_cannot_be_is_left_aside(self):
        assert filled(SearchForm(QueryDict(f"q={'x' * 61}"))) == {}
        assert filled(SearchForm(QueryDict("q=%20box%20"))) == {"q": "box"}


def test_an_address_without_parameters_is_a_question_mark():
    assert address(QueryDict("a=1"), a=None) == "?"


class TestTheFile:
    def rows(self, query="?export=xlsx", **kwargs):
        return rows_of(table(query, **kwargs).file().content)

    def test_it_holds_every_row_in_the_order_shown_and_money_in_yuan(self):
        assert self.rows("?export=xlsx&sort=-amount", per_page=1) == [
            ["Name", "Amount", "Note"],
            ["b", 3.0, "=1+1"],
            ["c", 1.0, "=1+1"],
            ["a", None, "=1+1"],
        ]

    def test_its_name_says_list_and_day_on_the_departments_clock(self):
        with clock.at(datetime(2026, 11, 3, 17, 0, tzinfo=UTC)):
            answer = table("?export=xlsx").file()
        assert answer["Content-Disposition"] == 'attachment; filename="lines-2026-11-04.xlsx"'
        assert answer["Content-Type"].startswith("application/vnd.openxmlformats")

    def test_only_a_known_export_is_a_file(self):
        assert table("?export=xlsx").wants_file
        assert not table("?export=pdf").wants_file

    def test_values_are_what_they_are(self):
        heads = [
            ("Day", Kind.DAY),
            ("When", Kind.INSTANT),
            ("Share", Kind.NUMBER),
            ("Text", Kind.TEXT),
            ("", Kind.TEXT),
        ]
        instant = datetime(2026, 11, 3, 17, 0, tzinfo=UTC)
        made = workbook(
            title="Fund [2026/11]: a name much longer than Excel allows",
            heads=heads,
            rows=[(date(2026, 11, 3), instant, Decimal("58.7"), "https://x.test", "")],
            zone=SHANGHAI,
        )
        _head, (day, when, share, text, *_rest) = rows_of(made)
        # Excel counts days from 1899-12-30; the instant is 01:00 of the next day in Shanghai.
        assert day == (date(2026, 11, 3) - date(1899, 12, 30)).days
        assert when == pytest.approx((date(2026, 11, 4) - date(1899, 12, 30)).days + 1 / 24)
        assert (share, text) == (58.7, "https://x.test")

    def test_an_empty_list_is_a_file_with_its_head(self):
        assert rows_of(table("?export=xlsx", rows=[]).file().content) == [["Name", "Amount", "Note"]]

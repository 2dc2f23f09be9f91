"""Tables that people hand in: what is read of them, and what they are refused for, in words."""

import contextlib
import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from office.sheet_in import MOST_BYTES, Block, letters_of, name_of, read_table, text_of


def book(fill, **options) -> bytes:
    made = io.BytesIO()
    workbook = xlsxwriter.Workbook(made, {"in_memory": True, **options})
    fill(workbook)
    workbook.close()
    return made.getvalue()


def sheet(*rows) -> bytes:
    def fill(workbook):
        page = workbook.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)

    return book(fill)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """An Excel file with another text in one of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as was, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in was.namelist():
            archive.writestr(each, part if each == name else was.read(each))
    return made.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        read_table(content)
    assert refused.value.messages[0]
    return refused.value.code


class TestExcel:
    def test_cells_keep_their_places_also_behind_empty_rows_and_columns(self):
        def fill(workbook):
            workbook.add_worksheet().write(2, 1, "x")

        table = read_table(book(fill))
        assert table.text(2, 1) == "x"
        assert table.text(0, 0) == table.text(9, 9) == ""

    def test_numbers_and_days_read_as_people_write_them(self):
        def fill(workbook):
            page = workbook.add_worksheet()
            page.write(0, 0, 7)
            page.write(0, 1, 1.5)
            page.write_datetime(0, 2, date(2026, 11, 1), workbook.add_format({"num_format": "yyyy-mm-dd"}))
            page.write_boolean(0, 3, True)

        table = read_table(book(fill))
        assert [table.text(0, column) for column in range(4)] == ["7", "1.5", "2026-11-01", "TRUE"]

    def test_the_first_sheet_that_can_be_seen_is_read(self):
        def fill(workbook):
            hidden, shown = workbook.add_worksheet("one"), workbook.add_worksheet("two")
            hidden.write(0, 0, "hidden")
            shown.write(0, 0, "shown")
            shown.activate()
            shown.set_first_sheet()
            hidden.hide()

        assert read_table(book(fill)).rows == [["shown"]]

    def test_merged_cells_are_said_with_their_place(self):
        def fill(workbook):
            workbook.add_worksheet().merge_range("B2:D3", "x")

        (block,) = read_table(book(fill)).merged
        assert str(block) == "B2:D3"
        assert block == Block(1, 1, 2, 3)

    def test_of_a_formula_the_value_is_read_and_an_error_stays_one(self):
        def fill(workbook):
            page = workbook.add_worksheet()
            page.write_formula(0, 0, '="N"', None, "N")
            page.write_formula(0, 1, "=1/0", None, "#DIV/0!")

        table = read_table(book(fill))
        assert table.rows == [["N", "#DIV/0!"]]
        assert table.formulas == {(0, 0), (0, 1)}

    def test_a_cell_at_the_end_of_the_world_is_refused_before_room_is_made_for_it(self):
        def fill(workbook):
            page = workbook.add_worksheet()
            page.write(0, 0, "x")
            page.write(1_048_575, 16_383, "y")

        assert refusal(book(fill)) == "too_many_cells"

    @pytest.mark.parametrize(
        ("reference", "code"),
        [
            ("AAAA100", "too_many_cells"),
            ("XFE1", "too_many_cells"),
            ("A1048577", "too_many_cells"),
            ("ZZZZZZZZZ99999999999", "too_many_cells"),
            ("", "not_a_table"),
            ("100", "not_a_table"),
            ("A0", "not_a_table"),
            ("工1", "not_a_table"),
        ],
    )
    def test_a_cell_that_no_sheet_has_is_refused_before_anything_makes_room_for_it(self, reference, code):
        inside = f'<sheetData><row r="1"><c r="A1"/><c r="{reference}"/></row></sheetData>'.encode()
        made = with_part(sheet(["A"]), "xl/worksheets/sheet1.xml", b"<worksheet>" + inside + b"</worksheet>")
        assert refusal(made) == code

    def test_so_is_such_a_row(self):
        inside = b'<sheetData><row r="99999999999"><c><v>1</v></c></row></sheetData>'
        made = with_part(sheet(["A"]), "xl/worksheets/sheet1.xml", b"<worksheet>" + inside + b"</worksheet>")
        assert refusal(made) == "too_many_cells"

    def test_a_panic_of_the_reader_is_a_refusal(self):
        inside = b"<sheetData/>" + b'<mergeCells><mergeCell ref="ZZZZZZZZZ99999999999:A1"/></mergeCells>'
        made = with_part(sheet(["A"]), "xl/worksheets/sheet1.xml", b"<worksheet>" + inside + b"</worksheet>")
        assert refusal(made) in ("not_a_table", "empty_file")

    def test_a_duration_that_no_clock_has_is_refused(self):
        def fill(workbook):
            workbook.add_worksheet().write_number(0, 0, 1e10, workbook.add_format({"num_format": "[h]:mm:ss"}))

        assert refusal(book(fill)) == "not_a_table"

    def test_formats_far_down_are_no_cells(self):
        def fill(workbook):
            page = workbook.add_worksheet()
            page.write(0, 0, "x")
            page.write_blank(1_000_000, 50, None, workbook.add_format({"bold": True}))

        assert read_table(book(fill)).text(0, 0) == "x"

    def test_a_file_that_unpacks_without_end_is_refused(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b" " * 80_000_000)
        assert refusal(made.getvalue()) == "too_many_cells"

    @pytest.mark.parametrize(
        "inside",
        [
            b"<sheetData>" + b"<row/>" * 2_000_000 + b"</sheetData>",
            b"<sheetData><row>" + b"<c/>" * 2_000_000 + b"</row></sheetData>",
            b"<sheetData/>" + b"<x/>" * 2_000_000,
            b"<sheetData/><mergeCells>" + b'<mergeCell ref="A1:B2"/>' * 50_000 + b"</mergeCells>",
        ],
        ids=["rows", "cells", "others", "merged"],
    )
    def test_a_sheet_of_countless_empty_things_is_refused(self, inside):
        made = with_part(sheet(["A"]), "xl/worksheets/sheet1.xml", b"<worksheet>" + inside + b"</worksheet>")
        assert len(made) < 100_000
        assert refusal(made) == "too_many_cells"

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
    def test_a_list_of_countless_sheets_is_refused(self, part):
        own = zipfile.ZipFile(io.BytesIO(sheet(["A"]))).read(part)
        end = own.rindex(b"</")
        assert refusal(with_part(sheet(["A"]), part, own[:end] + b"<x/>" * 2_000_000 + own[end:])) == "too_many_cells"

    def test_an_archive_that_is_no_workbook_is_refused(self):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("readme.txt", "x")
        assert refusal(made.getvalue()) == "not_a_table"

    @given(st.integers(0, 3000), st.integers(1, 60))
    def test_a_damaged_file_is_refused_or_read_and_never_breaks(self, start, length):
        content = sheet(["Work number", "2026-11-01"], ["07", "N"])
        damaged = content[:start] + bytes(length) + content[start + length :]
        with contextlib.suppress(ValidationError):
            assert read_table(damaged).rows


class TestText:
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_separators_are_found(self, separator):
        assert read_table(f"a{separator}b\n1{separator}2".encode()).rows == [["a", "b"], ["1", "2"]]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_what_programs_write_is_read(self, encoding):
        assert read_table("工号,1\n07,白".encode(encoding)).rows == [["工号", "1"], ["07", "白"]]

    def test_a_text_of_countless_empty_lines_is_refused(self):
        assert refusal(b"a,b\n" + b"\n" * 1_000_000) == "too_many_cells"

    def test_a_title_above_the_table_says_nothing_of_its_separators(self):
        assert read_table("客服数据报表\na;b".encode()).rows == [["客服数据报表"], ["a", "b"]]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_lines_end_in_any_of_the_three_ways(self, end):
        assert read_table(f"a,b{end}1,2{end}".encode()).rows == [["a", "b"], ["1", "2"]]

    def test_what_old_programs_end_a_text_with_is_no_part_of_it(self):
        assert read_table(b"a,b\r\n1,2\r\n\x1a").rows == [["a", "b"], ["1", "2"]]
        # A sign whose last byte looks like it.
        assert read_table("a,\u4e1a".encode("utf-16")).rows == [["a", "\u4e1a"]]
        assert read_table(b"\xfe\xff" + "a,\u4e1a".encode("utf-16-be")).rows == [["a", "\u4e1a"]]

    def test_a_quoted_cell_may_hold_the_separator(self):
        assert read_table(b'a,"b,c"').rows == [["a", "b,c"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \n ", "empty_file"),
        (b",,\n,,", "empty_file"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_table"),
        (b"%PDF-1.7\n\x01\x02", "not_a_table"),
        (b"PK\x03\x04nonsense", "not_a_table"),
        (b"," * 400_001, "too_many_cells"),
        (b'"' + b"x" * 200_000, "not_a_table"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value[:12]),
)
def test_what_is_no_table_is_refused_in_words(content, code):
    assert refusal(content) == code


@given(st.integers(0, 16_383))
def test_columns_are_named_as_excel_does(column):
    letters = letters_of(column)
    assert sum((ord(sign) - 64) * 26**power for power, sign in enumerate(reversed(letters))) == column + 1
    assert name_of(2, column) == f"{letters}3"


def test_a_text_is_its_words():
    assert text_of("  a \n b ") == "a b"
    assert text_of(12345678901234567890.0) == "1.23457e+19"


def test_a_text_that_is_called_a_workbook_cannot_be_read_as_one():
    with pytest.raises(ValidationError) as refused:
        read_table(b"<html>a,b</html>", name="Export.XLSX")
    assert refused.value.code == "not_a_workbook"


def test_the_encodings_that_can_be_read_are_named():
    with pytest.raises(ValidationError, match="UTF-8, in UTF-16 with its mark, or in GB 18030"):
        read_table(b"\x00\x01\x02")

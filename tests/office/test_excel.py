"""Excel files as a reader of the format sees them: every part well-formed, the sheet named as Excel allows."""

import io
import zipfile
from xml.etree import ElementTree

import pytest

from office.excel import SHEET_NAME, Kind, workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def named(title: str) -> str:
    """The name of the sheet in a file with this title, every part of which has been read."""
    with zipfile.ZipFile(io.BytesIO(workbook(title=title, heads=[("Name", Kind.TEXT)], rows=[("小鹿",)]))) as parts:
        trees = {part: ElementTree.fromstring(parts.read(part)) for part in parts.namelist()}
    [sheet] = trees["xl/workbook.xml"].iter(f"{MAIN}sheet")
    return sheet.attrib["name"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("云朵沙发", "云朵沙发"),
        ("a/b [c]", "a b  c"),
        ("a\x00b\x0bc\x1f", "a b c"),
        ("a\ufffeb\ud800c", "a b c"),
        ("", "1"),
        ("\x01 '", "1"),
        ("History", "History 1"),
        ("HISTORY ", "HISTORY 1"),
        ("History of sofas", "History of sofas"),
        ("沙" * 40, "沙" * SHEET_NAME),
        ("🛋" * 40, "🛋" * (SHEET_NAME // 2)),
        ("x" * 30 + "🛋", "x" * 30),
    ],
)
def test_any_title_makes_a_sheet_that_excel_opens(title, name):
    assert named(title) == name

"""Reading back the Excel files that the program writes."""

import io
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows_of(content: bytes) -> list[list[str | float | None]]:
    """The cells of the first sheet: texts as texts, everything else as the number that stands in the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = []
        if "xl/sharedStrings.xml" in archive.namelist():
            shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            texts = ["".join(part.text or "" for part in item.iter(f"{MAIN}t")) for item in shared]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in sheet.iter(f"{MAIN}row"):
        cells: list[str | float | None] = []
        for cell in row:
            letters = "".join(sign for sign in cell.get("r") if sign.isalpha())
            place = sum((ord(sign) - 64) * 26**power for power, sign in enumerate(reversed(letters))) - 1
            cells += [None] * (place - len(cells))
            assert cell.find(f"{MAIN}f") is None, "A formula stands in the file."
            value = cell.findtext(f"{MAIN}v")
            cells.append(texts[int(value)] if cell.get("t") == "s" else None if value is None else float(value))
        rows.append(cells)
    # Empty cells at the end of a row are not in the file.
    return [row + [None] * (len(rows[0]) - len(row)) for row in rows]

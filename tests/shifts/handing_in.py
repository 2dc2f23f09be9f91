"""Taking a roster out as a file, handing one in, and taking what the page has shown."""

import html
import io
import re
from datetime import date

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from shifts.models import Assignment
from tests.shifts.conftest import NOVEMBER

HEAD = ["Work number", "Name"]


def url(name, department, month=NOVEMBER):
    return reverse(f"shifts:{name}", kwargs={"code": department.code, "month": month})


def exported(client, department, month=NOVEMBER):
    response = client.get(url("roster_sheet", department, month))
    assert response.status_code == 200
    return response.content


def cells(content, sheet=0):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


def made(rows, merge=""):
    """An Excel file with these rows."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if merge:
        sheet.merge_range(merge, "N")
    book.close()
    return file.getvalue()


def look(client, department, content, name="roster.xlsx", month=NOVEMBER):
    return client.post(url("roster_import", department, month), {"file": SimpleUploadedFile(name, content)})


def take(client, department, looked_at, month=NOVEMBER):
    return client.post(url("roster_import", department, month), {"edits": shown_edits(looked_at)})


def drafted(person, day):
    row = Assignment.objects.draft().filter(membership=person.membership, business_date=date(2026, 11, day)).first()
    return row.code if row else ""


def everything():
    return sorted(Assignment.objects.values_list("layer", "membership", "business_date", "code", "version"))


def changes_of(response):
    return [(change.person.work_number, change.day.day, change.before, change.after) for change in read_of(response)]


def read_of(response):
    return response.context["reading"].changes if response.context["reading"] else []


def mistakes_of(response):
    return {mistake.place: mistake.why for mistake in response.context["reading"].mistakes}


def handed_in(client, department, month, content, name="roster.xlsx"):
    address = reverse("shifts:roster_import", kwargs={"code": department.code, "month": month})
    return client.post(address, {"file": SimpleUploadedFile(name, content)})


def shown_edits(response) -> str:
    """The cells that a page asks to confirm."""
    found = re.search(r'name="edits" value="([^"]*)"', response.content.decode())
    assert found, "There is nothing to confirm on this page."
    return html.unescape(found[1])

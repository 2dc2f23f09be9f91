"""Files as chat tools and shops export them, for tests."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

import xlsxwriter

from handover.services.readings import keep_file
from office.sheet_in import read_table

STATISTIC_HEADS = ("日期", "工号", "接待人数", "询单人数", "询单付款人数", "销售额")
ORDER_HEADS = ("订单编号", "买家会员名", "下单时间", "付款时间", "实付金额", "退款金额", "卖家备注", "旗帜")


def text(*rows: Sequence[object], encoding: str = "utf-8", separator: str = ",") -> bytes:
    return "".join(separator.join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def workbook(*rows: Sequence[object]) -> bytes:
    """An Excel file; a text that begins with "=" is a formula that came to 7."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    day, clocked = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(place, column, value, clocked)
            elif isinstance(value, date):
                sheet.write_datetime(place, column, value, day)
            elif isinstance(value, str) and value.startswith("="):
                sheet.write_formula(place, column, value, None, 7)
            else:
                sheet.write(place, column, value)
    book.close()
    return made.getvalue()


def statistic(day="2026-11-09", number="07", served=50, enquiries=40, paid=22, sales="1,234.50") -> tuple:
    return day, number, served, enquiries, paid, f'"{sales}"' if "," in str(sales) else sales


def order(number="8841", buyer="t***8", placed="2026-11-09 10:00:00", paid="2026-11-09 10:05:00", fen="88.00", **more):
    return number, buyer, placed, paid, fen, more.get("refund", ""), more.get("remark", ""), more.get("flag", "")


def kept(department, actor, content: bytes, *, kind="statistics", source="千牛", name="export.csv"):
    """The file as a draft."""
    return keep_file(
        department=department,
        kind=kind,
        source=source,
        name=name,
        table=read_table(content),
        digest=sha256(content).hexdigest(),
        actor=actor,
    )

"""Reading in a file of statistics or of orders, beside the bare insert of the same rows."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import connection, models, transaction

from handover.models import (
    Order,
    OrderFact,
    OrderShare,
    Reading,
    ReadingKind,
    ReadingSource,
    ReadingState,
    ServiceStatistic,
)
from handover.services.readings import columns_of, read_in
from office import clock, triggers
from people.models import Role

from .fines import insert
from .measure import Side, Yardstick
from .world import LOOKED_AT, SINCE, Desk, desk

AGENTS = 100
# As many rows as one bare statement inserts.
ROWS_A_STATEMENT = 2_000
HEADS = {
    ReadingKind.STATISTICS: [
        "日期",
        "工号",
        "接待人数",
        "询单人数",
        "询单付款人数",
        "销售额",
        "首次响应(秒)",
        "首次响应次数",
    ],
    ReadingKind.ORDERS: ["订单编号", "买家会员名", "下单时间", "付款时间", "实付金额", "卖家备注", "旗帜"],
}


class File:
    """A kept file of so many rows, to be read in again and again; what it wrote is taken away between."""

    def __init__(self, kind: ReadingKind, rows: int):
        self.desk: Desk = desk(f"reading-{kind}-{rows}", min(rows, AGENTS))
        self.kind = kind
        line = self._day if kind == ReadingKind.STATISTICS else self._order
        department = self.desk.department
        self.reading = Reading.objects.create(
            department=department,
            kind=kind,
            source=ReadingSource.objects.create(department=department, kind=kind, name="yardstick"),
            name="rows.csv",
            digest="0" * 64,
            cells=[HEADS[kind], *map(line, range(rows))],
            by=self.desk.office[Role.SUPERVISOR],
        )
        self.cells = self.reading.cells
        self.columns = columns_of(self.reading)
        # What the bare side inserts, table by table.
        self.statements: list[tuple[str, list]] = []

    def _day(self, number: int) -> list[str]:
        member = self.desk.agents[number % len(self.desk.agents)]
        day = SINCE + timedelta(days=number // len(self.desk.agents))
        served = 20 + number % 40
        paid = served // 4
        return [f"{day}", member.work_number, f"{served}", f"{served // 2}", f"{paid}", f"{paid * 88}.50", "32.5", "40"]

    def _order(self, number: int) -> list[str]:
        member = self.desk.agents[number % len(self.desk.agents)]
        placed = datetime.combine(date(2026, 11, 1), time()) + timedelta(minutes=number)
        paid = placed + timedelta(minutes=5)
        remark = f"{member.work_number} 加急" if number % 3 else ""
        return [f"21{number:016}", f"买家{number}", f"{placed}", f"{paid}", "88.00", remark, "红" if number % 3 else ""]

    def forget(self) -> None:
        """Nothing of the file is recorded, and it waits to be read in."""
        with triggers.lifted(connection):
            for rows in self.written():
                rows.delete()
        Reading.objects.filter(pk=self.reading.pk).update(
            state=ReadingState.RUNNING, cells=self.cells, added=0, corrected=0
        )

    def written(self) -> list[models.QuerySet]:
        department = self.desk.department
        if self.kind == ReadingKind.STATISTICS:
            return [ServiceStatistic.objects.filter(membership__department=department)]
        return [
            OrderShare.objects.filter(order__department=department),
            OrderFact.objects.filter(order__department=department),
            Order.objects.filter(department=department),
        ]

    def read_in(self, _given: object = None) -> int:
        with clock.at(LOOKED_AT):
            read_in(reading=self.reading, columns=self.columns, actor=self.desk.office[Role.SUPERVISOR])
        return 0

    def remember(self) -> None:
        """The statements that leave the rows that reading in leaves, keys and all."""
        self.forget()
        self.read_in()
        for rows in reversed(self.written()):
            held = list(rows.order_by("pk"))
            for start in range(0, len(held), ROWS_A_STATEMENT):
                self.statements.append(with_keys(held[start : start + ROWS_A_STATEMENT]))

    def bare(self, _given: object = None) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, params in self.statements:
                cursor.execute(sql, params)
        return 0

    def sums(self) -> list[list[str]]:
        """Every row without its key and when it was recorded, so that both sides can be compared."""
        return [
            sorted(
                str(sorted((name, value) for name, value in row.items() if name not in OWN)) for row in rows.values()
            )
            for rows in self.written()
        ]

    def proof(self) -> None:
        """Both sides leave the same rows."""
        self.forget()
        self.bare()
        bare = self.sums()
        self.forget()
        self.read_in()
        ours = self.sums()
        assert ours == bare, "Reading in and the bare insert leave other rows."
        assert all(ours), "Nothing was read in."


# Keys, and what hangs on them.
OWN = frozenset({"id", "order_id", "recorded_at"})


def with_keys(rows: Iterable[models.Model]) -> tuple[str, list]:
    """INSERT of rows with the keys that they have."""
    rows = list(rows)
    bare = insert(*rows)
    model = type(rows[0])
    width = len(bare.params) // len(rows)
    line = f"({', '.join(['%s'] * (width + 1))})"
    columns = [field.column for field in model._meta.local_concrete_fields if not field.primary_key]
    names = ", ".join(f'"{name}"' for name in [*columns, "id"])
    params = []
    for place, row in enumerate(rows):
        params += [*bare.params[place * width : (place + 1) * width], row.pk]
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {", ".join([line] * len(rows))}', params


def yardstick(name: str, kind: ReadingKind, rows: int) -> Yardstick:
    file = File(kind, rows)
    file.remember()
    return Yardstick(
        name=name,
        ours=Side(file.read_in, ready=file.forget),
        bare=Side(file.bare, ready=file.forget),
        proof=file.proof,
    )


def statistics(rows: int) -> Yardstick:
    return yardstick(f"reading-{rows}", ReadingKind.STATISTICS, rows)


def orders(rows: int) -> Yardstick:
    return yardstick(f"reading-orders-{rows}", ReadingKind.ORDERS, rows)

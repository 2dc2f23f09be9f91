"""What the demo's shop sold, as its tools export it: the orders, and what the chat tool counted for each agent.

Both follow from what the agents noted; here and there they noted it wrongly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.demo import words
from desk.demo.scene import Scene
from handover.models import ReadingKind, ServiceStatistic, StatisticSource
from handover.readings.checking import Row
from handover.services.readings import receive
from office import clock
from rulebooks.services import in_force

# So far back agents may still have noted something since the last file.
REACH = timedelta(days=8)
# The share of the days on which somebody has miscounted, and the largest mistake in customers.
MISCOUNTED, MISTAKES = 0.12, (-2, -1, 1, 2)


@dataclass
class Bought:
    """What customers of one agent bought on one day: how many, and for how much in all."""

    noted: ServiceStatistic
    count: int
    fen: int


@dataclass(frozen=True)
class Sold:
    """An order with what happens to it in the end; a file says of it what has happened by then."""

    number: str
    placed_at: datetime
    paid_at: datetime | None
    dispatched_at: datetime
    received_at: datetime
    fen: int
    is_refunded: bool
    remark: dict

    def row(self) -> Row:
        now, is_paid = clock.now(), self.paid_at is not None
        is_received = is_paid and self.received_at <= now
        values = self.remark | {
            "placed_at": self.placed_at,
            "paid_at": self.paid_at,
            "dispatched_at": self.dispatched_at if is_paid and self.dispatched_at <= now else None,
            "received_at": self.received_at if is_received else None,
            "amount_fen": self.fen,
            "paid_fen": self.fen if is_paid else 0,
            "refunded_fen": self.fen if is_received and self.is_refunded else 0,
        }
        return Row(0, self.number, "", values)


class Trade:
    """What is read in, decided by the scene's chance when it happens."""

    def __init__(self, scene: Scene):
        self.scene, self.chance, self.department = scene, scene.chance, scene.department
        self.number = 88_410_000
        self.sold: list[Sold] = []
        rules = in_force(self.department, scene.today).orders
        self.flag = (rules.flag or "") if rules is not None else ""

    def read_in(self) -> None:
        """What is new since the last file."""
        today = self.department.today()
        noted = ServiceStatistic.objects.current().filter(membership__department=self.department)
        rows = noted.filter(source=StatisticSource.MANUAL).between(today - REACH, today)
        imported = ServiceStatistic.objects.filter(
            membership__department=self.department, source=StatisticSource.IMPORTED
        )
        known = set(imported.values_list("membership", "business_date"))
        rows = rows.select_related("membership__user").order_by("business_date", "membership")
        new = [self._bought(row) for row in rows if (row.membership_id, row.business_date) not in known]
        if not new:
            return
        counted = [
            Row(place, (one.noted.membership_id, one.noted.business_date), "", self._counted(one))
            for place, one in enumerate(new)
        ]
        receive(department=self.department, kind=ReadingKind.STATISTICS, name=words.FIGURES_FILE, rows=counted)
        # The file has the last days whole, so that what was dispatched and received meanwhile is known too.
        self.sold = [order for order in self.sold if order.placed_at > clock.now() - REACH]
        self.sold += [order for one in new for order in self._orders(one)]
        orders = [order.row() for order in self.sold]
        receive(department=self.department, kind=ReadingKind.ORDERS, name=words.ORDERS_FILE, rows=orders)

    def _bought(self, noted: ServiceStatistic) -> Bought:
        chance, count, fen = self.chance, noted.closed, noted.sales_fen
        if count and chance.random() < MISCOUNTED:
            wrong = max(1, count + chance.choice(MISTAKES))
            return Bought(noted, min(wrong, noted.served), fen * wrong // count)
        return Bought(noted, count, fen)

    def _counted(self, bought: Bought) -> dict:
        """What the chat tool counted where the agent noted `bought`."""
        chance, noted = self.chance, bought.noted
        served = noted.served + chance.choice((0, 0, 0, 0, 0, 1))
        enquiries = max(min(served, noted.enquiries), bought.count)
        rounds = served * chance.randint(4, 6)
        return {
            "served": served,
            "closed": bought.count,
            "enquiries": enquiries,
            "sales_fen": bought.fen,
            "contacting": served + chance.choice((0, 0, 1, 1, 2)),
            "replied": served,
            "enquiries_paid": bought.count,
            "paying": bought.count,
            "first_replies": served,
            "first_reply_seconds": served * chance.randint(9, 26),
            "rounds": rounds,
            "round_seconds": rounds * chance.randint(18, 42),
            "rounds_in_time": round(rounds * chance.uniform(0.93, 1)),
            "calls": None,
            "talk_seconds": None,
        }

    def _orders(self, bought: Bought) -> Iterator[Sold]:
        """One for each customer who bought, which together come to the sum; now and then one that nobody pays."""
        chance, left = self.chance, bought.fen
        for nth in range(bought.count, 0, -1):
            # Whole yuan, within half and one and a half of what is left for each.
            amount = left if nth == 1 else round(left / nth * chance.uniform(0.5, 1.5) / 100) * 100
            left -= amount
            yield self._order(bought.noted, amount, is_paid=True)
        if chance.random() < 0.3:
            yield self._order(bought.noted, chance.randint(300, 3_000) * 100, is_paid=False)

    def _order(self, noted: ServiceStatistic, amount: int, *, is_paid: bool) -> Sold:
        chance = self.chance
        self.number += chance.randint(3, 40)
        # In the shift, before its statistics were written, and on its business date.
        last = min(noted.recorded_at, self.scene.wall(noted.business_date, 23, 50))
        paid = last - timedelta(minutes=chance.randint(5, 330))
        is_tagged = chance.random() < 0.93
        remark = {
            "buyer": self.scene.buyers.next(),
            "remark": words.TAG % noted.membership.work_number if is_tagged else "",
            "flag": self.flag if is_tagged else "",
            "without_asking": not is_tagged and chance.random() < 0.4,
        }
        return Sold(
            number=str(self.number),
            placed_at=paid - timedelta(minutes=chance.randint(1, 25)),
            paid_at=paid if is_paid else None,
            dispatched_at=paid + timedelta(hours=chance.randint(20, 30)),
            received_at=paid + timedelta(days=chance.randint(3, 5), minutes=chance.randint(0, 300)),
            fen=amount,
            is_refunded=chance.random() < 0.03,
            remark=remark,
        )

"""The month's figures of the service statistics against one hand-written GROUP BY that yields the same sums."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection

from handover.metrics import REGISTRY
from handover.models import Attribution, Order, OrderShare, ServiceStatistic, StatisticSource
from handover.pages.metrics import figures_of
from handover.periods import By, Period
from handover.tallies import PARTS, Tally
from office import clock

from .measure import Side, Yardstick
from .world import MONTH, OVER, ZONE, Desk, desk, month_of_facts

# Orders were read in for the days before this one; from then on sales are the chat tool's.
WITHOUT_ORDERS = 16
BY_ORDERS = "sales"
SHOWN = ("served", "enquiries", "self_counted_conversion", "enquiry_conversion", "mean_response", BY_ORDERS)

# By member: what each of SHOWN adds up to, numerator and denominator. Of an agent's day the chat tool's line goes
# before the notebook's; sales are those of the orders where there are any, in parts of a fen.
SUMS = """
SELECT membership_id, SUM(served), SUM(enquiries), SUM(closed), SUM(self_served), SUM(paid), SUM(paid_of),
       SUM(seconds), SUM(rounds), SUM(sales)
FROM (
    SELECT s.membership_id,
           CASE WHEN s.source = 'imported' OR chat.membership_id IS NULL THEN s.served ELSE 0 END AS served,
           CASE WHEN s.source = 'imported' OR chat.membership_id IS NULL THEN s.enquiries ELSE 0 END AS enquiries,
           CASE WHEN s.source = 'manual' THEN s.closed ELSE 0 END AS closed,
           CASE WHEN s.source = 'manual' THEN s.served ELSE 0 END AS self_served,
           s.enquiries_paid AS paid,
           CASE WHEN s.enquiries_paid IS NOT NULL THEN s.enquiries ELSE 0 END AS paid_of,
           s.round_seconds AS seconds,
           s.rounds AS rounds,
           CASE WHEN o.business_date IS NULL AND (s.source = 'imported' OR chat.membership_id IS NULL)
                THEN s.sales_fen * 10000 ELSE 0 END AS sales
    FROM handover_servicestatistic s
    LEFT JOIN handover_servicestatistic later ON later.supersedes_id = s.id
    LEFT JOIN (
        SELECT DISTINCT membership_id, business_date FROM handover_servicestatistic
        WHERE source = 'imported' AND business_date BETWEEN %(first)s AND %(last)s
    ) chat ON chat.membership_id = s.membership_id AND chat.business_date = s.business_date
    LEFT JOIN (
        SELECT DISTINCT business_date FROM handover_order WHERE department_id = %(department)s
    ) o ON o.business_date = s.business_date
    WHERE s.business_date BETWEEN %(first)s AND %(last)s AND later.id IS NULL
  UNION ALL
    SELECT h.membership_id, 0, 0, 0, 0, 0, 0, 0, 0, (o.paid_fen - o.refunded_fen) * h.parts
    FROM handover_ordershare h
    JOIN handover_order o ON o.id = h.order_id
    WHERE o.department_id = %(department)s AND o.business_date BETWEEN %(first)s AND %(last)s
      AND o.paid_at IS NOT NULL
) counted
JOIN people_membership m ON m.id = membership_id
WHERE m.department_id = %(department)s
GROUP BY membership_id
"""


class Month:
    """A department whose month has lines of both sources and orders of every second week."""

    def __init__(self, code: str, agents: int):
        self.desk: Desk = desk(code, agents)
        month_of_facts(self.desk)
        _chat_lines()
        _orders(self.desk)
        self.period = Period.around(By.MONTH, MONTH.first)
        self.params: dict[str, Any] = {
            "department": self.desk.department.pk,
            "first": MONTH.first,
            "last": MONTH.last,
        }

    def figures(self, _given: object = None) -> int:
        """Every metric of every agent and of the department, as words."""
        with clock.at(OVER):
            found = figures_of(self.desk.department, self.period)
        return sum(
            len(line.figure(name).text.encode()) for line in [found.department, *found.lines] for name in REGISTRY
        )

    def sums(self) -> dict[int, tuple]:
        with connection.cursor() as cursor:
            cursor.execute(SUMS, self.params)
            return {member: tuple(int(one or 0) for one in sums) for member, *sums in cursor.fetchall()}

    def bare(self, _given: object) -> int:
        self.sums()
        return 0

    def proof(self) -> None:
        """The figures are worked out from what the hand-written statement counts."""
        with clock.at(OVER):
            found = figures_of(self.desk.department, self.period)
        held = {}
        for line in found.lines:
            tallies = [line.sums.get(name, Tally()) for name in SHOWN]
            assert line.membership
            held[line.membership.pk] = tuple(
                part
                for name, one in zip(SHOWN, tallies, strict=True)
                for part in ([one.top, one.bottom] if REGISTRY[name].bottom else [one.top])
            )
        assert held == self.sums(), "The figures and the hand-written sums differ."


def _chat_lines() -> None:
    """The chat tool's line for every line of a notebook but one in twenty."""
    lines = ServiceStatistic.objects.filter(source=StatisticSource.MANUAL, supersedes=None)
    ServiceStatistic.objects.bulk_create(
        (
            ServiceStatistic(
                membership_id=line.membership_id,
                business_date=line.business_date,
                source=StatisticSource.IMPORTED,
                served=line.served,
                closed=line.closed,
                enquiries=line.enquiries,
                sales_fen=line.sales_fen,
                contacting=line.served + 5,
                replied=line.served,
                enquiries_paid=line.enquiries // 2,
                paying=line.closed,
                first_replies=line.served,
                first_reply_seconds=20 * line.served,
                rounds=6 * line.served,
                round_seconds=180 * line.served,
                rounds_in_time=5 * line.served,
                recorded_at=line.recorded_at + timedelta(days=1),
            )
            for line in lines.iterator(chunk_size=2000)
            if line.pk % 20
        ),
        batch_size=2000,
    )


def _orders(made: Desk) -> None:
    """Two orders an agent and day of the first half of MONTH; one in twelve is nobody's, one in nine is refunded."""
    orders = []
    for number, _member in enumerate(made.agents):
        for day in (day for day in MONTH.days() if day.day < WITHOUT_ORDERS):
            for more in range(2):
                at = datetime.combine(day, time(12), ZONE)
                paid = 1000 + 37 * ((number + day.day) % 90)
                orders.append(
                    Order(
                        department=made.department,
                        number=f"{number:04}-{day.day:02}-{more}",
                        buyer=f"buyer {(number + day.day * more) % 400}",
                        placed_at=at,
                        paid_at=at,
                        amount_fen=paid,
                        paid_fen=paid,
                        refunded_fen=paid if (number + day.day + more) % 9 == 0 else 0,
                        business_date=day,
                        attribution=Attribution.NONE if (number + day.day) % 12 == 0 else Attribution.TAGGED,
                    )
                )
    stored = Order.objects.bulk_create(orders, batch_size=2000)
    OrderShare.objects.bulk_create(
        (
            OrderShare(order=order, membership=made.agents[int(order.number[:4])], parts=PARTS)
            for order in stored
            if order.attribution == Attribution.TAGGED
        ),
        batch_size=2000,
    )


def yardstick(agents: int) -> Yardstick:
    """`figures_of` the month and all its figures in words; the bare side only sums."""
    month = Month(f"statistics-{agents}", agents)
    return Yardstick(
        name=f"statistics-{agents}",
        ours=Side(month.figures),
        bare=Side(month.bare),
        proof=month.proof,
    )

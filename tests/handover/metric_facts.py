"""Lines of the chat tool and orders, as rows."""

from datetime import date, datetime

from handover.models import Attribution, Order, OrderFact, OrderShare, Reading, ReadingKind, ServiceStatistic
from handover.models import StatisticSource as Source
from handover.tallies import PARTS

DAY = date(2026, 11, 3)


def line(person, day=DAY, source=Source.IMPORTED, **counts) -> ServiceStatistic:
    """A line; what is not named is 0 where a line must say it, and not reported where it need not."""
    counts = {"served": 0, "closed": 0, "enquiries": 0, "sales_fen": 0} | counts
    return ServiceStatistic.objects.create(
        membership=person.membership,
        business_date=day,
        source=source,
        recorded_by=person if source == Source.MANUAL else None,
        **counts,
    )


def corrected(row: ServiceStatistic, **counts) -> ServiceStatistic:
    """The same day again with other counts."""
    kept = {name: getattr(row, name) for name in ("served", "closed", "enquiries", "sales_fen")}
    return ServiceStatistic.objects.create(
        membership=row.membership, business_date=row.business_date, source=row.source, supersedes=row, **kept | counts
    )


def order(department, number, shares=(), day=DAY, *, paid=10_000, refunded=0, buyer="小鹿", by=None, **more) -> Order:
    """A paid order; `shares`: people, or (person, parts). Without any it is nobody's."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=department.zone)
    by = by or (Attribution.TAGGED if shares else Attribution.NONE)
    fields = {"paid_at": at, "paid_fen": paid, "refunded_fen": refunded} | more
    row = Order.objects.create(
        department=department,
        number=number,
        buyer=buyer,
        placed_at=at,
        amount_fen=paid,
        business_date=day,
        attribution=by,
        **fields,
    )
    reading, _new = Reading.objects.get_or_create(department=department, kind=ReadingKind.ORDERS, name="orders.xlsx")
    OrderFact.objects.create(order=row, reading=reading, facts={})
    for share in shares:
        person, parts = share if isinstance(share, tuple) else (share, PARTS // len(shares))
        OrderShare.objects.create(order=row, membership=person.membership, parts=parts)
    return row

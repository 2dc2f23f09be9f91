"""How long the enquiries of days stay open, by the rulebook of each day."""

from collections.abc import Collection
from datetime import date

from handover.periods import Maturity
from people.models import Department
from rulebooks.services import in_force_by_day


def maturity_of(department: Department, days: Collection[date]) -> Maturity:
    """As of today in the department; one query for all the days."""
    books = in_force_by_day(department, days)
    after = {day: book.orders.mature_after_days for day, book in books.items() if book.orders}
    return Maturity(department.today(), after)

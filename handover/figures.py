"""What the service statistics add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from office.money import yuan

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Counts:
    """Sums over days: customers served and closed, enquiries (all in customers), sales (in fen), days with a line."""

    served: int = 0
    closed: int = 0
    enquiries: int = 0
    sales_fen: int = 0
    days: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.served + other.served,
            self.closed + other.closed,
            self.enquiries + other.enquiries,
            self.sales_fen + other.sales_fen,
            self.days + other.days,
        )

    @property
    def conversion(self) -> Decimal | None:
        """The self-counted conversion, customers closed ÷ customers served, in per cent; None when none were served.

        One decimal, a half rounds up. Source: the metric definitions of the department's notebooks.
        """
        if self.served == 0:
            return None
        return (Decimal(100 * self.closed) / self.served).quantize(TENTH, ROUND_HALF_UP)

    @property
    def conversion_text(self) -> str:
        return "—" if self.conversion is None else f"{self.conversion} %"

    @property
    def fraction(self) -> str:
        """Numerator and denominator, which a share is never shown without."""
        return f"{self.closed:,} ÷ {self.served:,}"

    @property
    def served_text(self) -> str:
        return f"{self.served:,}"

    @property
    def closed_text(self) -> str:
        return f"{self.closed:,}"

    @property
    def enquiries_text(self) -> str:
        return f"{self.enquiries:,}"

    @property
    def sales(self) -> str:
        return yuan(self.sales_fen)


def total(parts: Iterable[Counts]) -> Counts:
    """The sum; conversions are never averaged, they follow from the summed counts."""
    return sum(parts, Counts())

"""Money is integer fen everywhere; yuan exist only on screens and in forms."""

from decimal import Decimal

FEN = 100
# More than any department's fund and far inside a 64-bit column, so that sums cannot overflow.
LARGEST_FEN = 10**10


def yuan(fen: int) -> str:
    """Fen as yuan with two places and thousands marks: 123456 → "1,234.56"; a true minus sign."""
    sign = "−" if fen < 0 else ""
    whole, cents = divmod(abs(fen), FEN)
    return f"{sign}{whole:,}.{cents:02}"


def to_fen(amount: Decimal) -> int:
    """Yuan as fen; ValueError when there are parts of a fen, or no end."""
    fen = amount * FEN
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise ValueError("An amount has at most two decimals.")
    return int(fen)

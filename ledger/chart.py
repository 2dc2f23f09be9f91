"""Month-end balances as bars, ready for SVG attributes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from office.bars import Frame, Level, Place, scale_of
from office.money import FEN
from office.months import Month

# Pixels: where the bars stand, and where the highest one ends.
AXIS, TOP = 96.5, 26.5
# Of the room that each month has, the bar takes this share.
SHARE = 0.8
# Levels stand for whole yuan, and there are three at most.
FINEST, LEVELS = Fraction(1), 3


@dataclass(frozen=True)
class Bar(Place):
    month: Month
    fen: int
    label_x: str
    is_last: bool
    is_labelled: bool
    # Every other month: its name gives way where the chart is narrow.
    is_minor: bool


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    levels: tuple[Level, ...]


def chart_of(balances: Sequence[tuple[Month, int]]) -> Chart:
    """Bars of `balances` (month, fen at least 0), oldest first; the last one and the highest carry their figure."""
    most = max((fen for _month, fen in balances), default=0)
    frame = Frame(AXIS, TOP, SHARE, len(balances), scale_of(Fraction(most, FEN), finest=FINEST, levels=LEVELS))
    last = len(balances) - 1
    # The highest of the earlier months; of equals the latest.
    highest = max(range(last), key=lambda i: (balances[i][1], i), default=None)
    bars = []
    for number, (month, fen) in enumerate(balances):
        place, is_last = frame.bar(number, Fraction(fen, FEN)), number == last
        # Beside each other two figures would run into one.
        is_highest = number == highest and fen > 0 and number < last - 1
        bars.append(
            Bar(
                **vars(place),
                month=month,
                fen=fen,
                # The last figure ends with its bar, so that it stays inside the chart however narrow that is.
                label_x=frame.across(number + (1 + SHARE) / 2) if is_last else place.middle,
                is_last=is_last,
                is_labelled=is_last or is_highest,
                is_minor=(last - number) % 2 == 1,
            )
        )
    return Chart(tuple(bars), tuple(frame.levels()))

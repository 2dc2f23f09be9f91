"""Month-end balances as bars: places in percent of the width and in pixels of the height, ready for SVG attributes."""

from collections.abc import Sequence
from dataclasses import dataclass

from office.months import Month

# Pixels: where the bars stand, and where the highest one ends.
AXIS, TOP = 96.5, 26.5
# Of the room that each month has, the bar takes this share.
SHARE = 0.8
FEN = 100


@dataclass(frozen=True)
class Bar:
    month: Month
    fen: int
    x: str
    width: str
    middle: str
    label_x: str
    y: str
    height: str
    label_y: str
    is_last: bool
    is_labelled: bool
    # Every other month: its name gives way where the chart is narrow.
    is_minor: bool


@dataclass(frozen=True)
class Line:
    """A level of the scale: its place and what it stands for, whole yuan."""

    y: str
    label_y: str
    label: str


@dataclass(frozen=True)
class Chart:
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]


def level_of(most_fen: int) -> int:
    """The distance of the scale's levels in whole yuan: 1, 2 or 5 times a power of ten, three levels at most."""
    step = 1
    while True:
        for nice in (step, 2 * step, 5 * step):
            if most_fen <= 3 * nice * FEN:
                return nice
        step *= 10


def chart_of(balances: Sequence[tuple[Month, int]]) -> Chart:
    """Bars of `balances` (month, fen at least 0), oldest first; the last one and the highest carry their figure."""
    most = max((fen for _month, fen in balances), default=0)
    level = level_of(most)
    top = max(-(-most // (level * FEN)), 1) * level * FEN
    slot = 100 / max(len(balances), 1)
    # The highest of the earlier months; of equals the latest.
    highest = max(range(len(balances) - 1), key=lambda i: (balances[i][1], i), default=None)
    bars = []
    for place, (month, fen) in enumerate(balances):
        height = (AXIS - TOP) * fen / top
        is_last = place == len(balances) - 1
        # Beside each other two figures would run into one.
        is_highest = place == highest and fen > 0 and place < len(balances) - 2
        bars.append(
            Bar(
                month=month,
                fen=fen,
                x=f"{slot * (place + (1 - SHARE) / 2):.2f}%",
                width=f"{slot * SHARE:.2f}%",
                middle=f"{slot * (place + 0.5):.2f}%",
                # The last figure ends with its bar, so that it stays inside the chart however narrow that is.
                label_x=f"{slot * (place + (1 + SHARE) / 2 if is_last else place + 0.5):.2f}%",
                y=f"{AXIS - height:.1f}",
                height=f"{height:.1f}",
                label_y=f"{AXIS - height - 6:.1f}",
                is_last=is_last,
                is_labelled=is_last or is_highest,
                is_minor=(len(balances) - 1 - place) % 2 == 1,
            )
        )
    return Chart(tuple(bars), tuple(_lines(level, top)))


def _lines(level: int, top_fen: int):
    for number in range(1, top_fen // (level * FEN) + 1):
        y = AXIS - (AXIS - TOP) * number * level * FEN / top_fen
        yield Line(y=f"{y:.1f}", label_y=f"{y - 4.5:.1f}", label=f"{number * level:,}")

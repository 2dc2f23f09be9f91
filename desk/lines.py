"""Lines of Today: one kind of thing that waits, and where it is dealt with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`waited`: for how long the oldest has waited, in words."""

    label: str
    icon: str
    count: int
    url: str
    waited: str = ""

"""One line of facts on top of a page: a figure, its unit or names, and whether it asks for something."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """`figure` is the number or word in large letters, `says` what stands beside it; `tone`: "", "warn" or "bad"."""

    label: str
    figure: str | int
    says: str = ""
    icon: str = ""
    tone: str = ""

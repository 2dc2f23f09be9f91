"""Whose turn it is: whoever had it longest ago. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from people.models import Membership


def in_turn(people: Iterable[Membership], last: Mapping[int, datetime]) -> list[Membership]:
    """Whoever never had it first, then whoever had it longest ago; equals by work number. `last`: by membership."""

    def place(member: Membership) -> tuple:
        had = last.get(member.pk)
        # Never: before everybody who had it, whenever that was.
        return (had is not None, had.timestamp() if had else 0, member.work_number, member.pk)

    return sorted(people, key=place)

"""The demo department with its people: what every step of its story needs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeVar

from desk.demo.buyers import Buyers
from desk.demo.timeline import Timeline
from office.months import Month
from people.models import Department, Membership, Right, User
from people.permissions import holders_of
from rulebooks.schema import Rulebook
from rulebooks.services import in_force

Text = TypeVar("Text")


@dataclass
class Scene:
    """`crew`: who is on the roster, in the cast's order; `people`: everybody by username without prefix."""

    department: Department
    crew: list[Membership]
    people: dict[str, Membership]
    chance: random.Random
    now: datetime
    # Who begins the rotation: so many places of the crew on.
    turn: int = 0
    story: Timeline = field(init=False)
    buyers: Buyers = field(init=False)
    _rostered: set[int] = field(init=False)
    _told: dict[int, list] = field(init=False, default_factory=dict)

    def __post_init__(self):
        self._rostered = {member.user_id for member in self.crew}
        self.story = Timeline(self.now)
        self.buyers = Buyers(self.chance)

    @property
    def in_turn(self) -> list[Membership]:
        """The crew in the order in which it takes the places of the rotation."""
        return self.crew[self.turn :] + self.crew[: self.turn]

    @property
    def today(self) -> date:
        return self.department.local(self.now).date()

    @property
    def this_month(self) -> Month:
        return Month.of(self.today)

    def rulebook_of(self, month: Month) -> Rulebook:
        return in_force(self.department, month.first)

    def wall(self, day: date, hour: int, minute: int = 0) -> datetime:
        """That time on the department's wall clock."""
        return datetime.combine(day, time(hour, minute), tzinfo=self.department.zone)

    def who_may(self, right: Right, *, but: User | None = None) -> User:
        """Somebody who holds the right now and is not `but`; rather from the office than from the desk."""
        holders = [user for user in holders_of(self.department, right).order_by("pk") if user != but]
        return min(holders, key=lambda user: user.pk in self._rostered)

    def once(self, texts: Sequence[Text]) -> Text | None:
        """One of `texts` that was not drawn before; None when all were."""
        left = self._told.setdefault(id(texts), list(texts))
        return left.pop(self.chance.randrange(len(left))) if left else None

    def fresh(self, texts: Sequence[Text]) -> Text:
        """One of `texts`, none of them a second time before all were drawn."""
        drawn = self.once(texts)
        if drawn is not None:
            return drawn
        del self._told[id(texts)]
        return self.fresh(texts)

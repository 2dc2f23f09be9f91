"""What the reference of the random days knows of items and shifts."""

from dataclasses import dataclass, field

QUEUE = "queue"


@dataclass
class Ref:
    """What the reference knows of one item."""

    owner: int | str
    urgent: bool
    # Nobody: a follow-up.
    author: int | None
    meant: int | None = None
    # The shift types that it was handed to, while it waits; None while it does not. And the shift that handed it over.
    to: tuple[str, ...] | None = None
    under: "Shift | None" = None
    # Written off duty for somebody, or by who hands nothing over: it waits at once, without a handover.
    offered: bool = False
    # Who handed it over, while it waits under a handover; and the shift that last submitted it.
    by: int | None = None
    submitted_in: object = None
    accepted: bool = False
    asked: bool = False
    # Who has refused it since it came into the queue.
    refused: set = field(default_factory=set)
    done: bool = False
    carried: int = 0
    history: list = field(default_factory=list)

    @property
    def giver(self) -> int | None:
        """Who answers what is asked about it."""
        if self.owner != QUEUE:
            return self.owner
        return self.author if self.by is None else self.by

    def becomes(self, who, action) -> None:
        if self.under is not None:
            self.under.is_taken = True
        self.owner, self.accepted, self.asked = who, True, False
        self.to = self.by = self.meant = self.under = None
        self.offered = False
        self.history.append((action, who))


@dataclass
class Shift:
    attendance: object
    submitted: bool = False
    # Whether somebody has accepted something of its handover.
    is_taken: bool = False

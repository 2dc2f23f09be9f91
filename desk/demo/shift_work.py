"""One worked shift of the demo: clock-in, customers, notebooks, handover, clock-out, each at its time."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from desk.demo import words
from handover import services as handover
from handover.models import HandoverItem
from office import clock
from rulebooks.services import in_force
from shifts import services as shifts
from shifts.models import Assignment, Attendance

Step = tuple[datetime, Callable[[], None]]


class WorkedShift:
    """The steps of one shift, decided by `chance` before the first of them happens."""

    def __init__(self, shift: Assignment, chance: random.Random):
        self.shift = shift
        self.chance = chance
        self.member = shift.membership
        self._attendance: Attendance | None = None
        self.rulebook = in_force(self.member.department, shift.business_date)
        self.type = self.rulebook.shift(shift.code)

    def steps(self) -> Iterator[Step]:
        start, end = self.shift.times
        chance = self.chance
        late = chance.random() < 0.03
        yield start + timedelta(minutes=chance.randint(4, 16) if late else -chance.randint(1, 12)), self.come
        # Shifts that overlap this one hand over while it runs, so the inbox is looked at twice.
        yield start + timedelta(minutes=chance.randint(18, 28)), self.accept_all
        yield start + timedelta(minutes=chance.randint(75, 110)), self.accept_all
        for hour in range(1, int((end - start).total_seconds() // 3600), 2):
            yield start + timedelta(hours=hour, minutes=chance.randint(0, 9)), self.count(chance.randint(1, 5))
        if chance.random() < 0.2:
            yield start + timedelta(hours=3, minutes=chance.randint(0, 50)), self.note_issue
        for _number in range(chance.choice((0, 1, 1, 2))):
            yield start + timedelta(hours=chance.randint(4, 7), minutes=chance.randint(0, 59)), self.write_item
        yield start + timedelta(hours=5, minutes=chance.randint(0, 59)), self.finish_some
        yield end - timedelta(minutes=chance.randint(12, 20)), self.write_statistics
        if chance.random() > 0.04:
            yield end - timedelta(minutes=chance.randint(5, 9)), self.hand_over
        yield from self.leave(end)

    def leave(self, end: datetime) -> Iterator[Step]:
        """Clock-out: at once, or, where the shift runs on, after the last customers."""
        runs_on = self.type is not None and self.type.extension and self.chance.random() < 0.55
        open_customers = self.chance.randint(1, 3) if runs_on else 0
        yield end - timedelta(minutes=2), self.count(open_customers)
        at = end
        while open_customers:
            at += timedelta(minutes=self.chance.randint(4, 13))
            open_customers -= 1
            yield at, self.count(open_customers)
        yield at + timedelta(minutes=self.chance.randint(1, 5)), self.go

    @property
    def attendance(self) -> Attendance:
        if self._attendance is None:
            raise RuntimeError("Nobody has come to this shift yet.")
        return self._attendance

    def come(self) -> None:
        self._attendance = shifts.clock_in(membership=self.member)

    def count(self, open_customers: int) -> Callable[[], None]:
        def report() -> None:
            shifts.report_open_customers(attendance=self.attendance, open_customers=open_customers)

        return report

    def accept_all(self) -> None:
        for item in HandoverItem.objects.inbox_of(self.attendance):
            handover.accept_item(
                item=item, actor_membership=self.member, read_back=self.chance.choice(words.READ_BACKS)
            )

    def write_item(self) -> None:
        kind = self.chance.choice(self.rulebook.notebooks.handover_log.kinds)
        customer, known, to_do = self.chance.choice(words.ITEMS)
        due_at = clock.now() + timedelta(hours=self.chance.randint(9, 26)) if kind.needs_due_time else None
        handover.write_item(
            author=self.member, kind=kind.code, to_do=to_do, customer=customer, known=known, due_at=due_at
        )

    def finish_some(self) -> None:
        for item in HandoverItem.objects.open().owned_by(self.member).filter(handover=None, accepted_at__isnull=False):
            if self.chance.random() < 0.85:
                handover.finish_item(item=item, actor_membership=self.member, result=self.chance.choice(words.RESULTS))

    def note_issue(self) -> None:
        text, about = self.chance.choice(words.ISSUES)
        category = self.chance.choice(self.rulebook.notebooks.issue_register.categories).code
        handover.write_issue(author=self.member, category=category, text=text, about=about)

    def write_statistics(self) -> None:
        # Some people sell better than others, and everybody has better and worse days.
        skill = 0.53 + (sum(map(ord, self.member.work_number)) * 37 % 17) / 100
        served = self.chance.randint(34, 68)
        closed = sum(self.chance.random() < skill for _customer in range(served))
        handover.record_statistics(
            membership=self.member,
            business_date=self.shift.business_date,
            served=served,
            closed=closed,
            enquiries=served - self.chance.randint(2, min(12, served - closed)) if served > closed + 2 else served,
            sales_fen=closed * self.chance.randint(18_000, 42_000),
            actor=self.member.user,
        )

    def hand_over(self) -> None:
        handover.submit_handover(attendance=self.attendance, actor=self.member.user)

    def go(self) -> None:
        handover.end_shift(attendance=self.attendance, actor=self.member.user, confirmed=True)

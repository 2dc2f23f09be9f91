"""One worked shift of the demo: clock-in, customers, notebooks, handover, clock-out, each at its time."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from desk.demo import words
from desk.demo.timeline import Step
from handover import services as handover
from handover.models import HandoverItem
from office import clock
from people.models import Membership, Right
from people.permissions import holders_of
from rulebooks.schema import Extension, HandoverKind, Rulebook
from rulebooks.services import in_force
from shifts import services as shifts
from shifts.models import Assignment, Attendance
from shifts.services.successor import wait_of
from shifts.spans import stretches_of

# Within so long before the demo's present somebody has left something that nobody has taken on yet.
FRESH = timedelta(hours=24)


class WorkedShift:
    """The steps of one shift, decided by `chance` before the first of them happens; `now` is the demo's present."""

    def __init__(self, shift: Assignment, chance: random.Random, now: datetime):
        self.shift = shift
        self.chance = chance
        self.now = now
        self.member = shift.membership
        self.start, self.end = shift.times
        self._attendance: Attendance | None = None
        self.rulebook = in_force(self.member.department, shift.business_date)
        self.type = self.rulebook.shift(shift.code)

    def steps(self) -> Iterator[Step]:
        start, end, chance = self.start, self.end, self.chance
        came = self._comes_at()
        yield came, self.come
        for at in self._looks_into_the_inbox(came):
            yield at, self.accept_all
        for hour in range(1, int((end - start).total_seconds() // 3600), 2):
            yield start + timedelta(hours=hour, minutes=chance.randint(0, 9)), self.count(chance.randint(1, 5))
        if chance.random() < 0.2:
            yield self._between(0.3, 0.45), self.note_issue
        fewest = int(end > self.now - FRESH)
        for _number in range(max(fewest, chance.choice((0, 1, 1, 2)))):
            yield self._between(0.45, 0.85), self.write_item
        yield self._between(0.55, 0.65), self.finish_some
        yield end - timedelta(minutes=chance.randint(12, 20)), self.write_statistics
        may_forget = self.rulebook.notebooks.handover_log.at_clock_out != "block"
        if not (chance.random() < 0.04 and may_forget):
            yield end - timedelta(minutes=chance.randint(5, 9)), self.hand_over
        yield from self.leave()

    def _between(self, earliest: float, latest: float) -> datetime:
        """An instant between two parts of the shift, 0 its start and 1 its end."""
        minutes = (self.end - self.start).total_seconds() / 60
        return self.start + timedelta(minutes=round(minutes * self.chance.uniform(earliest, latest)))

    def _comes_at(self) -> datetime:
        early = self.rulebook.attendance.clock_in_from_minutes_before
        is_late = self.chance.random() < 0.03
        return self.start + timedelta(
            minutes=self.chance.randint(4, 16) if is_late else -self.chance.randint(min(1, early), min(12, early))
        )

    def _looks_into_the_inbox(self, came: datetime) -> Iterator[datetime]:
        """As the shift begins, and when a shift ends beside it that hands over to this one, or to nobody by name."""
        yield self.start + timedelta(minutes=self.chance.randint(18, 28))
        day, zone = self.shift.business_date, self.member.department.zone
        for giver in self.rulebook.shifts:
            ends = stretches_of(day, [(span.start, span.end) for span in giver.spans], zone)[-1].ends_at
            if not self.start <= ends < self.end:
                continue
            if self.shift.code in giver.hands_over_to:
                # The giver is still there, so that nothing has to go through the queue.
                yield max(came + timedelta(minutes=2), ends - timedelta(minutes=self.chance.randint(0, 3)))
            elif not giver.hands_over_to:
                yield ends + timedelta(minutes=self.chance.randint(8, 15))

    def leave(self) -> Iterator[Step]:
        """Clock-out: at once, or, where the shift runs on, after the last customers; on some nights after the cap."""
        chance, rule = self.chance, self.type.extension if self.type else None
        runs_on = rule is not None and chance.random() < 0.55
        open_customers = chance.randint(1, 3) if runs_on else 0
        yield self.end - timedelta(minutes=2), self.count(open_customers)
        at = self.end
        if rule is not None and runs_on and chance.random() < 0.1:
            yield from self._long_night(rule)
            at, open_customers = self.end + timedelta(minutes=rule.cap_minutes + 6), 0
        while open_customers:
            at += timedelta(minutes=chance.randint(4, 13))
            open_customers -= 1
            yield at, self.count(open_customers)
        yield at + timedelta(minutes=chance.randint(1, 5)), self.go

    def _long_night(self, rule: Extension) -> Iterator[Step]:
        """Customers who keep asking until the extension has come to its cap."""
        minutes = self.chance.randint(4, 13)
        while minutes < rule.cap_minutes:
            yield self.end + timedelta(minutes=minutes), self.count(self.chance.randint(1, 4))
            minutes += self.chance.randint(6, 13)
        yield self.end + timedelta(minutes=rule.cap_minutes + 5), self.count(0)

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
        """Take on what waits; of what is fresh as the demo begins, the newest is left for whoever looks at it."""
        waiting = sorted(HandoverItem.objects.inbox_of(self.attendance), key=lambda item: (item.written_at, item.pk))
        for item in waiting[:-1] if clock.now() > self.now - FRESH else waiting:
            handover.accept_item(
                item=item, actor_membership=self.member, read_back=self.chance.choice(words.READ_BACKS)
            )

    def write_item(self) -> None:
        customer, known, to_do = self.chance.choice(words.ITEMS)
        kind = self.chance.choice(self.rulebook.notebooks.handover_log.kinds)
        due_at = due_of(kind, self.chance)
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
        """Clock out; where nobody has come to take over yet, a supervisor ends the shift."""
        wait, actor = wait_of(self.attendance), self.member.user
        if wait is not None and wait.holds:
            may = holders_of(self.member.department, Right.TAKE_OVER).exclude(pk=actor.pk)
            actor = may.order_by("pk").first() or actor
        # What has come up since the handover goes along; who has forgotten it leaves without.
        again = hasattr(Attendance.objects.get(pk=self.attendance.pk), "handover")
        handover.end_shift(attendance=self.attendance, actor=actor, confirmed=True, hand_over=again)


def due_of(kind: HandoverKind, chance: random.Random) -> datetime | None:
    """By when it has to be done, where the kind asks for that."""
    return clock.now() + timedelta(hours=chance.randint(9, 26)) if kind.needs_due_time else None


def keep_something_open(member: Membership, rulebook: Rulebook, chance: random.Random) -> None:
    """Who is not on duty has noted something for next time, so that their desk is never empty."""
    if shifts.on_duty(member) or HandoverItem.objects.open().owned_by(member).exists():
        return
    kind = rulebook.notebooks.handover_log.kinds[-1]
    customer, known, to_do = chance.choice(words.OWN_ITEMS)
    handover.write_item(
        author=member, kind=kind.code, to_do=to_do, customer=customer, known=known, due_at=due_of(kind, chance)
    )

"""One worked shift of the demo: clock-in, customers, notebooks, handover, clock-out, each at its time."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from desk.demo import beats, words
from desk.demo.mishaps import Event, away_reason, is_confirmed, turns_of
from desk.demo.scene import Scene
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
from shifts.services import away, duties
from shifts.services.successor import wait_of
from shifts.spans import stretches_of

# Within so long before the demo's present somebody has left something that nobody has taken on yet.
FRESH = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
# What has to be done in the small hours is done when the shop is open again.
OPENS, NOON = 11, 16


class WorkedShift:
    """The steps of one shift, decided by `chance` before the first of them happens; `mishap`: what goes wrong in it."""

    def __init__(self, scene: Scene, shift: Assignment, chance: random.Random, mishap: Event | None = None):
        self.scene = scene
        self.shift = shift
        self.chance = chance
        self.mishap = mishap
        self.now = scene.now
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
        if chance.random() < 0.1:
            yield self._between(0.3, 0.45), self.note_issue
        fewest = int(end > self.now - FRESH)
        for _number in range(max(fewest, chance.choice((0, 1, 1, 2)))):
            yield self._between(0.45, 0.85), self.write_item
        yield self._between(0.55, 0.65), self.finish_some
        yield end - timedelta(minutes=chance.randint(21, 35)), self.do_duties
        yield end - timedelta(minutes=chance.randint(12, 20)), self.write_statistics
        if self.mishap != Event.NO_HANDOVER:
            yield end - timedelta(minutes=chance.randint(5, 9)), self.hand_over
        yield from self._mishap(came)
        yield from self.leave()

    def _mishap(self, came: datetime) -> Iterator[Step]:
        """What goes wrong, and the beat that finds it."""
        look = partial(beats.look, self.scene)
        if self.mishap == Event.LATE:
            yield came + MINUTE, look
        elif self.mishap == Event.OFF_POST:
            yield self._between(0.36, 0.44), self.stay_away
        elif self.mishap == Event.ITEM_LATE:
            yield self._between(0.2, 0.25), self.be_late_with_something
        elif self.mishap == Event.DUTY_MISSED:
            yield self.end + duties.SAID_WITHIN, look
        # Without a handover, and with something forgotten: when the shift is over, see `go`.

    def _between(self, earliest: float, latest: float) -> datetime:
        """An instant between two parts of the shift, 0 its start and 1 its end."""
        minutes = (self.end - self.start).total_seconds() / 60
        return self.start + timedelta(minutes=round(minutes * self.chance.uniform(earliest, latest)))

    def _comes_at(self) -> datetime:
        early = self.rulebook.attendance.clock_in_from_minutes_before
        if self.mishap == Event.LATE:
            return self.start + timedelta(minutes=self.chance.randint(6, 17))
        return self.start - timedelta(minutes=self.chance.randint(min(1, early), min(12, early)))

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
        if not HandoverItem.objects.waiting().filter(department=self.member.department_id).exists():
            return
        waiting = sorted(HandoverItem.objects.inbox_of(self.attendance), key=lambda item: (item.written_at, item.pk))
        if waiting and clock.now() > self.now - FRESH and (waiting[-1].due_at or self.end) >= self.end:
            waiting.pop()
        for item in waiting:
            handover.accept_item(
                item=item, actor_membership=self.member, read_back=self.chance.choice(words.READ_BACKS)
            )
            if item.due_at is not None:
                self._finish_in_time(item)

    def _finish_in_time(self, item: HandoverItem) -> None:
        """Do it within the shift, and before it is due."""
        last = min(item.due_at or self.end, self.end - timedelta(minutes=15)) - MINUTE
        minutes = max(int((last - clock.now()).total_seconds() // 60), 0)
        at = clock.now() + timedelta(minutes=self.chance.randint(min(20, minutes), minutes))
        self.scene.story.add([(at, partial(self._finish, item))])

    def _finish(self, item: HandoverItem) -> None:
        if HandoverItem.objects.open().filter(pk=item.pk, owner=self.member).exists():
            handover.finish_item(item=item, actor_membership=self.member, result=self.chance.choice(words.RESULTS))

    def write_item(self) -> None:
        kind = self.chance.choice(self.rulebook.notebooks.handover_log.kinds)
        said = words.item(self.chance, self.scene.buyers, kind.name)
        self._write(kind, due_of(kind, self.chance, self.member), said)

    def _write(self, kind: HandoverKind, due_at: datetime | None, said: words.Said) -> HandoverItem:
        return handover.write_item(
            author=self.member,
            kind=kind.code,
            to_do=said.to_do,
            customer=said.customer,
            known=said.known,
            due_at=due_at,
        )

    def be_late_with_something(self) -> None:
        """They write down what they promised within the hour, and do it an hour after that."""
        due_at = clock.now() + timedelta(minutes=self.chance.randint(35, 50))
        item = self._promise(due_at)
        late = due_at + timedelta(minutes=self.rulebook.notebooks.handover_log.late_after_minutes or 0)
        self.scene.story.add(
            [(late + MINUTE, partial(beats.look, self.scene)), (late + 20 * MINUTE, self.finishing(item))]
        )

    def forget_something(self) -> None:
        """Remembered on the way home, written down, and forgotten over a day off."""
        next_day = self.shift.business_date + timedelta(days=1)
        item = self._promise(self.scene.wall(next_day, 10))
        missed = self.scene.wall(next_day, 10) + timedelta(
            hours=self.rulebook.notebooks.handover_log.missed_after_hours or 0
        )
        late = timedelta(minutes=self.rulebook.notebooks.handover_log.late_after_minutes or 0)
        look = partial(beats.look, self.scene)
        found = [self.scene.wall(next_day, 10) + late + MINUTE, missed + MINUTE]
        self.scene.story.add([*((at, look) for at in found), (missed + 40 * MINUTE, self.finishing(item))])

    def _promise(self, due_at: datetime) -> HandoverItem:
        kinds = self.rulebook.notebooks.handover_log.kinds
        kind = next((kind for kind in kinds if kind.needs_due_time), kinds[0])
        return self._write(kind, due_at, words.promise(self.chance, self.scene.buyers))

    def finishing(self, item: HandoverItem) -> Callable[[], None]:
        return partial(self._finish, item)

    def finish_some(self) -> None:
        """Most of what is to be done some time; what has a time is done before it."""
        mine = HandoverItem.objects.open().filter(owner=self.member, handover=None, due_at=None)
        for item in mine.filter(accepted_at__isnull=False).select_related("department").order_by("pk"):
            if self.chance.random() < 0.85:
                handover.finish_item(item=item, actor_membership=self.member, result=self.chance.choice(words.RESULTS))

    def note_issue(self) -> None:
        """Something new for the register, in a category that it belongs to."""
        categories = list(self.rulebook.notebooks.issue_register.categories)
        self.chance.shuffle(categories)
        for category in categories:
            entry = self.scene.once(words.issues_of(category.name))
            if entry is not None:
                handover.write_issue(author=self.member, category=category.code, text=entry[0], about=entry[1])
                return

    def do_duties(self) -> None:
        for turn in turns_of(self.shift):
            if is_confirmed(self.rulebook, turn) and self.mishap != Event.DUTY_MISSED:
                duties.done(turn=turn, actor=self.member.user)

    def stay_away(self) -> None:
        """Away from the desk for longer than the rulebook lets them."""
        reason = away_reason(self.rulebook)
        if reason is None or reason.minutes_at_most is None:
            return
        away.leave_desk(attendance=self.attendance, reason=reason.code, actor=self.member.user)
        back = clock.now() + timedelta(minutes=reason.minutes_at_most + self.chance.randint(9, 16))
        self.scene.story.add([(back, self.come_back), (back + MINUTE, partial(beats.look, self.scene))])

    def come_back(self) -> None:
        away.come_back(attendance=self.attendance, actor=self.member.user)

    def write_statistics(self) -> None:
        # Some people sell better than others, and everybody has better and worse days.
        skill = 0.54 + (sum(map(ord, self.member.work_number)) * 37 % 17) / 70
        served = self.chance.randint(5, 10)
        closed = sum(self.chance.random() < skill for _customer in range(served))
        handover.record_statistics(
            membership=self.member,
            business_date=self.shift.business_date,
            served=served,
            closed=closed,
            enquiries=served - self.chance.randint(0, min(2, served - closed)),
            sales_fen=closed * self.chance.randint(600, 1_900) * 100,
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
        why = words.ENDED_FOR if actor != self.member.user else ""
        handover.end_shift(attendance=self.attendance, actor=actor, confirmed=True, hand_over=again, reason=why)
        if self.mishap == Event.NO_HANDOVER:
            self.scene.story.add([(clock.now() + MINUTE, partial(beats.look, self.scene))])
        elif self.mishap == Event.ITEM_MISSED:
            self.scene.story.add([(clock.now() + 20 * MINUTE, self.forget_something)])


def due_of(kind: HandoverKind, chance: random.Random, member: Membership) -> datetime | None:
    """By when it has to be done, where the kind asks for that; not in the small hours."""
    if not kind.needs_due_time:
        return None
    due = member.department.local(clock.now() + timedelta(hours=chance.randint(9, 26)))
    return due if due.hour >= OPENS else due.replace(hour=chance.randint(OPENS, NOON))


def keep_something_open(scene: Scene, member: Membership, rulebook: Rulebook) -> None:
    """Who is not on duty has noted something for next time, so that their desk is never empty."""
    if shifts.on_duty(member) or HandoverItem.objects.open().owned_by(member).exists():
        return
    kind, chance = rulebook.notebooks.handover_log.kinds[-1], scene.chance
    known, to_do = chance.choice(words.OWN_ITEMS)
    due_at = due_of(kind, chance, member)
    handover.write_item(
        author=member, kind=kind.code, to_do=to_do, customer=scene.buyers.next(), known=known, due_at=due_at
    )

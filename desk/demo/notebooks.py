"""What fills the demo's notebooks besides its shifts: orders, figures of the chat tool, cases, summaries, meetings.

Where the rulebook has no section for something, nothing of the kind happens.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction

from desk.demo import words
from desk.demo.scene import Scene
from desk.demo.timeline import Step
from handover.models import (
    Finding,
    HandoverItem,
    Matter,
    MatterState,
    Meeting,
    MeetingPart,
    Order,
    ReadingKind,
    ServiceStatistic,
    StatisticSource,
)
from handover.readings.checking import Row
from handover.services import cases, handing_in, matters, meeting_turns, meetings, orders, weekly
from handover.services.follow_ups import follow_up
from handover.services.items import finish_item
from handover.services.readings import receive
from office import clock
from people.models import Membership, Right
from rulebooks.moments import WeekMoment
from rulebooks.schema import CaseKind, Rulebook
from rulebooks.services import in_force

WEEK = timedelta(days=7)
ORDERS_A_SHIFT = 3
FOLLOWED = 3
# The department is two months older than its first worked shift.
BEFORE = 8 * WEEK


class Notebooks:
    """The steps of some weeks, decided by the scene's chance when they happen."""

    def __init__(self, scene: Scene, since: datetime):
        self.scene, self.since, self.chance = scene, since, scene.chance
        self.department = scene.department
        self.number = 88_410_000

    @property
    def rulebook(self) -> Rulebook:
        return in_force(self.department, self.department.today())

    def steps(self) -> Iterator[Step]:
        rulebook = self.scene.rulebook_of(self.scene.this_month)
        yield from self._weekly(rulebook.notebooks.issue_register.hand_in, self.hand_in)
        yield from self._weekly(rulebook.notebooks.issue_register.hand_in, self.deal, timedelta(hours=15))
        if rulebook.orders is not None:
            yield from self._each_week(self.read_in)
            # Only the newest follow-ups: the shifts of the demo know nothing of orders.
            for days in range(FOLLOWED, 0, -1):
                yield self.scene.now - timedelta(days=days), partial(follow_up, self.department)
                yield self.scene.now - timedelta(days=days) + timedelta(hours=6), self.finish_follow_ups
        if rulebook.cases is not None:
            at = self.since + timedelta(days=3, hours=10)
            while at <= self.scene.now:
                yield at, self.case
                at += timedelta(days=self.chance.randint(5, 9), minutes=self.chance.randint(0, 300))
        if rulebook.weekly_summary is not None:
            # Who is asked for summaries is asked from the department's first week on.
            before, self.since = self.since, self.since - BEFORE
            yield from self._weekly(rulebook.weekly_summary.due, self.summaries, -timedelta(hours=3))
            yield from self._weekly(rulebook.weekly_summary.due, self.watch_summaries, timedelta(minutes=5))
            self.since = before
        if rulebook.meetings:
            yield from self._each_week(self.make_meetings)
            for rule in rulebook.meetings:
                yield from self._weekly(rule.held, partial(self.minutes, rule.code), timedelta(hours=2))

    def _each_week(self, step: Callable[[], None]) -> Iterator[Step]:
        at = self.since + WEEK - timedelta(hours=1)
        while at <= self.scene.now:
            yield at, step
            at += WEEK
        # The last days too, an hour before the demo's present.
        yield self.scene.now - timedelta(hours=1), step

    def _weekly(
        self, moment: WeekMoment | None, step: Callable[[], None], shift: timedelta = timedelta()
    ) -> Iterator[Step]:
        """At every moment of the kind, or so long after it."""
        if moment is None:
            return
        at = moment.next_after(self.since, self.department.zone)
        while at + shift <= self.scene.now:
            yield at + shift, step
            at = moment.next_after(at, self.department.zone)

    # -- The register -------------------------------------------------------------------------------------------------
    def hand_in(self) -> None:
        handing_in.hand_in_register(department=self.department)

    def deal(self) -> None:
        """Whoever handles the register answers most of the week's entries and leaves the newest for later."""
        actor = self.scene.who_may(Right.HANDLE_REGISTER)
        waiting = Matter.objects.filter(issue__department=self.department, state=MatterState.HANDED_IN)
        for place, matter in enumerate(waiting.exclude(issue__author__user=actor).order_by("pk")):
            if self.chance.random() < 0.3:
                continue
            done: Callable = (matters.adopt_matter, matters.answer_matter, matters.reject_matter)[place % 3]
            done(matter=matter, actor=actor, text=words.ANSWERS[place % 3])

    # -- Orders and figures -------------------------------------------------------------------------------------------
    def read_in(self) -> None:
        """The week as the shop's tools export it: the orders, and what they counted for each agent."""
        today = self.department.today()
        rows = list(
            ServiceStatistic.objects.current()
            .filter(membership__department=self.department, source=StatisticSource.MANUAL)
            .between(today - timedelta(days=8), today)
            .select_related("membership__user")
            .order_by("business_date", "membership")
        )
        if not rows:
            return
        known = set(
            ServiceStatistic.objects.filter(
                membership__department=self.department, source=StatisticSource.IMPORTED
            ).values_list("membership", "business_date")
        )
        new = [row for row in rows if (row.membership_id, row.business_date) not in known]
        counted = [
            Row(place, (row.membership_id, row.business_date), "", self._counted(row)) for place, row in enumerate(new)
        ]
        if counted:
            receive(department=self.department, kind=ReadingKind.STATISTICS, name=words.FIGURES_FILE, rows=counted)
        bought = [order for row in new for order in self._orders(row)]
        if bought:
            receive(department=self.department, kind=ReadingKind.ORDERS, name=words.ORDERS_FILE, rows=bought)

    def finish_follow_ups(self) -> None:
        """Who was on duty has asked most of those buyers."""
        rows = HandoverItem.objects.open().filter(department=self.department, order__isnull=False, owner__isnull=False)
        for item in rows.select_related("owner__user"):
            if self.chance.random() < 0.9:
                finish_item(item=item, actor_membership=item.owner, result=self.chance.choice(words.RESULTS))

    def _counted(self, row: ServiceStatistic) -> dict:
        """What the chat tool counted where the agent counted `row`: nearly the same."""
        chance = self.chance
        served = row.served + chance.choice((0, 0, 0, 1, 2))
        enquiries = min(served, row.enquiries)
        paid = round(enquiries * chance.uniform(0.48, 0.72))
        rounds = served * chance.randint(4, 6)
        return {
            "served": served,
            "closed": min(served, row.closed + chance.choice((-1, 0, 0, 0, 1))) if row.closed else 0,
            "enquiries": enquiries,
            "sales_fen": row.sales_fen,
            "contacting": served + chance.randint(1, 5),
            "replied": served,
            "enquiries_paid": paid,
            "paying": paid + chance.randint(0, 3),
            "first_replies": served,
            "first_reply_seconds": served * chance.randint(9, 26),
            "rounds": rounds,
            "round_seconds": rounds * chance.randint(18, 42),
            "rounds_in_time": round(rounds * chance.uniform(0.93, 1)),
            "calls": None,
            "talk_seconds": None,
        }

    def _orders(self, row: ServiceStatistic) -> Iterator[Row]:
        chance, zone = self.chance, self.department.zone
        for _order in range(ORDERS_A_SHIFT):
            self.number += chance.randint(3, 40)
            placed = datetime.combine(row.business_date, datetime.min.time(), tzinfo=zone)
            placed += timedelta(hours=chance.randint(9, 22), minutes=chance.randint(0, 59))
            if placed > clock.now():
                continue
            is_paid, amount = chance.random() < 0.94, chance.randint(80, 3_600) * 100
            paid = placed + timedelta(minutes=chance.randint(1, 25))
            sent, came = paid + timedelta(hours=chance.randint(20, 30)), paid + timedelta(days=chance.randint(3, 5))
            is_tagged = chance.random() < 0.9
            refunded = amount if chance.random() < 0.05 else 0
            values = {
                "buyer": chance.choice(words.ITEMS)[0] or "w***9",
                "placed_at": placed,
                "paid_at": paid if is_paid and paid <= clock.now() else None,
                "dispatched_at": sent if is_paid and sent <= clock.now() else None,
                "received_at": came if is_paid and came <= clock.now() else None,
                "amount_fen": amount,
                "paid_fen": amount if is_paid and paid <= clock.now() else 0,
                "refunded_fen": refunded if is_paid and came <= clock.now() else 0,
                "remark": words.TAG % row.membership.work_number if is_tagged else "",
                "flag": (self.rulebook.orders.flag or "") if is_tagged and self.rulebook.orders else "",
                "without_asking": not is_tagged and chance.random() < 0.4,
            }
            yield Row(0, str(self.number), "", values)

    # -- Cases --------------------------------------------------------------------------------------------------------
    def case(self) -> None:
        """A review or complaint comes in; what has had time enough is worked through, now and then too late."""
        kinds = self.rulebook.cases.kinds if self.rulebook.cases else ()
        kind = self.chance.choice(kinds)
        customer, product, text = self.chance.choice(words.CASES)
        leader = self.scene.who_may(Right.HANDLE_CASES)
        subject = self.chance.choice(self.scene.crew)
        came_at = clock.now()
        made = cases.register_case(
            department=self.department,
            actor=subject.user,
            kind=kind.code,
            customer=customer,
            product=product,
            text=text,
            came_at=came_at,
            severity=self.chance.choice(kind.severities).code if kind.severities else "",
            subject=subject if kind.can_be_upheld else None,
        )
        self._work_through(made, kind, leader)

    def _work_through(self, case, kind: CaseKind, actor) -> None:
        for place, step in enumerate(case.steps.order_by("place")):
            rule = kind.steps[place]
            at = case.came_at + rule.within * self.chance.choice((0.3, 0.6, 0.6, 0.9))
            if rule.if_missed or at > self.scene.now - timedelta(hours=2):
                continue
            with clock.at(at), transaction.atomic():
                if place + 1 == len(kind.steps):
                    finding = self.chance.choice(Finding.values) if kind.can_be_upheld else ""
                    cases.close_case(case=case, actor=actor, text=words.SETTLED, finding=finding)
                else:
                    cases.do_step(step=step, actor=actor, text=words.STEP)

    # -- The week -----------------------------------------------------------------------------------------------------
    def summaries(self) -> None:
        """Nearly everybody hands in; the account to try has this week's still before them."""
        rule = self.rulebook.weekly_summary
        if rule is None:
            return
        due = rule.due.next_after(clock.now(), self.department.zone)
        for member in self._writers():
            # What was missed long ago has been decided long ago.
            if self.chance.random() < 0.06 and clock.now() > self.scene.now - timedelta(days=10):
                continue
            text = words.summary(self.chance, rule.at_least_characters)
            self._try(partial(weekly.hand_in_summary, membership=member, day=due.date(), text=text))

    def watch_summaries(self) -> None:
        weekly.watch_weekly(self.department)

    def make_meetings(self) -> None:
        meeting_turns.make_meetings(department=self.department)

    def minutes(self, code: str) -> None:
        """The chair writes what was said; those who were on duty came."""
        held = Meeting.objects.filter(department=self.department, code=code, begins_at__lte=clock.now())
        meeting = held.order_by("-begins_at").select_related("chair__user").first()
        if meeting is None or meeting.chair is None or meeting.minutes_at is not None or self.chance.random() < 0.1:
            return
        came = meeting.people.filter(part=MeetingPart.ATTENDS).values_list("membership", flat=True)
        lead = self.scene.who_may(Right.LEAD_TRAINING)
        self._try(partial(meetings.mark_came, meeting=meeting, came=set(came), actor=lead))
        text = self.chance.choice(words.MINUTES)
        write = partial(meetings.write_minutes, meeting=meeting, actor=meeting.chair.user, text=text, hand_in=True)
        self._try(write)

    def _writers(self) -> list[Membership]:
        return [member for member in self.scene.people.values() if member.scored]

    def _try(self, attempt: Callable[[], object]) -> None:
        """What the rules do not ask of somebody in this week is left out."""
        try:
            with transaction.atomic():
                attempt()
        except ValidationError:
            return


def leave_something_to_do(scene: Scene) -> None:
    """As the demo begins: follow-ups of the last days, a claim that waits, meetings to come."""
    follow_up(scene.department)
    Notebooks(scene, scene.now).finish_follow_ups()
    agent = scene.people["agent"]
    untagged = Order.objects.untagged().filter(department=scene.department)
    rulebook = in_force(scene.department, scene.today)
    if rulebook.orders is not None:
        for order in untagged.order_by("-placed_at")[:1]:
            try:
                with transaction.atomic():
                    orders.claim_order(order=order, membership=agent, reason=words.CLAIM)
            except ValidationError:
                continue
    if rulebook.meetings:
        meeting_turns.make_meetings(department=scene.department)
    if rulebook.cases is not None:
        for kind in rulebook.cases.kinds:
            _leave_case_open(scene, kind)


def _leave_case_open(scene: Scene, kind: CaseKind) -> None:
    """One of each kind whose first step is nearly due."""
    customer, product, text = scene.chance.choice(words.CASES)
    cases.register_case(
        department=scene.department,
        actor=scene.crew[0].user,
        kind=kind.code,
        customer=customer,
        product=product,
        text=text,
        came_at=scene.now - kind.steps[0].within * 0.6,
        severity=kind.severities[-1].code if kind.severities else "",
    )

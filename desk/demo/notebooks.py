"""What fills the demo's notebooks besides its shifts: the register, follow-ups, cases, summaries, meetings.

Where the rulebook has no section for something, nothing of the kind happens.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction

from desk.demo import words
from desk.demo.beats import beat
from desk.demo.mishaps import Event
from desk.demo.scene import Scene
from desk.demo.timeline import Step
from desk.demo.trade import Trade
from handover.models import (
    Case,
    CaseStep,
    Finding,
    HandoverItem,
    Matter,
    MatterState,
    Meeting,
    MeetingPart,
    Order,
)
from handover.services import case_watch, cases, handing_in, matters, meeting_turns, meetings, orders, weekly
from handover.services.follow_ups import follow_up
from handover.services.items import finish_item
from office import clock
from office.months import Month
from people.models import Membership, Right
from rulebooks.moments import WeekMoment
from rulebooks.schema import CaseKind, Rulebook
from rulebooks.services import in_force
from shifts.models import Attendance

WEEK, ONE_DAY, MINUTE = timedelta(days=7), timedelta(days=1), timedelta(minutes=1)
# So many mornings before the last one the buyers of the days before are asked.
FOLLOWED = 1
# The department is two months older than its first worked shift.
BEFORE = 8 * WEEK
BREAKFAST = 8
# Who hands in the summary late and who not at all, by the week of the month: places in the crew.
LATE, MISSED = {2: 1, 4: 3}, {3: 5}


class Notebooks:
    """The steps of some weeks, decided by the scene's chance when they happen."""

    def __init__(self, scene: Scene, since: datetime):
        self.scene, self.since, self.chance = scene, since, scene.chance
        self.department = scene.department
        self.cases = self.dealt = 0

    @property
    def rulebook(self) -> Rulebook:
        return in_force(self.department, self.department.today())

    def steps(self) -> Iterator[Step]:
        rulebook = self.scene.rulebook_of(self.scene.this_month)
        yield from self._weekly(rulebook.notebooks.issue_register.hand_in, self.hand_in)
        yield from self._weekly(rulebook.notebooks.issue_register.hand_in, self.deal, timedelta(hours=15))
        if rulebook.orders is not None:
            yield from self._trade()
        if rulebook.cases is not None:
            at = self.since + timedelta(days=3, hours=10)
            while at <= self.scene.now - 3 * MINUTE:
                yield at, self.case
                at = self.scene.wall(self.department.local(at).date(), 10) + timedelta(
                    days=self.chance.randint(4, 6), minutes=self.chance.randint(0, 300)
                )
            for kind in rulebook.cases.kinds:
                # One of each kind whose first step is nearly due.
                yield self.scene.now - kind.steps[0].within * 0.6, partial(self.register_case, kind, None)
        if rulebook.weekly_summary is not None:
            # Who is asked for summaries is asked from the department's first week on.
            before, self.since = self.since, self.since - BEFORE
            ask = timedelta(hours=rulebook.weekly_summary.remind_before_hours or 0)
            yield from self._weekly(rulebook.weekly_summary.due, self.summaries, -timedelta(hours=30))
            yield from self._weekly(rulebook.weekly_summary.due, self.watch_summaries, MINUTE - ask)
            yield from self._weekly(rulebook.weekly_summary.due, self.watch_summaries, MINUTE)
            self.since = before
        if rulebook.meetings:
            yield from ((at, self.make_meetings) for at in self._each_week(self.scene.now))
            for rule in rulebook.meetings:
                yield from self._weekly(rule.held, partial(self.minutes, rule.code), timedelta(hours=2))

    def _trade(self) -> Iterator[Step]:
        """Files come every week, in the last days every day; then the buyers of the last days are asked."""
        trade, now = Trade(self.scene), self.scene.now
        yield from ((at, trade.read_in) for at in self._each_week(now - WEEK))
        for days in range(WEEK.days - 1, -1, -1):
            today = self.scene.today - days * ONE_DAY
            yield self.scene.wall(today, 9, 30), trade.read_in
            if days <= FOLLOWED:
                yield self.scene.wall(today, 10, 1), partial(follow_up, self.department)
                yield from self._asking(today)
        yield now - timedelta(hours=1), trade.read_in

    def _asking(self, today: date) -> Iterator[Step]:
        """Who was on duty has asked those buyers by the afternoon."""
        for hour, share in ((11, 0.3), (13, 0.5), (15, 1)):
            # Not yet all of them on the last day.
            share = min(share, 0.9) if today == self.scene.today else share
            yield self.scene.wall(today, hour, 40), partial(self.finish_follow_ups, share)

    def _each_week(self, until: datetime) -> Iterator[datetime]:
        at = self.since + WEEK - timedelta(hours=1)
        while at <= until:
            yield at
            at += WEEK

    def _weekly(
        self, moment: WeekMoment | None, step: Callable[[], None], shift: timedelta = timedelta()
    ) -> Iterator[Step]:
        """At every moment of the kind, or so long after it."""
        if moment is None:
            return
        at = moment.next_after(self.since, self.department.zone)
        while at + shift <= self.scene.now:
            if at + shift > self.since:
                yield at + shift, step
            at = moment.next_after(at, self.department.zone)

    # -- The register -------------------------------------------------------------------------------------------------
    def hand_in(self) -> None:
        handing_in.hand_in_register(department=self.department)

    def deal(self) -> None:
        """Whoever handles the register answers most of the week's entries and leaves the newest for later."""
        actor = self.scene.who_may(Right.HANDLE_REGISTER)
        waiting = Matter.objects.filter(issue__department=self.department, state=MatterState.HANDED_IN)
        theirs = list(waiting.exclude(issue__author__user=actor).order_by("pk"))
        for matter in theirs[:-1]:
            done: Callable = (matters.adopt_matter, matters.answer_matter, matters.reject_matter)[self.dealt % 3]
            done(matter=matter, actor=actor, text=words.ANSWERS[self.dealt % 3])
            self.dealt += 1

    # -- Follow-ups ---------------------------------------------------------------------------------------------------
    def finish_follow_ups(self, share: float) -> None:
        """Who was on duty has asked so many of the buyers who are still to be asked."""
        rows = HandoverItem.objects.open().filter(department=self.department, order__isnull=False, owner__isnull=False)
        for item in rows.select_related("owner__user").order_by("pk"):
            if self.chance.random() < share:
                finish_item(item=item, actor_membership=item.owner, result=self.chance.choice(words.RESULTS))

    # -- Cases --------------------------------------------------------------------------------------------------------
    def case(self) -> None:
        """A review or complaint comes in, about somebody who is on duty, and is worked through."""
        rules = self.rulebook.cases
        if rules is None:
            return
        kind = rules.kinds[self.cases % len(rules.kinds)]
        findings = (Finding.UPHELD, Finding.NOT_UPHELD)
        finding = findings[self.cases // len(rules.kinds) % len(findings)]
        self.cases += 1
        there = Attendance.objects.on_duty().filter(membership__department=self.department).order_by("pk")
        about = self.chance.choice([shift.membership for shift in there.select_related("membership__user")] or [None])
        case = self.register_case(kind, about)
        actor = self.scene.who_may(Right.HANDLE_CASES, but=about.user if about else None)
        close = partial(self.close_case, case, actor, finding if kind.can_be_upheld else "")
        at = case.came_at
        for place, step in enumerate(case.steps.order_by("place")):
            rule = kind.steps[place]
            if rule.if_missed:
                continue
            at = max(case.came_at + rule.within * self.chance.choice((0.3, 0.6, 0.6, 0.9)), at + 5 * MINUTE)
            is_last = place + 1 == len(kind.steps)
            self.scene.story.add([(at, close if is_last else partial(self.do_step, step, actor))])

    def register_case(self, kind: CaseKind, about: Membership | None) -> Case:
        product, text = self.scene.fresh(words.COMPLAINTS if kind.can_be_upheld else words.REVIEWS)
        case = cases.register_case(
            department=self.department,
            actor=about.user if about else self.scene.crew[0].user,
            kind=kind.code,
            customer=self.scene.buyers.next(),
            phone=self.scene.buyers.phone() if self.chance.random() < 0.6 else "",
            product=product,
            text=text,
            came_at=clock.now(),
            severity=self.chance.choice(kind.severities).code if kind.severities else "",
            subject=about if kind.can_be_upheld else None,
        )
        self.scene.story.add(self._clocks(case))
        return case

    def _clocks(self, case: Case) -> Iterator[Step]:
        """Whoever has it is reminded before each step is due, and everybody is told when it was missed."""
        look = partial(case_watch.look_at, case)
        for step in case.steps.all():
            if case.rule.remind_before_minutes is not None:
                yield step.due_at - timedelta(minutes=case.rule.remind_before_minutes), look
            yield step.due_at + MINUTE, look

    def do_step(self, step: CaseStep, actor) -> None:
        cases.do_step(step=step, actor=actor, text=words.STEP)

    def close_case(self, case: Case, actor, finding: str) -> None:
        cases.close_case(case=case, actor=actor, text=words.SETTLED, finding=finding)

    # -- The week -----------------------------------------------------------------------------------------------------
    def summaries(self) -> None:
        """Everybody hands in at some time before it is due, but for one now and then; the account to try at the end."""
        rule = self.rulebook.weekly_summary
        if rule is None:
            return
        due = rule.due.next_after(clock.now(), self.department.zone)
        week = (due.date().day - 1) // WEEK.days + 1
        late, missed = self._breaker(LATE, week, due), self._breaker(MISSED, week, due)
        for member in self._writers():
            before = timedelta(minutes=self.chance.randint(70, 28 * 60))
            if member == missed:
                continue
            if member == late:
                before = -timedelta(minutes=self.chance.randint(40, 18 * 60))
            elif member == self.scene.people["agent"]:
                before = timedelta(minutes=self.chance.randint(20, 150))
            text = words.summary(self.chance, rule.at_least_characters)
            hand_in = partial(weekly.hand_in_summary, membership=member, day=due.date(), text=text)
            self.scene.story.add([(self._awake(due - before), partial(self._try, hand_in))])

    def _awake(self, at: datetime) -> datetime:
        """That instant, or in the small hours as many hours after breakfast."""
        local = self.department.local(at)
        return at if local.hour >= BREAKFAST else at + timedelta(hours=BREAKFAST)

    def _breaker(self, places: dict[int, int], week: int, due: datetime) -> Membership | None:
        """Who does not hand in on time, in the months that are worked and where a clause is for it."""
        worked = Month.of(due.date()) in (self.scene.this_month.previous, self.scene.this_month)
        if week not in places or not worked or not self.rulebook.triggered_by(Event.SUMMARY):
            return None
        return self.scene.crew[places[week] % len(self.scene.crew)]

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
    """As the demo begins: what the beat finds now, the follow-ups of today, a claim that waits."""
    beat(scene)
    Notebooks(scene, scene.now).finish_follow_ups(0.9)
    agent = scene.people["agent"]
    if in_force(scene.department, scene.today).orders is None:
        return
    untagged = Order.objects.untagged().filter(department=scene.department, paid_at__isnull=False)
    for order in untagged.order_by("-placed_at")[:1]:
        try:
            with transaction.atomic():
                orders.claim_order(order=order, membership=agent, reason=words.CLAIM)
        except ValidationError:
            continue

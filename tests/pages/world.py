"""A department on a Tuesday evening in which something of everything has happened, under any rulebook and in any words.

Nothing here knows what a role may do or what a shift is called: who acts is whoever the department's rulebook lets act.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from handover import services as handover
from handover.models import HandoverItem
from kpi import services as kpi
from ledger import services as ledger
from ledger.models import Incident, IncidentState, Sanction
from office import clock, notices
from office.models import Job
from office.months import Month
from people.models import Department, Membership, Right, Role, RoleGrant, RoleRight, User
from people.services import grant_role, invite, set_rights
from rulebooks.schema import Clause, Rulebook
from rulebooks.services import NoRulebook, import_rulebook, in_force
from shifts import services as shifts
from shifts.models import Attendance
from tests.factories import add_person
from tests.kpi.facts import served, worked

SINCE = date(2026, 1, 1)
YESTERDAY, TODAY = date(2026, 11, 9), date(2026, 11, 10)
OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)
# While the late shift of either rulebook runs.
EVENING = "2026-11-10 20:40"

CAST = {
    "agent": (Role.AGENT, "07"),
    "colleague": (Role.AGENT, "02"),
    "leader": (Role.LEADER, "01"),
    "supervisor": (Role.SUPERVISOR, "90"),
    "manager": (Role.MANAGER, "91"),
    "finance": (Role.FINANCE, "92"),
    "owner": (Role.OWNER, "99"),
}
ON_SHIFTS = {"agent", "colleague", "leader"}

# What people have typed. English words are Latin letters only, Chinese ones none of them.
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "department": "Spruce Home",
        "annex": "Spruce Home, annex",
        "former": "Zhou Yuxin",
        "invited": "He Jia",
        "agent": "Lin Xiaotong",
        "colleague": "Wang Haoran",
        "leader": "Chen Siyu",
        "supervisor": "Zhang Lan",
        "manager": "Gu Mingyuan",
        "finance": "Xu Jing",
        "owner": "Shen Yunshan",
        "to_do": "Stop parcel 8841",
        "known": "The customer wants the light grey one",
        "customer": "Deer t***8",
        "read_back": "I call the warehouse before nine",
        "result": "Stopped in time",
        "remark": "A quiet day",
        "issue": "The pictures of the bed do not open",
        "facts": "Watched a film",
        "reason": "Steady and friendly",
        "receipt": "Bank transfer",
    },
    "zh-hans": {
        "department": "云杉家居",
        "annex": "云杉家居分部",
        "former": "周雨欣",
        "invited": "何佳",
        "agent": "林晓彤",
        "colleague": "王浩然",
        "leader": "陈思雨",
        "supervisor": "张岚",
        "manager": "顾明远",
        "finance": "许静",
        "owner": "沈云杉",
        "to_do": "拦截包裹 8841",
        "known": "顾客要浅灰色",
        "customer": "小鹿 t***8",
        "read_back": "九点前打给二号仓",
        "result": "已拦下",
        "remark": "今天不忙",
        "issue": "床的图片打不开",
        "facts": "看电影",
        "reason": "稳重细心",
        "receipt": "银行转账",
    },
}


@dataclass
class World:
    """A department, its cast by name, and the things that addresses name. People are named as in CAST."""

    department: Department
    people: dict[str, User]
    words: dict[str, str] = field(default_factory=lambda: WORDS["zh-hans"])
    # The agent works the late shift now; the colleague's items wait for whoever is on it.
    subject: str = "agent"
    reporter: str = ""
    decider: str = ""
    scorer: str = ""
    incident: Incident | None = None
    decided: Incident | None = None
    fine: Sanction | None = None
    own_item: HandoverItem | None = None
    waiting_item: HandoverItem | None = None
    attendance: Attendance | None = None
    job: Job | None = None
    # Who has left; the way in of somebody invited; another department of whoever manages members here.
    former: Membership | None = None
    token: str | None = None
    annex: Department | None = None
    # The secret of the agent's calendar feed, once it is made.
    feed: str = ""

    @property
    def rulebook(self) -> Rulebook:
        return in_force(self.department, self.department.today())

    @property
    def rulebook_or_none(self) -> Rulebook | None:
        try:
            return self.rulebook
        except NoRulebook:
            return None

    @property
    def card(self) -> Membership:
        """Whose scorecard there is."""
        return self.people[self.subject].memberships.get(department=self.department)

    @property
    def this_month(self) -> Month:
        return Month.of(self.department.today())

    @property
    def last_month(self) -> Month:
        return self.this_month.previous

    def holds(self, name: str, right: str) -> bool:
        """Read from the rows themselves, beside the program's own queries."""
        grants = RoleGrant.objects.filter(department=self.department, user=self.people[name])
        rows = RoleRight.objects.filter(department=self.department, right=right, until_day=None)
        return bool(set(grants.values_list("role", flat=True)) & set(rows.values_list("role", flat=True)))

    def who_holds(self, right: str, *, besides: tuple[str, ...] = ()) -> str:
        """The first of the cast with the right."""
        return next(name for name in self.people if name not in besides and self.holds(name, right))

    def at(self, text: str):
        return clock.at(datetime.fromisoformat(text).replace(tzinfo=self.department.zone))

    @property
    def evening(self) -> datetime:
        return datetime.fromisoformat(EVENING).replace(tzinfo=self.department.zone)


def build(code: str, source: bytes, language: str = "en") -> World:
    """A department with its cast and seven weeks of work."""
    words = WORDS[language]
    department = Department.objects.create(code=code, name=words["department"], time_zone="Asia/Shanghai")
    import_rulebook(department=department, source=source, from_day=SINCE, actor=None)
    people = {
        name: add_person(
            department,
            name=words[name],
            work_number=number,
            roles=[role],
            rostered=name in ON_SHIFTS,
            scored=name in ON_SHIFTS,
        )
        for name, (role, number) in CAST.items()
    }
    world = World(department, people, words)
    world.decider = world.who_holds(Right.DECIDE_INCIDENT, besides=("agent",))
    world.reporter = world.who_holds(Right.REPORT_INCIDENT, besides=("agent", world.decider))
    world.scorer = world.who_holds(Right.SCORE_MONTH)
    with world.at("2026-11-05 09:00"):
        _comings_and_goings(world)
    _plan(world)
    _last_month(world)
    with clock.at(world.evening):
        _incidents(world)
    _yesterday(world)
    _day_shift(world)
    _late_shift(world)
    with clock.at(world.evening):
        world.job = kpi.start_scoring(department=department, month=OCTOBER, actor=people[world.scorer])
        notices.tell(
            [*people.values()], "%(name)s has left; items now in the queue: %(count)s", name=words["agent"], count=1
        )
        _prepared(world)
    return world


def _prepared(world: World) -> None:
    """What the addresses of single parts of the house ask for besides: each says so beside its rows."""
    from tests.pages import attendance, corrections, duties, feeds, leave, tokens

    for part in (attendance, corrections, leave, tokens):
        part.prepare(world)
    duties.turn(world)
    feeds.own_address(world)


def _comings_and_goings(world: World) -> None:
    """Somebody has left, somebody is invited, and who manages the members does so in another department too."""
    department, words = world.department, world.words
    former = add_person(department, name=words["former"], work_number="3333", rostered=False, scored=False)
    Membership.objects.filter(user=former).update(until_day=date(2026, 9, 30))
    world.former = former.memberships.get()
    manager = world.who_holds(Right.MANAGE_MEMBERS)
    role = CAST[manager][0]
    world.annex = Department.objects.create(code=f"{department.code}-annex", name=words["annex"], time_zone="UTC")
    set_rights(department=world.annex, rights={Right.MANAGE_MEMBERS: [role]}, from_day=SINCE)
    grant_role(actor=None, department=world.annex, user=world.people[manager], role=role, from_day=SINCE)
    invited = add_person(department, name=words["invited"], work_number="4444", rostered=False, scored=False)
    actor, members = world.people[manager], [invited.membership]
    world.token = invite(actor=actor, department=department, members=members)[0].token


def _plan(world: World) -> None:
    """November published with one cell changed since, December a draft."""
    rulebook = in_force(world.department, TODAY)
    early, late = _early_and_late(rulebook)
    agent, colleague, leader = (world.people[name].membership for name in ("agent", "colleague", "leader"))
    planner = world.people[world.who_holds(Right.EDIT_ROSTER)]
    cells = [(agent, YESTERDAY, late), (agent, TODAY, late), (colleague, TODAY, early), (leader, TODAY, rulebook.rest)]
    with world.at("2026-10-25 12:00"):
        _paint(world, NOVEMBER, cells, planner)
        seen = shifts.roster_of(world.department, NOVEMBER).edits
        shifts.publish(
            department=world.department, month=NOVEMBER, seen_edits=seen, actor=planner, reason=world.words["reason"]
        )
        _paint(world, NOVEMBER, [(leader, date(2026, 11, 20), early)], planner)
        _paint(world, DECEMBER, [(agent, date(2026, 12, 1), late)], planner)


def _paint(world: World, month: Month, cells, planner: User) -> None:
    edits = [shifts.CellEdit(member.pk, day, shift.code, 0) for member, day, shift in cells]
    painted = shifts.paint(department=world.department, month=month, edits=edits, actor=planner)
    assert not painted.conflicts


def _early_and_late(rulebook: Rulebook):
    """A shift of the morning, and the one that it hands over to and that may run on."""
    late = next(shift for shift in rulebook.shifts if shift.extension)
    return next(shift for shift in rulebook.shifts if late.code in shift.hands_over_to), late


def _last_month(world: World) -> None:
    """October as facts, judged and scored on 2 November."""
    rulebook = in_force(world.department, OCTOBER.first)
    judge = world.people[world.who_holds(Right.JUDGE_AGENTS, besides=("agent", "colleague"))]
    with world.at("2026-11-02 09:00"):
        for number, name in enumerate(("agent", "colleague")):
            member = world.people[name].membership
            served(member, date(2026, 10, 1), 30 - number, 60)
            worked(member, date(2026, 10, 1), rulebook.shifts[0].code, handed_over=bool(number))
            for indicator in rulebook.scorecard.indicators:
                if indicator.method.choice:
                    kpi.judge(
                        membership=member,
                        month=OCTOBER,
                        indicator=indicator.code,
                        choice=indicator.method.choice[0].code,
                        reason=world.words["reason"],
                        actor=judge,
                    )
        kpi.score_month(department=world.department, month=OCTOBER, actor=world.people[world.scorer])


def _incidents(world: World) -> None:
    """One of every kind of step, a fine in part paid and late, one dismissed, one that waits."""
    clauses = in_force(world.department, TODAY).clauses
    fined = next(clause for clause in clauses if clause.ladder and clause.ladder[0].fine_yuan)
    with world.at("2026-11-01 12:00"):
        for clause in clauses:
            for _step in clause.ladder or [None]:
                _confirmed(world, clause)
        world.fine = Sanction.objects.fines().filter(clause_code=fined.code, membership=world.card).first()
        assert world.fine is not None
        world.decided = world.fine.incident
        collector = world.people[world.who_holds(Right.COLLECT_FINES)]
        ledger.record_payment(
            sanction=world.fine,
            amount_fen=100,
            paid_on=date(2026, 11, 1),
            actor=collector,
            token=uuid.uuid4(),
            remark=world.words["receipt"],
        )
    with world.at("2026-11-03 12:00"):
        dismissed = _reported(world, fined)
        ledger.dismiss_incident(incident=dismissed, actor=world.people[world.decider], reason=world.words["reason"])
        world.incident = _reported(world, fined)


def _confirmed(world: World, clause: Clause) -> Incident:
    return ledger.confirm_incident(incident=_reported(world, clause), actor=world.people[world.decider])


def _reported(world: World, clause: Clause) -> Incident:
    return ledger.report_incident(
        actor=world.people[world.reporter],
        membership=world.people["agent"].membership,
        clause_code=clause.code,
        occurred_at=clock.now() - timedelta(minutes=30),
        facts=world.words["facts"],
    )


def _yesterday(world: World) -> None:
    """The agent's night, which ran on with a customer open."""
    _early, late = _early_and_late(in_force(world.department, YESTERDAY))
    agent = world.people["agent"]
    with world.at(f"{YESTERDAY} {late.spans[0].start:%H:%M}"):
        attendance = shifts.clock_in(membership=agent.membership)
        shifts.change_open_customers(attendance=attendance, change=1)
    with clock.at(attendance.planned_end + timedelta(minutes=20)):
        shifts.change_open_customers(attendance=attendance, change=1)
    with clock.at(attendance.planned_end + timedelta(minutes=35)):
        shifts.change_open_customers(attendance=attendance, change=-1)
        handover.end_shift(attendance=attendance, actor=agent, hand_over=True, confirmed=True)


def _day_shift(world: World) -> None:
    """The colleague's day: all three notebooks, then home; what was handed over waits for the late shift."""
    early, _late = _early_and_late(in_force(world.department, TODAY))
    colleague, words = world.people["colleague"], world.words
    member = colleague.membership
    with world.at(f"{TODAY} {early.spans[0].start:%H:%M}"):
        attendance = shifts.clock_in(membership=member)
    with world.at(f"{TODAY} 14:00"):
        rulebook = in_force(world.department, TODAY)
        for kind in rulebook.notebooks.handover_log.kinds:
            for _each in range(2):
                due_at = clock.now() + timedelta(hours=8) if kind.needs_due_time else None
                texts = {"to_do": words["to_do"], "known": words["known"], "customer": words["customer"]}
                handover.write_item(author=member, kind=kind.code, due_at=due_at, **texts)
        for category in rulebook.notebooks.issue_register.categories:
            handover.write_issue(author=member, category=category.code, text=words["issue"], about=words["customer"])
        figures = {"served": 50, "closed": 27, "enquiries": 40, "sales_fen": 812350}
        handover.record_statistics(membership=member, business_date=TODAY, actor=colleague, **figures)
    with world.at(f"{TODAY} 14:50"):
        handover.submit_handover(attendance=attendance, actor=colleague, remark=words["remark"])
        handover.end_shift(attendance=attendance, actor=colleague, confirmed=True)


def _late_shift(world: World) -> None:
    """The agent is on now, has accepted two items and finished one of them, and has customers open."""
    _early, late = _early_and_late(in_force(world.department, TODAY))
    agent, words = world.people["agent"], world.words
    with world.at(f"{TODAY} {late.spans[0].start:%H:%M}"):
        world.attendance = shifts.clock_in(membership=agent.membership)
    with clock.at(world.evening - timedelta(hours=1)):
        shifts.change_open_customers(attendance=world.attendance, change=1)
        first, second, third = HandoverItem.objects.filter(department=world.department).order_by("pk")[:3]
        for item in (first, second):
            handover.accept_item(item=item, actor_membership=agent.membership, read_back=words["read_back"])
        handover.finish_item(item=first, actor_membership=agent.membership, result=words["result"])
        figures = {"served": 9, "closed": 4, "enquiries": 3, "sales_fen": 100}
        handover.record_statistics(membership=agent.membership, business_date=TODAY, actor=agent, **figures)
        world.own_item, world.waiting_item = second, third


def found(department: Department) -> World:
    """The world that a department is already: for the demo, whose rows nobody here made."""
    people: dict[str, User] = {}
    names = {role: name for name, (role, _number) in CAST.items() if name != "colleague"}
    for grant in RoleGrant.objects.filter(department=department).select_related("user").order_by("pk"):
        people.setdefault(names[grant.role], grant.user)
    second = RoleGrant.objects.filter(department=department, role=Role.AGENT).exclude(user=people["agent"])
    # Somebody else at the desk, who works the same shifts.
    second = second.filter(user__memberships__rostered=True).select_related("user").order_by("pk").first()
    if second is not None:
        people["colleague"] = second.user
    world = World(department, {name: people[name] for name in CAST if name in people})
    incidents = Incident.objects.filter(department=department)
    world.incident = incidents.filter(state=IncidentState.REPORTED).first() or incidents.first()
    world.decided = incidents.filter(state=IncidentState.CONFIRMED).first()
    world.fine = Sanction.objects.fines().with_due().filter(membership__department=department, due_fen__gt=0).first()
    items = HandoverItem.objects.filter(department=department)
    world.own_item = world.waiting_item = items.open().first() or items.first()
    world.attendance = Attendance.objects.on_duty().filter(membership__department=department).first()
    world.scorer = world.who_holds(Right.SCORE_MONTH)
    job = {"owner": people[world.scorer], "department": department}
    world.job = Job.objects.filter(**job).first() or Job.objects.create(task="shown", **job)
    _comings_and_goings(world)
    if world.attendance is not None:
        from tests.pages import duties

        duties.turn(world)
    return world


def empty(code: str, language: str, source: bytes | None = None) -> World:
    """A department on its first day: its cast and nothing else; without `source` not even a rulebook."""
    words = WORDS[language]
    department = Department.objects.create(code=code, name=words["department"], time_zone="Asia/Shanghai")
    if source:
        import_rulebook(department=department, source=source, from_day=SINCE, actor=None)
    people = {
        name: add_person(department, name=words[name], work_number=number, roles=[role], scored=name in ON_SHIFTS)
        for name, (role, number) in CAST.items()
    }
    return World(department, people, words)

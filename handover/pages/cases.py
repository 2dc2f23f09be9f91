"""What the pages of reviews and complaints show, in a fixed number of queries; customers as far as the reader may."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.cases import DEEDS, Deed, Standing, Words, clock_words, standings, to_do
from handover.customers import masked, may_see_customers, without_phones
from handover.models import Case, CaseNote, CaseState, Finding
from handover.services.cases import in_time, may_work_on
from handover.services.upheld import clauses_for
from handover.words import moment
from ledger.models import Incident
from office import clock
from people.access import may
from people.models import Department, Membership, Right, User
from rulebooks.schema import Cases
from rulebooks.services import version_by_id
from shifts.models import Attendance

ICONS = {
    Standing.DONE: "circle-check",
    Standing.RUNNING: "clock",
    Standing.ASLEEP: "circle-dashed",
    Standing.SKIPPED: "circle-x",
}


@dataclass(frozen=True)
class Reader:
    """Who reads: whether they handle cases here, and whether they see every customer."""

    user: User
    handles: bool
    sees_all: bool

    @classmethod
    def of(cls, request) -> "Reader":
        return cls(request.user, may(request, Right.HANDLE_CASES), may_see_customers(request))

    def sees(self, case: Case) -> bool:
        """Whether the customer is shown whole: to who deals with customers, has the case or registered it."""
        has_it = case.assignee is not None and case.assignee.user_id == self.user.pk
        return self.sees_all or has_it or case.registered_by_id == self.user.pk

    def named(self, words: str) -> Q:
        """Cases by customer or order number, where the reader sees the customer: nobody guesses at the others."""
        seen = Q() if self.sees_all else Q(registered_by=self.user) | Q(assignee__user=self.user)
        return seen & (Q(customer__icontains=words) | Q(order_number=words))

    def may_work(self, case: Case) -> bool:
        return may_work_on(case, self.user, handles=self.handles)

    def customer(self, case: Case) -> str:
        return case.customer if self.sees(case) else masked(case.customer)

    def phone(self, case: Case) -> str:
        return case.phone if self.sees(case) or not case.phone else masked(case.phone)

    def text(self, case: Case, text: str) -> str:
        return text if self.sees(case) else without_phones(text)


def rules_for(department: Department, user: User) -> tuple[Cases | None, bool]:
    """The section of the rulebook in force today, and whether the person is a member who can register; one query."""
    members = department.memberships.touching(department.ending_day(), department.today()).filter(user=user)
    versions = department.rulebook_versions.in_force_on(department.today()).annotate(is_member=Exists(members))
    found = versions.values_list("pk", "is_member").first()
    rules = version_by_id(found[0]).cases if found else None
    return rules, bool(rules and found and found[1])


@dataclass(frozen=True)
class StepLine:
    """One step as it stands, in words."""

    pk: int
    code: str
    name: str
    due: str
    due_at: datetime
    words: Words
    standing: Standing
    is_last: bool
    is_assigning: bool = False
    done: str = ""
    done_by: str = ""

    @property
    def icon(self) -> str:
        return "clock-exclamation" if self.words.is_late and not self.done else ICONS[self.standing]


def step_lines(case: Case, now: datetime, *, people: bool = False) -> list[StepLine]:
    """The steps of a case, which come with it, in their order; with `people` who did them."""
    rows = sorted(case.steps.all(), key=lambda row: row.place)
    steps = in_time(case, rows)
    stands, zone = standings(steps, now), case.department.zone
    return [
        StepLine(
            row.pk,
            row.code,
            str(rule.name),
            moment(row.due_at, now, zone),
            row.due_at,
            clock_words(step, stands[row.code], now),
            stands[row.code],
            rule is case.rule.steps[-1],
            rule.done_by == "assigning",
            moment(row.done_at, now, zone) if row.done_at else "",
            row.done_by.name if people and row.done_by else "",
        )
        for row, step, rule in zip(rows, steps, case.rule.steps, strict=True)
    ]


def asked_of(case: Case, lines: list[StepLine], now: datetime) -> list[StepLine]:
    """The steps that can be done now; the last one is what is asked for."""
    known = {line.code: line for line in lines}
    return [known[code] for code in to_do(in_time(case, case.steps.all()), now)] if case.state == CaseState.OPEN else []


@dataclass(frozen=True)
class CaseLine:
    """A case in a list. `step`: what is asked for now; `missed`: steps that it runs in place of."""

    case: Case
    kind: str
    severity: str
    customer: str
    text: str
    came: str
    step: StepLine | None
    missed: list[StepLine]
    closed: str

    @property
    def is_late(self) -> bool:
        return bool(self.missed) or bool(self.step and self.step.words.is_late)


def severity_name(case: Case) -> str:
    return next((str(one.name) for one in case.rule.severities if one.code == case.severity), "")


def line_of(case: Case, reader: Reader, now: datetime) -> CaseLine:
    asked = asked_of(case, step_lines(case, now), now)
    zone = case.department.zone
    return CaseLine(
        case,
        str(case.rule.name),
        severity_name(case),
        reader.customer(case),
        reader.text(case, case.text),
        moment(case.came_at, now, zone),
        asked[-1] if asked else None,
        asked[:-1],
        moment(case.closed_at, now, zone) if case.closed_at else "",
    )


@dataclass(frozen=True)
class NoteLine:
    """One line of the history. `found`: what it says was found, and about whom."""

    at: str
    instant: datetime
    what: str
    who: str
    step: str
    found: str
    text: str


@dataclass(frozen=True)
class Proposed:
    """An incident that the case has proposed, for who may know of it; `url` for who may read it."""

    number: str
    name: str
    state: str
    url: str


@dataclass
class CasePage:
    """The page of one case."""

    case: Case
    reader: Reader
    steps: list[StepLine]
    can_do: list[StepLine]
    notes: list[NoteLine] = field(default_factory=list)
    members: list[Membership] = field(default_factory=list)
    on_duty: set[int] = field(default_factory=set)
    incidents: list[Proposed] = field(default_factory=list)

    @property
    def may_work(self) -> bool:
        return self.reader.may_work(self.case)

    @property
    def is_open(self) -> bool:
        return self.case.state == CaseState.OPEN

    @property
    def asked(self) -> StepLine | None:
        return self.can_do[-1] if self.can_do else None

    @property
    def asks_to_give(self) -> bool:
        """Whether giving the case to somebody is the step that is asked for."""
        return bool(self.asked and self.asked.is_assigning and self.case.assignee is None)

    @property
    def missed(self) -> list[StepLine]:
        """What can still be done late instead of what runs in its place."""
        return self.can_do[:-1]

    @property
    def is_about_me(self) -> bool:
        return self.case.subject is not None and self.case.subject.user_id == self.reader.user.pk

    @property
    def may_find(self) -> bool:
        """Nobody says about themselves whether a complaint was right."""
        return not (self.case.rule.can_be_upheld and self.is_about_me)

    @property
    def kind(self) -> str:
        return str(self.case.rule.name)

    @property
    def severity(self) -> str:
        return severity_name(self.case)

    @property
    def sees(self) -> bool:
        return self.reader.sees(self.case)

    @property
    def customer(self) -> str:
        return self.reader.customer(self.case)

    @property
    def phone(self) -> str:
        return self.reader.phone(self.case)

    @property
    def dial(self) -> str:
        """The phone as a link dials it; empty for who does not see it."""
        figures = re.sub(r"[^0-9+]", "", self.case.phone)
        return figures if self.sees and len(figures) > 2 else ""

    @property
    def text(self) -> str:
        return self.reader.text(self.case, self.case.text)

    @property
    def came(self) -> str:
        return moment(self.case.came_at, clock.now(), self.case.department.zone)

    @property
    def registered_later(self) -> str:
        """How many days after it came in it was registered; empty when that was on the same day."""
        zone = self.case.department.zone
        days = (self.case.registered_at.astimezone(zone).date() - self.case.business_date).days
        return (
            ngettext("registered %(days)s day later", "registered %(days)s days later", days) % {"days": days}
            if days
            else ""
        )

    @property
    def is_upheld(self) -> bool:
        return self.case.finding == Finding.UPHELD

    @property
    def may_correct(self) -> bool:
        return self.reader.handles and not self.is_open and self.case.rule.can_be_upheld

    @property
    def is_left(self) -> bool:
        """Whether an incident was proposed for what has been corrected since: its decider is left to decide it."""
        return bool(self.incidents) and not self.is_upheld

    @property
    def why_none(self) -> str:
        """Why an upheld case has proposed no incident, for who handles cases."""
        if not (self.is_upheld and self.reader.handles) or self.incidents:
            return ""
        if self.case.subject is None:
            return _("No incident was proposed: it is about nobody of us.")
        if not clauses_for(self.case):
            return _("No incident was proposed: the rulebook of that day has no clause for it.")
        return _("No incident could be proposed: see whether %(name)s was a member on that day.") % {
            "name": self.case.subject.name
        }


def page_of(case: Case, reader: Reader, *, clocks_only: bool = False) -> CasePage:
    """The page of a case that came with its people; its steps, history, and whom it can be given to."""
    now = clock.now()
    lines = step_lines(case, now, people=True)
    page = CasePage(case, reader, lines, asked_of(case, lines, now))
    if clocks_only:
        return page
    names = {line.code: line.name for line in lines}
    notes = case.notes.select_related("actor", "step", "subject__user")
    page.notes = [_note(note, names, page, now) for note in notes]
    if page.is_open and page.may_work:
        page.members, page.on_duty = members_of(case.department)
    elif page.may_correct:
        page.members = list(_members(case.department))
    if not page.is_open and case.rule.can_be_upheld:
        page.incidents = _proposed(page)
    return page


def _proposed(page: CasePage) -> list[Proposed]:
    """The incidents it has proposed: who handles cases hears of all of them, who may read one can open it."""
    code, case = page.case.department.code, page.case
    seen = Incident.objects.visible_to(page.reader.user).filter(pk=OuterRef("pk"))
    rows = Incident.objects.filter(department=case.department, source_kind=Case._meta.label_lower, source_id=case.pk)
    rows = rows.annotate(is_seen=Exists(seen)).select_related("membership__user")
    return [
        Proposed(
            incident.clause_number,
            incident.membership.name,
            incident.get_state_display() if incident.is_seen else "",
            reverse("ledger:incident_detail", args=[code, incident.pk]) if incident.is_seen else "",
        )
        for incident in rows
        if page.reader.handles or incident.is_seen
    ]


def members_of(department: Department) -> tuple[list[Membership], set[int]]:
    """Everybody whom a case can be given to, and the keys of those on duty now."""
    here = Attendance.objects.on_duty().filter(membership__department=department)
    return list(_members(department)), set(here.values_list("membership", flat=True))


def _members(department: Department) -> QuerySet[Membership]:
    members = department.memberships.touching(department.ending_day(), department.today())
    return members.select_related("user")


def _note(note: CaseNote, names: dict[str, str], page: CasePage, now: datetime) -> NoteLine:
    return NoteLine(
        moment(note.at, now, page.case.department.zone),
        note.at,
        str(DEEDS[Deed(note.action)]),
        note.actor.name if note.actor else "",
        names.get(note.step.code, "") if note.step and note.action != Deed.CLOSED else "",
        _found(note),
        page.reader.text(page.case, note.text),
    )


def _found(note: CaseNote) -> str:
    """ "Upheld · 王浩然"; nobody is named where it is about nobody of us."""
    about = note.subject.name if note.subject else ""
    if note.action == Deed.ABOUT or note.finding == Finding.UPHELD:
        about = about or _("Nobody of us")
    return " · ".join(part for part in (note.get_finding_display(), about) if part)

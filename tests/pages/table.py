"""THE table: every address of the house, who may use it, and how it is asked. A new address needs a row here.

A row names rights, never roles: which role may do what, the department's rulebook says. `row.Page` tells the columns.
"""

import json
from typing import Any
from uuid import UUID

from people.models import Right, Role
from rulebooks.schema import Rulebook
from shifts.services import roster_of
from tests.pages import (
    attendance,
    bonuses,
    calendar,
    cases,
    checks,
    corrections,
    duties,
    feeds,
    filling,
    handing,
    launches,
    leave,
    meetings,
    metrics,
    orders,
    publishing,
    qualifications,
    readings,
    register,
    roster,
    searching,
    sheets,
    swaps,
    timesheets,
    tokens,
    training,
    weekly,
)
from tests.pages.row import ANYBODY, BOTH, POST, SIGNED_IN, Page, Who
from tests.pages.world import World

# -- Who --------------------------------------------------------------------------------------------------------------
JUDGING: Who = (Right.DECIDE_INCIDENT, Right.READ_SCORECARDS)
INCIDENT_SEEN: Who = (*JUDGING, "subject", "reporter")
FINE_SEEN: Who = (*JUDGING, Right.COLLECT_FINES, "subject")
OVERVIEW: Who = (Right.READ_SCORECARDS, Right.SCORE_MONTH, Right.JUDGE_AGENTS)
# Owners anywhere: founding a department belongs to none.
FOUNDERS: Who = ("owner", "stranger")
# Who has, or had, a scorecard of their own.
SCORED: Who = ("agent", "colleague", "leader")


# -- What fills an address, and what a form sends ---------------------------------------------------------------------
def this_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month}


def last_month(world: World) -> dict[str, Any]:
    return {"month": world.last_month}


def next_month(world: World) -> dict[str, Any]:
    return {"month": world.this_month.next}


def card(world: World) -> dict[str, Any]:
    return last_month(world) | {"pk": world.card.pk}


def thing(name: str):
    """The key of a thing of the world: its incident, its fine, its job."""
    return lambda world: {"pk": getattr(world, name).pk}


def report(world: World) -> dict[str, Any]:
    clause = world.rulebook.clauses[0].code
    member = world.people["agent"].memberships.first()
    facts = {"day": "2026-11-10", "time": "10:00", "facts": world.words["facts"]}
    return {"membership": member.pk, "clause_code": clause, **facts}


def painted(world: World) -> dict[str, Any]:
    member = world.people["colleague"].memberships.first()
    return {"edits": json.dumps([[member.pk, 25, world.rulebook.shifts[0].code, 0]])}


def seen(world: World) -> dict[str, Any]:
    return {"seen": roster_of(world.department, world.this_month).edits}


def judgement(world: World) -> dict[str, Any]:
    indicator = _by_hand(world.rulebook)
    answer = indicator.method.choice[-1].code
    return {"indicator": indicator.code, "choice": answer, "reason": world.words["reason"]}


def a_member(world: World) -> dict[str, Any]:
    return {"pk": world.card.pk}


def grant(world: World) -> dict[str, Any]:
    return a_member(world) | {"grant": world.people[world.subject].role_grants.get(department=world.department).pk}


def a_role(world: World) -> dict[str, Any]:
    return {"role": Role.LEADER, "from_day": "2026-11-11"}


def newcomer(world: World) -> dict[str, Any]:
    return {"name": world.words["leader"], "work_number": "55", "from_day": "2026-11-10", "roles": [Role.AGENT]}


def pasted(world: World) -> dict[str, Any]:
    return {"text": f"{world.words['leader']}\t55", "from_day": "2026-11-10", "roles": [Role.AGENT]}


def corrected(world: World) -> dict[str, Any]:
    return {"name": world.words["leader"], "work_number": "07", "rostered": "on", "scored": "on"}


def again(world: World) -> dict[str, Any]:
    return {"work_number": "3333", "from_day": "2026-11-10", "roles": [Role.AGENT]}


def moved(world: World) -> dict[str, Any]:
    return {"target": world.annex.pk, "last_day": "2026-11-30", "work_number": "07", "roles": [Role.AGENT]}


def edited(world: World) -> dict[str, Any]:
    text = world.department.rulebook_versions.first().source
    return {"text": text, "from_day": "2026-12-01"}


def _by_hand(rulebook: Rulebook):
    return next(one for one in rulebook.scorecard.indicators if one.method.choice)


PAYMENT = {"amount_fen": "1.00", "paid_on": "2026-11-10", "token": str(UUID(int=7)), "remark": "", "again": "on"}
FIGURES = {"business_date": "2026-11-10", "served": "9", "closed": "5", "enquiries": "3", "sales_fen": "1.00"}
NEW_PASSWORD = {"password": "light grey spruce 7", "again": "light grey spruce 7"}
LINK = {"uidb36": "1", "key": "abc"}

# -- The rows ---------------------------------------------------------------------------------------------------------
DESK = [
    Page("desk:home", sees=SIGNED_IN, answers=(200, 302)),
    Page("desk:today"),
    Page("desk:today", query={"view": "board"}, as_="board"),
    Page("desk:styleguide", sees=SIGNED_IN),
    Page("desk:department_new", BOTH, sees=SIGNED_IN, may=FOUNDERS),
    Page("desk:member_leave", BOTH, may=Right.MANAGE_MEMBERS, blanks=a_member, data={"last_day": "2026-11-30"}),
    Page("desk:member_stay", POST, may=Right.MANAGE_MEMBERS, blanks=a_member),
    Page("desk:member_move", BOTH, may=Right.MANAGE_MEMBERS, blanks=a_member, data=moved),
]

PEOPLE = [
    Page("people:members", may=Right.MANAGE_MEMBERS),
    Page("people:member_new", BOTH, may=Right.MANAGE_MEMBERS, data=newcomer),
    Page("people:member_list_new", BOTH, may=Right.MANAGE_MEMBERS, data=pasted),
    Page("people:member_invitations", POST, may=Right.MANAGE_MEMBERS, data={"all": "1"}),
    Page("people:member", may=Right.MANAGE_MEMBERS, blanks=a_member),
    Page("people:member", may=Right.MANAGE_MEMBERS, blanks=thing("former"), as_="who left"),
    Page("desk:member_correct", BOTH, may=Right.MANAGE_MEMBERS, blanks=a_member, data=corrected),
    Page("people:member_remove", POST, may=Right.MANAGE_MEMBERS, blanks=a_member, answers=(422,)),
    Page("people:member_again", BOTH, may=Right.MANAGE_MEMBERS, blanks=thing("former"), data=again),
    Page("people:member_role_grant", POST, may=Right.MANAGE_MEMBERS, blanks=a_member, data=a_role),
    Page("people:member_role_end", POST, may=Right.MANAGE_MEMBERS, blanks=grant, data={"last_day": "2026-11-30"}),
    Page("people:member_reset", POST, may=Right.MANAGE_MEMBERS, blanks=a_member),
    Page("welcome", BOTH, sees=ANYBODY, blanks=lambda world: {"token": world.token}, data=NEW_PASSWORD),
    Page("welcome", sees=ANYBODY, blanks={"token": "used-up"}, answers=(410,), as_="used up"),
]

OFFICE = [
    Page("office:notices", sees=SIGNED_IN),
    Page("office:notices_read", POST, sees=SIGNED_IN),
    Page("office:jobs", sees=SIGNED_IN),
    Page("office:job", sees="scorer", blanks=thing("job"), whole=False),
    Page("office:job_cancel", POST, sees="scorer", blanks=thing("job")),
]

SHIFTS = [
    *roster.PAGES,
    *publishing.PAGES,
    *checks.PAGES,
    *qualifications.PAGES,
    *calendar.PAGES,
    *leave.PAGES,
    *swaps.PAGES,
    *attendance.PAGES,
    *corrections.PAGES,
    *duties.PAGES,
    *filling.PAGES,
    *sheets.PAGES,
    *feeds.PAGES,
    *timesheets.PAGES,
    *tokens.PAGES,
    Page("shifts:roster", blanks=this_month),
    Page("shifts:roster", blanks=next_month, as_="next month"),
    Page("shifts:roster_cells", POST, may=Right.EDIT_ROSTER, blanks=this_month, data=painted),
    Page("shifts:clock_in", POST),
    Page("shifts:open_customers", POST, data={"change": "1"}),
]

HANDOVER = [
    *handing.PAGES,
    *register.PAGES,
    *cases.PAGES,
    *searching.PAGES,
    *metrics.PAGES,
    *readings.PAGES,
    *orders.PAGES,
    *weekly.PAGES,
    *meetings.PAGES,
    *training.PAGES,
    *launches.PAGES,
    Page("handover:statistics", BOTH, data=FIGURES),
    Page(
        "handover:statistics",
        may=(Right.READ_REGISTER, "subject"),
        query=lambda world: {"member": world.card.pk},
        as_="of a member",
    ),
]

LEDGER = [
    *bonuses.PAGES,
    Page("ledger:incidents"),
    Page("ledger:incident_new", BOTH, may=Right.REPORT_INCIDENT, data=report),
    Page("ledger:incident_detail", sees=INCIDENT_SEEN, blanks=thing("incident")),
    Page("ledger:incident_detail", sees=INCIDENT_SEEN, blanks=thing("decided"), as_="decided"),
    Page(
        "ledger:incident_confirm",
        POST,
        sees=INCIDENT_SEEN,
        may=Right.DECIDE_INCIDENT,
        unless=("subject", "reporter"),
        blanks=thing("incident"),
    ),
    Page(
        "ledger:incident_dismiss",
        POST,
        sees=INCIDENT_SEEN,
        may=Right.DECIDE_INCIDENT,
        unless=("subject", "reporter"),
        blanks=thing("incident"),
        data=lambda world: {"reason": world.words["reason"]},
    ),
    Page("ledger:fund"),
    Page("ledger:dues", may=Right.COLLECT_FINES),
    Page("ledger:payment_new", BOTH, sees=FINE_SEEN, may=Right.COLLECT_FINES, blanks=thing("fine"), data=PAYMENT),
]

KPI = [
    Page("kpi:month", may=(*OVERVIEW, *SCORED), blanks=last_month, answers=(200, 302)),
    Page("kpi:run", POST, may=Right.SCORE_MONTH, blanks=last_month),
    Page("kpi:scorecard", sees=(Right.READ_SCORECARDS, "subject"), blanks=card),
    Page("kpi:judge", BOTH, may=Right.JUDGE_AGENTS, unless=("subject",), blanks=card, data=judgement),
]

RULEBOOKS = [
    Page("rulebooks:current"),
    Page("rulebooks:version", blanks={"number": 1}),
    Page("rulebooks:file", blanks={"number": 1}, whole=False),
    Page("rulebooks:changes", blanks={"number": 1}),
    Page("rulebooks:edit", BOTH, may=Right.EDIT_RULEBOOK, data=edited),
    Page("rulebooks:publish", POST, may=Right.EDIT_RULEBOOK, data=edited),
]

ACCOUNTS = [
    Page(
        "account_login",
        BOTH,
        sees=ANYBODY,
        answers=(200, 302),
        data={"login": "nobody", "password": "wrong"},
        loose=True,
    ),
    Page("account_logout", BOTH, sees=ANYBODY, answers=(200, 302), loose=True),
    Page("account_signup", BOTH, sees=ANYBODY, answers=(200, 302), loose=True),
    Page("account_inactive", sees=ANYBODY),
    Page("account_reauthenticate", BOTH, sees=SIGNED_IN, answers=(200, 302), data={"password": "wrong"}),
    Page("account_change_password", BOTH, sees=SIGNED_IN, answers=(200, 302)),
    Page("account_set_password", BOTH, sees=SIGNED_IN, answers=(200, 302), loose=True),
    Page("account_reset_password", BOTH, sees=ANYBODY, data={"email": "nobody@example.org"}),
    Page("account_reset_password_done", sees=ANYBODY),
    Page("account_reset_password_from_key", BOTH, sees=ANYBODY, blanks=LINK, loose=True),
    Page("account_reset_password_from_key_done", sees=ANYBODY),
    Page("set_language", BOTH, sees=ANYBODY, answers=(302,), data={"next": "/"}, loose=True),
]

TABLE: tuple[Page, ...] = (*DESK, *PEOPLE, *OFFICE, *SHIFTS, *HANDOVER, *LEDGER, *KPI, *RULEBOOKS, *ACCOUNTS)

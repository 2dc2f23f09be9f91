"""The pages that stand side by side above each of a part of the house: what its one entry of the menu leads to."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from office.months import Month
from people.models import Department, Right
from rulebooks.schema import Rulebook
from rulebooks.services import version_by_id

# The parts of the house that have tabs.
ROOMS = ("shifts", "handover", "ledger")
# Who holds one of these reads everybody's hours.
TIMESHEETS = frozenset({Right.EDIT_ROSTER, Right.CORRECT_ATTENDANCE, Right.SCORE_MONTH})


@dataclass(frozen=True)
class Item:
    """One entry of the menu."""

    label: str
    icon: str
    url: str
    current: bool = False
    badge: int = 0
    jot: bool = False


@dataclass(frozen=True)
class Tab:
    """A page of a part, for whom it is `shown`; `under`: it stays lit on pages whose names begin like these."""

    label: str
    name: str
    under: tuple[str, ...]
    shown: bool = True
    blanks: dict | None = None


def beside_of(request, room: str, department: Department, rights: Collection, version: int | None) -> list[Item]:
    """The tabs of the part that the page belongs to, without those that the rulebook in force has no section for.

    Nothing on a page that stands alone. Pages about other people are for whoever has a right there. `version`: the key
    of the rulebook in force; it is read only where tabs hang on it.
    """
    if room not in ROOMS:
        return []
    rulebook = version_by_id(version) if version else None
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    for tabs in _parts(room, department, rights, rulebook):
        if any(_is_under(here, tab.under) for tab in tabs):
            shown = [_item(tab, here, department) for tab in tabs if tab.shown]
            return shown if len(shown) > 1 else []
    return []


def _parts(room: str, department: Department, rights: Collection, rulebook: Rulebook | None) -> list[list[Tab]]:
    if room == "shifts":
        return [_roster(department, rights, rulebook)]
    if room == "handover":
        return [_log(), _register(rights, rulebook), _figures(rights, rulebook), _week(rulebook)]
    if room == "ledger":
        return [_incidents(rulebook)]
    return []


def _item(tab: Tab, here: str, department: Department) -> Item:
    url = reverse(tab.name, kwargs={"code": department.code, **(tab.blanks or {})})
    return Item(tab.label, "", url, _is_under(here, tab.under))


def _is_under(page: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a page belongs to a tab; of two tabs whose names begin alike the longer one says so with a `!`."""
    if any(page.startswith(one[1:]) for one in beginnings if one.startswith("!")):
        return False
    return page.startswith(tuple(one for one in beginnings if not one.startswith("!")))


def _roster(department: Department, rights: Collection, rulebook: Rulebook | None) -> list[Tab]:
    today = Month.of(department.today())
    month, year = {"month": today}, {"year": today.year}
    reads_hours, corrects = any(right in rights for right in TIMESHEETS), Right.CORRECT_ATTENDANCE in rights
    # What stands beside it for others is, for who has no tab of its own for it, part of their attendance.
    attendance = (
        "attendance",
        "away",
        *(() if corrects else ("correction",)),
        *(() if reads_hours else ("timesheet",)),
    )
    swaps, leave, duties = (bool(rulebook and getattr(rulebook, part)) for part in ("swaps", "leave", "duties"))
    return [
        Tab(_("Roster"), "shifts:roster", ("roster", "cover", "qualification"), blanks=month),
        Tab(_("Swaps"), "shifts:swaps", ("swap", "answers"), swaps),
        Tab(pgettext("time off", "Leave"), "shifts:leaves", ("leave",), leave),
        Tab(_("Duties"), "shifts:duties", ("dut",), duties, month),
        Tab(_("Attendance"), "shifts:attendance", attendance, blanks=month),
        Tab(_("Corrections"), "shifts:corrections", ("correction",), corrects),
        Tab(_("Timesheets"), "shifts:timesheets", ("timesheet",), reads_hours, month),
        Tab(_("Business calendar"), "shifts:calendar", ("calendar", "!calendar_feed"), blanks=year),
        Tab(_("Calendar feed"), "shifts:calendar_feed", ("calendar_feed",)),
    ]


def _log() -> list[Tab]:
    return [
        Tab(_("Handover log"), "handover:log", ("log", "item", "submit", "end_shift", "handover")),
        Tab(_("Customers"), "handover:customers", ("customer",)),
        Tab(_("Search"), "handover:search", ("search",)),
    ]


def _register(rights: Collection, rulebook: Rulebook | None) -> list[Tab]:
    handles, has_cases = Right.HANDLE_REGISTER in rights, bool(rulebook and rulebook.cases)
    return [
        Tab(_("Issue register"), "handover:issues", ("issue", "!issue_digest") if handles else ("issue",)),
        Tab(_("Handed in"), "handover:issue_digests", ("issue_digest",), handles),
        Tab(_("Reviews and complaints"), "handover:cases", ("case",), has_cases),
    ]


def _figures(rights: Collection, rulebook: Rulebook | None) -> list[Tab]:
    reads_in = Right.IMPORT_FIGURES in rights
    return [
        Tab(_("Service statistics"), "handover:statistics", ("statistics",)),
        Tab(_("Figures"), "handover:statistic_figures", ("statistic_",)),
        Tab(_("Orders"), "handover:orders", ("order", "claim")),
        Tab(_("Untagged orders"), "handover:untagged_now", ("untagged",), bool(rulebook and rulebook.orders)),
        Tab(_("Read in"), "handover:readings", ("reading",), reads_in),
    ]


def _week(rulebook: Rulebook | None) -> list[Tab]:
    summary, meetings, training = (
        bool(rulebook and getattr(rulebook, part)) for part in ("weekly_summary", "meetings", "training")
    )
    return [
        Tab(_("Weekly summary"), "handover:weekly", ("weekly",), summary),
        Tab(_("Meetings"), "handover:meetings", ("meeting",), meetings),
        Tab(_("Newcomers"), "handover:training", ("training", "mentorship"), training),
        Tab(_("Launches"), "handover:launches", ("launch", "quiz")),
    ]


def _incidents(rulebook: Rulebook | None) -> list[Tab]:
    return [
        Tab(_("Incidents"), "ledger:incidents", ("incident",)),
        Tab(_("Bonuses"), "ledger:bonuses", ("bonus",), bool(rulebook and rulebook.bonuses)),
    ]

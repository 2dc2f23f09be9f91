"""What stands on every page: the menu, the tabs of the phone, the department, the inbox."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.accounts import demo_accounts
from office.models import Notice
from office.months import Month
from people.models import Right
from people.permissions import places_of, rights_in

# The pages that keep an entry of the menu lit, by the beginning of their names; "" for a whole room.
UNDER = {
    "desk:today": ("today",),
    # The whole room: its other pages stand side by side above each of them (`_beside`).
    "shifts:roster": ("",),
    "handover:log": ("log", "item", "submit", "end_shift"),
    "handover:issues": ("issue",),
    "handover:statistics": ("statistic",),
    "ledger:incidents": ("incident",),
    "ledger:fund": ("fund",),
    "ledger:dues": ("due", "payment"),
    "kpi:month": ("",),
    "rulebooks:current": ("",),
    "people:members": ("member",),
}
# Who holds one of these reads everybody's hours; has something to do with other people's scorecards.
TIMESHEETS = frozenset({Right.EDIT_ROSTER, Right.CORRECT_ATTENDANCE, Right.SCORE_MONTH})
SCORING = frozenset({Right.SCORE_MONTH, Right.READ_SCORECARDS, Right.JUDGE_AGENTS})


@dataclass(frozen=True)
class Item:
    """One entry of the menu."""

    label: str
    icon: str
    url: str
    current: bool = False
    badge: int = 0
    jot: bool = False


def frame(request) -> dict:
    """Context of `base.html`: inside a department one query, with several departments two; outside three; none for a
    visitor who has not signed in.

    `places`: the other departments of the person, earlier ones last; `may_found`: whether they may found one.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        login = request.path == reverse(settings.LOGIN_URL)
        return {"demo_accounts": SimpleLazyObject(demo_accounts) if settings.DEMO and login else None}
    department = getattr(request, "department", None)
    if department is None:
        # A page outside any department (inbox, password) keeps the menu of the first one.
        places = list(places_of(user))
        department = next((place for place in places if not place.is_former), None)
        founds = places[0].may_found if places else user.is_superuser
    else:
        places, founds = list(places_of(user)) if department.has_others else [], department.may_found
    others = [place for place in places if department is None or place.pk != department.pk]
    unread = Notice.objects.visible_to(user).unread().count()
    context = {"department": department, "unread": unread, "me": user, "places": others, "may_found": founds}
    if department is not None:
        rights = request.rights if hasattr(request, "rights") else rights_in(user, department)
        context |= {"nav": _menu(request, department, rights), "tabs": _tabs(request, department)}
        if _room(request) == "shifts" and not department.is_former:
            context["beside"] = _beside(request, department, rights)
    return context


def _room(request) -> str:
    match = request.resolver_match
    if match is None or (match.url_name or "").startswith("token"):
        # Tokens for programs stand with the members; they are written in another room only.
        return ""
    return match.app_name


def _beside(request, department, rights) -> list[Item]:
    """The pages of the roster's part of the house; those about other people for whoever has a right there."""
    month = {"month": Month.of(department.today())}
    reads_hours, corrects = bool(rights & TIMESHEETS), Right.CORRECT_ATTENDANCE in rights
    # What stands beside it for others is, for who has no tab of its own for it, part of their attendance.
    attendance = (
        "attendance",
        "away",
        *(() if corrects else ("correction",)),
        *(() if reads_hours else ("timesheet",)),
    )
    offered: list[tuple[bool, str, str, dict, tuple[str, ...]]] = [
        (True, _("Roster"), "shifts:roster", month, ("roster", "cover", "qualification")),
        (True, _("Swaps"), "shifts:swaps", {}, ("swap", "answers")),
        (True, pgettext("time off", "Leave"), "shifts:leaves", {}, ("leave",)),
        (True, _("Duties"), "shifts:duties", month, ("dut",)),
        (True, _("Attendance"), "shifts:attendance", month, attendance),
        (corrects, _("Corrections"), "shifts:corrections", {}, ("correction",)),
        (reads_hours, _("Timesheets"), "shifts:timesheets", month, ("timesheet",)),
        (True, _("Business calendar"), "shifts:calendar", {"year": month["month"].year}, ("calendar", "calendar_day")),
        (True, _("Calendar feed"), "shifts:calendar_feed", {}, ("calendar_feed",)),
    ]
    here = request.resolver_match.url_name or ""
    return [
        Item(label, "", reverse(name, kwargs={"code": department.code, **extra}), _is_under(here, under))
        for shown, label, name, extra, under in offered
        if shown
    ]


def _is_under(page: str, beginnings: tuple[str, ...]) -> bool:
    # The feed is no page of the calendar, although its name begins alike.
    return page.startswith(beginnings) and (page.startswith("calendar_feed") == ("calendar_feed" in beginnings))


def _former_menu(request, department) -> list[Item]:
    """What stays open to somebody who was a member once: what is written about them."""
    month = Month.of(department.today())
    entries: list[tuple] = [
        (_("Incidents"), "gavel", "ledger:incidents", {}),
        (pgettext("time off", "Leave"), "calendar-off", "shifts:leaves", {}),
    ]
    if getattr(department, "is_scored", False):
        entries.append((_("Scores"), "chart-bar", "kpi:month", {"month": month.previous}))
    return [_item(request, department, *entry) for entry in entries]


def _menu(request, department, rights) -> list[Item]:
    if department.is_former:
        return _former_menu(request, department)
    month = Month.of(department.today())
    entries = [
        (_("Today"), "layout-dashboard", "desk:today", {}),
        (_("Roster"), "calendar-month", "shifts:roster", {"month": month}),
        (_("Handover"), "transfer", "handover:log", {}),
        (_("Register"), "notebook", "handover:issues", {}),
        (_("Statistics"), "list-check", "handover:statistics", {}),
        (_("Incidents"), "gavel", "ledger:incidents", {}),
        (_("Fund"), "coins", "ledger:fund", {}),
        (_("Scores"), "chart-bar", "kpi:month", {"month": month.previous}),
        (_("Rulebook"), "book-2", "rulebooks:current", {}),
    ]
    if Right.COLLECT_FINES in rights:
        entries.insert(7, (_("Dues"), "cash", "ledger:dues", {}))
    if Right.MANAGE_MEMBERS in rights:
        entries.append((_("Members"), "users", "people:members", {}))
    if not (rights & SCORING or getattr(department, "is_scored", False)):
        entries = [entry for entry in entries if entry[2] != "kpi:month"]
    return [_item(request, department, *entry) for entry in entries]


def _tabs(request, department) -> list[Item]:
    if department.is_former:
        return _former_menu(request, department)
    month = Month.of(department.today())
    return [
        _item(request, department, _("Today"), "home", "desk:today", {}),
        _item(request, department, _("Handover"), "transfer", "handover:log", {}),
        _item(request, department, _("Write"), "plus", "handover:item_new", {}, jot=True),
        _item(request, department, _("Roster"), "calendar-month", "shifts:roster", {"month": month}),
        _item(request, department, _("Register"), "notebook", "handover:issues", {}),
    ]


def _item(request, department, label, icon, name, extra, *, jot=False) -> Item:
    match = request.resolver_match
    here = _room(request) == name.partition(":")[0]
    page = (match.url_name or "") if match is not None else ""
    current = here and page.startswith(UNDER.get(name, ()))
    if page.startswith("token"):
        current = name == "people:members"
    if match is not None and match.app_name == "desk" and page.startswith("member"):
        # Leaving and moving draw on every room, so the desk has these pages; for the reader they are the members'.
        current = name == "people:members"
    return Item(label, icon, reverse(name, kwargs={"code": department.code, **extra}), current, jot=jot)

"""What stands on every page: the menu, the tabs of the phone, the department, the inbox."""

from django.conf import settings
from django.db.models import Count, Subquery
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from desk.accounts import demo_accounts
from desk.beside import Item, beside_of
from office.models import Notice
from office.months import Month
from people.models import Department, Right
from people.permissions import places_of, rights_in

# The pages that keep an entry of the menu lit, by the beginning of their names; "" for a whole room.
UNDER = {
    "desk:today": ("today",),
    # The whole room: its other pages stand side by side above each of them (`beside`).
    "shifts:roster": ("",),
    "handover:log": ("log", "item", "submit", "end_shift", "handover", "customer", "search"),
    "handover:issues": ("issue", "case"),
    "handover:statistics": ("statistic", "order", "untagged", "claim", "reading"),
    "handover:weekly": ("weekly", "meeting", "training", "mentorship", "launch", "quiz"),
    "ledger:incidents": ("incident", "bonus"),
    "ledger:fund": ("fund",),
    "ledger:dues": ("due", "payment"),
    "kpi:month": ("",),
    "rulebooks:current": ("",),
    "people:members": ("member",),
}
# Who has something to do with other people's scorecards.
SCORING = frozenset({Right.SCORE_MONTH, Right.READ_SCORECARDS, Right.JUDGE_AGENTS})


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
    unread, version = _unread_and_version(user, department)
    context = {"department": department, "unread": unread, "me": user, "places": others, "may_found": founds}
    if department is not None:
        rights = request.rights if hasattr(request, "rights") else rights_in(user, department)
        context |= {"nav": _menu(request, department, rights), "tabs": _tabs(request, department)}
        if not department.is_former:
            context["beside"] = beside_of(request, _room(request), department, rights, version)
    return context


def _unread_and_version(user, department) -> tuple[int, int | None]:
    """How many notices are unread, and the key of the department's version in force today: one query."""
    unread = Notice.objects.visible_to(user).unread()
    if department is None:
        return unread.count(), None
    counted = unread.order_by().values("recipient").annotate(count=Count("pk")).values("count")
    newest = department.rulebook_versions.in_force_on(department.today()).values("pk")[:1]
    found = Department.objects.filter(pk=department.pk).values_list(Subquery(counted), Subquery(newest)).get()
    return found[0] or 0, found[1]


def _room(request) -> str:
    match = request.resolver_match
    if match is None or (match.url_name or "").startswith("token"):
        # Tokens for programs stand with the members; they are written in another room only.
        return ""
    return match.app_name


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
        (pgettext("menu", "Week"), "calendar-event", "handover:weekly", {}),
        (_("Incidents"), "gavel", "ledger:incidents", {}),
        (_("Fund"), "coins", "ledger:fund", {}),
        (_("Scores"), "chart-bar", "kpi:month", {"month": month.previous}),
        (_("Rulebook"), "book-2", "rulebooks:current", {}),
    ]
    if Right.COLLECT_FINES in rights:
        entries.insert(8, (_("Dues"), "cash", "ledger:dues", {}))
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

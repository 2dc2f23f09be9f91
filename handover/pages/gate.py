"""What stands between an agent and the way home: the checks before clock-out, and what becomes of each item."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.figures import Counts
from handover.models import Handover, HandoverItem, ServiceStatistic, StatisticSource
from handover.words import names_of
from office import clock
from rulebooks.services import version_by_id
from shifts.models import Attendance
from shifts.services.running_on import is_duty_person
from shifts.services.successor import wait_of


@dataclass(frozen=True)
class Check:
    """One line of the gate: what it is about, whether it is in order, and where it is put right."""

    key: str
    ok: bool
    text: str
    hint: str = ""
    url: str = ""
    link: str = ""
    # Neither missing nor done: the handover takes it along.
    carried: bool = False


@dataclass(frozen=True)
class Gate:
    """The checks of one running shift.

    `blocks`: the rulebook lets nobody leave like this. `asks`: it lets them leave when they confirm it.
    `queues`: what is still theirs at clock-out goes to the department's queue; else it stays with them.
    """

    attendance: Attendance
    checks: tuple[Check, ...]
    handover: Handover | None
    items: tuple[HandoverItem, ...]
    receivers: str
    blocks: bool
    asks: bool
    queues: bool

    @property
    def missing(self) -> int:
        """How many checks are not in order."""
        return sum(not check.ok for check in self.checks)

    @property
    def waiting(self) -> tuple[HandoverItem, ...]:
        return tuple(item for item in self.items if item.is_waiting)

    @property
    def own(self) -> tuple[HandoverItem, ...]:
        """Items that nobody has handed over yet."""
        return _not_handed_over(self.items)


def _not_handed_over(items: tuple[HandoverItem, ...]) -> tuple[HandoverItem, ...]:
    return tuple(item for item in items if not item.is_waiting)


def gate_of(attendance: Attendance) -> Gate:
    """What stands before the clock-out of a running shift, with four queries beyond the shift's own member.

    One or two more where the rulebook lets agents wait for their successor.
    The rulebook is the one that the shift was begun under. Addresses lead into the department of the shift.
    """
    member = attendance.membership
    rulebook = version_by_id(attendance.rulebook_version_id)
    rules = rulebook.notebooks.handover_log
    at_clock_out, stays_with_giver = rules.at_clock_out, rules.during_handover == "giver"
    handover = Handover.objects.of(attendance)
    items = tuple(HandoverItem.objects.open().owned_by(member))
    since = len(_not_handed_over(items)) if handover else 0
    inbox = HandoverItem.objects.inbox_of(attendance).count()
    # What the chat tool counts relieves nobody of counting.
    own = ServiceStatistic.objects.current().filter(source=StatisticSource.MANUAL)
    statistics = own.filter(membership=member, business_date=attendance.business_date).first()
    shift = rulebook.shift(attendance.code)
    to_codes = shift.hands_over_to if shift else ()
    receivers = names_of(found for code in to_codes if (found := rulebook.shift(code)))

    def to(name: str, anchor: str = "") -> str:
        return reverse(f"handover:{name}", args=[member.department.code]) + anchor

    checks = (
        _customers(attendance, to("item_new")),
        _items(items, since, to("log", "#mine")),
        _inbox(inbox, to("log", "#in")),
        _statistics(statistics, to("statistics")),
        _handover(handover, len(items), receivers, at_clock_out, to("end_shift", "#hand-over")),
        *_since(since, stays_with_giver, to("log", "#mine")),
        *_successor(attendance),
    )
    return Gate(
        attendance=attendance,
        checks=checks,
        handover=handover,
        items=items,
        receivers=receivers,
        blocks=handover is None and at_clock_out == "block",
        asks=handover is None and at_clock_out == "warn",
        queues=handover is not None or at_clock_out != "off",
    )


def _since(count: int, stays_with_giver: bool, url: str) -> list[Check]:
    """What has come up or come back since the handover; nothing when there is none."""
    if count == 0:
        return []
    text = ngettext(
        "%(count)s item has come up since the handover", "%(count)s items have come up since the handover", count
    )
    hint = _("Do it, or hand it over too: what comes up during the handover is yours.")
    return [
        Check(
            "since",
            ok=not stays_with_giver,
            carried=not stays_with_giver,
            text=text % {"count": count},
            hint=hint if stays_with_giver else _("They go into the queue when you leave."),
            url=url,
            link=_("Hand over") if stays_with_giver else _("Look"),
        )
    ]


def _successor(attendance: Attendance) -> list[Check]:
    """Whether somebody has come to take over; nothing where nobody waits for anybody."""
    wait = wait_of(attendance)
    if wait is None:
        return []
    until = f"{attendance.membership.department.local(wait.until):%H:%M}"
    if wait.relieved:
        return [Check("successor", ok=True, text=_("Somebody is on duty to take over"))]
    if wait.is_missed:
        text = _("Nobody had come by %(time)s") % {"time": until}
        return [Check("successor", ok=True, text=text, hint=_("You may leave; those who may take over are told."))]
    text = _("Waits for %(who)s, until %(time)s") % {"who": wait.who, "time": until}
    hint = _("You can leave as soon as one of them has clocked in.")
    return [Check("successor", ok=False, text=text, hint=hint)]


def _customers(attendance: Attendance, url: str) -> Check:
    count = attendance.open_customers
    if count == 0:
        return Check("customers", ok=True, text=_("No open customers"))
    return Check(
        "customers",
        ok=False,
        text=ngettext("%(count)s open customer", "%(count)s open customers", count) % {"count": count},
        hint=_("You are the duty person: stay until the last one.")
        if is_duty_person(attendance)
        else _("Finish with them, or write them into the handover."),
        url=url,
        link=_("Write item"),
    )


def _items(items: tuple[HandoverItem, ...], since: int, url: str) -> Check:
    now = clock.now()
    late = [item for item in items if item.due_at is not None and item.due_at < now]
    if not items:
        return Check("items", ok=True, text=_("No open items of yours"))
    text = ngettext("%(count)s open item of yours", "%(count)s open items of yours", len(items))
    hint = ""
    if late:
        hint = ngettext("%(count)s is overdue: %(what)s", "%(count)s are overdue: %(what)s", len(late))
        hint = hint % {"count": len(late), "what": late[0]}
    # What has come up since the handover has a line of its own.
    carried = "" if since else _("They go along with the handover.")
    return Check(
        "items",
        ok=not late,
        carried=not late,
        text=text % {"count": len(items)},
        hint=hint or carried,
        url=url,
        link=_("Look"),
    )


def _inbox(count: int, url: str) -> Check:
    if count == 0:
        return Check("inbox", ok=True, text=_("Nothing left to accept"))
    return Check(
        "inbox",
        ok=False,
        text=ngettext("%(count)s item not accepted", "%(count)s items not accepted", count) % {"count": count},
        hint=_("Handed to your shift, or in the queue."),
        url=url,
        link=_("Accept"),
    )


def _statistics(row: ServiceStatistic | None, url: str) -> Check:
    if row is None:
        return Check("statistics", ok=False, text=_("Service statistics missing"), url=url, link=_("Record"))
    counts = Counts(row.served, row.closed, row.enquiries, row.sales_fen, 1)
    hint = _("%(served)s served, %(closed)s closed, %(share)s") % {
        "served": row.served,
        "closed": row.closed,
        "share": counts.conversion_text,
    }
    return Check("statistics", ok=True, text=_("Service statistics"), hint=hint, url=url, link=_("Look"))


def _handover(handover: Handover | None, count: int, receivers: str, at_clock_out: str, url: str) -> Check:
    if handover is not None:
        text = _("Handed over to %(shifts)s") % {"shifts": receivers} if receivers else _("Handed over")
        return Check("handover", ok=True, text=text)
    hint = ngettext("%(count)s item to hand over", "%(count)s items to hand over", count) % {"count": count}
    return Check(
        "handover",
        ok=at_clock_out == "off",
        text=_("Handover not submitted"),
        hint=hint if count else _("Also when there is nothing to hand over."),
        url=url,
        link=_("Hand over"),
    )

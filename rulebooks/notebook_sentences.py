"""Notebooks, orders, cases, weekly summary, meetings, newcomers and bonuses as sentences. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from office import weekdays
from office.lists import joined
from office.money import yuan

from .keys import known
from .moments import WEEKDAYS, WeekMoment
from .schema import Bonus, CaseKind, FollowUp, Rulebook
from .sentences import Rule


def when(moment: WeekMoment) -> str:
    """ "Sat 17:00"."""
    # Any Monday: only the day of the week is said.
    day = date(2026, 1, 5) + timedelta(days=WEEKDAYS.index(moment.weekday))
    return f"{weekdays.name(day)} {moment.time:%H:%M}"


def log_rules(rulebook: Rulebook) -> list[Rule]:
    """What becomes of an item that comes up late, is passed on again and again, or is not done."""
    log = rulebook.notebooks.handover_log
    meanings = known()[("notebooks", "handover_log", "during_handover")].values
    rules = [Rule(_("What comes up during the handover"), meanings[log.during_handover])]
    words = ngettext(
        "an item that %(count)s shift has passed on",
        "an item that %(count)s shifts have passed on",
        log.carried_stands_out_from,
    )
    rules.append(Rule(_("Stands out"), words % {"count": log.carried_stands_out_from}))
    if log.late_after_minutes is not None:
        late = _("open %(minutes)s min after its time") % {"minutes": log.late_after_minutes}
        rules.append(Rule(_("An item is late"), late))
    if log.missed_after_hours is not None:
        missed = _("open %(hours)s h after its time") % {"hours": log.missed_after_hours}
        rules.append(Rule(_("An item is missed"), missed))
    return [*rules, *map(_follow_up, rulebook.notebooks.follow_ups)]


def _follow_up(follow_up: FollowUp) -> Rule:
    if follow_up.days is None:
        delay = _("%(minutes)s min after") % {"minutes": follow_up.minutes}
    elif follow_up.days == 0:
        delay = _("on the day of")
    else:
        delay = ngettext("%(days)s day after", "%(days)s days after", follow_up.days) % {"days": follow_up.days}
    event = known()[("notebooks", "follow_ups", "[]", "after")].values[follow_up.after]
    said = _("%(delay)s %(event)s") % {"delay": delay, "event": event}
    if follow_up.at is not None:
        said = _("%(when)s, at %(time)s") % {"when": said, "time": f"{follow_up.at:%H:%M}"}
    return Rule(str(follow_up.name), said, at=f"notebooks.follow_ups.{follow_up.code}")


def order_rules(rulebook: Rulebook) -> list[Rule]:
    """Whose an order is; nothing where orders belong to nobody."""
    orders = rulebook.orders
    if orders is None:
        return []
    tags = [name for said, name in ((orders.work_number, _("work number")), (orders.name, _("name"))) if said]
    tag = (
        _("%(tags)s in the remark") % {"tags": pgettext("between tags", " or ").join(tags)}
        if tags
        else _("nobody's by its remark")
    )
    if orders.flag is not None:
        colour = known()[("orders", "flag")].values[orders.flag]
        tag = _("%(tag)s, with a %(colour)s flag") % {"tag": tag, "colour": colour}
    auto = known()[("orders", "auto_placed")].values[orders.auto_placed]
    until = _("until day %(day)s of the next month") % {"day": orders.claims_until_day}
    mature = ngettext("%(days)s day after the enquiries", "%(days)s days after the enquiries", orders.mature_after_days)
    return [
        Rule(_("Counts by"), tag),
        Rule(_("Placed without asking"), auto),
        Rule(_("Untagged orders can be claimed"), until),
        Rule(_("Conversion is settled"), mature % {"days": orders.mature_after_days}),
    ]


def case_rules(rulebook: Rulebook) -> list[Rule]:
    """Every kind of case with its steps; nothing where there are none."""
    if rulebook.cases is None:
        return []
    rules = [Rule(str(kind.name), joined(_case(kind)), at=f"cases.kinds.{kind.code}") for kind in rulebook.cases.kinds]
    if (day := rulebook.cases.report_by_day) is not None:
        rules.append(Rule(_("Complaint statistics of the month"), _("by day %(day)s of the next month") % {"day": day}))
    return rules


def _case(kind: CaseKind) -> Iterator[str]:
    for step in kind.steps:
        facts = {"step": step.name, "within": _length(step.within)}
        missed = kind.step(step.if_missed) if step.if_missed else None
        if missed is None:
            yield _("%(step)s within %(within)s") % facts
        else:
            yield _("%(step)s within %(within)s, if it was not: %(missed)s") % {**facts, "missed": missed.name}


def _length(length: timedelta) -> str:
    """ "20 min", "48 h", "7 days"."""
    minutes = int(length.total_seconds()) // 60
    if minutes % (24 * 60) == 0 and minutes > 2 * 24 * 60:
        days = minutes // (24 * 60)
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    if minutes % 60 == 0:
        return _("%(hours)s h") % {"hours": minutes // 60}
    return _("%(minutes)s min") % {"minutes": minutes}


def learning_rules(rulebook: Rulebook) -> list[Rule]:
    """The weekly summary, the meetings, newcomers and exams."""
    rules = []
    if summary := rulebook.weekly_summary:
        words = ngettext(
            "by %(when)s, at least %(count)s character",
            "by %(when)s, at least %(count)s characters",
            summary.at_least_characters,
        )
        said = words % {"when": when(summary.due), "count": summary.at_least_characters}
        rules.append(Rule(_("Weekly summary"), said, at="weekly_summary"))
    for meeting in rulebook.meetings:
        words = ngettext(
            "%(when)s, %(count)s person stays on the desk",
            "%(when)s, %(count)s people stay on the desk",
            meeting.stay_on_desk,
        )
        said = words % {"when": when(meeting.held), "count": meeting.stay_on_desk}
        rules.append(Rule(str(meeting.name), said, at=f"meetings.{meeting.code}"))
    if training := rulebook.training:
        said = joined(str(point.name) for point in training.checklist)
        rules.append(Rule(_("A newcomer learns"), said, at="training"))
        if (days := training.early_within_days) is not None:
            words = ngettext("who passes within %(days)s day", "who passes within %(days)s days", days)
            rules.append(Rule(_("Confirmed early"), words % {"days": days}))
    facts = {"mark": rulebook.exams.pass_mark_percent, "count": rulebook.exams.attempts}
    words = ngettext(
        "passed with %(mark)s %%, %(count)s attempt", "passed with %(mark)s %%, %(count)s attempts", facts["count"]
    )
    return [*rules, Rule(_("Exams"), words % facts)]


def bonus_rules(rulebook: Rulebook) -> list[Rule]:
    """Every bonus that can be proposed, with what it comes to."""
    return [
        Rule(f"{bonus.number} {bonus.name}", _bonus(bonus), at=f"bonuses.{bonus.code}") for bonus in rulebook.bonuses
    ]


def _bonus(bonus: Bonus) -> str:
    if bonus.amounts_yuan:
        amounts = " / ".join(yuan(bonus.fen_from(place)) for place in range(len(bonus.amounts_yuan)))
        return _("%(amount)s yuan") % {"amount": amounts}
    ends = {"least": yuan(bonus.fen_from(0)), "most": yuan(bonus.fen_to(0))}
    return _("%(least)s to %(most)s yuan") % ends


def hand_in(rulebook: Rulebook) -> str:
    """When the register is handed in; empty where it is not."""
    moment = rulebook.notebooks.issue_register.hand_in
    return _("handed in every week, %(when)s") % {"when": when(moment)} if moment else ""

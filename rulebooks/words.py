"""How a rulebook is read aloud: methods, windows, rights and kinds as sentences. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from office.lists import joined
from office.texts import localised
from people.models import Right, Role

from .keys import keys_at, known
from .parts import plain
from .schema import SHARES, Clause, Indicator, Rulebook, ShiftType


@dataclass(frozen=True)
class ShiftRow:
    """A shift type with the names of those it hands over to, the class of its colours, and what else is said of it."""

    shift: ShiftType
    successors: list[str]
    colours: str
    facts: list[str]


@dataclass(frozen=True)
class ClauseRow:
    """A clause, and in words what the system proposes incidents under it for."""

    clause: Clause
    proposed_for: str


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator with its figure, its method and what holds without a figure, each in words."""

    indicator: Indicator
    figure: str
    method: str
    without: str


@dataclass(frozen=True)
class RightRow:
    label: str
    roles: str


def shift_rows(rulebook: Rulebook) -> list[ShiftRow]:
    names = {shift.code: str(shift.name) for shift in rulebook.shifts}
    return [
        ShiftRow(
            shift,
            [names[code] for code in shift.hands_over_to],
            shift.palette[0],
            list(_shift_facts(shift, rulebook)),
        )
        for shift in rulebook.shifts
    ]


def _shift_facts(shift: ShiftType, rulebook: Rulebook) -> Iterator[str]:
    """On which days it is held, its unpaid breaks, and what it needs of people."""
    if shift.days:
        yield joined(known()["shifts", "[]", "days", "[]"].values[day] for day in shift.days)
    if shift.breaks_minutes:
        yield _("%(minutes)s min of unpaid breaks") % {"minutes": shift.breaks_minutes}
    if shift.night:
        yield _("counts as a night")
    if shift.needs:
        skills = {skill.code: str(skill.name) for skill in rulebook.skills}
        yield _("needs: %(skills)s") % {"skills": joined(skills[code] for code in shift.needs)}


def clause_rows(rulebook: Rulebook) -> list[ClauseRow]:
    events = known()["clauses", "[]", "trigger"].values
    return [ClauseRow(clause, events.get(clause.trigger or "", "")) for clause in rulebook.clauses]


def indicator_rows(rulebook: Rulebook) -> list[IndicatorRow]:
    figure = known()["scorecard", "indicators", "[]", "metric"].values
    without = known()["scorecard", "indicators", "[]", "no_figure"].values
    return [
        IndicatorRow(each, figure[each.metric], method(each), without[each.no_figure])
        for each in rulebook.scorecard.indicators
    ]


def method(indicator: Indicator) -> str:
    """How the figure becomes points, as a sentence."""
    made = indicator.method

    def figure(number: float) -> str:
        return f"{plain(number)} %" if indicator.metric in SHARES else plain(number)

    if made.linear:
        start, end = figure(made.linear.start), figure(made.linear.end)
        return _("0 at %(start)s, 100 at %(end)s, straight between.") % {"start": start, "end": end}
    if made.target:
        return _("100 from %(target)s on, in proportion below.") % {"target": figure(made.target)}
    if made.deduct:
        return _("100, less %(each)s for each; never below 0.") % {"each": plain(made.deduct.each)}
    answers = [f"{answer.name} {plain(answer.score)}" for answer in made.choice or ()]
    return _("Given by hand: %(answers)s.") % {"answers": joined(answers)}


def right_rows(rulebook: Rulebook) -> list[RightRow]:
    """Every right with its roles; a right that the version does not know yet is held by nobody."""
    return [
        RightRow(str(label), joined(Role(role).label for role in rulebook.rights.get(value, ())) or _("nobody"))
        for value, label in Right.choices
    ]


def at_clock_out(rulebook: Rulebook) -> str:
    return _choice(("notebooks", "handover_log", "at_clock_out"), rulebook.notebooks.handover_log.at_clock_out)


def fund_names(rulebook: Rulebook) -> str:
    return _choice(("fund", "names"), rulebook.fund.names)


def part_name(content: dict, place: str) -> str:
    """The part of a rulebook's content at a place of `places`, in words: "§ 7 Doing…", "Ladder · § 7 Doing…"."""
    node: object = content
    name, after = "", ""
    for step in place.split("."):
        if isinstance(node, list):
            position = int(step) - 1 if re.fullmatch("[1-9][0-9]{0,3}", step) else len(node)
            coded = next((item for item in node if isinstance(item, dict) and item.get("code") == step), None)
            node = coded or next(iter(node[position : position + 1]), None)
            if isinstance(node, dict) and (own := _own_name(node)):
                name, after = own, ""
        else:
            node = node.get(step) if isinstance(node, dict) else None
            after = step
    keys = keys_at(place)
    if name and not after:
        return name
    title = keys[0].title if keys else place
    return f"{title} · {name}" if name else title


def _own_name(item: dict) -> str:
    """What a part of a list is called: a clause by its number and first words, another by its name."""
    if "number" in item and "text" in item:
        return f"§ {item['number']} {Truncator(str(localised(item['text']))).chars(40)}"
    return str(localised(item["name"])) if "name" in item else ""


def _choice(path: tuple[str, ...], value: str) -> str:
    return known()[path].values[value]

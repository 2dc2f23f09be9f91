"""The first page of whoever decides, scores, collects or runs the house: a part for each right, each part once."""

from dataclasses import dataclass

from desk.board import Board, board_of
from desk.decide_part import DecidePart, decide_part
from desk.facts import Fact
from desk.house_part import HousePart, house_part
from desk.money_part import MoneyPart, money_part
from desk.month_part import MonthPart, month_part
from desk.requests_part import RequestsPart, requests_part
from people.access import may
from people.models import Department, Right
from rulebooks.models import RulebookVersion

# Who holds one of these has work of the office; others have the board or their own desk.
OFFICE_RIGHTS = frozenset({Right.SCORE_MONTH, Right.COLLECT_FINES, Right.MANAGE_MEMBERS, Right.EDIT_RULEBOOK})


@dataclass(frozen=True)
class RulebookPart:
    """The version in force and the one to come, for whoever changes them."""

    version: RulebookVersion | None
    coming: RulebookVersion | None


@dataclass(frozen=True)
class OfficeDay:
    """Every part is None for somebody without its right. `main` names the part with the page's one main button."""

    decide: DecidePart | None
    month: MonthPart | None
    money: MoneyPart | None
    board: Board | None
    house: HousePart | None
    rulebook: RulebookPart | None
    requests: RequestsPart | None = None

    @property
    def facts(self) -> list[Fact]:
        found: list[Fact] = []
        if self.decide and self.decide.decides:
            found.append(self.decide.fact)
        if self.month:
            found.append(self.month.fact)
        if self.board:
            found += [self.board.today_fact, self.board.waiting_fact]
        if self.money:
            found += self.money.facts
        if self.house:
            known = {fact.label for fact in found}
            found += [fact for fact in self.house.facts if fact.label not in known]
        return found

    @property
    def main(self) -> str:
        if self.month and self.month.is_due:
            return "month"
        if self.decide and self.decide.first:
            return "decide"
        if self.money and self.money.dues:
            return "money"
        return "house" if self.house else ""

    @property
    def is_empty(self) -> bool:
        return not any((self.decide, self.month, self.money, self.board, self.house, self.rulebook, self.requests))


def office_day_of(request, department: Department) -> OfficeDay:
    """The parts of this reader; a fixed number of queries."""
    house = house_part(request.user) if may(request, Right.MANAGE_MEMBERS) else None
    return OfficeDay(
        decide=decide_part(request, department),
        month=month_part(request, department),
        money=money_part(request, department),
        board=board_of(department) if may(request, Right.WATCH_SHIFTS) else None,
        house=house,
        # Whoever has the house has the rulebooks of all their departments there.
        rulebook=_rulebook(department) if may(request, Right.EDIT_RULEBOOK) and house is None else None,
        requests=requests_part(request, department),
    )


def _rulebook(department: Department) -> RulebookPart:
    today = department.today()
    versions = list(department.rulebook_versions.defer("source", "content").order_by("from_day", "number"))
    begun = [version for version in versions if version.from_day <= today]
    coming = [version for version in versions if version.from_day > today]
    return RulebookPart(begun[-1] if begun else None, coming[0] if coming else None)

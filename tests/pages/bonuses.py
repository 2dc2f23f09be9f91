"""The addresses of ledger bonuses, as rows of the table of pages."""

from typing import Any

from ledger import services
from ledger.models import Bonus, BonusState
from people.models import Right
from tests.pages.row import POST, Page, Who
from tests.pages.world import World

READING: Who = (Right.AWARD_BONUS, Right.COLLECT_FINES, Right.READ_SCORECARDS)


def proposed(world: World) -> Bonus:
    """A bonus of the subject's that waits; made when it is first asked for."""
    return _bonus(world, 1) or _made(world, 1)


def approved(world: World) -> Bonus:
    """One that is approved."""
    found = _bonus(world, 2)
    if found is None:
        found = _made(world, 2)
        actor = world.people[world.who_holds(Right.AWARD_BONUS, besides=(world.subject,))]
        services.approve_bonus(bonus=found, actor=actor, amount_fen=found.least_fen)
    return found


def _bonus(world: World, number: int) -> Bonus | None:
    return Bonus.objects.filter(membership=world.card, source_kind="shown", source_id=number).first()


def _made(world: World, number: int) -> Bonus:
    return services.propose_bonus(
        membership=world.card,
        code=next(iter(world.rulebook.bonuses)).code,
        business_date=world.department.today(),
        facts=world.words["issue"],
        source=("shown", number, world.words["issue"]),
    )


def waits(world: World) -> dict[str, Any]:
    return {"pk": proposed(world).pk}


def decided(world: World) -> dict[str, Any]:
    return {"pk": approved(world).pk}


def amount(world: World) -> dict[str, Any]:
    return {"amount_fen": str(proposed(world).least_fen // 100)}


def reason(world: World) -> dict[str, Any]:
    return {"reason": world.words["reason"]}


PAGES: list[Page] = [
    Page("ledger:bonuses"),
    Page("ledger:bonuses", query={"state": BonusState.PROPOSED}, as_="proposed"),
    Page("ledger:bonus", sees=READING, blanks=waits),
    Page("ledger:bonus", sees=(*READING, "subject"), blanks=decided, as_="approved"),
    Page("ledger:bonus_approve", POST, sees=READING, may=Right.AWARD_BONUS, blanks=waits, data=amount),
    Page("ledger:bonus_dismiss", POST, sees=READING, may=Right.AWARD_BONUS, blanks=waits, data=reason),
]

"""The addresses of handover/urls/metrics.py, as rows of the table of pages."""

from typing import Any

from people.models import Right
from tests.pages.row import Page, Who
from tests.pages.world import World

OWN: Who = (Right.READ_REGISTER, "subject")


def a_member(world: World) -> dict[str, Any]:
    return {"member": world.card.pk}


def behind(metric: str, *, member: bool = False):
    """The rows behind a figure of the month."""

    def query(world: World) -> dict[str, Any]:
        month = world.this_month
        whose = world.card.pk if member else ""
        return {"metric": metric, "member": whose, "from": month.first, "to": month.last}

    return query


def differing(group: str, *, member: bool = False):
    """The days of the month on which the notebook says something else."""

    def query(world: World) -> dict[str, Any]:
        month = world.this_month
        return {"group": group, "member": world.card.pk if member else "", "from": month.first, "to": month.last}

    return query


PAGES: list[Page] = [
    Page("handover:statistic_figures"),
    Page("handover:statistic_figures", query={"by": "week", "group": "sales"}, as_="of a week"),
    Page("handover:statistic_figures", query={"by": "day", "group": "replies"}, as_="of a day"),
    Page("handover:statistic_figures", may=OWN, query=a_member, as_="of a member"),
    Page("handover:statistic_rows", may=Right.READ_REGISTER, query=behind("served")),
    Page("handover:statistic_rows", may=Right.READ_REGISTER, query=behind("sales"), as_="of sales"),
    Page("handover:statistic_rows", may=Right.READ_REGISTER, query=behind("adherence"), as_="of shifts"),
    Page("handover:statistic_rows", may=Right.READ_REGISTER, query=behind("mean_acceptance"), as_="of items"),
    Page("handover:statistic_rows", may=OWN, query=behind("served", member=True), as_="of a member"),
    Page("handover:statistic_figures", query={"group": "shifts"}, as_="of shifts"),
    Page("handover:statistic_differences", may=Right.READ_REGISTER, query=differing("customers")),
    Page("handover:statistic_differences", may=OWN, query=differing("sales", member=True), as_="of a member"),
]

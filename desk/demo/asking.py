"""What the people of the demo have just asked for: a slip, a swap, a correction. What cannot be is left out."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product

from django.core.exceptions import ValidationError
from django.db import transaction

from desk.demo.scene import Scene
from people.models import Membership
from rulebooks.services import in_force
from shifts.models import Assignment, Attendance, SwapKind
from shifts.services import corrections, leave, swaps

DAYS_AHEAD = 12
LATER = timedelta(minutes=20)


def ask_for_something(scene: Scene) -> None:
    """The agent is asked for a swap; the supervisor finds a slip and a correction to decide."""
    agent = scene.people["agent"]
    others = [member for member in scene.crew if member != agent]
    _first(_slips(scene, others[0]))
    _first(_swaps(scene, others[1:], agent))
    _first(_corrections(others[-1]))


def _first(attempts: Iterator[Callable[[], object]]) -> None:
    for attempt in attempts:
        try:
            with transaction.atomic():
                attempt()
        except ValidationError:
            continue
        return


def _ahead(scene: Scene, member: Membership) -> list[Assignment]:
    rows = Assignment.objects.published().working().filter(membership=member)
    first = scene.today + timedelta(days=2)
    return list(rows.between(first, scene.today + timedelta(days=DAYS_AHEAD)).order_by("business_date"))


def _slips(scene: Scene, member: Membership) -> Iterator[Callable[[], object]]:
    rules = in_force(scene.department, scene.today).leave
    for kind, shift in product(rules.kinds if rules else (), _ahead(scene, member)):
        day = shift.business_date
        yield partial(
            leave.ask,
            membership=member,
            kind=kind.code,
            first_day=day,
            last_day=day,
            reason="孩子家长会，请一天假",
            actor=member.user,
        )


def _swaps(scene: Scene, members: list[Membership], partner: Membership) -> Iterator[Callable[[], object]]:
    if in_force(scene.department, scene.today).swaps is None:
        return
    theirs = _ahead(scene, partner)
    for member in members:
        for mine, other in product(_ahead(scene, member), theirs):
            yield partial(
                swaps.offer,
                kind=SwapKind.SWAP,
                assignment=mine,
                partner=partner,
                partner_assignment=other,
                reason="那天晚上要去接人",
                actor=member.user,
            )


def _corrections(member: Membership) -> Iterator[Callable[[], object]]:
    worked = Attendance.objects.filter(membership=member, clocked_out_at__isnull=False).select_related("assignment")
    for attendance in worked.order_by("-planned_start")[:5]:
        yield partial(
            corrections.ask,
            assignment=attendance.assignment,
            came_at=attendance.planned_start,
            left_at=attendance.planned_end + LATER,
            reason="下班前网络断了，实际多留了二十分钟",
            actor=member.user,
        )

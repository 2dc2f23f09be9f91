from celery import shared_task

from . import services
from .services import duty_making, swaps, watch


@shared_task
def extend_shifts() -> None:
    """Record the extension of shifts that run past their planned end."""
    services.extend_running_shifts()


@shared_task
def look_through_shifts() -> None:
    """Find who was late, absent, off post or missed a duty since the last look, and propose what the rulebook says."""
    watch.look_through_all()


@shared_task
def make_due_turns() -> None:
    """Give out the duties of this month and the next where the roster is published."""
    duty_making.make_due_turns()


@shared_task
def end_overdue_swaps() -> None:
    """End swaps that were asked or agreed and whose first shift has begun meanwhile."""
    swaps.end_overdue()

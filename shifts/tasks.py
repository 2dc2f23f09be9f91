from celery import shared_task

from . import services


@shared_task
def extend_shifts() -> None:
    """Record the extension of shifts that run past their planned end."""
    services.extend_running_shifts()

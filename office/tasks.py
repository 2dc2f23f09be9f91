from celery import shared_task

from . import jobs


@shared_task
def queue_stale_jobs() -> None:
    """Send again the jobs whose message was lost or whose worker died."""
    jobs.queue_stale()

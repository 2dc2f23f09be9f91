"""manage.py score_month MONTH --department CODE [--queue]"""

import time

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from kpi import services, tasks
from office.models import Job, JobState
from office.months import Month
from people.models import Department

# A worker may have taken the job before us; then we wait for it, but not for ever.
LONGEST_WAIT_SECONDS = 600
LOOK_EVERY_SECONDS = 0.5


class Command(BaseCommand):
    help = "Score a department's month, by the same job as the button. Scoring again changes only what has changed."

    def add_arguments(self, parser):
        parser.add_argument("month", help="the month, as 2026-10")
        parser.add_argument("--department", required=True, metavar="CODE")
        parser.add_argument("--queue", action="store_true", help="leave the work to a worker and return at once")

    def handle(self, *, month: str, department: str, queue: bool, **options):
        try:
            wanted = Month.parse(month)
        except ValueError as error:
            raise CommandError(str(error)) from None
        found = Department.objects.filter(code=department).first()
        if found is None:
            raise CommandError(f"--department {department}: there is none with this code.")
        try:
            job = services.start_scoring(department=found, month=wanted, actor=None)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        if queue:
            self.stdout.write(f"{found.code} {wanted}: job {job.pk} is queued.")
            return
        # In this process, so that it works where no worker runs; nothing happens when a worker was quicker.
        tasks.score_month(job.pk)
        self._report(self._finished(job.pk), f"{found.code} {wanted}")

    def _finished(self, pk: int) -> Job:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            job = Job.objects.get(pk=pk)
            if job.is_finished:
                return job
            if time.monotonic() > deadline:
                raise CommandError(f"job {pk} is still under way in a worker; look at it later.")
            time.sleep(LOOK_EVERY_SECONDS)

    def _report(self, job: Job, what: str) -> None:
        if job.state != JobState.DONE:
            raise CommandError(f"{what}: {job.error or job.get_state_display()}")
        self.stdout.write(f"{what}: {job.result['scorecards']} scorecards, counted up to {job.result['as_of']}.")

"""manage.py score_month MONTH --department CODE [--queue]"""

import time

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
            raise CommandError(_("%(text)s is no month; write it as 2026-10.") % {"text": month}) from error
        found = Department.objects.filter(code=department).first()
        if found is None:
            raise CommandError(_("No department has the code %(code)s.") % {"code": department})
        try:
            job = services.start_scoring(department=found, month=wanted, actor=None)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        if queue:
            queued = _("%(what)s: job %(number)s waits for a worker.")
            self.stdout.write(queued % {"what": f"{found.code} {wanted}", "number": job.pk})
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
                raise CommandError(
                    _("Job %(number)s is still under way in a worker; look at it later.") % {"number": pk}
                )
            time.sleep(LOOK_EVERY_SECONDS)

    def _report(self, job: Job, what: str) -> None:
        if job.state != JobState.DONE:
            raise CommandError(f"{what}: {job.error or job.get_state_display()}")
        count = job.result["scorecards"]
        said = ngettext(
            "%(what)s: %(count)s scorecard, counted up to %(when)s.",
            "%(what)s: %(count)s scorecards, counted up to %(when)s.",
            count,
        )
        self.stdout.write(said % {"what": what, "count": count, "when": job.result["as_of"]})

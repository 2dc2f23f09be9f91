"""manage.py import_rulebook FILE --department CODE --from DATE"""

from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from office.months import Month
from people.models import Department
from rulebooks.changes import changes
from rulebooks.reading import LARGEST_FILE, RulebookMistakes
from rulebooks.services import import_rulebook, version_by_id


class Command(BaseCommand):
    help = "Publish a rulebook file as a department's next version. With a mistake in it, nothing is stored."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--department", required=True, metavar="CODE")
        parser.add_argument("--from", required=True, dest="from_day", metavar="DATE", help="first day, as 2026-11-01")
        parser.add_argument(
            "--back-dated",
            action="store_true",
            help="let it hold from a day that is past, over the version in force then",
        )

    def handle(self, *, file: Path, department: str, from_day: str, back_dated: bool, **options):
        try:
            with file.open("rb") as opened:
                source = opened.read(LARGEST_FILE + 1)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        try:
            first_day = date.fromisoformat(from_day)
            Month.of(first_day)
        except ValueError:
            wanted = _("Write the day as 2026-11-01.")
            raise CommandError(f"--from {from_day}: {wanted}") from None
        found = Department.objects.filter(code=department).first()
        if found is None:
            raise CommandError(_("No department has the code %(code)s.") % {"code": department})
        if first_day < found.today() and found.rulebook_versions.exists() and not back_dated:
            raise CommandError(
                _("%(day)s is past: what happened since would be judged by the new version. If so, add --back-dated.")
                % {"day": first_day}
            )
        before = found.rulebook_versions.first()
        try:
            version = import_rulebook(department=found, source=source, from_day=first_day, actor=None)
        except RulebookMistakes as error:
            lines = [mistake.in_file(file) for mistake in error.mistakes]
            raise CommandError("\n".join([*lines, _("Nothing was stored.")])) from None
        except ValidationError as refusal:
            raise CommandError(" ".join([*refusal.messages, _("Nothing was stored.")])) from None
        facts = {"code": found.code, "number": version.number, "day": version.from_day}
        self.stdout.write(_("%(code)s: version %(number)s holds from %(day)s.") % facts)
        if before is not None:
            for change in changes(version_by_id(before.pk), version_by_id(version.pk)):
                self.stdout.write(f"  {change}")

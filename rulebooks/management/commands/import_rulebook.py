"""manage.py import_rulebook FILE --department CODE --from DATE"""

from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from office.months import Month
from people.models import Department
from rulebooks.reading import LARGEST_FILE, RulebookMistakes
from rulebooks.services import import_rulebook


class Command(BaseCommand):
    help = "Publish a rulebook file as a department's next version. With a mistake in it, nothing is stored."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--department", required=True, metavar="CODE")
        parser.add_argument("--from", required=True, dest="from_day", metavar="DATE", help="first day, as 2026-11-01")

    def handle(self, *, file: Path, department: str, from_day: str, **options):
        try:
            with file.open("rb") as opened:
                source = opened.read(LARGEST_FILE + 1)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        try:
            first_day = date.fromisoformat(from_day)
            Month.of(first_day)
        except ValueError:
            raise CommandError(f"--from {from_day}: write the day as 2026-11-01.") from None
        found = Department.objects.filter(code=department).first()
        if found is None:
            raise CommandError(f"--department {department}: there is none with this code.")
        try:
            version = import_rulebook(department=found, source=source, from_day=first_day, actor=None)
        except RulebookMistakes as error:
            lines = "\n".join(mistake.in_file(file) for mistake in error.mistakes)
            raise CommandError(f"{lines}\nNothing was stored.") from None
        except ValidationError as refusal:
            raise CommandError(f"{' '.join(refusal.messages)} Nothing was stored.") from None
        self.stdout.write(f"{found.code}: version {version.number} holds from {version.from_day}.")

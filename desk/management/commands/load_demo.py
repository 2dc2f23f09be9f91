"""manage.py load_demo [--seed S] [--if-empty]"""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from desk.demo import load_demo
from people.models import Department


class Command(BaseCommand):
    help = "Make the demo department: last month worked and scored, this month running, next month in draft."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1, help="the same seed on the same day gives the same demo")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where any department exists")

    def handle(self, *, seed: int, if_empty: bool, **options):
        if if_empty and Department.objects.exists():
            return
        try:
            department = load_demo(seed=seed, say=self.stdout.write)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{department.name} ({department.code})")

"""manage.py load_demo [--rulebook NAME] [--seed S] [--at INSTANT] [--if-empty]"""

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from desk.demo import load_demo
from desk.demo.cast import DEMOS
from office import clock
from people.models import Department

BY_RULEBOOK = {Path(demo.rulebook).stem: demo for demo in DEMOS}
# A time without an offset is the wall clock of the demo departments.
ZONE = ZoneInfo("Asia/Shanghai")


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


class Command(BaseCommand):
    help = "Make a demo department: last month worked and scored, this month running, next month in draft."

    def add_arguments(self, parser):
        parser.add_argument(
            "--rulebook", choices=BY_RULEBOOK, default=next(iter(BY_RULEBOOK)), help="the rulebook that it lives by"
        )
        parser.add_argument("--seed", type=int, default=1, help="the same seed on the same day gives the same demo")
        parser.add_argument(
            "--at", type=instant, help="the instant at which it stands, for example 2026-11-20T20:40+08:00; else now"
        )
        parser.add_argument("--if-empty", action="store_true", help="do nothing where any department exists")

    def handle(self, *, rulebook: str, seed: int, at: datetime | None, if_empty: bool, **options):
        if if_empty and Department.objects.exists():
            return
        try:
            with clock.at(at) if at else nullcontext():
                department = load_demo(BY_RULEBOOK[rulebook], seed=seed, say=self.stdout.write)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{department.name} ({department.code})")

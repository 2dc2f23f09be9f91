"""manage.py demo_accounts"""

from django.core.management.base import BaseCommand

from desk.accounts import demo_departments


class Command(BaseCommand):
    help = "Print one account per role of each demo department; nothing where none is loaded."

    def handle(self, **options):
        departments = demo_departments()
        for department in departments:
            if len(departments) > 1:
                self.stdout.write(f"{department.name} ({department.code})")
            for account in department.accounts:
                self.stdout.write(f"{account.role:<12} {account.username:<20} {account.password:<12} {account.name}")

"""manage.py demo_accounts"""

from django.core.management.base import BaseCommand

from desk.accounts import demo_accounts


class Command(BaseCommand):
    help = "Print one account per role of the demo department; nothing where it is not loaded."

    def handle(self, **options):
        for account in demo_accounts():
            self.stdout.write(f"{account.role:<12} {account.username:<12} {account.password:<12} {account.name}")

"""manage.py describe_rulebook [--check]"""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from rulebooks.describe import reference

PAGES = {"en": "docs/rulebook.md", "zh-hans": "docs/rulebook.zh-CN.md"}


class Command(BaseCommand):
    help = "Write the reference of the rulebook file in each language from the schema; --check only says what is old."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is not up to date")

    def handle(self, *, check: bool, **options):
        old = []
        for language, name in PAGES.items():
            with translation.override(language):
                page = reference()
            path = Path(settings.BASE_DIR) / name
            if path.is_file() and path.read_text(encoding="utf-8") == page:
                continue
            old.append(name)
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(page, encoding="utf-8")
                self.stdout.write(f"{name}: written")
        if check and old:
            raise CommandError(f"{', '.join(old)}: not what the schema says (run: manage.py describe_rulebook)")

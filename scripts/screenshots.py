"""`make screenshots`: the pictures of the README, taken from a demo department that lives at a fixed instant.

Makes everything in a folder that is thrown away: database, demo, server. The clock of this process stands at MOMENT,
so the same sources give the same pictures. Needs Chromium (CHROMIUM names another one); writes
docs/images/<page>-<language>.png.
"""

import os
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
# A Tuesday evening in November: a night shift runs, October is scored.
MOMENT = datetime.fromisoformat("2026-11-17T20:40+08:00")
DESK: "ViewportSize" = {"width": 1440, "height": 900}
PHONE: "ViewportSize" = {"width": 390, "height": 844}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
# Page, who looks at it, address, window.
PICTURES = (
    ("today", "supervisor", "/d/{code}/", DESK),
    ("roster", "supervisor", "/d/{code}/roster/2026-11/", DESK),
    ("handover", "agent", "/d/{code}/handover/", PHONE),
    ("desk", "agent", "/d/{code}/", PHONE),
    ("fund", "finance", "/d/{code}/fund/", DESK),
    ("scorecard", "manager", "/d/{code}/scores/2026-10/{card}/", DESK),
)


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or which("chromium") or which("chromium-browser") or which("google-chrome")
    if chromium is None:
        sys.exit("screenshots: no Chromium on this machine (on Debian: apt-get install chromium)")
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="banzu-screenshots-") as var:
        settings = {"SECRET_KEY": "for the pictures", "VAR_DIR": var, "DEMO": "on", "PLAIN_STATIC": "on"}
        engines = {"SECURE_COOKIES": "off", "DATABASE_URL": f"sqlite:///{var}/db.sqlite3", "REDIS_URL": ""}
        os.environ.update(settings | engines, LOG_LEVEL="ERROR", DJANGO_SETTINGS_MODULE="config.settings")
        # Playwright runs an event loop in this thread, and Django would refuse the ORM beside it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        import django

        django.setup()
        from office import clock

        with clock.at(MOMENT):
            take(chromium, *serve_demo())


def serve_demo() -> tuple[str, dict[str, str]]:
    """The address of a server on a fresh demo department, and what the addresses of PICTURES need."""
    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    from desk.accounts import DEMO_CODE
    from kpi.models import Scorecard

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args):
            pass

    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    best = Scorecard.objects.filter(run__department__code=DEMO_CODE).order_by("rank", "pk").first()
    if best is None:
        sys.exit("screenshots: the demo has no scorecard")
    return f"http://127.0.0.1:{server.server_port}", {"code": DEMO_CODE, "card": str(best.membership_id)}


def take(chromium: str, base: str, names: dict[str, str]) -> None:
    from playwright.sync_api import sync_playwright

    from desk.accounts import DEMO_PASSWORD

    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for language, locale in LANGUAGES.items():
            for page_name, username, address, window in PICTURES:
                context = browser.new_context(viewport=window, locale=locale, base_url=base, color_scheme="light")
                page = context.new_page()
                page.goto("/accounts/login/")
                page.fill("input[name=login]", username)
                page.fill("input[name=password]", DEMO_PASSWORD)
                page.click("form#login button[type=submit]")
                page.wait_for_load_state("networkidle")
                answer = page.goto(address.format(**names))
                if answer is None or not answer.ok:
                    sys.exit(f"screenshots: {address} answered {answer and answer.status}")
                page.wait_for_load_state("networkidle")
                target = IMAGES / f"{page_name}-{language}.png"
                page.screenshot(path=target, animations="disabled", caret="hide")
                print(target.relative_to(ROOT))
                context.close()
        browser.close()


if __name__ == "__main__":
    main()

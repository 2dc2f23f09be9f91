"""Every page of every role without findings of axe (WCAG 2.2 A and AA), wide and light, narrow and dark."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command

from desk.accounts import DEMO_CODE
from ledger.models import Incident, Sanction
from office import clock
from people.models import Department, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_trouble"), pytest.mark.slow]

# 20:40 in Shanghai: a night shift runs.
EVENING = datetime(2026, 11, 3, 12, 40, tzinfo=UTC)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def pages():
    """(user name, addresses) with something on every page."""
    base = f"/d/{DEMO_CODE}"
    incident = Incident.objects.order_by("pk").first()
    fine = Sanction.objects.fines().with_due().filter(due_fen__gt=0).first()
    card = Department.objects.get(code=DEMO_CODE).memberships.scored().first()
    item = f"{base}/handover/items/{card.department.handover_items.first().pk}/"
    return {
        "agent": ["", "end-shift/", "handover/", "handover/new/", "issues/", "statistics/", "roster/2026-11/"],
        "supervisor": ["", "roster/2026-12/", "incidents/", "incidents/new/", "scores/2026-10/"],
        "manager": [f"incidents/{incident.pk}/", "scores/2026-10/", f"scores/2026-10/{card.pk}/", "rulebook/"],
        "finance": ["", "fund/", "dues/", f"dues/{fine.pk}/pay/"] if fine else ["", "fund/", "dues/"],
        "owner": ["", item.removeprefix(f"{base}/")],
    }


def trouble(page, axe, address):
    """The findings on a page as short lines; also when it scrolls sideways."""
    found = [
        f"{address}: {violation['id']} {[node['target'] for node in violation['nodes']][:3]}"
        for violation in axe.run(page, options=RULES).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{address}: scrolls sideways")
    return found


def test_no_page_has_a_finding(sit_down, live_server):
    with clock.at(EVENING):
        call_command("load_demo", stdout=StringIO())
        axe, found = Axe(), []
        for username, addresses in pages().items():
            user = User.objects.get(username=username)
            for phone in (False, True):
                page = sit_down(user, phone=phone)
                # Colours do not depend on the width, nor places on the colours: each is looked at once.
                page.emulate_media(color_scheme="dark" if phone else "light")
                for address in [f"/d/{DEMO_CODE}/{tail}" for tail in addresses] + ["/notices/"]:
                    assert page.goto(address).status == 200, address
                    found += trouble(page, axe, f"{username} {address} {'360 dark' if phone else '1440'}")
                page.context.close()
        page = sit_down(phone=True)
        page.goto("/accounts/login/")
        found += trouble(page, axe, "login")
    assert found == [], "\n".join(found)

"""The pages that stand side by side above those of the roster."""

from datetime import date

import pytest
from django.urls import reverse

from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY

pytestmark = pytest.mark.django_db


def labels(client, department):
    answer = client.get(reverse("shifts:roster", kwargs={"code": department.code, "month": "2026-11"}))
    return [item.label for item in answer.context["beside"]]


def test_what_the_rulebook_has_no_section_for_has_no_tab(department, agent, client_of):
    shown = labels(client_of(agent), department)
    assert {"Roster", "Swaps", "Leave", "Attendance"} <= set(shown)
    # The rulebook of these tests says nothing about duties.
    assert "Duties" not in shown


def test_without_swaps_and_leave_the_others_stay(department, agent, client_of):
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    begin, end = source.index("\nleave:"), source.index("\nrotations:")
    without = (source[:begin] + source[end:]).encode()
    import_rulebook(department=department, source=without, from_day=date(2026, 10, 1), actor=None)
    shown = labels(client_of(agent), department)
    assert shown == ["Roster", "Attendance", "Business calendar", "Calendar feed"]

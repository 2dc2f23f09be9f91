"""Two operating-system processes confirm two incidents of one agent at the same moment."""

import json

import pytest
from django.db import connection, transaction

from ledger.models import JournalEntry, Sanction
from ledger.services import lock_head, verify_ledger
from tests.processes import at_once


def confirm_at_once(incidents, actor, *options):
    """One process an incident, all let go together; what each says, in the order of the incidents."""
    module = ("-m", "tests.ledger.confirming")
    told = at_once(*[(*module, str(incident.pk), str(actor.pk), *options) for incident in incidents])
    return [json.loads(line) for line in told]


@pytest.fixture
def two_reports(report, agent):
    return [report(agent, when="2026-11-10 10:00"), report(agent, when="2026-11-11 10:00")]


def make_head(department):
    """A head that is there already: without it the first writer would lock the others out by making it."""
    with transaction.atomic():
        lock_head(department)


def assert_steps_one_and_two(said, department):
    assert [each.get("error") for each in said] == [None, None]
    one, other = said
    assert one["began"] < other["ended"] and other["began"] < one["ended"], "they did not overlap: nothing is proved"
    assert sorted((each["step"], each["entry"]) for each in said) == [(1, 1), (2, 2)]
    assert sorted(Sanction.objects.values_list("step", "amount_fen")) == [(1, 1000), (2, 3000)]
    assert sorted(JournalEntry.objects.values_list("number", flat=True)) == [1, 2]
    proof = verify_ledger(department)
    assert (proof.fault, proof.entries, proof.outstanding_fen) == (None, 2, 4000)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the embedded engine's")
@pytest.mark.parametrize("has_head", [True, False], ids=["head there", "first entry ever"])
def test_two_processes_take_steps_one_and_two_on_a_file(two_reports, manager, department, has_head):
    if has_head:
        make_head(department)
    assert_steps_one_and_two(confirm_at_once(two_reports, manager), department)


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_head", [True, False], ids=["head there", "first entry ever"])
def test_two_processes_take_steps_one_and_two(two_reports, manager, department, has_head):
    if has_head:
        make_head(department)
    assert_steps_one_and_two(confirm_at_once(two_reports, manager), department)


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_take_step_one(report, agent, manager, department):
    """The overlap is real. Steps without a fine, so that no number of an entry gets in the way either."""
    make_head(department)
    reports = [report(agent, clause="handover-missing", when=f"2026-11-{day} 10:00") for day in (10, 11)]
    said = confirm_at_once(reports, manager, "--no-lock")
    assert [(each.get("error"), each.get("step")) for each in said] == [(None, 1), (None, 1)]

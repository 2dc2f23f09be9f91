"""The audit trail: who did what to which row, and what it was before and after."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy

from office import audit, clock
from office.models import AuditEntry

pytestmark = pytest.mark.django_db


def stored(entry) -> dict:
    return AuditEntry.objects.get(pk=entry.pk).facts


def test_an_entry_says_who_did_what_to_which_row_and_when(agent, supervisor):
    moment = datetime(2026, 11, 10, 8, tzinfo=UTC)
    with clock.at(moment):
        entry = audit.record(supervisor, "tests.did", agent.membership)
    entry.refresh_from_db()
    assert (entry.actor, entry.action, entry.at) == (supervisor, "tests.did", moment)
    assert (entry.target_kind, entry.target_id) == ("people.membership", agent.membership.pk)
    assert entry.target_label == str(agent.membership)
    assert entry.facts == {}


def test_its_department_is_the_targets_unless_another_is_named(agent, department, other_department):
    assert audit.record(None, "tests.did", agent.membership).department == department
    assert audit.record(None, "tests.did", agent.membership, department=other_department).department == other_department
    assert audit.record(None, "tests.did", agent).department is None


def test_the_system_is_nobody(agent):
    assert audit.record(None, "tests.did", agent).actor is None


def test_facts_hold_rows_dates_amounts_and_texts(agent):
    entry = audit.record(
        agent,
        "tests.did",
        agent.membership,
        before={"until": date(2026, 11, 1), "who": agent},
        after=None,
        rows=[agent, agent.membership],
        at=datetime(2026, 11, 10, 8, tzinfo=UTC),
        share=Decimal("0.25"),
        label=gettext_lazy("Agent"),
        text="“早班”",
        nothing=None,
        amount_fen=10**12,
    )
    assert stored(entry) == {
        "before": {"until": "2026-11-01", "who": agent.pk},
        "rows": [agent.pk, agent.membership.pk],
        "at": "2026-11-10T08:00:00Z",
        "share": "0.25",
        "label": str(gettext_lazy("Agent")),
        "text": "“早班”",
        "nothing": None,
        "amount_fen": 10**12,
    }


def test_nothing_before_is_left_out_and_false_is_not(agent):
    assert stored(audit.record(agent, "tests.did", agent, before=False, after=0)) == {"before": False, "after": 0}


def test_a_long_label_is_cut_and_not_refused(department, agent):
    department.name = "很" * 500
    assert audit.record(agent, "tests.did", department).target_label == "很" * 200


def test_what_cannot_be_written_down_is_the_programmers_mistake(agent):
    with pytest.raises(TypeError):
        audit.record(agent, "tests.did", agent, what=object())


def test_an_entry_goes_with_the_transaction_that_it_is_about(agent):
    count = AuditEntry.objects.count()
    with transaction.atomic():
        audit.record(agent, "tests.did", agent)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == count


def test_the_newest_stands_first(agent):
    first, second = audit.record(agent, "tests.one", agent), audit.record(agent, "tests.two", agent)
    assert list(AuditEntry.objects.filter(action__startswith="tests.")) == [second, first]

"""Reporting, confirming and dismissing: what is refused, what is written, who is told."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from ledger import services
from ledger.models import AccountKind, Incident, IncidentState, JournalEntry, Posting, Sanction, SanctionKind
from office import clock
from office.models import AuditEntry, Notice
from rulebooks.services import NoRulebook, import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person

pytestmark = pytest.mark.django_db


def code_of(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    return refusal.value.error_list[0].code


def texts_of(user):
    with translation.override("en"):
        return [notice.text for notice in Notice.objects.filter(recipient=user)]


# ── Reporting ──


def test_a_report_keeps_the_clause_as_it_reads(report, agent, supervisor, rulebook):
    incident = report(agent, facts="  Watched a film  ")
    assert incident.state == IncidentState.REPORTED
    assert incident.facts == "Watched a film"
    assert incident.business_date == date(2026, 11, 10)
    assert incident.rulebook_version_id == rulebook.version_id
    assert (incident.clause_number, incident.clause_text) == ("7", rulebook.clause("off-task").text.both)
    assert incident.reported_by == supervisor
    assert not Sanction.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_report_just_after_midnight_belongs_to_the_day_it_happened_on(report, agent):
    assert report(agent, when="2026-11-11 00:30").business_date == date(2026, 11, 11)


def test_those_who_decide_are_told_but_not_the_reporter_nor_the_person_concerned(
    report, agent, supervisor, manager, department
):
    other_manager = add_person(department, name="副经理", roles=["manager"])
    report(agent, by=manager)
    assert texts_of(manager) == []
    assert texts_of(other_manager) == ["An incident waits for a decision: § 7, 林晓彤, 2026-11-10."]
    report(other_manager, when="2026-11-11 10:00")
    assert len(texts_of(other_manager)) == 1
    assert len(texts_of(manager)) == 1
    assert texts_of(agent) == texts_of(supervisor) == []


def test_a_report_stands_in_the_audit_trail(report, agent, supervisor):
    incident = report(agent)
    entry = AuditEntry.objects.get(action="ledger.incident.reported")
    assert (entry.actor, entry.target_id, entry.facts["clause"]) == (supervisor, incident.pk, "off-task")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"when": "2026-11-20 12:01"}, "in_future"),
        ({"clause": "no-such-clause"}, "unknown_clause"),
        ({"clause": ""}, "unknown_clause"),
        ({"facts": " \n "}, "no_facts"),
        ({"facts": "x" * 2001}, "too_long"),
        ({"when": "2025-12-31 23:59"}, "not_member"),
    ],
)
def test_what_cannot_be_reported(report, agent, change, code):
    assert code_of(lambda: report(agent, **change)) == code
    assert not Incident.objects.exists()


def test_an_instant_without_a_zone_is_no_instant(now, agent, supervisor):
    with pytest.raises(TypeError):
        services.report_incident(
            actor=supervisor,
            membership=agent.membership,
            clause_code="off-task",
            occurred_at=datetime(2026, 11, 10, 10, 0),  # noqa: DTZ001
            facts="Watched a film",
        )


def test_somebody_who_has_left_is_reported_up_to_the_last_day(report, agent):
    membership = agent.membership
    membership.until_day = date(2026, 11, 9)
    membership.save(update_fields=["until_day"])
    assert code_of(lambda: report(agent, when="2026-11-10 10:00")) == "not_member"
    assert report(agent, when="2026-11-09 23:59").pk


def test_before_the_first_rulebook_nothing_can_be_broken(now, department, supervisor):
    early = add_person(department, name="老员工", from_day=date(2025, 1, 1))
    with pytest.raises(NoRulebook):
        services.report_incident(
            actor=supervisor,
            membership=early.membership,
            clause_code="off-task",
            occurred_at=datetime(2025, 6, 1, 10, 0, tzinfo=department.zone),
            facts="Watched a film",
        )


def test_one_source_proposes_once(report, agent, colleague):
    source = ("shifts.clockevent", 17, "Late by 22 min")
    first = report(agent, clause="late", by=None, source=source)
    assert report(agent, clause="late", by=None, source=source) == first
    assert report(colleague, clause="late", by=None, source=source) != first
    assert (first.reported_by, first.source_label) == (None, "Late by 22 min")
    assert Incident.objects.count() == 2


# ── Confirming ──


def test_the_ladder_goes_fine_fine_proposal_and_stays_there(confirm, agent):
    steps = [confirm(agent, when=f"2026-11-{day:02} 10:00").outcome for day in (3, 4, 5, 6)]
    assert [(s.count, s.step, s.kind, s.amount_fen) for s in steps] == [
        (1, 1, SanctionKind.FINE, 1000),
        (2, 2, SanctionKind.FINE, 3000),
        (3, 3, SanctionKind.PROPOSAL, 0),
        (4, 3, SanctionKind.PROPOSAL, 0),
    ]
    assert steps[2].text == {"zh-Hans": "建议辞退", "en": "Dismissal"}


def test_the_sanction_keeps_what_it_was_judged_by(confirm, agent, rulebook):
    first = confirm(agent, when="2026-11-03 10:00")
    sanction = confirm(agent, when="2026-11-05 10:00").outcome
    assert sanction.rulebook_version_id == rulebook.version_id
    assert sanction.clause_code == "off-task"
    assert sanction.window == {
        "kind": "calendar_month",
        "days": None,
        "first": "2026-11-01",
        "last": "2026-11-30",
        "incidents": [first.pk],
    }
    assert sanction.due_day == date(2026, 11, 27)


def test_each_month_begins_anew(confirm, agent):
    assert confirm(agent, when="2026-10-31 23:59").outcome.step == 1
    assert confirm(agent, when="2026-11-01 00:00").outcome.step == 1
    assert confirm(agent, when="2026-10-01 00:00").outcome.step == 2


def test_other_people_and_other_clauses_do_not_count(confirm, agent, colleague):
    confirm(colleague, when="2026-11-03 10:00")
    confirm(agent, clause="handover-missing", when="2026-11-03 10:00")
    assert confirm(agent, when="2026-11-05 10:00").outcome.step == 1


def test_reported_and_dismissed_incidents_do_not_count(report, confirm, agent, manager):
    report(agent, when="2026-11-03 10:00")
    dismissed = report(agent, when="2026-11-04 10:00")
    services.dismiss_incident(incident=dismissed, actor=manager, reason="She had leave to do so")
    assert confirm(agent, when="2026-11-05 10:00").outcome.step == 1


def test_confirming_the_later_one_first_gives_no_step_twice(report, agent, manager):
    early, late = report(agent, when="2026-11-03 10:00"), report(agent, when="2026-11-05 10:00")
    assert services.confirm_incident(incident=late, actor=manager).outcome.step == 1
    assert services.confirm_incident(incident=early, actor=manager).outcome.step == 2


def test_a_fine_is_posted_sealed_and_chained(confirm, agent, manager):
    incident = confirm(agent)
    entry = incident.outcome.entry
    assert (entry.number, entry.kind, entry.business_date) == (1, "fine", date(2026, 11, 20))
    assert (entry.source_kind, entry.source_id) == ("ledger.incident", incident.pk)
    assert entry.sealed_at == clock.now()
    assert entry.previous_hash == ""
    lines = {(line.account.kind, line.account.membership): line.amount_fen for line in entry.postings.all()}
    assert lines == {(AccountKind.RECEIVABLE, agent.membership): 1000, (AccountKind.FINE_INCOME, None): -1000}
    second = confirm(agent, when="2026-11-11 10:00").outcome.entry
    assert (second.number, second.previous_hash) == (2, entry.hash)
    head = entry.department.ledger_head
    assert (head.number, head.hash) == (2, second.hash)


def test_a_warning_and_a_clause_without_a_ladder_post_nothing(confirm, agent):
    warning = confirm(agent, clause="late").outcome
    assert (warning.kind, warning.amount_fen, warning.entry, warning.due_day) == ("warning", 0, None, None)
    assert confirm(agent, clause="complaint").outcome is None
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("off-task", "Incident of 2026-11-10, § 7, confirmed: a fine of 10.00 yuan, to be paid by 2026-11-27."),
        ("late", "Incident of 2026-11-10, § 6, confirmed: Spoken warning."),
        ("complaint", "Incident of 2026-11-10, § 4, confirmed. The clause sets no penalty."),
    ],
)
def test_the_member_is_told_what_it_led_to(confirm, agent, clause, text):
    confirm(agent, clause=clause)
    assert texts_of(agent) == [text]


def test_it_is_judged_by_the_rulebook_of_its_day(confirm, agent, department, manager):
    dearer = (LIBRARY / "three-shift-desk.yaml").read_bytes().replace(b"fine_yuan: 10}", b"fine_yuan: 12.5}")
    first = confirm(agent, when="2026-10-20 10:00").outcome
    second_version = import_rulebook(department=department, source=dearer, from_day=date(2026, 11, 1), actor=None)
    old = confirm(agent, when="2026-10-21 10:00").outcome
    new = confirm(agent, when="2026-11-02 10:00").outcome
    # Counts run by clause code, so the same month under the old version goes on; the new month starts its own.
    assert [(s.step, s.amount_fen) for s in (first, old, new)] == [(1, 1000), (2, 3000), (1, 1250)]
    assert new.rulebook_version_id == second_version.pk
    assert old.rulebook_version_id == first.rulebook_version_id


def test_a_version_published_after_the_report_judges_it_if_it_was_in_force(report, agent, department, manager):
    incident = report(agent, when="2026-11-10 10:00")
    dearer = (LIBRARY / "three-shift-desk.yaml").read_bytes().replace(b"fine_yuan: 10}", b"fine_yuan: 12.5}")
    import_rulebook(department=department, source=dearer, from_day=date(2026, 11, 1), actor=None)
    sanction = services.confirm_incident(incident=incident, actor=manager).outcome
    assert sanction.amount_fen == 1250
    assert sanction.rulebook_version_id != incident.rulebook_version_id


def test_a_clause_that_is_gone_from_the_version_in_force_cannot_be_confirmed(report, agent, department, manager):
    incident = report(agent, clause="complaint", when="2026-11-10 10:00")
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes().replace(b"code: complaint", b"code: grievance")
    import_rulebook(department=department, source=source, from_day=date(2026, 11, 1), actor=None)
    assert code_of(lambda: services.confirm_incident(incident=incident, actor=manager)) == "unknown_clause"
    assert Incident.objects.get().state == IncidentState.REPORTED


def test_a_confirmed_incident_is_not_confirmed_again(confirm, agent, manager):
    incident = confirm(agent)
    assert code_of(lambda: services.confirm_incident(incident=incident, actor=manager)) == "already_decided"
    assert (
        code_of(lambda: services.dismiss_incident(incident=incident, actor=manager, reason="Mistake"))
        == "already_decided"
    )
    assert Sanction.objects.count() == JournalEntry.objects.count() == 1


def test_reporter_and_decider_are_different_people(report, agent, manager):
    own = report(agent, by=manager)
    assert code_of(lambda: services.confirm_incident(incident=own, actor=manager)) == "own_report"
    assert code_of(lambda: services.dismiss_incident(incident=own, actor=manager, reason="No")) == "own_report"


def test_nobody_decides_about_themselves(report, manager):
    own = report(manager)
    assert code_of(lambda: services.confirm_incident(incident=own, actor=manager)) == "own_case"
    assert code_of(lambda: services.dismiss_incident(incident=own, actor=manager, reason="No")) == "own_case"


def test_a_decision_on_a_step_that_has_changed_meanwhile_is_not_taken(report, confirm, agent, manager):
    incident = report(agent, when="2026-11-05 10:00")
    confirm(agent, when="2026-11-03 10:00")
    call = lambda seen: services.confirm_incident(incident=incident, actor=manager, seen_count=seen)  # noqa: E731
    assert code_of(lambda: call(1)) == "changed_meanwhile"
    assert Sanction.objects.count() == 1
    assert call(2).outcome.step == 2


def test_an_overlong_remark_is_refused_and_nothing_is_written(report, agent, manager):
    incident = report(agent)
    assert code_of(lambda: services.confirm_incident(incident=incident, actor=manager, reason="x" * 501)) == "too_long"
    assert Posting.objects.count() == 0


def test_a_refused_confirmation_leaves_no_trace(report, agent, manager, monkeypatch):
    incident = report(agent)

    def fail(*args, **kwargs):
        raise RuntimeError("the power goes out")

    monkeypatch.setattr("ledger.services.incidents.notices.tell", fail)
    with pytest.raises(RuntimeError):
        services.confirm_incident(incident=incident, actor=manager)
    incident.refresh_from_db()
    assert incident.state == IncidentState.REPORTED
    assert not Sanction.objects.exists()
    assert not JournalEntry.objects.exists()


# ── Dismissing ──


def test_a_dismissal_needs_a_reason(report, agent, manager):
    incident = report(agent)
    assert code_of(lambda: services.dismiss_incident(incident=incident, actor=manager, reason=" ")) == "no_reason"


def test_a_dismissal_is_told_to_the_member_and_the_reporter(report, agent, supervisor, manager):
    incident = services.dismiss_incident(incident=report(agent), actor=manager, reason="It was her break")
    assert (incident.state, incident.decided_by, incident.reason) == ("dismissed", manager, "It was her break")
    told = "Incident of 2026-11-10, § 7, dismissed: It was her break"
    assert texts_of(agent) == texts_of(supervisor) == [told]
    assert incident.outcome is None


def test_what_the_chain_covers_holds_no_name(confirm, pay, agent):
    pay(confirm(agent))
    rows = list(JournalEntry.objects.values("memo", "source_kind", "kind"))
    assert agent.name not in json.dumps(rows, ensure_ascii=False)


def test_one_fine_takes_at_most_twenty_queries(report, confirm, agent, manager, django_assert_max_num_queries):
    confirm(agent, when="2026-11-03 10:00")
    incident = report(agent)
    with django_assert_max_num_queries(20):
        services.confirm_incident(incident=incident, actor=manager)


def test_the_due_day_counts_from_the_decision(confirm, agent):
    sanction = confirm(agent, when="2026-11-03 10:00", decided="2026-11-15 23:30").outcome
    assert sanction.due_day == date(2026, 11, 15) + timedelta(days=7)

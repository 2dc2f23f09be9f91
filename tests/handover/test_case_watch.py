"""Reminders, escalation and the month's report: each once, and made up for after the server stood still."""

from datetime import timedelta

import pytest

from handover.cases import Deed
from handover.models import CaseNote
from handover.services import cases as services
from handover.services.case_watch import watch_cases
from office import clock
from office.models import AuditEntry, Notice
from people.models import Role
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00") as moment:
        yield moment


@pytest.fixture
def reported(department):
    """The report of October is out, so that only clocks are heard."""
    watch_cases()
    Notice.objects.all().delete()


@pytest.fixture
def register(agent, department):
    def do(kind="bad-review"):
        facts = {"customer": "小鹿", "text": "收到的床是坏的", "came_at": clock.now()}
        case = services.register_case(department=department, actor=agent, kind=kind, **facts)
        Notice.objects.all().delete()
        return case

    return do


def heard() -> set[str]:
    """Who was told something since this was last asked."""
    names = {notice.recipient.name for notice in Notice.objects.select_related("recipient")}
    Notice.objects.all().delete()
    return names


def later(**length) -> int:
    clock.move(timedelta(**length))
    return watch_cases()


@pytest.mark.usefixtures("reported")
class TestClocks:
    def test_whoever_has_the_case_is_reminded_once_before_a_step_is_due(self, register, leader, supervisor, colleague):
        case = services.assign_case(case=register("complaint"), to=colleague.membership, actor=leader)
        heard()
        assert later(days=2, hours=23, minutes=49) == 0
        assert later(minutes=1) == 1
        assert heard() == {colleague.name}
        assert later(minutes=5) == 0
        assert case.notes.last().action == Deed.REMINDED

    def test_all_who_handle_cases_are_reminded_of_one_that_nobody_has(self, register, leader, supervisor, manager):
        register("complaint")
        later(minutes=12)
        assert heard() == {leader.name, supervisor.name}

    def test_nobody_is_reminded_any_more_of_what_is_done(self, register, leader):
        case = register("complaint")
        services.do_step(step=case.steps.get(code="hand-on"), actor=leader)
        assert later(hours=1) == 0

    def test_a_late_step_is_escalated_once(self, register, leader, supervisor, manager, colleague):
        case = services.assign_case(case=register("complaint"), to=colleague.membership, actor=leader)
        later(days=2, hours=23, minutes=55)
        heard()
        assert later(minutes=5) == 0
        assert later(minutes=1) == 1
        assert heard() == {leader.name, supervisor.name, manager.name, colleague.name}
        assert later(hours=5) == 0
        assert case.steps.get(code="report-back").escalated_at is not None

    def test_a_missed_reaction_asks_for_the_phone_call(self, register, leader):
        register()
        later(hours=47)
        heard()
        assert later(hours=2) == 1
        text = Notice.objects.filter(recipient=leader).get().text
        assert text == "Bad review of 2026-11-10: Write to the buyer was missed. Now: Phone the buyer, by 11-13 12:00."
        heard()
        assert later(hours=20) == 1
        assert "Phone the buyer is due" in Notice.objects.filter(recipient=leader).get().text
        heard()
        assert later(hours=5) == 1
        assert "Phone the buyer was due" in Notice.objects.filter(recipient=leader).get().text

    def test_what_happened_while_the_server_stood_still_is_made_up_for(self, register, leader):
        register()
        assert later(days=9) == 3
        texts = [notice.text for notice in Notice.objects.filter(recipient=leader)]
        assert len(texts) == 3
        assert not [text for text in texts if "is due by" in text]

    def test_what_is_closed_is_quiet(self, register, leader):
        case = register()
        services.do_step(step=case.steps.get(code="write-buyer"), actor=leader)
        services.close_case(case=case, actor=leader, text="完了")
        assert later(days=12) == 0

    def test_one_case_that_fails_keeps_no_other_quiet(self, register, leader, monkeypatch):
        from handover.services import case_watch

        first, second = register("complaint"), register("bad-review")
        real = case_watch.look_at

        def fails(case):
            if case.pk == first.pk:
                raise RuntimeError("broken")
            return real(case)

        monkeypatch.setattr(case_watch, "look_at", fails)
        later(days=3)
        assert set(CaseNote.objects.filter(action=Deed.ESCALATED).values_list("case", flat=True)) == {second.pk}

    def test_it_asks_as_often_for_thirty_quiet_cases_as_for_one(self, register, django_assert_num_queries, agent):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        register()
        with CaptureQueriesContext(connection) as few:
            watch_cases()
        for number in range(30):
            facts = {"customer": "小鹿", "text": f"第 {number} 条", "came_at": clock.now(), "kind": "bad-review"}
            services.register_case(department=agent.membership.department, actor=agent, **facts)
        with django_assert_num_queries(len(few)):
            watch_cases()


class TestReport:
    def test_who_scores_and_who_handles_hear_of_the_month_once_on_its_day(self, at, department, leader, manager, agent):
        with at("2026-12-09 12:00"):
            watch_cases()
            heard()
        with at("2026-12-10 00:01"):
            assert watch_cases() == 1
            notice = Notice.objects.filter(recipient=manager).get()
            assert notice.link == "/d/desk/cases/months/2026-11/"
            assert notice.text == "The statistics of reviews and complaints for November 2026 are ready."
            assert heard() == {leader.name, manager.name}
            assert watch_cases() == 0
        entry = AuditEntry.objects.filter(action="handover.cases.reported").first()
        assert entry.facts["month"] == "2026-11"

    def test_a_month_is_made_up_for_also_after_the_next_has_begun(self, at, department, leader):
        with at("2026-12-12 12:00"):
            watch_cases()
            heard()
        with at("2027-02-02 12:00"):
            assert watch_cases() == 1
            assert Notice.objects.get().link.endswith("/2026-12/")

    def test_the_changed_rulebook_has_another_day(self, at, changed_department):
        add_person(changed_department, roles=[Role.FINANCE])
        with at("2026-12-03 23:00"):
            watch_cases()
            heard()
        with at("2026-12-04 00:30"):
            assert watch_cases() == 1

    def test_no_rulebook_and_no_rules_at_the_months_end_no_report(self, at, department, leader):
        make_department("bare")
        new = make_department("new")
        source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
        import_rulebook(department=new, source=source, from_day=department.today(), actor=None)
        person = add_person(new, roles=[Role.MANAGER])
        watch_cases()
        assert not Notice.objects.filter(recipient=person).exists()

"""Bad reviews and complaints: registered, given to somebody, worked through step by step, closed."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from handover.cases import Deed, Standing, standings
from handover.models import Case, CaseNote, CaseState, CaseStep, Finding
from handover.services import cases as services
from ledger.models import Incident
from office import clock
from office.models import AuditEntry, Notice, Upload
from people.models import Role
from rulebooks.services import NoRulebook, import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)
NOON = "2026-11-10 12:00"


@pytest.fixture(autouse=True)
def noon(at):
    with at(NOON) as moment:
        yield moment


@pytest.fixture
def register(agent, department, wall):
    """`register("complaint", subject=...)`: a case of the agent's that came in just now, or `came_at`."""

    def do(kind="bad-review", came="2026-11-10 12:00", person=agent, **more):
        facts = {"customer": "小鹿 tb8841", "text": "收到的床是坏的", "came_at": wall(came)}
        return services.register_case(department=department, actor=person, kind=kind, **facts | more)

    return do


@contextmanager
def refused(code):
    with pytest.raises(ValidationError) as caught:
        yield
    assert [error.code for error in caught.value.error_list] == [code]


def step(case, code) -> CaseStep:
    return case.steps.get(code=code)


def stands(case) -> dict:
    return standings(services.in_time(case, case.steps.all()), clock.now())


def told(person) -> list[str]:
    return [notice.text for notice in Notice.objects.filter(recipient=person).order_by("pk")]


class TestRegistering:
    def test_its_steps_are_due_as_the_rulebook_says_from_when_it_came_in(self, register, wall):
        case = register("complaint", came="2026-11-10 11:50")
        assert [(one.code, one.due_at) for one in case.steps.all()] == [
            ("hand-on", wall("2026-11-10 12:10")),
            ("report-back", wall("2026-11-13 11:50")),
            ("case-closed", wall("2026-11-17 11:50")),
        ]
        assert case.business_date == case.department.today()
        assert case.state == CaseState.OPEN

    def test_the_changed_rulebook_has_other_kinds_and_limits(self, changed_department, wall):
        person = add_person(changed_department)
        case = services.register_case(
            department=changed_department, actor=person, kind="grumble", customer="甲", text="乙", came_at=wall(NOON)
        )
        assert [one.due_at - case.came_at for one in case.steps.all()] == [
            timedelta(hours=5),
            timedelta(hours=9),
            timedelta(days=2),
        ]

    def test_the_rulebook_of_the_day_it_came_in_decides(self, department, register):
        text = (LIBRARY / "three-shift-desk.yaml").read_text().replace("within_hours: 48", "within_hours: 24")
        later = department.today()
        import_rulebook(department=department, source=text.encode(), from_day=later, actor=None)
        old, new = register(came="2026-11-09 23:59"), register(came="2026-11-10 00:00")
        assert step(old, "write-buyer").due_at - old.came_at == timedelta(hours=48)
        assert step(new, "write-buyer").due_at - new.came_at == timedelta(hours=24)

    def test_it_tells_who_handles_cases_and_is_written_into_the_history(
        self, register, agent, leader, supervisor, manager
    ):
        case = register()
        assert len(told(leader)) == len(told(supervisor)) == 1
        assert not told(agent)
        assert not told(manager)
        assert [(note.action, note.actor) for note in case.notes.all()] == [(Deed.REGISTERED, agent)]
        assert AuditEntry.objects.filter(action="handover.case.registered", target_id=case.pk).count() == 1

    def test_whom_it_is_about_is_told(self, register, colleague):
        register(subject=colleague.membership)
        assert len(told(colleague)) == 1

    def test_a_picture_is_kept_with_it(self, register):
        case = register(picture=SimpleUploadedFile("bed.png", PICTURE))
        assert case.picture.name == "bed.png"

    def test_a_refused_one_leaves_no_picture_behind(self, register):
        with refused("unknown_kind"):
            register("nonsense", picture=SimpleUploadedFile("bed.png", PICTURE))
        assert not Upload.objects.exists()

    def test_a_second_press_registers_nothing_more(self, register):
        first = register()
        assert register() == first
        assert Case.objects.count() == 1
        assert register(text="又一条") != first

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"kind": "nonsense"}, "unknown_kind"),
            ({"severity": "nonsense"}, "unknown_severity"),
            ({"came": "2026-11-10 12:01"}, "in_future"),
            ({"came": "2025-11-10 12:00"}, "no_rulebook"),
        ],
    )
    def test_it_refuses_what_cannot_be(self, register, changes, code):
        with refused(code):
            register(**changes)
        assert not Case.objects.exists()

    def test_it_refuses_to_be_about_somebody_from_elsewhere(self, register, stranger):
        with refused("foreign_subject"):
            register(subject=stranger.membership)

    def test_only_members_register(self, register, stranger):
        with refused("not_a_member"):
            register(person=stranger)

    def test_bad_texts_are_refused_by_field(self, register):
        with pytest.raises(ValidationError) as caught:
            register(text=" ", customer="x" * 81, phone="1" * 41, order_number="1" * 61, product="x" * 121)
        assert set(caught.value.error_dict) == {"text", "customer", "phone", "order_number", "product"}

    def test_without_rules_for_cases_there_are_none(self, department, agent, wall):
        text = (LIBRARY / "three-shift-desk.yaml").read_text()
        start, end = text.index("\ncases:"), text.index("\nweekly_summary:")
        import_rulebook(
            department=department, source=(text[:start] + text[end:]).encode(), from_day=department.today(), actor=None
        )
        facts = {"kind": "bad-review", "customer": "甲", "text": "乙", "came_at": wall(NOON)}
        with refused("no_cases"):
            services.register_case(department=department, actor=agent, **facts)
        bare = make_department("bare")
        with pytest.raises(NoRulebook):
            services.register_case(department=bare, actor=add_person(bare), **facts)


class TestGiving:
    def test_who_handles_cases_gives_it_to_a_member_who_is_told(self, register, leader, colleague):
        case = services.assign_case(case=register(), to=colleague.membership, actor=leader, text="你来跟")
        assert case.assignee == colleague.membership
        assert len(told(colleague)) == 1
        note = case.notes.last()
        assert (note.action, note.actor, note.text) == (Deed.ASSIGNED, leader, "王浩然: 你来跟")

    def test_the_assignee_passes_it_on(self, register, leader, colleague, agent):
        case = services.assign_case(case=register(), to=colleague.membership, actor=leader)
        assert services.assign_case(case=case, to=agent.membership, actor=colleague).assignee == agent.membership
        with refused("not_yours"):
            services.assign_case(case=case, to=colleague.membership, actor=colleague)

    def test_others_give_nothing_to_anybody(self, register, agent, colleague, stranger, leader):
        case = register()
        with refused("not_yours"):
            services.assign_case(case=case, to=colleague.membership, actor=agent)
        with refused("other_department"):
            services.assign_case(case=case, to=stranger.membership, actor=leader)
        gone = add_person(case.department)
        gone.memberships.update(until_day="2026-11-01")
        with refused("not_a_member"):
            services.assign_case(case=case, to=gone.memberships.get(), actor=leader)

    def test_giving_it_to_who_has_it_is_said(self, register, leader, colleague):
        case = services.assign_case(case=register(), to=colleague.membership, actor=leader)
        with refused("has_it"):
            services.assign_case(case=case, to=colleague.membership, actor=leader)


class TestSteps:
    def test_a_reaction_in_time_takes_the_phone_call_away(self, register, leader):
        case = register()
        services.do_step(step=step(case, "write-buyer"), actor=leader, text="已道歉")
        assert stands(case) == {
            "write-buyer": Standing.DONE,
            "phone-buyer": Standing.SKIPPED,
            "all-settled": Standing.RUNNING,
        }
        assert step(case, "phone-buyer").is_skipped
        done = step(case, "write-buyer")
        assert (done.done_by, done.done_at) == (leader, clock.now())
        note = case.notes.last()
        assert (note.action, note.step, note.text) == (Deed.STEP, done, "已道歉")

    def test_a_missed_reaction_makes_the_phone_call_run_and_it_stands_in_for_it(self, register, leader):
        case = register()
        with refused("not_its_turn"):
            services.do_step(step=step(case, "phone-buyer"), actor=leader)
        clock.move(timedelta(hours=50))
        services.do_step(step=step(case, "phone-buyer"), actor=leader, text="已通话")
        assert step(case, "write-buyer").done_at == step(case, "phone-buyer").done_at == clock.now()
        assert step(case, "write-buyer").is_late
        assert not step(case, "phone-buyer").is_late
        assert services.close_case(case=case, actor=leader, text="退款了").state == CaseState.CLOSED

    def test_steps_are_done_in_order_and_once(self, register, leader):
        case = register("complaint")
        with refused("not_its_turn"):
            services.do_step(step=step(case, "report-back"), actor=leader)
        services.do_step(step=step(case, "hand-on"), actor=leader)
        with refused("already_done"):
            services.do_step(step=step(case, "hand-on"), actor=leader)

    def test_what_is_not_needed_is_not_done(self, register, leader):
        case = register()
        services.do_step(step=step(case, "write-buyer"), actor=leader)
        with refused("not_needed"):
            services.do_step(step=step(case, "phone-buyer"), actor=leader)

    def test_the_last_step_is_closing(self, register, leader):
        case = register()
        services.do_step(step=step(case, "write-buyer"), actor=leader)
        with refused("closes"):
            services.do_step(step=step(case, "all-settled"), actor=leader)

    def test_only_who_handles_it_does_its_steps(self, register, agent, colleague, leader):
        case = register()
        with refused("not_yours"):
            services.do_step(step=step(case, "write-buyer"), actor=agent)
        services.assign_case(case=case, to=colleague.membership, actor=leader)
        services.do_step(step=step(case, "write-buyer"), actor=colleague)

    def test_an_overlong_text_is_refused(self, register, leader):
        with refused("too_long"):
            services.do_step(step=step(register(), "write-buyer"), actor=leader, text="x" * 1001)

    def test_an_assignee_who_has_left_does_nothing_more(self, register, colleague, leader):
        case = services.assign_case(case=register(), to=colleague.membership, actor=leader)
        colleague.memberships.update(until_day="2026-11-09")
        clock.move(timedelta(days=1))
        with refused("not_yours"):
            services.do_step(step=step(case, "write-buyer"), actor=colleague)


class TestNotes:
    def test_they_are_added_by_who_handles_it_also_after_closing(self, register, leader, agent):
        case = register()
        services.add_note(case=case, actor=leader, text="买家要补偿")
        with refused("not_yours"):
            services.add_note(case=case, actor=agent, text="我觉得")
        with refused("no_text"):
            services.add_note(case=case, actor=leader, text="  ")
        assert [note.text for note in case.notes.filter(action=Deed.NOTE)] == ["买家要补偿"]

    def test_nothing_of_the_history_changes_or_goes(self, register):
        case = register()
        for change in (lambda: case.notes.update(text="x"), lambda: CaseNote.objects.all().delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestClosing:
    @pytest.fixture
    def complaint(self, register, leader, colleague):
        """One about the colleague, of which only the last step is left."""
        case = register("complaint", subject=colleague.membership)
        for code in ("hand-on", "report-back"):
            services.do_step(step=step(case, code), actor=leader)
        return case

    def test_closing_does_the_last_step_and_says_what_was_found(self, complaint, leader, agent, colleague):
        before = len(told(agent)), len(told(colleague))
        case = services.close_case(case=complaint, actor=leader, finding=Finding.NOT_UPHELD, text="没有的事")
        assert (case.state, case.finding, case.closed_at) == (CaseState.CLOSED, Finding.NOT_UPHELD, clock.now())
        assert step(case, "case-closed").done_by == leader
        assert (case.notes.last().action, case.notes.last().text) == (Deed.CLOSED, "没有的事")
        assert (len(told(agent)), len(told(colleague))) == (before[0] + 1, before[1] + 1)
        assert not Incident.objects.exists()

    def test_an_upheld_complaint_proposes_its_incident_once(self, complaint, leader, colleague):
        case = services.close_case(case=complaint, actor=leader, finding=Finding.UPHELD, text="属实")
        incident = Incident.objects.get()
        assert (incident.membership, incident.clause_code) == (colleague.membership, "complaint")
        assert (incident.reported_by, incident.occurred_at) == (None, case.came_at)
        assert (incident.source_kind, incident.source_id) == ("handover.case", case.pk)
        assert "收到的床是坏的" in incident.facts

    def test_the_changed_rulebook_proposes_under_its_own_clause(self, changed_department, wall):
        person = add_person(changed_department)
        leader = add_person(changed_department, roles=[Role.LEADER])
        case = services.register_case(
            department=changed_department,
            actor=leader,
            kind="grumble",
            customer="甲",
            text="乙",
            came_at=wall(NOON),
            subject=person.membership,
        )
        services.do_step(step=step(case, "answered-it"), actor=leader)
        services.close_case(case=case, actor=leader, finding=Finding.UPHELD, text="是的")
        assert Incident.objects.get().clause_code == "no-uniform"

    def test_an_incident_that_cannot_be_proposed_keeps_no_case_open(self, department, register, leader):
        gone = add_person(department, work_number="55")
        gone.memberships.update(until_day="2026-11-01")
        case = register("complaint", subject=gone.memberships.get())
        for code in ("hand-on", "report-back"):
            services.do_step(step=step(case, code), actor=leader)
        assert services.close_case(case=case, actor=leader, finding=Finding.UPHELD, text="属实").finding == "upheld"
        assert not Incident.objects.exists()

    def test_it_refuses_what_cannot_be(self, complaint, register, leader, agent):
        with refused("no_finding"):
            services.close_case(case=complaint, actor=leader, text="属实")
        with refused("no_text"):
            services.close_case(case=complaint, actor=leader, finding=Finding.UPHELD, text=" ")
        with refused("no_finding"):
            services.close_case(case=complaint, actor=leader, finding="perhaps", text="属实")
        with refused("not_yours"):
            services.close_case(case=complaint, actor=agent, finding=Finding.UPHELD, text="属实")
        with refused("not_its_turn"):
            services.close_case(case=register(), actor=leader, text="完了")

    def test_a_review_is_neither_right_nor_wrong(self, register, leader):
        case = register()
        services.do_step(step=step(case, "write-buyer"), actor=leader)
        with refused("no_finding_asked"):
            services.close_case(case=case, actor=leader, finding=Finding.UPHELD, text="属实")

    def test_nobody_finds_about_themselves(self, register, leader, colleague):
        case = register("complaint", subject=colleague.membership)
        services.assign_case(case=case, to=colleague.membership, actor=leader)
        services.do_step(step=step(case, "report-back"), actor=colleague)
        with refused("own_case"):
            services.close_case(case=case, actor=colleague, finding=Finding.NOT_UPHELD, text="不是我")

    def test_what_is_closed_stays_closed(self, complaint, leader, agent):
        case = services.close_case(case=complaint, actor=leader, finding=Finding.UPHELD, text="属实")
        with refused("already_closed"):
            services.close_case(case=case, actor=leader, finding=Finding.NOT_UPHELD, text="不属实")
        with refused("already_closed"):
            services.assign_case(case=case, to=agent.membership, actor=leader)
        assert Incident.objects.count() == 1


def test_who_sees_a_case(register, department, agent, colleague, leader, manager, finance, stranger):
    case = register(subject=colleague.membership)
    seen = {
        person.name: Case.objects.visible_to(person).filter(pk=case.pk).exists()
        for person in (agent, colleague, leader, manager, finance, stranger)
    }
    assert [name for name, sees in seen.items() if sees] == [agent.name, colleague.name, leader.name, manager.name]

"""About whom a complaint is, what was found, and how both are put right after it was closed."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from handover.cases import Deed
from handover.models import Case, Finding
from handover.services import cases as services
from ledger.models import Incident
from ledger.services import dismiss_incident
from office import clock
from office.models import Notice
from rulebooks.schema import CaseKind
from tests.factories import add_person


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00") as moment:
        yield moment


@pytest.fixture
def complaint(agent, leader, department) -> Case:
    """About nobody yet; only the last step is left."""
    case = services.register_case(
        department=department, actor=agent, kind="complaint", customer="小鹿", text="态度差", came_at=clock.now()
    )
    for step in case.rule.steps[:-1]:
        services.do_step(step=case.steps.get(code=step.code), actor=leader)
    return case


def closed(case, actor, finding=Finding.UPHELD, **about) -> Case:
    return services.close_case(case=case, actor=actor, finding=finding, text="办结", **about)


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def told(person) -> int:
    return Notice.objects.filter(recipient=person).count()


class TestSayingAboutWhom:
    def test_it_can_be_said_while_the_case_is_open_and_they_are_told(self, complaint, leader, colleague):
        case = services.say_about(case=complaint, actor=leader, subject=colleague.membership)
        assert case.subject == colleague.membership
        assert told(colleague) == 1
        assert (case.notes.last().action, case.notes.last().subject) == (Deed.ABOUT, colleague.membership)

    def test_upheld_without_it_is_refused_and_nobody_is_an_answer(self, complaint, leader):
        assert refusal_of(closed, case=complaint, actor=leader) == "no_subject"
        assert closed(complaint, leader, nobody=True).subject is None
        assert not Incident.objects.exists()

    def test_it_can_be_said_at_closing_and_proposes_the_incident(self, complaint, leader, colleague):
        assert closed(complaint, leader, subject=colleague.membership).subject == colleague.membership
        assert Incident.objects.get().membership == colleague.membership

    def test_not_upheld_asks_for_nobody(self, complaint, leader):
        assert closed(complaint, leader, Finding.NOT_UPHELD).subject is None

    def test_nobody_says_it_of_themselves_or_away_from_themselves(self, complaint, leader, supervisor, stranger):
        say = {"call": services.say_about, "case": complaint, "actor": leader}
        assert refusal_of(closed, case=complaint, actor=leader, subject=leader.membership) == "own_case"
        assert refusal_of(**say, subject=leader.membership) == "own_case"
        services.say_about(case=complaint, actor=supervisor, subject=leader.membership)
        assert refusal_of(**say, subject=None) == "own_case"
        assert refusal_of(closed, case=complaint, actor=leader, nobody=True) == "own_case"
        assert refusal_of(**say, subject=stranger.membership) == "foreign_subject"
        assert refusal_of(**say | {"actor": supervisor}, subject=leader.membership) == "said_already"


class TestCorrecting:
    def correct(self, case, actor, finding=Finding.UPHELD, **about):
        return services.correct_case(case=case, actor=actor, finding=finding, text="听了录音", **about)

    def test_a_finding_corrected_to_upheld_proposes_the_incident(self, complaint, leader, agent, colleague):
        closed(complaint, leader, Finding.NOT_UPHELD)
        before = told(agent)
        case = self.correct(complaint, leader, subject=colleague.membership)
        assert (case.finding, case.subject) == (Finding.UPHELD, colleague.membership)
        assert Incident.objects.get().membership == colleague.membership
        note = case.notes.last()
        assert (note.action, note.finding, note.text) == (Deed.CORRECTED, Finding.UPHELD, "听了录音")
        assert [one.finding for one in case.notes.filter(action=Deed.CLOSED)] == [Finding.NOT_UPHELD]
        assert (told(agent), told(colleague)) == (before + 1, 1)

    def test_what_was_forgotten_at_closing_is_put_right(self, complaint, leader, colleague):
        closed(complaint, leader, nobody=True)
        self.correct(complaint, leader, subject=colleague.membership)
        assert Incident.objects.get().membership == colleague.membership

    def test_an_incident_that_was_proposed_is_left_to_its_decider(
        self, complaint, leader, manager, colleague, client_of
    ):
        closed(complaint, leader, subject=colleague.membership)
        self.correct(complaint, leader, Finding.NOT_UPHELD)
        incident = Incident.objects.get()
        assert incident.state == "reported"
        page = client_of(leader).get(reverse("handover:case", args=["desk", complaint.pk])).content.decode()
        assert "whoever decides it finds the correction here" in page
        dismiss_incident(incident=incident, actor=manager, reason="更正")
        self.correct(complaint, leader)
        assert Incident.objects.count() == 1

    def test_it_needs_a_reason_a_change_and_the_right(self, complaint, leader, agent, colleague):
        correct = {"call": services.correct_case, "case": complaint, "finding": Finding.NOT_UPHELD}
        assert refusal_of(**correct, actor=leader, text="x") == "not_closed"
        services.assign_case(case=complaint, to=agent.membership, actor=leader)
        closed(complaint, leader, subject=colleague.membership)
        assert refusal_of(**correct, actor=leader, text=" ") == "no_text"
        assert refusal_of(**correct, actor=agent, text="x") == "not_yours"
        assert refusal_of(**correct | {"finding": Finding.UPHELD}, actor=leader, text="x") == "nothing_changed"

    def test_a_review_has_no_finding_to_correct(self, department, agent, leader, client_of):
        facts = {"customer": "小鹿", "text": "差评", "came_at": clock.now()}
        review = services.register_case(department=department, actor=agent, kind="bad-review", **facts)
        services.do_step(step=review.steps.order_by("place").first(), actor=leader)
        services.close_case(case=review, actor=leader, text="退款了")
        address = reverse("handover:case_correct", args=[department.code, review.pk])
        assert client_of(leader).post(address, {"text": "更正"}).status_code == 422

    def test_the_database_lets_no_finding_change_without_its_note(self, complaint, leader):
        closed(complaint, leader, Finding.NOT_UPHELD)
        with pytest.raises(DatabaseError), transaction.atomic():
            Case.objects.update(finding=Finding.UPHELD)


class TestPages:
    def url(self, name, case):
        return reverse(f"handover:{name}", args=["desk", case.pk])

    def test_the_closed_case_links_its_incident_for_who_may_read_it(
        self, complaint, leader, colleague, manager, client_of
    ):
        closed(complaint, leader, subject=colleague.membership)
        link = reverse("ledger:incident_detail", args=["desk", Incident.objects.get().pk])
        texts = {
            one: client_of(one).get(self.url("case", complaint)).content.decode()
            for one in (leader, manager, colleague)
        }
        assert all("Incident proposed under § 4" in text for text in texts.values())
        assert [link in texts[one] for one in (leader, manager, colleague)] == [False, True, True]

    def test_it_says_why_none_was_proposed(self, complaint, leader, client_of):
        closed(complaint, leader, nobody=True)
        page = client_of(leader).get(self.url("case", complaint)).content.decode()
        assert "No incident was proposed: it is about nobody of us." in page
        assert page.count("Upheld · Nobody of us") == 1

    def test_upheld_without_about_whom_is_refused_at_its_field(self, complaint, leader, colleague, client_of):
        typed = {"finding": "upheld", "about": "", "text": "属实"}
        answer = client_of(leader).post(self.url("case_close", complaint), typed)
        assert answer.status_code == 422
        assert "Say about whom it is" in answer.content.decode()
        typed["about"] = str(colleague.membership.pk)
        client_of(leader).post(self.url("case_close", complaint), typed)
        assert Incident.objects.get().membership == colleague.membership

    def test_the_page_sets_and_corrects(self, complaint, leader, colleague, agent, client_of):
        client = client_of(leader)
        client.post(self.url("case_about", complaint), {"about": str(colleague.membership.pk)})
        complaint.refresh_from_db()
        assert complaint.subject == colleague.membership
        closed(complaint, leader, Finding.NOT_UPHELD)
        typed = {"finding": "upheld", "about": str(colleague.membership.pk), "text": "听了录音"}
        assert client_of(agent).post(self.url("case_correct", complaint), typed).status_code == 403
        client.post(self.url("case_correct", complaint), typed)
        page = client.get(self.url("case", complaint)).content.decode()
        assert "Finding corrected" in page
        assert "Upheld · 王浩然" in page

    def test_a_case_entered_days_after_it_came_in_says_so(self, department, agent, wall, client_of):
        late = services.register_case(
            department=department,
            actor=agent,
            kind="complaint",
            customer="甲",
            text="乙",
            came_at=wall("2026-11-07 23:00"),
        )
        assert "registered 3 days later" in client_of(agent).get(self.url("case", late)).content.decode()


class TestGivingAsAStep:
    def test_giving_a_complaint_to_somebody_stops_the_clock_of_routing(self, department, agent, leader, colleague):
        case = services.register_case(
            department=department, actor=agent, kind="complaint", customer="甲", text="乙", came_at=clock.now()
        )
        services.assign_case(case=case, to=colleague.membership, actor=leader)
        routed = case.steps.get(code=case.rule.steps[0].code)
        assert (routed.done_at, routed.done_by) == (clock.now(), leader)
        assert [note.action for note in case.notes.all()] == [Deed.REGISTERED, Deed.ASSIGNED, Deed.STEP]
        services.assign_case(case=case, to=agent.membership, actor=leader)
        assert case.notes.filter(action=Deed.STEP).count() == 1

    def test_under_rules_that_do_not_say_so_it_does_no_step(self, changed_department):
        leader = add_person(changed_department, roles=["leader"])
        case = services.register_case(
            department=changed_department, actor=leader, kind="grumble", customer="甲", text="乙", came_at=clock.now()
        )
        services.assign_case(case=case, to=add_person(changed_department).membership, actor=leader)
        assert not case.steps.filter(done_at__isnull=False).exists()

    def test_the_last_step_is_done_by_closing_alone(self):
        step = {"code": "a", "name": {"zh-Hans": "甲", "en": "A"}, "within_days": 1, "done_by": "assigning"}
        with pytest.raises(ValueError, match="nothing does it by itself"):
            CaseKind.model_validate({"code": "k", "name": {"zh-Hans": "乙", "en": "K"}, "steps": [step]})

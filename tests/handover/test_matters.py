"""What becomes of an entry of the register: each step once, with its words, told to whom it concerns."""

import pytest
from django.core.exceptions import ValidationError

from handover import services
from handover.models import Matter, MatterState
from ledger.models import Bonus
from office.models import AuditEntry, Notice
from people.models import Role
from people.services import grant_role
from tests.factories import JOINED, add_person

pytestmark = pytest.mark.usefixtures("afternoon")


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


@pytest.fixture
def matter(agent):
    return written(agent)


def written(person, text="退款顾客问原因", category="problem") -> Matter:
    return services.write_issue(author=person.membership, category=category, text=text).matter


def told(person) -> list[str]:
    return [notice.message for notice in Notice.objects.filter(recipient=person).order_by("pk")]


def settle(name, matter, actor, **more):
    call = getattr(services, f"{name}_matter")
    return call(matter=matter, actor=actor, **{"text": "已经改好"} | more)


SETTLING = {
    "answer": MatterState.ANSWERED,
    "adopt": MatterState.ADOPTED,
    "reject": MatterState.REJECTED,
}
every_way = pytest.mark.parametrize("name", SETTLING)


@every_way
def test_settling_keeps_the_words_and_tells_the_author(matter, agent, leader, name):
    settle(name, matter, leader)
    matter.refresh_from_db()
    assert matter.state == SETTLING[name]
    assert matter.settled_at is not None
    step = matter.steps.get()
    assert (step.state, step.actor, step.text) == (SETTLING[name], leader, "已经改好")
    notice = Notice.objects.get(recipient=agent)
    assert (notice.params["what"], notice.params["text"]) == ("退款顾客问原因", "已经改好")
    assert notice.link == f"/d/desk/issues/{matter.issue_id}/"
    assert AuditEntry.objects.get(action=f"handover.matter.{SETTLING[name]}").actor == leader


@every_way
@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_settling_needs_words_that_fit(matter, leader, name, text):
    assert refusal_of(settle, name=name, matter=matter, actor=leader, text=text) in {"no_text", "too_long"}
    assert Matter.objects.get().state == MatterState.NEW
    assert not Bonus.objects.exists()


@every_way
def test_what_is_settled_stays_settled(matter, agent, colleague, leader, name):
    settle("answer", matter, leader)
    assert refusal_of(settle, name=name, matter=matter, actor=leader) == "already_settled"
    call = {"matter": matter, "actor": leader}
    assert refusal_of(services.assign_matter, to=colleague.membership, **call) == "already_settled"
    assert refusal_of(services.merge_matter, into=written(colleague), **call) == "already_settled"
    assert len(told(agent)) == 1


def test_an_entry_that_is_not_handed_in_yet_can_be_dealt_with(matter, leader):
    assert matter.state == MatterState.NEW
    assert settle("answer", matter, leader).state == MatterState.ANSWERED


class TestAdopting:
    def test_it_proposes_the_bonus_of_the_category_once_for_the_author(self, agent, leader, manager):
        matter = settle("adopt", written(agent, "换个话术", "idea"), leader)
        bonus = Bonus.objects.get()
        assert matter.bonus == bonus
        assert (bonus.membership, bonus.facts, bonus.proposed_by) == (agent.membership, "换个话术", leader)
        assert (bonus.source_kind, bonus.source_id, bonus.source_label) == ("issue", matter.issue_id, "换个话术")
        assert told(manager)

    def test_a_category_without_bonus_proposes_none(self, agent, leader):
        assert settle("adopt", written(agent, category="problem"), leader).bonus is None
        assert not Bonus.objects.exists()

    def test_the_changed_rulebook_has_its_own_bonus(self, changed_department):
        author, actor = add_person(changed_department), add_person(changed_department)
        matter = settle("adopt", written(author, category="fault"), actor)
        rule = next(iter(matter.issue.department.rulebook_versions.all()))
        assert matter.bonus is not None
        assert matter.bonus.rulebook_version_id == rule.pk
        assert matter.bonus.least_fen == matter.bonus.most_fen == 725

    def test_nobody_adopts_their_own(self, leader):
        matter = written(leader, category="idea")
        assert refusal_of(settle, name="adopt", matter=matter, actor=leader) == "own_entry"
        assert not Bonus.objects.exists()
        assert settle("answer", matter, leader).state == MatterState.ANSWERED


class TestAssigning:
    def test_author_and_assignee_are_told(self, matter, agent, colleague, leader):
        services.assign_matter(matter=matter, to=colleague.membership, actor=leader)
        matter.refresh_from_db()
        assert (matter.state, matter.assignee, matter.settled_at) == ("assigned", colleague.membership, None)
        assert len(told(agent)) == len(told(colleague)) == 1
        assert set(Matter.objects.visible_to(colleague)) == {matter}

    def test_once_more_to_somebody_else(self, matter, colleague, leader, supervisor):
        services.assign_matter(matter=matter, to=colleague.membership, actor=leader)
        call = {"matter": matter, "actor": leader}
        assert refusal_of(services.assign_matter, to=colleague.membership, **call) == "has_it"
        assert services.assign_matter(to=supervisor.membership, **call).assignee == supervisor.membership
        assert len(told(colleague)) == 2

    def test_only_to_members_of_the_department(self, matter, stranger, colleague, leader):
        call = {"matter": matter, "actor": leader}
        assert refusal_of(services.assign_matter, to=stranger.membership, **call) == "other_department"
        member = colleague.membership
        member.until_day = JOINED
        member.save()
        assert refusal_of(services.assign_matter, to=member, **call) == "not_a_member"

    def test_who_works_on_it_reports_it_done_and_who_gave_it_is_told(self, matter, agent, colleague, leader):
        services.assign_matter(matter=matter, to=colleague.membership, actor=leader)
        call = {"matter": matter, "text": "换了图片"}
        assert refusal_of(services.finish_matter, actor=agent, **call) == "not_yours"
        assert services.finish_matter(actor=colleague, **call).state == MatterState.ANSWERED
        assert len(told(leader)) == 1
        assert Notice.objects.filter(recipient=agent).order_by("pk").last().params["text"] == "换了图片"

    def test_who_works_on_it_need_not_tell_themselves(self, matter, agent, leader):
        services.assign_matter(matter=matter, to=agent.membership, actor=leader)
        services.finish_matter(matter=matter, actor=agent, text="x")
        assert len(told(agent)) == 1


class TestMerging:
    def merge(self, matter, into, actor):
        return services.merge_matter(matter=matter, into=into, actor=actor)

    def test_what_becomes_of_the_first_is_told_to_both_authors(self, matter, agent, colleague, leader):
        other = self.merge(written(colleague, "也问退款原因"), matter, leader)
        assert (other.state, other.merged_into) == (MatterState.MERGED, matter)
        settle("answer", matter, leader)
        assert len(told(agent)) == 1
        assert len(told(colleague)) == 2
        last = Notice.objects.filter(recipient=colleague).order_by("pk").last()
        assert last.params["what"] == "也问退款原因"
        assert last.link == f"/d/desk/issues/{other.issue_id}/"

    def test_merging_into_what_is_answered_tells_the_answer_at_once(self, matter, colleague, leader):
        settle("answer", matter, leader)
        self.merge(written(colleague), matter, leader)
        assert Notice.objects.filter(recipient=colleague).order_by("pk").last().params["text"] == "已经改好"

    def test_a_chain_ends_at_its_root(self, matter, colleague, supervisor, leader):
        second, third, fourth = written(colleague), written(supervisor), written(supervisor)
        self.merge(third, second, leader)
        self.merge(second, matter, leader)
        self.merge(fourth, third, leader)
        roots = {row.merged_into for row in Matter.objects.exclude(pk=matter.pk)}
        assert roots == {matter}

    def test_not_into_itself_also_not_by_a_way_round(self, matter, colleague, leader):
        assert refusal_of(self.merge, matter=matter, into=matter, actor=leader) == "merged_into_itself"
        other = self.merge(written(colleague), matter, leader)
        assert refusal_of(self.merge, matter=matter, into=other, actor=leader) == "merged_into_itself"

    def test_not_into_another_departments(self, matter, stranger, leader):
        foreign = written(stranger)
        assert refusal_of(self.merge, matter=matter, into=foreign, actor=leader) == "other_department"


def test_one_of_two_roles_is_enough_to_see_and_a_colleague_sees_nothing(matter, colleague, leader, department):
    assert not Matter.objects.visible_to(colleague).exists()
    assert matter in Matter.objects.visible_to(leader)
    grant_role(actor=None, department=department, user=colleague, role=Role.SUPERVISOR, from_day=JOINED)
    assert matter in Matter.objects.visible_to(colleague)

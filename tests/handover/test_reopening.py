"""Dealing with a settled entry once more, what becomes of its bonus, and finding the entry that says the same."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from handover import services
from handover.forms.register import DealForm
from handover.models import Matter, MatterState
from ledger.models import Bonus, BonusState
from ledger.services import approve_bonus
from office.models import AuditEntry, Notice

pytestmark = pytest.mark.usefixtures("afternoon")


def written(person, text="退款顾客问原因", category="problem") -> Matter:
    return services.write_issue(author=person.membership, category=category, text=text).matter


def again(matter, actor, text="说得太早") -> Matter:
    return services.reopen_matter(matter=matter, actor=actor, text=text)


def refusal_of(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def url(name, matter):
    return reverse(f"handover:{name}", args=["desk", matter.issue_id])


@pytest.fixture
def idea(agent, leader) -> Matter:
    """Adopted: its bonus waits for the manager."""
    return services.adopt_matter(matter=written(agent, "换个话术", "idea"), actor=leader, text="好主意")


class TestDealingAgain:
    @pytest.mark.parametrize("name", ["answer", "reject"])
    def test_a_settled_entry_is_open_again_with_the_reason_and_is_settled_once_more(self, agent, leader, name):
        matter = getattr(services, f"{name}_matter")(matter=written(agent), actor=leader, text="已经改好")
        matter = again(matter, leader)
        assert (matter.state, matter.settled_at) == (MatterState.NEW, None)
        assert [step.text for step in matter.steps.all()] == ["已经改好", "说得太早"]
        assert Notice.objects.filter(recipient=agent).count() == 2
        assert AuditEntry.objects.filter(action="handover.matter.reopened", target_id=matter.pk).exists()
        assert services.reject_matter(matter=matter, actor=leader, text="不做").state == MatterState.REJECTED

    def test_what_somebody_worked_on_goes_back_to_them(self, agent, colleague, leader):
        matter = services.assign_matter(matter=written(agent), to=colleague.membership, actor=leader)
        services.finish_matter(matter=matter, actor=colleague, text="好了")
        assert again(matter, leader).state == MatterState.ASSIGNED

    def test_a_merged_one_stands_alone_again(self, agent, colleague, leader):
        matter, other = written(agent), written(colleague)
        services.merge_matter(matter=matter, into=other, actor=leader)
        assert again(matter, leader).merged_into is None
        assert refusal_of(again, other, leader) == "not_settled"

    def test_what_was_adopted_is_not_opened_again_by_its_author(self, leader, supervisor):
        own = services.adopt_matter(matter=written(leader, "换个话术", "idea"), actor=supervisor, text="好主意")
        assert refusal_of(again, own, leader) == "own_entry"

    def test_it_needs_a_reason(self, idea, leader):
        assert refusal_of(again, idea, leader, " ") == "no_text"

    def test_the_database_lets_nothing_settled_become_something_else_settled(self, idea):
        with pytest.raises(DatabaseError), transaction.atomic():
            Matter.objects.update(state=MatterState.REJECTED)


class TestItsBonus:
    def test_a_bonus_that_waits_is_withdrawn_and_proposed_anew_by_adopting_again(self, idea, leader):
        matter = again(idea, leader)
        assert (matter.bonus, Bonus.objects.get().state) == (None, BonusState.WITHDRAWN)
        matter = services.adopt_matter(matter=matter, actor=leader, text="还是采纳")
        assert [bonus.state for bonus in Bonus.objects.order_by("pk")] == ["withdrawn", "proposed"]
        assert matter.bonus == Bonus.objects.order_by("pk").last()

    def test_a_bonus_that_is_decided_forbids_it(self, idea, leader, manager):
        approve_bonus(bonus=idea.bonus, actor=manager, amount_fen=idea.bonus.least_fen)
        assert refusal_of(again, idea, leader) == "bonus_decided"
        idea.refresh_from_db()
        assert idea.state == MatterState.ADOPTED

    def test_author_and_leader_read_on_the_entry_what_becomes_of_it(self, idea, agent, leader, manager, client_of):
        pages = [client_of(one).get(url("issue", idea)).content.decode() for one in (agent, leader)]
        assert all("Bonus proposed, § " in page and "waits for a decision" in page for page in pages)
        approve_bonus(bonus=idea.bonus, actor=manager, amount_fen=idea.bonus.least_fen)
        page = client_of(agent).get(url("issue", idea)).content.decode()
        assert "Bonus approved, § " in page
        assert reverse("ledger:bonus", args=["desk", idea.bonus.pk]) in page

    def test_the_page_opens_it_again_and_says_so_in_the_history(self, idea, agent, leader, client_of):
        client = client_of(leader)
        assert client_of(agent).post(url("issue_again", idea), {"text": "x"}).status_code == 403
        assert client.post(url("issue_again", idea), {"text": ""}).status_code == 422
        assert client.post(url("issue_again", idea), {"text": "说得太早"}).status_code == 302
        page = client.get(url("issue", idea)).content.decode()
        assert "Dealt with again" in page
        assert "What becomes of it" in page

    def test_a_decided_bonus_is_said_in_words(self, idea, leader, manager, client_of):
        approve_bonus(bonus=idea.bonus, actor=manager, amount_fen=idea.bonus.least_fen)
        page = client_of(leader).get(url("issue", idea)).content.decode()
        assert "Its bonus has been decided already" in page
        assert url("issue_again", idea) not in page


class TestTheEntryThatSaysTheSame:
    def offered(self, form) -> dict[str, list[str]]:
        groups = [group for group in form.fields["into"].choices if isinstance(group[1], list)]
        return {name: [label.split(": ", 1)[1] for _key, label in rows] for name, rows in groups}

    @pytest.fixture
    def matter(self, at, department, agent, colleague):
        """Handed in this week with another one; last week and since then there were others."""
        with at("2026-10-29 10:00"):
            written(colleague, "顾客问退款原因，客服不会答")
            written(colleague, "打印机没纸")
        with at("2026-11-03 12:00"):
            services.hand_in_register(department=department)
        with at("2026-11-05 10:00"):
            found = written(agent, "顾客问退款原因")
            written(colleague, "空调坏了")
        with at("2026-11-10 12:00"):
            services.hand_in_register(department=department)
        found.refresh_from_db()
        return found

    def test_those_of_the_same_digest_come_first_then_similar_ones(self, matter, department):
        assert list(self.offered(DealForm(matter=matter, department=department)).items()) == [
            ("Of the same digest", ["空调坏了"]),
            ("Similar words", ["顾客问退款原因，客服不会答"]),
            ("All others", ["打印机没纸"]),
        ]

    def test_words_narrow_it_down(self, matter, department, leader, client_of):
        form = DealForm(matter=matter, department=department, like="空调")
        assert self.offered(form) == {"Of the same digest": ["空调坏了"]}
        page = client_of(leader).get(url("issue_deal", matter), {"like": "空调"}).content.decode()
        assert "空调坏了" in page
        assert "打印机没纸" not in page

    def test_phones_stay_hidden(self, matter, department, colleague):
        written(colleague, "打 13800002207 没人接")
        assert "13800002207" not in str(self.offered(DealForm(matter=matter, department=department)))

    def test_equal_texts_stand_together_in_the_digest_and_are_merged_with_one_press(
        self, at, department, agent, colleague, leader, client_of
    ):
        with at("2026-11-05 10:00"):
            first, between, second = (
                written(colleague, "尺码表错了"),
                written(colleague, "缺货"),
                written(agent, "尺码表错了 "),
            )
        with at("2026-11-10 12:00"):
            hand_in = services.hand_in_register(department=department)
        client = client_of(leader)
        page = client.get(reverse("handover:issue_digest", args=["desk", hand_in.pk])).content.decode()
        places = [page.index(f'id="entry-{one.issue_id}"') for one in (first, second, between)]
        assert places == sorted(places)
        assert page.count("Says the same as the one before.") == 1
        assert page.count(colleague.name) == 2
        client.post(url("issue_deal", second), {"act": "merge", "into": first.pk}, headers={"hx-request": "true"})
        second.refresh_from_db()
        assert second.merged_into == first

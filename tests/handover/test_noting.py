"""What is added to an item after it was written: how far it has come, what was left out, another time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from handover import services
from handover.models import HandoverItem, ItemAction, Order, SearchText
from handover.pages.log import missing_of
from office import clock
from office.models import Notice

pytestmark = pytest.mark.usefixtures("afternoon")
HTMX = {"HX-Request": "true"}


def url(name, department, *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def code_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as caught:
        call(**kwargs)
    error = caught.value
    return next(iter(error.error_dict)) if hasattr(error, "error_dict") else error.code


@pytest.fixture
def soon():
    return clock.now().replace(second=0, microsecond=0) + timedelta(hours=2)


class TestAdding:
    def test_its_owner_says_how_far_it_has_come(self, agent, write):
        item = write(agent)
        services.note_item(item=item, actor_membership=agent.membership, text="16:10 打过，没人接")
        event = item.events.last()
        assert (event.action, event.text, event.owner) == (ItemAction.NOTED, "16:10 打过，没人接", agent.membership)

    def test_what_was_left_out_is_filled_in_and_the_history_keeps_it(self, agent, write, soon):
        item = write(agent)
        services.note_item(item=item, actor_membership=agent.membership, known="已寄出", fallback="找仓库", due_at=soon)
        item.refresh_from_db()
        assert (item.known, item.fallback, item.due_at) == ("已寄出", "找仓库", soon)
        assert item.events.last().changes == {
            "known": ["", "已寄出"],
            "fallback": ["", "找仓库"],
            "due_at": ["", soon.isoformat()],
        }

    def test_what_is_filled_in_is_found(self, agent, write):
        item = write(agent)
        services.note_item(item=item, actor_membership=agent.membership, known="退款")
        assert SearchText.objects.holding("退款").filter(row=item.pk).exists()

    @pytest.mark.parametrize("name", ["known", "fallback"])
    def test_what_was_written_stays(self, agent, write, name):
        item = write(agent, **{name: "先写的"})
        call = {"item": item, "actor_membership": agent.membership, name: "后写的"}
        assert code_of(services.note_item, **call) == f"{name}_written"
        item.refresh_from_db()
        assert getattr(item, name) == "先写的"

    def test_the_time_is_moved_and_the_old_one_kept(self, agent, write, soon):
        item = write(agent, due_at=soon)
        later = soon + timedelta(hours=3)
        services.note_item(item=item, actor_membership=agent.membership, due_at=later)
        item.refresh_from_db()
        assert item.due_at == later
        assert item.events.last().changes == {"due_at": [soon.isoformat(), later.isoformat()]}

    def test_nobody_moves_away_that_they_are_late(self, agent, supervisor, write, soon):
        item = write(agent, due_at=soon)
        clock.move(timedelta(hours=3))
        call = {"item": item, "due_at": soon + timedelta(hours=9)}
        assert code_of(services.note_item, actor_membership=agent.membership, **call) == "due_over"
        services.note_item(actor_membership=supervisor.membership, **call)
        item.refresh_from_db()
        assert not item.is_overdue
        # Who it belongs to is told.
        assert Notice.objects.filter(recipient=agent).exists()

    def test_a_time_that_stands_there_already_changes_nothing(self, agent, write, soon):
        item = write(agent, due_at=soon)
        call = {"item": item, "actor_membership": agent.membership, "due_at": soon}
        assert code_of(services.note_item, **call) == "text_missing"
        clock.move(timedelta(hours=3))
        services.note_item(text="客户不在家", **call)
        assert item.events.last().changes == {}

    def test_what_is_refused(self, agent, colleague, stranger, write, soon):
        item = write(agent)

        def refused(person, **said):
            return code_of(services.note_item, item=item, actor_membership=person.membership, **said)

        assert refused(colleague, text="x") == "not_yours"
        assert refused(stranger, text="x") == "other_department"
        assert refused(agent) == refused(agent, text=" ", known=" ") == "text_missing"
        assert refused(agent, text="长" * 501) == "too_long"
        assert refused(agent, known="长" * 1001) == "known"
        assert refused(agent, due_at=soon - timedelta(days=1)) == "due_past"
        services.finish_item(item=item, actor_membership=agent.membership)
        assert refused(agent, text="x") == "already_done"


class TestOnThePage:
    def test_what_is_missing_leads_to_where_it_is_put_right(self, department, agent, day_shift, write, soon, client_of):
        item = write(agent, kind="urgent", due_at=soon)
        html = client_of(agent).get(url("log", department)).content.decode()
        for field in ("known", "fallback"):
            assert f'href="#note-{item.pk}-{field}"' in html
            assert f'id="note-{item.pk}-{field}"' in html

    def test_it_is_added_and_stands_on_the_card_and_in_the_history(self, department, agent, write, soon, client_of):
        item = write(agent, due_at=soon)
        later = department.local(soon + timedelta(hours=1))
        said = {"text": "没人接", "known": "打了两次", "fallback": "", "due_at": f"{later:%Y-%m-%dT%H:%M}"}
        client = client_of(agent)
        answer = client.post(url("item_note", department, item.pk), said, headers=HTMX)
        assert "没人接" in answer.content.decode()
        html = client.get(url("item", department, item.pk)).content.decode()
        for text in ("Added to", "打了两次", f"<s>{department.local(soon):%H:%M}</s> {later:%H:%M}"):
            assert text in html

    def test_what_is_refused_keeps_what_was_typed(self, department, agent, write, client_of):
        item = write(agent)
        said = {"text": "没人接", "due_at": "2020-01-01T09:00"}
        answer = client_of(agent).post(url("item_note", department, item.pk), said, headers=HTMX)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert ">没人接</textarea>" in html
        assert 'value="2020-01-01T09:00"' in html
        assert "This time is past already." in html

    def test_a_colleague_may_not(self, department, agent, colleague, write, client_of):
        address = url("item_note", department, write(agent).pk)
        assert client_of(colleague).post(address, {"text": "x"}).status_code == 403


class TestWhatIsMissing:
    def words(self, item) -> list[str]:
        (card,) = HandoverItem.objects.filter(pk=item.pk).for_cards()
        return [str(one) for one in missing_of(card)]

    def test_of_a_kind_that_asks_for_nothing_nothing_is_missed(self, agent, write):
        assert self.words(write(agent, kind="information")) == []

    def test_of_a_kind_that_is_read_back_what_is_known_and_what_to_do_else(self, agent, write, soon):
        item = write(agent, kind="urgent", due_at=soon)
        assert self.words(item) == ["nothing is known so far", "not said what to do if it goes wrong"]
        services.note_item(item=item, actor_membership=agent.membership, known="一句", fallback="一句")
        assert self.words(item) == []

    def test_of_a_follow_up_only_that_it_is_late(self, department, rulebook, agent, day_shift):
        order = Order.objects.create(
            department=department,
            number="26111000012345",
            buyer="小鹿",
            placed_at=clock.now(),
            amount_fen=100,
            business_date=department.today(),
        )
        for follow_up in rulebook.notebooks.follow_ups:
            item = services.follow_up_item(order=order, follow_up_code=follow_up.code, at=clock.now())
            assert self.words(item) == []
        clock.move(timedelta(days=1))
        assert self.words(item) == ["overdue: do it, or say why not"]


class TestTwice:
    FORM = {"to_do": "给小鹿发实拍图", "kind": "waiting"}

    def test_what_is_sent_twice_is_written_once(self, department, agent, client_of):
        form, client = self.FORM | {"token": str(uuid4())}, client_of(agent)
        for _time in range(2):
            assert client.post(url("item_new", department), form).status_code == 302
        assert HandoverItem.objects.count() == 1

    def test_also_when_it_has_gone_on_meanwhile(self, agent, colleague, day_shift, night_shift, write):
        token = uuid4()
        item = write(agent, token=token)
        services.submit_handover(attendance=day_shift, actor=agent)
        services.accept_item(item=item, actor_membership=colleague.membership)
        assert write(agent, token=token).pk == item.pk

    def test_another_text_is_another_item_after_one_more_press(self, department, agent, client_of):
        form, client = self.FORM | {"token": str(uuid4())}, client_of(agent)
        client.post(url("item_new", department), form)
        refused = client.post(url("item_new", department), form | {"to_do": "另一件"})
        assert refused.status_code == 422
        again = form | {"to_do": "另一件", "token": refused.context["form"]["token"].value()}
        assert client.post(url("item_new", department), again).status_code == 302
        assert HandoverItem.objects.count() == 2

    @pytest.mark.parametrize("other", [{"customer": "别人"}, {"known": "说好了明天"}, {"kind": "information"}])
    def test_the_same_text_about_something_else_is_not_lost(self, department, agent, client_of, other):
        form, client = self.FORM | {"token": str(uuid4())}, client_of(agent)
        client.post(url("item_new", department), form)
        assert client.post(url("item_new", department), form | other).status_code == 422

    def test_no_time_is_years_away(self, agent, write):
        with pytest.raises(ValidationError) as refusal:
            write(agent, due_at=clock.now() + timedelta(days=400))
        assert refusal.value.code == "due_too_far"

    def test_two_people_may_have_the_same_token(self, agent, colleague, write):
        token = uuid4()
        assert write(agent, token=token).pk != write(colleague, token=token).pk

    def test_the_page_that_keeps_a_draft_hears_where_to_go(self, department, agent, client_of):
        asked = {"Accept": "application/json"}
        answer = client_of(agent).post(url("item_new", department), self.FORM, headers=asked)
        assert answer.status_code == 201
        assert answer.json() == {"onward": url("log", department)}
        again = client_of(agent).post(url("item_new", department), self.FORM | {"again": "1"}, headers=asked)
        assert again.json() == {"onward": url("item_new", department)}

"""The pages of the issue register: quick capture, one entry, what is decided about it, the digest."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover import services
from handover.models import HandIn, Issue, Matter
from ledger.models import Bonus
from tests.factories import JOINED, add_person

pytestmark = pytest.mark.usefixtures("afternoon")

JSON = {"accept": "application/json"}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)
MOST_QUERIES = 10


def url(name, *args):
    return reverse(f"handover:{name}", args=["desk", *args])


def written(person, text="退款顾客问原因", category="problem", **more) -> Issue:
    return services.write_issue(author=person.membership, category=category, text=text, **more)


def page(response) -> str:
    assert response.status_code in (200, 422), response.status_code
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


class TestQuickCapture:
    FORM = {"text": "退款顾客问原因", "category": "idea", "customer": "小鹿 t***8"}

    def test_an_entry_from_anywhere_is_written_once(self, agent, client_of):
        client, sent = client_of(agent), self.FORM | {"token": str(uuid.uuid4())}
        first = client.post(url("issues"), sent, headers=JSON)
        again = client.post(url("issues"), sent, headers=JSON)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert Issue.objects.get().customer == "小鹿 t***8"

    def test_a_picture_comes_along(self, agent, client_of):
        sent = self.FORM | {"picture": SimpleUploadedFile("x.png", PICTURE)}
        assert client_of(agent).post(url("issues"), sent, headers=JSON).status_code == 201
        issue = Issue.objects.get()
        answer = client_of(agent).get(url("issue_picture", issue.pk))
        assert (answer["Content-Type"], b"".join(answer.streaming_content)) == ("image/png", PICTURE)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"text": ""}, "text"),
            ({"category": "nonsense"}, "category"),
            ({"token": "no token"}, "token"),
            ({"customer": "x" * 81}, "customer"),
            ({"picture": SimpleUploadedFile("x.exe", b"MZ")}, "picture"),
        ],
    )
    def test_mistakes_come_back_by_field(self, agent, client_of, changes, field):
        answer = client_of(agent).post(url("issues"), self.FORM | changes, headers=JSON)
        assert answer.status_code == 422
        assert set(answer.json()["errors"]) == {field}
        assert not Issue.objects.exists()

    def test_another_text_under_the_same_token_is_told_apart(self, agent, client_of):
        sent = self.FORM | {"token": str(uuid.uuid4())}
        client = client_of(agent)
        client.post(url("issues"), sent, headers=JSON)
        errors = client.post(url("issues"), sent | {"text": "y"}, headers=JSON).json()["errors"]
        assert [error["code"] for error in errors["__all__"]] == ["token_used"]

    def test_after_going_back_in_the_browser_another_entry_is_entered_with_the_second_press(self, agent, client_of):
        sent, client = self.FORM | {"token": str(uuid.uuid4())}, client_of(agent)
        client.post(url("issues"), sent)
        refused = client.post(url("issues"), sent | {"text": "y"})
        assert refused.status_code == 422
        again = sent | {"text": "y", "token": refused.context["form"]["token"].value()}
        assert client.post(url("issues"), again).status_code == 302
        assert Issue.objects.count() == 2

    def test_the_categories_are_those_of_the_rulebook(self, agent, client_of):
        answer = client_of(agent).get(url("issue_capture")).json()
        assert [code for code, _name in answer["categories"]] == ["problem", "idea", "product-data"]

    def test_who_is_no_member_is_told_so(self, department, client_of):
        from people.models import Role
        from people.services import grant_role

        person = add_person(department)
        person.memberships.all().delete()
        grant_role(actor=None, department=department, user=person, role=Role.MANAGER, from_day=JOINED)
        answer = client_of(person).get(url("issue_capture")).json()
        assert not answer["categories"]
        assert answer["trouble"]

    def test_every_page_offers_it_and_pays_nothing_for_it(self, agent, client_of):
        html = page(client_of(agent).get("/notices/", follow=True))
        assert "data-capture" in html
        assert "problem" not in html


class TestTheList:
    def test_the_author_sees_what_became_of_each(self, agent, leader, client_of):
        services.answer_matter(matter=written(agent, "一").matter, actor=leader, text="已经改好")
        written(agent, "二")
        client = client_of(agent)
        html = page(client.get(url("issues")))
        assert "Answered" in html
        assert "已经改好" in html
        answered = page(client.get(url("issues"), {"state": "answered"}))
        assert "一" in answered
        assert "二</a>" not in answered
        assert "二</a>" in page(client.get(url("issues"), {"state": "waiting"}))

    def test_what_i_work_on_stands_in_a_list_of_its_own(self, agent, colleague, leader, client_of):
        issue = written(agent, "请改图片")
        services.assign_matter(matter=issue.matter, to=colleague.membership, actor=leader)
        client = client_of(colleague)
        assert "请改图片" not in page(client.get(url("issues")))
        assert "请改图片" in page(client.get(url("issues"), {"whose": "working"}))

    def test_the_file_holds_the_answers_too(self, agent, leader, client_of):
        services.answer_matter(matter=written(agent).matter, actor=leader, text="x")
        assert client_of(leader).get(url("issues"), {"export": "xlsx"}).status_code == 200

    def test_it_stays_within_ten_queries(self, agent, leader, client_of):
        written(agent)
        client = client_of(leader)
        few = queries_of(client, url("issues"))
        for number in range(20):
            matter = written(agent, f"{number}").matter
            services.assign_matter(matter=matter, to=leader.membership, actor=leader)
        assert queries_of(client, url("issues")) == few <= MOST_QUERIES


class TestOneEntry:
    def test_the_author_reads_it_with_its_history_and_a_colleague_finds_nothing(
        self, agent, colleague, leader, client_of
    ):
        issue = written(agent, picture=SimpleUploadedFile("x.png", PICTURE))
        services.reject_matter(matter=issue.matter, actor=leader, text="太贵了")
        html = page(client_of(agent).get(url("issue", issue.pk)))
        assert "太贵了" in html
        assert "Not adopted" in html
        for name in ("issue", "issue_picture"):
            assert client_of(colleague).get(url(name, issue.pk)).status_code == 404

    def test_of_a_merged_one_the_author_reads_the_answer_but_not_the_other_entry(
        self, agent, colleague, leader, client_of
    ):
        first, second = written(colleague, "同事写的"), written(agent)
        services.merge_matter(matter=second.matter, into=first.matter, actor=leader)
        services.answer_matter(matter=first.matter, actor=leader, text="周五改好")
        html = page(client_of(agent).get(url("issue", second.pk)))
        assert "周五改好" in html
        assert "同事写的" not in html
        assert "同事写的" in page(client_of(leader).get(url("issue", second.pk)))

    def test_who_handles_it_deals_with_it_on_the_page(self, agent, leader, client_of):
        issue = written(agent, category="idea")
        client = client_of(leader)
        assert "10.00 to 100.00 yuan" in page(client.get(url("issue", issue.pk)))
        answer = client.post(url("issue_deal", issue.pk), {"act": "adopt", "text": "好主意"})
        assert answer["location"] == url("issue", issue.pk)
        assert Bonus.objects.get().source_id == issue.pk
        assert page(client.get(url("issue", issue.pk)))

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"act": "answer", "text": ""}, "text"),
            ({"act": "answer", "text": "x" * 1001}, "text"),
            ({"act": "assign"}, "to"),
            ({"act": "merge"}, "into"),
            ({"act": "assign", "to": "nobody"}, "to"),
            ({"act": "merge", "into": "999999"}, "into"),
            ({"act": "burn", "text": "x"}, "act"),
            ({}, "act"),
        ],
    )
    def test_what_does_not_fit_is_refused_beside_the_field(self, agent, leader, client_of, sent, field):
        issue = written(agent)
        for headers in ({}, {"hx-request": "true"}):
            answer = client_of(leader).post(url("issue_deal", issue.pk), sent, headers=headers)
            assert answer.status_code == 422
            assert list(answer.context["deal"].errors) == [field]
        assert Matter.objects.get().state == "new"

    def test_who_comes_second_is_told(self, agent, leader, client_of):
        issue = written(agent)
        services.answer_matter(matter=issue.matter, actor=leader, text="x")
        answer = client_of(leader).post(url("issue_deal", issue.pk), {"act": "reject", "text": "y"})
        assert answer.status_code == 422
        assert "settled already" in answer.content.decode()

    def test_who_works_on_it_reports_it_done(self, agent, colleague, leader, client_of):
        issue = written(agent)
        services.assign_matter(matter=issue.matter, to=colleague.membership, actor=leader)
        client = client_of(colleague)
        assert "You work on this" in page(client.get(url("issue", issue.pk)))
        assert client.post(url("issue_done", issue.pk), {"text": ""}).status_code == 422
        assert client.post(url("issue_done", issue.pk), {"text": "换好了"}).status_code == 302
        assert client.post(url("issue_done", issue.pk), {"text": "换好了"}).status_code == 422
        assert client_of(agent).post(url("issue_done", issue.pk), {"text": "x"}).status_code == 403
        assert Matter.objects.get().state == "answered"

    def test_scripts_are_text(self, agent, leader, client_of):
        evil = "<script>x</script>"
        issue = written(agent, evil, customer=evil, about=evil)
        services.answer_matter(matter=issue.matter, actor=leader, text=evil)
        assert evil not in page(client_of(agent).get(url("issue", issue.pk)))

    def test_it_stays_within_ten_queries(self, agent, colleague, leader, client_of):
        issue, client = written(agent, category="idea"), client_of(leader)
        few = queries_of(client, url("issue", issue.pk))
        for _number in range(5):
            services.merge_matter(matter=written(colleague).matter, into=issue.matter, actor=leader)
        assert queries_of(client, url("issue", issue.pk)) == few <= MOST_QUERIES
        services.adopt_matter(matter=issue.matter, actor=leader, text="x")
        assert queries_of(client, url("issue", issue.pk)) <= MOST_QUERIES


class TestDigests:
    @pytest.fixture
    def handed_in(self, at, agent, colleague):
        with at("2026-11-06 10:00"):
            for person, text, category in [
                (colleague, "丁", "product-data"),
                (agent, "乙", "idea"),
                (agent, "甲", "problem"),
                (colleague, "丙", "problem"),
            ]:
                written(person, text, category)
        services.hand_in_registers()
        return HandIn.objects.get()

    def test_it_stands_by_category_and_author(self, handed_in, leader, client_of):
        digest = client_of(leader).get(url("issue_digest", handed_in.pk)).context["digest"]
        # In the order of the form; within a category by work number.
        shelves = [[entry.text for entry in shelf.entries] for shelf in digest.shelves]
        assert shelves == [["丙", "甲"], ["乙"], ["丁"]]
        assert digest.still_open == 4

    def test_an_entry_is_dealt_with_where_it_stands(self, handed_in, leader, client_of):
        issue, client = Issue.objects.filter(category="idea").get(), client_of(leader)
        form = page(client.get(url("issue_deal", issue.pk), headers={"hx-request": "true"}))
        assert f'hx-post="{url("issue_deal", issue.pk)}"' in form
        sent = {"act": "answer", "text": "周五改好"}
        html = page(client.post(url("issue_deal", issue.pk), sent, headers={"hx-request": "true"}))
        assert f'id="entry-{issue.pk}"' in html
        assert "周五改好" in html
        assert "<html" not in html

    def test_only_who_handles_the_register_reads_it(self, handed_in, agent, manager, client_of):
        for person in (agent, manager):
            assert client_of(person).get(url("issue_digests")).status_code == 403
            assert client_of(person).get(url("issue_digest", handed_in.pk)).status_code == 403

    def test_the_list_says_what_is_still_open(self, handed_in, leader, client_of):
        services.answer_matter(matter=handed_in.matters.first(), actor=leader, text="x")
        written(leader)
        answer = client_of(leader).get(url("issue_digests"))
        assert answer.context["counts"] == {"new": 1, "open": 4}
        assert [row.open for row in answer.context["table"].page] == [3]

    def test_it_costs_the_same_with_thirty_entries(self, at, handed_in, agent, leader, client_of):
        client = client_of(leader)
        few = queries_of(client, url("issue_digest", handed_in.pk))
        with at("2026-11-12 10:00"):
            for number in range(30):
                written(agent, f"{number}")
        with at("2026-11-16 10:00"):
            services.hand_in_registers()
            last = HandIn.objects.first()
            assert queries_of(client, url("issue_digest", last.pk)) == few <= MOST_QUERIES
            assert queries_of(client, url("issue_digests")) <= MOST_QUERIES


def test_a_customer_is_masked_for_who_only_handles_the_register(changed_department, client_of):
    author, handler = add_person(changed_department), add_person(changed_department, roles=["finance"])
    issue = written(author, "打 13812342207", "fault", customer="小鹿森林")
    address = reverse("handover:issue", args=["harbour", issue.pk])
    html = page(client_of(handler).get(address))
    assert "小鹿森林" not in html
    assert "13812342207" not in html
    assert "小鹿森林" in page(client_of(author).get(address))

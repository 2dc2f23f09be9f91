"""The pages of meetings, for each of the cast."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import Issue, Meeting
from handover.services.meetings import make_meetings
from office import clock
from office.excel import CONTENT_TYPE
from rulebooks.services import import_rulebook
from shifts.models import Assignment, Layer
from tests.conftest import LIBRARY, SINCE
from tests.factories import add_person, make_department

MONDAY = date(2026, 11, 16)
MOST = 10


def url(department, name="meetings", *args):
    return reverse(f"handover:{name}", args=[department.code, *args])


def page(response) -> str:
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


def plan(person):
    zone = person.membership.department.zone
    Assignment.objects.create(
        layer=Layer.PUBLISHED,
        membership=person.membership,
        business_date=MONDAY,
        code="D",
        starts_at=datetime(2026, 11, 16, 8, 0, tzinfo=zone),
        ends_at=datetime(2026, 11, 16, 17, 0, tzinfo=zone),
    )


@pytest.fixture
def meeting(department, agent, colleague, leader):
    """Monday's first one: the leader chairs, the colleague stays on the desk, the agent takes part."""
    for person in (agent, colleague, leader):
        plan(person)
    with clock.at(datetime(2026, 11, 10, 12, 0, tzinfo=department.zone)):
        make_meetings(department=department)
    return Meeting.objects.order_by("begins_at").first()


@pytest.fixture
def before(meeting):
    with clock.at(meeting.begins_at - timedelta(days=1)):
        yield


@pytest.fixture
def after(meeting):
    with clock.at(meeting.begins_at + timedelta(hours=1)):
        yield


@pytest.mark.usefixtures("before")
class TestBefore:
    def test_everybody_sees_who_chairs_and_who_stays(self, department, agent, colleague, client_of):
        html = page(client_of(agent).get(url(department)))
        assert "You take part" in html
        assert "陈思雨 chairs" in html
        assert "You stay on the desk" in page(client_of(colleague).get(url(department)))

    def test_who_leads_arranges_it(self, department, meeting, agent, colleague, leader, supervisor, client_of):
        client = client_of(supervisor)
        assert "Call it off" in page(client.get(url(department, "meeting", meeting.pk)))
        parts = {f"part_{person.membership.pk}": "attends" for person in (agent, colleague, leader)}
        answer = client.post(url(department, "meeting_arrange", meeting.pk), {"chair": agent.membership.pk, **parts})
        assert answer.status_code == 302
        meeting.refresh_from_db()
        assert meeting.chair == agent.membership

    def test_a_chair_who_is_to_stay_on_the_desk_is_refused_beside_the_chair(
        self, department, meeting, agent, colleague, leader, supervisor, client_of
    ):
        parts = {f"part_{person.membership.pk}": "attends" for person in (agent, colleague, leader)}
        sent = {"chair": leader.membership.pk, **parts, f"part_{leader.membership.pk}": "stays"}
        answer = client_of(supervisor).post(url(department, "meeting_arrange", meeting.pk), sent)
        assert "Whoever chairs takes part" in page(answer)
        assert answer.context["arrange"].errors["chair"]

    @pytest.mark.parametrize("data", [{}, {"chair": "x"}, {"chair": "99999999999999999999"}])
    def test_what_makes_no_sense_is_refused(self, department, meeting, supervisor, client_of, data):
        assert client_of(supervisor).post(url(department, "meeting_arrange", meeting.pk), data).status_code == 422

    def test_calling_off_asks_why(self, department, meeting, supervisor, agent, client_of):
        client, address = client_of(supervisor), url(department, "meeting_cancel", meeting.pk)
        assert client.post(address, {"reason": ""}).status_code == 422
        assert client.post(address, {"reason": "大促"}).status_code == 302
        assert "大促" in page(client_of(agent).get(url(department, "meeting", meeting.pk)))
        assert client.post(address, {"reason": "大促"}).status_code == 422

    def test_a_colleague_may_not(self, department, meeting, agent, client_of):
        client = client_of(agent)
        for name in ("meeting_arrange", "meeting_cancel", "meeting_came", "meeting_minutes", "meeting_decide"):
            assert client.post(url(department, name, meeting.pk), {}).status_code == 403

    def test_for_a_stranger_it_does_not_exist(self, department, meeting, stranger, client_of):
        client = client_of(stranger)
        assert client.get(url(department)).status_code == 404
        assert client.get(url(department, "meeting", meeting.pk)).status_code == 404
        other = stranger.membership.department
        assert client.get(url(other, "meeting", meeting.pk)).status_code == 404
        assert client.post(url(other, "meeting_cancel", meeting.pk), {"reason": "x"}).status_code == 404

    def test_pages_cost_the_same_with_three_people_and_with_thirty(self, department, meeting, supervisor, client_of):
        client, addresses = client_of(supervisor), [url(department), url(department, "meeting", meeting.pk)]
        few = [queries_of(client, address) for address in addresses]
        for _number in range(30):
            plan(add_person(department))
        make_meetings(department=department)
        assert meeting.people.count() == 33
        assert [queries_of(client, address) for address in addresses] == few
        assert max(few) <= MOST


@pytest.mark.usefixtures("after")
class TestAfter:
    def test_the_chair_writes_and_hands_in(self, department, meeting, leader, agent, client_of):
        client, address = client_of(leader), url(department, "meeting_minutes", meeting.pk)
        client.post(address, {"text": "草稿"})
        assert "草稿" not in page(client_of(agent).get(url(department, "meeting", meeting.pk)))
        assert client.post(address, {"text": "<script>x</script>定了", "hand_in": "on"}).status_code == 302
        html = page(client_of(agent).get(url(department, "meeting", meeting.pk)))
        assert "定了" in html
        assert "<script>x" not in html
        assert client.post(address, {"text": "再改", "hand_in": "on"}).status_code == 422

    def test_minutes_without_words_are_refused(self, department, meeting, leader, client_of):
        address = url(department, "meeting_minutes", meeting.pk)
        assert client_of(leader).post(address, {"text": "", "hand_in": "on"}).status_code == 422

    def test_a_decision_is_entered_in_the_register(self, department, meeting, leader, client_of, rulebook):
        category = rulebook.notebooks.issue_register.categories[0].code
        client, address = client_of(leader), url(department, "meeting_decide", meeting.pk)
        assert client.post(address, {"text": "换快递", "category": "x"}).status_code == 422
        assert client.post(address, {"text": "换快递", "category": category}).status_code == 302
        assert Issue.objects.get().meeting == meeting
        assert "换快递" in page(client.get(url(department, "meeting", meeting.pk)))

    def test_who_came_is_marked(self, department, meeting, agent, supervisor, client_of):
        client, address = client_of(supervisor), url(department, "meeting_came", meeting.pk)
        assert client.post(address, {"came": [agent.membership.pk]}).status_code == 302
        assert client.post(address, {"came": ["x"]}).status_code == 422
        html = page(client.get(url(department)))
        assert "1/2" in html

    def test_held_meetings_go_along_as_excel(self, department, agent, client_of):
        assert client_of(agent).get(url(department), {"export": "xlsx"})["Content-Type"] == CONTENT_TYPE

    def test_pages_cost_the_same_after_one_decision_and_thirty(self, department, meeting, leader, client_of, rulebook):
        from handover.services.meetings import decide_in_meeting

        category = rulebook.notebooks.issue_register.categories[0].code
        client, address = client_of(leader), url(department, "meeting", meeting.pk)
        decide_in_meeting(meeting=meeting, author=leader.membership, category=category, text="一")
        few = queries_of(client, address)
        for number in range(30):
            decide_in_meeting(meeting=meeting, author=leader.membership, category=category, text=f"{number}")
        assert queries_of(client, address) == few <= MOST


def test_where_the_rulebook_has_no_meetings_the_page_says_what_to_do(db, client_of):
    quiet = make_department("quiet")
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    source = re.sub(r"\nmeetings:\n(  .*\n)+", "\n", source)
    import_rulebook(department=quiet, source=source.encode(), from_day=SINCE, actor=None)
    assert "No meetings here" in page(client_of(add_person(quiet)).get(url(quiet)))


def test_without_a_rulebook_it_says_so(db, client_of):
    bare = make_department("bare")
    assert "No rulebook yet" in page(client_of(add_person(bare)).get(url(bare)))

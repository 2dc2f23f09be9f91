"""The pages of reviews and complaints, for each of the cast."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.cases import share_of
from handover.models import Case, CaseState, Finding
from handover.pages.case_months import by_kind, by_person, total_of
from handover.services import cases as services
from office import clock
from office.months import Month
from people.models import Role
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department
from tests.sheets import rows_of

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(24)


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00") as moment:
        yield moment


def url(name, department, *args, **query):
    return reverse(f"handover:{name}", args=[department.code, *args], query=query or None)


def page(response) -> str:
    assert response.status_code == 200 or (response.status_code == 422 and response.wsgi_request.method == "POST")
    return response.content.decode()


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


def register(person, kind="bad-review", **more):
    facts = {"customer": "小鹿斑比", "text": "收到的床是坏的", "came_at": clock.now(), "phone": "13800002207"}
    return services.register_case(department=person.membership.department, actor=person, kind=kind, **facts | more)


def close(case, actor, finding=""):
    for step in case.rule.steps[:-1]:
        if step.if_missed is None:
            services.do_step(step=case.steps.get(code=step.code), actor=actor)
    return services.close_case(case=case, actor=actor, finding=finding, text="办结")


class TestRegistering:
    FORM = {
        "kind": "complaint",
        "text": "客服骂人",
        "customer": "小鹿 tb8841",
        "came_at": "2026-11-10T11:40",
        "severity": "serious",
        "order_number": "8841",
    }

    def test_a_member_registers_one_with_a_picture_and_lands_on_its_page(self, department, agent, colleague, client_of):
        sent = self.FORM | {"picture": SimpleUploadedFile("a.png", PICTURE), "subject": colleague.membership.pk}
        response = client_of(agent).post(url("case_new", department), sent)
        case = Case.objects.get()
        assert response["location"] == url("case", department, case.pk)
        assert (case.kind, case.severity, case.subject) == ("complaint", "serious", colleague.membership)
        assert case.steps.first().due_at == case.came_at + timedelta(minutes=20)
        shown = page(client_of(agent).get(response["location"]))
        assert "0 min left" in shown
        picture = client_of(agent).get(url("case_picture", department, case.pk))
        assert picture.getvalue() == PICTURE
        picture.close()

    def test_an_order_number_is_filled_in_from_the_address(self, department, agent, client_of):
        html = page(client_of(agent).get(url("case_new", department, order="8841", customer="x" * 500)))
        assert 'value="8841"' in html
        assert f'value="{"x" * 60}"' in html

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"kind": "grumble"}, "kind"),
            ({"kind": ""}, "kind"),
            ({"severity": "awful"}, "severity"),
            ({"came_at": "2026-11-10T12:01"}, "came_at"),
            ({"came_at": "yesterday"}, "came_at"),
            ({"came_at": "2025-11-10T12:01"}, "came_at"),
            ({"came_at": "0001-01-01T00:00"}, "came_at"),
            ({"text": "  "}, "text"),
            ({"text": "x" * 2001}, "text"),
            ({"customer": "x" * 81}, "customer"),
            ({"phone": "1" * 41}, "phone"),
            ({"subject": "999999"}, "subject"),
            ({"picture": SimpleUploadedFile("a.exe", b"MZ" + bytes(40))}, "picture"),
            ({"text": "a\x00b"}, "text"),
        ],
    )
    def test_what_cannot_be_comes_back_with_what_was_typed(self, department, agent, client_of, changes, field):
        response = client_of(agent).post(url("case_new", department), self.FORM | changes)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
        assert not Case.objects.exists()

    def test_twice_is_once(self, department, agent, client_of):
        client = client_of(agent)
        one, other = (client.post(url("case_new", department), self.FORM)["location"] for _press in range(2))
        assert one == other

    def test_the_kinds_are_those_of_the_departments_rulebook(self, changed_department, client_of):
        person = add_person(changed_department)
        html = page(client_of(person).get(url("case_new", changed_department)))
        assert "Grumble" in html
        assert "Severity" not in html
        assert "within 5 hours" in html

    def test_scripts_are_text(self, department, agent, client_of):
        case = register(agent, customer="<script>x</script>", text="<script>y</script>")
        for address in (url("cases", department), url("case", department, case.pk)):
            html = page(client_of(agent).get(address))
            assert "<script>x" not in html
            assert "<script>y" not in html


class TestWithoutRules:
    def test_a_rulebook_without_cases_says_what_to_do(self, department, agent, manager, client_of):
        text = (LIBRARY / "three-shift-desk.yaml").read_text()
        start, end = text.index("\ncases:"), text.index("\nweekly_summary:")
        source = (text[:start] + text[end:]).encode()
        old = register(agent)
        import_rulebook(department=department, source=source, from_day=department.today(), actor=None)
        # What is there is worked through.
        html = page(client_of(agent).get(url("cases", department)))
        assert "any more" in html
        assert url("case", department, old.pk) in html
        html = page(client_of(agent).get(url("case_new", department)))
        assert "Nothing can be registered here" in html
        assert url("issues", department) in html
        html = page(client_of(manager).get(url("case_new", department)))
        assert reverse("rulebooks:current", args=[department.code]) in html

    def test_a_department_without_a_rulebook_says_so(self, db, client_of):
        bare = make_department("bare")
        client = client_of(add_person(bare))
        assert "Nothing can be registered here" in page(client.get(url("cases", bare)))
        assert "No rulebook yet" in page(client.get(url("case_new", bare)))


class TestTheList:
    def test_an_agent_sees_only_what_is_theirs(self, department, agent, colleague, leader, client_of):
        mine, about = register(agent, text="我登记的"), register(leader, text="说的是我", subject=agent.membership)
        given = services.assign_case(case=register(leader, text="给我的"), to=agent.membership, actor=leader)
        register(colleague, text="别人的")
        shown = {line.case.pk for line in client_of(agent).get(url("cases", department)).context["lines"]}
        assert shown == {mine.pk, about.pk, given.pk}

    def test_it_is_filtered_by_kind_state_whose_month_and_words(self, department, agent, leader, client_of):
        review, complaint = register(agent, text="床是坏的"), register(agent, kind="complaint", text="客服骂人")
        done = close(register(agent, text="早就好了"), leader)
        services.assign_case(case=review, to=leader.membership, actor=leader)
        clock.move(timedelta(hours=1))
        client = client_of(leader)

        def found(**query):
            lines = client.get(url("cases", department, **query)).context["lines"]
            return {line.case.pk for line in lines}

        assert found() == {review.pk, complaint.pk}
        assert found(kind="complaint") == found(state="late") == {complaint.pk}
        assert found(state="closed") == {done.pk}
        assert found(state="all") == {review.pk, complaint.pk, done.pk}
        assert found(whose="mine") == {review.pk}
        assert found(whose="nobody") == {complaint.pk}
        assert found(q="骂人") == {complaint.pk}
        assert found(month="2026-10", state="all") == set()
        assert found(state="nonsense", kind="nonsense", sort="nonsense") == {review.pk, complaint.pk}
        assert client.get(url("cases", department, month="2026-13")).status_code == 404

    def test_what_is_due_soonest_comes_first_with_its_clock(self, department, agent, leader, client_of):
        review, complaint = register(agent), register(agent, kind="complaint", text="客服骂人")
        clock.move(timedelta(minutes=50))
        response = client_of(leader).get(url("cases", department))
        assert [line.case.pk for line in response.context["lines"]] == [complaint.pk, review.pk]
        html = page(response)
        assert "30 min late" in html
        assert "1 d 23 h left" in html
        clock.move(timedelta(hours=48))
        assert "missed: Write to the buyer" in page(client_of(leader).get(url("cases", department)))

    def test_it_comes_anew_by_itself(self, department, agent, client_of):
        register(agent)
        assert 'hx-trigger="every 60s"' in page(client_of(agent).get(url("cases", department)))

    def test_the_file_hides_customers_as_the_page_does(self, department, agent, leader, client_of):
        register(leader, text="打 13800002207 没人接", subject=agent.membership)
        for person, customer in ((leader, "小鹿斑比"), (agent, "小***比")):
            rows = rows_of(client_of(person).get(url("cases", department, export="xlsx")).content)
            assert rows[1][rows[0].index("Customer")] == customer
        assert "13800002207" not in str(rows)

    def test_who_does_not_see_a_customer_does_not_find_by_it_either(self, department, agent, leader, client_of):
        register(leader, subject=agent.membership)
        for person, count in ((leader, 1), (agent, 0)):
            assert len(client_of(person).get(url("cases", department, q="斑比")).context["lines"]) == count

    def test_it_costs_the_same_with_one_case_and_with_thirty(self, department, agent, leader, colleague, client_of):
        register(agent, kind="complaint")
        client, address = client_of(leader), url("cases", department)
        few = queries_of(client, address)
        for number in range(30):
            case = register(agent, text=f"第 {number} 条", subject=colleague.membership)
            if number % 2:
                services.assign_case(case=case, to=colleague.membership, actor=leader)
        assert queries_of(client, address) == few
        assert few <= 10


class TestOneCase:
    def test_who_it_is_about_sees_it_without_the_customer(self, department, leader, agent, colleague, client_of):
        case = register(leader, kind="complaint", subject=agent.membership, text="打 13800002207 没人接")
        services.add_note(case=case, actor=leader, text="改打 13900001111")
        html = page(client_of(agent).get(url("case", department, case.pk)))
        for hidden in ("小鹿斑比", "13800002207", "13900001111", "tel:"):
            assert hidden not in html
        assert "小***比" in html
        assert "138****2207" in html
        assert "Give it to somebody" not in html
        assert client_of(colleague).get(url("case", department, case.pk)).status_code == 404
        assert "tel:13800002207" in page(client_of(leader).get(url("case", department, case.pk)))

    def test_who_handles_it_gives_it_away_does_its_steps_notes_and_closes(
        self, department, agent, colleague, leader, client_of
    ):
        case = register(agent, kind="complaint", subject=agent.membership)
        client, here = client_of(leader), url("case", department, case.pk)
        for name, sent in (
            ("case_assign", {"to": colleague.membership.pk, "text": "你来"}),
            ("case_note", {"text": "买家要补偿"}),
        ):
            assert client.post(url(name, department, case.pk), sent)["location"] == here
        worker = client_of(colleague)
        # Giving it to somebody was the first step.
        step = case.steps.get(code="report-back")
        assert worker.post(url("case_step", department, case.pk, step.pk), {"text": "好"})["location"] == here
        assert "Close the case" in page(worker.get(here))
        sent = {"finding": Finding.UPHELD, "text": "属实"}
        assert worker.post(url("case_close", department, case.pk), sent)["location"] == here
        case.refresh_from_db()
        assert (case.state, case.finding) == (CaseState.CLOSED, Finding.UPHELD)
        html = page(client.get(here))
        assert "你来" in html
        assert "买家要补偿" in html
        assert "Give it to somebody" not in html

    def test_refused_forms_come_back_with_what_was_typed(self, department, agent, leader, client_of):
        case = register(agent, kind="complaint")
        client = client_of(leader)
        step = case.steps.get(code="report-back")
        for name, args, sent, form in (
            ("case_step", [step.pk], {"text": "x" * 1001}, "step_form"),
            ("case_step", [step.pk], {"text": "早了"}, "step_form"),
            ("case_note", [], {"text": " "}, "note_form"),
            ("case_assign", [], {"to": "0"}, "assign_form"),
            ("case_assign", [], {"to": "x"}, "assign_form"),
            ("case_close", [], {"text": "完", "finding": "perhaps"}, "close_form"),
            ("case_close", [], {"text": "完", "finding": "upheld", "about": "nobody"}, "close_form"),
        ):
            response = client.post(url(name, department, case.pk, *args), sent)
            assert response.status_code == 422
            assert response.context[form].errors
        assert not case.steps.exclude(done_at=None).exists()

    def test_a_closed_case_refuses_in_words(self, department, agent, leader, colleague, client_of):
        case = close(register(agent), leader)
        client = client_of(leader)
        html = page(client.post(url("case_assign", department, case.pk), {"to": colleague.membership.pk}))
        assert "closed already" in html
        assert "closed already" in page(client.post(url("case_close", department, case.pk), {"text": "又"}))

    def test_the_clocks_alone_are_a_part_of_the_page(self, department, agent, client_of):
        case = register(agent)
        html = page(client_of(agent).get(url("case_clocks", department, case.pk)))
        assert "<html" not in html
        assert "2 d 0 h left" in html
        clock.move(timedelta(hours=49))
        html = page(client_of(agent).get(url("case_clocks", department, case.pk)))
        assert "1 h 0 min late" in html

    def test_it_costs_at_most_ten_queries_however_long_its_history(self, department, agent, leader, client_of):
        case = register(agent, kind="complaint", subject=agent.membership)
        client, address = client_of(leader), url("case", department, case.pk)
        few = queries_of(client, address)
        for number in range(30):
            services.add_note(case=case, actor=leader, text=f"第 {number} 条")
        assert queries_of(client, address) == few
        assert few <= 10
        close(case, leader, Finding.UPHELD)
        assert queries_of(client, address) <= 11
        assert queries_of(client, url("case_new", department)) <= 10


class TestTheMonth:
    @pytest.fixture
    def november(self, agent, department, leader, colleague):
        """Four that came in: one upheld and one not, one late and open, one fresh review."""
        close(register(agent, "complaint", text="一", subject=colleague.membership), leader, Finding.UPHELD)
        close(register(agent, "complaint", text="二", subject=colleague.membership), leader, Finding.NOT_UPHELD)
        register(agent, "complaint", text="三")
        register(agent, "bad-review", text="四", subject=agent.membership)
        register(agent, "bad-review", text="五", came_at=clock.now() - timedelta(days=20))
        clock.move(timedelta(hours=1))

    def test_each_kind_and_each_person_with_steps_on_time_of_those_due(self, november, department):
        found = by_kind(department, Month(2026, 11), clock.now())
        assert [(line.name, line.came, line.closed, line.open, line.upheld, line.share.fraction) for line in found] == [
            ("Complaint", 3, 2, 1, 1, "6 ÷ 7"),
            ("Bad review", 1, 0, 1, 0, "0 ÷ 0"),
        ]
        people = by_person(department, Month(2026, 11), clock.now())
        assert [(line.name, line.came, line.upheld) for line in people] == [
            ("王浩然", 2, 1),
            ("林晓彤", 1, 0),
            ("Nobody named", 1, 0),
        ]
        assert total_of(found).share == total_of(people).share

    def test_the_database_counts_as_the_clocks_do(self, november, department, leader):
        for hours in (0, 47, 30, 24 * 10):
            clock.move(timedelta(hours=hours))
            now = clock.now()
            cases = Case.objects.filter(business_date__range=("2026-11-01", "2026-11-30")).prefetch_related("steps")
            steps = [step for case in cases for step in services.in_time(case, case.steps.all())]
            assert total_of(by_kind(department, Month(2026, 11), now)).share == share_of(steps, now)

    def test_who_scores_or_handles_reads_it_and_takes_it_along(
        self, november, department, agent, leader, manager, client_of
    ):
        address = url("case_month", department, Month(2026, 11))
        assert client_of(agent).get(address).status_code == 403
        for person in (leader, manager):
            html = page(client_of(person).get(address))
            assert "6 ÷ 7" in html
            assert "85.7 %" in html
        rows = rows_of(client_of(manager).get(address, {"export": "xlsx"}).content)
        assert rows[1][:8] == ["Complaint", None, 3.0, 2.0, 1.0, 1.0, 6.0, 7.0]
        rows = rows_of(client_of(manager).get(address, {"export": "xlsx", "by": "person"}).content)
        assert rows[1][:3] == ["王浩然", "02", 2.0]

    def test_a_bar_leads_to_its_rows(self, november, department, leader, client_of):
        html = page(client_of(leader).get(url("case_month", department, Month(2026, 11))))
        link = f"{url('cases', department)}?month=2026-11&amp;state=all&amp;kind=complaint"
        assert link in html
        shown = client_of(leader).get(link.replace("&amp;", "&")).context["lines"]
        assert len(shown) == 3

    def test_a_month_without_cases_says_so(self, department, leader, client_of):
        client = client_of(leader)
        assert "No review or complaint came in" in page(client.get(url("case_month", department, Month(2026, 8))))
        assert "has not begun yet" in page(client.get(url("case_month", department, Month(2026, 12))))
        assert client.get(f"{url('cases', department)}months/2026-13/").status_code == 404

    def test_it_costs_the_same_with_one_case_and_with_thirty(self, department, agent, leader, client_of):
        register(agent, subject=agent.membership)
        client = client_of(leader)
        addresses = [url("case_month", department, Month(2026, 11), **query) for query in ({}, {"by": "person"})]
        few = [queries_of(client, address) for address in addresses]
        for number in range(30):
            register(agent, text=f"第 {number} 条", subject=add_person(department, roles=[Role.AGENT]).membership)
        assert [queries_of(client, address) for address in addresses] == few
        assert max(few) <= 10

"""The rulebook as its department reads it."""

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpi.words import rule
from rulebooks.places import lines_of
from rulebooks.services import import_rulebook
from rulebooks.words import method, right_rows
from tests.conftest import SINCE
from tests.factories import add_person, make_department

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def page(department):
    return f"/d/{department.code}/rulebook/"


def html_of(client, page) -> str:
    response = client.get(page)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("reader", ["agent", "leader", "supervisor", "manager", "finance", "owner"])
def test_everybody_in_the_department_reads_every_clause(page, rulebook, client_of, reader, request):
    html = unescape(html_of(client_of(request.getfixturevalue(reader)), page))
    for clause in rulebook.clauses:
        assert f'id="clause-{clause.code}"' in html
        assert f'<span class="bz-clause">{clause.number}</span>' in html
        assert clause.text.en in html


@pytest.mark.parametrize(("language", "text"), [("en", "en"), ("zh-hans", "zh")])
def test_in_the_readers_language(page, rulebook, agent, client_of, language, text):
    html = unescape(html_of(client_of(agent, language), page))
    assert getattr(rulebook.title, text) in html
    assert getattr(rulebook.shifts[0].name, text) in html
    assert getattr(rulebook.scorecard.indicators[0].name, text) in html


def test_with_every_number_of_another_rulebook(changed_department, changed_rulebook, client_of):
    reader = add_person(changed_department, roles=["agent"])
    html = html_of(client_of(reader), f"/d/{changed_department.code}/rulebook/")
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    for words in (
        "1. fine 7.50 yuan",
        "2. 11 points",
        "4. fine 64.00 yuan",
        "counted within 45 days",
        "proposal: Another post",
        "Written warning",
        "06:30–10:30, 11:15–15:00",
        "at most 75 min",
        "7 rest days a month",
        "S from 44",
        "from 45 min before the shift begins",
        "a count holds 25 min",
        "the shift cannot be ended",
        "Call back · is read back",
        "Note · says by when",
        "16 days after it is confirmed",
        "by work number",
        "Full mark 50; a total is at least 5 and at most 60.",
        "100 from 62.5 % on, in proportion below.",
        "0 at 5, 100 at 0, straight between.",
        "Given by hand: Plus 95, Minus 15.",
        "Confirm or dismiss incidents Owner",
        "Collect fines Manager",
        "30 min of unpaid breaks",
        "At least 9 h from the end of one shift to the beginning of the next. a breach is refused",
        "At most 38 h a week, without unpaid breaks. a breach needs a reason",
        "whoever does not come, or more than 40 min late",
        "Smoke (at most 6 min, asks first)",
        "at most 1 person on leave",
        "asked for 5 days before, at most 4 days in a row",
        "agreed at least 12 h before the earlier shift",
        "in turn from: Late",
        "4 days, then from the beginning",
    ):
        assert words in said, words
    for clause in changed_rulebook.clauses:
        assert clause.number in said


def test_sections_that_a_rulebook_leaves_out_have_no_place_on_the_page(department, plain_text, page, agent, client_of):
    source = re.sub(r"(?m)^(skills|working_time|leave|swaps|duties|rotations):\n(  .*\n)+", "", plain_text)
    source = source.replace("    needs: [refunds]\n", "")
    import_rulebook(department=department, source=source.encode(), from_day=SINCE, actor=None)
    html = html_of(client_of(agent), page)
    assert "No limits are written down." in html
    for section in ("patterns", "leave", "swaps", "duties"):
        assert f'id="{section}"' not in html
        assert f'href="#{section}"' not in html
    assert 'id="attendance"' in html


def test_skills_are_named_also_those_that_no_shift_needs(department, plain_text, page, agent, client_of):
    import_rulebook(department=department, source=plain_text.encode(), from_day=SINCE, actor=None)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html_of(client_of(agent), page)))
    assert "Skills Refunds English" in said
    assert "Monday, Friday needs: Refunds" in said


def test_a_clause_says_for_what_the_system_proposes_it(page, agent, rulebook, client_of):
    html = html_of(client_of(agent), page)
    clause = html[html.index('id="clause-late"') :].split("</li>")[0]
    assert "The system proposes an incident for: clocking in late." in clause
    named = [clause for clause in rulebook.clauses if clause.trigger]
    assert html.count("The system proposes an incident for:") == len(named) > 1


def test_every_rule_leads_to_its_own_lines_in_the_editor(page, department, rulebook, manager, client_of):
    client = client_of(manager)
    places = set(re.findall(r'\?at=([^"]+)"', html_of(client, page)))
    assert {"working_time.coverage", "leave.kinds.PL", "rotations.two-two-two", "attendance", "swaps"} <= places
    source = department.rulebook_versions.get().source
    for place in places:
        assert lines_of(source, place).text
    edited = client.get(f"{page}edit/?at=working_time.coverage").content.decode()
    assert "coverage: {breach: warn}" in edited
    assert "wait_for_successor" not in edited


def test_every_cell_of_the_shift_table_has_its_label_on_the_phone(page, agent, client_of):
    """Where the table becomes a list, no column is cut off and none is without its name."""
    html = html_of(client_of(agent), page)
    row = html[html.index('<tr id="shift-N">') :].split("</tr>")[0]
    assert 'class="bz-table is-list' in html
    assert row.count("<td") == 1 + row.count("data-label=")


def test_a_right_that_an_old_version_does_not_know_is_held_by_nobody(page, department, rulebook, agent, client_of):
    assert {row.label: row.roles for row in right_rows(rulebook)}["Change the rulebook"] == "Manager, Owner"
    known = {right: roles for right, roles in rulebook.rights.items() if right != "edit_rulebook"}
    old = rulebook.model_copy(update={"rights": known})
    assert {row.label: row.roles for row in right_rows(old)}["Change the rulebook"] == "nobody"


def test_methods_are_worded_as_on_the_scorecard(rulebook, changed_rulebook):
    indicators = [*rulebook.scorecard.indicators, *changed_rulebook.scorecard.indicators]
    by_count = [each for each in indicators if each.metric != "confirmed_incidents"]
    assert len(by_count) > 4
    for indicator in by_count:
        assert method(indicator) == rule(indicator)


def test_a_stranger_finds_nothing(page, stranger, client_of):
    assert client_of(stranger).get(page).status_code == 404
    assert client_of(stranger).get(f"{page}1/").status_code == 404


def test_an_anonymous_visitor_is_asked_to_sign_in(page, client):
    assert client.get(page)["location"].startswith("/accounts/login/")


def test_nothing_is_posted_there(page, owner, client_of):
    assert client_of(owner).post(page).status_code == 405
    assert client_of(owner).post(f"{page}1/").status_code == 405


@pytest.mark.parametrize("number", ["0", "2", "99", "9223372036854775808", "9" * 40, "-1", "x", "1.0"])
def test_a_version_that_does_not_exist(page, agent, client_of, number):
    assert client_of(agent).get(f"{page}{number}/").status_code == 404


def test_another_departments_version_is_not_shown_here(page, plain_text, other_department, agent, client_of):
    source = plain_text.encode()
    import_rulebook(department=other_department, source=source, from_day=SINCE, actor=None)
    assert other_department.rulebook_versions.filter(number=2).exists()
    assert client_of(agent).get(f"{page}2/").status_code == 404


def test_each_version_keeps_its_page(page, department, plain_text, agent, client_of):
    for day, fine in ((date(2026, 11, 1), 77), (date(2026, 12, 1), 88)):
        source = plain_text.replace("fine_yuan: 10", f"fine_yuan: {fine}").encode()
        import_rulebook(department=department, source=source, from_day=day, actor=None)
    client = client_of(agent)
    assert "fine 77.00 yuan" in html_of(client, page), "the version in force today"
    assert "fine 10.00 yuan" in html_of(client, f"{page}1/")
    assert "fine 77.00 yuan" in html_of(client, f"{page}2/")
    assert "fine 88.00 yuan" in html_of(client, f"{page}3/")
    assert f"{page}3/" in html_of(client, page)


def test_before_there_is_one_the_page_says_what_to_do(client_of):
    bare = make_department("bare")
    reader = add_person(bare, roles=["agent"])
    assert "No rulebook is in force yet" in html_of(client_of(reader), "/d/bare/rulebook/")


def test_what_is_written_is_shown_and_not_run(department, plain_text, agent, page, client_of):
    source = plain_text.replace("en: Nothing unrelated to work in working hours", 'en: "<script>alert(1)</script>"')
    import_rulebook(department=department, source=source.encode(), from_day=SINCE, actor=None)
    html = html_of(client_of(agent), page)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_costs_the_same_with_1_and_with_30_versions(page, department, plain_text, agent, client_of):
    def queries():
        with CaptureQueriesContext(connection) as found:
            html_of(client, page)
        return len(found)

    client = client_of(agent)
    html_of(client, page)
    one = queries()
    for _number in range(29):
        import_rulebook(department=department, source=plain_text.encode(), from_day=date(2026, 11, 1), actor=None)
    html_of(client, page)
    assert queries() == one

"""The roster out as an Excel file or on paper, and in again: what is read and refused, and that nothing is lost."""

import io
from datetime import date

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from people.models import Membership
from people.services import add_member
from rulebooks.services import _load
from shifts import services
from shifts.models import Assignment, Layer
from tests.factories import add_person
from tests.shifts.conftest import NOVEMBER
from tests.shifts.handing_in import (
    HEAD,
    cells,
    changes_of,
    drafted,
    everything,
    exported,
    handed_in,
    look,
    made,
    mistakes_of,
    read_of,
    take,
    url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


class TestOut:
    def test_the_file_has_a_line_a_person_and_a_column_a_day(self, department, agent, supervisor, paint, client_of):
        paint((agent, 10, "N"), (agent, 11, "X"))
        head, weekdays, line, *foot = cells(exported(client_of(supervisor), department))
        assert head[:3] == ["Work number", "Name", "2026-11-01"]
        assert len(head) == 32
        assert weekdays[2] == "Su"
        assert (line[0], line[1], line[11], line[13]) == ("07", agent.name, "N", "")
        assert any("wanted" in str(row[1]) for row in foot)
        assert all(not row[0] for row in foot)

    def test_marks_are_in_the_readers_language(self, department, agent, supervisor, paint, client_of):
        paint((agent, 10, "N"))
        (head, _weekdays, line, *_foot) = cells(exported(client_of(supervisor, "zh-hans"), department))
        assert line[11] == "晚"
        assert head[2] == "2026-11-01"

    def test_the_second_sheet_says_what_marks_mean(self, department, agent, supervisor, client_of):
        legend = cells(exported(client_of(supervisor), department), sheet=1)
        assert legend[2][:2] == ["N", "N"]
        assert "17:00" in str(legend[2][3])

    def test_an_agent_gets_what_is_published_and_no_draft(
        self, department, agent, colleague, paint, publish, client_of
    ):
        paint((agent, 10, "N"))
        publish()
        paint((agent, 11, "D"))
        lines = {row[0]: row for row in cells(exported(client_of(colleague), department))}
        assert lines["07"][11] == "N"
        assert not lines["07"][12]

    def test_a_month_whose_draft_says_nothing_else_is_called_published_with_its_version(
        self, department, agent, supervisor, paint, publish, client_of
    ):
        paint((agent, 10, "N"))
        publish()
        for reader in (supervisor, agent):
            answer = client_of(reader).get(url("roster_sheet", department))
            assert 'filename="desk-roster-2026-11-v1.xlsx"' in answer["Content-Disposition"]
            assert cells(answer.content)[1][1] == "Published, version 1"

    def test_a_draft_that_differs_is_called_a_draft(self, department, agent, supervisor, paint, publish, client_of):
        paint((agent, 10, "N"))
        publish()
        paint((agent, 11, "D"))
        answer = client_of(supervisor).get(url("roster_sheet", department))
        assert 'filename="desk-roster-2026-11-draft.xlsx"' in answer["Content-Disposition"]
        assert cells(answer.content)[1][1] == "Draft"
        assert cells(exported(client_of(agent), department))[1][1] == "Published, version 1"

    def test_before_the_first_publication_there_is_no_version_to_name(self, department, agent, client_of):
        answer = client_of(agent).get(url("roster_sheet", department))
        assert 'filename="desk-roster-2026-11.xlsx"' in answer["Content-Disposition"]
        assert cells(answer.content)[1][1] == "Not published"

    def test_names_are_texts_and_never_formulas(self, department, supervisor, client_of):
        add_person(department, name="=HYPERLINK(1)", work_number="=1+1")
        lines = cells(exported(client_of(supervisor), department))
        assert ["=1+1", "=HYPERLINK(1)"] in [row[:2] for row in lines]

    def test_strangers_find_nothing(self, department, stranger, client_of):
        for name in ("roster_sheet", "roster_print", "roster_import"):
            assert client_of(stranger).get(url(name, department)).status_code == 404

    def test_only_who_edits_the_roster_hands_it_in(self, department, colleague, client_of):
        client = client_of(colleague)
        assert client.get(url("roster_import", department)).status_code == 403
        assert look(client, department, made([[*HEAD, "2026-11-01"]])).status_code == 403


class TestOnPaper:
    def test_it_says_which_version_it_is_and_when_it_was_published(self, department, agent, paint, publish, client_of):
        paint((agent, 10, "N"))
        publish()
        html = client_of(agent).get(url("roster_print", department)).content.decode()
        assert "Version 1, published 2026-10-25" in html
        assert '<td class="n">N' in html
        assert "17:00" in html

    def test_editors_get_the_draft_before_the_first_publication(self, department, agent, supervisor, paint, client_of):
        paint((agent, 10, "N"))
        assert "Draft, not published" in client_of(supervisor).get(url("roster_print", department)).content.decode()
        assert '<td class="n">' not in client_of(agent).get(url("roster_print", department)).content.decode()

    def test_names_are_escaped(self, department, supervisor, client_of):
        add_person(department, name="<script>x")
        assert b"<script>x" not in client_of(supervisor).get(url("roster_print", department)).content

    @pytest.mark.parametrize("name", ["roster_print", "roster_sheet", "roster_import"])
    def test_it_costs_as_many_queries_for_thirty_people_as_for_one(self, department, supervisor, client_of, name):
        client, counts = client_of(supervisor), []
        for people in (1, 29):
            crew = [add_person(department) for _ in range(people)]
            edits = [
                services.CellEdit(one.membership.pk, date(2026, 11, day), "D", 0) for one in crew for day in (3, 4)
            ]
            services.paint(department=department, month=NOVEMBER, edits=edits, actor=supervisor)
            client.get(url(name, department))
            _load.cache_clear()
            with CaptureQueriesContext(connection) as queries:
                client.get(url(name, department))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestRoundTrip:
    @pytest.fixture
    def planned(self, department, agent, colleague, leader, paint):
        codes = "DNRX"
        people = [agent, colleague, leader]
        paint(*((who, day, codes[(day + at) % 4]) for at, who in enumerate(people) for day in range(1, 29)))

    @pytest.mark.parametrize("out", ["en", "zh-hans"])
    @pytest.mark.parametrize("back", ["en", "zh-hans"])
    def test_what_went_out_comes_back_without_a_change(self, department, supervisor, planned, client_of, out, back):
        before = everything()
        content = exported(client_of(supervisor, out), department)
        response = look(client_of(supervisor, back), department, content)
        assert response.status_code == 200
        assert not mistakes_of(response)
        assert not read_of(response)
        # The lines with the days of the week and the people wanted are no loss to tell of.
        assert response.context["reading"].notes == []
        assert everything() == before

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_what_was_edited_comes_back_as_exactly_that(
        self, department, agent, colleague, supervisor, planned, client_of, language
    ):
        client = client_of(supervisor, language)
        rows = cells(exported(client, department))
        night, empty = ("N" if language == "en" else "晚"), ""
        own, theirs = (next(row for row in rows if row[0] == number) for number in ("07", "02"))
        was = drafted(agent, 7), drafted(colleague, 28)
        own[8], theirs[29] = ("D" if was[0] != "D" else night), empty
        looked_at = look(client, department, made(rows))
        assert looked_at.status_code == 200
        assert len(read_of(looked_at)) == 2
        assert take(client, department, looked_at).status_code == 302
        assert drafted(agent, 7) == ("D" if was[0] != "D" else "N")
        assert drafted(colleague, 28) == ""

    def test_the_same_file_a_second_time_changes_nothing(self, department, agent, supervisor, client_of):
        client, content = client_of(supervisor), made([[*HEAD, "2026-11-05"], ["07", "", "N"]])
        take(client, department, look(client, department, content))
        before = everything()
        again = look(client, department, content)
        assert not read_of(again)
        assert everything() == before

    def test_columns_and_rows_may_come_in_any_order_with_others_between(
        self, department, agent, colleague, supervisor, client_of
    ):
        rows = [
            ["Roster of November"],
            [],
            ["remark", "2026-11-06", "Name", "Work number", "2026-11-05"],
            ["x", "D", "", "02", "N"],
            ["", "", "", "", ""],
            ["y", "N", "", "07", "休"],
            ["sum", 3, "", "", ""],
            ["", "D", "", "", ""],
        ]
        response = look(client_of(supervisor), department, made(rows))
        assert sorted(changes_of(response)) == [
            ("02", 5, "", "N"),
            ("02", 6, "", "D"),
            ("07", 5, "", "X"),
            ("07", 6, "", "N"),
        ]
        assert any("without a work number" in note for note in response.context["reading"].notes)

    @pytest.mark.parametrize(
        "head", ["2026-11-05", "2026/11/5", "11-05", "5", 5, 46331, "2026年11月5日", date(2026, 11, 5)]
    )
    def test_days_are_understood_as_people_write_them(self, department, agent, supervisor, client_of, head):
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["工号", head])
        sheet.write_row(1, 0, ["07", "晚班"])
        book.close()
        assert changes_of(look(client_of(supervisor), department, file.getvalue())) == [("07", 5, "", "N")]

    def test_text_with_tabs_is_read_too(self, department, agent, supervisor, client_of):
        content = "工号\t2026-11-05\n07\t晚".encode("gb18030")
        assert changes_of(look(client_of(supervisor), department, content, "x.tsv")) == [("07", 5, "", "N")]

    def test_who_left_and_came_back_has_one_line(self, department, agent, supervisor, client_of):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 11, 10))
        later = add_member(actor=None, department=department, user=agent, work_number="07", from_day=date(2026, 11, 20))
        client = client_of(supervisor)
        content = made([[*HEAD, "2026-11-10", "2026-11-15", "2026-11-20"], ["07", "", "N", "", "D"]])
        take(client, department, look(client, department, content))
        assert Assignment.objects.get(membership=agent.membership).business_date == date(2026, 11, 10)
        assert Assignment.objects.get(membership=later).business_date == date(2026, 11, 20)
        lines = [row for row in cells(exported(client, department)) if row[0] == "07"]
        assert len(lines) == 1
        assert not read_of(look(client, department, exported(client, department)))


def test_the_changed_rulebook_goes_round_too(changed_department, client_of):
    leader = add_person(changed_department, name="Lead", work_number="01", roles=["leader"])
    client = client_of(leader)
    days = [date(2026, 11, day) for day in range(1, 29)]
    edits = [services.CellEdit(leader.membership.pk, day, "ELF"[day.day % 3], 0) for day in days]
    services.paint(department=changed_department, month=NOVEMBER, edits=edits, actor=leader)
    with translation.override("en"):
        response = handed_in(client, changed_department, NOVEMBER, exported(client, changed_department))
    assert not response.context["reading"].changes
    assert not response.context["reading"].mistakes
    assert Assignment.objects.filter(layer=Layer.DRAFT).count() == 28

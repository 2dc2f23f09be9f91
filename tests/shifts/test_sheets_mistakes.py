"""Files that cannot be taken as they are: each mistake is said with its cell, and nothing is written unseen."""

import io
from datetime import date

import pytest
import xlsxwriter

from office import clock
from office.months import Month
from people.models import Membership
from people.services import add_member
from shifts import services
from shifts.models import Assignment, Leave, LeaveState, Roster
from tests.factories import add_person
from tests.shifts.conftest import NOVEMBER
from tests.shifts.handing_in import HEAD, changes_of, drafted, look, made, mistakes_of, read_of, take, url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


class TestMistakes:
    def test_an_unknown_code_is_said_with_its_cell_and_the_rest_can_be_taken(
        self, department, agent, supervisor, client_of
    ):
        client = client_of(supervisor)
        response = look(client, department, made([[*HEAD, "2026-11-05", "2026-11-06"], ["07", "", "Q", "N"]]))
        assert response.status_code == 422
        assert "no shift" in mistakes_of(response)["C2"]
        assert not Assignment.objects.exists()
        take(client, department, response)
        assert [drafted(agent, 5), drafted(agent, 6)] == ["", "N"]

    def test_nobody_with_such_a_work_number(self, department, agent, supervisor, client_of):
        response = look(client_of(supervisor), department, made([[*HEAD, "2026-11-05"], ["77", "", "N"]]))
        assert "Nobody" in mistakes_of(response)["A2"]

    def test_two_rows_with_one_work_number_are_both_left_out(self, department, agent, supervisor, client_of):
        rows = [[*HEAD, "2026-11-05"], ["07", "", "N"], ["7", "", "D"]]
        response = look(client_of(supervisor), department, made(rows))
        assert set(mistakes_of(response)) == {"A2", "A3"}
        assert not read_of(response)

    def test_a_number_that_lost_its_zeros_is_found_and_said(self, department, agent, supervisor, client_of):
        response = look(client_of(supervisor), department, made([[*HEAD, "2026-11-05"], [7.0, "", "N"]]))
        assert changes_of(response) == [("07", 5, "", "N")]
        assert any("read as work number 07" in note for note in response.context["reading"].notes)

    def test_where_two_could_be_meant_nobody_is_guessed(self, department, agent, supervisor, client_of):
        add_person(department, work_number="007")
        response = look(client_of(supervisor), department, made([[*HEAD, "2026-11-05"], [7, "", "N"]]))
        assert "zeros in front" in mistakes_of(response)["A2"]

    def test_dates_of_another_month_are_refused(self, department, agent, supervisor, client_of):
        response = look(client_of(supervisor), department, made([[*HEAD, "2026-10-05"], ["07", "", "N"]]))
        assert response.status_code == 422
        assert "another month" in response.content.decode()

    def test_one_day_of_another_month_among_the_right_ones_is_left_out(self, department, agent, supervisor, client_of):
        rows = [[*HEAD, "2026-11-05", "2026-12-05"], ["07", "", "N", "N"]]
        response = look(client_of(supervisor), department, made(rows))
        assert set(mistakes_of(response)) == {"D1"}
        assert changes_of(response) == [("07", 5, "", "N")]

    def test_a_day_with_two_columns_is_not_read(self, department, agent, supervisor, client_of):
        rows = [[*HEAD, "2026-11-05", 5, "2026-11-06"], ["07", "", "N", "D", "D"]]
        response = look(client_of(supervisor), department, made(rows))
        assert set(mistakes_of(response)) == {"C1", "D1"}
        assert changes_of(response) == [("07", 6, "", "D")]

    def test_merged_cells_are_said_and_not_read(self, department, agent, colleague, supervisor, client_of):
        rows = [[*HEAD, "2026-11-05", "2026-11-06", "2026-11-07"], ["07", ""], ["02", "", "D"]]
        response = look(client_of(supervisor), department, made(rows, merge="C2:D2"))
        assert "C2:D2" in mistakes_of(response)
        assert changes_of(response) == [("02", 5, "", "D")]

    def test_merged_cells_elsewhere_are_nobodys_business(self, department, agent, supervisor, client_of):
        rows = [["", ""], ["", ""], [*HEAD, "2026-11-05"], ["07", "", "N"]]
        response = look(client_of(supervisor), department, made(rows, merge="A1:F2"))
        assert response.status_code == 200
        assert changes_of(response) == [("07", 5, "", "N")]

    def test_of_a_formula_the_value_is_read_and_said(self, department, agent, supervisor, client_of):
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file, {"in_memory": True})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEAD, "2026-11-05", "2026-11-06"])
        sheet.write_row(1, 0, ["07", ""])
        sheet.write_formula(1, 2, '="N"', None, "N")
        sheet.write_formula(1, 3, "=NA()", None, "#N/A")
        book.close()
        response = look(client_of(supervisor), department, file.getvalue())
        assert changes_of(response) == [("07", 5, "", "N")]
        assert "D2" in mistakes_of(response)
        assert any("formula" in note for note in response.context["reading"].notes)

    def test_who_has_left_or_works_no_shifts_is_named(self, department, agent, supervisor, client_of):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 9, 30))
        rows = [[*HEAD, "2026-11-05"], ["07", "", "N"], ["90", "", "N"]]
        found = mistakes_of(look(client_of(supervisor), department, made(rows)))
        assert "left on 2026-09-30" in found["A2"]
        assert "not on the roster" in found["A3"]

    def test_days_before_joining_cannot_be_planned(self, department, supervisor, client_of):
        add_person(department, work_number="55", from_day=date(2026, 11, 6))
        rows = [[*HEAD, "2026-11-05", "2026-11-06"], ["55", "", "N", "N"]]
        response = look(client_of(supervisor), department, made(rows))
        assert set(mistakes_of(response)) == {"C2"}

    def test_leave_is_neither_planned_nor_taken_off(self, department, agent, supervisor, rulebook, client_of):
        kind = rulebook.leave.kinds[0]
        Leave.objects.create(
            membership=agent.membership,
            kind=kind.code,
            rulebook_version_id=rulebook.version_id,
            first_day=date(2026, 11, 5),
            last_day=date(2026, 11, 5),
            reason="x",
            state=LeaveState.APPROVED,
            asked_by=agent,
            decided_by=supervisor,
            decided_at=clock.now(),
        )
        edit = services.CellEdit(agent.membership.pk, date(2026, 11, 5), kind.code, 0)
        services.paint(department=department, month=NOVEMBER, edits=[edit], actor=supervisor)
        rows = [[*HEAD, "2026-11-05", "2026-11-06"], ["07", "", "N", kind.code]]
        response = look(client_of(supervisor), department, made(rows))
        assert set(mistakes_of(response)) == {"C2", "D2"}

    def test_past_and_published_days_stay_as_they_were(
        self, department, agent, supervisor, paint, publish, client_of, at
    ):
        paint((agent, 5, "N"))
        publish()
        with at("2026-11-10 12:00"):
            rows = [[*HEAD, "2026-11-05", "2026-11-20"], ["07", "", "D", "D"]]
            response = look(client_of(supervisor), department, made(rows))
            assert set(mistakes_of(response)) == {"C2"}
            assert changes_of(response) == [("07", 20, "", "D")]

    def test_more_cells_than_can_be_painted_at_once_are_refused(self, department, supervisor, client_of):
        crew = [add_person(department, work_number=f"9{number:03}") for number in range(240)]
        head = ["Work number", *(f"2026-11-{day:02}" for day in range(1, 31))]
        rows = [head, *([one.membership.work_number, *["D"] * 30] for one in crew)]
        response = look(client_of(supervisor), department, made(rows))
        assert response.status_code == 422
        assert "7200 cells would change" in response.content.decode()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"x" * (20 * 1024 * 1024), "larger than"),
            (b"\x89PNG\r\n\x1a\n\x00", "neither an Excel file"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
            (b"a,b\n1,2", "No head was found"),
        ],
        ids=["empty", "20 MB", "picture", "password", "no head"],
    )
    def test_what_is_no_roster_is_refused_in_words(self, department, supervisor, client_of, content, words):
        response = look(client_of(supervisor), department, content)
        assert response.status_code == 422
        assert words in response.content.decode()

    def test_without_a_file_the_page_asks_for_one(self, department, supervisor, client_of):
        response = client_of(supervisor).post(url("roster_import", department))
        assert response.status_code == 422
        assert "Choose a file" in response.content.decode()

    def test_a_locked_month_takes_nothing(self, department, agent, supervisor, client_of, at):
        roster = services.roster_of(department, NOVEMBER)
        Roster.objects.filter(pk=roster.pk).update(locked_at="2026-10-24T00:00:00Z")
        response = look(client_of(supervisor), department, made([[*HEAD, "2026-11-05"], ["07", "", "N"]]))
        assert response.status_code == 422
        assert "locked" in response.content.decode()

    def test_somebody_on_two_shifts_at_once_is_said_before_anything_is_taken(
        self, department, other_department, supervisor, client_of
    ):
        person = add_person(department, name="Two", work_number="60")
        person.second = add_member(
            actor=None, department=other_department, user=person, work_number="60", from_day=date(2026, 1, 1)
        )
        edit = services.CellEdit(person.second.pk, date(2026, 11, 5), "N", 0)
        services.paint(department=other_department, month=NOVEMBER, edits=[edit], actor=supervisor)
        response = look(client_of(supervisor), department, made([[*HEAD, "2026-11-05"], ["60", "", "N"]]))
        assert response.status_code == 422
        assert "two shifts at once" in response.content.decode()
        assert not Assignment.objects.filter(membership=person.membership).exists()


class TestTaking:
    def test_rules_that_it_would_break_are_shown_first(self, department, agent, supervisor, rulebook, client_of):
        assert rulebook.working_time.consecutive_days
        rows = [["Work number", *range(1, 31)], ["07", *["D"] * 30]]
        response = look(client_of(supervisor), department, made(rows))
        assert response.status_code == 200
        assert "Rules that this would newly break" in response.content.decode()

    def test_looking_writes_nothing(self, department, agent, supervisor, client_of):
        look(client_of(supervisor), department, made([[*HEAD, "2026-11-05"], ["07", "", "N"]]))
        assert not Assignment.objects.exists()
        assert not Roster.objects.filter(edits__gt=0).exists()

    def test_what_changed_meanwhile_comes_back_and_the_rest_is_taken(
        self, department, agent, supervisor, paint, client_of
    ):
        client = client_of(supervisor)
        rows = [[*HEAD, "2026-11-05", "2026-11-06"], ["07", "", "N", "N"]]
        looked_at = look(client, department, made(rows))
        paint((agent, 5, "D"))
        response = take(client, department, looked_at)
        assert response.status_code == 200
        assert "changed by somebody else" in response.content.decode()
        assert [drafted(agent, 5), drafted(agent, 6)] == ["D", "N"]

    @pytest.mark.parametrize("edits", ["", "x", "[]", '[[1, 2, "N", 0, 0]]', '[[99999999, 5, "N", 0]]'])
    def test_what_was_not_shown_cannot_be_taken(self, department, supervisor, client_of, edits):
        response = client_of(supervisor).post(url("roster_import", department), {"edits": edits})
        assert response.status_code == 422
        assert not Assignment.objects.exists()

    def test_a_month_without_a_rulebook_says_so(self, department, agent, supervisor, client_of):
        month = Month(2025, 12)
        Membership.objects.filter(pk=agent.membership.pk).update(from_day=date(2025, 1, 1))
        client = client_of(supervisor)
        assert client.get(url("roster_sheet", department, month)).status_code == 200
        response = look(client, department, made([[*HEAD, "2025-12-05"], ["07", "", "N"]]), month=month)
        assert response.status_code == 422
        assert "No rulebook" in response.content.decode()

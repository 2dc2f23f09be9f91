"""The issue register and the service statistics."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from handover import services
from handover.models import Issue, ServiceStatistic
from office import clock
from office.models import AuditEntry
from tests.factories import add_person
from tests.handover.conftest import TUESDAY

pytestmark = pytest.mark.usefixtures("afternoon")


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


class TestIssues:
    def test_an_entry_belongs_to_the_date_of_the_shift(self, colleague, night_shift):
        clock.move(timedelta(hours=8, minutes=10))
        issue = services.write_issue(author=colleague.membership, category="idea", text=" 换个话术 ", about="第 12 条")
        assert (issue.business_date, issue.text) == (TUESDAY, "换个话术")
        assert colleague.membership.department.today() == TUESDAY + timedelta(days=1)
        assert AuditEntry.objects.get(action="handover.issue.written").actor == colleague

    def test_off_duty_it_belongs_to_today(self, agent):
        assert services.write_issue(author=agent.membership, category="idea", text="x").business_date == TUESDAY

    def test_the_category_is_one_of_the_rulebooks(self, agent):
        call = {"author": agent.membership, "text": "x"}
        assert refusal_of(services.write_issue, category="fault", **call) == "unknown_category"

    def test_the_changed_rulebook_has_its_own(self, changed_department):
        person = add_person(changed_department)
        issue = services.write_issue(author=person.membership, category="fault", text="x")
        assert issue.category_name in {"Fault", "故障"}
        call = {"author": person.membership, "text": "x"}
        assert refusal_of(services.write_issue, category="idea", **call) == "unknown_category"

    @pytest.mark.parametrize(("field", "text"), [("text", " "), ("text", "x" * 2001), ("about", "x" * 121)])
    def test_bad_texts_are_refused_by_field(self, agent, field, text):
        with pytest.raises(ValidationError) as refusal:
            services.write_issue(author=agent.membership, category="idea", **{"text": "x", field: text})
        assert set(refusal.value.error_dict) == {field}
        assert not Issue.objects.exists()

    def test_one_sees_ones_own_and_the_leader_everybodys(self, agent, colleague, leader, stranger):
        mine = services.write_issue(author=agent.membership, category="idea", text="x")
        theirs = services.write_issue(author=colleague.membership, category="idea", text="y")
        assert set(Issue.objects.visible_to(agent)) == {mine}
        assert set(Issue.objects.visible_to(leader)) == {mine, theirs}
        assert not Issue.objects.visible_to(stranger).exists()


FIGURES = {"served": 46, "closed": 27, "enquiries": 12, "sales_fen": 821_000}


def record(person, day=TUESDAY, **changes):
    return services.record_statistics(
        membership=person.membership, business_date=day, actor=person, **(FIGURES | changes)
    )


class TestStatistics:
    def test_a_day_is_recorded_once_and_the_same_again_changes_nothing(self, agent):
        first = record(agent)
        entries = AuditEntry.objects.count()
        assert record(agent) == first
        assert ServiceStatistic.objects.count() == 1
        assert AuditEntry.objects.count() == entries

    def test_a_correction_supersedes_and_the_past_stays_readable(self, agent):
        first, then = record(agent), clock.now()
        clock.move(timedelta(minutes=5))
        second = record(agent, closed=28)
        third = record(agent, closed=26)
        assert (second.supersedes, third.supersedes) == (first, second)
        assert list(ServiceStatistic.objects.current()) == [third]
        assert list(ServiceStatistic.objects.as_of(then)) == [first]
        facts = AuditEntry.objects.order_by("pk").last().facts
        assert (facts["before"]["closed"], facts["after"]["closed"]) == (28, 26)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"closed": 47}, "closed_above_served"),
            ({"enquiries": 47}, "enquiries_above_served"),
            ({"sales_fen": -1}, "too_much"),
            ({"sales_fen": 10**10 + 1}, "too_much"),
            ({"day": TUESDAY + timedelta(days=1)}, "future"),
            ({"day": date(2025, 12, 31)}, "not_a_member"),
        ],
    )
    def test_what_cannot_be_is_refused(self, agent, changes, code):
        assert refusal_of(record, person=agent, **changes) == code
        assert not ServiceStatistic.objects.exists()

    @pytest.mark.parametrize("field", ["served", "closed", "enquiries"])
    def test_a_negative_count_is_refused_by_field(self, agent, field):
        with pytest.raises(ValidationError) as refusal:
            record(agent, **({"served": -1, "closed": -1, "enquiries": -1} if field == "served" else {field: -1}))
        assert field in refusal.value.error_dict

    def test_a_day_on_which_nobody_came_is_a_line_too(self, agent):
        assert record(agent, served=0, closed=0, enquiries=0, sales_fen=0).served == 0

    @pytest.mark.parametrize("change", ["closed = 47", "enquiries = 47", "sales_fen = -1", "source = 'guess'"])
    def test_the_database_refuses_the_same(self, agent, change):
        row = record(agent)
        columns = (
            "membership_id, business_date, recorded_at, recorded_by_id, served, closed, enquiries, sales_fen, source"
        )
        name, _equals, value = change.split()
        values = [column if column != name else value for column in columns.split(", ")]
        values[1] = "'2026-11-09'"
        insert = (
            f"INSERT INTO handover_servicestatistic ({columns}) SELECT {', '.join(values)} FROM {row._meta.db_table}"
        )
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert)

    def test_two_first_lines_of_one_day_are_refused(self, agent):
        row = record(agent)
        row.pk, row._state.adding = None, True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()

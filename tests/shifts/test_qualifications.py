"""Who has which skill: given from a day on, ended, taken back; and what the roster makes of it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office.models import AuditEntry
from office.months import Month
from people.models import Membership
from rulebooks.services import import_rulebook
from shifts.models import Qualification
from shifts.plans import breaches_of
from shifts.services import qualifications
from tests.conftest import LIBRARY
from tests.factories import add_person

pytestmark = pytest.mark.django_db
SKILLS = """
skills:
  - {code: calls, name: {zh-Hans: 电话, en: Phone}}
  - {code: after-sale, name: {zh-Hans: 售后, en: After-sale}}
"""


def day(number):
    return date(2026, 11, number)


@pytest.fixture(autouse=True)
def morning(at):
    with at("2026-11-10 09:00"):
        yield


@pytest.fixture
def skilled(department):
    """Nights need the phone; whoever cannot is warned about."""
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    source = source.replace("    night: true\n", "    night: true\n    needs: [calls]\n")
    source = source.replace("\nworking_time: ", f"{SKILLS}\nworking_time: ")
    source = source.replace("  coverage: {breach: warn}\n", "  qualification: {breach: block}\n")
    import_rulebook(department=department, source=source.encode(), from_day=date(2026, 10, 1), actor=None)
    return department


FIRST = date(2026, 11, 1)


def give(person, code="calls", from_day=FIRST, until_day=None, actor=None):
    return qualifications.give(
        membership=person.membership, code=code, from_day=from_day, until_day=until_day, actor=actor
    )


def address(department, name="qualifications", **query):
    return reverse(f"shifts:{name}", args=[department.code], query=query or None)


class TestGiving:
    def test_a_skill_from_a_day_on(self, skilled, agent, supervisor):
        row = give(agent, actor=supervisor)
        assert (row.code, row.from_day, row.until_day) == ("calls", day(1), None)
        assert AuditEntry.objects.get(action="shifts.qualification.given").actor == supervisor

    def test_its_last_day_is_written_where_it_stands(self, skilled, agent):
        first = give(agent)
        assert give(agent, until_day=day(20)).pk == first.pk
        assert Qualification.objects.get().until_day == day(20)

    def test_twice_is_once(self, skilled, agent):
        give(agent)
        give(agent)
        assert Qualification.objects.count() == 1
        assert AuditEntry.objects.filter(action="shifts.qualification.given").count() == 1

    def test_again_after_a_while(self, skilled, agent):
        give(agent, until_day=day(5))
        give(agent, from_day=day(8))
        assert Qualification.objects.count() == 2

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"code": "juggling"}, "unknown_skill"),
            ({"from_day": day(5), "until_day": day(4)}, "days_in_order"),
            ({"from_day": date(2025, 12, 31)}, "not_member"),
            ({"from_day": day(9)}, "twice"),
            ({"from_day": date(2026, 10, 1)}, "twice"),
            ({"from_day": date(2026, 10, 1), "until_day": day(7)}, "twice"),
        ],
    )
    def test_what_cannot_be_is_refused(self, skilled, agent, more, code):
        give(agent, from_day=day(7))
        with pytest.raises(ValidationError) as refusal:
            give(agent, **more)
        assert refusal.value.code == code
        assert Qualification.objects.count() == 1

    def test_what_was_a_mistake_is_taken_back_and_remembered(self, skilled, agent, supervisor):
        qualifications.take_back(qualification=give(agent), actor=supervisor)
        assert not Qualification.objects.exists()
        assert AuditEntry.objects.filter(action="shifts.qualification.taken_back").exists()


def test_a_night_before_the_day_blocks_the_roster_and_one_after_it_does_not(skilled, agent, paint):
    paint((agent, 12, "N"), (agent, 14, "N"), (agent, 16, "D"))
    give(agent, from_day=day(13))
    found = [each.violation for each in breaches_of(skilled, Month(2026, 11))]
    assert [(one.code, one.severity, one.days) for one in found] == [("unqualified", "block", (day(12),))]


class TestPage:
    def test_agents_by_skills(self, skilled, agent, colleague, supervisor, client_of):
        give(agent)
        give(colleague, "after-sale", until_day=day(20))
        html = client_of(supervisor).get(address(skilled)).content.decode()
        assert "since 2026-11-01" in html
        assert "2026-11-01 – 2026-11-20" in html
        assert "Night" in html
        assert client_of(supervisor).get(address(skilled, export="xlsx")).status_code == 200

    def test_what_is_over_and_who_has_left_are_not_shown(self, skilled, agent, colleague, supervisor, client_of):
        give(agent, until_day=day(9))
        Membership.objects.filter(pk=colleague.membership.pk).update(until_day=day(1))
        html = client_of(supervisor).get(address(skilled)).content.decode()
        assert "2026-11-01" not in html
        assert colleague.name not in html

    def test_a_rulebook_without_skills_says_so(self, department, supervisor, client_of):
        client = client_of(supervisor)
        assert "The rulebook names no skills" in client.get(address(department)).content.decode()
        assert client.post(address(department, "qualification_set"), {}).status_code == 422

    def test_as_many_queries_for_one_person_as_for_thirty(self, skilled, agent, supervisor, client_of):
        client = client_of(supervisor)

        def count():
            client.get(address(skilled))
            with CaptureQueriesContext(connection) as captured:
                client.get(address(skilled))
            return len(captured)

        give(agent)
        one = count()
        for number in range(29):
            give(add_person(skilled, work_number=f"5{number:02}"))
        assert count() == one


class TestForm:
    def sent(self, person, **more):
        return {"member": person.membership.pk, "skill": "calls", "from_day": "2026-11-10", "until_day": ""} | more

    def test_it_gives_a_skill(self, skilled, agent, supervisor, client_of):
        answer = client_of(supervisor).post(address(skilled, "qualification_set"), self.sent(agent))
        assert answer.status_code == 302
        assert Qualification.objects.get().membership == agent.membership

    def test_it_opens_with_what_the_cell_holds(self, skilled, agent, supervisor, client_of):
        give(agent, from_day=day(3))
        page = address(skilled, "qualification_set", member=agent.membership.pk, skill="calls")
        html = client_of(supervisor).get(page).content.decode()
        assert 'value="2026-11-03"' in html
        assert "Was a mistake" in html

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"from_day": "yesterday"}, "valid date"),
            ({"from_day": ""}, "required"),
            ({"skill": "juggling"}, "valid choice"),
            ({"member": "0"}, "valid choice"),
            ({"member": "x" * 30}, "valid choice"),
            ({"until_day": "2026-11-09"}, "The last day lies before the first."),
            ({"from_day": "2025-01-01"}, "is no member on 2025-01-01."),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
        self, skilled, agent, supervisor, client_of, more, words
    ):
        answer = client_of(supervisor).post(address(skilled, "qualification_set"), self.sent(agent, **more))
        assert answer.status_code == 422
        html = answer.content.decode()
        assert words in html
        assert 'aria-invalid="true"' in html
        assert not Qualification.objects.exists()

    @pytest.mark.parametrize("asked", ["?member=99999999999999999999", "?member=abc&skill=none", "?member=-1"])
    def test_a_mangled_address_opens_an_empty_form(self, skilled, supervisor, client_of, asked):
        assert client_of(supervisor).get(address(skilled, "qualification_set") + asked).status_code == 200

    def test_a_sign_that_no_text_has_is_asked_of_no_database(self, skilled, agent, supervisor, client_of):
        client, page = client_of(supervisor), address(skilled, "qualification_set")
        assert client.get(page, {"member": agent.membership.pk, "skill": "a\0b"}).status_code == 200
        assert client.post(page, {"member": agent.membership.pk, "skill": "a\0b"}).status_code == 422

    def test_somebody_of_another_department_cannot_be_chosen(self, skilled, stranger, supervisor, client_of):
        answer = client_of(supervisor).post(address(skilled, "qualification_set"), self.sent(stranger))
        assert answer.status_code == 422

    def test_taking_back_twice_is_no_mistake(self, skilled, agent, supervisor, client_of):
        row = give(agent)
        client = client_of(supervisor)
        for _each in range(2):
            answer = client.post(address(skilled, "qualification_remove"), {"qualification": row.pk})
            assert answer.status_code == 302
        assert not Qualification.objects.exists()

    def test_the_entries_of_another_department_are_out_of_reach(self, skilled, stranger, supervisor, client_of):
        row = Qualification.objects.create(membership=stranger.membership, code="calls", from_day=day(1))
        client_of(supervisor).post(address(skilled, "qualification_remove"), {"qualification": row.pk})
        assert Qualification.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", ["qualifications", "qualification_set"])
def test_who_may_see_them(skilled, agent, stranger, client_of, name):
    assert client_of(agent).get(address(skilled, name)).status_code == 403
    assert client_of(stranger).get(address(skilled, name)).status_code == 404


@pytest.mark.parametrize("name", ["qualification_set", "qualification_remove"])
def test_who_may_write_them(skilled, agent, stranger, client_of, name):
    assert client_of(agent).post(address(skilled, name), {}).status_code == 403
    assert client_of(stranger).post(address(skilled, name), {}).status_code == 404

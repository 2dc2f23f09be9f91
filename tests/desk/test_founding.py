"""Founding a department: by whom, from which rulebook, and what stands there afterwards."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from desk.founding import found_department
from people.models import Department, Right, Role, User
from people.permissions import departments_of, has_right
from rulebooks.reading import RulebookMistakes
from tests.conftest import LIBRARY

pytestmark = pytest.mark.django_db
ADDRESS = "/departments/new/"
SOURCE = (LIBRARY / "three-shift-desk.yaml").read_bytes()
FIRST = date(2026, 11, 1)
FACTS = {"name": "二部", "code": "second", "rulebook": "three-shift-desk", "from_day": "2026-11-01"}


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def founder(db):
    return User.objects.create(username="founder", name="沈", is_superuser=True)


def own_file(source: bytes):
    return {**FACTS, "rulebook": "own", "file": SimpleUploadedFile("rules.yaml", source)}


class TestTheService:
    def found(self, founder, **more):
        return found_department(
            **{"actor": founder, "name": "二部", "code": "second", "source": SOURCE, "from_day": FIRST, **more}
        )

    def test_makes_department_rulebook_and_owner_in_one(self, founder):
        made = self.found(founder)
        assert (made.name, made.code, made.time_zone, made.late_minutes) == ("二部", "second", "Asia/Shanghai", 240)
        assert made.rulebook_versions.get().from_day == FIRST
        assert has_right(founder, made, Right.MANAGE_MEMBERS)
        assert made.role_grants.get().role == Role.OWNER
        assert list(departments_of(founder)) == [made]

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"from_day": date(2026, 11, 11)}, "future"),
            ({"source": SOURCE.replace(b"manage_members: [owner]", b"manage_members: [manager]")}, "nobody_manages"),
        ],
    )
    def test_what_could_not_go_on_is_refused(self, founder, more, code):
        with pytest.raises(ValidationError) as refusal:
            self.found(founder, **more)
        assert refusal.value.code == code
        assert not Department.objects.filter(code="second").exists()

    def test_a_file_with_mistakes_stores_nothing(self, founder):
        with pytest.raises(RulebookMistakes):
            self.found(founder, source=b"banzu: 1\n")
        assert not Department.objects.filter(code="second").exists()


class TestThePage:
    def test_is_for_superusers_and_owners(self, founder, owner, manager, agent, client_of, client):
        statuses = [client_of(person).get(ADDRESS).status_code for person in (founder, owner, manager, agent)]
        assert statuses == [200, 200, 403, 403]
        assert client_of(manager).post(ADDRESS, FACTS).status_code == 403
        assert client.get(ADDRESS).status_code == 302
        assert client_of(owner).put(ADDRESS).status_code == 405

    def test_founds_and_leads_to_the_members(self, founder, client_of):
        client = client_of(founder)
        response = client.post(ADDRESS, {**FACTS, "code": "Second "}, follow=True)
        assert response.redirect_chain == [("/d/second/members/", 302)]
        assert "Add its people now" in response.content.decode()
        assert "Nobody is here yet" in response.content.decode()

    def test_from_a_file_of_ones_own(self, owner, client_of):
        response = client_of(owner).post(ADDRESS, own_file(SOURCE))
        assert response["location"] == "/d/second/members/"

    def test_its_mistakes_stand_by_path_and_line(self, owner, client_of):
        wrong = SOURCE.replace(b"cap_minutes: 180", b"cap_minutes: many")
        response = client_of(owner).post(ADDRESS, own_file(wrong))
        assert response.status_code == 422
        html = response.content.decode()
        line = next(at for at, text in enumerate(wrong.splitlines(), 1) if b"cap_minutes: many" in text)
        assert "extension.cap_minutes" in html and f"line {line}" in html
        assert not Department.objects.filter(code="second").exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": ""}, "name"),
            ({"code": "客服"}, "code"),
            ({"code": "desk"}, "code"),
            ({"rulebook": "nothing"}, "rulebook"),
            ({"rulebook": "own"}, "file"),
            ({"from_day": "2026-12-01"}, "from_day"),
            ({"from_day": "x"}, "from_day"),
        ],
    )
    def test_what_is_wrong_stands_at_its_field(self, owner, client_of, change, field):
        response = client_of(owner).post(ADDRESS, {**FACTS, **change})
        assert response.status_code == 422
        assert set(response.context["form"].errors) == {field}

    def test_who_has_no_department_yet_is_led_there(self, founder, client_of):
        assert f'href="{ADDRESS}"' in client_of(founder).get("/").content.decode()

    def test_the_menu_of_an_owner_offers_it_and_nobody_elses(self, department, owner, agent, client_of):
        page = f"/d/{department.code}/rulebook/"
        assert f'href="{ADDRESS}"' in client_of(owner).get(page).content.decode()
        assert f'href="{ADDRESS}"' not in client_of(agent).get(page).content.decode()

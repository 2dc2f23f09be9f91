"""The pages on which the members are managed."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Role, User
from people.services import add_again, grant_role, set_last_day
from tests.factories import JOINED, add_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def members(department):
    return f"/d/{department.code}/members/"


@pytest.fixture
def page_of(members):
    return lambda person, end="": f"{members}{person.membership.pk}/{end}"


@pytest.fixture
def asked(owner, client_of):
    """The owner's client."""
    return client_of(owner)


def html(response) -> str:
    return response.content.decode()


READ = ["", "new/", "list/", "{pk}/", "{pk}/correct/", "{pk}/again/", "{pk}/leave/"]
POSTED = ["invitations/", "{pk}/roles/", "{pk}/roles/{grant}/end/", "{pk}/reset/", "{pk}/stay/", "{pk}/remove/"]


@pytest.fixture
def addresses(members, agent, department):
    grant = department.role_grants.get(user=agent)
    return lambda ends: [members + end.format(pk=agent.membership.pk, grant=grant.pk) for end in ends]


def test_whoever_manages_the_members_reads_every_page(addresses, asked):
    statuses = {address: asked.get(address).status_code for address in addresses(READ)}
    assert set(statuses.values()) <= {200, 302}, statuses


def test_a_colleague_may_not_and_a_stranger_finds_nothing(addresses, supervisor, stranger, client_of):
    colleague, outside = client_of(supervisor), client_of(stranger)
    for address in addresses(READ):
        assert (colleague.get(address).status_code, outside.get(address).status_code) == (403, 404), address
    for address in addresses(POSTED):
        assert (colleague.post(address).status_code, outside.post(address).status_code) == (403, 404), address


def test_what_writes_is_only_posted(addresses, asked):
    assert {asked.get(address).status_code for address in addresses(POSTED)} == {405}


def test_somebody_of_another_department_is_not_found(members, stranger, asked):
    for end in ("", "correct/", "again/", "leave/", "move/"):
        assert asked.get(f"{members}{stranger.membership.pk}/{end}").status_code == 404


def test_the_menu_names_the_members_for_those_who_manage_them(members, owner, agent, client_of):
    assert f'href="{members}"' in html(client_of(owner).get(members))
    home = members.replace("members/", "rulebook/")
    assert f'href="{members}"' not in html(client_of(agent).get(home))


class TestTheList:
    def test_shows_who_is_here_with_roles_and_access(self, members, asked, agent, owner):
        agent.set_unusable_password()
        agent.save(update_fields=["password"])
        page = html(asked.get(members))
        for words in (agent.name, agent.username, "Agent", "No password yet", "2026-01-01"):
            assert words in page

    def test_who_left_and_who_comes_stand_apart(self, members, asked, owner, agent, colleague, department):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - DAY)
        coming = add_person(department, name="来人", from_day=TODAY + 5 * DAY)

        def names(query):
            page = html(asked.get(f"{members}?{query}"))
            return {person.name for person in (agent, colleague, coming) if person.name in page}

        assert names("") == {colleague.name}
        assert names("time=past") == {agent.name}
        assert names("time=future") == {coming.name}
        assert names("time=all") == {agent.name, colleague.name, coming.name}

    @pytest.mark.parametrize("query", ["q=晓彤", "q=07", "q=desk-07", "role=agent&q=林", "sort=-name&q=林"])
    def test_is_searched_by_name_number_user_name_and_role(self, members, asked, agent, supervisor, query):
        page = html(asked.get(f"{members}?{query}"))
        assert agent.name in page
        assert supervisor.name not in page

    def test_that_finds_nobody_offers_everybody(self, members, asked):
        assert "Nobody fits this choice" in html(asked.get(f"{members}?q=zzz"))

    def test_goes_to_excel_as_it_is_shown(self, members, asked, agent, supervisor):
        response = asked.get(f"{members}?export=xlsx&role=agent")
        texts = zipfile.ZipFile(io.BytesIO(response.content)).read("xl/sharedStrings.xml").decode()
        assert agent.name in texts and "Work number" in texts
        assert supervisor.name not in texts

    def test_takes_as_many_queries_for_many_as_for_few(self, members, asked, department):
        def queries():
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert asked.get(members).status_code == 200
            return len(seen)

        add_person(department, roles=[Role.AGENT])
        few = queries()
        for _number in range(29):
            add_person(department, roles=[Role.AGENT, Role.LEADER])
        assert queries() == few

    def test_names_those_who_hold_a_role_without_being_members(self, members, asked, department):
        founder = User.objects.create(username="founder", name="创办人")
        grant_role(actor=None, department=department, user=founder, role=Role.OWNER, from_day=JOINED)
        assert "创办人" in html(asked.get(members))


class TestAdding:
    def test_one_leads_to_their_page_or_to_the_next_one(self, members, asked, department):
        facts = {"name": "赵新", "work_number": "31", "from_day": "2026-11-10", "roles": ["agent"], "rostered": "on"}
        response = asked.post(f"{members}new/", facts)
        added = department.memberships.get(work_number="31")
        assert response["location"] == f"{members}{added.pk}/"
        response = asked.post(f"{members}new/", {**facts, "work_number": "32", "more": "1"})
        assert response["location"] == f"{members}new/"

    def test_mistakes_stand_at_their_fields(self, members, asked, agent, stranger):
        facts = {"name": "赵新", "work_number": "07", "from_day": "2026-11-10", "roles": ["agent"]}
        response = asked.post(f"{members}new/", facts)
        assert response.status_code == 422
        assert "work_number" in response.context["form"].errors
        response = asked.post(f"{members}new/", {**facts, "work_number": "31", "username": stranger.username})
        assert "username" in response.context["form"].errors
        response = asked.post(f"{members}new/", {"name": ""})
        assert set(response.context["form"].errors) == {"name", "work_number", "from_day", "roles"}
        response = asked.post(f"{members}new/", {**facts, "work_number": "31", "username": "a b"})
        assert "username" in response.context["form"].errors

    def test_a_list_is_shown_before_it_is_stored(self, members, asked, department):
        facts = {
            "text": "工号\t姓名\t角色\n31\t赵一\t组长\n32\t赵二\tAgent",
            "from_day": "2026-11-10",
            "rostered": "on",
        }
        before = department.memberships.count()
        looked = asked.post(f"{members}list/", facts)
        assert looked.status_code == 200
        assert "desk-31" in html(looked) and "Team leader" in html(looked)
        assert department.memberships.count() == before
        stored = asked.post(f"{members}list/", {**facts, "store": "1"})
        assert stored["location"] == members
        assert department.memberships.count() == before + 2

    def test_one_with_a_mistake_stores_nothing_even_when_told_to(self, members, asked, agent, department):
        facts = {"text": "31,赵一\n07,赵二", "from_day": "2026-11-10", "store": "1"}
        response = asked.post(f"{members}list/", facts)
        assert response.status_code == 422
        assert f"The work number 07 is {agent.name}&#x27;s and stays so." in html(response)
        assert not department.memberships.filter(work_number="31").exists()

    @pytest.mark.parametrize("text", ["", "\n", "x" * 150_001, "\n".join(f"{n},x" for n in range(501))])
    def test_none_or_too_many_are_refused(self, members, asked, text):
        response = asked.post(f"{members}list/", {"text": text, "from_day": "2026-11-10"})
        assert response.status_code == 422
        assert "text" in response.context["form"].errors


class TestOneMember:
    def test_shows_roles_access_and_history_where_the_reader_may(self, page_of, asked, owner, agent, other_department):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - DAY)
        again = add_again(actor=owner, member=agent.membership, work_number="07", from_day=TODAY, roles=["agent"])
        page = html(asked.get(page_of(agent)))
        assert "A member again from 2026-11-10" in page
        assert "Add again" not in page
        assert "2026-11-09" in html(asked.get(page_of(agent).replace(str(agent.membership.pk), str(again.pk))))

    def test_is_corrected(self, page_of, asked, agent, colleague):
        facts = {"name": "林小彤", "work_number": "77", "rostered": "on"}
        assert asked.post(page_of(agent, "correct/"), facts)["location"] == page_of(agent)
        agent.membership.refresh_from_db()
        assert (agent.membership.work_number, agent.membership.scored) == ("77", False)
        response = asked.post(page_of(agent, "correct/"), {**facts, "work_number": "02"})
        assert response.status_code == 422
        assert "work_number" in response.context["form"].errors

    def test_gets_a_role_and_loses_it(self, page_of, asked, agent, department):
        facts = {"role": "leader", "from_day": "2026-11-10"}
        assert asked.post(page_of(agent, "roles/"), facts)["location"] == page_of(agent)
        assert asked.post(page_of(agent, "roles/"), facts).status_code == 422
        assert asked.post(page_of(agent, "roles/"), {"role": "boss", "from_day": "x"}).status_code == 422
        grant = department.role_grants.get(user=agent, role="leader")
        end = page_of(agent, f"roles/{grant.pk}/end/")
        assert asked.post(end, {"last_day": "2026-11-01"}).status_code == 422
        assert asked.post(end, {"last_day": ""}).status_code == 422
        assert asked.post(end, {"last_day": "2026-11-12"})["location"] == page_of(agent)
        grant.refresh_from_db()
        assert grant.until_day == date(2026, 11, 12)

    def test_the_last_who_manages_stays_in_words(self, page_of, client_of, owner, department):
        owner.set_password("correct-horse-7")
        owner.save(update_fields=["password"])
        asked = client_of(owner)
        grant = department.role_grants.get(user=owner)
        response = asked.post(page_of(owner, f"roles/{grant.pk}/end/"), {"last_day": "2026-11-12"})
        assert response.status_code == 422
        assert "Nobody else could then manage" in html(response)

    def test_comes_back(self, page_of, asked, owner, agent, department):
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - DAY)
        form = asked.get(page_of(agent, "again/")).context["form"]
        assert (form.initial["work_number"], form.initial["from_day"]) == ("07", TODAY)
        facts = {"work_number": "07", "from_day": "2026-11-10", "roles": ["agent"], "rostered": "on"}
        response = asked.post(page_of(agent, "again/"), facts)
        assert response.status_code == 302
        assert department.memberships.filter(user=agent).count() == 2
        assert asked.post(page_of(agent, "again/"), facts).status_code == 422

    def test_who_has_no_last_day_does_not_come_back(self, page_of, asked, agent):
        assert asked.get(page_of(agent, "again/"))["location"] == page_of(agent)

    def test_out_of_reach_says_so_and_offers_no_reset(self, page_of, asked, agent, other_department):
        grant_role(actor=None, department=other_department, user=agent, role=Role.FINANCE, from_day=JOINED)
        page = html(asked.get(page_of(agent)))
        assert other_department.name in page
        assert page_of(agent, "reset/") not in page


def test_the_very_first_owner_is_made_by_command(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct-horse-7")
    call_command("createsuperuser", interactive=False, username="root", name="沈云杉", verbosity=0)
    root = authenticate(username="root", password="correct-horse-7")
    assert (root.name, root.is_superuser) == ("沈云杉", True)

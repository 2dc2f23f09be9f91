"""Adding, correcting, letting go and coming back: what is written, and what is refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from office.models import AuditEntry
from people.models import Membership, Role, User
from people.pasting import read_lines
from people.services import (
    add_again,
    add_member,
    add_people,
    add_person,
    check_lines,
    correct_member,
    end_role,
    grant_role,
    keepers,
    set_last_day,
)
from people.services.members import WrongLines
from tests.factories import JOINED
from tests.factories import add_person as person_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
DAY = timedelta(days=1)
WORDS = {"客服": "agent", "经理": "manager"}


@pytest.fixture(autouse=True)
def noon(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def owner(owner):
    """The owner, who can come in: an account that nobody can open keeps no department."""
    owner.set_password("correct-horse-7")
    owner.save(update_fields=["password"])
    return owner


@pytest.fixture
def agent(agent):
    agent.set_password("correct-horse-8")
    agent.save(update_fields=["password"])
    return agent


@pytest.fixture
def both_owner(owner, other_department):
    """The owner owns the department next door too."""
    grant_role(actor=None, department=other_department, user=owner, role=Role.OWNER, from_day=JOINED)
    return owner


def roles(user, department, day=TODAY):
    rows = department.role_grants.filter(user=user)
    return {row.role for row in rows if row.from_day <= day and (row.until_day is None or day <= row.until_day)}


def refused(code, call, *args, **kwargs):
    with pytest.raises(ValidationError) as refusal:
        call(*args, **kwargs)
    assert refusal.value.code == code, refusal.value
    return " ".join(refusal.value.messages)


class TestAddingSomebodyNew:
    def add(self, owner, department, **more):
        facts = {"name": "赵新", "work_number": "31", "from_day": TODAY, **more}
        return add_person(actor=owner, department=department, **facts)

    def test_makes_a_user_without_a_password_a_member_with_roles(self, owner, department):
        member = self.add(owner, department, roles=[Role.AGENT, Role.LEADER], scored=False)
        assert (member.name, member.user.username) == ("赵新", "desk-31")
        assert not member.user.has_usable_password()
        assert (member.rostered, member.scored) == (True, False)
        assert roles(member.user, department) == {"agent", "leader"}
        done = set(AuditEntry.objects.filter(actor=owner).values_list("action", flat=True))
        assert {"people.user.created", "people.member.added", "people.role.granted"} <= done

    def test_under_a_user_name_of_their_own(self, owner, department):
        assert self.add(owner, department, username="xin").user.username == "xin"

    @pytest.mark.parametrize(("number", "username"), [("A 7", "desk-a-7"), ("7/8", "desk-7-8"), ("工7", "desk-工7")])
    def test_or_one_made_of_whatever_the_number_is(self, owner, department, number, username):
        assert self.add(owner, department, work_number=number).user.username == username

    def test_whose_number_was_somebody_elses_is_refused_for_ever(self, owner, department, agent):
        said = refused("number_taken", self.add, owner, department, work_number="07")
        assert agent.name in said
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY)
        refused("number_taken", self.add, owner, department, work_number="07")
        assert not User.objects.filter(name="赵新").exists()

    def test_without_a_role_or_on_a_day_far_away_is_refused(self, owner, department):
        refused("no_role", self.add, owner, department, roles=[])
        refused("far_day", self.add, owner, department, from_day=date(2062, 11, 10))

    def test_with_a_taken_user_name_is_refused_and_not_said_whose_it_is(self, owner, department, stranger):
        said = refused("username_taken", self.add, owner, department, username=stranger.username)
        assert stranger.name not in said

    def test_the_database_itself_gives_a_number_to_one_person(self, department, agent, colleague):
        set_facts = {"department": department, "work_number": "07", "from_day": TODAY}
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=colleague, **set_facts)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(user=colleague).update(work_number="07")


class TestAddingSomebodyWhoHasAnAccount:
    def test_from_another_department_of_ones_own_makes_them_belong_to_both(
        self, both_owner, department, other_department
    ):
        known = person_of(other_department, name="钱多", roles=[Role.AGENT])
        facts = {"actor": both_owner, "department": department, "work_number": "31", "from_day": TODAY}
        refused("other_name", add_person, name="钱少", username=known.username, **facts)
        member = add_person(name="钱多", username=known.username, **facts)
        assert member.user == known
        assert known.memberships.count() == 2

    def test_is_refused_to_who_may_do_less_than_they(self, owner, department, other_department, stranger, agent):
        # The stranger was an agent here once: known, and with rights next door that the owner does not have.
        member = add_member(actor=None, department=department, user=stranger, work_number="70", from_day=JOINED)
        set_last_day(actor=owner, member=member, last_day=TODAY - DAY)
        facts = {"actor": owner, "department": department, "work_number": "70", "from_day": TODAY}
        said = refused("out_of_reach", add_person, name=stranger.name, username=stranger.username, **facts)
        assert other_department.name in said

    def test_a_superuser_is_reached_by_superusers_only(self, both_owner, department, other_department):
        root = person_of(other_department, name="根")
        User.objects.filter(pk=root.pk).update(is_superuser=True)
        facts = {"department": department, "name": "根", "work_number": "31", "from_day": TODAY}
        refused("out_of_reach", add_person, actor=both_owner, username=root.username, **facts)
        other_root = User.objects.create(username="root2", name="根二", is_superuser=True)
        assert add_person(actor=other_root, username=root.username, **facts).user == root

    def test_oneself_is_always_known(self, department, db):
        founder = User.objects.create(username="founder", name="沈")
        facts = {"department": department, "work_number": "1", "from_day": TODAY, "roles": ["owner"]}
        assert add_person(actor=founder, name="沈", username="founder", **facts).user == founder


class TestAddingAList:
    def lines(self, text):
        return read_lines(text, roles=WORDS, default="agent")

    def add(self, owner, department, text):
        return add_people(
            actor=owner, department=department, lines=self.lines(text), from_day=TODAY, rostered=True, scored=True
        )

    def mistakes(self, owner, department, text):
        checked = check_lines(actor=owner, department=department, lines=self.lines(text))
        return [line.mistake for line in checked]

    def test_adds_everybody(self, owner, department):
        added = self.add(owner, department, "工号,姓名,角色,用户名\n31,赵一\n32,赵二,经理,zhao2")
        assert [str(member) for member in added] == ["31 赵一", "32 赵二"]
        assert [member.user.username for member in added] == ["desk-31", "zhao2"]
        assert roles(added[1].user, department) == {"manager"}

    def test_or_nobody_when_a_line_is_wrong(self, owner, department):
        before = User.objects.count()
        with pytest.raises(WrongLines) as refusal:
            self.add(owner, department, "31,赵一\n99,赵二")
        assert [bool(line.mistake) for line in refusal.value.lines] == [False, True]
        assert User.objects.count() == before

    def test_an_empty_one_is_refused(self, owner, department):
        refused("empty", self.add, owner, department, "\n")

    def test_numbers_of_others_and_numbers_written_twice_are_found(self, owner, department, agent):
        assert self.mistakes(owner, department, "07,赵一\n31,赵二\n31,赵三\n32,赵四") == [
            f"The work number 07 is {agent.name}'s and stays so.",
            "",
            "The work number stands in line 2 already.",
            "",
        ]

    def test_user_names_of_others_and_ones_written_twice_are_found(self, owner, department, stranger):
        text = f"31,赵一,,{stranger.username}\n32,赵二,,zhao\n33,赵三,,zhao\n34,赵四,,a b"
        one, two, three, four = self.mistakes(owner, department, text)
        assert (one, two) == (f"The user name {stranger.username} is taken.", "")
        assert three == "The user name stands in line 2 already."
        assert "valid username" in four

    def test_the_name_that_would_be_made_may_be_taken(self, owner, department):
        User.objects.create(username="desk-31", name="别人")
        (mistake,) = self.mistakes(owner, department, "31,赵一")
        assert "taken" in mistake

    def test_somebody_known_by_user_name_joins(self, both_owner, department, other_department, agent):
        known = person_of(other_department, name="钱多")
        assert self.mistakes(both_owner, department, f"31,钱多,,{known.username}") == [""]
        assert "write the name" in self.mistakes(both_owner, department, f"31,钱少,,{known.username}")[0].lower()
        (already,) = self.mistakes(both_owner, department, f"07,{agent.name},,{agent.username}")
        assert already == f"{agent.name} is a member already."
        (member,) = self.add(both_owner, department, f"31,钱多,,{known.username}")
        assert member.user == known

    def test_looking_takes_as_many_queries_for_many_as_for_one(self, owner, department, django_assert_max_num_queries):
        with django_assert_max_num_queries(3):
            self.mistakes(owner, department, "31,赵一")
        with django_assert_max_num_queries(3):
            self.mistakes(owner, department, "\n".join(f"{n},人{n}" for n in range(100, 400)))


class TestCorrecting:
    def correct(self, owner, member, **changes):
        written = {
            "name": member.user.name,
            "work_number": member.work_number,
            "rostered": member.rostered,
            "scored": member.scored,
        }
        return correct_member(actor=owner, member=member, **{**written, **changes})

    def test_writes_what_changed_with_what_was_before(self, owner, agent):
        member = self.correct(owner, agent.membership, name="林小彤", scored=False)
        assert (member.user.name, member.scored, member.rostered) == ("林小彤", False, True)
        entry = AuditEntry.objects.get(action="people.member.corrected")
        assert entry.facts == {
            "before": {"name": "林晓彤", "scored": True},
            "after": {"name": "林小彤", "scored": False},
        }

    def test_the_same_again_changes_nothing(self, owner, agent):
        self.correct(owner, agent.membership)
        assert not AuditEntry.objects.filter(action="people.member.corrected").exists()

    def test_a_wrong_number_gives_way_to_a_free_one_only(self, owner, agent, colleague):
        assert self.correct(owner, agent.membership, work_number="77").work_number == "77"
        refused("number_taken", self.correct, owner, agent.membership, work_number="02")

    def test_nobody_renames_who_is_out_of_reach(self, owner, agent, other_department):
        grant_role(actor=None, department=other_department, user=agent, role=Role.MANAGER, from_day=JOINED)
        refused("out_of_reach", self.correct, owner, agent.membership, name="别人")
        assert self.correct(owner, agent.membership, work_number="77").work_number == "77"

    @pytest.mark.parametrize(
        "change", [{"name": ""}, {"name": "x" * 61}, {"work_number": ""}, {"work_number": "1" * 13}]
    )
    def test_what_does_not_fit_is_refused(self, owner, agent, change):
        with pytest.raises(ValidationError):
            self.correct(owner, agent.membership, **change)


class TestRoles:
    def test_begin_and_end_on_their_days(self, owner, department, agent):
        grant = grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=TODAY + DAY)
        assert roles(agent, department) == {"agent"}
        assert roles(agent, department, TODAY + DAY) == {"agent", "leader"}
        end_role(actor=owner, grant=grant, last_day=TODAY + 5 * DAY)
        assert roles(agent, department, TODAY + 6 * DAY) == {"agent"}
        assert AuditEntry.objects.get(action="people.role.ended").facts["after"] == {"until": "2026-11-15"}

    def test_one_that_is_held_is_not_given_again(self, owner, department, agent):
        facts = {"actor": owner, "department": department, "user": agent, "role": Role.AGENT}
        refused("already_granted", grant_role, from_day=TODAY, **facts)
        end_role(actor=owner, grant=department.role_grants.get(user=agent), last_day=TODAY)
        refused("already_granted", grant_role, from_day=TODAY, **facts)
        assert grant_role(from_day=TODAY + DAY, **facts)

    def test_one_that_would_not_have_begun_is_taken_back(self, owner, department, agent):
        grant = grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=TODAY + 5 * DAY)
        assert end_role(actor=owner, grant=grant, last_day=TODAY) is None
        assert roles(agent, department, TODAY + 9 * DAY) == {"agent"}
        assert AuditEntry.objects.filter(action="people.role.taken_back").exists()

    def test_what_has_been_held_stays(self, owner, department, agent):
        grant = department.role_grants.get(user=agent)
        refused("before_beginning", end_role, actor=owner, grant=grant, last_day=JOINED - DAY)
        department.role_grants.filter(pk=grant.pk).update(until_day=TODAY - DAY)
        refused("over", end_role, actor=owner, grant=grant, last_day=TODAY)

    def test_nobody_takes_the_last_one_away_that_manages_the_members(self, owner, department, agent):
        grant = department.role_grants.get(user=owner)
        refused("last_keeper", end_role, actor=owner, grant=grant, last_day=TODAY)
        late = grant_role(actor=owner, department=department, user=agent, role=Role.OWNER, from_day=TODAY + 9 * DAY)
        # Between the two nobody could.
        refused("last_keeper", end_role, actor=owner, grant=grant, last_day=TODAY)
        assert end_role(actor=owner, grant=grant, last_day=TODAY + 8 * DAY)
        # And now the other one is the last.
        refused("last_keeper", end_role, actor=owner, grant=late, last_day=TODAY + 10 * DAY)

    def test_where_nobody_could_before_nothing_is_taken_away(self, department, agent):
        assert not keepers(department, TODAY).exists()
        assert end_role(actor=agent, grant=department.role_grants.get(user=agent), last_day=TODAY)


class TestTheLastDay:
    def set(self, owner, member, day):
        return set_last_day(actor=owner, member=member, last_day=day)

    def test_ends_membership_and_roles(self, owner, department, agent):
        future = grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=TODAY + 9 * DAY)
        member = self.set(owner, agent.membership, TODAY + DAY)
        assert member.until_day == TODAY + DAY
        assert roles(agent, department, TODAY + DAY) == {"agent"}
        assert roles(agent, department, TODAY + 2 * DAY) == set()
        assert not department.role_grants.filter(pk=future.pk).exists()

    def test_moves_and_is_taken_back_with_the_roles_that_followed_it(self, owner, department, agent):
        ended = grant_role(actor=owner, department=department, user=agent, role=Role.LEADER, from_day=JOINED)
        end_role(actor=owner, grant=ended, last_day=TODAY)
        self.set(owner, agent.membership, TODAY + DAY)
        self.set(owner, agent.membership, TODAY + 5 * DAY)
        assert roles(agent, department, TODAY + 5 * DAY) == {"agent"}
        assert self.set(owner, agent.membership, None).until_day is None
        assert roles(agent, department, TODAY + 99 * DAY) == {"agent"}
        ended.refresh_from_db()
        assert ended.until_day == TODAY

    def test_of_other_departments_is_not_touched(self, owner, department, other_department, agent):
        grant_role(actor=None, department=other_department, user=agent, role=Role.AGENT, from_day=JOINED)
        self.set(owner, agent.membership, TODAY)
        assert roles(agent, other_department, TODAY + 9 * DAY) == {"agent"}

    def test_is_not_before_the_first_and_not_changed_when_it_is_past(self, owner, agent):
        refused("before_beginning", self.set, owner, agent.membership, JOINED - DAY)
        self.set(owner, agent.membership, TODAY - DAY)
        refused("over", self.set, owner, agent.membership, TODAY)
        refused("over", self.set, owner, agent.membership, None)

    def test_does_not_run_into_a_later_membership(self, owner, department, agent):
        self.set(owner, agent.membership, TODAY)
        add_again(actor=owner, member=agent.membership, work_number="07", from_day=TODAY + 5 * DAY, roles=["agent"])
        refused("already_member", self.set, owner, agent.membership, TODAY + 5 * DAY)
        refused("already_member", self.set, owner, agent.membership, None)
        assert self.set(owner, agent.membership, TODAY + 4 * DAY)

    def test_of_the_last_who_manages_the_members_is_refused(self, owner, department, agent):
        refused("last_keeper", self.set, owner, owner.membership, TODAY + 9 * DAY)
        owner.membership.refresh_from_db()
        assert owner.membership.until_day is None
        grant_role(actor=owner, department=department, user=agent, role=Role.OWNER, from_day=TODAY)
        assert self.set(owner, owner.membership, TODAY + 9 * DAY)
        refused("last_keeper", self.set, owner, agent.membership, TODAY + 20 * DAY)


class TestComingBack:
    def test_is_another_membership_under_the_same_number(self, owner, department, agent):
        member = set_last_day(actor=owner, member=agent.membership, last_day=TODAY - DAY)
        again = add_again(actor=owner, member=member, work_number="07", from_day=TODAY, roles=["agent", "leader"])
        assert (again.user, again.work_number) == (agent, "07")
        assert list(department.memberships.filter(user=agent).order_by("pk")) == [member, again]
        assert roles(agent, department) == {"agent", "leader"}

    def test_is_refused_while_they_are_here_and_with_somebody_elses_number(self, owner, agent, colleague):
        facts = {"actor": owner, "member": agent.membership, "from_day": TODAY, "roles": ["agent"]}
        refused("already_member", add_again, work_number="07", **facts)
        set_last_day(actor=owner, member=agent.membership, last_day=TODAY - DAY)
        refused("number_taken", add_again, work_number="02", **facts)
        refused("far_day", add_again, work_number="07", **{**facts, "from_day": date(2029, 1, 1)})

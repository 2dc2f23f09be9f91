"""Publishing an edited rulebook: what is refused, and who is told."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from office.models import Notice
from people.models import Role, User
from people.services import grant_role
from rulebooks.editing import examine, holders, people_by_role, people_moved, publish
from rulebooks.models import RulebookVersion
from rulebooks.reading import RulebookMistakes, read
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY, SINCE
from tests.factories import add_person

pytestmark = pytest.mark.django_db

SOURCE = (LIBRARY / "three-shift-desk.yaml").read_text(encoding="utf-8")
DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def november(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def latest(department) -> RulebookVersion:
    return department.rulebook_versions.first()


@pytest.fixture
def change(department, latest, manager):
    """`change(old, new)`: publish the three-shift desk with that replaced, from 20 November on."""

    def do(*replacements, day=DAY, base=latest.digest, actor=manager):
        text = SOURCE
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        return publish(department=department, text=text, from_day=day, base=base, actor=actor)

    return do


def refusal_of(call, *args, **kwargs) -> str:
    before = RulebookVersion.objects.count(), Notice.objects.count()
    with pytest.raises(ValidationError) as refusal:
        call(*args, **kwargs)
    assert (RulebookVersion.objects.count(), Notice.objects.count()) == before
    return refusal.value.error_list[0].code


FINE = ("fine_yuan: 30", "fine_yuan: 35")


class TestPublishing:
    def test_makes_the_next_version_in_the_publishers_name(self, change, manager):
        version = change(FINE)
        assert (version.number, version.from_day, version.published_by) == (2, DAY, manager)
        assert "fine_yuan: 35" in version.source

    def test_tells_the_members_of_today_and_not_the_publisher(self, change, manager, agent, owner, department):
        former = add_person(department, name="former")
        former.membership.until_day = date(2026, 11, 9)
        former.membership.save()
        version = change(FINE)
        told = Notice.objects.filter(link__endswith=f"/rulebook/{version.number}/changes/")
        assert {notice.recipient for notice in told} == {agent, owner}
        assert told.first().text == "Version 2 of the rulebook holds from 2026-11-20. Read what changes."

    def test_tells_those_who_hold_a_role_without_being_members(self, change, department):
        founder, former, gone = (User.objects.create(username=name, name=name) for name in ("f", "g", "h"))
        gone.is_active = False
        gone.save()
        for user in (founder, former, gone):
            grant_role(actor=None, department=department, user=user, role=Role.OWNER, from_day=SINCE)
            grant_role(actor=None, department=department, user=user, role=Role.MANAGER, from_day=SINCE)
        former.role_grants.update(until_day=date(2026, 11, 9))
        change(FINE)
        assert [notice.recipient for notice in Notice.objects.all()] == [founder]

    def test_the_first_version_of_a_department_is_told_to_nobody(self, department, agent):
        assert not Notice.objects.exists()

    def test_a_later_version_by_command_is_told_too(self, department, agent):
        import_rulebook(department=department, source=SOURCE.encode(), from_day=DAY, actor=None)
        assert Notice.objects.get().recipient == agent

    def test_from_today_on_at_the_earliest(self, change):
        assert refusal_of(change, FINE, day=date(2026, 11, 9)) == "past"
        assert change(FINE, day=date(2026, 11, 10)).number == 2

    def test_not_before_the_latest_version(self, change, department):
        latest = change(FINE, day=date(2026, 12, 1))
        again = (FINE, ("due_days: 7", "due_days: 9"))
        assert refusal_of(change, *again, day=DAY, base=latest.digest) == "before_latest"

    def test_the_scorecard_from_the_first_of_a_month_only(self, change):
        grade = ("at_least: 80", "at_least: 81")
        assert refusal_of(change, grade) == "scorecard_inside_month"
        assert change(grade, day=date(2026, 12, 1)).number == 2

    def test_nothing_where_nothing_changed(self, change):
        assert refusal_of(change) == "no_change"

    def test_nothing_with_a_mistake(self, change):
        with pytest.raises(RulebookMistakes):
            change(("currency: CNY", "currency: EUR"))
        assert RulebookVersion.objects.count() == 1

    def test_nothing_over_a_version_that_the_text_was_not_made_from(self, change):
        change(FINE)
        assert refusal_of(change, ("due_days: 7", "due_days: 9")) == "overtaken"
        assert refusal_of(change, ("due_days: 7", "due_days: 9"), base="") == "overtaken"


class TestLockingOut:
    """Somebody must be left who may change the rulebook, and somebody who may manage the members."""

    def test_to_a_role_that_nobody_holds_is_refused(self, change, owner):
        assert refusal_of(change, ("edit_rulebook: [manager, owner]", "edit_rulebook: [finance]")) == "locked_out"
        to_finance = ("manage_members: [owner]", "manage_members: [finance]")
        assert refusal_of(change, to_finance, actor=owner) == "locked_out"

    def test_to_a_role_that_somebody_else_holds_is_not(self, change, owner, finance):
        assert change(("edit_rulebook: [manager, owner]", "edit_rulebook: [finance]")).number == 2

    def test_what_nobody_held_before_is_not_taken_from_anybody(self, change, manager):
        manager.role_grants.update(until_day=date(2026, 11, 9))
        assert change(("edit_rulebook: [manager, owner]", "edit_rulebook: [finance]")).number == 2

    def test_who_cannot_sign_in_any_more_or_holds_the_role_no_longer_does_not_count(self, change, owner, finance):
        finance.is_active = False
        finance.save()
        to_finance = ("edit_rulebook: [manager, owner]", "edit_rulebook: [finance]")
        assert refusal_of(change, to_finance) == "locked_out"
        finance.is_active = True
        finance.save()
        finance.role_grants.update(until_day=date(2026, 11, 19))
        assert refusal_of(change, to_finance) == "locked_out", "gone before the first day"
        assert refusal_of(change, to_finance, day=date(2026, 11, 19)) == "locked_out", "there on that day, gone after"
        finance.role_grants.update(until_day=None, from_day=date(2026, 11, 21))
        assert refusal_of(change, to_finance) == "locked_out", "not there yet"
        finance.role_grants.update(from_day=DAY)
        assert change(to_finance).number == 2

    def test_where_the_only_holder_leaves_one_day_other_rules_may_still_change(self, change, owner):
        owner.role_grants.update(until_day=date(2026, 12, 31))
        assert change(FINE).number == 2

    def test_other_rights_may_be_left_to_nobody(self, change, supervisor):
        assert change(("edit_roster: [supervisor]", "edit_roster: [finance]")).number == 2


class TestWhoMayMoveTheKeys:
    """Who may edit the rulebook could else take the members over by writing themselves in."""

    TO_MANAGER = ("manage_members: [owner]", "manage_members: [manager]")

    def test_only_who_manages_the_members_says_who_does(self, change, manager, owner):
        assert refusal_of(change, self.TO_MANAGER) == "not_yours"
        assert change(self.TO_MANAGER, actor=owner).number == 2

    def test_also_where_somebody_is_only_added(self, change, owner):
        assert refusal_of(change, ("manage_members: [owner]", "manage_members: [owner, manager]")) == "not_yours"

    def test_the_same_roles_in_another_order_are_no_change(self, change, owner):
        two = ("manage_members: [owner]", "manage_members: [owner, manager]")
        turned = ("manage_members: [owner]", "manage_members: [manager, owner]")
        latest = change(two, actor=owner)
        assert change(turned, base=latest.digest).number == 3

    def test_other_rights_are_moved_by_who_edits_the_rulebook(self, change, supervisor):
        assert change(("edit_roster: [supervisor]", "edit_roster: [leader]")).number == 2


class TestWhomItConcerns:
    def test_who_gets_a_right_and_who_loses_it(self, department, latest, supervisor, leader, owner):
        grant_role(actor=None, department=department, user=owner, role=Role.SUPERVISOR, from_day=SINCE)
        before = read(SOURCE.encode())[0]
        text = SOURCE.replace("edit_roster: [supervisor]", "edit_roster: [leader, owner]")
        after = examine(department=department, latest=latest, text=text, from_day=DAY, actor=owner)
        [moved] = people_moved(before, after, department, DAY)
        assert moved.right.right == "edit_roster"
        assert (moved.gain, moved.lose) == ([leader.name], [supervisor.name]), "the owner keeps it by another role"

    def test_in_one_query(self, department, agent, leader, owner, django_assert_num_queries):
        with django_assert_num_queries(1):
            people = people_by_role(department, DAY)
        rulebook = read(SOURCE.encode())[0]
        assert holders(rulebook, "manage_members", people) == {owner.pk: owner.name}

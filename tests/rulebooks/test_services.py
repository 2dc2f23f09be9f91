"""Versions of a department's rulebook: which one is in force when, and what cannot be published."""

import hashlib
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from office.models import AuditEntry
from people.models import RoleRight
from rulebooks.models import RulebookVersion
from rulebooks.reading import RulebookMistakes
from rulebooks.services import NoRulebook, import_rulebook, in_force, in_force_by_day, version_by_id
from tests.factories import make_department

pytestmark = pytest.mark.django_db
NEW_YEAR, DAY = date(2026, 1, 1), date(2026, 11, 10)


@pytest.fixture
def desk(db):
    """A department without a rulebook."""
    return make_department("bare")


@pytest.fixture
def publish(desk, plain_text):
    """`publish(day, old, new)`: the plain rulebook, spoilt or not, as the next version from that day on."""

    def do(day=NEW_YEAR, old="", new="", *, department=desk, actor=None):
        assert old in plain_text
        text = plain_text.replace(old, new, 1) if old else plain_text
        return import_rulebook(department=department, source=text.encode(), from_day=day, actor=actor)

    return do


def stored():
    return (
        RulebookVersion.objects.count(),
        set(RoleRight.objects.values_list("role", "right", "from_day", "until_day")),
        AuditEntry.objects.count(),
    )


class TestPublishing:
    def test_the_first_version_is_kept_as_it_was_written(self, publish, desk, plain_text, agent):
        version = publish(actor=agent)
        assert (version.number, version.from_day, version.published_by) == (1, NEW_YEAR, agent)
        version.refresh_from_db()
        assert version.source == plain_text
        assert version.digest == hashlib.sha256(plain_text.encode()).hexdigest()
        entry = AuditEntry.objects.get(action="rulebooks.version.published", department=desk)
        assert (entry.actor, entry.facts["from_day"], entry.facts["digest"]) == (agent, "2026-01-01", version.digest)

    def test_what_the_digest_covers_is_what_is_kept(self, desk, plain_text):
        source = b"\xef\xbb\xbf" + plain_text.encode()
        version = import_rulebook(department=desk, source=source, from_day=NEW_YEAR, actor=None)
        assert version.digest == hashlib.sha256(version.source.encode()).hexdigest()

    def test_versions_are_numbered_by_department(self, publish, department):
        assert [publish().number, publish(DAY).number, publish(DAY).number] == [1, 2, 3]
        assert in_force(department, DAY).number == 1

    def test_rights_hold_from_the_day_of_the_version(self, publish, desk):
        publish()
        publish(DAY, "edit_roster: [supervisor]", "edit_roster: [owner, leader]")
        rows = desk.role_rights.filter(right="edit_roster").values_list("role", "from_day", "until_day")
        before = DAY - timedelta(days=1)
        assert set(rows) == {("supervisor", NEW_YEAR, before), ("owner", DAY, None), ("leader", DAY, None)}

    def test_a_file_with_a_mistake_stores_nothing(self, publish):
        before = stored()
        with pytest.raises(RulebookMistakes):
            publish(DAY, "currency: CNY", "currency: EUR")
        assert stored() == before

    @pytest.mark.parametrize("source", [b"", b"\xff\xfe", b"{" * 5000, b"- 1", b"a: &a [*a]", b"\x00"])
    def test_what_is_no_rulebook_at_all_stores_nothing(self, desk, source):
        before = stored()
        with pytest.raises(RulebookMistakes):
            import_rulebook(department=desk, source=source, from_day=DAY, actor=None)
        assert stored() == before

    def test_one_for_another_time_zone_is_refused(self, publish):
        before = stored()
        with pytest.raises(ValidationError) as refusal:
            publish(DAY, "Asia/Shanghai", "Asia/Tokyo")
        assert refusal.value.code == "other_time_zone"
        assert "Asia/Tokyo" in refusal.value.messages[0]
        assert "Asia/Shanghai" in refusal.value.messages[0]
        assert stored() == before

    def test_one_that_would_hold_before_the_latest_is_refused(self, publish):
        publish(DAY)
        before = stored()
        with pytest.raises(ValidationError) as refusal:
            publish(DAY - timedelta(days=1))
        assert refusal.value.code == "before_latest"
        assert "2026-11-10" in refusal.value.messages[0]
        assert stored() == before

    @pytest.mark.parametrize("change", [("at_least: 80", "at_least: 81"), ("each: 20", "each: 21"), ("12.1", "12.9")])
    def test_the_scorecard_changes_from_the_first_of_a_month_only(self, publish, change):
        publish()
        with pytest.raises(ValidationError) as refusal:
            publish(DAY, *change)
        assert refusal.value.code == "scorecard_inside_month"
        assert publish(date(2026, 12, 1), *change).number == 2

    def test_everything_else_may_change_on_any_day(self, publish):
        publish()
        assert publish(DAY, "fine_yuan: 10", "fine_yuan: 12").number == 2

    def test_the_first_may_begin_on_any_day(self, publish):
        assert publish(DAY).number == 1

    def test_a_scorecard_that_is_to_change_later_is_what_the_next_is_compared_with(self, publish):
        publish()
        publish(date(2026, 12, 1), "at_least: 80", "at_least: 81")
        with pytest.raises(ValidationError) as refusal:
            publish(date(2026, 12, 15))
        assert refusal.value.code == "scorecard_inside_month"


class TestPublishedVersions:
    def test_are_never_changed_nor_deleted(self, publish):
        version = publish()
        version.from_day = DAY
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            version.delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            RulebookVersion.objects.update(content={})

    @pytest.mark.parametrize("number", [0, 1])
    def test_have_a_number_of_their_own_from_1(self, publish, desk, number):
        publish()
        with pytest.raises(IntegrityError), transaction.atomic():
            RulebookVersion.objects.create(department=desk, number=number, from_day=DAY, content={}, digest="x")

    def test_are_visible_to_members_only(self, department, agent, stranger):
        assert RulebookVersion.objects.visible_to(agent).get().department == department
        assert department not in {version.department for version in RulebookVersion.objects.visible_to(stranger)}


class TestInForce:
    @pytest.fixture
    def history(self, publish, desk):
        """Four versions: two of them from the same day, one still to come."""
        publish(date(2026, 2, 1))
        publish(DAY, "fine_yuan: 10", "fine_yuan: 11")
        publish(DAY, "fine_yuan: 10", "fine_yuan: 12")
        publish(date(2026, 12, 1), "fine_yuan: 10", "fine_yuan: 13")
        return desk

    def test_is_the_latest_that_has_begun_and_of_two_from_one_day_the_newer(self, history):
        found = {
            day: in_force(history, day).number
            for day in (date(2026, 2, 1), DAY - timedelta(days=1), DAY, date(2026, 11, 30), date(2026, 12, 1))
        }
        assert list(found.values()) == [1, 1, 3, 3, 4]
        assert in_force(history, date.max).number == 4

    @pytest.mark.parametrize("day", [date(2026, 1, 31), date.min])
    def test_before_the_first_there_is_none(self, history, day):
        with pytest.raises(NoRulebook) as refusal:
            in_force(history, day)
        assert isinstance(refusal.value, ValidationError)
        assert refusal.value.code == "no_rulebook"
        assert str(history) in refusal.value.messages[0]

    def test_in_a_department_without_one_there_is_none(self, desk, department):
        with pytest.raises(NoRulebook):
            in_force(desk, DAY)
        assert in_force_by_day(desk, [DAY]) == {}

    def test_many_days_are_answered_as_each_alone(self, history):
        days = [date(2026, 1, 20) + timedelta(days=number) for number in range(330)]
        alone = {}
        for day in days:
            try:
                alone[day] = in_force(history, day)
            except NoRulebook:
                continue
        together = in_force_by_day(history, reversed(days))
        assert together == alone
        assert {day: book.number for day, book in together.items()} == {d: b.number for d, b in alone.items()}
        assert in_force_by_day(history, []) == {}
        assert in_force_by_day(history, [DAY, DAY]) == {DAY: alone[DAY]}

    def test_in_one_query_once_the_versions_are_read(self, history, django_assert_num_queries):
        days = [date(2026, 11, 1) + timedelta(days=number) for number in range(60)]
        in_force_by_day(history, days)
        with django_assert_num_queries(1):
            in_force_by_day(history, days)
        with django_assert_num_queries(1):
            in_force(history, DAY)

    def test_a_rulebook_knows_which_version_it_is(self, history):
        book = in_force(history, DAY)
        version = history.rulebook_versions.get(number=3)
        assert (book.version_id, book.number) == (version.pk, 3)
        assert version_by_id(version.pk) is book
        assert book.clauses[0].ladder[0].fine_fen == 1200
        assert "3" in str(version)

"""Letting warnings stand, and what keeps a month from being published."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from office import clock
from office.models import AuditEntry
from office.months import Month
from rulebooks.services import import_rulebook, in_force
from shifts.checks import OPEN, STANDING, Report
from shifts.models import Assignment, Layer, Leave, LeaveState, Override, Roster
from shifts.plans import WORKED, breaches_of
from shifts.services import overrides, roster_of
from tests.conftest import LIBRARY
from tests.factories import add_person

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)
# Every rulebook version of the tests says: a rest that is too short warns, a shift on leave blocks.
REST = "rest_between_shifts"


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def roster(department):
    return roster_of(department, NOVEMBER)


@pytest.fixture
def short_rest(department, agent, paint, roster):
    """The night of the 3rd and the day shift of the 4th, seven hours later."""
    paint((agent, 3, "N"), (agent, 4, "D"))
    return [each.violation for each in breaches_of(department, NOVEMBER) if each.violation.code == REST]


def breaches(department, code=REST, **more):
    return [each for each in breaches_of(department, NOVEMBER, **more) if each.violation.code == code]


def let_stand(roster, violations, actor, reason="Nobody else can"):
    return overrides.let_stand(roster=roster, violations=violations, reason=reason, actor=actor)


def publishable(department, actor, reason=""):
    overrides.require_publishable(department=department, month=NOVEMBER, reason=reason, actor=actor)


class TestLettingStand:
    def test_a_warning_stands_with_who_and_why_in_both_languages(
        self, department, roster, short_rest, agent, supervisor
    ):
        [kept] = let_stand(roster, short_rest, supervisor)
        [breach] = breaches(department)
        assert breach.override == kept
        assert (kept.reason, kept.by) == ("Nobody else can", supervisor)
        assert set(kept.text) == {"zh-Hans", "en"}
        assert kept.text["en"].startswith(f"{agent.name}: 7 h of rest")
        entry = AuditEntry.objects.get(action="shifts.roster.let_stand")
        assert entry.facts["warnings"] == [kept.key]

    def test_twice_is_kept_once_with_the_first_reason(self, roster, short_rest, supervisor):
        let_stand(roster, short_rest, supervisor)
        assert let_stand(roster, short_rest, supervisor, reason="Once more") == []
        assert Override.objects.get().reason == "Nobody else can"
        assert AuditEntry.objects.filter(action="shifts.roster.let_stand").count() == 1

    @pytest.mark.parametrize("reason", ["", "   ", "\n"])
    def test_without_a_reason_nothing_stands(self, roster, short_rest, supervisor, reason):
        with pytest.raises(ValidationError) as refusal:
            let_stand(roster, short_rest, supervisor, reason=reason)
        assert refusal.value.code == "no_reason"
        assert not Override.objects.exists()

    def test_a_reason_as_long_as_a_letter_is_refused(self, roster, short_rest, supervisor):
        with pytest.raises(ValidationError) as refusal:
            let_stand(roster, short_rest, supervisor, reason="x" * 501)
        assert refusal.value.code == "too_long"

    def test_what_blocks_never_stands(self, department, roster, short_rest, agent, stranger, supervisor, approved):
        approved(agent, date(2026, 11, 4))
        both = [each.violation for each in breaches_of(department, NOVEMBER) if each.violation.agent]
        with pytest.raises(ValidationError) as refusal:
            let_stand(roster, both, supervisor)
        assert refusal.value.code == "blocking"
        assert not Override.objects.exists()

    def test_once_it_is_worse_it_is_open_again(self, department, roster, agent, paint, supervisor):
        # One of the two day shifts of the 3rd is missing where three are wanted at least.
        with_minimum(department, 3)
        people = [agent, add_person(department, work_number="21"), add_person(department, work_number="22")]
        paint(*[(person, 3, "D") for person in people[:2]])
        gap = [each for each in breaches(department, "coverage") if each.violation.days == (date(2026, 11, 3),)]
        let_stand(roster, [gap[0].violation], supervisor)
        assert not open_on(department, 3)
        paint((agent, 3, ""), seen=1)
        assert open_on(department, 3)
        paint(*[(person, 3, "D") for person in (agent, people[2])], seen=0)
        assert not open_on(department, 3)

    def test_hours_worked_cannot_be_let_stand(self, department, roster, short_rest, supervisor, publish, at):
        let_stand(roster, short_rest, supervisor)
        publish_all(department, supervisor)
        with at("2026-11-20 12:00"):
            assert all(each.is_open for each in breaches_of(department, NOVEMBER, WORKED))
            assert breaches(department, layer=Layer.PUBLISHED)[0].override


class TestLettingOneStand:
    """Of several warnings just one line, as the list of checks shows it."""

    @pytest.fixture
    def two(self, department, agent, colleague, paint, roster):
        """The same short rest of two people."""
        paint(*[cell for person in (agent, colleague) for cell in ((person, 3, "N"), (person, 4, "D"))])
        return {item.member: item for item in lines(department)}

    def stand(self, department, actor, key, reason="Nobody else can"):
        return overrides.let_one_stand(
            department=department, month=NOVEMBER, layer=Layer.DRAFT, key=key, reason=reason, actor=actor
        )

    def address(self, department, item, **query):
        blanks = {"code": department.code, "month": NOVEMBER}
        return reverse("shifts:roster_stand", kwargs=blanks, query={"key": item.key, **query})

    def test_the_other_stays_open(self, department, two, agent, colleague, supervisor):
        [kept] = self.stand(department, supervisor, two[agent.membership.pk].key)
        assert kept.reason == "Nobody else can"
        assert {item.member: item.state for item in lines(department)} == {
            agent.membership.pk: STANDING,
            colleague.membership.pk: OPEN,
        }

    def test_a_line_of_several_days_stands_as_a_whole(self, department, roster, supervisor, agent, paint):
        paint((agent, 3, "N"))
        gap = next(item for item in Report(department, NOVEMBER, Layer.DRAFT).items if item.gap and len(item.dates) > 1)
        assert len(self.stand(department, supervisor, gap.key)) == len(gap.dates)
        stands = [item for item in Report(department, NOVEMBER, Layer.DRAFT).items if item.state == STANDING]
        assert [(item.gap, item.dates) for item in stands] == [(gap.gap, gap.dates)]

    def test_what_is_not_there_as_it_was_or_stands_already_is_refused(self, department, two, agent, supervisor, paint):
        key = two[agent.membership.pk].key
        self.stand(department, supervisor, key)
        for gone in (key, "rest_between_shifts:1:2026-11-03:2026-11-04#9", ""):
            with pytest.raises(ValidationError) as refusal:
                self.stand(department, supervisor, gone)
            assert refusal.value.code == "changed"
        assert Override.objects.count() == 1

    def test_a_closed_month_is_history(self, department, two, agent, supervisor):
        Roster.objects.update(locked_at=clock.now(), locked_by=supervisor)
        with pytest.raises(ValidationError) as refusal:
            self.stand(department, supervisor, two[agent.membership.pk].key)
        assert refusal.value.code == "locked"

    def test_from_the_checks_by_its_page(self, department, two, agent, supervisor, client_of):
        client, item = client_of(supervisor), two[agent.membership.pk]
        address = self.address(department, item, layer="draft")
        checks = reverse("shifts:roster_checks", kwargs={"code": department.code, "month": NOVEMBER})
        panel = client.get(checks, headers={"accept": "application/json"}).json()["html"]
        assert address.replace("&", "&amp;") in with_layer_first(panel)
        page = client.get(address).content.decode()
        assert agent.name in page
        refused = client.post(address, {"reason": " "})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
        done = client.post(address, {"reason": "Nobody else can"})
        assert done.headers["Location"] == reverse("shifts:roster", kwargs={"code": department.code, "month": NOVEMBER})
        assert "Let stand by" in client.get(checks).content.decode()
        # Somebody else was quicker: it is said where one comes from.
        again = client.post(self.address(department, item, **{"from": "list"}), {"reason": "Once more"}, follow=True)
        assert again.redirect_chain == [(checks, 302)]
        assert "The plan has changed" in again.content.decode()

    def test_hours_worked_have_no_such_page(self, department, two, agent, supervisor, colleague, client_of):
        item = two[agent.membership.pk]
        assert client_of(supervisor).get(self.address(department, item, layer=WORKED)).status_code == 404
        assert client_of(colleague).get(self.address(department, item)).status_code == 403


def lines(department):
    items = Report(department, NOVEMBER, Layer.DRAFT).items
    return [item for item in items if item.breach.violation.code == REST]


def with_layer_first(html):
    """The order in which `address` writes its query."""
    return re.sub(r"layer=(\w+)&amp;key=([^&\"]+)", r"key=\2&amp;layer=\1", html)


class TestPublishing:
    @pytest.fixture(autouse=True)
    def without_gaps(self, department):
        with_minimum(department, 0)

    def test_a_plan_without_breaches_needs_no_reason(self, department, agent, paint, supervisor):
        paint((agent, 3, "N"))
        publishable(department, supervisor)
        assert not Override.objects.exists()

    def test_warnings_ask_for_a_reason_and_say_what_they_are(self, department, short_rest, supervisor):
        with pytest.raises(ValidationError) as refusal:
            publishable(department, supervisor)
        assert refusal.value.code == "reason_needed"
        assert "11-04 林晓彤: 7 h of rest" in refusal.value.messages[0]

    def test_with_a_reason_they_stand_and_are_not_asked_about_again(self, department, short_rest, supervisor):
        publishable(department, supervisor, reason="Nobody else can")
        assert Override.objects.get().reason == "Nobody else can"
        publishable(department, supervisor)

    def test_what_blocks_keeps_it_from_being_published_whatever_the_reason(
        self, department, agent, short_rest, supervisor, approved
    ):
        approved(agent, date(2026, 11, 4))
        with pytest.raises(ValidationError) as refusal:
            publishable(department, supervisor, reason="It must be")
        assert refusal.value.code == "blocked"
        assert "This shift is on approved leave." in refusal.value.messages[0]
        assert not Override.objects.exists()

    def test_of_many_the_first_few_are_told(self, department, paint, supervisor):
        people = [add_person(department, work_number=f"3{number}") for number in range(8)]
        paint(*[cell for person in people for cell in ((person, 3, "N"), (person, 4, "D"))])
        with pytest.raises(ValidationError) as refusal:
            publishable(department, supervisor)
        assert refusal.value.messages[0].endswith("and 3 more")

    def test_what_is_past_and_published_holds_nobody_up(self, department, agent, short_rest, supervisor, publish, at):
        publish_all(department, supervisor)
        with at("2026-11-05 09:00"):
            publishable(department, supervisor)
        with at("2026-11-04 09:00"), pytest.raises(ValidationError):
            publishable(department, supervisor)


@pytest.fixture
def approved(department, supervisor):
    def make(person, day):
        return Leave.objects.create(
            membership=person.membership,
            kind="PL",
            rulebook_version_id=in_force(department, day).version_id,
            first_day=day,
            last_day=day,
            reason="a wedding",
            asked_by=person,
            state=LeaveState.APPROVED,
            decided_by=supervisor,
            decided_at=clock.now(),
        )

    return make


def publish_all(department, supervisor):
    # As it is, whatever publishing asks for by then: here only what stands afterwards matters.
    Roster.objects.filter(department=department).update(version=1)
    for row in Assignment.objects.draft().filter(membership__department=department):
        spans = list(row.spans.all())
        row.pk, row.layer = None, Layer.PUBLISHED
        row.save()
        for span in spans:
            span.pk, span.layer, span.assignment = None, Layer.PUBLISHED, row
            span.save()


def with_minimum(department, minimum):
    """The same rulebook with another minimum for day shifts, and none for the others."""
    source = (LIBRARY / "three-shift-desk.yaml").read_text()
    before, after = source.split("headcount: {wanted: 2, minimum: 1}", 1)
    source = f"{before}headcount: {{wanted: {max(2, minimum)}, minimum: {minimum}}}{after}"
    source = source.replace("headcount: {wanted: 2, minimum: 1}", "headcount: {wanted: 2, minimum: 0}")
    import_rulebook(department=department, source=source.encode(), from_day=date(2026, 10, 1), actor=None)


def open_on(department, day):
    on_day = [each for each in breaches(department, "coverage") if each.violation.days == (date(2026, 11, day),)]
    return [each for each in on_day if each.is_open]

"""The demo department: deterministic, living at any hour, and made of nothing the services would refuse."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from desk.accounts import DEMO_CODE, DEMO_CODES, DEMO_PASSWORD, demo_accounts
from desk.demo.cast import DEMOS
from desk.demo.plan import rotation, slots_of, stand_ins_of
from desk.demo.timeline import Timeline
from desk.management.commands.load_demo import instant
from handover.models import HandoverItem, Issue, ServiceStatistic
from kpi.models import Scorecard, ScoreRun
from ledger.models import AccountKind, Incident, IncidentState, Posting, Sanction
from ledger.services import verify_ledger
from office import clock
from office.months import Month
from people.models import Department, Role, User
from shifts.models import Assignment, Attendance, ExtensionSegment, Layer, Roster
from shifts.services import on_duty
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department

pytestmark = pytest.mark.django_db
# An evening in Shanghai in the middle of a month: a night shift is running.
EVENING = datetime(2026, 11, 18, 13, 0, tzinfo=UTC)


def load(instant=EVENING, seed="3"):
    with clock.at(instant):
        call_command("load_demo", "--seed", seed, stdout=StringIO())
    return Department.objects.get(code=DEMO_CODE)


def facts():
    """What the same seed must give again, without keys and hashes of passwords."""
    return [
        list(Attendance.objects.order_by("pk").values_list("code", "business_date", "clocked_in_at", "clocked_out_at")),
        list(HandoverItem.objects.order_by("pk").values_list("kind", "to_do", "state", "carried", "accepted_at")),
        list(ServiceStatistic.objects.order_by("pk").values_list("business_date", "served", "closed", "sales_fen")),
        list(Scorecard.objects.order_by("pk").values_list("total", "grade", "rank")),
        list(Sanction.objects.order_by("pk").values_list("kind", "step", "amount_fen", "due_day")),
    ]


def assert_everybody_has_something_to_do(department):
    """Whatever the hour of loading: each role's Today begins with something that waits for them."""
    today, last_month = department.today(), Month.of(department.today()).previous
    # The manager: a fresh report and one that has lain for days; the supervisor: somebody to judge, a draft to publish.
    reported = Incident.objects.filter(department=department, state=IncidentState.REPORTED).order_by("reported_at")
    assert reported.count() >= 2
    assert clock.now() - reported.first().reported_at > timedelta(days=3)
    assert clock.now() - reported.last().reported_at <= timedelta(days=1)
    members = department.memberships.scored().touching(last_month.first, last_month.last)
    assert members.exclude(judgements__month=last_month.first).count() == 1
    roster = Roster.objects.get(department=department, first_day=last_month.next.next.first)
    assert roster.edits > roster.version == 0
    # Finance: an overdue fine. Whoever comes to the desk: something handed over that nobody has accepted.
    assert Sanction.objects.filter(membership__department=department).outstanding().filter(due_day__lt=today).exists()
    assert HandoverItem.objects.filter(department=department).waiting().exists()
    for role in (Role.AGENT, Role.LEADER):
        member = department.memberships.filter(user__role_grants__role=role).order_by("user__pk").first()
        assert on_duty(member) or HandoverItem.objects.open().owned_by(member).exists()


@pytest.mark.slow
def test_the_demo_is_a_living_department(client):
    department = load()
    october, november, december = Month(2026, 10), Month(2026, 11), Month(2026, 12)

    # Last month is complete and scored, this month runs, next month is a draft.
    run = ScoreRun.objects.get(department=department)
    assert run.month == october.first
    assert run.scorecards.count() == department.memberships.scored().count()
    assert not Attendance.objects.filter(business_date__lte=october.last, clocked_out_at=None).exists()
    running = Attendance.objects.on_duty()
    # Among them whoever's account is the first to try: the rotation begins with them on duty.
    assert "agent" in running.values_list("membership__user__username", flat=True)
    assert all(shift.planned_start <= EVENING <= shift.planned_end for shift in running)
    drafted = Assignment.objects.between(december.first, december.last)
    assert drafted.filter(layer=Layer.DRAFT).exists()
    assert not drafted.filter(layer=Layer.PUBLISHED).exists()
    assert Assignment.objects.published().between(november.first, november.last).exists()

    # Something of everything that exists.
    assert ExtensionSegment.objects.exists()
    assert Issue.objects.exists()
    assert HandoverItem.objects.open().exists()
    assert Sanction.objects.fines().count() >= 2
    cash = Posting.objects.filter(account__kind=AccountKind.FUND_CASH).aggregate(Sum("amount_fen"))
    assert cash["amount_fen__sum"] > 0
    assert verify_ledger(department).fault is None

    with clock.at(EVENING):
        assert_everybody_has_something_to_do(department)

    # One account a role, and each can sign in.
    accounts = demo_accounts()
    assert [account.role for account in accounts] == [str(label) for label in Role.labels]
    for account in accounts:
        assert client.login(username=account.username, password=DEMO_PASSWORD)


def test_a_second_loading_is_refused_and_changes_nothing(department, monkeypatch):
    Department.objects.create(code=DEMO_CODE, name="x", time_zone="Asia/Shanghai")
    with pytest.raises(CommandError, match=r"already there|已"):
        call_command("load_demo", stdout=StringIO())
    call_command("load_demo", "--if-empty", stdout=StringIO())
    assert Department.objects.count() == 2


@pytest.mark.slow
@pytest.mark.pages
def test_the_same_seed_on_the_same_day_gives_the_same_department():
    from django.db import transaction

    seen = []
    for _again in range(2):
        sid = transaction.savepoint()
        load(datetime(2026, 11, 2, 13, 0, tzinfo=UTC))
        seen.append(facts())
        transaction.savepoint_rollback(sid)
    assert seen[0] == seen[1]
    assert all(seen[0])


@pytest.mark.slow
@pytest.mark.pages
def test_the_demo_loads_in_the_first_minutes_of_a_year():
    instant = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
    department = load(instant)
    with clock.at(instant):
        today = department.today()
        assert_everybody_has_something_to_do(department)
    assert ScoreRun.objects.get().month == Month.of(today).previous.first


@pytest.mark.parametrize("stand_ins", [{}, {"C": "A"}])
def test_the_rotation_gives_everybody_their_rest_days(stand_ins):
    plan = rotation(Month(2026, 11), range(1, 7), list("AABBCC"), "X", 4, stand_ins)
    assert len(plan) == 180
    for person in range(1, 7):
        assert sum(code == "X" for (who, _day), code in plan.items() if who == person) == 4
    for number in range(1, 31):
        codes = [code for (_who, day), code in plan.items() if day == date(2026, 11, number)]
        assert codes.count("A") >= (2 if stand_ins else 1)
        assert codes.count("B") >= 1


@pytest.mark.parametrize("days", [0, 3, 4, 7])
def test_the_rotation_gives_as_many_rest_days_as_the_rulebook_says(days):
    plan = rotation(Month(2026, 11), range(4), list("EEEL"), "F", days, {})
    assert [sum(code == "F" for (who, _day), code in plan.items() if who == person) for person in range(4)] == [
        days
    ] * 4


def test_the_plan_is_made_from_the_rulebook(rulebook, changed_rulebook):
    assert slots_of(rulebook) == list("DDNNRR")
    assert stand_ins_of(rulebook) == {"R": "D"}
    assert slots_of(changed_rulebook) == list("EEEL")
    assert stand_ins_of(changed_rulebook) == {}


def test_the_story_is_told_in_order_of_time_up_to_the_present():
    told = []
    noon = EVENING.replace(hour=4)
    story = Timeline(EVENING)

    def begin():
        told.append(("begin", clock.now()))
        story.add([(EVENING, lambda: told.append(("last", clock.now())))])

    later = EVENING + timedelta(minutes=1)
    story.add(
        [(later, lambda: told.append(("never", later))), (noon, begin), (noon, lambda: told.append(("too", noon)))]
    )
    story.run()
    assert told == [("begin", noon), ("too", noon), ("last", EVENING)]


@pytest.mark.parametrize("text", ["2026-11-18T21:00+08:00", "2026-11-18 21:00", "2026-11-18T13:00+00:00"])
def test_the_instant_of_loading_can_be_given(text):
    assert instant(text) == EVENING


def test_each_demo_has_its_own_code_usernames_and_rulebook():
    assert [demo.code for demo in DEMOS] == list(DEMO_CODES)
    names = [demo.prefix + person.username for demo in DEMOS for person in (*demo.crew, *demo.office)]
    assert len(set(names)) == len(names)
    for demo in DEMOS:
        assert (LIBRARY / demo.rulebook).is_file()
        assert len({person.work_number for person in (*demo.crew, *demo.office)}) == len(demo.crew) + len(demo.office)
        assert {person.role for person in (*demo.crew, *demo.office) if person.is_shown} == set(Role.values)


def test_the_accounts_of_every_demo_are_printed_and_the_sign_in_page_shows_the_firsts(client, settings):
    settings.DEMO = True
    for code in reversed(DEMO_CODES):
        add_person(make_department(code), name=code, roles=[Role.OWNER])
    names = dict(User.objects.values_list("name", "username"))
    assert [account.username for account in demo_accounts()] == [names["yunshan"]]
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    shown = [line.split()[1] for line in out.getvalue().splitlines() if DEMO_PASSWORD in line]
    assert shown == [names["yunshan"], names["linhai"]]
    assert "(linhai)" in out.getvalue()
    page = client.get("/accounts/login/").content.decode()
    assert f'data-fill-login="{names["yunshan"]}"' in page
    assert names["linhai"] not in page


def test_a_second_demo_alone_is_shown(db):
    add_person(make_department("linhai"), name="x", work_number="99", roles=[Role.OWNER])
    assert [account.role for account in demo_accounts()] == [str(Role.OWNER.label)]


def test_without_a_demo_there_are_no_accounts_to_show(db):
    assert demo_accounts() == []
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    assert out.getvalue() == ""

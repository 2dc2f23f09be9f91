"""The demo department: deterministic, living at any hour, and made of nothing the services would refuse."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from desk.accounts import DEMO_CODE, DEMO_PASSWORD, demo_accounts
from desk.demo.plan import rotation
from handover.models import HandoverItem, Issue, ServiceStatistic
from kpi.models import Scorecard, ScoreRun
from ledger.models import AccountKind, Incident, IncidentState, Posting, Sanction
from ledger.services import verify_ledger
from office import clock
from office.months import Month
from people.models import Department, Role
from shifts.models import Assignment, Attendance, ExtensionSegment, Layer

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
    assert running.count() >= 1
    assert all(shift.planned_start <= EVENING <= shift.planned_end for shift in running)
    drafted = Assignment.objects.between(december.first, december.last)
    assert drafted.filter(layer=Layer.DRAFT).exists()
    assert not drafted.filter(layer=Layer.PUBLISHED).exists()
    assert Assignment.objects.published().between(november.first, november.last).exists()

    # Something of everything that exists.
    assert ExtensionSegment.objects.exists()
    assert Issue.objects.exists()
    assert HandoverItem.objects.open().exists()
    assert Incident.objects.filter(state=IncidentState.REPORTED).count() <= 1
    assert Sanction.objects.fines().count() >= 2
    cash = Posting.objects.filter(account__kind=AccountKind.FUND_CASH).aggregate(Sum("amount_fen"))
    assert cash["amount_fen__sum"] > 0
    assert verify_ledger(department).fault is None

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
def test_the_demo_loads_in_the_first_minutes_of_a_year():
    instant = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
    department = load(instant)
    with clock.at(instant):
        today = department.today()
    assert ScoreRun.objects.get().month == Month.of(today).previous.first


def test_the_rotation_gives_everybody_their_rest_days():
    plan = rotation(Month(2026, 11), [[1, 2], [3, 4], [5, 6]], ["A", "B", "C"], "X", 4)
    assert len(plan) == 180
    for person in range(1, 7):
        assert sum(code == "X" for (who, _day), code in plan.items() if who == person) == 4
    for number in range(1, 31):
        codes = [code for (_who, day), code in plan.items() if day == date(2026, 11, number)]
        assert codes.count("A") >= 1
        assert codes.count("B") >= 1


def test_without_a_demo_there_are_no_accounts_to_show(db):
    assert demo_accounts() == []
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    assert out.getvalue() == ""

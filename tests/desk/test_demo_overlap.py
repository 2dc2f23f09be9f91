"""The overlap desk's demo month: every section of a second rulebook at work, asserted as facts about the department."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Max, Sum
from django.utils import translation

from desk.accounts import demo_departments
from handover.models import Handover, HandoverItem, Issue, ItemAction, ItemEvent
from kpi import services as kpi
from kpi.models import Scorecard, ScoreLine, ScoreRun
from ledger.models import AccountKind, Incident, IncidentState, Payment, Posting, Sanction, SanctionKind
from ledger.services import verify_ledger
from office import clock
from office.months import Month
from people.models import Department, Role, User
from rulebooks.services import in_force
from shifts.models import Assignment, AssignmentSpan, Attendance, DutyTurn, ExtensionSegment, Layer
from shifts.signs import LETTERS
from shifts.spans import overlapping

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# A Friday evening: the night shift is on, the day shift has gone.
EVENING = datetime.fromisoformat("2026-11-20T20:40+08:00")
OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)


@pytest.fixture(scope="module")
def department(django_db_setup, django_db_blocker):
    """The demo of the overlap desk, loaded once: what a test changes is undone inside this transaction."""
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        call_command("load_demo", "--rulebook", "overlap-desk", "--at", EVENING.isoformat(), stdout=StringIO())
        yield Department.objects.get(code="linhai")
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def evening(department):
    with clock.at(EVENING):
        yield


def wall(department, instant):
    return f"{department.local(instant):%H:%M}"


def accounts():
    [demo] = demo_departments()
    return demo.accounts


# -- Roster ----------------------------------------------------------------------------------------------------------


def test_two_months_are_published_without_overlap_and_the_next_is_a_draft(department):
    for month in (OCTOBER, NOVEMBER):
        planned = Assignment.objects.published().between(month.first, month.last)
        rests = planned.filter(is_rest=True).values_list("membership").annotate(Count("pk"))
        assert {count for _member, count in rests} == {4}
        assert planned.count() == 6 * month.last.day
    by_person = defaultdict(list)
    for span in AssignmentSpan.objects.filter(layer=Layer.PUBLISHED):
        by_person[span.user_id].append((span.starts_at, span.ends_at, span.pk))
    assert len(by_person) == 6
    assert [list(overlapping(rows)) for rows in by_person.values()] == [[]] * 6
    december = Assignment.objects.between(DECEMBER.first, DECEMBER.last)
    assert set(december.values_list("layer", flat=True)) == {Layer.DRAFT}


def test_a_split_shift_is_planned_in_two_stretches_with_a_break(department):
    short = Assignment.objects.published().filter(code="K").first()
    assert [(wall(department, span.starts_at), wall(department, span.ends_at)) for span in short.spans.all()] == [
        ("09:00", "12:00"),
        ("12:30", "16:30"),
    ]


def test_nobody_needed_is_ever_missing_and_gaps_fall_on_the_short_shifts(department):
    days = OCTOBER.last.day
    have = Assignment.objects.published().working().between(OCTOBER.first, OCTOBER.last).values_list("code")
    shifts = dict(have.annotate(Count("pk")))
    assert shifts["D"] == shifts["N"] == 2 * days
    assert shifts["K"] + shifts["M"] == 6 * (days - 4) - 4 * days


def test_from_four_to_six_day_and_night_serve_side_by_side(department):
    for month, last in ((OCTOBER, OCTOBER.last), (NOVEMBER, EVENING.date() - timedelta(days=1))):
        for day in (each for each in month.days() if each <= last):
            at_five = datetime.combine(day, datetime.min.time(), tzinfo=department.zone) + timedelta(hours=17)
            there = Attendance.objects.filter(clocked_in_at__lte=at_five, clocked_out_at__gt=at_five)
            codes = set(there.values_list("code", flat=True))
            assert {"D", "N"} <= codes


# -- Attendance and extension ----------------------------------------------------------------------------------------


def test_the_night_ends_at_eleven_and_runs_on_up_to_its_cap(department):
    nights = Attendance.objects.filter(code="N")
    assert {wall(department, shift.planned_end) for shift in nights} == {"23:00"}
    ran_on = nights.annotate(ran_to=Max("segments__ends_at")).exclude(ran_to=None)
    # Whoever has the duty stays until the last customer, whatever the cap.
    stays = set(DutyTurn.objects.filter(duty="last-customer").values_list("membership", "business_date"))
    capped = [shift for shift in ran_on if (shift.membership_id, shift.business_date) not in stays]
    minutes = [(shift.ran_to - shift.planned_end).total_seconds() / 60 for shift in capped]
    assert max(minutes) == 60
    assert min(minutes) < 60
    # Also what nothing fresh proves is written down, as such.
    assert set(ExtensionSegment.objects.filter(attendance__code="N").values_list("confirmed", flat=True)) == {
        True,
        False,
    }
    short = Attendance.objects.filter(code="M").annotate(ran_to=Max("segments__ends_at")).exclude(ran_to=None)
    assert max(shift.ran_to - shift.planned_end for shift in short) <= timedelta(minutes=30)
    assert not ExtensionSegment.objects.exclude(attendance__code__in="NM").exists()


def test_nobody_begins_earlier_than_the_rulebook_lets_them(department):
    early = [shift.planned_start - shift.clocked_in_at for shift in Attendance.objects.all()]
    assert timedelta() < max(early) <= timedelta(minutes=30)


def test_the_evenings_shift_is_on_duty(department):
    running = Attendance.objects.on_duty()
    assert {shift.code for shift in running} == {"N"}
    assert running.count() == Assignment.objects.published().filter(code="N", business_date=EVENING.date()).count()


# -- Notebooks -------------------------------------------------------------------------------------------------------


def test_nobody_leaves_before_the_handover_is_written(department):
    finished = Attendance.objects.exclude(clocked_out_at=None)
    assert finished.count() > 200
    for shift in finished.select_related("handover"):
        assert shift.handover.submitted_at <= shift.clocked_out_at


def test_items_are_accepted_face_to_face_and_from_the_queue(department):
    accepted = ItemEvent.objects.filter(action=ItemAction.ACCEPTED).select_related("handover__attendance")
    given = defaultdict(set)
    for event in accepted:
        shift = event.handover.attendance
        given[shift.code].add(event.at < shift.clocked_out_at)
    # The night is there when the day leaves; the next day's people find what the night has left in the queue.
    assert True in given["D"]
    assert True in given["K"]
    assert given["N"] == {False}
    # The short night hands over to nobody by name: the night, still on, takes from the queue.
    assert given["M"] == {False}
    takers = Attendance.objects.filter(code="N", membership__in=[event.owner_id for event in accepted])
    from_short = [event for event in accepted if event.handover.attendance.code == "M"]
    assert any(
        takers.filter(membership=event.owner_id, clocked_in_at__lt=event.at, clocked_out_at__gt=event.at).exists()
        for event in from_short
    )
    assert {tuple(row.to_codes) for row in Handover.objects.filter(attendance__code="M")} == {()}


def test_every_kind_and_category_is_used_and_asks_for_what_it_asks_for(department):
    notebooks = in_force(department, NOVEMBER.first).notebooks
    for kind in notebooks.handover_log.kinds:
        items = HandoverItem.objects.filter(kind=kind.code)
        assert items.exists()
        assert items.filter(due_at=None).exists() is not kind.needs_due_time
    assert set(Issue.objects.values_list("category", flat=True)) == {
        category.code for category in notebooks.issue_register.categories
    }


# -- Incidents and money ---------------------------------------------------------------------------------------------


def steps(clause):
    found = Sanction.objects.filter(clause_code=clause).order_by("incident__business_date")
    return [
        (row.membership_id, row.incident.business_date.month, row.step, row.amount_fen or row.points or row.kind)
        for row in found.select_related("incident")
    ]


def test_incidents_on_every_shape_of_ladder(department):
    assert set(Sanction.objects.values_list("kind", flat=True)) == set(SanctionKind.values)
    climber = Sanction.objects.filter(kind=SanctionKind.PROPOSAL, clause_code="handover-not-written").get().membership
    # 30, 50, 80, and then a person decides; the next month begins at the foot again.
    assert [step[1:] for step in steps("handover-not-written") if step[0] == climber.pk] == [
        (10, 1, 3000),
        (10, 2, 5000),
        (10, 3, 8000),
        (10, 4, SanctionKind.PROPOSAL),
        (11, 1, 3000),
        (11, 2, 5000),
    ]


def test_each_window_looks_as_far_back_as_it_says(department):
    # Two people each month, and each month begins at the foot of the ladder; a third is let off.
    assert [step[1:] for step in steps("late-arrival")] == [
        (10, 1, SanctionKind.WARNING),
        (10, 1, SanctionKind.WARNING),
        (11, 1, SanctionKind.WARNING),
        (11, 1, SanctionKind.WARNING),
    ]
    assert [step[1:] for step in steps("left-desk")] == [(10, 1, 2), (11, 2, 5)]
    assert [step[1:] for step in steps("buyer-complaint")] == [(10, 1, 5000), (11, 2, 10000)]
    assert [step[1:] for step in steps("data-given-away")] == [(10, 1, 15000), (11, 2, SanctionKind.PROPOSAL)]


def test_a_flat_fine_is_the_same_every_time_and_a_clause_without_a_ladder_sets_none(department):
    assert [step[2:] for step in steps("punched-for-another")] == [(1, 3000), (1, 3000)]
    tagged = Incident.objects.filter(clause_code="order-tag", state=IncidentState.CONFIRMED)
    assert [incident.outcome for incident in tagged] == [None] * 2


def test_nobody_reports_and_decides_the_same_case_or_their_own(department):
    for case in Incident.objects.exclude(decided_by=None).select_related("membership"):
        assert len({case.reported_by_id, case.decided_by_id, case.membership.user_id}) == 3


def test_fines_are_due_in_five_days_and_payments_are_the_funds_cash(department):
    fines = Sanction.objects.fines().select_related("incident")
    assert {fine.due_day - department.local(fine.incident.decided_at).date() for fine in fines} == {timedelta(days=5)}
    paid = Payment.objects.aggregate(Sum("amount_fen"))["amount_fen__sum"]
    cash = Posting.objects.filter(account__kind=AccountKind.FUND_CASH).aggregate(Sum("amount_fen"))["amount_fen__sum"]
    assert paid == cash > 0
    in_part = [fine for fine in Sanction.objects.outstanding() if fine.due_fen < fine.amount_fen]
    assert len(in_part) == 1
    assert Sanction.objects.outstanding().filter(due_day__lt=department.today()).count() > 1
    proof = verify_ledger(department)
    assert proof.fault is None
    assert proof.cash_fen == cash


# -- Scores ----------------------------------------------------------------------------------------------------------


def test_last_month_is_scored_and_its_lines_add_up(department):
    run = ScoreRun.objects.get()
    assert run.month == OCTOBER.first
    scorecard = in_force(department, OCTOBER.first).scorecard
    cards = run.scorecards.prefetch_related("lines")
    assert cards.count() == 7
    for card in cards:
        lines = list(card.lines.all())
        points = sum(line.points for line in lines if line.points is not None)
        assert abs(max(points, Decimal(30)) - card.total) <= Decimal("0.01")
        assert abs(sum(line.weight for line in lines) - 110) <= Decimal("0.001")
        grade = next(grade for grade in scorecard.grades if grade.at_least <= card.total)
        assert (card.grade, card.flagged) == (grade.code, grade.flag)
    assert set(cards.values_list("rank", flat=True)) == set(range(1, 8))


def test_the_learners_missing_figures_count_as_the_rulebook_says(department):
    card = Scorecard.objects.get(membership__rostered=False)
    lines = {line.indicator: line for line in card.lines.all()}
    # No statistics: no points. No shift that hands over, nobody's judgement: left out, the rest weighs more.
    assert (lines["closing"].figure, lines["closing"].points) == (None, 0)
    assert lines["handing-over"].points is None
    assert lines["leaders-view"].points is None
    assert lines["keeping-rules"].weight == Decimal("36.6667")
    assert card.flagged


def test_who_kept_every_rule_has_that_line_in_full_and_one_incident_takes_it_all(department):
    lines = ScoreLine.objects.filter(indicator="spotless", scorecard__membership__rostered=True)
    assert {(line.numerator == 0, line.points) for line in lines} == {(True, 10), (False, 0)}


def test_scoring_again_changes_nothing(department):
    run = ScoreRun.objects.get()
    before = list(ScoreLine.objects.order_by("pk").values())
    with clock.at(EVENING + timedelta(minutes=5)):
        again = kpi.score_month(department=department, month=OCTOBER, actor=User.objects.get(username="linhai-manager"))
    assert (again.pk, again.as_of) == (run.pk, run.as_of)
    assert list(ScoreLine.objects.order_by("pk").values()) == before


# -- Pages and accounts ----------------------------------------------------------------------------------------------

PAGES = (
    "",
    "?view=board",
    "roster/2026-11/",
    "roster/2026-12/",
    "handover/",
    "incidents/",
    "fund/",
    "scores/2026-10/",
    "rulebook/",
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("role", Role.values)
def test_every_role_reads_the_departments_pages(department, client_of, role, language):
    client = client_of(User.objects.get(username=f"linhai-{role}"), language)
    for page in PAGES:
        assert client.get(f"/d/linhai/{page}", follow=True).status_code == 200, page


def test_the_second_demos_accounts_do_not_meet_the_firsts(department, client):
    assert [account.role for account in accounts()] == [str(label) for label in Role.labels]
    assert all(account.username.startswith("linhai-") for account in accounts())
    assert client.login(username="linhai-agent", password=accounts()[0].password)


# -- The library -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "rule"),
    [
        ("shifts.css", ".bz-brush .{}"),
        ("shifts.css", ".bz-grid .{}"),
        ("desk.css", ".bz-strip .{} b"),
        ("pieces.css", ".bz-shift.{}"),
    ],
)
def test_every_palette_has_its_colour_wherever_shifts_are_shown(settings, sheet, rule):
    css = (settings.BASE_DIR / "static" / "css" / "banzu" / sheet).read_text()
    assert [letter for letter in LETTERS.values() if f"{rule.format(letter)} {{" not in css] == []

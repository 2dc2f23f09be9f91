"""Shifts that attendance, or a correction of it, hangs on: whatever changes the roster leaves them as they were."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from desk.leaving import leave as let_go
from office.months import Month
from shifts.models import Assignment, Correction, Roster, RosterVersion
from shifts.services import CellEdit, clock_in, corrections, leave, publishing
from shifts.services import paint as paint_cells
from shifts.services import publish as publish_month
from shifts.services.leavers import release_shifts

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)
EVENING = "2026-11-10 19:00"


@pytest.fixture
def missed(agent, paint, publish, at):
    """The agent's day shift of the 10th, 08:00 to 17:00, which nobody clocked into; the 12th is planned as well."""
    with at("2026-10-25 12:00"):
        paint((agent, 10, "D"), (agent, 12, "D"))
        publish()
    return Assignment.objects.published().get(business_date=date(2026, 11, 10))


@pytest.fixture
def asked(missed, agent, at, wall):
    """In the evening the agent asks to have been there."""
    with at(EVENING):
        return corrections.ask(
            assignment=missed,
            came_at=wall("2026-11-10 08:00"),
            left_at=wall("2026-11-10 17:00"),
            reason="the terminal was off",
            actor=agent,
        )


def test_a_publication_does_not_take_off_a_shift_whose_correction_waits(department, asked, agent, paint, publish, at):
    with at(EVENING):
        paint((agent, 10, ""), seen=Assignment.objects.draft().get(business_date=date(2026, 11, 10)).version)
        with pytest.raises(ValidationError) as refused:
            publish()
    assert refused.value.code == "begun"
    assert agent.name in refused.value.message


def test_nor_does_leave_of_the_same_day(asked, missed, agent, manager, at):
    with at(EVENING):
        slip = leave.ask(
            membership=agent.membership,
            kind="SL",
            first_day=date(2026, 11, 10),
            last_day=date(2026, 11, 12),
            reason="ill",
            actor=agent,
        )
        slip = leave.approve(leave=slip, actor=manager)
    assert slip.replaced == [["2026-11-11", ""], ["2026-11-12", "D"]]
    assert Assignment.objects.published().get(pk=missed.pk).code == "D"


def test_nobody_leaves_before_a_shift_whose_correction_waits(asked, owner, agent, at):
    with at("2026-11-11 12:00"), pytest.raises(ValidationError) as refused:
        let_go(actor=owner, member=agent.membership, last_day=date(2026, 11, 9))
    assert refused.value.code == "correction_waits"


def test_a_refused_correction_keeps_its_shift_when_somebody_leaves(asked, missed, owner, supervisor, agent, at):
    with at("2026-11-11 12:00"):
        corrections.refuse(correction=asked, actor=supervisor, reason="not seen")
        lost = let_go(actor=owner, member=agent.membership, last_day=date(2026, 11, 9))
    assert lost == [date(2026, 11, 12)]
    assert Correction.objects.get().assignment == missed


def test_nobody_leaves_before_a_shift_of_a_closed_month(department, missed, owner, supervisor, agent, at):
    with at("2026-12-02 12:00"):
        publishing.lock_month(department=department, month=NOVEMBER, actor=supervisor)
        with pytest.raises(ValidationError) as refused:
            let_go(actor=owner, member=agent.membership, last_day=date(2026, 11, 9))
    assert refused.value.code == "locked"
    assert Assignment.objects.published().filter(membership=agent.membership).count() == 2


def test_months_are_released_in_the_order_of_time(department, supervisor, agent, at):
    """Everybody locks the months in this order, whichever was planned first: nobody waits in a circle."""
    with at("2026-10-25 12:00"):
        for month in (DECEMBER, NOVEMBER):
            edits = [CellEdit(agent.membership.pk, date(month.year, month.number, 12), "D", 0)]
            paint_cells(department=department, month=month, edits=edits, actor=supervisor)
            seen = Roster.objects.get(department=department, first_day=month.first).edits
            publish_month(department=department, month=month, seen_edits=seen, actor=supervisor, reason="few people")
        release_shifts(member=agent.membership, last_day=date(2026, 11, 1), actor=supervisor)
    released = RosterVersion.objects.filter(cause="leaver").order_by("pk")
    assert [version.roster.month for version in released] == [NOVEMBER, DECEMBER]


def test_a_month_is_not_closed_before_its_last_night_is_over(department, agent, supervisor, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 30, "N"))
        publish()
    with at("2026-12-01 00:30"):
        with pytest.raises(ValidationError) as refused:
            publishing.lock_month(department=department, month=NOVEMBER, actor=supervisor)
        assert refused.value.code == "not_over"
        clock_in(membership=agent.membership)


def test_leave_takes_off_a_shift_whose_code_is_in_the_rulebook_no_more(missed, agent, manager, at):
    Assignment.objects.filter(business_date=date(2026, 11, 12)).update(code="ZZ")
    with at("2026-11-11 12:00"):
        slip = leave.ask(
            membership=agent.membership,
            kind="SL",
            first_day=date(2026, 11, 12),
            last_day=date(2026, 11, 12),
            reason="ill",
            actor=agent,
        )
        slip = leave.approve(leave=slip, actor=manager)
        assert slip.replaced == [["2026-11-12", "ZZ"]]
        assert Assignment.objects.published().get(business_date=date(2026, 11, 12)).code == "SL"
        # There is nothing any more that it could go back to.
        done = leave.cancel(leave=slip, actor=manager, reason="well again")
    assert (done.restored, done.emptied) == ([], [date(2026, 11, 12)])
    assert not Assignment.objects.filter(business_date=date(2026, 11, 12)).exists()

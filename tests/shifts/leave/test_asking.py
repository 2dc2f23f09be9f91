"""Handing in a slip: what is refused, who is told, and what is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from office import clock
from office.models import AuditEntry, Upload
from office.months import Month
from people.models import Membership
from rulebooks.services import import_rulebook
from shifts.models import (
    Leave,
    LeaveState,
    Roster,
    Swap,
    SwapKind,
    SwapState,
)
from shifts.services import leave as slips
from tests.conftest import LIBRARY, SINCE
from tests.factories import add_person, make_department
from tests.shifts.leave.reading import NOTE, cells, code_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

NOVEMBER = Month(2026, 11)


def refused_ask(ask, *args, **kwargs):
    with pytest.raises(ValidationError) as refused:
        ask(*args, **kwargs)
    return code_of(refused)


def test_an_agent_asks_and_those_who_approve_are_told(agent, supervisor, manager, ask):
    leave = ask(10, 12)
    assert (leave.state, leave.asked_by, leave.replaced) == (LeaveState.ASKED, agent, [])
    assert told(supervisor) == ["林晓彤 asks for leave: Personal leave, 2026-11-10 – 2026-11-12."]
    assert told(manager) == told(agent) == []
    assert AuditEntry.objects.get(action="shifts.leave.asked").target_id == leave.pk


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"first": 10, "last": 9}, "days_in_order"),
        ({"first": date(2027, 11, 30), "last": date(2027, 11, 30)}, "too_far"),
        ({"first": 10, "kind": "QQ"}, "unknown_kind"),
        ({"first": 10, "kind": "D"}, "unknown_kind"),
        ({"first": 5}, "notice"),
        ({"first": date(2025, 12, 31), "last": date(2025, 12, 31), "kind": "SL"}, "no_rulebook"),
    ],
)
def test_what_the_rulebook_or_the_calendar_does_not_allow_is_refused(ask, asked, code):
    assert refused_ask(ask, **asked) == code
    assert not Leave.objects.exists()


def test_sick_leave_is_asked_for_yesterday(ask):
    assert ask(4, kind="SL").state == LeaveState.ASKED


def test_nobody_asks_for_days_on_which_they_are_no_member(agent, ask):
    Membership.objects.filter(user=agent).update(until_day=date(2026, 11, 11))
    assert refused_ask(ask, 10, 12) == "not_member"
    assert ask(10, 11).pk


def test_a_second_slip_for_the_same_time_is_refused_until_the_first_is_gone(agent, supervisor, ask):
    first = ask(10, 12)
    assert refused_ask(ask, 12, 14, kind="SL") == "clash"
    slips.refuse(leave=first, actor=supervisor, reason="Too many orders")
    assert ask(12, 14).pk


def test_two_hours_of_one_day_are_two_slips_and_overlapping_ones_are_not(ask, wall):
    def hours(start, end):
        return {"starts_at": wall(f"2026-11-10 {start}"), "ends_at": wall(f"2026-11-10 {end}")}

    assert ask(10, **hours("09:00", "10:00")).is_hours
    assert ask(10, **hours("10:00", "11:00")).is_hours
    assert refused_ask(ask, 10, **hours("10:30", "12:00")) == "clash"
    assert refused_ask(ask, 10) == "clash"


def test_a_locked_month_takes_no_leave(department, supervisor, ask):
    Roster.objects.create(department=department, first_day=NOVEMBER.first, locked_at=clock.now(), locked_by=supervisor)
    assert refused_ask(ask, 4, kind="SL") == "locked"
    assert refused_ask(ask, 30, date(2026, 12, 2)) == "locked"
    assert ask(date(2026, 12, 1), date(2026, 12, 2)).pk


def test_no_leave_on_the_days_of_an_applied_swap(department, agent, colleague, ask):
    Swap.objects.create(
        department=department,
        kind=SwapKind.SWAP,
        owner=colleague.membership,
        partner=agent.membership,
        business_date=date(2026, 11, 10),
        code="D",
        partner_date=date(2026, 11, 12),
        partner_code="N",
        state=SwapState.APPLIED,
        applied_at=clock.now(),
        asked_by=colleague,
    )
    assert refused_ask(ask, 9, 10) == "swapped_day"
    assert refused_ask(ask, 12, who=colleague) == "swapped_day"
    assert ask(11).pk


def test_somebody_absent_is_asked_for_with_a_reason_and_hears_of_it(agent, supervisor, ask):
    assert refused_ask(ask, 10, actor=supervisor) == "no_reason_for"
    leave = ask(10, actor=supervisor, acted_for="In hospital, called by phone")
    assert leave.asked_by == supervisor
    assert AuditEntry.objects.get(action="shifts.leave.asked").facts["acted_for"] == "In hospital, called by phone"
    assert told(agent) == ["张岚 has asked for leave for you: Personal leave, 2026-11-10."]
    assert told(supervisor) == []


def test_a_slip_without_reason_or_with_a_novel_is_refused(agent):
    for reason, code in (("  ", "no_reason"), ("x" * 501, "reason_too_long")):
        with pytest.raises(ValidationError) as refused:
            slips.ask(
                membership=agent.membership,
                kind="PL",
                first_day=date(2026, 11, 10),
                last_day=date(2026, 11, 10),
                reason=reason,
                actor=agent,
            )
        assert code_of(refused) == code


def test_an_attachment_is_kept_with_the_slip(ask):
    leave = ask(10, kind="SL", file=SimpleUploadedFile("note.jpg", NOTE))
    assert leave.attachment.name == "note.jpg"


def test_a_refused_slip_leaves_no_file_behind(ask, media):
    ask(10)
    file = SimpleUploadedFile("note.jpg", NOTE)
    assert refused_ask(ask, 10, file=file) == "clash"
    assert not Upload.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


# ── Hours ──


def test_hours_lie_within_the_shift_of_their_date(planned, ask, wall):
    night = {"starts_at": wall("2026-11-14 00:15"), "ends_at": wall("2026-11-14 01:00")}
    assert ask(13, **night).is_hours
    evening = {"starts_at": wall("2026-11-10 18:00"), "ends_at": wall("2026-11-10 19:00")}
    assert refused_ask(ask, 10, **evening) == "outside_shift"
    tomorrow = {"starts_at": wall("2026-11-11 09:00"), "ends_at": wall("2026-11-11 10:00")}
    assert refused_ask(ask, 10, **tomorrow) == "outside_day"


def test_hours_take_nothing_off_the_roster(planned, agent, supervisor, ask, wall):
    before = cells(agent)
    leave = ask(10, starts_at=wall("2026-11-10 09:00"), ends_at=wall("2026-11-10 11:00"))
    leave = slips.approve(leave=leave, actor=supervisor)
    assert leave.state == LeaveState.APPROVED
    assert (cells(agent), leave.replaced) == (before, [])


def test_hours_in_a_berlin_night_over_both_changes_of_the_clock():
    berlin = make_department("spree", time_zone="Europe/Berlin")
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes().replace(b"Asia/Shanghai", b"Europe/Berlin")
    import_rulebook(department=berlin, source=source, from_day=SINCE, actor=None)
    berlin.refresh_from_db()
    person = add_person(berlin, work_number="1")
    with clock.at(datetime(2026, 3, 1, tzinfo=UTC)):
        for day, begins, ends, hours in (
            # From 23:00 on the wall to 04:00: the spring night has an hour less, the autumn night one more.
            (date(2026, 3, 28), datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC), 4),
            (date(2026, 10, 24), datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC), 6),
        ):
            leave = slips.ask(
                membership=person.membership,
                kind="PL",
                first_day=day,
                last_day=day,
                starts_at=begins,
                ends_at=ends,
                reason="A move",
                actor=person,
            )
            assert slips.wish_of(leave).words(berlin.zone) == f"{day} 23:00–04:00"
            assert leave.ends_at - leave.starts_at == timedelta(hours=hours)


# ── The other rulebook: five days' notice, four days at most, one person a day ──


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"first": 9, "kind": "HO"}, "notice"),
        ({"first": 20, "last": 24, "kind": "HO"}, "days_at_most"),
        ({"first": 20, "kind": "IL"}, "attachment"),
        ({"first": 20, "kind": "PL"}, "unknown_kind"),
    ],
)
def test_another_rulebook_asks_for_other_things(harbour, ask, asked, code):
    assert refused_ask(ask, who=harbour[0], **asked) == code

"""Orders for tests, as a reading leaves them before they are attributed."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from handover.models import Order
from handover.services import orders as services
from rulebooks.services import in_force
from shifts.models import Assignment, AssignmentSpan, Attendance, Layer
from shifts.spans import stretches_of

BUYER = "小鹿 t1238"


def make_order(department, number, *, placed="2026-10-20 14:00", paid=True, fen=9900, **more) -> Order:
    """An order placed, and paid unless told otherwise, at that time on the department's wall clock."""
    placed_at = datetime.fromisoformat(placed).replace(tzinfo=department.zone)
    facts = {
        "buyer": BUYER,
        "placed_at": placed_at,
        "paid_at": placed_at if paid else None,
        "amount_fen": fen,
        "paid_fen": fen if paid else 0,
        "business_date": placed_at.date(),
    }
    return Order.objects.create(department=department, number=number, **facts | more)


def attribute(*orders):
    services.attribute(department=orders[0].department, order_keys=[order.pk for order in orders])
    for order in orders:
        order.refresh_from_db()


def shares(order) -> dict[str, int]:
    return dict(order.shares.order_by("membership__work_number").values_list("membership__work_number", "parts"))


def refused(code):
    return pytest.raises(ValidationError, check=lambda refusal: refusal.code == code)


def planned(person, day, code):
    """A published shift of the person."""
    member = person.membership
    spans = [(span.start, span.end) for span in in_force(member.department, day).shift(code).spans]
    stretches = stretches_of(day, spans, member.department.zone)
    made = Assignment.objects.create(
        layer=Layer.PUBLISHED,
        membership=member,
        business_date=day,
        code=code,
        starts_at=stretches[0].starts_at,
        ends_at=stretches[-1].ends_at,
    )
    for stretch in stretches:
        AssignmentSpan.objects.create(
            assignment=made, user=person, layer=Layer.PUBLISHED, starts_at=stretch.starts_at, ends_at=stretch.ends_at
        )
    return made


def worked(person, day, code, came, left):
    shift, zone = planned(person, day, code), person.membership.department.zone
    return Attendance.objects.create(
        assignment=shift,
        membership=person.membership,
        code=code,
        business_date=day,
        planned_start=shift.starts_at,
        planned_end=shift.ends_at,
        rulebook_version_id=in_force(person.membership.department, day).version_id,
        clocked_in_at=datetime.fromisoformat(came).replace(tzinfo=zone),
        clocked_out_at=datetime.fromisoformat(left).replace(tzinfo=zone) if left else None,
    )

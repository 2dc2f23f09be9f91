"""Recording the service statistics 服务统计本."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from handover.models import ServiceStatistic, StatisticSource
from office import audit
from office.money import LARGEST_FEN
from people.models import Membership, User

from .items import refuse_who_left


@transaction.atomic
def record_statistics(
    *,
    membership: Membership,
    business_date: date,
    served: int,
    closed: int,
    enquiries: int,
    sales_fen: int,
    actor: User,
) -> ServiceStatistic:
    """Record one agent's day: counts in customers, sales in fen. A second time corrects: the new row supersedes.

    The same figures again change nothing. Refuses figures that cannot be ("closed_above_served",
    "enquiries_above_served", "too_much", negative ones by field) and dates in the future ("future") or outside the
    membership ("not_a_member").
    """
    # One writer per member: two corrections at once must not supersede the same row.
    members = Membership.objects.select_for_update(no_key=True, of=("self",))
    member = members.select_related("department", "user").get(pk=membership.pk)
    if business_date > member.department.today():
        raise ValidationError(_("This day has not come yet."), code="future")
    refuse_who_left(member, business_date)
    _refuse_impossible(served=served, closed=closed, enquiries=enquiries, sales_fen=sales_fen)
    figures = {"served": served, "closed": closed, "enquiries": enquiries, "sales_fen": sales_fen}
    rows = ServiceStatistic.objects.current().filter(source=StatisticSource.MANUAL)
    current = rows.filter(membership=member, business_date=business_date).first()
    before = {name: getattr(current, name) for name in figures} if current else None
    if current and before == figures:
        return current
    row = ServiceStatistic(
        membership=member, business_date=business_date, recorded_by=actor, supersedes=current, **figures
    )
    row.clean_fields(exclude={"membership", "recorded_by", "supersedes"})
    row.save()
    audit.record(actor, "handover.statistics.recorded", row, department=member.department, before=before, after=figures)
    return row


def _refuse_impossible(*, served: int, closed: int, enquiries: int, sales_fen: int) -> None:
    if closed > served:
        raise ValidationError(
            _("More closed (%(closed)s) than served (%(served)s).") % {"closed": closed, "served": served},
            code="closed_above_served",
        )
    if enquiries > served:
        raise ValidationError(
            _("More enquiries (%(enquiries)s) than served (%(served)s).") % {"enquiries": enquiries, "served": served},
            code="enquiries_above_served",
        )
    if not 0 <= sales_fen <= LARGEST_FEN:
        raise ValidationError(_("These sales cannot be."), code="too_much")

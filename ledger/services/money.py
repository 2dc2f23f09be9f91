"""The journal: one writer a department at a time, entries numbered without gaps, sealed and chained; payments."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger import chain
from ledger.models import (
    REMARK_LENGTH,
    Account,
    AccountKind,
    EntryKind,
    JournalEntry,
    LedgerHead,
    Payment,
    Posting,
    Sanction,
    SanctionKind,
)
from office import audit, clock, notices
from office.money import yuan
from people.models import Department, Membership, User

PAID = gettext_noop("Your payment of %(amount)s yuan for § %(number)s has been received. Still due: %(due)s yuan.")


def written(text: str, limit: int, *, missing: str = "") -> str:
    """A text without the white space around it, not longer than `limit`; `missing`: the code when it is required."""
    text = text.strip()
    if missing and not text:
        raise ValidationError(_("Write down what happened or why."), code=missing)
    if len(text) > limit:
        raise ValidationError(_("At most %(limit)s characters.") % {"limit": limit}, code="too_long")
    return text


def lock_head(department: Department) -> LedgerHead:
    """Lock the end of the department's chain until the transaction ends; made on demand, by whoever comes first."""
    heads = LedgerHead.objects.select_for_update().filter(department=department.pk)
    head = heads.first()
    if head is None:
        # Two first writers: the second waits at the unique index for the first and then finds the row of the first.
        LedgerHead.objects.bulk_create([LedgerHead(department_id=department.pk)], ignore_conflicts=True)
        head = heads.get()
    return head


def accounts(department: Department, *wanted: tuple[str, Membership | None]) -> list[Account]:
    """The accounts `wanted` as (kind, member; None but for receivables), made on demand. Call with the head locked."""
    kinds = [kind for kind, _member in wanted]
    known = Account.objects.filter(department=department, kind__in=kinds)
    mine = Q(membership=None) | Q(membership__in=[member.pk for _kind, member in wanted if member])
    found = {(account.kind, account.membership_id): account for account in known.filter(mine)}
    missing = [
        Account(department=department, kind=kind, membership=member)
        for kind, member in wanted
        if (kind, member.pk if member else None) not in found
    ]
    found |= {(account.kind, account.membership_id): account for account in Account.objects.bulk_create(missing)}
    return [found[kind, member.pk if member else None] for kind, member in wanted]


@transaction.atomic
def post(
    *,
    department: Department,
    kind: str,
    business_date: date,
    lines: Sequence[tuple[Account, int]],
    source: tuple[str, int],
    actor: User | None,
    membership: Membership | None = None,
    memo: str = "",
) -> JournalEntry:
    """Write one entry: number it, add its `lines` (account, fen; debit above 0), seal it and move the head on.

    `source` is (kind, id) of the row it comes from; `membership` whom it concerns. Refuses what does not add up to 0
    ("unbalanced"), an account of another department ("other_department") and spending more than the fund's cash
    ("not_enough_cash").
    """
    head = lock_head(department)
    _refuse_unsound(department, lines)
    now = clock.now()
    entry = JournalEntry.objects.create(
        department=department,
        number=head.number + 1,
        kind=kind,
        business_date=business_date,
        membership=membership,
        source_kind=source[0],
        source_id=source[1],
        memo=memo,
        recorded_at=now,
        recorded_by=actor,
        previous_hash=head.hash,
    )
    Posting.objects.bulk_create(Posting(entry=entry, account=to, amount_fen=fen) for to, fen in lines)
    entry.sealed_at = now
    entry.hash = chain.hash_of(link(entry, [chain.Line(to.pk, to.kind, to.membership_id, fen) for to, fen in lines]))
    entry.save(update_fields=["sealed_at", "hash"])
    head.number, head.hash = entry.number, entry.hash
    head.save(update_fields=["number", "hash"])
    return entry


def link(entry: JournalEntry, lines: Sequence[chain.Line]) -> chain.Entry:
    """An entry as the chain sees it."""
    return chain.Entry(
        department=entry.department_id,
        number=entry.number,
        kind=entry.kind,
        business_date=entry.business_date,
        membership=entry.membership_id,
        source_kind=entry.source_kind,
        source_id=entry.source_id,
        memo=entry.memo,
        recorded_at=entry.recorded_at,
        recorded_by=entry.recorded_by_id,
        lines=tuple(lines),
        previous_hash=entry.previous_hash,
        hash=entry.hash,
        sealed_at=entry.sealed_at,
    )


def _refuse_unsound(department: Department, lines: Sequence[tuple[Account, int]]) -> None:
    if len(lines) < 2 or sum(fen for _to, fen in lines) != 0 or not all(fen for _to, fen in lines):
        raise ValidationError(_("The lines of an entry must add up to 0."), code="unbalanced")
    if any(to.department_id != department.pk for to, _fen in lines):
        raise ValidationError(_("An account of another department."), code="other_department")
    spent = -sum(fen for to, fen in lines if to.kind == AccountKind.FUND_CASH)
    if spent > 0 and spent > Posting.objects.sealed_of(department).sum_of(AccountKind.FUND_CASH):
        raise ValidationError(_("The fund does not hold that much cash."), code="not_enough_cash")


@transaction.atomic
def record_payment(
    *, sanction: Sanction, amount_fen: int, paid_on: date, actor: User, token: UUID, remark: str = ""
) -> Payment:
    """Book money received for a fine, in full or in part: debit the fund's cash, credit what the member owes.

    A form sent twice (the same `token`) gives the first payment again. Refuses what is no fine ("no_fine"), an amount
    of 0 or less ("not_positive"), more than is due ("more_than_due"), a day in the future ("in_future") or before the
    fine ("before_fine"), and a token that paid another fine ("token_used").
    """
    department = sanction.membership.department
    lock_head(department)
    if first := Payment.objects.filter(token=token).first():
        if (first.sanction_id, first.amount_fen, first.paid_on) != (sanction.pk, amount_fen, paid_on):
            raise ValidationError(
                _("This form has already recorded another payment. Open it again."), code="token_used"
            )
        return first
    sanction = Sanction.objects.with_due().select_related("membership__user", "incident", "entry").get(pk=sanction.pk)
    _refuse_payment(sanction, amount_fen, paid_on, department.today())
    remark = written(remark, REMARK_LENGTH)
    member = sanction.membership
    cash, owed = accounts(department, (AccountKind.FUND_CASH, None), (AccountKind.RECEIVABLE, member))
    entry = post(
        department=department,
        kind=EntryKind.PAYMENT,
        business_date=paid_on,
        lines=[(cash, amount_fen), (owed, -amount_fen)],
        source=(Sanction._meta.label_lower, sanction.pk),
        actor=actor,
        membership=member,
        memo=remark,
    )
    payment = Payment.objects.create(
        sanction=sanction,
        amount_fen=amount_fen,
        paid_on=paid_on,
        remark=remark,
        entry=entry,
        received_by=actor,
        token=token,
    )
    due_fen = sanction.due_fen - amount_fen
    audit.record(
        actor,
        "ledger.payment.recorded",
        payment,
        department=department,
        before={"due_fen": sanction.due_fen},
        after={"due_fen": due_fen},
        entry=entry.number,
    )
    notices.tell(
        member.user,
        PAID,
        link=reverse("ledger:incident_detail", args=[department.code, sanction.incident_id]),
        amount=yuan(amount_fen),
        number=sanction.incident.clause_number,
        due=yuan(due_fen),
    )
    return payment


def _refuse_payment(sanction: Sanction, amount_fen: int, paid_on: date, today: date) -> None:
    if sanction.kind != SanctionKind.FINE or sanction.entry is None:
        raise ValidationError(_("Only fines are paid."), code="no_fine")
    if amount_fen <= 0:
        raise ValidationError(_("A payment is more than 0."), code="not_positive")
    if amount_fen > sanction.due_fen:
        raise ValidationError(
            _("Only %(due)s yuan are still due.") % {"due": yuan(sanction.due_fen)}, code="more_than_due"
        )
    if paid_on > today:
        raise ValidationError(_("This day is in the future."), code="in_future")
    if paid_on < sanction.entry.business_date:
        raise ValidationError(
            _("The fine was confirmed on %(day)s; it cannot have been paid before.")
            % {"day": sanction.entry.business_date},
            code="before_fine",
        )

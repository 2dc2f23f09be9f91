"""Who answers for a published shift at any instant: kept whenever what is published changes."""

from collections.abc import Collection

from office import clock
from shifts.models import Answer, AnswerCause, Assignment


def keep_answers(keys: Collection[int], *, cause: str = AnswerCause.PUBLISHED) -> None:
    """Make the current answers for these published assignments (by key) what the roster says now.

    Whoever answers for an unchanged shift goes on answering; where shift or person changed, one row ends and the next
    begins at the same instant, `cause` saying how it came; where there is no shift any more, the row only ends.
    To be called inside the transaction that changed the roster.
    """
    if not keys:
        return
    now = clock.now()
    planned = {row.pk: row for row in Assignment.objects.published().working().filter(pk__in=keys)}
    current = {row.key: row for row in Answer.objects.current().filter(key__in=keys)}
    over = {row.pk for key, row in current.items() if key not in planned or not _same(row, planned[key])}
    # A clock may be set back a little: nobody's time ends before it began.
    now = max([now, *(row.from_at for row in current.values())])
    Answer.objects.filter(pk__in=over).update(until_at=now)
    begun = [row for key, row in planned.items() if key not in current or current[key].pk in over]
    Answer.objects.bulk_create(_answer(row, cause, now) for row in begun)


def _same(answer: Answer, shift: Assignment) -> bool:
    return (answer.membership_id, answer.business_date, answer.code, answer.starts_at, answer.ends_at) == (
        shift.membership_id,
        shift.business_date,
        shift.code,
        shift.starts_at,
        shift.ends_at,
    )


def _answer(shift: Assignment, cause: str, now) -> Answer:
    starts_at, ends_at = shift.times
    return Answer(
        assignment=shift,
        key=shift.pk,
        membership_id=shift.membership_id,
        business_date=shift.business_date,
        code=shift.code,
        starts_at=starts_at,
        ends_at=ends_at,
        from_at=now,
        cause=cause,
    )

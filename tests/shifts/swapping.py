"""Words in which the tests of swaps, cover and answers speak: a published week, and who does what with it."""

import itertools
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from shifts.models import Answer, Assignment, Layer, Swap, SwapKind
from shifts.services import swap_decisions, swaps


def november(day):
    return date(2026, 11, day)


def shift(person, day, layer=Layer.PUBLISHED):
    """The cell of a person in November, None when it is empty."""
    return Assignment.objects.filter(
        membership=person.membership, business_date=november(day), layer=layer, slot=1
    ).first()


def code(person, day, layer=Layer.PUBLISHED):
    row = shift(person, day, layer)
    return row.code if row else ""


def codes_of(refusal: ValidationError) -> set[str]:
    return {error.code for error in refusal.error_list}


def refusing(*wanted):
    """`with refusing("stale"):` what is done inside is refused for just these reasons."""
    return _Refusing(set(wanted))


class _Refusing:
    def __init__(self, wanted):
        self.wanted, self.raises = wanted, pytest.raises(ValidationError)

    def __enter__(self):
        self.caught = self.raises.__enter__()
        return self.caught

    def __exit__(self, *what):
        swallowed = self.raises.__exit__(*what)
        assert codes_of(self.caught.value) == self.wanted, self.caught.value
        return swallowed


def swap_of(owner, day, partner, other_day, **kwargs) -> Swap:
    """The owner asks a partner to exchange two shifts."""
    return swaps.offer(
        kind=SwapKind.SWAP,
        assignment=shift(owner, day),
        partner=partner.membership,
        partner_assignment=shift(partner, other_day),
        actor=kwargs.pop("actor", owner),
        **kwargs,
    )


def gift_of(owner, day, partner=None, **kwargs) -> Swap:
    """The owner gives a shift away, to a partner or to whoever wants it."""
    return swaps.offer(
        kind=SwapKind.GIVE_AWAY,
        assignment=shift(owner, day),
        partner=partner.membership if partner else None,
        actor=kwargs.pop("actor", owner),
        **kwargs,
    )


def agree(swap, person, **kwargs) -> Swap:
    return swaps.agree(swap=swap, actor=kwargs.pop("actor", person), member=person.membership, **kwargs)


def approve(swap, actor, reason="Fine with me") -> Swap:
    return swap_decisions.approve(swap=swap, actor=actor, reason=reason)


def through(swap, partner, approver) -> Swap:
    """From asked to applied."""
    return approve(agree(swap, partner), approver)


def everybody_answers_once(department) -> None:
    """Each published shift has exactly one who answers now: whoever is planned; nothing else is answered for.

    And whoever answered for one before did so without a gap and without another beside them.
    """
    shifts = Assignment.objects.published().working().filter(membership__department=department)
    current = Answer.objects.current().filter(membership__department=department)
    facts = ("membership_id", "business_date", "code", "starts_at", "ends_at")
    assert sorted(current.values_list("key", *facts)) == sorted(shifts.values_list("pk", *facts))
    for key in {row.key for row in Answer.objects.filter(membership__department=department)}:
        rows = list(Answer.objects.filter(key=key).order_by("from_at", "pk"))
        for one, two in itertools.pairwise(rows):
            assert one.until_at == two.from_at, "somebody answers for every instant, and only one"

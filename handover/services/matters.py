"""What becomes of an entry of the issue register: merged, assigned, answered, adopted, not adopted.

Each step is kept with the words that the author reads, and the author is told of it. Locks, in this order: the
department (only for merging and its undoing, which change what matters point at), the matters by key, the ledger's
head.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from handover.models import SETTLED, Issue, Matter, MatterState, MatterStep
from ledger.models import REASON_LENGTH, Bonus
from ledger.services import propose_bonus, withdraw_bonus
from office import audit, clock, notices
from people.models import Department, Membership, User
from rulebooks.services import version_by_id

from .items import refuse_who_left

TEXT_LENGTH = MatterStep._meta.get_field("text").max_length or 0
# What an entry is called where it is only named: in notices, beside a bonus.
NAMED = 60

MERGED = gettext_noop("Your entry “%(what)s” says the same as another one; you are told what becomes of that.")
ASSIGNED = gettext_noop("%(name)s is now working on your entry “%(what)s”.")
YOURS = gettext_noop("%(name)s has given you an entry of the register to work on: “%(what)s”.")
TAKEN = gettext_noop("The entry “%(what)s” is no longer yours to work on.")
ANSWERED = gettext_noop("Your entry “%(what)s” is answered: %(text)s")
ADOPTED = gettext_noop("Your entry “%(what)s” is adopted: %(text)s")
REJECTED = gettext_noop("Your entry “%(what)s” is not adopted: %(text)s")
AGAIN = gettext_noop("Your entry “%(what)s” is dealt with again: %(text)s")
REPORTED = gettext_noop("%(name)s has dealt with the entry “%(what)s” that you gave them: %(text)s")


@transaction.atomic
def merge_matter(*, matter: Matter, into: Matter, actor: User, text: str = "") -> Matter:
    """Settle a matter as the same as another; what happens to that one is told to this author too.

    Where `into` has itself been merged, it is merged into what that one was merged into; what was merged into this one
    goes along. Refuses "already_settled", "merged_into_itself", "other_department", "too_long".
    """
    # Only merging changes what matters point at: with the department held, the one at the end of a chain stays it.
    Department.objects.select_for_update(no_key=True).get(pk=matter.issue.department_id)
    root = _root(into)
    held = {row.pk: row for row in _locked().filter(pk__in={matter.pk, root.pk}).order_by("pk")}
    matter, root = held[matter.pk], held[root.pk]
    _refuse_settled(matter)
    if root.pk == matter.pk:
        raise ValidationError(_("An entry cannot be the same as itself."), code="merged_into_itself")
    if root.issue.department_id != matter.issue.department_id:
        raise ValidationError(_("That entry belongs to another department."), code="other_department")
    matter.merged.update(merged_into=root)
    matter.merged_into = root
    _settle(matter, MatterState.MERGED, actor, _short(text), into=root.issue_id)
    _tell([matter], MERGED)
    if root.state in SETTLED:
        last = root.steps.filter(state=root.state).last()
        _tell_settled(root, last.text if last else "", [matter])
    return matter


def _root(matter: Matter) -> Matter:
    """What a matter has been merged into in the end; itself when it has not."""
    found = Matter.objects.get(pk=matter.pk)
    while found.merged_into_id is not None:
        found = Matter.objects.get(pk=found.merged_into_id)
    return found


@transaction.atomic
def assign_matter(*, matter: Matter, to: Membership, actor: User, text: str = "") -> Matter:
    """Give a matter to a member of the department to work on; also once more, to somebody else.

    Refuses "already_settled", "has_it" for who works on it already, "other_department", "not_a_member", "too_long".
    """
    matter = _lock(matter)
    if to.department_id != matter.issue.department_id:
        raise ValidationError(_("%(name)s belongs to another department.") % {"name": to}, code="other_department")
    refuse_who_left(to)
    if matter.assignee_id == to.pk:
        raise ValidationError(_("%(name)s is working on this already.") % {"name": to}, code="has_it")
    before, matter.assignee = matter.assignee, to
    _step(matter, MatterState.ASSIGNED, actor, _short(text), to=to.pk)
    for person, message in ((before, TAKEN), (to, YOURS)):
        if person is not None and person.user_id != actor.pk:
            _send([person.user], message, matter, name=actor.name)
    _tell([matter, *_merged(matter)], ASSIGNED, besides={to.user_id, actor.pk}, name=to.name)
    return matter


@transaction.atomic
def answer_matter(*, matter: Matter, actor: User, text: str) -> Matter:
    """Settle a matter with an answer, which its author reads. Refuses "already_settled", "no_text", "too_long"."""
    return _decide(_lock(matter), MatterState.ANSWERED, actor, text)


@transaction.atomic
def reject_matter(*, matter: Matter, actor: User, text: str) -> Matter:
    """Settle a matter as not adopted, with the reason. Refuses "already_settled", "no_text", "too_long"."""
    return _decide(_lock(matter), MatterState.REJECTED, actor, text)


@transaction.atomic
def adopt_matter(*, matter: Matter, actor: User, text: str) -> Matter:
    """Settle a matter as adopted. Where the category of its rulebook has a bonus, that is proposed for the author.

    Refuses "already_settled", "own_entry" for who wrote it, "no_text", "too_long".
    """
    matter = _lock(matter)
    issue = matter.issue
    if issue.author.user_id == actor.pk:
        raise ValidationError(_("You wrote this: somebody else decides whether it is adopted."), code="own_entry")
    text = _needed(text)
    register = version_by_id(issue.rulebook_version_id).notebooks.issue_register
    bonus = next((known.bonus for known in register.categories if known.code == issue.category), None)
    if bonus:
        matter.bonus = propose_bonus(
            membership=issue.author,
            code=bonus,
            business_date=issue.business_date,
            facts=issue.text,
            source=("issue", issue.pk, _named(issue)),
            actor=actor,
        )
    return _decide(matter, MatterState.ADOPTED, actor, text)


@transaction.atomic
def finish_matter(*, matter: Matter, actor: User, text: str) -> Matter:
    """Settle a matter by who works on it ("not_yours" else), with what came of it. Who gave it to them is told.

    Refuses "already_settled", "no_text", "too_long".
    """
    matter = _lock(matter)
    if matter.assignee is None or matter.assignee.user_id != actor.pk:
        raise ValidationError(_("Only who works on it can say that it is done."), code="not_yours")
    given = matter.steps.filter(state=MatterState.ASSIGNED).exclude(actor=actor).select_related("actor").last()
    matter = _decide(matter, MatterState.ANSWERED, actor, text)
    if given is not None and given.actor is not None and given.actor_id != matter.issue.author.user_id:
        _send([given.actor], REPORTED, matter, name=actor.name, text=text.strip())
    return matter


@transaction.atomic
def reopen_matter(*, matter: Matter, actor: User, text: str) -> Matter:
    """Deal with a settled matter again, with the reason: it stands as before it was settled, its history goes on.

    The bonus that it proposed is withdrawn while nobody has decided it; what was merged into it stays merged. Refuses
    "not_settled", "bonus_decided", "own_entry" for who wrote what was adopted, "no_text", "too_long".
    """
    # It may no longer be the same as another one: only whoever holds the department changes what matters point at.
    Department.objects.select_for_update(no_key=True).get(pk=matter.issue.department_id)
    matter = _locked().get(pk=matter.pk)
    text = _needed(text)
    if matter.state not in SETTLED:
        raise ValidationError(_("This is open: deal with it as it stands."), code="not_settled")
    if matter.state == MatterState.ADOPTED and matter.issue.author.user_id == actor.pk:
        raise ValidationError(_("You wrote this: somebody else decides whether it is adopted."), code="own_entry")
    if matter.bonus is not None:
        _withdraw(matter.bonus, actor, text)
    before = {"state": matter.state, "merged_into": matter.merged_into_id, "bonus": matter.bonus_id}
    matter.merged_into = matter.bonus = matter.settled_at = None
    matter.state = _before_settled(matter)
    matter.save(update_fields=["state", "merged_into", "bonus", "settled_at"])
    MatterStep.objects.create(matter=matter, state=matter.state, actor=actor, text=text)
    audit.record(actor, "handover.matter.reopened", matter, before=before, text=text)
    _tell([matter, *_merged(matter)], AGAIN, besides={actor.pk}, text=text)
    if matter.assignee is not None and matter.assignee.user_id != actor.pk:
        _send([matter.assignee.user], YOURS, matter, name=actor.name)
    return matter


def _withdraw(bonus: Bonus, actor: User, text: str) -> None:
    try:
        withdraw_bonus(bonus=bonus, actor=actor, reason=text[:REASON_LENGTH])
    except ValidationError as refusal:
        if refusal.code != "already_decided":
            raise
        raise ValidationError(
            _("Its bonus has been decided already: what became of it stays. Write a new entry for what is left to do."),
            code="bonus_decided",
        ) from None


def _before_settled(matter: Matter) -> MatterState:
    if matter.assignee is not None and matter.assignee.holds_now:
        return MatterState.ASSIGNED
    return MatterState.HANDED_IN if matter.hand_in_id else MatterState.NEW


def _locked():
    people = ["issue__department", "issue__author__user", "issue__author__department"]
    people += ["assignee__user", "assignee__department", "bonus"]
    return Matter.objects.select_for_update(of=("self",)).select_related(*people)


def _lock(matter: Matter) -> Matter:
    # Two people may decide at once: the second waits here and then sees what the first one did.
    matter = _locked().get(pk=matter.pk)
    _refuse_settled(matter)
    return matter


def _refuse_settled(matter: Matter) -> None:
    if matter.state in SETTLED:
        state = matter.get_state_display()
        raise ValidationError(_("This is settled already: %(state)s.") % {"state": state}, code="already_settled")


def _short(text: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LENGTH:
        raise ValidationError(_("At most %(longest)s characters.") % {"longest": TEXT_LENGTH}, code="too_long")
    return text


def _needed(text: str) -> str:
    if not text.strip():
        raise ValidationError(_("Write what the author should read."), code="no_text")
    return _short(text)


def _decide(matter: Matter, state: MatterState, actor: User, text: str) -> Matter:
    text = _needed(text)
    _settle(matter, state, actor, text)
    _tell_settled(matter, text, [matter, *_merged(matter)], besides={actor.pk})
    return matter


def _settle(matter: Matter, state: MatterState, actor: User, text: str, **facts) -> None:
    matter.settled_at = clock.now()
    _step(matter, state, actor, text, **facts)


def _step(matter: Matter, state: MatterState, actor: User, text: str, **facts) -> None:
    before, matter.state = matter.state, state
    matter.save(update_fields=["state", "assignee", "merged_into", "bonus", "settled_at"])
    MatterStep.objects.create(matter=matter, state=state, actor=actor, text=text)
    audit.record(actor, f"handover.matter.{state.value}", matter, before=before, text=text, **facts)


def _merged(matter: Matter) -> list[Matter]:
    """Those that were found to be the same: their authors hear of it too."""
    return list(matter.merged.select_related("issue__department", "issue__author__user"))


def _tell_settled(matter: Matter, text: str, whose: list[Matter], besides: set[int] | None = None) -> None:
    message = {MatterState.ADOPTED: ADOPTED, MatterState.REJECTED: REJECTED}.get(MatterState(matter.state), ANSWERED)
    _tell(whose, message, besides=besides, text=text)


def _tell(matters: list[Matter], message: str, besides: set[int] | None = None, **params) -> None:
    """Tell the author of each matter about their own entry, but for people who know."""
    for matter in matters:
        if matter.issue.author.user_id not in (besides or ()):
            _send([matter.issue.author.user], message, matter, **params)


def _send(people: list[User], message: str, matter: Matter, **params) -> None:
    link = reverse("handover:issue", args=[matter.issue.department.code, matter.issue_id])
    notices.tell(people, message, link=link, what=_named(matter.issue), **params)


def _named(issue: Issue) -> str:
    line = " ".join(issue.text.split())
    return line if len(line) <= NAMED else f"{line[: NAMED - 1]}…"

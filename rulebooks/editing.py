"""Changing the rulebook in the browser: what may be published from there, and whom a new version concerns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from people.models import Department, Right, RoleGrant, on_day
from people.permissions import has_right

from .changes import RightMoved, rights_moved
from .models import RulebookVersion
from .reading import read
from .schema import Rulebook
from .services import as_rulebook, import_rulebook, refuse_unfit

# Without somebody who holds these, nobody could ever put a mistake right again.
KEYS_OF_THE_HOUSE = (Right.EDIT_RULEBOOK, Right.MANAGE_MEMBERS)


@dataclass(frozen=True)
class PeopleMoved:
    """Who gets a right with the new version and who loses it, by their names."""

    right: RightMoved
    gain: list[str]
    lose: list[str]


@transaction.atomic
def publish(*, department: Department, text: str, from_day: date, base: str, actor) -> RulebookVersion:
    """Publish an edited text as the next version, if the one it was made from (its digest: `base`) is still latest.

    Raises RulebookMistakes, and ValidationError with the codes of `examine`, of `import_rulebook`, and "overtaken".
    """
    department = Department.objects.select_for_update().get(pk=department.pk)
    latest = department.rulebook_versions.first()
    if latest is None or latest.digest != base:
        raise ValidationError(_("Somebody has published another version meanwhile."), code="overtaken")
    examine(department=department, latest=latest, text=text, from_day=from_day, actor=actor)
    return import_rulebook(department=department, source=text.encode(), from_day=from_day, actor=actor)


def examine(*, department: Department, latest: RulebookVersion, text: str, from_day: date, actor) -> Rulebook:
    """The rulebook of an edited text, if it could be published now; raises RulebookMistakes or ValidationError.

    Codes: "no_change", "past", "not_yours", "locked_out" and those of `refuse_unfit`.
    """
    rulebook, _content = read(text.encode())
    if text == latest.source:
        raise ValidationError(_("Nothing has been changed."), code="no_change")
    if from_day < department.today():
        raise ValidationError(_("This day is past. A rule changes from today on at the earliest."), code="past")
    refuse_unfit(rulebook, department, latest, from_day)
    before = as_rulebook(latest)
    _refuse_taking_over(before, rulebook, department, actor)
    _refuse_lock_out(before, rulebook, department, from_day)
    return rulebook


def _roles_moved(right: str, before: Rulebook, after: Rulebook) -> bool:
    return set(before.rights.get(right, ())) != set(after.rights.get(right, ()))


def _refuse_taking_over(before: Rulebook, after: Rulebook, department: Department, actor) -> None:
    """Who manages the members is said by them alone: whoever edits the rulebook could else write themselves in."""
    right = Right.MANAGE_MEMBERS
    if _roles_moved(right, before, after) and not has_right(actor, department, right):
        raise ValidationError(
            _('Only somebody who may do this can say who else may: "%(right)s".') % {"right": right.label},
            code="not_yours",
        )


def _refuse_lock_out(before: Rulebook, after: Rulebook, department: Department, day: date) -> None:
    """Somebody must hold the keys on the first day and, as far as is known, ever after (as `people` asks of roles)."""
    people, stay = people_by_role(department, day), people_by_role(department, day, until_day=None)
    for right in KEYS_OF_THE_HOUSE:
        # Where the last one leaves some day, other rules may change until then.
        moved = _roles_moved(right, before, after)
        if moved and holders(before, right, people) and not holders(after, right, stay):
            raise ValidationError(
                _(
                    'Nobody would be left who may do this: "%(right)s". '
                    "Leave it to a role that somebody holds without an end."
                )
                % {"right": right.label},
                code="locked_out",
            )


def people_by_role(department: Department, day: date, **which) -> dict[str, dict[int, str]]:
    """role → key → name of those who hold it on `day` and can sign in; one query. `which` narrows the grants."""
    grants = RoleGrant.objects.filter(on_day(day), department=department, user__is_active=True, **which)
    found: dict[str, dict[int, str]] = {}
    for grant in grants.select_related("user").order_by("user__name"):
        found.setdefault(grant.role, {})[grant.user_id] = str(grant.user)
    return found


def holders(rulebook: Rulebook, right: str, people: dict[str, dict[int, str]]) -> dict[int, str]:
    """Who may do `right` under the rulebook."""
    roles: Iterable[str] = rulebook.rights.get(right, ())
    return {key: name for role in roles for key, name in people.get(role, {}).items()}


def people_moved(before: Rulebook, after: Rulebook, department: Department, day: date) -> list[PeopleMoved]:
    """For each right that changes hands, who gets it and who loses it on `day`."""
    people = people_by_role(department, day)
    moved = []
    for right in rights_moved(before, after):
        old, new = holders(before, right.right, people), holders(after, right.right, people)
        gain = [name for key, name in new.items() if key not in old]
        moved.append(PeopleMoved(right, gain, [name for key, name in old.items() if key not in new]))
    return moved

"""Publishing a rulebook, and finding the one in force."""

import functools
import hashlib
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from office import audit, notices
from people.models import Department, User, on_day
from people.services import set_late_minutes, set_rights

from .hours import DAY, end_minute
from .models import RulebookVersion
from .reading import read
from .schema import Rulebook

NEW_VERSION = gettext_noop("Version %(number)s of the rulebook holds from %(day)s. Read what changes.")


class NoRulebook(ValidationError):
    """No version of the department's rulebook holds on that day."""


@functools.lru_cache(maxsize=256)
def _load(pk: int) -> Rulebook:
    # Stored versions never change, so a process may keep what it has read.
    version = RulebookVersion.objects.get(pk=pk)
    return as_rulebook(version)


def as_rulebook(version: RulebookVersion) -> Rulebook:
    """The checked rulebook of a stored version."""
    rulebook = Rulebook.model_validate(version.content, context={"stored": True})
    rulebook._version_id, rulebook._number = version.pk, version.number
    return rulebook


def version_by_id(pk: int) -> Rulebook:
    """A version by its key, for rows that keep what they were judged by."""
    return _load(pk)


def in_force(department: Department, day: date) -> Rulebook:
    """The rulebook in force for the department on `day`; raises NoRulebook."""
    pk = department.rulebook_versions.in_force_on(day).values_list("pk", flat=True).first()
    if pk is None:
        raise NoRulebook(
            _("%(department)s has no rulebook in force on %(day)s.") % {"department": department, "day": day},
            code="no_rulebook",
        )
    return _load(pk)


def in_force_by_day(department: Department, days: Iterable[date]) -> dict[date, Rulebook]:
    """The rulebook of each of `days`, in one query; days on which none is in force are left out."""
    wanted = sorted(days)
    if not wanted:
        return {}
    versions = list(department.rulebook_versions.in_force_on(wanted[-1]).values_list("from_day", "pk"))
    found = ((day, next((pk for from_day, pk in versions if from_day <= day), None)) for day in wanted)
    return {day: _load(pk) for day, pk in found if pk is not None}


@transaction.atomic
def import_rulebook(*, department: Department, source: bytes, from_day: date, actor) -> RulebookVersion:
    """Publish a file as the department's next version, in force from `from_day`.

    Raises RulebookMistakes when the file is no rulebook, ValidationError when it cannot hold from that day.
    Nothing is stored in either case.
    """
    rulebook, content = read(source)
    department = Department.objects.select_for_update().get(pk=department.pk)
    latest = department.rulebook_versions.first()
    refuse_unfit(rulebook, department, latest, from_day)
    text = source.decode("utf-8-sig")
    version = RulebookVersion.objects.create(
        department=department,
        number=latest.number + 1 if latest else 1,
        from_day=from_day,
        source=text,
        content=content,
        # Of what is kept, so that anybody can check it: the mark at the beginning of some files is not.
        digest=hashlib.sha256(text.encode()).hexdigest(),
        published_by=actor,
    )
    set_rights(department=department, rights=content["rights"], from_day=from_day)
    set_late_minutes(department=department, minutes=latest_minute(rulebook))
    audit.record(actor, "rulebooks.version.published", version, from_day=from_day, digest=version.digest)
    if latest:
        _tell_everybody(version, actor)
    return version


def _tell_everybody(version: RulebookVersion, actor) -> None:
    department = version.department
    today = department.today()
    # Who holds a role without being a member, as a founder may, is concerned as well.
    members = Q(pk__in=department.memberships.on(today).values("user"))
    holders = Q(pk__in=department.role_grants.filter(on_day(today)).values("user"))
    people = User.objects.filter(members | holders, is_active=True)
    notices.tell(
        people.exclude(pk=actor.pk) if actor else people,
        NEW_VERSION,
        link=reverse("rulebooks:changes", args=[department.code, version.number]),
        number=version.number,
        day=version.from_day,
    )


def latest_minute(rulebook: Rulebook) -> int:
    """How many minutes past the midnight after its day the latest shift can run, extended to its cap; 0 for none."""
    ends = [
        end_minute(shift.spans) + (shift.extension.cap_minutes if shift.extension else 0) for shift in rulebook.shifts
    ]
    return max(0, max(ends) - DAY)


def refuse_unfit(rulebook: Rulebook, department: Department, latest: RulebookVersion | None, from_day: date) -> None:
    """Refuse a rulebook that cannot hold in the department from that day, after the version that is latest there."""
    if rulebook.time_zone != department.time_zone:
        raise ValidationError(
            _("The file is for %(file)s, the department lives in %(department)s.")
            % {"file": rulebook.time_zone, "department": department.time_zone},
            code="other_time_zone",
        )
    if latest is None:
        return
    if from_day < latest.from_day:
        raise ValidationError(
            _("Version %(number)s already holds from %(day)s; a new one cannot begin before it.")
            % {"number": latest.number, "day": latest.from_day},
            code="before_latest",
        )
    if from_day.day != 1 and rulebook.scorecard != as_rulebook(latest).scorecard:
        raise ValidationError(_("The scorecard changes from the first of a month only."), code="scorecard_inside_month")

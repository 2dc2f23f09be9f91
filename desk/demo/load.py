"""Making the demo department."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from desk.accounts import DEMO_CODE, DEMO_PASSWORD
from desk.demo import cast, judging, plan
from desk.demo.shift_work import WorkedShift
from office import clock
from office.months import Month
from office.notices import mark_read
from people.models import Department, Membership, User
from people.services import add_member, create_department, grant_role
from rulebooks.services import import_rulebook, in_force
from shifts import services as shifts
from shifts.models import Assignment, Roster

LIBRARY = Path(settings.BASE_DIR) / "rulebooks" / "library"
RULEBOOK = "three-shift-desk.yaml"


@transaction.atomic
def load_demo(*, seed: int = 1, say: Callable[[str], None] = lambda line: None) -> Department:
    """Make the demo department as it stands now. Refuses when there is one already ("already_loaded")."""
    if Department.objects.filter(code=DEMO_CODE).exists():
        raise ValidationError(_("The demo department is already there."), code="already_loaded")
    now = clock.now()
    chance = random.Random(seed)
    department, people = _found(now)
    this_month = Month.of(department.local(now).date())
    months = [this_month.previous, this_month]
    supervisor = people["supervisor"].user

    for month in months:
        with clock.at(_wall(department, month.first - timedelta(days=5), time(15))):
            _plan(department, people, month, supervisor)
            _publish(department, month, supervisor)
        say(_("%(month)s planned and published") % {"month": month})
    for month in months:
        if month == this_month:
            judging.close_month(department, people, months[0], chance, until=now)
            say(_("%(month)s scored") % {"month": months[0]})
        _work(department, month, chance, until=now)
        judging.incidents_of(department, people, month, chance, until=now)
        say(_("%(month)s worked") % {"month": month})
    _read_old_notices(now)
    with clock.at(now):
        _plan(department, people, this_month.next, supervisor, leave_last_week_open=True)
        say(_("%(month)s drafted") % {"month": this_month.next})
    return department


def _read_old_notices(now: datetime) -> None:
    """People of a living department have read their inbox; only the last day's lines are new."""
    with clock.at(now - timedelta(days=1)):
        for user in User.objects.filter(notices__read_at=None).distinct():
            mark_read(user=user, until=clock.now())


def _wall(department: Department, day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, tzinfo=department.zone)


def _found(now: datetime) -> tuple[Department, dict[str, Membership]]:
    """The department, its rulebook and its people, as of two months before last month."""
    since = Month.of(now.date()).previous.previous.previous.first
    with clock.at(datetime.combine(since, time(1), tzinfo=now.tzinfo)):
        department = create_department(actor=None, code=DEMO_CODE, name=cast.DEPARTMENT_NAME, time_zone=cast.TIME_ZONE)
        source = (LIBRARY / RULEBOOK).read_bytes()
        import_rulebook(department=department, source=source, from_day=since, actor=None)
        people = {}
        # Hashing is slow on purpose; everybody's demo password is the same, so once will do.
        password = make_password(DEMO_PASSWORD)
        for person in sorted(cast.CAST, key=lambda person: person.username != cast.TRY_FIRST):
            user = User.objects.create(username=person.username, name=person.name, password=password)
            rostered = person.group is not None
            people[person.username] = add_member(
                actor=None,
                department=department,
                user=user,
                work_number=person.work_number,
                from_day=since,
                rostered=rostered,
                scored=rostered,
            )
            grant_role(actor=None, department=department, user=user, role=person.role, from_day=since)
    return department, people


def _plan(department, people, month: Month, supervisor: User, *, leave_last_week_open: bool = False) -> None:
    rulebook = in_force(department, month.first)
    codes = [shift.code for shift in rulebook.shifts]
    groups: dict[int, list[int]] = {}
    for person in cast.CAST:
        if person.group is not None:
            groups.setdefault(person.group, []).append(people[person.username].pk)
    cells = plan.rotation(
        month, [groups[key] for key in sorted(groups)], codes, rulebook.rest.code, rulebook.rest.days_per_month
    )
    last = month.last - timedelta(days=7) if leave_last_week_open else month.last
    edits = [shifts.CellEdit(member, day, code, 0) for (member, day), code in sorted(cells.items()) if day <= last]
    shifts.paint(department=department, month=month, edits=edits, actor=supervisor)


def _publish(department, month: Month, supervisor: User) -> None:
    seen = Roster.objects.get(department=department, first_day=month.first).edits
    shifts.publish(department=department, month=month, seen_edits=seen, actor=supervisor)


def _work(department, month: Month, chance: random.Random, *, until: datetime) -> None:
    """Live through the month's shifts in the order in which things happened, up to `until`."""
    planned = (
        Assignment.objects.published()
        .working()
        .filter(membership__department=department, starts_at__lt=until)
        .between(month.first, month.last)
        .select_related("membership__user", "membership__department")
        .order_by("starts_at", "membership__work_number")
    )
    events = []
    for shift in planned:
        worked = WorkedShift(shift, random.Random(chance.random()))
        events += [(at, shift.pk, place, step) for place, (at, step) in enumerate(worked.steps())]
    for at, _shift, _place, step in sorted(events, key=lambda event: event[:3]):
        if at > until:
            break
        with clock.at(at):
            step()

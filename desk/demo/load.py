"""Making a demo department."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from desk.accounts import DEMO_PASSWORD
from desk.demo import beats, judging, plan
from desk.demo.asking import ask_for_something
from desk.demo.cast import DEMOS, Demo, Person
from desk.demo.learning import Learning
from desk.demo.mishaps import mishaps_of
from desk.demo.notebooks import Notebooks, leave_something_to_do
from desk.demo.scene import Scene
from desk.demo.shift_work import WorkedShift, keep_something_open
from desk.demo.timeline import Step
from office import clock
from office.months import Month
from office.notices import mark_read
from people.models import Department, Membership, Right, User
from people.services import add_member, create_department, grant_role
from rulebooks.reading import read
from rulebooks.services import import_rulebook, in_force
from shifts import services as shifts
from shifts.models import Assignment, Roster, RosterChange
from shifts.services import calendar, duties
from shifts.spans import stretches_of

ONE_DAY, NEVER = timedelta(days=1), timedelta(days=7)
LIBRARY = Path(settings.BASE_DIR) / "rulebooks" / "library"


@transaction.atomic
def load_demo(demo: Demo = DEMOS[0], *, seed: int = 1, say: Callable[[str], None] = lambda line: None) -> Department:
    """Make a demo department as it stands now. Refuses when it is there already ("already_loaded")."""
    if Department.objects.filter(code=demo.code).exists():
        raise ValidationError(_("The demo department is already there."), code="already_loaded")
    now = clock.now()
    scene = _found(demo, now, random.Random(seed))
    _let_somebody_begin(scene)
    story = scene.story
    months = [scene.this_month.previous, scene.this_month]
    for month in months:
        story.add(_begin(scene, month, say))
    if demo.learner is not None:
        story.add([_joining(scene, demo, demo.learner, months[0])])
    for month in months:
        over = min(now, scene.wall(month.next.first, 0))
        story.add([(over, partial(say, _("%(month)s worked") % {"month": month}))])
    story.add(Notebooks(scene, scene.wall(months[0].first, 0)).steps())
    story.add(Learning(scene).steps())
    story.add(judging.waiting_for_decision(scene))
    story.add(beats.days(scene, months[0]))
    story.add(judging.Docket(scene).steps(months[0]))
    story.add(judging.closing(scene, months[0]))
    story.run()
    say(_("%(month)s scored") % {"month": months[0]})
    _sign_in_and_read(scene)
    with clock.at(now):
        _plan(scene, months[1].next, leave_last_week_open=True)
        say(_("%(month)s drafted") % {"month": months[1].next})
        _leave_something_open(scene, demo)
        ask_for_something(scene)
        leave_something_to_do(scene)
    return scene.department


def _leave_something_open(scene: Scene, demo: Demo) -> None:
    """The accounts to try find something of their own at any hour."""
    for person, member in zip(demo.crew, scene.crew, strict=False):
        if person.is_shown:
            keep_something_open(scene, member, in_force(scene.department, scene.department.today()))


def _let_somebody_begin(scene: Scene) -> None:
    """Turn the rotation so that the account to try first is on duty, best in the middle of a shift; else as soon as
    may be."""
    waits = []
    for turn in range(len(scene.crew)):
        scene.turn = turn
        waits.append(min(_wait(scene, scene.today - ONE_DAY), _wait(scene, scene.today)))
    scene.turn = waits.index(min(waits))


def _wait(scene: Scene, day: date) -> timedelta:
    """How long the account to try first waits for its shift of this day; below 0 by as long as it is well within it."""
    rulebook = in_force(scene.department, day)
    shift = rulebook.shift(_rotation(scene, Month.of(day))[scene.people["agent"].pk, day])
    if shift is None:
        return NEVER
    stretches = stretches_of(day, [(span.start, span.end) for span in shift.spans], scene.department.zone)
    begins, ends = stretches[0].starts_at, stretches[-1].ends_at
    if ends <= scene.now:
        return NEVER
    return max(begins - scene.now, scene.now - ends)


def _begin(scene: Scene, month: Month, say: Callable[[str], None]) -> Iterator[Step]:
    """A month is planned and published some days before it begins; then its shifts are known, and are worked."""

    def begin() -> None:
        _plan(scene, month)
        _publish(scene, month)
        shifts_of_month = list(_published(scene, month))
        mishaps = mishaps_of(scene, month, shifts_of_month)
        for shift in shifts_of_month:
            chance = random.Random(scene.chance.random())
            scene.story.add(WorkedShift(scene, shift, chance, mishaps.get(shift.pk)).steps())
        scene.story.add(judging.incidents_of(scene, month, shifts_of_month))
        say(_("%(month)s planned and published") % {"month": month})

    yield scene.wall(month.first - timedelta(days=5), 15), begin


def _published(scene: Scene, month: Month):
    planned = Assignment.objects.published().working().between(month.first, month.last)
    here = planned.filter(membership__department=scene.department, starts_at__lt=scene.now)
    return here.select_related("membership__user", "membership__department").order_by(
        "starts_at", "membership__work_number"
    )


def _sign_in_and_read(scene: Scene) -> None:
    """People of a living department have signed in and read their inbox; only the last day's lines are new."""
    yesterday = scene.now - timedelta(days=1)
    users = User.objects.filter(pk__in=[member.user_id for member in scene.people.values()])
    users.update(last_login=yesterday)
    # All but one have said that they saw what was published for them.
    unseen = RosterChange.objects.filter(membership__in=scene.people.values(), version__published_at__lt=yesterday)
    unseen.exclude(membership=scene.in_turn[-1]).update(acknowledged_at=yesterday)
    with clock.at(yesterday):
        for user in users.filter(notices__read_at=None).distinct():
            mark_read(user=user, until=yesterday)


def _found(demo: Demo, now: datetime, chance: random.Random) -> Scene:
    """The department, its rulebook and its people, as of two months before last month."""
    source = (LIBRARY / demo.rulebook).read_bytes()
    rulebook, _content = read(source)
    crew = demo.crew[: len(plan.slots_of(rulebook))]
    # Hashing is slow on purpose; everybody's demo password is the same, so once will do.
    password = make_password(DEMO_PASSWORD)
    department = Department(code=demo.code, name=demo.name, time_zone=rulebook.time_zone)
    since = Month.of(department.local(now).date()).previous.previous.previous.first
    with clock.at(datetime.combine(since, datetime.min.time(), tzinfo=department.zone) + timedelta(hours=1)):
        department = create_department(actor=None, code=demo.code, name=demo.name, time_zone=rulebook.time_zone)
        import_rulebook(department=department, source=source, from_day=since, actor=None)
        for year in range(since.year, min(now.year, calendar.seeded_years()[1]) + 1):
            calendar.seed_year(department=department, year=year, actor=None)
        people = {
            person.username: _add(department, demo, person, password, since, rostered=person in crew)
            for person in sorted([*crew, *demo.office], key=lambda person: not person.is_shown)
        }
    return Scene(department, [people[person.username] for person in crew], people, chance, now)


def _add(department, demo: Demo, person: Person, password: str, since, *, rostered: bool, scored=None) -> Membership:
    user = User.objects.create(username=demo.prefix + person.username, name=person.name, password=password)
    member = add_member(
        actor=None,
        department=department,
        user=user,
        work_number=person.work_number,
        from_day=since,
        rostered=rostered,
        scored=rostered if scored is None else scored,
    )
    grant_role(actor=None, department=department, user=user, role=person.role, from_day=since)
    return member


def _joining(scene: Scene, demo: Demo, person: Person, month: Month) -> Step:
    """Somebody who learns first: from the twentieth on a member, scored, and not on the roster."""
    day = month.first + timedelta(days=19)
    password = make_password(DEMO_PASSWORD)
    return scene.wall(day, 9), partial(_add, scene.department, demo, person, password, day, rostered=False, scored=True)


def _rotation(scene: Scene, month: Month) -> plan.Plan:
    rulebook = in_force(scene.department, month.first)
    return plan.rotation(
        month,
        [member.pk for member in scene.in_turn],
        plan.slots_of(rulebook),
        rulebook.rest.code,
        rulebook.rest.days_per_month or 0,
        plan.stand_ins_of(rulebook),
    )


def _plan(scene: Scene, month: Month, *, leave_last_week_open: bool = False) -> None:
    cells = _rotation(scene, month)
    last = month.last - timedelta(days=7) if leave_last_week_open else month.last
    edits = [shifts.CellEdit(member, day, code, 0) for (member, day), code in sorted(cells.items()) if day <= last]
    shifts.paint(department=scene.department, month=month, edits=edits, actor=scene.who_may(Right.EDIT_ROSTER))


def _publish(scene: Scene, month: Month) -> None:
    seen = Roster.objects.get(department=scene.department, first_day=month.first).edits
    shifts.publish(
        department=scene.department,
        month=month,
        seen_edits=seen,
        actor=scene.who_may(Right.EDIT_ROSTER),
        # In the words of the department, like everything that its people write.
        reason="人手不足，缺口按月分摊",
    )
    if in_force(scene.department, month.first).duties:
        duties.make_turns(department=scene.department, month=month)

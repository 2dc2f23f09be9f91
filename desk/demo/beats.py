"""The beat of the demo's past: what the house looks for by itself, looked for when it came about."""

from collections.abc import Iterator
from datetime import timedelta

from desk.demo.scene import Scene
from desk.demo.timeline import Step
from handover.models import Case
from handover.services import case_watch, follow_ups, handing_in, meeting_turns, watching, weekly
from office.months import Month
from shifts import services as shifts
from shifts.services import watch

ONE_DAY = timedelta(days=1)
# So many days between two looks for what nobody has planned.
EVERY = 7


def look(scene: Scene) -> None:
    """Look through shifts and handovers for what the rulebook has a clause for."""
    watch.look_through(scene.department)
    watching.look_through(scene.department)


def days(scene: Scene, first: Month) -> Iterator[Step]:
    """What is looked for day by day; what goes wrong in a shift has been found by then, at its own time."""
    day = first.first
    while (at := scene.wall(day, 5, 30)) <= scene.now:
        if day.day % EVERY == 1:
            yield at, lambda: look(scene)
        yield at, lambda: meeting_turns.remind_of_minutes(department=scene.department)
        rules = scene.rulebook_of(Month.of(day)).cases
        if rules is not None and rules.report_by_day == day.day:
            yield at, lambda: case_watch.report_month(scene.department)
        day += ONE_DAY


def beat(scene: Scene) -> None:
    """Everything that the real beat would find now, so that it finds nothing when it begins."""
    department = scene.department
    shifts.extend_running_shifts()
    look(scene)
    handing_in.hand_in_register(department=department)
    weekly.watch_weekly(department)
    case_watch.report_month(department)
    for case in Case.objects.open().filter(department=department):
        case_watch.look_at(case)
    meeting_turns.make_meetings(department=department)
    meeting_turns.remind_of_minutes(department=department)
    follow_ups.follow_up(department)

"""Running shifts, and short words for what stands in the notebooks."""

import re
from datetime import date, datetime

import pytest

from handover import services
from office import clock
from rulebooks.services import import_rulebook, in_force
from shifts.models import Assignment, Attendance, Layer
from shifts.spans import stretches_of
from tests.conftest import LIBRARY

TUESDAY = date(2026, 11, 10)


@pytest.fixture
def afternoon(department):
    """Half past four: the day shift is on, the night shift may clock in already."""
    with clock.at(datetime(2026, 11, 10, 16, 30, tzinfo=department.zone)) as moment:
        yield moment


def begin_shift(person, code, day=TUESDAY, at=None, swapped_with=None) -> Attendance:
    """A published shift of the person on which they have clocked in: at its start, or now when that is yet to come.

    `swapped_with`: it was planned for somebody else, and its row changed hands before it began.
    """
    member = person.membership
    first = swapped_with.membership if swapped_with else member
    rulebook = in_force(member.department, day)
    spans = [(span.start, span.end) for span in rulebook.shift(code).spans]
    stretches = stretches_of(day, spans, member.department.zone)
    times = {"starts_at": stretches[0].starts_at, "ends_at": stretches[-1].ends_at}
    taken = Assignment.objects.filter(membership__in=[member, first], business_date=day, layer=Layer.PUBLISHED)
    slot = max([*taken.values_list("slot", flat=True), 0]) + 1
    planned = Assignment.objects.create(
        layer=Layer.PUBLISHED, membership=first, business_date=day, slot=slot, code=code, **times
    )
    planned.membership = member
    planned.save(update_fields=["membership"])
    return Attendance.objects.create(
        assignment=planned,
        membership=member,
        code=code,
        business_date=day,
        planned_start=times["starts_at"],
        planned_end=times["ends_at"],
        rulebook_version_id=rulebook.version_id,
        clocked_in_at=at or min(times["starts_at"], clock.now()),
    )


@pytest.fixture
def on_shift():
    return begin_shift


@pytest.fixture
def write():
    """`write(agent, "call back")`: an item of a kind that asks for nothing more."""

    def do(person, to_do="给小鹿发实拍图", kind="waiting", **more):
        return services.write_item(author=person.membership, kind=kind, to_do=to_do, **more)

    return do


@pytest.fixture
def day_shift(afternoon, agent, on_shift):
    """The agent is on the day shift of Tuesday."""
    return on_shift(agent, "D")


@pytest.fixture
def night_shift(afternoon, colleague, on_shift):
    """The colleague has clocked in early for the night shift of Tuesday."""
    return on_shift(colleague, "N")


def owners(item) -> int:
    """How many owners the item has: persons and queues."""
    item.refresh_from_db()
    return (item.owner_id is not None) + item.in_queue


@pytest.fixture
def log_rule(department):
    """`log_rule(at_clock_out="block")`: from this month on the three-shift desk says that of the handover log."""

    def publish(**rules):
        changed = (LIBRARY / "three-shift-desk.yaml").read_bytes()
        for key, value in rules.items():
            changed, count = re.subn(rf"\b{key}: \w+".encode(), f"{key}: {value}".encode(), changed)
            assert count == 1
        import_rulebook(department=department, source=changed, from_day=date(2026, 11, 1), actor=None)

    return publish

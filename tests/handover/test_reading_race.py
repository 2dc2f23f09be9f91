"""Two processes of the operating system read in for one department at the same moment."""

from datetime import datetime

import pytest

from handover.models import Order, OrderFact, Reading, ReadingKind, ReadingState, ServiceStatistic
from handover.readings.checking import Row
from handover.services import readings, receive
from handover.services.readings import columns_of, read_in, seen_of, start_reading
from people.models import Department, User
from tests.factories import add_person
from tests.handover.reading_files import ORDER_HEADS, STATISTIC_HEADS, kept, order, statistic, text
from tests.processes import race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("afternoon")]
ROWS_A_PART = 7


def at_once(*calls):
    """What each call (a function, its arguments) came to, every one in a process of its own, let go together."""
    return race(*[(does, [first], more) for does, first, more in calls])[0]


def keep(department, actor):
    content = text(STATISTIC_HEADS, statistic())
    return kept(Department.objects.get(pk=department), User.objects.get(pk=actor), content).pk


def begin(pk, actor):
    reading = Reading.objects.get(pk=pk)
    start_reading(reading=reading, seen=seen_of(columns_of(reading)), actor=User.objects.get(pk=actor))
    return "started"


def work(pk):
    readings.ROWS_A_PART = ROWS_A_PART
    reading = read_in(reading=Reading(pk=pk), columns=columns_of(Reading.objects.get(pk=pk)), actor=None)
    return reading.added, reading.corrected, reading.same


def send(department, numbers, placed_at):
    department, placed_at = Department.objects.get(pk=department), datetime.fromisoformat(placed_at)
    values = {"buyer": "t***8", "placed_at": placed_at, "paid_at": placed_at, "amount_fen": 8800, "paid_fen": 8800}
    rows = [Row(place, number, number, values) for place, number in enumerate(numbers)]
    reading, _beside = receive(department=department, kind=ReadingKind.ORDERS, name="shop", rows=rows)
    return reading.added, reading.same


def test_one_file_kept_twice_at_once_is_one_draft(department, leader):
    first, second = at_once(*[(keep, department.pk, {"actor": leader.pk})] * 2)
    assert first == second
    assert Reading.objects.count() == 1


def test_of_two_who_press_the_button_one_begins_and_of_two_files_too(department, leader, agent):
    content = text(STATISTIC_HEADS, statistic())
    one, other = (
        kept(department, leader, content),
        kept(department, leader, text(STATISTIC_HEADS, statistic(served=60))),
    )
    told = at_once(*[(begin, reading.pk, {"actor": leader.pk}) for reading in (one, one, other)])
    assert told.count("started") == 1
    assert set(told) <= {"started", "not_a_draft", "another_running"}


@pytest.mark.parametrize("kind", ["statistics", "orders"])
def test_the_same_rows_read_in_by_two_at_once_are_there_once(department, leader, kind):
    people = [add_person(department, work_number=f"N{number}") for number in range(40)]
    if kind == "statistics":
        rows = [STATISTIC_HEADS, *(statistic(number=one.membership.work_number) for one in people)]
    else:
        rows = [ORDER_HEADS, *(order(number=str(number), remark="N1") for number in range(40))]
    # The files differ in a row of sums, which says nothing.
    one = kept(department, leader, text(*rows), kind=kind)
    other = kept(department, leader, text(*rows, ("合计", "", "", "", "", "")), kind=kind)
    Reading.objects.update(state=ReadingState.RUNNING)
    told = at_once((work, one.pk, {}), (work, other.pk, {}))
    assert sum(added for added, _corrected, _same in told) == 40
    assert sum(same for _added, _corrected, same in told) == 40
    if kind == "statistics":
        assert ServiceStatistic.objects.count() == 40
    else:
        assert (Order.objects.count(), OrderFact.objects.count()) == (40, 40)


def test_two_programs_that_send_the_same_orders_at_once_make_them_once(department, wall):
    numbers = [str(number) for number in range(50)]
    more = {"placed_at": wall("2026-11-09 10:00").isoformat()}
    told = at_once(*[(send, department.pk, more | {"numbers": order}) for order in (numbers, numbers[::-1])])
    assert sorted(told) == [[0, 50], [50, 0]]

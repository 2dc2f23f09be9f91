"""What shift after shift passes on stands out: those who may take over are told each time."""

from datetime import timedelta

import pytest

from handover import services
from handover.services.ending import CARRIED
from office import clock
from office.models import Notice
from rulebooks.services import in_force
from tests.factories import add_person
from tests.handover.conftest import begin_shift

pytestmark = pytest.mark.usefixtures("afternoon")


def told(person):
    return [
        notice.params["times"] for notice in Notice.objects.filter(recipient=person, message=CARRIED).order_by("pk")
    ]


def test_from_the_rulebooks_number_of_shifts_on_once_each_carry(
    agent, colleague, supervisor, day_shift, night_shift, write, rulebook
):
    from_times = rulebook.notebooks.handover_log.carried_stands_out_from
    item, day = write(agent), day_shift.business_date
    people, shifts = [agent, colleague], [day_shift, night_shift]
    for carried in range(from_times + 2):
        giver, taker = people[carried % 2], people[(carried + 1) % 2]
        services.submit_handover(attendance=shifts[carried % 2], actor=giver)
        item.refresh_from_db()
        assert item.carried == carried
        assert told(supervisor) == list(range(from_times, carried + 1))
        services.accept_item(item=item, actor_membership=taker.membership)
        services.end_shift(attendance=shifts[carried % 2], actor=giver)
        day += timedelta(days=1)
        clock.move(timedelta(days=1))
        shifts[carried % 2] = begin_shift(giver, "DN"[carried % 2], day=day)
    assert Notice.objects.filter(recipient=supervisor, message=CARRIED).first().link.endswith(f"/{item.pk}/")


@pytest.mark.parametrize("fixture", ["department", "changed_department"])
def test_each_rulebook_says_from_how_many(fixture, request):
    department = request.getfixturevalue(fixture)
    rulebook = in_force(department, department.today())
    rules, shift = rulebook.notebooks.handover_log, rulebook.shifts[0]
    giver = add_person(department, work_number="51")
    supervisor = add_person(department, work_number="90", roles=["supervisor"], rostered=False)
    for before, heard in ((rules.carried_stands_out_from - 2, 0), (rules.carried_stands_out_from - 1, 1)):
        item = services.write_item(
            author=giver.membership, kind=rules.kinds[0].code, to_do="x", due_at=clock.now() + timedelta(hours=1)
        )
        item.carried, item.accepted_at = before, clock.now()
        item.save(update_fields=["carried", "accepted_at"])
        attendance = begin_shift(giver, shift.code, day=department.today(), at=clock.now())
        services.end_shift(attendance=attendance, actor=giver, hand_over=True)
        assert len(told(supervisor)) == heard


def test_coming_back_refused_does_not_count_again(agent, colleague, supervisor, day_shift, night_shift, write):
    item = write(agent)
    item.carried, item.accepted_at = 1, clock.now()
    item.save(update_fields=["carried", "accepted_at"])
    services.submit_handover(attendance=day_shift, actor=agent)
    services.refuse_item(item=item, actor_membership=colleague.membership, reason="看不懂")
    services.submit_handover(attendance=day_shift, actor=agent)
    services.end_shift(attendance=day_shift, actor=agent)
    assert told(supervisor) == [2]


def test_many_at_once_are_one_notice(agent, supervisor, day_shift, write):
    for _item in range(5):
        item = write(agent)
        item.carried, item.accepted_at = 4, clock.now()
        item.save(update_fields=["carried", "accepted_at"])
    services.submit_handover(attendance=day_shift, actor=agent)
    notice = Notice.objects.get(recipient=supervisor, message=CARRIED)
    assert (notice.params["count"], notice.params["times"]) == (5, 5)
    assert notice.link == "/d/desk/handover/"

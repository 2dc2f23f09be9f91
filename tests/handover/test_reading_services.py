"""Reading files in: what is kept, what is written, what a second file changes, and what stops it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from handover import services
from handover.models import (
    Order,
    OrderFact,
    Reading,
    ReadingSource,
    ReadingState,
    ServiceStatistic,
    StatisticSource,
)
from handover.pages.metrics import figures_of
from handover.periods import By, Period
from handover.services.readings import columns_of, seen_of
from handover.tasks import read_in as read_in_task
from office import clock, jobs
from office.models import AuditEntry, JobState
from rulebooks.services import in_force
from tests.factories import add_person
from tests.handover.conftest import TUESDAY
from tests.handover.reading_files import ORDER_HEADS, STATISTIC_HEADS, kept, order, statistic, text

pytestmark = pytest.mark.usefixtures("afternoon")
MONDAY = TUESDAY - timedelta(days=1)


def refusal_of(call, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        call(**kwargs)
    return refusal.value.code


def begin(reading, actor):
    seen = seen_of(columns_of(reading), reading.source.names)
    return services.start_reading(reading=reading, seen=seen, actor=actor)


@pytest.fixture
def take(department, leader):
    """`take(row, …)` reads a file of such rows in; `kind`: of what."""

    def do(*rows, kind="statistics", heads=None, source="千牛"):
        heads = heads or (STATISTIC_HEADS if kind == "statistics" else ORDER_HEADS)
        reading = kept(department, leader, text(heads, *rows), kind=kind, source=source)
        job = begin(reading, leader)
        read_in_task(job.pk)
        reading.refresh_from_db()
        return reading

    return do


def counts(reading):
    return reading.added, reading.corrected, reading.same, reading.wrong


class TestKeeping:
    def test_nothing_is_written_before_it_is_read_in(self, department, leader, agent):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        assert (reading.state, reading.source.name) == (ReadingState.DRAFT, "千牛")
        assert not ServiceStatistic.objects.exists()

    def test_the_same_file_kept_twice_is_one_draft(self, department, leader):
        content = text(STATISTIC_HEADS, statistic())
        assert kept(department, leader, content) == kept(department, leader, content)
        assert ReadingSource.objects.count() == 1

    def test_the_columns_that_were_chosen_hold_for_the_sources_next_file(self, department, leader):
        heads = ("哪天", "谁", "人", "询", "成", "钱")
        columns = dict(
            zip(("business_date", "work_number", "served", "enquiries", "closed", "sales_fen"), heads, strict=True)
        )
        first = kept(department, leader, text(heads, statistic()))
        assert columns_of(first) == {}
        services.set_columns(reading=first, columns=columns, actor=leader)
        later = kept(department, leader, text(heads, statistic(number="02")))
        assert columns_of(later) == columns
        other = kept(department, leader, text(heads, statistic()), source="京麦")
        assert columns_of(other) == {}

    def test_columns_that_the_file_has_not_are_refused(self, department, leader):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        with pytest.raises(ValidationError) as refusal:
            services.set_columns(reading=reading, columns={"served": "no such"}, actor=leader)
        assert set(refusal.value.error_dict) == {"served"}

    def test_it_is_not_read_in_before_its_columns_are_settled(self, department, leader):
        reading = kept(department, leader, text(("日期", "谁"), ("2026-11-09", "07")))
        assert refusal_of(services.start_reading, reading=reading, seen="", actor=leader) == "no_columns"

    def test_nor_with_other_columns_than_were_shown(self, department, leader):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        assert refusal_of(services.start_reading, reading=reading, seen="x", actor=leader) == "columns_changed"

    def test_what_is_dropped_keeps_no_cells(self, department, leader):
        reading = services.drop_reading(
            reading=kept(department, leader, text(STATISTIC_HEADS, statistic())), actor=leader
        )
        assert (reading.state, reading.cells) == (ReadingState.DROPPED, [])
        assert refusal_of(services.drop_reading, reading=reading, actor=leader) == "not_a_draft"


class TestStatistics:
    def test_the_good_rows_go_in_and_the_wrong_ones_are_kept_with_why(self, take, agent, leader):
        reading = take(statistic(), statistic(number="77"))
        assert counts(reading) == (1, 0, 0, 1)
        row = ServiceStatistic.objects.get()
        assert (row.membership, row.business_date, row.source) == (agent.membership, MONDAY, StatisticSource.IMPORTED)
        assert (row.served, row.closed, row.sales_fen, row.reading, row.recorded_by) == (
            50,
            22,
            123450,
            reading,
            leader,
        )
        assert row.contacting is None
        assert reading.cells[1] == []
        assert reading.cells[2][1]["wrong"] == "Nobody in this department has this work number or name."
        assert AuditEntry.objects.get(action="handover.reading.read_in").facts["after"]["wrong"] == 1

    def test_the_same_file_twice_changes_nothing(self, take, agent):
        take(statistic())
        again = take(statistic())
        assert counts(again) == (0, 0, 1, 0)
        assert ServiceStatistic.objects.count() == 1

    def test_read_in_again_once_the_day_is_settled_it_is_confirmed_and_once_only(self, take, agent):
        take(statistic())
        with clock.at(clock.now() + timedelta(days=9)):
            again = take(statistic())
            assert counts(again) == (0, 0, 1, 0)
            first, second = ServiceStatistic.objects.order_by("pk")
            assert (second.supersedes, second.served, second.reading) == (first, 50, again)
            take(statistic())
            assert ServiceStatistic.objects.count() == 2

    def test_a_corrected_file_corrects(self, take, agent):
        take(statistic())
        reading = take(statistic(served=60))
        assert counts(reading) == (0, 1, 0, 0)
        first, second = ServiceStatistic.objects.order_by("pk")
        assert (second.supersedes, second.served, second.source) == (first, 60, StatisticSource.IMPORTED)
        assert list(ServiceStatistic.objects.current()) == [second]

    def test_what_the_agent_counted_stays_beside_it(self, take, agent):
        services.record_statistics(
            membership=agent.membership,
            business_date=MONDAY,
            served=49,
            closed=20,
            enquiries=39,
            sales_fen=1,
            actor=agent,
        )
        take(statistic())
        assert ServiceStatistic.objects.current().count() == 2

    def test_a_later_file_of_the_tool_leaves_what_it_does_not_say(self, take, agent):
        heads = (*STATISTIC_HEADS, "通话次数", "通话时长")
        take((*statistic(), 12, "1:00:00"), heads=heads)
        take(statistic(served=60))
        row = ServiceStatistic.objects.current().get()
        assert (row.served, row.calls, row.talk_seconds) == (60, 12, 3600)

    def test_another_tools_or_shops_day_stands_beside_it_and_both_are_added(self, take, department, agent):
        take(statistic(served=50), source="天猫店")
        take(statistic(served=41), source="京东店")
        corrected = take(statistic(served=55), source="天猫店")
        assert counts(corrected) == (0, 1, 0, 0)
        rows = ServiceStatistic.objects.current()
        assert {row.origin.name: row.served for row in rows} == {"天猫店": 55, "京东店": 41}
        figures = figures_of(department, Period.around(By.DAY, MONDAY))
        assert figures.department.figure("enquiry_conversion").tally.bottom == 80

    def test_of_one_source_a_day_has_one_first_row(self, take, agent):
        take(statistic())
        row = ServiceStatistic.objects.get()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)

    def test_names_that_nobody_has_are_said_once_a_source(self, take, department, leader, agent):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic(number="小林客服")))
        services.set_names(reading=reading, names={"小林客服": agent.membership}, actor=leader)
        assert counts(take(statistic(number="小林客服"))) == (1, 0, 0, 0)
        assert counts(take(statistic(number="小林客服"), source="京东店")) == (0, 0, 0, 1)
        assert ServiceStatistic.objects.get().membership == agent.membership

    def test_a_wrong_choice_is_chosen_again_or_forgotten(self, department, leader, agent, colleague):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic(number="小林客服")))
        for member, remembered in (
            (colleague.membership, {"小林客服": "02"}),
            (agent.membership, {"小林客服": "07"}),
            (None, {}),
        ):
            services.set_names(reading=reading, names={"小林客服": member}, actor=leader)
            assert ReadingSource.objects.get().names == remembered
        assert AuditEntry.objects.filter(action="handover.source.names_set").count() == 3

    def test_of_two_spellings_of_a_name_the_one_that_was_chosen_holds(self, department, leader, agent):
        rows = (statistic(number="Lin"), statistic(number="LIN"))
        reading = kept(department, leader, text(STATISTIC_HEADS, *rows))
        services.set_names(reading=reading, names={"Lin": agent.membership, "LIN": None}, actor=leader)
        assert ReadingSource.objects.get().names == {"lin": "07"}

    def test_names_that_do_not_stand_in_the_file_are_refused(self, department, leader, agent):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic(number="小林客服")))
        for name in ("老王", "2026-11-09", "工号"):
            names = {"小林客服": agent.membership, name: agent.membership}
            assert refusal_of(services.set_names, reading=reading, names=names, actor=leader) == "not_in_file"
        orders = kept(department, leader, text(ORDER_HEADS, order(buyer="老王")), kind="orders")
        names = {"老王": agent.membership}
        assert refusal_of(services.set_names, reading=orders, names=names, actor=leader) == "not_in_file"
        assert [source.names for source in ReadingSource.objects.all()] == [{}, {}]

    @pytest.mark.parametrize("spelt", ["shop b", "SHOP  B", " Ｓｈｏｐ　Ｂ "])
    def test_a_source_spelt_otherwise_is_the_same_one(self, take, agent, spelt):
        take(statistic(), source="Shop B")
        assert counts(take(statistic(served=60), source=spelt)) == (0, 1, 0, 0)
        assert ReadingSource.objects.get().name == "Shop B"

    def test_of_two_sources_that_are_spelt_alike_each_keeps_its_own(self, department, leader):
        for name in ("Shop B", "shop b"):
            ReadingSource.objects.create(department=department, kind="statistics", name=name)
        content = text(STATISTIC_HEADS, statistic())
        named = [kept(department, leader, content, source=name).source.name for name in ("shop b", "Shop B", "SHOP B")]
        assert named == ["shop b", "Shop B", "Shop B"]

    def test_a_new_source_is_called_as_it_was_typed_without_blanks_around_it(self, department, leader):
        content = text(STATISTIC_HEADS, statistic())
        assert kept(department, leader, content, source=" Shop  B ").source.name == "Shop B"

    def test_as_many_questions_for_thirty_rows_as_for_one(self, department, leader):
        people = [add_person(department, work_number=f"N{number}") for number in range(30)]
        few = kept(department, leader, text(STATISTIC_HEADS, statistic(number="N0")))
        many = kept(
            department,
            leader,
            text(STATISTIC_HEADS, *(statistic(number=one.membership.work_number, day="2026-11-08") for one in people)),
        )
        asked = []
        # Else the first one would be asked for the rulebook as well.
        in_force(department, date(2026, 11, 8))
        for reading in (few, many):
            begin(reading, leader)
            with CaptureQueriesContext(connection) as captured:
                services.read_in(reading=reading, columns=columns_of(reading), actor=leader)
            asked.append(len(captured))
            reading.refresh_from_db()
            jobs.cancel(job=reading.job, actor=leader)
        assert asked[0] == asked[1]


class TestOrders:
    def test_a_new_order_has_its_fact_and_is_attributed(self, take, agent):
        reading = take(order(remark="07 加急", flag="红旗"), kind="orders")
        assert counts(reading) == (1, 0, 0, 0)
        row = Order.objects.get()
        assert (row.number, row.paid_fen, row.flag, row.business_date) == ("8841", 8800, "red", MONDAY)
        fact = OrderFact.objects.get()
        assert (fact.order, fact.reading, fact.facts["remark"]) == (row, reading, "07 加急")
        assert row.attribution == "tagged"

    def test_the_same_file_twice_changes_nothing(self, take):
        take(order(), kind="orders")
        assert counts(take(order(), kind="orders")) == (0, 0, 1, 0)
        assert OrderFact.objects.count() == 1

    def test_a_corrected_file_adds_a_fact_and_moves_what_holds(self, take):
        take(order(paid="", fen=""), kind="orders")
        reading = take(order(refund="8.00"), kind="orders")
        assert counts(reading) == (0, 1, 0, 0)
        row = Order.objects.get()
        assert (row.paid_fen, row.refunded_fen, row.facts.count()) == (8800, 800, 2)

    def test_a_file_that_does_not_say_when_it_was_sent_does_not_take_it_back(self, take):
        take((*order(), "2026-11-09 15:00"), kind="orders", heads=(*ORDER_HEADS, "发货时间"))
        take(order(remark="07"), kind="orders")
        assert Order.objects.get().dispatched_at is not None

    def test_an_order_paid_after_midnight_counts_for_that_day(self, take):
        take(order(placed="2026-11-08 23:50:00", paid="2026-11-09 00:10:00"), kind="orders")
        assert Order.objects.get().business_date == MONDAY

    def test_orders_of_two_departments_may_have_one_number(self, take, other_department, stranger):
        take(order(), kind="orders")
        reading = kept(other_department, stranger, text(ORDER_HEADS, order()), kind="orders")
        read_in_task(begin(reading, stranger).pk)
        assert Order.objects.count() == 2


class TestStopping:
    def test_a_second_file_waits_until_the_first_is_read_in(self, department, leader, agent):
        first = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        second = kept(department, leader, text(STATISTIC_HEADS, statistic(served=60)))
        begin(first, leader)
        with pytest.raises(ValidationError) as refusal:
            begin(second, leader)
        assert refusal.value.code == "another_running"

    def test_the_button_pressed_twice_reads_in_once(self, department, leader, agent):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        begin(reading, leader)
        with pytest.raises(ValidationError) as refusal:
            begin(reading, leader)
        assert refusal.value.code == "not_a_draft"

    def test_stopped_it_leaves_whole_parts_and_can_be_read_in_again(self, department, leader, agent, monkeypatch):
        monkeypatch.setattr("handover.services.readings.ROWS_A_PART", 2)
        rows = [statistic(day=f"2026-11-0{day}") for day in range(1, 8)]
        reading = kept(department, leader, text(STATISTIC_HEADS, *rows))
        job = begin(reading, leader)
        told = []

        def stop_after_four(done, total):
            told.append((done, total))
            if done == 4:
                raise jobs.Cancelled

        with pytest.raises(jobs.Cancelled):
            services.read_in(reading=reading, columns=columns_of(reading), actor=leader, progress=stop_after_four)
        assert told == [(0, 7), (2, 7), (4, 7)]
        assert ServiceStatistic.objects.count() == 4
        jobs.cancel(job=job, actor=leader)
        reading.refresh_from_db()
        assert reading.state == ReadingState.DRAFT
        read_in_task(begin(reading, leader).pk)
        reading.refresh_from_db()
        assert counts(reading) == (7, 0, 0, 0)
        assert ServiceStatistic.objects.count() == 7

    def test_a_job_that_was_stopped_before_it_began_leaves_a_draft(self, department, leader, agent):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        job = begin(reading, leader)
        jobs.cancel(job=job, actor=leader)
        read_in_task(job.pk)
        reading.refresh_from_db()
        assert not reading.is_under_way
        read_in_task(begin(reading, leader).pk)
        assert Reading.objects.get().state == ReadingState.DONE

    def test_what_the_job_says_when_it_is_done(self, department, leader, agent):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic(), statistic(number="77")))
        job = begin(reading, leader)
        read_in_task(job.pk)
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == (JobState.DONE, 1, 1)
        assert job.outcome == "New: 1, corrected: 0, as before: 0, left out: 1."
        assert job.outcome_link == f"/d/desk/readings/{reading.pk}/"


def test_a_day_that_was_not_there_when_it_was_shown_is_looked_at_again(department, leader, agent, afternoon):
    reading = kept(department, leader, text(STATISTIC_HEADS, statistic(day=date(2026, 11, 11))))
    clock.move(timedelta(days=1))
    read_in_task(begin(reading, leader).pk)
    assert ServiceStatistic.objects.get().business_date == date(2026, 11, 11)

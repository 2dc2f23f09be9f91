"""What the database sums for the figures, against loops over the same rows; and the rows behind each figure."""

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import connection

from handover.maturity import maturity_of
from handover.metrics import REGISTRY
from handover.models import Attribution, Order, ServiceStatistic
from handover.models import StatisticSource as Source
from handover.pages import metric_rows
from handover.pages.metric_differences import Difference
from handover.pages.metrics import ALL_GROUPS, figures_of
from handover.periods import By, Period, Ripeness
from handover.tallies import PARTS, Basis, Group, Tally, Unit
from office import triggers
from tests.factories import add_person
from tests.handover.metric_facts import DAY, corrected, line, order

NEXT = DAY + timedelta(days=1)
NOVEMBER = Period.around(By.MONTH, DAY)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]
CHAT = {
    "served": 40,
    "closed": 20,
    "enquiries": 30,
    "sales_fen": 90_000,
    "contacting": 50,
    "replied": 48,
    "enquiries_paid": 12,
    "paying": 9,
    "first_replies": 40,
    "first_reply_seconds": 600,
    "rounds": 200,
    "round_seconds": 5_000,
    "rounds_in_time": 190,
    "calls": 4,
    "talk_seconds": 480,
}


def note(person, day=DAY, **counts):
    return line(person, day, Source.MANUAL, **counts)


def of(department, person=None, period=NOVEMBER):
    figures = figures_of(department, period)
    if person is None:
        return figures.department.figure
    return next(one for one in figures.lines if one.membership == person.membership).figure


def recorded(row, at):
    """The line as if it had been recorded then."""
    with triggers.lifted(connection):
        ServiceStatistic.objects.filter(pk=row.pk).update(recorded_at=at)


def difference(department, person, groups=ALL_GROUPS):
    lines = figures_of(department, NOVEMBER, groups=groups).lines
    return next(one for one in lines if one.membership == person.membership).difference


class TestWhichLineCounts:
    def test_the_chat_tools_line_goes_before_the_notebooks_of_the_same_day(self, department, agent):
        note(agent, served=46, closed=27, enquiries=12, sales_fen=100)
        line(agent, **CHAT)
        note(agent, NEXT, served=10, closed=5, enquiries=4, sales_fen=200)
        figure = of(department, agent)
        assert figure("served").text == "50"
        assert figure("enquiries").text == "34"
        assert figure("sales").text == "902.00"
        assert figure("served").sources == ["Chat tool", "Notebook"]
        assert figure("self_counted_conversion").sources == ["Notebook"]
        assert figure("self_counted_conversion").fraction == "32 ÷ 56"
        assert figure("enquiry_conversion").fraction == "12 ÷ 30"

    def test_imported_lines_are_never_self_counted(self, department, agent):
        line(agent, **CHAT)
        assert of(department, agent)("self_counted_conversion").text == "—"

    def test_a_correction_counts_instead_of_what_it_corrects(self, department, agent):
        corrected(line(agent, **CHAT), served=41, enquiries=31, enquiries_paid=13)
        figure = of(department, agent)
        assert figure("served").text == "41"
        assert figure("enquiry_conversion").fraction == "13 ÷ 31"
        assert figure("contacting").text == "—"

    def test_a_line_that_does_not_report_it_is_left_out_with_its_denominator(self, department, agent):
        line(agent, **CHAT)
        line(agent, NEXT, served=10, enquiries=10)
        figure = of(department, agent)("enquiry_conversion")
        assert (figure.fraction, figure.tally.left_out) == ("12 ÷ 30", 1)
        assert of(department, agent)("served").text == "50"

    def test_the_department_is_the_sum_and_not_the_mean(self, department, agent, colleague):
        line(agent, **CHAT)
        line(colleague, served=10, enquiries=10, enquiries_paid=10, rounds=10, round_seconds=1_000)
        figure = of(department)
        assert figure("enquiry_conversion").text == "55.0 %"
        assert figure("mean_response").text == "28.6 s"

    def test_next_door_does_not_count(self, department, agent, stranger):
        line(stranger, **CHAT)
        assert of(department)("served").text == "—"


class TestOrders:
    def test_on_a_day_with_orders_sales_come_from_them_alone(self, department, agent, colleague):
        line(agent, **CHAT)
        line(agent, NEXT, **CHAT)
        order(department, "1", [agent], paid=20_000, refunded=5_000)
        figure = of(department, agent)
        assert figure("sales").text == "1,050.00"
        assert figure("sales").sources == ["Orders", "Chat tool"]
        assert figure("average_order_value").fraction == "1,050.00 ÷ 10"
        assert of(department, colleague)("sales").text == "0.00"

    def test_a_shared_order_counts_in_parts_and_once_for_the_department(self, department, agent, colleague):
        order(department, "1", [(agent, 3_333), (colleague, 6_667)], paid=100)
        assert of(department, agent)("sales").text == "0.33"
        assert of(department, colleague)("sales").text == "0.67"
        assert of(department)("sales").text == "1.00"
        assert of(department)("refund_rate").fraction == "0 ÷ 1"

    def test_a_buyer_counts_once_a_day(self, department, agent):
        for number, (buyer, day) in enumerate([("a", DAY), ("a", DAY), ("b", DAY), ("a", NEXT)]):
            order(department, str(number), [agent], day, buyer=buyer, paid=300)
        assert of(department, agent)("average_order_value").fraction == "12.00 ÷ 3"
        assert of(department)("average_order_value").text == "4.00"

    def test_what_is_nobodys_is_the_departments_and_stands_apart(self, department, agent):
        order(department, "1", [agent], paid=100)
        order(department, "2", paid=300, refunded=300)
        figures = figures_of(department, NOVEMBER)
        assert figures.nobodys.figure("sales").text == "0.00"
        assert figures.nobodys.figure("untagged_rate").fraction == "1 ÷ 1"
        assert figures.department.figure("untagged_rate").text == "50.0 %"
        assert figures.department.figure("refund_rate").fraction == "1 ÷ 2"
        assert figures.department.figure("sales").text == "1.00"

    def test_a_claimed_order_stays_untagged(self, department, agent):
        order(department, "1", [agent], by=Attribution.CLAIMED)
        assert of(department, agent)("untagged_rate").text == "100.0 %"
        assert figures_of(department, NOVEMBER).nobodys is None

    def test_an_order_that_is_not_paid_is_no_sale(self, department, agent):
        order(department, "1", [agent], paid_at=None)
        figure = of(department, agent)
        assert figure("sales").text == "0.00"
        assert figure("refund_rate").text == "—"

    def test_the_own_order_value_against_that_of_all_agents(self, department, agent, colleague):
        order(department, "1", [agent], buyer="a", paid=300)
        order(department, "2", [colleague], buyer="b", paid=100)
        assert of(department, agent)("relative_order_value").text == "1.50"
        assert of(department)("relative_order_value").text == "1.00"

    def test_a_buyer_of_several_agents_pulls_nobody_down(self, department, agent, colleague):
        order(department, "1", [agent, colleague], buyer="a", paid=300)
        order(department, "2", [agent, colleague], buyer="b", paid=100)
        order(department, "3", buyer="c", paid=90_000)
        assert of(department, agent)("relative_order_value").text == "1.00"
        assert of(department, colleague)("relative_order_value").text == "1.00"
        assert of(department)("relative_order_value").fraction == "4.00 ÷ 4"
        assert figures_of(department, NOVEMBER).nobodys.figure("relative_order_value").text == "—"

    def test_what_was_placed_without_asking_is_untagged_for_nobody(self, department, agent, colleague):
        order(department, "1", [agent, colleague], by=Attribution.AUTO)
        order(department, "2", [agent])
        order(department, "3")
        assert of(department, agent)("untagged_rate").fraction == "0 ÷ 2"
        assert of(department)("untagged_rate").fraction == "1 ÷ 3"
        assert of(department, colleague)("without_asking").text == "1"
        assert of(department)("without_asking").text == "1"


class TestMaturity:
    """Today is the 10th; the three-shift desk's enquiries are settled after 3 days."""

    def test_a_conversion_is_settled_when_the_days_have_passed(self, department, agent):
        line(agent, date(2026, 11, 6), **CHAT)
        assert not of(department, agent)("enquiry_conversion").is_unsettled
        line(agent, date(2026, 11, 7), **CHAT)
        assert of(department, agent)("enquiry_conversion").is_unsettled
        assert of(department)("enquiry_conversion").tally.unsettled == 1
        assert not of(department, agent)("reply_rate").is_unsettled

    def test_what_was_read_in_before_that_stays_open_until_it_is_read_in_again(self, department, agent, wall):
        early = line(agent, DAY, **CHAT)
        late = line(agent, NEXT, **CHAT)
        recorded(early, wall("2026-11-06 23:59"))
        recorded(late, wall("2026-11-08 00:00"))
        tally = of(department, agent)("enquiry_conversion").tally
        assert (tally.unsettled, tally.early) == (1, 1)
        assert (tally.settled_top, tally.settled_bottom) == (12, 30)
        assert of(department)("enquiry_conversion").tally == tally
        recorded(corrected(early, **CHAT), wall("2026-11-07 00:00"))
        tally = of(department, agent)("enquiry_conversion").tally
        assert (tally.unsettled, tally.settled_bottom) == (0, 60)

    def test_a_day_of_the_chart_is_open_with_its_line(self, department, agent, wall):
        recorded(line(agent, DAY, **CHAT), wall("2026-11-03 21:00"))
        days = figures_of(department, NOVEMBER, agent.membership.pk).days
        assert days[DAY]["enquiry_conversion"].early == 1

    def test_each_line_says_the_same_as_the_sum(self, department, agent, wall):
        zone = department.zone
        for number in range(1, 11):
            day = date(2026, 11, number)
            for hour in (0, 23):
                row = line(add_person(department), day, **CHAT)
                recorded(
                    row, wall(f"2026-11-10 {hour:02}:59") if number % 2 else wall(f"2026-11-{number:02} {hour:02}:59")
                )
        maturity = maturity_of(department, NOVEMBER.days)
        rows = ServiceStatistic.objects.all()
        ripe = [maturity.ripeness(row.business_date, row.recorded_at.astimezone(zone).date()) for row in rows]
        tally = of(department)("enquiry_conversion").tally
        assert tally.unsettled == sum(one != Ripeness.SETTLED for one in ripe)
        assert tally.early == ripe.count(Ripeness.EARLY) > 0

    def test_the_days_are_the_rulebooks(self, changed_department):
        person = add_person(changed_department, work_number="1")
        line(person, date(2026, 11, 4), **CHAT)
        assert of(changed_department, person)("enquiry_conversion").is_unsettled
        line(person, date(2026, 11, 3), **CHAT)
        assert of(changed_department, person)("enquiry_conversion").tally.unsettled == 1


class TestDifferences:
    def test_what_a_count_comes_to_and_on_how_many_days_it_differs(self, department, agent):
        line(agent, **CHAT)
        note(agent, served=43, closed=20, enquiries=29)
        line(agent, NEXT, **CHAT)
        note(agent, NEXT, served=40, closed=20, enquiries=32)
        mine = difference(department, agent)
        assert (mine.both, mine.days) == (2, 2)
        assert mine.net == {"served": 3, "enquiries": 1}
        assert figures_of(department, NOVEMBER).department.difference == mine

    def test_only_days_that_both_have_are_compared(self, department, agent):
        line(agent, **CHAT)
        note(agent, NEXT, served=43)
        found = figures_of(department, NOVEMBER).department.difference
        assert (found.both, found.days, found.net) == (0, 0, {})

    def test_the_same_counts_are_no_difference(self, department, agent):
        line(agent, served=4, closed=1, enquiries=2)
        note(agent, served=4, closed=1, enquiries=2)
        found = figures_of(department, NOVEMBER).department.difference
        assert (found.both, found.days) == (1, 0)

    def test_noted_sales_are_held_against_the_orders(self, department, agent, colleague):
        note(agent, sales_fen=12_000)
        note(colleague, sales_fen=3_000)
        note(agent, NEXT, sales_fen=500)
        order(department, "1", [(agent, 5_000), (colleague, 5_000)], paid=20_000, refunded=4_000)
        order(department, "2", [agent], paid=9_900, paid_at=None)
        sales = [Group.SALES]
        assert difference(department, agent, sales) == Difference(1, 1, {"sales_fen": 4_000})
        assert difference(department, colleague, sales) == Difference(1, 1, {"sales_fen": -5_000})
        assert figures_of(department, NOVEMBER, groups=sales).department.difference.net == {"sales_fen": -1_000}

    def test_somebody_without_orders_on_a_day_with_orders_is_compared_too(self, department, agent):
        note(agent, sales_fen=12_000)
        order(department, "1")
        assert difference(department, agent, [Group.SALES]).net == {"sales_fen": 12_000}


# -- Against loops ----------------------------------------------------------------------------------------------------
def some_facts(department, people, seed):
    """Lines of both sources, some corrected and some with gaps, and orders of all kinds."""
    chance = random.Random(seed)

    def counts():
        given = {name: chance.randint(0, 90) for name in ("contacting", "served", "rounds", "calls", "first_replies")}
        given |= {name: chance.randint(0, 900) for name in ("first_reply_seconds", "round_seconds", "talk_seconds")}
        given |= {"replied": chance.randint(0, given["contacting"]), "sales_fen": chance.randint(0, 9999)}
        given |= {name: chance.randint(0, given["served"]) for name in ("closed", "enquiries")}
        given |= {"enquiries_paid": chance.randint(0, given["enquiries"]), "paying": chance.randint(0, 5)}
        given["rounds_in_time"] = chance.randint(0, given["rounds"])
        keep = {"served", "closed", "enquiries", "sales_fen"}
        return {name: n for name, n in given.items() if name in keep or chance.random() < 0.8 or name == "rounds"}

    days = [DAY + timedelta(days=number) for number in range(7)]
    for person in people:
        for day in days:
            for source in Source:
                if chance.random() < 0.6:
                    row = line(person, day, source, **counts())
                    if chance.random() < 0.3:
                        corrected(row, **counts())
    for number in range(40):
        share = [[], [people[0]], [people[1]], [(people[0], 2_501), (people[1], 7_499)]][chance.randrange(4)]
        paid = chance.randint(0, 5_000)
        order(
            department,
            str(number),
            share,
            chance.choice(days[:4]),
            paid=paid,
            refunded=chance.choice([0, 0, paid]),
            buyer=chance.choice("abc"),
            by=chance.choice([Attribution.TAGGED, Attribution.CLAIMED, Attribution.AUTO]) if share else None,
            **({} if chance.random() < 0.8 else {"paid_at": None, "paid_fen": 0, "refunded_fen": 0}),
        )


def counts_in(name, one) -> bool:
    by = one.attribution
    return {
        "refunded": one.refunded_fen > 0,
        "untagged": by in (Attribution.NONE, Attribution.CLAIMED, Attribution.DECIDED),
        "auto": by == Attribution.AUTO,
    }[name]


OF_FACTS = [metric for metric in REGISTRY.values() if metric.basis not in (Basis.SHIFTS, Basis.ITEMS)]


def slow_tally(metric, people, first, last, *, everybody) -> tuple[Fraction, int, int]:
    """Numerator, denominator and number of rows, by looking at every row."""
    members = [person.membership.pk for person in people]
    top, bottom, rows, buyers = Fraction(0), 0, 0, set()
    orders = [one for one in Order.objects.prefetch_related("shares") if first <= one.business_date <= last]
    covered = {one.business_date for one in orders}
    imported = {(one.membership_id, one.business_date) for one in ServiceStatistic.objects.filter(source="imported")}
    for one in ServiceStatistic.objects.filter(superseded_by=None, membership__in=members):
        if not first <= one.business_date <= last or metric.basis == Basis.ORDERS:
            continue
        is_chat = one.source == "imported"
        if (metric.basis == Basis.NOTEBOOK and is_chat) or (metric.basis == Basis.CHAT and not is_chat):
            continue
        if metric.basis in (Basis.EITHER, Basis.SALES):
            if not is_chat and (one.membership_id, one.business_date) in imported:
                continue
            if metric.basis == Basis.SALES and one.business_date in covered:
                continue
        values = [getattr(one, name) for name in (metric.top, metric.bottom) if name]
        if None in values:
            continue
        rows += 1
        top += values[0]
        bottom += values[1] if metric.bottom else 0
    for one in orders:
        parts = sum(share.parts for share in one.shares.all() if share.membership_id in members)
        if metric.basis not in (Basis.ORDERS, Basis.SALES) or one.paid_at is None or not (parts or everybody):
            continue
        rows += 1
        buyers.add((one.business_date, one.buyer))
        if metric.basis == Basis.SALES:
            top += Fraction((one.paid_fen - one.refunded_fen) * (PARTS if everybody else parts), PARTS)
        else:
            top += counts_in(metric.top, one)
            bottom += 1 if metric.bottom else 0
    return top, bottom + (len(buyers) if metric.bottom == "paying" else 0), rows


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_those_of_the_rows(department, agent, colleague, seed):
    people = [agent, colleague]
    some_facts(department, people, seed)
    week = Period.around(By.WEEK, DAY)
    figures = figures_of(department, week, agent.membership.pk)
    of_member = {one.membership.pk: one for one in figures.lines}
    for metric in OF_FACTS:
        for person in people:
            _same(of_member[person.membership.pk].sums, metric, [person], week, everybody=False)
        if metric.unit != Unit.RATIO:
            _same(figures.department.sums, metric, people, week, everybody=True)
        for day, sums in figures.days.items():
            _same(sums, metric, [agent], Period(By.DAY, day, day), everybody=False)
    for day, sums in figures_of(department, week).days.items():
        for metric in OF_FACTS:
            _same(sums, metric, people, Period(By.DAY, day, day), everybody=True)


def _same(sums, metric, people, period, *, everybody):
    tally = sums.get(metric.name, Tally())
    top, bottom, rows = slow_tally(metric, people, period.first, period.last, everybody=everybody)
    got = (Fraction(tally.top, metric.parts), tally.bottom, tally.rows)
    assert got == (top, bottom, rows), (metric.name, period)


@pytest.mark.parametrize("seed", range(4))
def test_the_rows_behind_a_figure_come_to_it(department, agent, colleague, seed):
    people = [agent, colleague]
    some_facts(department, people, seed)
    figures = figures_of(department, NOVEMBER)
    days = (NOVEMBER.first, NOVEMBER.last)
    for line_of in [*figures.lines, figures.department, figures.nobodys]:
        for metric in OF_FACTS:
            if metric.unit == Unit.RATIO and line_of.membership is None:
                continue
            nobodys = line_of is figures.nobodys
            asked = metric_rows.Asked(department, metric, *days, line_of.membership, nobodys)
            lines, orders = list(metric_rows.lines(asked)), list(metric_rows.orders(asked))
            tally = line_of.sums.get(metric.name, Tally())
            assert len(lines) + len(orders) == tally.rows
            if metric.basis != Basis.ORDERS:
                top = sum(getattr(one, metric.top) for one in lines) * metric.parts + sum(one.net for one in orders)
                assert top == tally.top
            assert metric_rows.line_sums(metric, metric_rows.lines(asked))[0] == len(lines)
            found = metric_rows.order_sums(metric, metric_rows.orders(asked))
            assert found.rows == len(orders)
            if metric.basis == Basis.ORDERS:
                assert metric_rows.orders(asked, counted_only=True).count() == found.counted == tally.top

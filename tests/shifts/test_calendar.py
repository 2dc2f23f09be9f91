"""The business calendar: seeded, edited, and honest about years that nobody knows yet."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shifts.models import CalendarDay, DayKind
from shifts.pages.calendar import year_page
from shifts.pages.month import calendar_of
from shifts.services import calendar as services

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def seeded(department, supervisor):
    services.seed_year(department=department, year=2026, actor=supervisor)


def span(first, last):
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def days_of(department, first, last):
    return calendar_of(department, span(first, last))[0]


def unknown_years(department, first, last):
    return calendar_of(department, span(first, last))[1]


def known(department, year):
    return not unknown_years(department, date(year, 1, 1), date(year, 12, 31))


def set_day(department, actor, **changes):
    facts = {"day": date(2026, 11, 11), "kind": DayKind.WORKDAY, "name": "", "is_promotion": False, "headcounts": {}}
    return services.set_day(department=department, actor=actor, **(facts | changes))


class TestSeeding:
    def test_knows_holidays_and_the_days_worked_in_exchange(self, department, seeded):
        days = days_of(department, date(2026, 10, 1), date(2026, 10, 31))
        assert days[date(2026, 10, 1)].kind == DayKind.HOLIDAY
        assert days[date(2026, 10, 1)].name == {"zh-Hans": "国庆节", "en": "National Day"}
        assert days[date(2026, 10, 10)].kind == DayKind.MAKE_UP
        assert date(2026, 10, 20) not in days
        assert known(department, 2026)

    def test_refuses_a_year_without_data_and_guesses_nothing(self, department, supervisor):
        with pytest.raises(ValidationError) as refused:
            services.seed_year(department=department, year=2027, actor=supervisor)
        assert refused.value.code == "no_data"
        assert not CalendarDay.objects.exists()
        assert not known(department, 2027)

    def test_twice_adds_nothing_and_keeps_what_was_edited(self, department, supervisor, seeded):
        set_day(department, supervisor, day=date(2026, 10, 1), kind=DayKind.WORKDAY, name="Open day")
        assert services.seed_year(department=department, year=2026, actor=supervisor) == 0
        assert days_of(department, date(2026, 10, 1), date(2026, 10, 1))[date(2026, 10, 1)].kind == DayKind.WORKDAY

    def test_is_each_departments_own(self, other_department, seeded):
        assert not known(other_department, 2026)

    @pytest.mark.parametrize("year", [0, 1999, 2101, 99999])
    def test_has_no_such_year(self, department, supervisor, year):
        with pytest.raises(ValidationError) as refused:
            services.know_year(department=department, year=year, actor=supervisor)
        assert refused.value.code == "no_such_year"


class TestADay:
    def test_of_great_sales_has_headcounts_of_its_own(self, department, supervisor, rulebook):
        code = rulebook.shifts[0].code
        set_day(department, supervisor, is_promotion=True, name="双11", headcounts={code: (6, 4)})
        found = days_of(department, date(2026, 11, 1), date(2026, 11, 30))[date(2026, 11, 11)]
        assert (found.is_promotion, found.headcounts, found.words) == (True, {code: [6, 4]}, "双11")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"kind": "feast"}, "unknown_kind"),
            ({"name": "x" * 61}, "too_long"),
            ({"headcounts": {"D": (1, 2)}}, "bad_headcount"),
            ({"headcounts": {"D": (-1, -1)}}, "bad_headcount"),
            ({"headcounts": {"D": (1001, 0)}}, "bad_headcount"),
            ({"day": date(1999, 1, 1)}, "no_such_year"),
        ],
    )
    def test_is_refused_when_it_cannot_be(self, department, supervisor, changes, code):
        with pytest.raises(ValidationError) as refused:
            set_day(department, supervisor, **changes)
        assert refused.value.code == code
        assert not CalendarDay.objects.exists()

    def test_that_is_only_given_headcounts_keeps_its_two_names(self, department, supervisor, seeded):
        set_day(department, supervisor, day=date(2026, 10, 1), kind=DayKind.HOLIDAY, name="国庆节")
        assert CalendarDay.objects.get(day=date(2026, 10, 1)).name["en"] == "National Day"

    def test_can_be_forgotten(self, department, supervisor):
        set_day(department, supervisor)
        assert services.forget_day(department=department, day=date(2026, 11, 11), actor=supervisor)
        assert not services.forget_day(department=department, day=date(2026, 11, 11), actor=supervisor)

    def test_is_a_weekend_by_its_weekday_alone(self):
        assert services.usual_kind(date(2026, 11, 14)) == DayKind.WEEKEND
        assert services.usual_kind(date(2026, 11, 13)) == DayKind.WORKDAY


def test_years_that_are_not_known_are_named(department, seeded):
    assert unknown_years(department, date(2026, 12, 28), date(2027, 1, 3)) == [2027]


def test_a_year_is_laid_out_in_whole_weeks_from_monday():
    months = year_page({}, 2026)
    assert len(months) == 12
    days = [square.day for _month, weeks in months for week in weeks for square in week if square.day]
    assert days == [date.fromordinal(date(2026, 1, 1).toordinal() + at) for at in range(365)]
    assert all(len(week) == 7 for _month, weeks in months for week in weeks)


class TestPages:
    def address(self, department, name="calendar", **kwargs):
        return reverse(f"shifts:{name}", kwargs={"code": department.code, **kwargs})

    def test_say_that_a_year_is_not_known(self, department, supervisor, agent, client_of):
        html = client_of(agent).get(self.address(department, year=2027)).content.decode()
        assert "not known yet" in html
        assert "Take over" not in html
        html = client_of(supervisor).get(self.address(department, year=2026)).content.decode()
        assert "Take over the public holidays" in html

    def test_show_each_day_by_the_sign_that_the_roster_has_for_it(self, department, agent, client_of):
        add = CalendarDay.objects.create
        add(department=department, day=date(2026, 11, 11), kind=DayKind.WORKDAY, is_promotion=True)
        add(department=department, day=date(2026, 11, 12), kind=DayKind.HOLIDAY)
        add(department=department, day=date(2026, 11, 14), kind=DayKind.MAKE_UP)
        html = client_of(agent).get(self.address(department, year=2026)).content.decode()
        roster = client_of(agent).get(self.address(department, "roster", month="2026-11")).content.decode()
        for sign in ("sale", "hol", "work"):
            assert f"<sup>{sign}</sup>" in html
            assert f"<u>{sign}</u>" in roster
        assert "Promotion day" in html
        assert "Promotion day" in roster

    def test_seed_a_year_with_one_button(self, department, supervisor, client_of):
        answer = client_of(supervisor).post(self.address(department, "calendar_seed", year=2026), follow=True)
        assert "National Day" in answer.content.decode()
        answer = client_of(supervisor).post(self.address(department, "calendar_seed", year=2027), follow=True)
        assert "not known here yet" in answer.content.decode()
        client_of(supervisor).post(self.address(department, "calendar_known", year=2027))
        assert known(department, 2027)

    def test_write_a_day_and_take_it_back(self, department, supervisor, rulebook, client_of):
        client, code = client_of(supervisor), rulebook.shifts[0].code
        data = {"day": "2026-11-11", "kind": "workday", "name": "双11", "is_promotion": "on"}
        data |= {f"wanted_{code}": "6", f"minimum_{code}": "4"}
        assert client.post(self.address(department, "calendar_day"), data).status_code == 302
        assert CalendarDay.objects.get().headcounts == {code: [6, 4]}
        html = client.get(self.address(department, "calendar_day") + "?day=2026-11-11").content.decode()
        assert 'value="6"' in html
        assert client.post(self.address(department, "calendar_day_forget"), {"day": "2026-11-11"}).status_code == 302
        assert not CalendarDay.objects.exists()

    @pytest.mark.parametrize(("day", "kind"), [("2026-11-11", DayKind.WORKDAY), ("2026-12-12", DayKind.WEEKEND)])
    def test_a_sales_day_is_no_holiday_unless_one_says_so(self, department, supervisor, rulebook, client_of, day, kind):
        client = client_of(supervisor)
        fresh = client.get(self.address(department, "calendar_day")).context["form"]
        assert not fresh["kind"].value()
        client.post(self.address(department, "calendar_day"), {"day": day, "kind": "", "is_promotion": "on"})
        assert CalendarDay.objects.get().kind == kind

    @pytest.mark.parametrize(
        "wrong",
        [{"day": "soon"}, {"kind": "feast"}, {"name": "x" * 61}, {"wanted": "-1"}, {"minimum": "9"}, {"day": ""}],
    )
    def test_refuse_what_cannot_be_and_keep_what_was_typed(self, department, supervisor, rulebook, client_of, wrong):
        code = rulebook.shifts[0].code
        data = {"day": "2026-11-11", "kind": "workday", "name": "great", "wanted": "2", "minimum": "1"} | wrong
        data[f"wanted_{code}"], data[f"minimum_{code}"] = data.pop("wanted"), data.pop("minimum")
        answer = client_of(supervisor).post(self.address(department, "calendar_day"), data)
        assert answer.status_code == 422
        assert data["name"] in answer.content.decode()
        assert not CalendarDay.objects.exists()

    @pytest.mark.parametrize(
        ("name", "kwargs"),
        [("calendar_seed", {"year": 2026}), ("calendar_known", {"year": 2026}), ("calendar_day", {})],
    )
    def test_are_written_by_who_edits_the_roster(self, department, agent, stranger, client_of, name, kwargs):
        assert client_of(agent).post(self.address(department, name, **kwargs)).status_code == 403
        assert client_of(stranger).post(self.address(department, name, **kwargs)).status_code == 404

    def test_know_years_of_this_age_only(self, department, supervisor, client_of):
        assert client_of(supervisor).get(self.address(department, year=1999)).status_code == 404
        answer = client_of(supervisor).post(self.address(department, "calendar_day_forget"), {"day": "soon"})
        assert answer.status_code == 404

    def test_list_special_days_by_month(self, department, supervisor, client_of):
        services.seed_year(department=department, year=2026, actor=supervisor)
        specials = client_of(supervisor).get(self.address(department, year=2026)).context["specials"]
        assert [str(month) for month, _days in specials] == sorted({str(month) for month, _days in specials})
        assert all(day in month for month, days in specials for day, _special in days)
        assert sum(len(days) for _month, days in specials) == CalendarDay.objects.count()

    def test_cost_the_same_for_any_number_of_days(self, department, supervisor, client_of):
        def queries():
            with CaptureQueriesContext(connection) as asked:
                assert client_of(supervisor).get(self.address(department, year=2026)).status_code == 200
            return len(asked)

        queries()
        few = queries()
        services.seed_year(department=department, year=2026, actor=supervisor)
        assert queries() == few

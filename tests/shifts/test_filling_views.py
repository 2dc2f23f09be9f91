"""The page that fills a month: it is looked at first, then painted at once; what must stay, stays and is said."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from office.models import AuditEntry
from office.months import Month
from people.models import Membership
from rulebooks.services import _load
from shifts import services
from shifts.models import Assignment, Roster
from shifts.pages.filling import CARRIES
from tests.factories import add_person
from tests.shifts.conftest import NOVEMBER
from tests.shifts.handing_in import shown_edits

pytestmark = pytest.mark.django_db
DECEMBER = Month(2026, 12)
# Other sources than a typed pattern.
KNOWN_SOURCES = ("pattern-two-two-two", *CARRIES)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


def url(department, month=NOVEMBER):
    return reverse("shifts:roster_fill", kwargs={"code": department.code, "month": month})


def ask(client, department, *people, month=NOVEMBER, places=(), **wish):
    data = {
        "source": "typed",
        "cycle": "" if wish.get("source") in KNOWN_SOURCES else "D D N N X X",
        "first_day": month.first.isoformat(),
        "last_day": month.last.isoformat(),
        "agents": [person.membership.pk for person in people],
        **{f"place_{person.membership.pk}": place for person, place in zip(people, places, strict=False)},
        **wish,
    }
    return client.post(url(department, month), data)


def take(client, department, looked_at, month=NOVEMBER):
    return client.post(url(department, month), {"edits": shown_edits(looked_at)})


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def line(person, month=NOVEMBER):
    rows = Assignment.objects.draft().between(month.first, month.last).filter(membership=person.membership)
    codes = dict(rows.values_list("business_date", "code"))
    return "".join(codes.get(day, ".") for day in month.days())


def test_the_page_offers_the_rulebooks_patterns(department, agent, supervisor, client_of):
    html = client_of(supervisor).get(url(department)).content.decode()
    assert "Two days, nights" in html or "Two days, two nights, two off" in html
    assert agent.name in html


def test_a_pattern_is_shown_first_and_then_painted_at_once(department, agent, colleague, leader, supervisor, client_of):
    client = client_of(supervisor)
    looked_at = ask(client, department, agent, colleague, leader)
    assert looked_at.status_code == 200
    assert not Assignment.objects.exists()
    assert take(client, department, looked_at).status_code == 302
    # By work number: 01, 02, 07, two places apart.
    assert line(leader)[:6] == "DDNNXX"
    assert line(colleague)[:6] == "NNXXDD"
    assert line(agent)[:6] == "XXDDNN"
    assert Roster.objects.get().edits == 1
    assert AuditEntry.objects.filter(action="shifts.roster.painted").count() == 1


def test_a_preset_of_the_rulebook(department, agent, supervisor, client_of):
    client = client_of(supervisor)
    take(client, department, ask(client, department, agent, source="pattern-two-two-two"))
    assert line(agent) == "DDNNXX" * 5


def test_places_can_be_chosen_and_stay_on_the_page(department, agent, colleague, supervisor, client_of):
    client = client_of(supervisor)
    looked_at = ask(client, department, colleague, agent, places=["1", "2"])
    assert f'name="place_{agent.membership.pk}" value="2"' in looked_at.content.decode()
    take(client, department, looked_at)
    assert line(agent)[:6] == "DNNXXD"


def test_a_pattern_may_be_typed_in_marks_of_either_language(department, agent, supervisor, client_of):
    client = client_of(supervisor)
    take(client, department, ask(client, department, agent, cycle="白白晚休"))
    assert line(agent)[:8] == "DDNXDDNX"


def test_a_typed_pattern_is_not_passed_over_for_another_that_is_chosen(department, agent, supervisor, client_of):
    response = ask(client_of(supervisor), department, agent, source="pattern-two-two-two", cycle="D D X")
    assert response.status_code == 422
    assert "cycle" in response.context["form"].errors
    assert 'value="D D X"' in response.content.decode()


def test_rules_that_would_be_broken_are_said_with_their_days(department, agent, supervisor, paint, client_of):
    response = ask(client_of(supervisor), department, agent, cycle="D", first_day="2026-11-03", last_day="2026-11-10")
    days = [days for _blocks, days, text in response.context["breaches"] if text.startswith(agent.name)]
    assert days
    assert all(day.startswith("11-") for day in days)


def test_a_pattern_of_weeks_begins_on_a_monday(department, agent, supervisor, client_of):
    client = client_of(supervisor)
    # The first is a Sunday.
    take(client, department, ask(client, department, agent, cycle="D D D D D X N", by_weeks="on"))
    assert line(agent)[:8] == "NDDDDDXN"


def test_planned_days_stay_unless_one_says_otherwise(department, agent, supervisor, paint, client_of):
    paint((agent, 3, "R"))
    client = client_of(supervisor)
    looked_at = ask(client, department, agent, cycle="D")
    assert "Planned already, and stays: 1 shift." in text_of(looked_at)
    take(client, department, looked_at)
    assert line(agent)[2] == "R"
    take(client, department, ask(client, department, agent, cycle="N", overwrite="on"))
    assert set(line(agent)) == {"N"}


def test_past_and_published_days_stay_and_are_said(department, agent, supervisor, paint, publish, client_of, at):
    paint((agent, 3, "R"))
    publish()
    with at("2026-11-10 12:00"):
        client = client_of(supervisor)
        looked_at = ask(client, department, agent, cycle="D", overwrite="on")
        assert "9 days are past and published" in looked_at.content.decode()
        take(client, department, looked_at)
        assert line(agent) == "..R......" + "D" * 21


def test_nobody_is_planned_before_joining(department, supervisor, client_of):
    newcomer = add_person(department, from_day=date(2026, 11, 11))
    client = client_of(supervisor)
    looked_at = ask(client, department, newcomer, cycle="D")
    assert "10 days lie before joining" in looked_at.content.decode()
    take(client, department, looked_at)
    assert line(newcomer) == "." * 10 + "D" * 20


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # November has 30 days, five whole cycles: December begins with the first again.
        ("on", "DDNNXX" * 5 + "D"),
        # Four weeks are no multiple of six.
        ("weekday", ("DDNNXX" * 5)[2:30] + ("DDNNXX" * 5)[2:5]),
        ("date", "DDNNXX" * 5 + "."),
    ],
)
def test_december_goes_on_from_november(department, agent, supervisor, client_of, source, expected):
    client = client_of(supervisor)
    take(client, department, ask(client, department, agent))
    take(client, department, ask(client, department, agent, month=DECEMBER, source=source), DECEMBER)
    assert line(agent, DECEMBER) == expected


def test_of_whom_nothing_goes_on_is_named(department, agent, supervisor, client_of):
    response = ask(client_of(supervisor), department, agent, source="on")
    assert response.status_code == 200
    assert f"Nothing to go on with was found for: {agent.name}" in " ".join(response.content.decode().split())


def test_breaches_are_shown_before_anything_is_written(department, agent, supervisor, rulebook, client_of):
    assert rulebook.working_time.consecutive_days
    response = ask(client_of(supervisor), department, agent, cycle="N")
    assert "Rules that this would newly break" in response.content.decode()
    assert not Assignment.objects.exists()


def test_what_is_set_and_what_stays_is_counted_by_shifts_and_rest_days(department, agent, supervisor, paint, client_of):
    # The first three are what the pattern wants, too: they are planned all the same.
    paint((agent, 1, "D"), (agent, 2, "D"), (agent, 6, "X"), (agent, 9, "X"))
    response = ask(client_of(supervisor), department, agent, last_day="2026-11-12")
    shown = text_of(response)
    assert "8 cells would be set" in shown
    assert "5 shifts, 3 rest days" in shown
    assert "Planned already, and stay: 2 shifts, 2 rest days." in shown


def test_the_page_says_that_only_new_breaches_are_named(department, agent, supervisor, paint, client_of):
    paint((agent, 3, "N"), (agent, 4, "D"))
    wish = {"cycle": "N", "first_day": "2026-11-20", "last_day": "2026-11-29"}
    response = ask(client_of(supervisor), department, agent, **wish)
    assert not [text for _blocks, days, text in response.context["breaches"] if days.startswith("11-04")]
    assert "What the plan breaks already is not named here." in text_of(response)


def test_what_changed_meanwhile_comes_back(department, agent, supervisor, paint, client_of):
    client = client_of(supervisor)
    looked_at = ask(client, department, agent, cycle="D")
    paint((agent, 5, "N"))
    response = take(client, department, looked_at)
    assert response.status_code == 200
    assert "changed by somebody else" in response.content.decode()
    assert line(agent) == "DDDDN" + "D" * 25


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"cycle": ""}, "Type the pattern"),
        ({"cycle": "D Q"}, "“Q” is no shift"),
        ({"cycle": "D " * 63}, "at most 62"),
        ({"source": "pattern-unheard-of"}, "valid choice"),
        ({"source": ""}, "required"),
        ({"first_day": "2026-10-31"}, "not in the month"),
        ({"last_day": "2026-12-01"}, "not in the month"),
        ({"first_day": "2026-11-20", "last_day": "2026-11-10"}, "before the first"),
        ({"first_day": "tomorrow"}, "valid date"),
        ({"agents": []}, "at least one person"),
        ({"agents": ["999999", "x", "-1"]}, "at least one person"),
    ],
    ids=str,
)
def test_a_wish_that_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(
    department, agent, supervisor, client_of, wish, words
):
    response = ask(client_of(supervisor), department, agent, **wish)
    assert response.status_code == 422
    html = response.content.decode()
    assert words in html
    assert wish.get("cycle", "D D N N X X").strip() in html
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("place", ["0", "7", "x", "99999"])
def test_a_place_outside_the_pattern_is_refused(department, agent, supervisor, client_of, place):
    response = ask(client_of(supervisor), department, agent, places=[place])
    assert response.status_code == 422
    assert "from 1 to 6" in response.content.decode()


def test_leave_is_no_part_of_a_pattern(department, agent, supervisor, rulebook, client_of):
    response = ask(client_of(supervisor), department, agent, cycle=f"D {rulebook.leave.kinds[0].code}")
    assert response.status_code == 422


def test_a_locked_month_takes_nothing(department, agent, supervisor, client_of):
    roster = services.roster_of(department, NOVEMBER)
    Roster.objects.filter(pk=roster.pk).update(locked_at="2026-10-24T00:00:00Z")
    assert ask(client_of(supervisor), department, agent).status_code == 422


def test_a_month_without_a_rulebook_says_so(department, agent, supervisor, client_of):
    Membership.objects.filter(pk=agent.membership.pk).update(from_day=date(2025, 1, 1))
    client = client_of(supervisor)
    assert client.get(url(department, Month(2025, 12))).status_code == 200
    response = ask(client, department, agent, month=Month(2025, 12))
    assert response.status_code == 422
    assert "No rulebook" in response.content.decode()


def test_too_many_cells_at_once_are_refused(department, supervisor, client_of):
    crew = [add_person(department) for _ in range(240)]
    response = ask(client_of(supervisor), department, *crew, cycle="D")
    assert response.status_code == 422
    assert "7200 cells would change" in response.content.decode()


def test_strangers_find_nothing_and_colleagues_may_not(department, agent, colleague, stranger, client_of):
    assert client_of(stranger).get(url(department)).status_code == 404
    assert client_of(colleague).get(url(department)).status_code == 403
    assert ask(client_of(colleague), department, agent).status_code == 403


@pytest.mark.parametrize("posts", [False, True])
def test_it_costs_as_many_queries_for_thirty_people_as_for_one(department, supervisor, client_of, posts):
    client, counts, crew = client_of(supervisor), [], []
    for people in (1, 29):
        crew += [add_person(department) for _ in range(people)]
        days = {"first_day": "2026-11-02", "last_day": "2026-11-08"}
        _load.cache_clear()
        with CaptureQueriesContext(connection) as queries:
            answer = ask(client, department, *crew, **days) if posts else client.get(url(department))
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]

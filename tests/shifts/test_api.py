"""Programs of a department: presence, clocking in and out, who is on duty; and everything that they send wrong."""

import itertools
import json
from datetime import timedelta

import pytest
from django.test import Client

from config import api
from handover.models import HandoverItem
from handover.services import write_item
from office import clock
from people.services.tokens import make_token, revoke_token
from shifts import services
from shifts.models import Attendance, ExtensionSegment, PresenceReport
from tests.factories import add_person

pytestmark = pytest.mark.django_db

PRESENCE, CLOCK, ON_DUTY = "/api/v1/presence", "/api/v1/clock", "/api/v1/on-duty"


@pytest.fixture(autouse=True)
def counted_anew():
    api.cache.clear()


@pytest.fixture
def made(department, owner):
    return make_token(actor=owner, department=department, name="terminal")


@pytest.fixture
def program(made):
    return Program(made.secret)


class Program:
    """A client of the department's: sends JSON with its token."""

    def __init__(self, secret, language="en"):
        self.client = Client(headers={"authorization": f"Bearer {secret}", "accept-language": language})

    def post(self, address, **body):
        return self.client.post(address, json.dumps(body), content_type="application/json")

    def raw(self, body, address=PRESENCE):
        return self.client.post(address, body, content_type="application/json")

    def get(self, address):
        return self.client.get(address)


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def test_a_presence_report_is_recorded_as_the_programs(program, night_shift, at):
    with at("2026-11-10 18:00"):
        answer = program.post(PRESENCE, work_number="07", open_customers=3)
    assert (answer.status_code, answer.json()["open_customers"]) == (200, 3)
    report = PresenceReport.objects.get()
    assert (report.open_customers, report.source) == (3, "api")


def test_an_extension_that_the_program_proves_says_so(program, night_shift, at, wall):
    with at("2026-11-11 00:58"):
        program.post(PRESENCE, work_number="07", open_customers=2)
    with at("2026-11-11 01:10"):
        program.post(PRESENCE, work_number="07", open_customers=0)
    segment = ExtensionSegment.objects.get()
    assert (segment.ends_at, segment.source, segment.confirmed) == (wall("2026-11-11 01:10"), "api", True)


def test_the_same_report_sent_twice_is_recorded_once(program, night_shift, at):
    report = {"work_number": "07", "open_customers": 3, "at": "2026-11-10T17:59:30+08:00"}
    with at("2026-11-10 18:00"):
        assert [program.post(PRESENCE, **report).status_code for _twice in range(2)] == [200, 200]
        later = report | {"at": "2026-11-10T17:59:50+08:00", "open_customers": 1}
        assert program.post(PRESENCE, **later).status_code == 200
        assert program.post(PRESENCE, **report).status_code == 200
    assert PresenceReport.objects.count() == 2
    night_shift.refresh_from_db()
    assert night_shift.open_customers == 1


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-10T18:05:00+08:00", (422, "in_future")),
        ("2026-11-10T16:54:59+08:00", (422, "before_clock_in")),
        ("2026-11-10T17:20:00+08:00", (409, "out_of_order")),
        ("2026-11-10T18:00:00", (422, "unfit")),
        ("0001-01-01T00:00:00+14:00", (422, "before_clock_in")),
        ("9999-12-31T23:59:59-12:00", (422, "in_future")),
        ("yesterday", (422, "unfit")),
    ],
)
def test_an_instant_that_cannot_be_is_refused(program, night_shift, at, instant, expected):
    with at("2026-11-10 17:30"):
        services.report_open_customers(attendance=night_shift, open_customers=1)
    with at("2026-11-10 18:00"):
        answer = program.post(PRESENCE, work_number="07", open_customers=2, at=instant)
    assert refusal(answer) == expected
    assert PresenceReport.objects.count() == 1


def test_a_little_ahead_is_now(program, night_shift, at, wall):
    with at("2026-11-10 18:00"):
        program.post(PRESENCE, work_number="07", open_customers=2, at="2026-11-10T18:00:20+08:00")
    assert PresenceReport.objects.get().at == wall("2026-11-10 18:00")


def test_what_stands_as_unconfirmed_is_not_proved_afterwards(program, night_shift, at):
    with at("2026-11-11 00:50"):
        program.post(PRESENCE, work_number="07", open_customers=2)
    with at("2026-11-11 01:30"):
        services.extend_running_shifts()
        answer = program.post(PRESENCE, work_number="07", open_customers=2, at="2026-11-11T01:10:00+08:00")
        assert refusal(answer) == (409, "too_late")
        assert program.post(PRESENCE, work_number="07", open_customers=2).status_code == 200
    spans = list(ExtensionSegment.objects.values_list("starts_at", "ends_at"))
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))


@pytest.mark.parametrize("count", [-1, 1000, 2**70, 1.5, "3", None, True, [], {}])
def test_a_count_that_cannot_be_is_refused(program, night_shift, at, count):
    with at("2026-11-10 18:00"):
        answer = program.post(PRESENCE, work_number="07", open_customers=count)
    assert refusal(answer) == (422, "unfit")
    assert "open_customers" in answer.json()["fields"]
    assert not PresenceReport.objects.exists()


@pytest.mark.parametrize("number", ["", "   ", "x" * 13, "0\x007", 7, None, ["07"]])
def test_what_is_no_work_number_is_refused(program, night_shift, at, number):
    with at("2026-11-10 18:00"):
        answer = program.post(PRESENCE, work_number=number, open_customers=1)
    assert refusal(answer) == (422, "unfit")


def test_a_field_that_nobody_knows_is_refused(program, night_shift, at):
    with at("2026-11-10 18:00"):
        answer = program.post(PRESENCE, work_number="07", open_customer=1)
    assert set(answer.json()["fields"]) == {"open_customer", "open_customers"}


def test_an_unknown_number_is_not_found_and_who_is_not_on_duty_is_a_conflict(program, agent, at):
    with at("2026-11-10 18:00"):
        assert refusal(program.post(PRESENCE, work_number="66", open_customers=1)) == (404, "unknown_number")
        assert refusal(program.post(PRESENCE, work_number="07", open_customers=1)) == (409, "not_on_duty")


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "7", '"x"', '{"work_number": NaN}', "[" * 9_000, b"\xff\xfe", "\x00"]
)
def test_a_body_that_is_no_report_is_refused(program, night_shift, at, body):
    with at("2026-11-10 18:00"):
        assert program.raw(body).status_code == 422
    assert not PresenceReport.objects.exists()


def test_a_very_large_body_is_not_even_read(program, night_shift, at):
    with at("2026-11-10 18:00"):
        for size in (20_000, 5_000_000):
            assert refusal(program.raw('{"work_number": "' + "7" * size + '"}')) == (413, "too_large")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer bz_wrong", "Basic YTpi", "bz_wrong"])
def test_without_a_token_nothing_is_said(header, night_shift):
    client = Client(headers={"authorization": header} if header is not None else {})
    for answer in (client.get(ON_DUTY), client.post(PRESENCE, "{", content_type="application/json")):
        assert refusal(answer) == (401, "no_token")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_is_no_token(agent, client_of, night_shift):
    assert client_of(agent).get(ON_DUTY).status_code == 401


def test_a_revoked_token_is_none(made, owner, program):
    assert program.get(ON_DUTY).status_code == 200
    revoke_token(actor=owner, token=made.token)
    assert program.get(ON_DUTY).status_code == 401


def test_a_token_sees_its_own_department_only(night_shift, other_department, stranger, at):
    elsewhere = Program(make_token(actor=stranger, department=other_department, name="next door").secret)
    with at("2026-11-10 18:00"):
        assert elsewhere.get(ON_DUTY).json() == []
        # The number 07 is somebody else's there.
        assert refusal(elsewhere.post(PRESENCE, work_number="07", open_customers=1)) == (409, "not_on_duty")


def test_refusals_come_in_the_language_asked_for(made, agent, at):
    with at("2026-11-10 18:00"):
        english = Program(made.secret).post(PRESENCE, work_number="07", open_customers=1).json()
        chinese = Program(made.secret, "zh-hans").post(PRESENCE, work_number="07", open_customers=1).json()
    assert english["message"] == "The agent is not on duty."
    assert chinese["code"] == english["code"]


def test_who_is_on_duty(program, night_shift, at, wall):
    with at("2026-11-10 18:00"):
        program.post(PRESENCE, work_number="07", open_customers=2)
        (row,) = program.get(ON_DUTY).json()
    assert (row["work_number"], row["shift"], row["business_date"], row["open_customers"], row["away"]) == (
        "07",
        "N",
        "2026-11-10",
        2,
        False,
    )
    assert row["planned_end"].startswith("2026-11-10T17:00")


def test_clocking_in_and_out_through_the_terminal(program, agent, paint, publish, at):
    with at("2026-10-25 12:00"):
        paint((agent, 10, "N"))
        publish()
    with at("2026-11-10 14:00"):
        assert refusal(program.post(CLOCK, work_number="07", action="in")) == (409, "no_shift")
    with at("2026-11-10 16:58"):
        answer = program.post(CLOCK, work_number="07", action="in")
        assert (answer.status_code, answer.json()["business_date"]) == (200, "2026-11-10")
        assert refusal(program.post(CLOCK, work_number="07", action="in")) == (409, "already_in")
    attendance = Attendance.objects.get()
    assert (attendance.source, attendance.device) == ("api", "terminal")
    with at("2026-11-11 01:02"):
        # The rulebook warns: who leaves without a handover has to say so.
        assert refusal(program.post(CLOCK, work_number="07", action="out")) == (409, "handover_unconfirmed")
        assert program.post(CLOCK, work_number="07", action="out", confirmed=True).json()["clocked_out_at"]
        assert refusal(program.post(CLOCK, work_number="07", action="out", confirmed=True)) == (409, "not_on_duty")
    attendance.refresh_from_db()
    assert attendance.clocked_out_by == agent


def test_a_clock_out_at_the_terminal_leaves_no_item_behind(program, night_shift, agent, at):
    with at("2026-11-10 20:00"):
        write_item(author=agent.membership, kind="information", to_do="Look at the shelf")
    with at("2026-11-11 01:02"):
        program.post(CLOCK, work_number="07", action="out", confirmed=True)
    assert HandoverItem.objects.get().in_queue


@pytest.mark.parametrize("action", ["", "IN", "toggle", None, 1])
def test_another_action_is_refused(program, agent, action):
    assert refusal(program.post(CLOCK, work_number="07", action=action)) == (422, "unfit")


def test_who_has_left_has_no_number_here(program, department, at):
    person = add_person(department, work_number="55")
    person.membership.until_day = (clock.now() - timedelta(days=400)).date()
    person.membership.from_day = person.membership.until_day - timedelta(days=10)
    person.membership.save()
    with at("2026-11-10 18:00"):
        assert refusal(program.post(CLOCK, work_number="55", action="in")) == (404, "unknown_number")


def test_too_many_requests_of_one_token_wait_a_minute(program, monkeypatch, at):
    monkeypatch.setattr(api, "MOST_A_MINUTE", 3)
    with at("2026-11-10 18:00"):
        answers = [program.get(ON_DUTY) for _each in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["code"] == "too_often"
        assert int(answers[-1]["Retry-After"]) <= 60
        clock.move(timedelta(minutes=1))
        assert program.get(ON_DUTY).status_code == 200


def test_another_method_is_not_answered(program):
    for address in (PRESENCE, CLOCK):
        assert program.get(address).status_code == 405
    assert program.post(ON_DUTY).status_code == 405


def test_machines_find_a_description_that_loads_nothing_from_elsewhere():
    described = Client().get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {PRESENCE, CLOCK, ON_DUTY, "/api/v1/statistics", "/api/v1/orders"}
    assert "http" in described["components"]["securitySchemes"]["DepartmentToken"]["type"]


def test_on_duty_asks_the_database_as_often_for_one_as_for_many(
    program, department, supervisor, publish, paint, at, django_assert_num_queries
):
    people = [add_person(department) for _each in range(12)]
    with at("2026-10-25 12:00"):
        paint(*[(person, 10, "N") for person in people])
        publish()
    with at("2026-11-10 16:58"):
        for number, person in enumerate(people):
            services.clock_in(membership=person.membership)
            if number in (0, 11):
                program.get(ON_DUTY)
                with django_assert_num_queries(3):
                    assert len(program.get(ON_DUTY).json()) == number + 1

"""One's shifts in one's own calendar program: what stands in it, what moves and goes, and who can read it."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from office import clock
from office.models import AuditEntry
from people.models import Membership
from rulebooks.services import _load
from shifts import services
from shifts.feeds import CANCELLED_FOR, Holding, entries_of_shift
from shifts.models import AnswerCause, Assignment, CalendarFeed, Leave, LeaveState, VersionCause
from shifts.services import feeds
from shifts.services.cells import Move
from shifts.services.live import change_published
from shifts.spans import Stretch
from tests.factories import add_person
from tests.shifts.conftest import NOVEMBER

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.ROOT_URLCONF = "tests.shifts.feed_urls"


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


@pytest.fixture
def token(agent):
    return feeds.make_feed(membership=agent.membership, actor=agent).token


def fetch(token, query="?lang=en", **headers):
    return Client().get(f"/feed/{token}.ics{query}", headers=headers)


def events(token, query="?lang=en"):
    response = fetch(token, query)
    assert response.status_code == 200
    return {str(event["uid"]): event for event in Calendar.from_ical(response.content).walk("VEVENT")}


def only(token):
    (event,) = events(token).values()
    return event


class TestWhatStandsInIt:
    def test_a_night_shift_is_one_event_in_utc(self, agent, paint, publish, token):
        paint((agent, 10, "N"))
        publish()
        event = only(token)
        # 17:00 to 01:00 in Shanghai.
        assert event["dtstart"].dt == datetime(2026, 11, 10, 9, tzinfo=UTC)
        assert event["dtend"].dt == datetime(2026, 11, 10, 17, tzinfo=UTC)
        assert event["summary"] == "Night"
        assert event["status"] == "CONFIRMED"
        assert event["sequence"] == 0
        assert event["transp"] == "OPAQUE"

    def test_drafts_rest_days_and_other_people_are_not_in_it(self, agent, colleague, paint, publish, token):
        paint((agent, 10, "X"), (colleague, 10, "N"))
        publish()
        paint((agent, 11, "N"))
        assert not events(token)

    def test_it_speaks_the_language_of_its_address(self, agent, paint, publish, token):
        paint((agent, 10, "N"))
        publish()
        assert [str(event["summary"]) for event in events(token, "?lang=zh-hans").values()] == ["晚班"]
        assert fetch(token, "?lang=nonsense").status_code == 200

    def test_a_split_shift_is_an_event_a_part(self, changed_department, at):
        lead = add_person(changed_department, roles=["leader"])
        edit = services.CellEdit(lead.membership.pk, date(2026, 11, 10), "E", 0)
        services.paint(department=changed_department, month=NOVEMBER, edits=[edit], actor=lead)
        services.publish(department=changed_department, month=NOVEMBER, seen_edits=1, actor=lead, reason="A short crew")
        made = feeds.make_feed(membership=lead.membership, actor=lead)
        first, second = sorted(events(made.token).values(), key=lambda event: event["dtstart"].dt)
        assert first["dtend"].dt == datetime(2026, 11, 10, 2, 30, tzinfo=UTC)
        assert second["dtstart"].dt == datetime(2026, 11, 10, 3, 15, tzinfo=UTC)
        assert first["uid"] != second["uid"]
        # One part fewer: the first moves, the second is taken off.
        change_published(
            department=changed_department,
            actor=lead,
            cause=VersionCause.COVER,
            cells={(lead.membership.pk, date(2026, 11, 10)): "L"},
        )
        now = events(made.token)
        assert now[first["uid"]]["status"] == "CONFIRMED"
        assert now[first["uid"]]["dtstart"].dt == datetime(2026, 11, 10, 7, tzinfo=UTC)
        assert now[second["uid"]]["status"] == "CANCELLED"
        assert now[second["uid"]]["sequence"] > second["sequence"]

    def test_leave_is_a_whole_day_that_leaves_time_free(self, agent, supervisor, rulebook, token):
        kind = rulebook.leave.kinds[0]
        leave = Leave.objects.create(
            membership=agent.membership,
            kind=kind.code,
            rulebook_version_id=rulebook.version_id,
            first_day=date(2026, 11, 5),
            last_day=date(2026, 11, 6),
            reason="x",
            state=LeaveState.APPROVED,
            asked_by=agent,
            decided_by=supervisor,
            decided_at=clock.now(),
        )
        event = only(token)
        assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 5), date(2026, 11, 7))
        assert event["transp"] == "TRANSPARENT"
        assert event["summary"] == kind.name.en
        Leave.objects.filter(pk=leave.pk).update(state=LeaveState.CANCELLED)
        cancelled = only(token)
        assert cancelled["status"] == "CANCELLED"
        assert cancelled["sequence"] > event["sequence"]

    def test_leave_that_is_only_asked_for_is_not_in_it(self, agent, rulebook, token):
        Leave.objects.create(
            membership=agent.membership,
            kind=rulebook.leave.kinds[0].code,
            rulebook_version_id=rulebook.version_id,
            first_day=date(2026, 11, 5),
            last_day=date(2026, 11, 6),
            reason="x",
            asked_by=agent,
        )
        assert not events(token)

    def test_what_is_long_past_is_not_in_it(self, agent, paint, publish, token, at):
        paint((agent, 10, "N"))
        publish()
        with at("2027-01-09 12:00"):
            assert events(token)
        with at("2027-01-10 12:00"):
            assert not events(token)

    def test_names_of_departments_cannot_break_it(self, department, agent, paint, publish, token):
        department.name = "A;B,C\nEND:VCALENDAR"
        department.save()
        paint((agent, 10, "N"))
        publish()
        assert only(token)["location"] == "A;B,C\nEND:VCALENDAR"


class TestWhatMovesAndGoes:
    def test_a_changed_shift_keeps_its_name_and_counts_on(self, agent, paint, publish, token, at):
        paint((agent, 10, "N"))
        publish()
        before = only(token)
        with at("2026-10-26 12:00"):
            paint((agent, 10, "D"), seen=1)
            publish()
            after = only(token)
        assert after["uid"] == before["uid"]
        assert after["sequence"] > before["sequence"]
        assert after["last-modified"].dt > before["last-modified"].dt
        assert after["dtstart"].dt == datetime(2026, 11, 10, 0, tzinfo=UTC)

    def test_an_unchanged_shift_stays_as_it_was_when_others_change(self, agent, paint, publish, token, at):
        paint((agent, 10, "N"))
        publish()
        before = only(token)
        with at("2026-10-26 12:00"):
            paint((agent, 11, "D"))
            publish()
            assert events(token)[str(before["uid"])].to_ical() == before.to_ical()

    def test_what_was_taken_off_is_cancelled_for_thirty_days(self, agent, paint, publish, token, at):
        paint((agent, 28, "N"))
        publish()
        with at("2026-10-26 12:00"):
            paint((agent, 28, ""), seen=1)
            publish()
            event = only(token)
            assert event["status"] == "CANCELLED"
            assert event["transp"] == "TRANSPARENT"
            assert event["sequence"] == 1
        with at("2026-11-25 11:59"):
            assert events(token)
        with at("2026-11-25 12:01"):
            assert not events(token)

    def test_what_was_given_away_is_cancelled_here_and_new_there(
        self, department, agent, colleague, supervisor, paint, publish, token
    ):
        paint((agent, 10, "N"))
        publish()
        theirs = feeds.make_feed(membership=colleague.membership, actor=colleague).token

        def exchange():
            change_published(
                department=department,
                actor=supervisor,
                cause=VersionCause.SWAP,
                answer_cause=AnswerCause.GIVE_AWAY,
                moves=[Move(agent.membership.pk, colleague.membership.pk, date(2026, 11, 10))],
            )

        given = only(token)
        exchange()
        mine, taken = only(token), only(theirs)
        assert mine["status"] == "CANCELLED"
        assert taken["status"] == "CONFIRMED"
        assert mine["uid"] != taken["uid"]
        exchange()
        back = only(token)
        assert back["uid"] == given["uid"]
        assert back["status"] == "CONFIRMED"
        assert [event["sequence"] for event in (given, mine, back)] == [0, 1, 2]

    @given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=8))
    def test_whatever_happens_sequences_grow_and_every_part_is_said_once(self, steps):
        """Steps: a holding of so many parts; then perhaps it is taken off for a while."""
        holdings: list[Holding] = []
        seen: dict[str, tuple[int, bytes]] = {}
        now = NOON

        def look():
            found = entries_of_shift(7, 3, holdings, now)
            uids = [entry.uid for entry in found]
            assert len(uids) == len(set(uids))
            standing = [entry for entry in found if not entry.is_cancelled]
            is_held = holdings[-1].until is None
            assert len(standing) == (len(holdings[-1].parts) if is_held else 0)
            for entry in found:
                last = seen.get(entry.uid)
                content = repr((entry.begins, entry.ends, entry.is_cancelled, entry.changed_at)).encode()
                assert last is None or last[1] == content or entry.sequence > last[0]
                seen[entry.uid] = (entry.sequence, content)

        for parts, is_taken_off in steps:
            now += timedelta(hours=1)
            if holdings and holdings[-1].until is None:
                holdings[-1] = Holding(holdings[-1].parts, "N", holdings[-1].since, now)
            made = tuple(Stretch(now + timedelta(hours=2 * n), now + timedelta(hours=2 * n + 1)) for n in range(parts))
            holdings.append(Holding(made, "N", now, None))
            look()
            if is_taken_off:
                now += timedelta(hours=1)
                holdings[-1] = Holding(made, "N", holdings[-1].since, now)
                look()
        now += CANCELLED_FOR + timedelta(hours=1)
        assert not [entry for entry in entries_of_shift(7, 3, holdings, now) if entry.is_cancelled]


class TestWhoCanReadIt:
    def test_nobody_signs_in_and_nothing_is_set(self, agent, token):
        response = fetch(token)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert "private" in response["Cache-Control"]
        assert not response.cookies

    def test_the_same_calendar_is_sent_once(self, agent, paint, publish, token):
        paint((agent, 10, "N"))
        publish()
        first = fetch(token)
        again = fetch(token, **{"if-none-match": first["ETag"]})
        assert again.status_code == 304
        assert not again.content
        paint((agent, 11, "N"))
        publish()
        assert fetch(token, **{"if-none-match": first["ETag"]}).status_code == 200

    def test_a_revoked_address_and_an_unknown_one_are_answered_alike(self, agent, token):
        feeds.revoke_feed(membership=agent.membership, actor=agent)
        revoked, unknown = fetch(token), fetch("x" * 43)
        assert revoked.status_code == unknown.status_code == 404
        assert revoked.content == unknown.content == b""
        assert dict(revoked.items()) == dict(unknown.items())

    def test_they_cost_the_same(self, agent, token):
        feeds.revoke_feed(membership=agent.membership, actor=agent)
        counts = []
        for each in (token, "x" * 43):
            with CaptureQueriesContext(connection) as queries:
                fetch(each)
            counts.append(len(queries))
        assert counts[0] == counts[1] == 1

    def test_a_new_address_ends_the_one_before(self, agent, token):
        newer = feeds.make_feed(membership=agent.membership, actor=agent).token
        assert fetch(token).status_code == 404
        assert fetch(newer).status_code == 200

    def test_it_ends_with_the_membership(self, agent, paint, publish, token, at):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 11, 10))
        with at("2026-11-10 23:00"):
            assert fetch(token).status_code == 200
        with at("2026-11-12 12:00"):
            assert fetch(token).status_code == 404

    def test_it_ends_with_the_account(self, agent, token):
        agent.is_active = False
        agent.save()
        assert fetch(token).status_code == 404

    def test_only_reading_is_answered(self, token):
        assert Client().post(f"/feed/{token}.ics").status_code == 405

    def test_the_secret_is_nowhere_but_in_the_answer(self, department, agent, client_of, caplog):
        with caplog.at_level(logging.DEBUG):
            client = client_of(agent)
            page = client.post(reverse("shifts:calendar_feed_new", args=[department.code]))
            secret = page.context["address"].partition("/feed/")[2].partition(".ics")[0]
            fetch(secret)
            feeds.revoke_feed(membership=agent.membership, actor=agent)
            fetch(secret)
        assert len(secret) >= 43
        ours = [record for record in caplog.records if not record.name.startswith("django.db")]
        assert secret not in " ".join(record.getMessage() for record in ours)
        assert secret not in str(list(AuditEntry.objects.values_list()))
        assert secret not in str(list(CalendarFeed.objects.values_list()))

    def test_that_it_was_read_is_known_to_the_hour(self, agent, token, at):
        fetch(token)
        first = CalendarFeed.objects.get().last_read_at
        with at("2026-10-25 12:30"):
            fetch(token)
        assert CalendarFeed.objects.get().last_read_at == first
        with at("2026-10-25 13:01"):
            fetch(token)
        assert CalendarFeed.objects.get().last_read_at > first

    def test_there_is_one_address_a_member_on_both_engines(self, agent, token):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarFeed.objects.create(membership=agent.membership, digest="x")


def test_it_costs_as_many_queries_for_thirty_shifts_as_for_one(agent, paint, publish, token):
    counts = []
    for days in (range(1, 2), range(2, 31)):
        paint(*((agent, day, "D") for day in days))
        publish()
        fetch(token)
        _load.cache_clear()
        with CaptureQueriesContext(connection) as queries:
            fetch(token)
        counts.append(len(queries))
    assert Assignment.objects.published().count() == 30
    assert counts[0] == counts[1]


class TestThePage:
    def url(self, department, name="calendar_feed"):
        return reverse(f"shifts:{name}", args=[department.code])

    def test_it_makes_an_address_and_shows_it_once(self, department, agent, client_of):
        client = client_of(agent)
        assert "No address yet" in client.get(self.url(department)).content.decode()
        made = client.post(self.url(department, "calendar_feed_new"))
        address = made.context["address"]
        assert address in made.content.decode()
        assert made["Cache-Control"] == "no-store"
        path = address.partition("testserver")[2]
        assert Client().get(path).status_code == 200
        assert path.partition("?")[0] not in client.get(self.url(department)).content.decode()

    def test_its_times_are_those_of_the_departments_clock(self, department, agent, token, client_of):
        assert "Made 2026-10-25 12:00." in client_of(agent).get(self.url(department)).content.decode()

    def test_it_takes_the_address_back(self, department, agent, token, client_of):
        client = client_of(agent)
        page = client.post(self.url(department, "calendar_feed_revoke"), follow=True)
        assert "taken back" in page.content.decode()
        assert fetch(token).status_code == 404
        page = client.post(self.url(department, "calendar_feed_revoke"), follow=True)
        assert "no address to take back" in page.content.decode()

    def test_everybody_has_only_their_own(self, department, agent, colleague, token, client_of):
        client_of(colleague).post(self.url(department, "calendar_feed_revoke"))
        client_of(colleague).post(self.url(department, "calendar_feed_new"))
        assert fetch(token).status_code == 200

    def test_strangers_find_nothing(self, department, stranger, client_of):
        client = client_of(stranger)
        assert client.get(self.url(department)).status_code == 404
        assert client.post(self.url(department, "calendar_feed_new")).status_code == 404

    def test_who_has_a_role_without_being_a_member_has_no_calendar(self, department, agent, client_of):
        Membership.objects.filter(pk=agent.membership.pk).update(until_day=date(2026, 1, 31))
        assert client_of(agent).get(self.url(department)).status_code in (403, 404)

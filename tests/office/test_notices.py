"""The inbox: told once, read in the reader's own language, by nobody else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from office import clock, notices
from office.models import Notice
from people.models import User

pytestmark = pytest.mark.django_db
# A message that the catalog of Django itself has in both languages.
KNOWN = "Yes"
INBOX, READ = "/notices/", "/notices/read/"


def inbox_of(user) -> list[Notice]:
    return list(Notice.objects.visible_to(user))


class TestTelling:
    def test_one_person_is_told(self, agent, colleague):
        [notice] = notices.tell(agent, "Hello %(name)s", name="晓彤", link="/d/desk/")
        assert notice.text == "Hello 晓彤"
        assert inbox_of(agent) == [notice]
        assert inbox_of(colleague) == []
        assert (notice.link, notice.read_at) == ("/d/desk/", None)

    def test_each_of_many_is_told_once(self, agent, colleague):
        notices.tell([agent, colleague, agent, User.objects.get(pk=agent.pk)], KNOWN)
        assert len(inbox_of(agent)) == len(inbox_of(colleague)) == 1

    def test_a_query_of_people_is_told_in_two_queries(self, agent, colleague, django_assert_num_queries):
        with django_assert_num_queries(2):
            notices.tell(User.objects.filter(pk__in=[agent.pk, colleague.pk]), KNOWN)

    def test_nobody_is_told_nothing(self, db):
        assert notices.tell([], KNOWN) == []
        assert notices.tell(User.objects.none(), KNOWN) == []

    def test_the_time_is_the_clocks(self, agent):
        moment = datetime(2026, 11, 10, 8, tzinfo=UTC)
        with clock.at(moment):
            [notice] = notices.tell(agent, KNOWN)
        assert notice.created_at == moment


class TestReadingAloud:
    def told(self, agent, message, **params):
        notices.tell(agent, message, **params)
        return Notice.objects.get()

    def test_in_the_readers_language(self, agent):
        notice = self.told(agent, KNOWN)
        with translation.override("en"):
            assert notice.text == str(notice) == "Yes"
        with translation.override("zh-hans"):
            assert notice.text == str(notice) == "是"

    def test_a_parameter_in_two_languages_is_chosen_with_it(self, agent):
        notice = self.told(agent, "%(shift)s on %(day)s", shift={"zh-Hans": "晚班", "en": "Night"}, day="2026-11-10")
        with translation.override("en"):
            assert notice.text == "Night on 2026-11-10"
        with translation.override("zh-hans"):
            assert notice.text == "晚班 on 2026-11-10"

    @pytest.mark.parametrize("name", ["100%", "%(day)s", "%s", "%%", "{name}", "<b>"])
    def test_signs_in_a_parameter_are_only_signs(self, agent, name):
        assert self.told(agent, "%(name)s has left", name=name).text == f"{name} has left"

    def test_a_date_and_a_number_may_be_parameters(self, agent):
        notice = self.told(agent, "%(count)s by %(day)s", count=3, day=date(2026, 11, 10))
        assert notice.text == "3 by 2026-11-10"

    @pytest.mark.parametrize("message", ["%(nobody)s", "50 % done", "100%", "%d"])
    def test_a_line_that_cannot_be_filled_in_does_not_break_the_inbox(self, agent, client_of, message):
        assert self.told(agent, message, name="x").text == message
        assert client_of(agent).get(INBOX).status_code == 200


class TestMarkingAsRead:
    def test_all_of_ones_own(self, agent, colleague):
        notices.tell([agent, colleague], KNOWN)
        notices.tell(agent, KNOWN)
        moment = datetime(2026, 11, 30, 8, tzinfo=UTC)
        with clock.at(moment):
            assert notices.mark_read(user=agent) == 2
            assert notices.mark_read(user=agent) == 0
        assert {notice.read_at for notice in inbox_of(agent)} == {moment}
        assert Notice.objects.visible_to(colleague).unread().count() == 1

    def test_or_only_what_came_until_then(self, agent):
        noon = datetime(2026, 11, 10, 12, tzinfo=UTC)
        for minutes in (-1, 0, 1):
            with clock.at(noon + timedelta(minutes=minutes)):
                notices.tell(agent, KNOWN)
        assert notices.mark_read(user=agent, until=noon) == 2
        assert Notice.objects.unread().get().created_at > noon


class TestInbox:
    def test_shows_ones_own_and_nobody_elses(self, agent, colleague, client_of):
        notices.tell(agent, "For %(name)s", name="晓彤<b>", link="/d/desk/")
        notices.tell(colleague, "Not for you")
        html = client_of(agent).get(INBOX).content.decode()
        assert "For 晓彤&lt;b&gt;" in html
        assert 'href="/d/desk/"' in html
        assert "Not for you" not in html

    def test_is_read_in_chinese_too(self, agent, client_of):
        notices.tell(agent, KNOWN)
        assert "是" in client_of(agent, "zh-hans").get(INBOX).content.decode()

    def test_when_empty_says_what_will_stand_there(self, agent, client_of):
        html = client_of(agent).get(INBOX).content.decode()
        assert "bz-empty" in html
        assert READ not in html

    def test_belongs_to_somebody(self, client):
        assert client.get(INBOX)["location"].startswith("/accounts/login/")
        assert client.post(READ)["location"].startswith("/accounts/login/")

    def test_somebody_without_a_department_has_one_too(self, db, client_of):
        user = User.objects.create(username="nobody", name="无门")
        notices.tell(user, KNOWN)
        assert "UTC" in client_of(user).get(INBOX).content.decode()

    def test_costs_the_same_at_1_and_at_30_lines_and_on_every_page(self, agent, client_of):
        def queries(page=1):
            with CaptureQueriesContext(connection) as found:
                assert client.get(INBOX, {"page": page}).status_code == 200
            return len(found)

        client = client_of(agent)
        notices.tell(agent, KNOWN)
        one = queries()
        for _number in range(119):
            notices.tell(agent, KNOWN)
        assert queries() == queries(2) == one

    @pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999", "x", ""])
    def test_a_page_that_does_not_exist_shows_the_nearest(self, agent, client_of, page):
        for number in range(60):
            notices.tell(agent, "line %(number)s.", number=number)
        response = client_of(agent).get(INBOX, {"page": page})
        assert response.status_code == 200
        assert response.content.decode().count("bz-tag is-info") >= 10

    def test_everything_is_marked_as_read_by_the_button_and_only_by_it(self, agent, client_of):
        notices.tell(agent, KNOWN)
        client = client_of(agent)
        assert client.get(READ).status_code == 405
        assert client.get(INBOX).status_code == 200
        assert Notice.objects.unread().count() == 1
        assert client.post(READ).headers["location"] == reverse("office:notices")
        assert Notice.objects.unread().count() == 0

    def test_the_button_spares_what_came_after_the_page_was_shown(self, agent, client_of):
        client = client_of(agent)
        noon = datetime(2026, 11, 10, 12, tzinfo=UTC)
        with clock.at(noon):
            notices.tell(agent, "seen")
            html = client.get(INBOX).content.decode()
            assert f'name="until" value="{noon.isoformat()}"' in html
        with clock.at(noon + timedelta(minutes=1)):
            notices.tell(agent, "unseen")
            client.post(READ, {"until": noon.isoformat()})
        assert Notice.objects.unread().get().message == "unseen"

    @pytest.mark.parametrize(
        "until",
        [
            "",
            "nonsense",
            "2026-11-10T12:00:00",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "\x00",
            "9" * 50,
        ],
    )
    def test_the_button_takes_nonsense_for_now(self, agent, client_of, until):
        notices.tell(agent, KNOWN)
        assert client_of(agent).post(READ, {"until": until}).status_code == 302
        assert Notice.objects.unread().count() == 0

"""Changing the rulebook in the browser: editor, check, preview, publish; comparing and downloading versions."""

import re
from datetime import date
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rulebooks.models import RulebookVersion
from rulebooks.places import lines_of
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY

pytestmark = pytest.mark.django_db

SOURCE = (LIBRARY / "three-shift-desk.yaml").read_text(encoding="utf-8")
CHANGED = SOURCE.replace("fine_yuan: 30", "fine_yuan: 35")


@pytest.fixture(autouse=True)
def november(at):
    with at("2026-11-10 12:00"):
        yield


@pytest.fixture
def page(department):
    return f"/d/{department.code}/rulebook/"


@pytest.fixture
def base(department):
    return department.rulebook_versions.first().digest


@pytest.fixture
def post(page, base, manager, client_of):
    """`post("edit" or "publish", text=…)`: as the manager, from 20 November on, made from version 1."""
    client = client_of(manager)

    def do(where="edit", **data):
        return client.post(f"{page}{where}/", {"text": CHANGED, "from_day": "2026-11-20", "base": base} | data)

    return do


def said(response) -> str:
    return unescape(response.content.decode())


def text_of(response) -> str:
    """What stands in the text area."""
    html = said(response)
    start = html.index(">\n", html.index('id="id_text"')) + 2
    return html[start : html.index("</textarea>", start)]


def as_sent(text: str) -> str:
    """Whatever ends the lines in a field, a browser sends CR LF."""
    return re.sub("\r\n|\r|\n", "\r\n", text)


def publish_meanwhile(department, old="due_days: 7", new="due_days: 9", actor=None):
    source = SOURCE.replace(old, new).encode()
    return import_rulebook(department=department, source=source, from_day=date(2026, 11, 15), actor=actor)


class TestWhoMay:
    @pytest.mark.parametrize("person", ["manager", "owner"])
    def test_those_to_whom_the_rulebook_gives_it(self, page, person, request, client_of):
        client = client_of(request.getfixturevalue(person))
        assert client.get(f"{page}edit/").status_code == 200
        assert f"{page}edit/" in said(client.get(page))

    @pytest.mark.parametrize("person", ["agent", "leader", "supervisor", "finance"])
    def test_nobody_else(self, page, person, request, client_of):
        client = client_of(request.getfixturevalue(person))
        for response in (client.get(f"{page}edit/"), client.post(f"{page}edit/"), client.post(f"{page}publish/")):
            assert response.status_code == 403
        assert f"{page}edit/" not in said(client.get(page))

    def test_for_a_stranger_it_does_not_exist(self, page, stranger, client_of):
        client = client_of(stranger)
        for address in ("edit/", "1/file/", "1/changes/"):
            assert client.get(page + address).status_code == 404
        assert client.post(f"{page}publish/").status_code == 404

    def test_publishing_is_posted_and_reading_is_not(self, page, manager, client_of):
        client = client_of(manager)
        assert client.get(f"{page}publish/").status_code == 405
        for address in ("1/file/", "1/changes/"):
            assert client.post(page + address).status_code == 405


class TestTheEditor:
    def test_shows_the_latest_text_and_tomorrow(self, page, manager, client_of):
        response = client_of(manager).get(f"{page}edit/")
        assert text_of(response) == SOURCE
        assert 'value="2026-11-11"' in said(response)
        assert "it must be the first of a month, as 2026-12-01" in said(response)

    def test_shows_a_version_that_is_still_to_come(self, page, department, manager, client_of):
        import_rulebook(department=department, source=CHANGED.encode(), from_day=date(2026, 12, 24), actor=None)
        response = client_of(manager).get(f"{page}edit/")
        assert text_of(response) == CHANGED
        assert 'value="2026-12-24"' in said(response), "no version can begin before it"

    def test_shows_only_the_lines_of_a_part(self, page, manager, client_of):
        response = client_of(manager).get(f"{page}edit/?at=clauses.off-task")
        assert text_of(response) == lines_of(SOURCE, "clauses.off-task").text
        assert "<code>fine_yuan</code>" in said(response)
        assert "<code>due_days</code>" not in said(response), "the help is about the part"

    @pytest.mark.parametrize("place", ["nowhere", "clauses.99", "", "..", "x" * 500, "clauses.%00"])
    def test_shows_the_whole_text_for_a_part_that_is_not_there(self, page, manager, client_of, place):
        assert text_of(client_of(manager).get(f"{page}edit/?at={place}")) == SOURCE

    @pytest.mark.parametrize(
        "place", ["clauses.off-task", "shifts.N", "scorecard.indicators.handover", "rest", "rights"]
    )
    def test_is_linked_from_every_part_of_the_page(self, page, manager, agent, client_of, place):
        assert f"{page}edit/?at={place}" in said(client_of(manager).get(page))
        assert "?at=" not in said(client_of(agent).get(page))

    def test_is_not_linked_from_a_part_of_a_version_that_holds_no_more(self, page, department, manager, client_of, at):
        publish_meanwhile(department)
        assert "?at=" in said(client_of(manager).get(f"{page}1/")), "in force until the 15th"
        with at("2026-11-15 12:00"):
            assert "?at=" not in said(client_of(manager).get(f"{page}1/"))

    @pytest.mark.parametrize(
        ("place", "name"),
        [
            ("clauses.off-task", "§ 7 "),
            ("clauses.off-task.ladder", "Ladder · § 7 "),
            ("shifts.N", "Night"),
            ("scorecard.indicators.handover", "Handover"),
            ("rest", "Rest days"),
        ],
    )
    def test_says_in_words_which_part_it_shows(self, page, manager, client_of, place, name):
        html = said(client_of(manager).get(f"{page}edit/?at={place}"))
        heading = re.search("<h2>(.*?)</h2>", html)[1]
        assert heading.startswith(name)
        assert place not in heading

    def test_in_both_languages(self, page, manager, client_of):
        for language in ("en", "zh-hans"):
            assert client_of(manager, language).get(f"{page}edit/?at=fund").status_code == 200


class TestChecking:
    def test_a_mistake_is_shown_at_its_line_and_nothing_is_lost(self, post):
        typed = CHANGED.replace("due_days: 7", "due_days: soon")
        response = post(text=typed)
        assert response.status_code == 422
        assert text_of(response) == typed
        line = typed.splitlines().index("  due_days: soon") + 1
        assert f'data-line="{line}"' in said(response)
        assert "fund.due_days" in said(response)
        assert "A whole number is expected here, without quotes." in said(response)
        assert RulebookVersion.objects.count() == 1

    def test_a_mistake_of_a_part_is_shown_at_its_line_of_the_part(self, post):
        typed = lines_of(SOURCE, "clauses.off-task").text.replace("fine_yuan: 30", "fine_yuan: a lot")
        response = post(text=typed, at="clauses.off-task")
        assert response.status_code == 422
        assert text_of(response) == typed
        assert 'data-line="9"' in said(response)
        assert typed.splitlines()[8].strip() == "- {fine_yuan: a lot}"

    def test_a_mistake_elsewhere_brings_the_whole_text(self, post):
        """Without the night shift the others hand over to nobody: their lines are shown, with what was typed."""
        response = post(text="", at="shifts.N")
        assert response.status_code == 422
        assert text_of(response) == SOURCE.replace(
            SOURCE[SOURCE.index("  - code: N") : SOURCE.index("  - code: R")], ""
        )
        assert "There is no shift N to hand over to." in said(response)
        assert "the whole file is shown" in said(response), "why seven lines became two hundred"
        assert 'name="at" value=""' in said(response)

    def test_with_the_whole_text_comes_the_way_to_ones_own_lines_and_their_help(self, post):
        part = lines_of(SOURCE, "scorecard.indicators.handover")
        typed = re.sub("weight: [0-9]+", "weight: 1", part.text)
        response = post(text=typed, at="scorecard.indicators.handover")
        for again in (response, post(text=text_of(response), came_from="scorecard.indicators.handover")):
            html = said(again)
            assert again.status_code == 422
            assert f'data-own-line="{part.first}"' in html
            assert "<dt><code>metric</code>" in html
            assert "<dt><code>due_days</code>" not in html

    def test_wrong_indentation_is_a_mistake_too(self, post):
        typed = lines_of(SOURCE, "fund").text.replace("  due_days", "   due_days")
        response = post(text=typed, at="fund")
        assert (response.status_code, text_of(response)) == (422, typed)

    def test_a_file_takes_the_place_of_the_text(self, post):
        response = post(text="", file=SimpleUploadedFile("rules.yaml", b"\xef\xbb\xbf" + CHANGED.encode()))
        assert response.status_code == 200
        assert "35 yuan" in said(response)

    @pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 200_001])
    def test_a_file_that_is_no_rulebook(self, post, content):
        assert post(file=SimpleUploadedFile("rules.yaml", content)).status_code == 422

    @pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-30", "2026-11-09", "9999-12-31"])
    def test_a_day_that_cannot_be(self, post, day):
        response = post(from_day=day)
        assert (response.status_code, text_of(response)) == (422, CHANGED)

    @pytest.mark.parametrize("text", ["", "- 1", "a: [", "\x00", "x" * 600_000])
    def test_a_text_that_is_no_rulebook(self, post, text):
        response = post(text=text)
        assert (response.status_code, text_of(response)) == (422, text)

    def test_a_scorecard_inside_a_month_is_said_beside_the_day(self, post):
        response = post(text=SOURCE.replace("at_least: 80", "at_least: 81"))
        assert response.status_code == 422
        assert "The scorecard changes from the first of a month only." in said(response)

    def test_no_change_says_so(self, post):
        response = post(text=SOURCE)
        assert (response.status_code, "Nothing has been changed." in said(response)) == (422, True)

    def test_locking_everybody_out_says_so(self, post):
        response = post(text=SOURCE.replace("edit_rulebook: [manager, owner]", "edit_rulebook: [finance]"))
        assert response.status_code == 422
        assert 'Nobody would be left who may do this: "Change the rulebook".' in said(response)

    def test_an_unknown_key_says_which_there_are(self, post):
        html = said(post(text=SOURCE.replace("due_days: 7", "days: 7")))
        assert "This key is unknown. Here may stand: due_days, names." in html

    def test_more_mistakes_than_anybody_reads_are_counted(self, post):
        html = said(post(text="banzu: 1\nclauses:\n" + "- {code: x}\n" * 200))
        assert html.count("<li>\n") == 101
        assert "More than 100 mistakes" in html

    def test_lines_as_a_browser_sends_them_are_the_same(self, post):
        response = post(text=SOURCE.replace("\n", "\r\n"))
        assert "Nothing has been changed." in said(response)


class TestThePreview:
    def test_says_before_and_after_in_words(self, post):
        response = post()
        assert response.status_code == 200
        html = said(response)
        assert "<del>30 yuan</del>" in html
        assert "<ins>35 yuan</ins>" in html
        assert "2026-11-20" in html
        assert RulebookVersion.objects.count() == 1, "nothing is stored yet"

    def test_says_whose_rights_move_and_whose_hours(self, post, supervisor, leader):
        text = CHANGED.replace("edit_roster: [supervisor]", "edit_roster: [leader]").replace(
            "17:00-01:00", "17:30-01:00"
        )
        html = said(post(text=text))
        assert leader.name in html
        assert supervisor.name in html
        assert "Night: 17:00–01:00 becomes 17:30–01:00." in html
        assert "Already planned shifts keep their hours." in html

    def test_of_a_comment_says_that_nothing_that_holds_changes(self, post):
        assert "Nothing that holds changes" in said(post(text=SOURCE + "# a note\n"))

    def test_leads_back_to_the_text(self, post):
        response = post("publish", back="1")
        assert (response.status_code, text_of(response)) == (200, CHANGED)
        assert 'value="2026-11-20"' in said(response)

    def test_leads_back_to_the_part(self, post):
        response = post("publish", back="1", came_from="clauses.off-task")
        assert text_of(response) == lines_of(CHANGED, "clauses.off-task").text

    def test_what_is_written_is_shown_and_not_run(self, post):
        text = SOURCE.replace("en: Spoken warning", 'en: "<script>alert(1)</script>"')
        html = post(text=text).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


class TestPublishing:
    def test_makes_a_version_and_shows_it(self, post, page, department, manager):
        response = post("publish")
        assert (response.status_code, response["location"]) == (302, f"{page}2/")
        version = department.rulebook_versions.first()
        assert (version.number, version.source, version.from_day) == (2, CHANGED, date(2026, 11, 20))
        assert version.published_by == manager

    def test_keeps_every_byte_of_what_was_not_touched(self, post, department):
        part = lines_of(SOURCE, "clauses.off-task").text.replace("fine_yuan: 30", "fine_yuan: 35")
        html = said(post(text=part.replace("\n", "\r\n"), at="clauses.off-task"))
        assert post("publish", text=html.split('name="text" value="')[1].split('">')[0]).status_code == 302
        assert department.rulebook_versions.first().source == CHANGED

    @pytest.mark.parametrize(
        "source",
        [SOURCE.replace("\n", "\r\n", 20), SOURCE.replace("\n", "\r"), SOURCE.replace("\n", "\r", 9)],
        ids=["mixed", "old Mac", "both"],
    )
    def test_keeps_the_line_ends_of_what_was_not_touched(self, post, department, owner, source):
        latest = import_rulebook(
            department=department, source=source.encode(), from_day=date(2026, 11, 15), actor=owner
        )
        part = lines_of(latest.source, "clauses.off-task").text.replace("fine_yuan: 30", "fine_yuan: 35")
        html = said(post(text=as_sent(part), at="clauses.off-task", base=latest.digest))
        whole = html.split('name="text" value="')[1].split('">')[0]
        assert post("publish", text=as_sent(whole), base=latest.digest).status_code == 302
        assert department.rulebook_versions.first().source == source.replace("fine_yuan: 30", "fine_yuan: 35")

    def test_only_who_manages_the_members_says_who_does(self, post, page, client_of, owner, base):
        facts = {"text": SOURCE.replace("manage_members: [owner]", "manage_members: [manager, owner]")}
        for where in ("edit", "publish"):
            response = post(where, **facts)
            assert response.status_code == 422
            assert (
                'Only somebody who may do this can say who else may: "Add members, invite them and let them go".'
                in said(response)
            )
        facts |= {"from_day": "2026-11-20", "base": base}
        assert client_of(owner).post(f"{page}publish/", facts).status_code == 302

    def test_with_a_mistake_goes_back_to_the_text(self, post):
        response = post("publish", text="a: 1")
        assert (response.status_code, text_of(response)) == (422, "a: 1")
        assert RulebookVersion.objects.count() == 1

    def test_over_somebody_elses_version_is_refused_and_keeps_both_texts(self, post, department, owner):
        theirs = publish_meanwhile(department, actor=owner)
        for where in ("edit", "publish"):
            response = post(where)
            assert response.status_code == 422
            html = said(response)
            assert f"{owner.name} has published version 2 meanwhile." in html
            assert text_of(response) == CHANGED
            assert "due_days: 9" in html, "their text"
            assert "<ins>9 days</ins>" in html, "what they changed"
            assert f'name="base" value="{theirs.digest}"' in html
        assert department.rulebook_versions.first() == theirs

    def test_a_part_edited_meanwhile_keeps_the_rest_of_its_own_version(self, post, department):
        publish_meanwhile(department)
        part = lines_of(SOURCE, "clauses.off-task").text.replace("fine_yuan: 30", "fine_yuan: 35")
        assert text_of(post(text=part, at="clauses.off-task")) == CHANGED

    @pytest.mark.parametrize("base", ["", "x", "0" * 64, "y" * 500])
    def test_made_from_a_version_that_never_was(self, post, base):
        response = post("publish", base=base)
        assert (response.status_code, text_of(response)) == (422, CHANGED)

    def test_a_sign_that_no_database_takes_is_not_looked_for(self, post):
        for where in ("edit", "publish"):
            with CaptureQueriesContext(connection) as found:
                assert post(where, base="\x00").status_code == 422
            assert "\x00" not in str([query["sql"] for query in found]).replace("\\x00", "\x00")

    def test_twice_makes_one_version(self, post):
        assert post("publish").status_code == 302
        assert post("publish").status_code == 422
        assert RulebookVersion.objects.count() == 2

    def test_a_version_to_come_is_listed_as_such(self, post, page, agent, client_of):
        post("publish", from_day="2026-12-01")
        html = said(client_of(agent).get(page))
        assert "from 2026-12-01" in html
        assert "not yet in force" in html
        assert "fine 30.00 yuan" in html, "the page shows what holds today"
        assert "not yet in force" in said(client_of(agent).get(f"{page}2/"))


class TestComparingVersions:
    def test_everybody_reads_what_changed(self, page, department, agent, client_of):
        publish_meanwhile(department)
        html = said(client_of(agent).get(f"{page}2/changes/"))
        assert "<del>7 days</del>" in html
        assert "<ins>9 days</ins>" in html

    def test_with_any_other(self, page, department, agent, client_of):
        publish_meanwhile(department)
        publish_meanwhile(department, "due_days: 7", "due_days: 11")
        assert "<del>7 days</del>" in said(client_of(agent).get(f"{page}3/changes/?with=1"))
        assert "<del>9 days</del>" in said(client_of(agent).get(f"{page}3/changes/"))
        assert "<ins>7 days</ins>" in said(client_of(agent).get(f"{page}1/changes/?with=3"))

    def test_the_first_has_none_before_it(self, page, agent, client_of):
        assert "This is the first version" in said(client_of(agent).get(f"{page}1/changes/"))

    @pytest.mark.parametrize("other", ["9", "x", "-1", "0", "9" * 40, "²"])
    def test_a_version_that_is_not_there(self, page, agent, client_of, other):
        assert client_of(agent).get(f"{page}1/changes/?with={other}").status_code == 404
        assert client_of(agent).get(f"{page}99/changes/").status_code == 404

    def test_costs_the_same_with_3_and_with_30_versions(self, page, department, agent, client_of):
        def queries():
            with CaptureQueriesContext(connection) as found:
                client.get(f"{page}2/changes/")
            return len(found)

        client = client_of(agent)
        publish_meanwhile(department)
        publish_meanwhile(department, "due_days: 7", "due_days: 3")
        client.get(f"{page}2/changes/")
        few = queries()
        for days in range(20, 47):
            publish_meanwhile(department, "due_days: 7", f"due_days: {days}")
        assert queries() == few


class TestDownloading:
    def test_the_file_is_what_was_published(self, page, department, agent, client_of):
        response = client_of(agent).get(f"{page}1/file/")
        assert response.content.decode() == SOURCE
        assert response["content-disposition"] == f'attachment; filename="{department.code}-rulebook-1.yaml"'

    def test_a_version_that_is_not_there(self, page, agent, client_of):
        assert client_of(agent).get(f"{page}9/file/").status_code == 404

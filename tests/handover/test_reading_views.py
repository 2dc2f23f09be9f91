"""The pages on which files are read in, and everything that people choose instead of a good file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handover.models import Order, Reading, ReadingSource, ReadingState, ServiceStatistic
from handover.tasks import read_in
from office import middleware
from tests.handover.reading_files import ORDER_HEADS, STATISTIC_HEADS, kept, order, statistic, text, workbook
from tests.sheets import rows_of

pytestmark = pytest.mark.usefixtures("afternoon")


@pytest.fixture
def client(client_of, leader):
    return client_of(leader)


@pytest.fixture
def hand_in(client, department):
    """`hand_in(content)` chooses a file on the page and follows to what it says."""

    def do(content, *, name="export.csv", kind="statistics", source="千牛"):
        upload = SimpleUploadedFile(name, content)
        return client.post(
            reverse("handover:readings", args=[department.code]),
            {"kind": kind, "source": source, "file": upload},
            follow=True,
        )

    return do


def post(client, name, reading, data=None, **kwargs):
    address = reverse(f"handover:{name}", args=[reading.department.code, reading.pk])
    return client.post(address, data or {}, **kwargs)


@pytest.fixture
def take(client, hand_in):
    """`take(row, …)` reads a file of such rows in."""

    def do(*rows):
        answer = hand_in(text(STATISTIC_HEADS, *rows))
        start(client, answer, Reading.objects.latest("pk"))

    return do


def start(client, answer, reading):
    seen = answer.context["draft"].seen
    answer = post(client, "reading_start", reading, {"seen": seen})
    reading.refresh_from_db()
    if reading.job:
        read_in(reading.job.pk)
        reading.refresh_from_db()
    return answer


class TestFromFileToRows:
    def test_a_file_is_looked_at_first_and_then_read_in(self, client, hand_in, agent):
        answer = hand_in(text(STATISTIC_HEADS, statistic(), statistic(number="77")))
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "Read in only the 1 good row" in html
        assert "Nobody in this department has this work number or name." in html
        assert not ServiceStatistic.objects.exists()
        reading = Reading.objects.get()
        assert start(client, answer, reading).status_code == 302
        assert (reading.state, reading.added, reading.wrong) == (ReadingState.DONE, 1, 1)
        done = client.get(reverse("handover:reading", args=["desk", reading.pk])).content.decode()
        assert "row 3" in done

    def test_what_would_be_corrected_is_shown_old_and_new(self, client, hand_in, agent):
        answer = hand_in(text(STATISTIC_HEADS, statistic()))
        start(client, answer, Reading.objects.get())
        html = hand_in(text(STATISTIC_HEADS, statistic(served=60, sales="1,300.00"))).content.decode()
        assert "<s>50</s> → <b>60</b>" in html
        assert "<s>1,234.50</s> → <b>1,300.00</b>" in html

    def test_the_very_same_file_says_so(self, client, hand_in, agent):
        content = text(STATISTIC_HEADS, statistic())
        start(client, hand_in(content), Reading.objects.get())
        html = hand_in(content).content.decode()
        assert "This very file was read in on" in html
        assert "changes nothing" in html

    def test_headings_that_nobody_knows_are_chosen_once_a_source(self, client, hand_in, agent):
        heads = ("哪天", "谁", "人", "询", "成", "钱")
        answer = hand_in(text(heads, statistic()))
        assert set(answer.context["draft"].problems) == {
            "work_number",
            "business_date",
            "served",
            "closed",
            "enquiries",
            "sales_fen",
        }
        assert "Read in 1 row" not in answer.content.decode()
        names = ("business_date", "work_number", "served", "enquiries", "closed", "sales_fen")
        reading = Reading.objects.get()
        answer = post(client, "reading_columns", reading, dict(zip(names, heads, strict=True)), follow=True)
        assert "Read in 1 row" in answer.content.decode()
        assert ReadingSource.objects.get().columns["served"] == "人"

    def test_what_is_missing_is_counted_and_red_only_after_a_save_that_left_it_so(self, client, hand_in, agent):
        heads = (*STATISTIC_HEADS[:3], "询", "成", "钱")
        html = hand_in(text(heads, statistic())).content.decode()
        assert "3 columns are missing:" in html
        assert "is-wrong" not in html
        answer = post(client, "reading_columns", Reading.objects.get(), {"enquiries": "询"})
        assert answer.status_code == 422
        assert "closed" in answer.context["form"].errors
        assert "remembered for the next file" not in answer.content.decode()

    def test_names_that_nobody_has_are_given_to_people(self, client, hand_in, agent):
        html = hand_in(text(STATISTIC_HEADS, statistic(number="小林客服"))).content.decode()
        assert "Nothing of this file can be read in." in html
        assert "Choose the mended file" in html
        reading = Reading.objects.get()
        nobody = {"said_0": "小林客服", "member_0": ""}
        assert post(client, "reading_names", reading, nobody).status_code == 422
        answer = post(client, "reading_names", reading, nobody | {"member_0": "07"}, follow=True)
        assert "Read in 1 row" in answer.content.decode()
        start(client, answer, reading)
        assert ServiceStatistic.objects.get().membership == agent.membership
        assert post(client, "reading_names", reading, nobody | {"member_0": "07"}).status_code == 422

    def test_a_wrong_choice_of_whom_a_name_means_is_mended_in_the_sources_next_file(
        self, client, hand_in, agent, colleague
    ):
        hand_in(text(STATISTIC_HEADS, statistic(number="小林客服")))
        named = {"said_0": "小林客服", "member_0": "02"}
        post(client, "reading_names", Reading.objects.get(), named)
        answer = hand_in(text(STATISTIC_HEADS, statistic(number="小林客服", served=60), statistic(number="77")))
        form, reading = answer.context["names"], Reading.objects.latest("pk")
        assert [(said.value(), member.value()) for said, member in form.rows] == [("77", "")]
        assert [(said.value(), member.value()) for said, member in form.remembered_rows] == [("小林客服", "02")]
        assert "1 name remembered from before" in answer.content.decode()
        named = {"said_0": "77", "member_0": "", "said_1": "小林客服", "member_1": "07"}
        answer = post(client, "reading_names", reading, named, follow=True)
        start(client, answer, reading)
        assert ServiceStatistic.objects.get().membership == agent.membership

    def test_a_name_left_out_again_is_forgotten_and_asked_about_anew(self, client, hand_in, agent):
        hand_in(text(STATISTIC_HEADS, statistic(number="小林客服")))
        reading, named = Reading.objects.get(), {"said_0": "小林客服", "member_0": "07"}
        answer = post(client, "reading_names", reading, named, follow=True)
        assert answer.context["names"].rows == []
        answer = post(client, "reading_names", reading, named | {"member_0": ""}, follow=True)
        assert "mean nobody now" in answer.content.decode()
        assert ReadingSource.objects.get().names == {}
        assert [said.value() for said, _member in answer.context["names"].rows] == ["小林客服"]

    def test_a_name_that_does_not_stand_in_the_file_is_refused_with_what_was_chosen(self, client, hand_in, agent):
        hand_in(text(STATISTIC_HEADS, statistic(number="小林客服")))
        named = {"said_0": "小林客服", "member_0": "07", "said_1": "老王", "member_1": "07"}
        answer = post(client, "reading_names", Reading.objects.get(), named)
        assert answer.status_code == 422
        assert "“老王” does not stand in this file." in answer.content.decode()
        assert [member.value() for _said, member in answer.context["names"].rows] == ["07", "07"]
        assert ReadingSource.objects.get().names == {}

    def test_every_remembered_name_of_a_file_is_listed_however_many_they_are(self, client, hand_in, agent):
        names = [f"昵称{number}" for number in range(40)]
        rows = [statistic(number=name) for name in names]
        hand_in(text(STATISTIC_HEADS, *rows))
        ReadingSource.objects.update(names=dict.fromkeys(names, "07"))
        form = hand_in(text(STATISTIC_HEADS, *rows)).context["names"]
        assert (len(form.rows), len(form.remembered_rows)) == (0, 40)
        sent = {f"said_{place}": name for place, name in enumerate(names)} | {"member_39": "07"}
        post(client, "reading_names", Reading.objects.get(), sent)
        assert ReadingSource.objects.get().names == {names[39]: "07"}

    def test_days_that_other_sources_have_too_are_said(self, client, hand_in, agent):
        content = text(STATISTIC_HEADS, statistic())
        start(client, hand_in(content), Reading.objects.get())
        html = hand_in(content, source="京东店").content.decode()
        assert "For 1 row other sources have figures of the same person and day" in html
        assert "It was read in as one of “千牛”: under another name it is counted a second time." in html

    def test_what_was_read_in_leads_to_its_figures(self, client, hand_in, agent):
        reading_of = {"statistics": "statistic_figures", "orders": "orders"}
        for kind, name in reading_of.items():
            rows = (STATISTIC_HEADS, statistic()) if kind == "statistics" else (ORDER_HEADS, order())
            answer = hand_in(text(*rows), kind=kind)
            reading = Reading.objects.get(kind=kind)
            start(client, answer, reading)
            html = client.get(reverse("handover:reading", args=["desk", reading.pk])).content.decode()
            assert f'main" href="{reverse(f"handover:{name}", args=["desk"])}"' in html

    def test_a_draft_can_be_dropped_from_the_list(self, client, hand_in, department):
        hand_in(text(STATISTIC_HEADS, statistic()))
        reading = Reading.objects.get()
        address = reverse("handover:reading_drop", args=["desk", reading.pk])
        readings = reverse("handover:readings", args=["desk"])
        assert address in client.get(readings).content.decode()
        client.post(address)
        assert address not in client.get(readings).content.decode()

    def test_looked_at_again_it_is_not_checked_again_until_something_has_changed(self, client, hand_in, take, agent):
        def lines_asked_for() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert "Read in only the 1 good row" in client.get(address).content.decode()
            return sum('FROM "handover_servicestatistic"' in query["sql"] for query in captured)

        hand_in(text(STATISTIC_HEADS, statistic(), statistic(number="77"), statistic(day="2026-11-08", served="x")))
        address = reverse("handover:reading", args=["desk", Reading.objects.get().pk])
        first = client.get(address).context["draft"].outcome
        assert lines_asked_for() == 0
        assert client.get(address).context["draft"].outcome == first
        take(statistic(served=60))
        assert lines_asked_for() == 1
        assert client.get(address).context["draft"].outcome.corrections[0].changes[0].after == "50"

    def test_the_rows_left_out_come_as_excel_with_what_is_wrong(self, client, hand_in, agent):
        hand_in(text(STATISTIC_HEADS, statistic(), statistic(number="77", served="=1+1")))
        reading = Reading.objects.get()
        answer = client.get(reverse("handover:reading_wrong", args=["desk", reading.pk]))
        heads, row = rows_of(answer.content)
        assert heads == ["Row", *STATISTIC_HEADS, "What is wrong"]
        assert row[0] == 3
        assert row[1:4] == ["2026-11-09", "77", "=1+1"]
        assert "接待人数: This is no number." in row[-1]

    def test_dropped_it_is_gone(self, client, hand_in):
        hand_in(text(STATISTIC_HEADS, statistic()))
        reading = Reading.objects.get()
        assert post(client, "reading_drop", reading, follow=True).status_code == 200
        assert post(client, "reading_start", reading, {"seen": ""}).status_code == 422
        assert post(client, "reading_columns", reading).status_code == 422
        reading.refresh_from_db()
        assert reading.state == ReadingState.DROPPED

    def test_other_columns_than_were_shown_are_refused(self, client, hand_in, agent):
        hand_in(text(STATISTIC_HEADS, statistic()))
        answer = post(client, "reading_start", Reading.objects.get(), {"seen": "old"})
        assert answer.status_code == 422
        assert "Look at it again" in answer.content.decode()

    def test_while_it_is_read_in_the_page_shows_how_far(self, client, hand_in, agent):
        answer = hand_in(text(STATISTIC_HEADS, statistic()))
        reading = Reading.objects.get()
        answer = post(client, "reading_start", reading, {"seen": answer.context["draft"].seen}, follow=True)
        assert "bz-job" in answer.content.decode()
        assert post(client, "reading_drop", reading).status_code == 422


class TestBadFiles:
    @pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-8", "utf-16"])
    def test_every_encoding_that_tools_write_is_read(self, hand_in, encoding, agent):
        answer = hand_in(text(STATISTIC_HEADS, statistic(), encoding=encoding))
        assert "Read in 1 row" in answer.content.decode()

    def test_tabs_and_excel_too(self, hand_in, agent):
        answer = hand_in(text(STATISTIC_HEADS, statistic(sales="88"), separator="\t"), name="a.tsv")
        assert "Read in 1 row" in answer.content.decode()
        answer = hand_in(workbook(STATISTIC_HEADS, ("2026-11-09", "07", 1, 1, 1, 0.5)), name="a.xlsx")
        assert "Read in 1 row" in answer.content.decode()

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "This file is empty."),
            (b"\x89PNG\r\n\x1a\n" + bytes(60), "neither an Excel file nor a table"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
            (text(statistic(), statistic(number="02")), "no headings"),
            (text(STATISTIC_HEADS), "Below the headings there is nothing."),
            (b"a," * 210_000 + b"\n" + b"a," * 210_000, "reach too far"),
            (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        ],
    )
    def test_what_is_no_good_file_is_refused_in_words(self, hand_in, content, says):
        answer = hand_in(content)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert not Reading.objects.exists()

    def test_a_hundred_megabytes_are_refused_before_they_are_read(self, client, department):
        class Unread:
            def read(self, *_args):
                raise AssertionError("something of it was read")

            readline = read

        answer = client.generic(
            "POST",
            reverse("handover:readings", args=[department.code]),
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(100 * 1024 * 1024),
            **{"wsgi.input": Unread()},
        )
        assert middleware.MOST_BYTES < 100 * 1024 * 1024
        assert answer.status_code == 413
        assert "too large" in answer.content.decode()

    def test_what_is_only_called_a_workbook_says_so(self, hand_in):
        answer = hand_in(text(("a", "b"), (1, 2)), name="export.xlsx")
        assert answer.status_code == 422
        assert "cannot be read as a workbook" in answer.content.decode()

    def test_without_a_file_or_a_source_nothing_begins(self, client, department):
        answer = client.post(reverse("handover:readings", args=[department.code]), {"kind": "statistics"})
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"source", "file"})

    def test_headings_that_stand_twice_are_named(self, hand_in, agent):
        html = hand_in(text((*STATISTIC_HEADS, "备注", "备注"), (*statistic(), "a", "b"))).content.decode()
        assert "More than one column is called: 备注" in html

    def test_a_handle_with_script_tags_is_only_text(self, client, hand_in):
        script = "<script>alert(1)</script>"
        answer = hand_in(
            text(ORDER_HEADS, order(buyer=script), order(number="2", buyer=script, fen="x")), kind="orders"
        )
        assert script not in answer.content.decode()
        reading = Reading.objects.get()
        start(client, answer, reading)
        assert Order.objects.get().buyer == script
        assert script not in client.get(reverse("handover:reading", args=["desk", reading.pk])).content.decode()


class TestWhoMay:
    def test_a_colleague_without_the_right_may_not_and_a_stranger_finds_nothing(
        self, client_of, department, leader, agent, stranger
    ):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        for person, status in ((agent, 403), (stranger, 404)):
            other = client_of(person)
            assert other.get(reverse("handover:readings", args=["desk"])).status_code == status
            assert other.get(reverse("handover:reading", args=["desk", reading.pk])).status_code == status
            assert post(other, "reading_start", reading).status_code == status

    def test_a_file_of_another_department_is_not_found(self, client_of, department, other_department, leader, stranger):
        reading = kept(department, leader, text(STATISTIC_HEADS, statistic()))
        address = reverse("handover:reading", args=[other_department.code, reading.pk])
        assert client_of(stranger).get(address).status_code == 404


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_list_asks_as_much_for_thirty_files_as_for_one(client, department, leader, agent):
    address = reverse("handover:readings", args=[department.code])
    kept(department, leader, text(STATISTIC_HEADS, statistic()))
    # The first page of a process reads the rulebook, which is then known.
    client.get(address)
    one = queries(client, address)
    for number in range(29):
        kept(department, leader, text(STATISTIC_HEADS, statistic(served=number)))
    assert queries(client, address) == one <= 10


def test_a_draft_asks_as_much_for_thirty_rows_as_for_one(client, department, leader, agent):
    client.get(reverse("handover:readings", args=[department.code]))
    asked = []
    for days in (1, 9):
        rows = [statistic(day=f"2026-11-0{day}") for day in range(1, days + 1)]
        reading = kept(department, leader, text(STATISTIC_HEADS, *rows))
        asked.append(queries(client, reverse("handover:reading", args=["desk", reading.pk])))
    assert asked[0] == asked[1] <= 10

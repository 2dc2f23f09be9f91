"""A pasted list of people: what is understood of it, and what each line's mistake is. Without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.pasting import MOST_LINES, TooLong, read_lines

ROLES = {"agent": "agent", "客服": "agent", "leader": "leader", "组长": "leader", "team leader": "leader"}


def read(text):
    return read_lines(text, roles=ROLES, default="agent")


def one(text):
    (line,) = read(text)
    return line


@pytest.mark.parametrize(
    "text",
    [
        "07\t林晓彤\t组长\txiaotong",
        "07,林晓彤,组长,xiaotong",
        "07，林晓彤，组长，xiaotong",
        "07、林晓彤、组长、xiaotong",
        "07; 林晓彤 ;Leader; xiaotong",
        "  07 ,\u3000林晓彤 , TEAM LEADER,xiaotong  ",
        "０７，林晓彤，组长，ｘｉａｏｔｏｎｇ",
    ],
)
def test_a_line_is_number_name_role_and_user_name_however_it_is_separated(text):
    line = one(text)
    assert (line.number, line.name, line.roles, line.username) == ("07", "林晓彤", ("leader",), "xiaotong")
    assert (line.place, line.mistake) == (1, "")


def test_role_and_user_name_may_be_left_out():
    assert one("07,林晓彤").roles == ("agent",)
    assert one("07,林晓彤").username == ""
    assert one("07,林晓彤,,xiaotong").username == "xiaotong"
    assert one("07\t林晓彤\t\t\t\t").mistake == ""


def test_several_roles_stand_in_one_cell():
    assert one("07\t林晓彤\t客服、组长").roles == ("agent", "leader")
    assert one("07,林晓彤,客服/组长").roles == ("agent", "leader")
    assert one("07,林晓彤,客服+agent").roles == ("agent",)


@pytest.mark.parametrize(
    "head", ["工号\t姓名\t角色", "Work number, Name", "No.,Full name", "序号,姓名", "编号，名字，角色，用户名"]
)
def test_a_line_of_headings_on_top_is_left_out(head):
    assert [line.number for line in read(f"\n{head}\n07,林晓彤")] == ["07"]


def test_headings_further_down_are_a_line_like_others():
    assert len(read("07,林晓彤\n工号,姓名")) == 2


def test_empty_lines_are_left_out_and_the_others_keep_their_place():
    assert [line.place for line in read("\n07,林晓彤\r\n\r\n \t \n08,王浩然\n")] == [2, 5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("07", "a comma and the name"),
        ("07 林晓彤", "a comma and the name"),
        (",林晓彤", "number is missing"),
        ("07,", "name is missing"),
        ("1234567890123,林晓彤", "at most 12"),
        ("07," + "林" * 61, "at most 60"),
        ("07,林晓彤,boss", "“boss” is no role"),
        ("07,林晓彤,客服,a,b", "four parts"),
        ("07,林\u200b晓彤", "cannot be shown"),
        ("07," + "x" * 400, "too long"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(text, words):
    assert words in one(text).mistake


def test_more_lines_than_a_department_has_people_are_refused():
    assert len(read("\n".join(f"{n},x" for n in range(MOST_LINES)))) == MOST_LINES
    with pytest.raises(TooLong):
        read("\n".join(f"{n},x" for n in range(MOST_LINES + 1)))


@given(st.text(max_size=400))
def test_whatever_is_pasted_every_line_is_a_person_or_says_its_mistake(text):
    for line in read(text):
        assert line.mistake or (0 < len(line.number) <= 12 and 0 < len(line.name) <= 60 and line.roles)

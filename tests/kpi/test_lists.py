"""The month's scorecards as a list: sorted by any figure, narrowed by grade, taken along as a file."""

import pytest

from tests.kpi.pages import url
from tests.sheets import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_october")]


def names(client, **query):
    return [row.card.membership.work_number for row in client.get(url("month"), query).context["table"].page]


def test_the_best_stand_first_until_another_figure_is_asked_for(client_of, manager):
    client = client_of(manager)
    assert names(client) == ["02", "07"]
    assert names(client, sort="total") == ["07", "02"]
    # Who has no figure stands last, either way.
    assert names(client, sort="-part0") == names(client, sort="part0") == ["07", "02"]
    assert names(client, sort="-who") == ["07", "02"]


def test_one_grade_alone(client_of, manager):
    assert names(client_of(manager), grade="C") == ["07"]
    assert names(client_of(manager), grade="no such grade") == ["02", "07"]


def test_the_file_has_a_column_for_each_indicator(client_of, manager):
    head, best, other = rows_of(client_of(manager).get(url("month"), {"export": "xlsx"}).content)
    assert head == [
        "Rank", "Work number", "Agent", "Total", "Grade",
        "Self-counted conversion", "Handover", "Discipline", "Supervisor's judgement", "Attention",
    ]  # fmt: skip
    assert best[:5] == [1.0, "02", "王浩然", 100.0, "A"]
    assert other[3:9] == [62.0, "C", 20.0, 10.0, 16.0, 16.0]


def test_who_may_not_read_the_scores_gets_no_file(client_of, agent):
    answer = client_of(agent).get(url("month"), {"export": "xlsx"})
    assert answer.status_code == 302

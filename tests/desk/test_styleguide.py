"""The style guide: every component on one page, for developers only."""

import pytest

pytestmark = pytest.mark.django_db

PAGE = "/styleguide/"


def test_it_shows_the_components_where_the_demo_is_on(settings, client_of, agent):
    settings.DEMO = True
    shown = client_of(agent).get(PAGE)
    assert shown.status_code == 200
    html = shown.content.decode()
    for piece in (
        "bz-tabletools",
        "aria-sort",
        "bz-empty",
        "bz-field",
        "bz-tag",
        "bz-facts",
        "bz-trail",
        "<dialog",
        "bz-toast",
    ):
        assert piece in html
    # One job in each state, of which the unfinished ones can be stopped.
    assert html.count('class="bz-job"') == 5
    assert html.count("/cancel/") == 2


def test_its_list_is_a_list(settings, client_of, agent):
    settings.DEMO = True
    client = client_of(agent)
    assert [row.who for row in client.get(PAGE, {"sort": "who"}).context["table"].page] == ["02", "04", "07"]
    assert [row.who for row in client.get(PAGE, {"q": "0", "half": "second"}).context["table"].page] == ["04"]
    assert client.get(PAGE, {"export": "xlsx"})["Content-Disposition"].startswith("attachment")


def test_elsewhere_it_does_not_exist(settings, client_of, agent):
    settings.DEMO = settings.DEBUG = False
    assert client_of(agent).get(PAGE).status_code == 404

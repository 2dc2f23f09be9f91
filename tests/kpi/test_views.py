"""Who sees which scores, and what the pages say about their numbers."""

import json
import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpi import services
from kpi.models import Scorecard, ScoreRun
from ledger.models import Incident
from office import clock, jobs
from office.models import Job, JobState
from office.months import Month
from people.models import Membership, Right, Role
from rulebooks.reading import read
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person
from tests.kpi.facts import OCTOBER, incident, instant, served, worked
from tests.kpi.pages import text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_of_november")]

FIRST, SECOND = date(2026, 10, 1), date(2026, 10, 2)


# -- The month ---------------------------------------------------------------------------------------------------------


def test_the_manager_reads_rank_total_grade_and_points_of_everybody(client_of, manager, scored_october):
    shown = text_of(client_of(manager).get(url("month")))
    assert "2 scorecards" in shown
    assert re.search(r"1 王浩然 02 .*?100\.00 .*?A .*? 50\.00 / 50", shown)
    assert re.search(r"2 林晓彤 07 .*?62\.00 .*?C .*? 20\.00 / 40 .* 10\.00 / 20 .* 16\.00 / 20 .* 16\.00 / 20", shown)
    assert "Draft, not yet signed" in shown
    assert "Counted up to 2026-11-02 09:00" in shown


def test_a_flagged_grade_has_a_sign_and_a_word(client_of, manager, department, agent, supervisor):
    served(agent.membership, FIRST, 0, 60)
    worked(agent.membership, FIRST, "D", handed_over=False)
    services.score_month(department=department, month=OCTOBER, actor=manager)
    page = client_of(manager).get(url("month"))
    assert "icons.svg#flag" in page.content.decode()
    assert "Attention" in text_of(page)


def test_an_unscored_month_says_what_to_do_next(client_of, manager, supervisor, agent):
    assert "Press “Score the month”" in text_of(client_of(manager).get(url("month")))
    assert "Whoever may score the month does it here" in text_of(client_of(supervisor).get(url("month")))


@pytest.mark.parametrize("month", ["2026-12", "2027-05", "2100-12"])
def test_a_month_to_come_says_so_and_offers_no_button(client_of, manager, agent, month):
    page = client_of(manager).get(url("month", month=month))
    assert page.status_code == 200
    assert "has not begun" in text_of(page)
    assert url("run", month=month) not in page.content.decode()


@pytest.mark.parametrize("path", ["2026-13", "2026-00", "1999-12", "2101-01", "2026-1", "26-10"])
def test_a_month_that_does_not_exist_is_no_address(client_of, manager, path):
    assert client_of(manager).get(f"/d/desk/scores/{path}/").status_code == 404


def test_the_first_month_of_all_has_none_before_it(client_of, manager, agent):
    page = client_of(manager).get(url("month", month="2000-01"))
    assert page.status_code == 200
    assert "has no rulebook in force" in text_of(page)
    assert client_of(agent).get(url("scorecard", agent.membership.pk, month="2000-01")).status_code == 200


def test_a_running_month_is_marked_as_not_over(client_of, manager, department, agent, supervisor):
    services.score_month(department=department, month=OCTOBER.next, actor=manager)
    assert "The month is not over." in text_of(client_of(manager).get(url("month", month="2026-11")))
    card = client_of(agent).get(url("scorecard", agent.membership.pk, month="2026-11"))
    assert "The month is not over." in text_of(card)


def test_an_agent_is_sent_to_the_own_scorecard(client_of, agent, scored_october):
    page = client_of(agent).get(url("month"))
    assert page.headers["Location"] == url("scorecard", agent.membership.pk)
    assert client_of(agent).get(url("month"), follow=True).status_code == 200


def test_whoever_has_no_right_and_no_scorecard_is_refused(client_of, finance, scored_october):
    assert client_of(finance).get(url("month")).status_code == 403


@pytest.mark.parametrize("name", ["month", "scorecard", "judge"])
def test_for_a_stranger_the_department_does_not_exist(client_of, stranger, agent, scored_october, name):
    args = [] if name == "month" else [agent.membership.pk]
    assert client_of(stranger).get(url(name, *args)).status_code == 404
    assert client_of(stranger).post(url("run")).status_code == 404


def test_the_month_takes_at_most_ten_queries_for_any_number_of_agents(client_of, department, manager, scored_october):
    boss = add_person(department, name="甲", roles=[Role.MANAGER, Role.SUPERVISOR], scored=False)
    counts = []
    for agents in (0, 30):
        for _number in range(agents):
            add_person(department, roles=[Role.AGENT])
        services.score_month(department=department, month=OCTOBER, actor=manager)
        for user in (manager, boss):
            client = client_of(user)
            client.get(url("month"))
            with CaptureQueriesContext(connection) as queries:
                page = client.get(url("month"))
            counts.append(len(queries))
        assert f"{agents + 2} scorecards" in text_of(page)
    assert max(counts) <= 10
    assert counts[:2] == counts[2:]


# -- The button --------------------------------------------------------------------------------------------------------


def test_the_button_starts_one_job_and_the_page_shows_it(client_of, manager, agent):
    client = client_of(manager)
    for _press in range(2):
        assert client.post(url("run")).headers["Location"] == url("month")
    job = Job.objects.get()
    assert (job.task, job.owner, job.state) == ("kpi.tasks.score_month", manager, JobState.QUEUED)
    shown = client.get(url("month")).content.decode()
    assert f'hx-get="{reverse("office:job", args=[job.pk])}"' in shown
    assert url("run") not in shown


def test_another_persons_job_is_shown_too_but_not_theirs_to_ask(client_of, manager, department, agent):
    other = add_person(department, name="另一位", roles=[Role.MANAGER], scored=False)
    client_of(other).post(url("run"))
    shown = client_of(manager).get(url("month")).content.decode()
    assert f'hx-get="{url("month")}"' in shown
    assert reverse("office:job", args=[Job.objects.get().pk]) not in shown


def test_what_a_failed_job_said_is_shown(client_of, manager, agent):
    client = client_of(manager)
    client.post(url("run"))
    Job.objects.update(state=JobState.FAILED, error="The disk is full.", finished_at=clock.now())
    page = client.get(url("month"))
    assert "The disk is full." in text_of(page)
    assert url("run") in page.content.decode()


def test_the_task_does_what_the_job_says(client_of, manager, agent):
    from kpi.tasks import score_month

    client_of(manager).post(url("run"))
    score_month(Job.objects.get().pk)
    job, run = Job.objects.get(), ScoreRun.objects.get()
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 1)
    assert job.result.items() >= {"run": run.pk, "as_of": run.as_of.isoformat(), "scorecards": 1}.items()
    assert (run.run_by, score_month.name) == (manager, services.TASK)


def test_a_job_stopped_by_its_owner_changes_nothing(client_of, manager, agent, department):
    from kpi.tasks import score_month

    job = services.start_scoring(department=department, month=OCTOBER, actor=manager)
    jobs.cancel(job=job, actor=None)
    score_month(job.pk)
    assert not ScoreRun.objects.exists()


def test_a_job_that_is_refused_keeps_the_words_in_the_language_of_who_asked(client_of, manager, agent, department):
    from kpi.tasks import score_month

    client_of(manager).post(url("run"))
    with clock.at(instant(agent.membership, "2026-09-01 09:00")):
        score_month(Job.objects.get().pk)
    assert (Job.objects.get().state, Job.objects.get().error) == (JobState.FAILED, "2026-10 has not begun yet.")


@pytest.mark.parametrize("role", ["agent", "leader", "supervisor", "finance"])
def test_only_who_may_score_presses_the_button(request, client_of, role):
    assert client_of(request.getfixturevalue(role)).post(url("run")).status_code == 403
    assert not Job.objects.exists()


def test_the_button_for_a_month_to_come_is_refused_in_words(client_of, manager, agent):
    page = client_of(manager).post(url("run", month="2026-12"))
    assert page.status_code == 422
    assert "2026-12 has not begun yet." in text_of(page)
    assert not Job.objects.exists()


@pytest.mark.parametrize(("name", "args"), [("run", []), ("month", []), ("scorecard", [1])])
def test_a_wrong_method_is_refused(client_of, manager, name, args):
    client = client_of(manager)
    wrong = client.get if name == "run" else client.post
    assert wrong(url(name, *args)).status_code == 405


# -- A scorecard -------------------------------------------------------------------------------------------------------


def test_a_scorecard_shows_figure_numbers_score_weight_points_and_how_they_came_about(client_of, agent, scored_october):
    page = client_of(agent).get(url("scorecard", agent.membership.pk))
    shown = text_of(page)
    assert re.search(r"Total 62\.00 / 100 Grade C from 60 Rank 2 / 2", shown)
    assert re.search(r"55\.00 % ≥ 70 % 55 customers closed ÷ 100 customers served 50\.00 40 20\.00 / 40", shown)
    assert "0 at 40 %, 100 at 70 %, straight between." in shown
    assert "(55 ÷ 100 × 100 − 40) ÷ (70 − 40) × 100 = 50" in shown
    assert "50 × 40 ÷ 100 = 20" in shown
    assert "1 incident" in shown
    assert "100 − 20 × 1 = 80" in shown
    assert "Good = 80" in shown
    assert "20 + 10 + 16 + 16 = 62.00" in shown
    assert f'href="{reverse("rulebooks:version", args=["desk", 1])}#scorecard"' in page.content.decode()


def test_the_rows_shown_add_up_to_the_line(client_of, agent, scored_october):
    page = client_of(agent).get(url("scorecard", agent.membership.pk))
    shown = text_of(page)
    assert re.search(r"10-01 \w+ 30 60 10-02 \w+ 25 40 Sum 55 100", shown)
    assert re.search(r"10-01 \w+ Day 10-01 17:00 10-01 16:59 1 10-02 \w+ Night 10-02 17:00 — 0 Of 2 shifts 1", shown)
    broken = Incident.objects.get()
    clause = re.escape(f"{broken.clause_number} {broken.clause_text['en']}")
    assert re.search(rf"10-02 \w+ {clause} 10-03 09:00 Sum 1", shown)
    assert reverse("ledger:incident_detail", args=["desk", broken.pk]) in page.content.decode()
    assert "Good 张岚 · 11-02 09:00 steady" in shown
    assert "no longer add up" not in shown


def test_without_a_figure_a_dash_stands_and_0_over_0(client_of, manager, colleague, scored_october):
    shown = text_of(client_of(manager).get(url("scorecard", colleague.membership.pk)))
    assert re.search(r"— ≥ 70 % 0 customers closed ÷ 0 customers served — 0 of 40 —", shown)
    assert "No figure: the line is left out, and the others share its weight." in shown
    assert "No figure: it counts in full." in shown
    assert "20 × 100 ÷ 40 = 50" in shown


def test_the_others_are_dots_without_names_for_an_agent(client_of, agent, manager, scored_october):
    shown = client_of(agent).get(url("scorecard", agent.membership.pk)).content.decode()
    assert shown.count('class="c-peer"') == 1
    assert "王浩然" not in shown
    assert "王浩然" in text_of(client_of(manager).get(url("scorecard", agent.membership.pk)))


def test_rows_that_no_longer_add_up_are_admitted(client_of, agent, scored_october):
    # What a transaction that was still open while the month was scored leaves behind.
    served(agent.membership, date(2026, 10, 5), 1, 9, at="2026-11-01 12:00")
    assert "These rows no longer add up" in text_of(client_of(agent).get(url("scorecard", agent.membership.pk)))


def test_a_member_of_mid_month_sees_which_days_count(client_of, department, manager):
    joined = add_person(department, name="新人", roles=[Role.AGENT], from_day=date(2026, 10, 15))
    services.score_month(department=department, month=OCTOBER, actor=manager)
    shown = text_of(client_of(joined).get(url("scorecard", joined.membership.pk)))
    assert "2026-10-15" in shown
    assert "only these days count" in shown


def test_a_card_on_which_no_line_has_a_figure_says_so(client_of, department, agent, manager):
    _rulebook, content = read((LIBRARY / "three-shift-desk.yaml").read_bytes())
    content["scorecard"]["indicators"] = [{**content["scorecard"]["indicators"][0], "weight": 100}]
    source = json.dumps(content).encode()
    import_rulebook(department=department, source=source, from_day=FIRST, actor=None)
    services.score_month(department=department, month=OCTOBER, actor=manager)
    shown = text_of(client_of(agent).get(url("scorecard", agent.membership.pk)))
    assert "No line has a figure: the total is the floor, 0, and says nothing about the month." in shown
    assert re.search(r"Total 0\.00 / 100 Grade D", shown)


def test_a_line_without_a_figure_may_count_in_full_or_nothing(client_of, changed_department):
    boss = add_person(changed_department, roles=[Role.FINANCE], scored=False)
    idle = add_person(changed_department, roles=[Role.AGENT])
    services.score_month(department=changed_department, month=OCTOBER, actor=boss)
    shown = text_of(client_of(boss).get(url("scorecard", idle.membership.pk, code="harbour")))
    assert "No figure: it counts 0." in shown
    assert "No figure: it counts in full." in shown
    assert "No line has a figure" not in shown


def test_before_the_scoring_there_is_no_scorecard_and_the_page_says_so(client_of, agent, manager):
    own = client_of(agent).get(url("scorecard", agent.membership.pk))
    assert (own.status_code, "No scorecard for 林晓彤 yet" in text_of(own)) == (200, True)
    assert "Score the month on the page" in text_of(client_of(manager).get(url("scorecard", agent.membership.pk)))


def test_an_agent_cannot_see_anothers_scorecard(client_of, agent, colleague, leader, finance, scored_october):
    for user in (agent, leader, finance):
        assert client_of(user).get(url("scorecard", colleague.membership.pk)).status_code == 404


def test_keys_of_another_department_are_not_found(client_of, manager, supervisor, other_department, scored_october):
    foreign = add_person(other_department, roles=[Role.AGENT]).membership
    for user in (manager, supervisor):
        assert client_of(user).get(url("scorecard", foreign.pk)).status_code == 404
    assert client_of(supervisor).post(url("judge", foreign.pk)).status_code == 404
    assert client_of(manager).get(url("scorecard", foreign.pk, code="next-door")).status_code == 404


def test_visible_scorecards_are_ones_own_and_those_one_may_read(agent, colleague, manager, stranger, scored_october):
    assert [card.membership for card in Scorecard.objects.visible_to(agent)] == [agent.membership]
    assert Scorecard.objects.visible_to(manager).count() == 2
    assert not Scorecard.objects.visible_to(stranger).exists()


def test_a_scorecard_takes_the_same_queries_for_any_number_of_rows_and_agents(
    client_of, department, manager, agent, scored_october
):
    client, counts = client_of(manager), []
    for many in (0, 25):
        for number in range(many):
            add_person(department, roles=[Role.AGENT])
            served(agent.membership, date(2026, 10, 3 + number), 5, 10)
            incident(agent.membership, date(2026, 10, 3 + number))
        services.score_month(department=department, month=OCTOBER, actor=manager)
        client.get(url("scorecard", agent.membership.pk))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("scorecard", agent.membership.pk))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- Another rulebook, other rights ------------------------------------------------------------------------------------


def test_another_rulebook_gives_other_people_these_rights(client_of, changed_department):
    leader = add_person(changed_department, roles=[Role.LEADER], scored=False)
    finance = add_person(changed_department, roles=[Role.FINANCE], scored=False)
    manager = add_person(changed_department, roles=[Role.MANAGER], scored=False)
    member = add_person(changed_department, name="客服", work_number="31", roles=[Role.AGENT]).membership
    here = {"code": "harbour"}
    assert client_of(manager).post(url("run", **here)).status_code == 403
    assert client_of(finance).post(url("run", **here)).status_code == 302
    # Whoever judges there does not read the scorecards: the list is all there is.
    page = client_of(leader).get(url("month", **here))
    assert "客服 31 not judged" in text_of(page)
    assert client_of(leader).get(url("scorecard", member.pk, **here)).status_code == 404
    wanted = {"indicator": "opinion", "choice": "plus", "reason": "quick"}
    done = client_of(leader).post(url("judge", member.pk, **here), wanted)
    assert done.headers["Location"] == url("month", **here)
    services.score_month(department=changed_department, month=OCTOBER, actor=finance)
    shown = text_of(client_of(finance).get(url("scorecard", member.pk, **here)))
    assert "100 from 62.5 % on, in proportion below." in shown
    assert "0 at 5 incidents, 100 at 0 incidents, straight between." in shown
    assert "Given by hand: Plus 95, Minus 15." in shown


def test_every_right_that_opens_the_month_is_one_of_the_rulebook():
    from kpi.views import OVERVIEW_RIGHTS

    assert set(OVERVIEW_RIGHTS) <= set(Right)


def test_start_scoring_refuses_before_it_queues(department, manager):
    with pytest.raises(ValidationError):
        services.start_scoring(department=department, month=Month(2026, 12), actor=manager)
    assert not Job.objects.exists()


def test_someone_who_left_and_came_back_finds_the_card_of_the_right_membership(client_of, department, manager):
    user = add_person(department, name="回来的人", roles=[Role.AGENT])
    old = user.membership
    Membership.objects.filter(pk=old.pk).update(until_day=date(2026, 10, 10))
    new = Membership.objects.create(user=user, department=department, work_number="77", from_day=date(2026, 10, 20))
    services.score_month(department=department, month=OCTOBER, actor=manager)
    assert Scorecard.objects.filter(membership__in=[old, new]).count() == 2
    client = client_of(user)
    assert client.get(url("month", month="2026-09")).headers["Location"] == url("scorecard", old.pk, month="2026-09")
    assert client.get(url("scorecard", old.pk)).status_code == 200
    assert client.get(url("scorecard", new.pk)).status_code == 200


def test_scores_of_a_month_in_which_nothing_was_recorded_say_so(client_of, manager, agent, department):
    services.score_month(department=department, month=OCTOBER, actor=manager)
    assert "Nothing was recorded in this month" in text_of(client_of(manager).get(url("month")))


def test_scores_that_rest_on_facts_do_not(client_of, manager, scored_october):
    assert "Nothing was recorded in this month" not in text_of(client_of(manager).get(url("month")))

"""Two processes scoring the same month in the same moment."""

from datetime import date

import pytest

from kpi.models import Scorecard, ScoreLine, ScoreRun
from office.models import AuditEntry
from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY
from tests.factories import add_person, make_department
from tests.kpi.facts import served, stored
from tests.processes import at_once

# Reports for work, waits for the word, scores; as its own process, so that nothing is shared but the database.
SCORE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from kpi import services
from office.months import Month
from people.models import Department
department = Department.objects.get(code="race")
print("ready", flush=True)
sys.stdin.readline()
print(services.score_month(department=department, month=Month(2024, 3), actor=None).pk, flush=True)
"""


@pytest.fixture
def race(transactional_db):
    department = make_department("race")
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    import_rulebook(department=department, source=source, from_day=date(2024, 1, 1), actor=None)
    for _number in range(40):
        member = add_person(department, from_day=date(2024, 1, 1)).membership
        served(member, date(2024, 3, 1), 5, 10)
    return department


def score_in_processes(count: int) -> list[str]:
    return at_once(*[("-c", SCORE)] * count)


@pytest.mark.services
@pytest.mark.slow
def test_two_runs_at_once_give_one_result(race):
    keys = score_in_processes(3)
    run = ScoreRun.objects.get()
    assert keys == [str(run.pk)] * 3
    assert (Scorecard.objects.count(), ScoreLine.objects.count()) == (40, 160)
    # The runs that waited found nothing to change.
    assert AuditEntry.objects.filter(action="kpi.month.scored").count() == 1
    before = stored(run)
    served(race.memberships.first(), date(2024, 3, 2), 10, 10)
    assert score_in_processes(2) == [str(run.pk)] * 2
    after = stored(run)
    assert AuditEntry.objects.filter(action="kpi.month.scored").count() == 2
    assert [row["id"] for row in after["lines"]] == [row["id"] for row in before["lines"]]

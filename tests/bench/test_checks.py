"""The yardstick of the checks compares the engine with a loop over the same cells."""

from dataclasses import replace

import pytest

from bench import checks
from bench.world import MONTH, PLANNED
from office import clock
from shifts.compliance import Plan
from shifts.plans import case_of

pytestmark = pytest.mark.django_db


def test_the_loop_and_the_engine_find_the_same_gaps():
    yardstick = checks.yardstick(12)
    yardstick.proof()
    assert yardstick.ours.run(None) == yardstick.bare.run(None) == 0


def test_an_engine_that_finds_nothing_is_found_out():
    made = checks.planned(6)
    with clock.at(PLANNED):
        case = case_of(made.department, MONTH)
    nobody = Plan(case.plan.first, case.plan.last)
    with pytest.raises(AssertionError, match="is this a check"):
        checks.prove(nobody, replace(case.rules, cover={}))

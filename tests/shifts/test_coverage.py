"""How a day stands against what is wanted and the least allowed."""

import pytest

from shifts.coverage import Cover, Level


@pytest.mark.parametrize(
    ("have", "level", "missing"),
    [(0, Level.UNDER, 2), (1, Level.SHORT, 1), (2, Level.FULL, 0), (3, Level.OVER, 0)],
)
def test_a_gap_under_the_minimum_is_another_thing_than_one_under_wanted(have, level, missing):
    cover = Cover(have, wanted=2, minimum=1)
    assert (cover.level, cover.missing) == (level, missing)

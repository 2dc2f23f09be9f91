"""The yardstick of the figures compares with the same sums."""

import pytest

from bench import statistics
from handover.models import Order, ServiceStatistic, StatisticSource

pytestmark = pytest.mark.django_db


def test_the_figures_and_the_hand_written_statement_count_the_same():
    yardstick = statistics.yardstick(6)
    yardstick.proof()
    assert yardstick.ours.run(None) > 0
    assert yardstick.bare.run(None) == 0
    assert Order.objects.filter(shares=None).exists()
    assert ServiceStatistic.objects.exclude(supersedes=None).exists()
    assert ServiceStatistic.objects.filter(source=StatisticSource.IMPORTED).exists()


def test_figures_of_other_facts_are_found_out():
    month = statistics.Month("statistics-3", 3)
    month.proof()
    served = month.sums
    month.sums = lambda: {member: (0, *sums[1:]) for member, sums in served().items()}
    with pytest.raises(AssertionError, match="differ"):
        month.proof()

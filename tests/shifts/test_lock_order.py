"""Which rows are locked, on PostgreSQL: the member's alone, so that nobody waits in a circle for the department's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shifts.services import feeds

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows"),
]


def locks_of(call, **kwargs):
    with CaptureQueriesContext(connection) as asked:
        call(**kwargs)
    return [query["sql"].partition(" FOR ")[2] for query in asked.captured_queries if " FOR " in query["sql"]]


@pytest.mark.parametrize("call", [feeds.make_feed, feeds.revoke_feed])
def test_a_calendar_address_locks_its_member_alone(agent, call):
    assert locks_of(call, membership=agent.membership, actor=agent) == ['NO KEY UPDATE OF "people_membership"']

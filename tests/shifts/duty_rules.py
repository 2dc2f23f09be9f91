"""The three-shift desk with duties: what the tests of duties and of the duty person publish."""

from datetime import date

from rulebooks.services import import_rulebook
from tests.conftest import LIBRARY

DUTIES = b"""
duties:
  - {code: sweeping, name: {zh-Hans: \xe6\x89\xab\xe5\x9c\xb0, en: Sweeping}, shifts: [D, R]}
  - code: last-one
    name: {zh-Hans: \xe5\x80\xbc\xe7\x8f\xad, en: Duty person}
    shifts: [N]
    stays_until_last_customer: true
    confirmed: false

notebooks:"""
CLAUSE = b"""  - code: sweeping-missed
    number: "8"
    text: {zh-Hans: \xe5\x80\xbc\xe6\x97\xa5\xe9\xa1\xbb\xe6\x89\xab\xe5\x9c\xb0, en: Whoever has the duty sweeps}
    window: calendar_month
    trigger: duty_missed
    ladder:
      - {fine_yuan: 10}
  - code: anything-else
"""


def with_duties(department, *changes: tuple[bytes, bytes], from_day=date(2026, 11, 1)):
    """Publish the three-shift desk with two duties and a clause for the missed one, changed in these places."""
    source = (LIBRARY / "three-shift-desk.yaml").read_bytes()
    for old, new in (
        (b"\nnotebooks:", DUTIES),
        (b"  - code: anything-else\n", CLAUSE),
        *changes,
    ):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return import_rulebook(department=department, source=source, from_day=from_day, actor=None)

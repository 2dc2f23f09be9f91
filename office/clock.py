"""The one source of the present moment.

Everything that records or judges takes the time from `now()`, so that the demo can live a month in seconds and a test
can stand at 00:59. The override is per process, not per thread: a browser test moves the clock of its live server.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_set_to: datetime | None = None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _set_to if _set_to is not None else datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Stand still at `instant` (aware) inside the block; nests."""
    global _set_to
    if instant.tzinfo is None:
        raise ValueError("The clock takes aware instants only.")
    before, _set_to = _set_to, instant.astimezone(UTC)
    try:
        yield
    finally:
        _set_to = before


def move(by: timedelta) -> datetime:
    """Move a clock that stands still; for use inside `at`."""
    global _set_to
    if _set_to is None:
        raise RuntimeError("The clock runs by itself: set it with at() before moving it.")
    _set_to += by
    return _set_to

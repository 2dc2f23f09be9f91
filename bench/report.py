"""The table that a run prints, and README.md with the results of each engine."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import django
from django.db import connection

from office import clock

from .measure import ROUNDS, WARM_UP, Outcome
from .roster import LEAST_AGENTS, MOST_BYTES, MOST_TIMES

README = Path(__file__).parent / "README.md"
COLUMNS = (
    ("yardstick", 20),
    ("ours min", 11),
    ("median", 11),
    ("bare min", 11),
    ("median", 11),
    ("min ÷ min", 9),
    ("med ÷ med", 9),
    ("queries", 8),
    ("bytes", 18),
    ("a cell", 7),
)
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

TEXT = f"""# Yardsticks

`make bench` times what the program does against the least that could do it, both in one run on one machine: the ratio
says more than milliseconds, which are another machine's tomorrow. This file is written by `make bench ARGS=--write`
(`bench/report.py`).

    make bench                                              # SQLite, in a folder of its own
    make bench DATABASE_URL=postgres://USER@HOST/NAME       # PostgreSQL, in a new database on that server
    make bench ARGS="--check --rounds 3 --only roster-200"  # exits with 1 when a limit is passed
    make bench ARGS="--only roster-50 scoring-5000"         # any size

How it is measured: the world is made anew and is the same every time (`bench/world.py`), and the program's clock stands
still. Both sides run once to count their queries and {WARM_UP} times to warm up; then they are timed in turn (ours,
bare, ours, bare …), each sample alone, with Python's garbage collector off. *min* and *median* are over the samples of
one side; statements that open or close a transaction are not counted as queries. Before anything is timed, a proof
holds the two sides against each other, and the run fails where they did not do the same.

What is compared:

- **roster-N**: the month's page of N agents × 31 days, as the supervisor sees it in Chinese: the page
  `/d/…/roster/2026-12/` in the middle of the month, published, with changes in the draft and nights that ran on. The
  bare side is a view that answers with the table's cells and nothing else, byte for byte the same cells: one query of
  both layers (without an order, days unread: the fastest of the ways tried), one join of pieces that it already has in
  memory. It has no frame, names, versions, sums, coverage or checks and looks at nobody's rights. Both go through
  Django's test client and the whole middleware, with the same session. Bytes are those of the whole page before
  compression; *a cell* is page bytes ÷ (N × 31). Limits from {LEAST_AGENTS} agents on: {MOST_TIMES} × the bare table
  (`--check` fails when min ÷ min and med ÷ med are both above it) and {MOST_BYTES} bytes a cell.
- **checks-N**: `shifts.compliance.check` over a month of N agents under the three-shift desk's limits: pure, with the
  plan in memory. The bare side is one loop over the same cells that only counts them.
- **fine**: `confirm_incident` of a first case, which locks, counts, makes the sanction, posts and seals the entry, and
  writes audit entry and notice. The bare side is the statements that leave the same rows, in one transaction, their
  SQL, parameters and hash made before the clock starts. The triggers are there for both, and both write to one chain,
  which is proved at the end of the warm-up. **payment**: the same for `record_payment` of that fine in full.
- **scoring-N**: `score_month` for N agents with about 27 statistics, shifts and handovers each, incidents and
  judgements: everything is counted, scored, ranked and written, N scorecards and 4 N lines with what they were worked
  out from. The bare side is one hand-written `GROUP BY` that yields the same sums and writes nothing. It is no goal to
  come near it: it shows what of the time is counting. **scoring-again-N**: the same when nothing has changed since;
  then every stored line is read and compared, and nothing is written.
- **statistics-N**: the figures of a month of N agents: every metric of every agent and of the department, counted from
  about 54 lines (notebook and chat tool, some corrected) and 30 orders an agent and put into words. The bare side is
  one hand-written `GROUP BY` that yields the sums of six of the metrics.
- **reading-N**: reading in a kept file of N rows of service statistics, none of them known before: texts are read,
  checked, held against what is recorded and written in parts with the department locked. The bare side inserts the
  same N rows, their SQL and parameters made before the clock starts, in one transaction. **reading-orders-N**: the same
  for orders, where ours also says whose each is; the bare side inserts the same orders, facts and shares.
"""


def cells(outcome: Outcome) -> list[str]:
    ours, bare = outcome.ours, outcome.bare
    return [
        outcome.yardstick.name,
        *(f"{1000 * seconds:,.1f} ms" for seconds in (ours.least, ours.middle, bare.least, bare.middle)),
        f"{outcome.times_least:.2f}",
        f"{outcome.times_middle:.2f}",
        f"{ours.queries} : {bare.queries}",
        f"{ours.bytes:,} : {bare.bytes:,}" if ours.bytes else "",
        "" if outcome.bytes_a_cell is None else f"{outcome.bytes_a_cell:.1f}",
    ]


def head() -> str:
    return _spaced([name for name, _width in COLUMNS])


def line(outcome: Outcome) -> str:
    return _spaced(cells(outcome))


def _spaced(words: list[str]) -> str:
    widths = [width for _name, width in COLUMNS]
    return words[0].ljust(widths[0]) + "".join(
        f" {word:>{width}}" for word, width in zip(words[1:], widths[1:], strict=True)
    )


def write(outcomes: Sequence[Outcome], rounds: int) -> Path:
    """Put this run's results into README.md; those of the other engine stay."""
    old = README.read_text() if README.exists() else ""
    README.write_text(page(old, connection.vendor, results(outcomes, rounds)))
    return README


def page(old: str, vendor: str, new: str) -> str:
    """README.md: the text, then a section for each engine: `new` for `vendor`, what `old` holds for the other."""
    parts = [TEXT]
    for engine, name in ENGINES.items():
        held = re.search(rf"<!-- {engine} -->\n(.*?)<!-- end -->\n", old, re.DOTALL)
        text = new if engine == vendor else held[1] if held else "Not measured yet.\n"
        parts.append(f"## {name}\n\n<!-- {engine} -->\n{text}<!-- end -->\n")
    return "\n".join(parts)


def results(outcomes: Sequence[Outcome], rounds: int) -> str:
    """The section of one engine: machine, date and command, and the table."""
    words = "ARGS=--write" if rounds == ROUNDS else f'ARGS="--rounds {rounds} --write"'
    command = f"make bench {words}" if connection.vendor == "sqlite" else f"make bench DATABASE_URL=… {words}"
    rows = [[name for name, _width in COLUMNS], ["---", *["---:"] * (len(COLUMNS) - 1)], *map(cells, outcomes)]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    today = clock.now().date().isoformat()
    return f"{today}, {rounds} rounds, `{command}`. {machine()}.\n\n{table}"


def machine() -> str:
    """Processor, memory and versions, in one line."""
    facts = [
        _first(r"model name\s*: (.*)", "/proc/cpuinfo") or platform.processor() or platform.machine(),
        f"{os.cpu_count()} cores",
        _memory(),
        platform.platform(terse=True),
        f"Python {platform.python_version()}",
        f"Django {django.get_version()}",
        _engine(),
    ]
    return ", ".join(filter(None, facts))


def _first(pattern: str, file: str) -> str:
    try:
        found = re.search(pattern, Path(file).read_text())
    except OSError:
        # Not every system has it.
        return ""
    return found[1].strip() if found else ""


def _memory() -> str:
    kilobytes = _first(r"MemTotal:\s+(\d+) kB", "/proc/meminfo")
    return f"{int(kilobytes) / 2**20:.0f} GB" if kilobytes else ""


def _engine() -> str:
    sql = "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return f"{ENGINES[connection.vendor]} {cursor.fetchone()[0]}"

"""`make bench`: see README.md beside this file, which `--write` writes."""

import argparse
import re
import sys

from .engine import engine
from .measure import ROUNDS, measure

NAMES = (
    "roster-200",
    "roster-1000",
    "checks-200",
    "fine",
    "payment",
    "scoring-1000",
    "scoring-again-1000",
    "statistics-200",
    "reading-20000",
    "reading-orders-20000",
)
KINDS = re.compile(
    r"(?:roster|checks|scoring|scoring-again|statistics)-[1-9][0-9]{0,3}|reading(?:-orders)?-[1-9][0-9]{0,4}|fine|payment"
)


def name_of(text: str) -> str:
    if not KINDS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"no yardstick is called {text}; there are {', '.join(NAMES)}, in any size")
    return text


def read(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"samples of each side ({ROUNDS})")
    parser.add_argument("--only", type=name_of, nargs="+", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit is passed")
    parser.add_argument("--write", action="store_true", help="put the results into bench/README.md")
    given = parser.parse_args(words)
    if given.rounds < 1:
        parser.error("--rounds is 1 or more")
    if given.write and given.only:
        parser.error("--write takes all yardsticks: leave --only away")
    return given


def main(words: list[str] | None = None) -> int:
    given = read(words)
    # The settings are read from the environment that it makes: models and views can be imported only inside.
    with engine():
        from .report import head, line, write
        from .yardsticks import yardsticks

        outcomes = []
        print(head(), flush=True)
        for yardstick in yardsticks(given.only or NAMES, given.rounds):
            outcomes.append(measure(yardstick, given.rounds))
            print(line(outcomes[-1]), flush=True)
        if given.write:
            print(f"written: {write(outcomes, given.rounds)}")
    faults = [fault for outcome in outcomes for fault in outcome.faults()]
    for fault in faults:
        print(f"limit passed: {fault}", file=sys.stderr)
    return 1 if given.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""Fails unless the browser tests of a pytest run were run: `python scripts/check_report.py REPORT.xml`.

The report is pytest's own (--junitxml with junit_family=xunit1, which names each test's file)."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

BROWSER = "tests/browser/"


def complaints(report: Path) -> list[str]:
    """What speaks against the run, one line each."""
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own pytest a moment ago
    browser = [case for case in cases if case.get("file", "").startswith(BROWSER)]
    if not cases:
        return ["no test was run"]
    if not browser:
        return [f"no browser test was run: there is none in {BROWSER}"]
    return [
        f"browser test skipped: {case.get('name')}: {skipped.get('message')}"
        for case in browser
        for skipped in case.iter("skipped")
    ]


if __name__ == "__main__":
    if found := complaints(Path(sys.argv[1])):
        sys.exit("\n".join(found))

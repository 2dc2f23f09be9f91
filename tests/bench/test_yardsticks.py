"""The yardsticks compare like with like, and the tool runs from end to end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import roster, world
from bench.__main__ import NAMES, read
from bench.measure import Figures, Outcome, Side, Yardstick
from bench.report import page
from office import clock

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def addresses(settings):
    settings.ROOT_URLCONF = "bench.urls"


def outcome(ours, bare, made=0, **limits):
    nothing = Side(lambda _given: 0)
    return Outcome(
        Yardstick("roster-200", nothing, nothing, cells=10, **limits), Figures(ours, 9, made), Figures(bare, 3, 400)
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("addresses")
class TestRoster:
    def test_the_page_and_the_bare_table_hold_the_same_cells(self):
        yardstick = roster.yardstick(12)
        assert yardstick.cells == 12 * 31
        yardstick.proof()

    def test_every_kind_of_cell_is_among_those_compared(self, client_of):
        made = world.desk("compared", 12)
        world.planned_month(made)
        page_address, _bare = roster.addresses_of(made)
        with clock.at(world.LOOKED_AT):
            html = client_of(made.office["supervisor"], "zh-hans").get(page_address).content.decode()
        cells = roster.cells_of(html)
        assert {mark for _classes, mark in cells} == {"白", "晚", "常", "休", ""}
        assert {flag for classes, _mark in cells for flag in classes.split()} == set("dnrxptwyue")

    def test_a_bare_table_of_other_cells_is_found_out(self):
        yardstick = roster.yardstick(3)
        pieces = roster.KNOWN["roster-3"]
        pieces.plain[4].update(dict.fromkeys(pieces.plain[4], "<td>?"))
        with pytest.raises(AssertionError, match="same cells"):
            yardstick.proof()


class TestLimits:
    def test_within_them_nothing_is_said(self):
        assert outcome([0.4, 9.0], [0.1, 0.1], made=1500, most_times=4, most_bytes=150).faults() == []

    def test_more_times_than_wanted_by_the_best_samples_and_by_the_middle_ones(self):
        [fault] = outcome([0.41, 0.42, 0.9], [0.1, 0.1, 0.1], most_times=4).faults()
        assert "4.10 times" in fault

    def test_one_sample_that_was_disturbed_is_no_fault(self):
        assert outcome([0.41, 0.41, 0.41], [0.01, 0.11, 0.12], most_times=4).faults() == []

    def test_more_bytes_a_cell_than_wanted(self):
        [fault] = outcome([0.1], [0.1], made=1510, most_bytes=150).faults()
        assert "151 bytes a cell" in fault


class TestCommand:
    def test_all_yardsticks_can_be_named_in_any_size(self):
        assert read(["--only", *NAMES, "roster-50"]).only == [*NAMES, "roster-50"]

    @pytest.mark.parametrize(
        "words", [["--only", "roster"], ["--only", "fine-3"], ["--rounds", "0"], ["--write", "--only", "fine"]]
    )
    def test_what_cannot_be_measured_is_refused(self, words, capsys):
        with pytest.raises(SystemExit) as refusal:
            read(words)
        assert refusal.value.code == 2
        assert capsys.readouterr().err

    @pytest.mark.slow
    def test_it_runs_every_kind_and_leaves_nothing_behind(self, tmp_path):
        names = ["roster-3", "fine", "payment", "scoring-5", "scoring-again-5", "reading-9", "reading-orders-9"]
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--check", "--rounds", "1", "--only", *names],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        _head, *lines = done.stdout.splitlines()
        assert [line.split()[0] for line in lines] == names
        assert list(tmp_path.iterdir()) == []


class TestReadme:
    def test_one_engines_results_leave_the_others_alone(self):
        first = page("", "sqlite", "| of SQLite |\n")
        both = page(first, "postgresql", "| of PostgreSQL |\n")
        assert "Not measured yet." in first
        assert "| of SQLite |" in both
        assert "| of PostgreSQL |" in both
        assert page(both, "sqlite", "| anew |\n").count("| of SQLite |") == 0

    def test_it_says_what_is_held(self):
        assert "4 × the bare table" in page("", "sqlite", "")
        assert "150 bytes a cell" in page("", "sqlite", "")

"""No rule in code: what a rulebook's author chose to call things stands in no line of the program.

The code may speak the schema's own language (keys, kinds of windows, metrics, roles), never a rulebook's.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulebooks.reading import read
from rulebooks.schema import Rulebook
from tests.conftest import HERE, LIBRARY

ROOT = HERE.parent
ROOMS = ("config", "desk", "kpi", "handover", "shifts", "ledger", "rulebooks", "people", "office")
RULEBOOKS = [*sorted(LIBRARY.glob("*.yaml")), *sorted((HERE / "rulebooks").glob("*.yaml"))]

# Words that a rulebook uses too, and why the code may say them.
ALLOWED = {
    "fault": "a field of orders",
    "good": "a tone of tags and notes",
    "handover": "the room, and a key of models and forms",
    "late": "an event of attendance, for which a clause may be proposed",
    "minus": "a sign of differences",
    "note": "a field of forms",
    "order": "a field of forms",
    "plus": "an icon",
    "problem": "a placeholder in what is said about broken YAML",
    "unpaid": "an event of orders, from which follow-ups count",
    "waiting": "a state of what has been asked for",
}


def codes_of(rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """What the author named, with what it names. A single letter says nothing by itself in code and is left out."""
    kinds = rulebook.cases.kinds if rulebook.cases else ()
    named = {
        "clause": [clause.code for clause in rulebook.clauses],
        "shift": [shift.code for shift in rulebook.shifts] + [rulebook.rest.code],
        "indicator": [indicator.code for indicator in rulebook.scorecard.indicators],
        "grade": [grade.code for grade in rulebook.scorecard.grades],
        "answer": [answer.code for each in rulebook.scorecard.indicators for answer in each.method.choice or ()],
        "kind": [kind.code for kind in rulebook.notebooks.handover_log.kinds],
        "category": [category.code for category in rulebook.notebooks.issue_register.categories],
        "skill": [skill.code for skill in rulebook.skills],
        "reason to be away": [reason.code for reason in rulebook.attendance.away],
        "kind of leave": [kind.code for kind in rulebook.leave.kinds] if rulebook.leave else [],
        "duty": [duty.code for duty in rulebook.duties],
        "pattern": [rotation.code for rotation in rulebook.rotations],
        "follow-up": [follow_up.code for follow_up in rulebook.notebooks.follow_ups],
        "kind of case": [kind.code for kind in kinds],
        "step of a case": [step.code for kind in kinds for step in kind.steps],
        "meeting": [meeting.code for meeting in rulebook.meetings],
        "point of a checklist": [point.code for point in rulebook.training.checklist] if rulebook.training else [],
        "bonus": [bonus.code for bonus in rulebook.bonuses],
        "rulebook": [rulebook.code],
    }
    for what, codes in named.items():
        yield from ((code, what) for code in codes if len(code) > 1)


def literals_of(source: str) -> Iterator[tuple[int, str]]:
    """Every string in the code with its line, but for docstrings and what stands in a larger text."""
    tree = ast.parse(source)
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value


def files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


@pytest.fixture(scope="module")
def chosen() -> dict[str, str]:
    """Every name that some rulebook's author chose."""
    return {code: what for path in RULEBOOKS for code, what in codes_of(read(path.read_bytes())[0])}


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_of_a_rulebook_stands_in_the_code(room, chosen):
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text!r} is a {chosen[text]} of a rulebook"
        for path in files()
        if path.relative_to(ROOT).parts[0] == room
        for line, text in literals_of(path.read_text())
        if text in chosen and text not in ALLOWED
    ]
    assert found == []


def test_there_is_something_to_look_for_and_to_look_through(chosen):
    assert {"clause", "indicator", "answer", "kind", "category"} <= set(chosen.values())
    assert len(files()) > 60
    assert {path.relative_to(ROOT).parts[0] for path in files()} == set(ROOMS)


def test_every_exception_is_still_needed(chosen):
    said = {text for path in files() for _line, text in literals_of(path.read_text())}
    assert set(ALLOWED) <= said & set(chosen)


def test_a_name_that_slipped_in_would_be_found():
    source = '"""late"""\nCODE = "late"\n\ndef f():\n    """late"""\n    return {"late": f"{CODE} late"}\n'
    assert [(line, text) for line, text in literals_of(source) if text == "late"] == [(2, "late"), (6, "late")]

"""manage.py import_rulebook: publishes a good file, and says in a line each what is wrong with another."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from office import clock
from people.models import RoleRight
from rulebooks.models import RulebookVersion
from tests.factories import make_department
from tests.rulebooks.conftest import PLAIN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def desk(db):
    """A department without a rulebook, in the month before the days that the tests publish from."""
    with clock.at(datetime(2026, 10, 1, tzinfo=UTC)):
        yield make_department("bare")


@pytest.fixture
def file_of(tmp_path):
    """`file_of(text)`: a file with that text, or those bytes."""

    def write(text):
        path = tmp_path / "rules.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def run(path, *options, department="bare", day="2026-11-01") -> str:
    out = StringIO()
    call_command("import_rulebook", str(path), "--department", department, "--from", day, *options, stdout=out)
    return out.getvalue()


def refused(path, **options) -> str:
    """What the command says when it refuses; asserts that nothing was stored."""
    before = RulebookVersion.objects.count(), RoleRight.objects.count()
    with pytest.raises(CommandError) as refusal:
        run(path, **options)
    assert (RulebookVersion.objects.count(), RoleRight.objects.count()) == before
    return str(refusal.value)


def test_a_good_file_becomes_the_next_version(desk):
    assert run(PLAIN) == "bare: version 1 holds from 2026-11-01.\n"
    assert run(PLAIN, day="2026-12-24") == "bare: version 2 holds from 2026-12-24.\n"
    assert list(desk.rulebook_versions.values_list("number", "published_by")) == [(2, None), (1, None)]
    assert desk.role_rights.exists()


def test_each_mistake_is_one_line_that_begins_with_file_and_line(file_of, spoil):
    path = file_of(spoil("currency: CNY", "currency: EUR").replace("due_days: 7", "due_days: soon"))
    lines = path.read_text().splitlines()
    currency, due = lines.index("currency: EUR") + 1, lines.index("  due_days: soon") + 1
    assert refused(path).splitlines() == [
        f"{path}:{currency}: currency: Must be one of: CNY.",
        f"{path}:{due}: fund.due_days: A whole number is expected here, without quotes.",
        "Nothing was stored.",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\n  b: 2\n", ":2: There are two colons here, or the indentation is wrong"),
        ("a: 1\na: 2\n", ":2: The key a stands here twice."),
        ("", ": The file is empty."),
        ("- 1\n", ":1: A rulebook is written as keys with values, beginning with banzu: 1."),
        (b"a: \xff\n", ":1: The file is not UTF-8 text; save it as UTF-8."),
        (b"x" * 200_001, ": The file is larger than 200 KB."),
    ],
)
def test_so_is_what_is_wrong_with_the_file_as_a_whole(file_of, text, words):
    path = file_of(text)
    first, last = refused(path).splitlines()
    assert first.startswith(f"{path}{words}")
    assert last == "Nothing was stored."


def test_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "none.yaml"
    assert refused(path) == f"{path}: No such file or directory"


def test_a_folder_is_no_file(tmp_path):
    assert refused(tmp_path) == f"{tmp_path}: Is a directory"


def test_a_file_without_end_is_not_read_to_its_end():
    assert "larger than 200 KB" in refused("/dev/zero")


@pytest.mark.parametrize("code", ["nowhere", "", "BARE", "bare "])
def test_a_department_that_does_not_exist(code):
    assert refused(PLAIN, department=code) == f"No department has the code {code}."


@pytest.mark.parametrize(
    "day", ["2026-13-01", "2026-02-30", "01.11.2026", "2026-11", "tomorrow", "", "0001-01-01", "9999-12-31"]
)
def test_a_day_that_does_not_exist_or_that_no_roster_can_have(day):
    assert refused(PLAIN, day=day) == f"--from {day}: Write the day as 2026-11-01."


def test_a_day_that_is_past_is_refused_unless_it_is_meant(desk):
    run(PLAIN, day="2026-11-01")
    with clock.at(datetime(2026, 11, 10, 4, tzinfo=UTC)):
        assert "add --back-dated" in refused(PLAIN, day="2026-11-09")
        run(PLAIN, "--back-dated", day="2026-11-01")
    assert RulebookVersion.objects.count() == 2


def test_a_day_before_the_latest_version(desk):
    run(PLAIN, day="2026-11-10")
    words = refused(PLAIN, day="2026-11-09")
    assert words == "Version 1 already holds from 2026-11-10; a new one cannot begin before it. Nothing was stored."


def test_a_scorecard_that_would_change_inside_a_month(file_of, spoil):
    run(PLAIN)
    words = refused(file_of(spoil("at_least: 80", "at_least: 81")), day="2026-11-02")
    assert words == "The scorecard changes from the first of a month only. Nothing was stored."


def test_another_time_zone_than_the_departments(file_of, spoil):
    words = refused(file_of(spoil("Asia/Shanghai", "Asia/Tokyo")))
    assert words == "The file is for Asia/Tokyo, the department lives in Asia/Shanghai. Nothing was stored."


@pytest.mark.parametrize("missing", ["--department", "--from"])
def test_both_options_are_needed(missing):
    options = {"--department": "bare", "--from": "2026-11-01"}
    words = [word for name, value in options.items() if name != missing for word in (name, value)]
    with pytest.raises(CommandError, match=missing):
        call_command("import_rulebook", str(PLAIN), *words)


def test_what_changes_is_said_line_by_line(desk, file_of, spoil):
    run(PLAIN)
    said = run(file_of(spoil("due_days: 7", "due_days: 9")), day="2026-12-01").splitlines()
    assert said[0] == "bare: version 2 holds from 2026-12-01."
    assert len(said) == 2
    assert said[1] == "  Activity fund › Due after: 7 days → 9 days"

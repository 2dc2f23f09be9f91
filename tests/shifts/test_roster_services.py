"""Painting the draft, publishing it, and what both refuse."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from office.models import AuditEntry, Notice
from office.months import Month
from people.services import add_member
from rulebooks.services import import_rulebook
from shifts import services
from shifts.models import Assignment, AssignmentSpan, Layer, Roster, RosterVersion
from tests.conftest import LIBRARY
from tests.factories import add_person

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def end_of_october(at):
    with at("2026-10-25 12:00"):
        yield


def cell(person, layer=Layer.DRAFT, day=DAY):
    return Assignment.objects.filter(layer=layer, membership=person.membership, business_date=day).first()


def test_a_painted_night_shift_crosses_midnight_and_belongs_to_the_day_it_begins(agent, paint, wall):
    paint((agent, 12, "N"))
    row = cell(agent)
    assert (row.business_date, row.starts_at, row.ends_at) == (DAY, wall("2026-11-12 17:00"), wall("2026-11-13 01:00"))
    assert [(s.starts_at, s.ends_at) for s in row.spans.all()] == [(row.starts_at, row.ends_at)]


def test_a_rest_day_is_planned_and_takes_no_time(agent, paint):
    paint((agent, 12, "X"))
    assert cell(agent).is_rest
    assert not cell(agent).spans.exists()


def test_clearing_a_cell_takes_row_and_spans_away(agent, paint):
    paint((agent, 12, "N"))
    paint((agent, 12, ""), seen=1)
    assert cell(agent) is None
    assert not AssignmentSpan.objects.exists()


def test_a_changed_cell_keeps_its_row_and_takes_a_new_version(agent, paint):
    paint((agent, 12, "N"))
    before = cell(agent)
    paint((agent, 12, "D"), seen=before.version)
    after = cell(agent)
    assert (after.pk, after.code) == (before.pk, "D")
    assert after.version > before.version


def test_two_supervisors_on_one_cell_the_second_gets_it_back_and_loses_nothing_else(
    agent, colleague, paint, supervisor
):
    paint((agent, 12, "N"))
    painted = paint((agent, 12, "D"), (colleague, 12, "D"), seen=0)
    [conflict] = painted.conflicts
    assert (conflict.theirs, conflict.yours, conflict.version) == ("N", "D", cell(agent).version)
    assert cell(agent).code == "N"
    assert cell(colleague).code == "D"


def test_no_version_comes_twice_so_a_cleared_and_refilled_cell_is_seen_as_changed(agent, paint):
    paint((agent, 12, "N"))
    first = cell(agent).version
    paint((agent, 12, ""), seen=first)
    paint((agent, 12, "N"), seen=0)
    assert paint((agent, 12, "R"), seen=first).conflicts


def test_setting_what_is_already_there_is_no_edit(agent, paint):
    paint((agent, 12, "N"))
    count = AuditEntry.objects.count()
    painted = paint((agent, 12, "N"), seen=0)
    assert not painted.conflicts
    assert AuditEntry.objects.count() == count


@pytest.mark.parametrize(
    ("code", "day", "refusal"), [("Q", 12, "unknown_code"), ("d", 12, "unknown_code"), ("DD", 12, "unknown_code")]
)
def test_an_unknown_code_is_refused_and_nothing_is_saved(agent, colleague, paint, code, day, refusal):
    with pytest.raises(ValidationError) as caught:
        paint((colleague, 12, "D"), (agent, day, code))
    assert caught.value.code == refusal
    assert cell(colleague) is None


def test_a_member_of_another_department_has_no_cell_here(stranger, paint):
    with pytest.raises(ValidationError) as caught:
        paint((stranger, 12, "D"))
    assert caught.value.code == "no_such_cell"


def test_nobody_is_planned_before_their_first_day(department, paint):
    newcomer = add_person(department, from_day=date(2026, 11, 13))
    with pytest.raises(ValidationError) as caught:
        paint((newcomer, 12, "D"))
    assert caught.value.code == "no_such_cell"


def test_who_is_not_rostered_has_no_cell(supervisor, paint):
    with pytest.raises(ValidationError):
        paint((supervisor, 12, "D"))


def test_a_person_of_two_departments_is_not_planned_in_both_at_once(agent, other_department, paint, supervisor):
    there = add_member(actor=None, department=other_department, user=agent, work_number="88", from_day=date(2026, 1, 1))
    edit = services.CellEdit(there.pk, DAY, "D", 0)
    services.paint(department=other_department, month=Month(2026, 11), edits=[edit], actor=supervisor)
    with pytest.raises(ValidationError) as caught:
        paint((agent, 12, "R"))
    assert caught.value.code == "overlap"
    assert cell(agent) is None


def test_the_last_night_of_a_month_and_the_first_day_of_the_next_may_touch_but_not_overlap(agent, paint, wall):
    paint((agent, 30, "N"))
    december = Month(2026, 12)
    paint((agent, 1, "D"), month=december)
    late = AssignmentSpan(
        assignment=cell(agent, day=date(2026, 12, 1)),
        user=agent,
        layer=Layer.DRAFT,
        starts_at=wall("2026-12-01 00:59"),
        ends_at=wall("2026-12-01 07:00"),
    )
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        late.save()
    late.starts_at = wall("2026-12-01 01:00")
    late.save()


def test_the_database_refuses_an_overlap_that_comes_by_update(agent, colleague, paint):
    paint((agent, 12, "N"), (agent, 13, "D"))
    span = AssignmentSpan.objects.get(assignment__business_date=date(2026, 11, 13))
    span.starts_at = AssignmentSpan.objects.get(assignment__business_date=DAY).starts_at
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        span.save()


def test_draft_and_published_layer_may_hold_the_same_shift(agent, paint, publish):
    paint((agent, 12, "N"))
    publish()
    assert AssignmentSpan.objects.filter(user=agent).count() == 2


def test_publishing_makes_the_draft_hold_keeps_a_snapshot_and_tells_those_concerned(agent, colleague, paint, publish):
    paint((agent, 12, "N"), (agent, 13, "X"))
    version = publish()
    assert cell(agent, Layer.PUBLISHED).code == "N"
    assert version.number == 1
    assert version.content == {str(agent.membership.pk): {"12": "N", "13": "X"}}
    assert Notice.objects.filter(recipient=agent).count() == 1
    assert not Notice.objects.filter(recipient=colleague).exists()


def test_a_cell_that_publication_does_not_change_keeps_its_row(agent, paint, publish):
    paint((agent, 12, "N"), (agent, 14, "D"))
    publish()
    kept, changed = cell(agent, Layer.PUBLISHED).pk, cell(agent, Layer.PUBLISHED, date(2026, 11, 14)).pk
    paint((agent, 14, "R"), seen=cell(agent, day=date(2026, 11, 14)).version)
    publish()
    assert cell(agent, Layer.PUBLISHED).pk == kept
    assert cell(agent, Layer.PUBLISHED, date(2026, 11, 14)).pk == changed
    assert cell(agent, Layer.PUBLISHED, date(2026, 11, 14)).code == "R"


def test_an_earlier_version_stays_what_it_was(agent, paint, publish):
    paint((agent, 12, "N"))
    first = publish()
    paint((agent, 12, "D"), seen=cell(agent).version)
    publish()
    first.refresh_from_db()
    assert first.content == {str(agent.membership.pk): {"12": "N"}}
    with pytest.raises(IntegrityError), transaction.atomic():
        RosterVersion.objects.filter(pk=first.pk).update(content={})


def test_publishing_a_draft_that_has_changed_since_is_refused(department, agent, paint, supervisor, november):
    paint((agent, 12, "N"))
    with pytest.raises(ValidationError) as caught:
        services.publish(department=department, month=november, seen_edits=0, actor=supervisor)
    assert caught.value.code == "stale"


def test_publishing_nothing_new_is_refused(agent, paint, publish):
    paint((agent, 12, "N"))
    publish()
    with pytest.raises(ValidationError) as caught:
        publish()
    assert caught.value.code == "nothing_to_publish"


def test_a_past_day_of_a_published_month_is_locked(agent, paint, publish, at):
    paint((agent, 12, "N"))
    publish()
    with at("2026-11-13 09:00"), pytest.raises(ValidationError) as caught:
        paint((agent, 12, "D"), seen=cell(agent).version)
    assert caught.value.code == "past"


def test_a_shift_that_has_begun_is_not_changed_by_publication(agent, paint, publish, at):
    paint((agent, 12, "D"))
    publish()
    with at("2026-11-12 08:00"):
        services.clock_in(membership=agent.membership)
        paint((agent, 12, "N"), seen=cell(agent).version)
        with pytest.raises(ValidationError) as caught:
            publish()
    assert caught.value.code == "begun"
    assert cell(agent, Layer.PUBLISHED).code == "D"


def test_discarding_takes_the_draft_back_to_what_is_published(department, agent, paint, publish, supervisor, november):
    paint((agent, 12, "N"))
    publish()
    paint((agent, 12, "D"), seen=cell(agent).version)
    paint((agent, 14, "D"))
    roster = Roster.objects.get()
    assert services.discard_draft(department=department, month=november, seen_edits=roster.edits, actor=supervisor) == 2
    assert cell(agent).code == "N"
    assert cell(agent, day=date(2026, 11, 14)) is None


def test_painting_writes_one_audit_entry_with_before_and_after(agent, paint):
    paint((agent, 12, "N"))
    entry = AuditEntry.objects.get(action="shifts.roster.painted")
    assert entry.facts["before"][0][2] == ""
    assert entry.facts["after"][0][2] == "N"


@pytest.mark.parametrize("before", ["", "N"], ids=["empty cells", "planned cells"])
def test_painting_two_hundred_cells_takes_ten_queries(department, supervisor, paint, before):
    crew = [add_person(department) for _ in range(8)]
    cells = [(person, day) for person in crew for day in range(1, 26)]
    paint(*[(person, day, before or "X") for person, day in cells])
    if not before:
        paint(*[(person, day, "") for person, day in cells])
    seen = dict(Assignment.objects.draft().values_list("pk", "version"))
    versions = {(row.membership_id, row.business_date): seen[row.pk] for row in Assignment.objects.draft()}
    edits = [
        services.CellEdit(member, day, "D", versions.get((member, day), 0))
        for member, day in ((person.membership.pk, date(2026, 11, number)) for person, number in cells)
    ]
    with CaptureQueriesContext(connection) as queries:
        painted = services.paint(department=department, month=Month(2026, 11), edits=edits, actor=supervisor)
    assert len(painted.saved) == 200
    # A test runs inside a transaction, where a service begins and ends with a savepoint.
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 10, asked


def test_the_same_paint_under_another_rulebook_gives_that_rulebooks_times(changed_department, wall):
    person = add_person(changed_department)
    edits = [services.CellEdit(person.membership.pk, DAY, code, 0) for code in ("E",)]
    services.paint(department=changed_department, month=Month(2026, 11), edits=edits, actor=person)
    spans = [(s.starts_at, s.ends_at) for s in cell(person).spans.all()]
    assert spans == [
        (wall("2026-11-12 06:30"), wall("2026-11-12 10:30")),
        (wall("2026-11-12 11:15"), wall("2026-11-12 15:00")),
    ]


def test_what_was_not_published_in_time_stays_unpublished(agent, paint, publish, at):
    """An absence cannot be taken off the roster afterwards, nor a shift be put on it."""
    paint((agent, 12, "N"), (agent, 20, "D"))
    publish()
    with at("2026-11-11 09:00"):
        paint((agent, 12, ""), seen=cell(agent).version)
        paint((agent, 13, "D"))
        paint((agent, 20, "R"), seen=cell(agent, day=date(2026, 11, 20)).version)
    with at("2026-11-14 09:00"):
        publish()
    assert cell(agent, Layer.PUBLISHED).code == "N"
    assert cell(agent, Layer.PUBLISHED, date(2026, 11, 13)) is None
    assert cell(agent, Layer.PUBLISHED, date(2026, 11, 20)).code == "R"


def test_a_code_that_the_rulebook_has_dropped_meanwhile_is_not_published(department, agent, paint, publish):
    paint((agent, 12, "R"))
    source = (LIBRARY / "three-shift-desk.yaml").read_text().replace("code: R\n", "code: S\n")
    import_rulebook(department=department, source=source.encode(), from_day=date(2026, 11, 1), actor=None)
    with pytest.raises(ValidationError) as caught:
        publish()
    assert caught.value.code == "unknown_code"
    assert cell(agent, Layer.PUBLISHED) is None


def test_cells_after_somebodys_last_day_are_not_published_and_can_be_cleared(agent, colleague, paint, publish):
    paint((agent, 12, "N"), (agent, 20, "D"), (colleague, 12, "D"))
    agent.membership.until_day = date(2026, 11, 15)
    agent.membership.save(update_fields=["until_day"])
    publish()
    assert cell(agent, Layer.PUBLISHED).code == "N"
    assert cell(agent, Layer.PUBLISHED, date(2026, 11, 20)) is None
    paint((agent, 20, ""), seen=cell(agent, day=date(2026, 11, 20)).version)
    assert cell(agent, day=date(2026, 11, 20)) is None


def test_a_member_who_left_before_the_month_does_not_stop_publication(agent, colleague, paint, publish):
    paint((agent, 12, "N"), (colleague, 12, "D"))
    agent.membership.until_day = date(2026, 10, 31)
    agent.membership.save(update_fields=["until_day"])
    publish()
    assert cell(agent, Layer.PUBLISHED) is None
    assert cell(colleague, Layer.PUBLISHED).code == "D"

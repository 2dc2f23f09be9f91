"""Triggers of rosters and attendance."""

from .rules import Trigger, append_only


def no_overlap(event: str) -> Trigger:
    """Two spans of one person in one layer never overlap. PostgreSQL has an exclusion constraint for it instead."""
    return Trigger(
        f"span_overlap_{event.lower()}",
        "shifts_assignmentspan",
        event,
        "shifts_span_overlap",
        unless=(
            "NOT EXISTS (SELECT 1 FROM shifts_assignmentspan s WHERE s.user_id = NEW.user_id AND s.layer = NEW.layer"
            " AND s.id <> COALESCE(NEW.id, -1) AND s.starts_at < NEW.ends_at AND NEW.starts_at < s.ends_at)"
        ),
    )


DECLARED: list[Trigger] = [
    *(one for name in ("rosterversion", "presencereport", "override") for one in append_only(f"shifts_{name}")),
    Trigger("answer_delete", "shifts_answer", "DELETE", "shifts_answer: nothing is deleted"),
    Trigger(
        "answer_facts",
        "shifts_answer",
        "UPDATE",
        "shifts_answer: who answered for what does not change; it only ends",
        when=(
            "OLD.id <> NEW.id OR OLD.key <> NEW.key OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.business_date <> NEW.business_date OR OLD.code <> NEW.code OR OLD.starts_at <> NEW.starts_at"
            " OR OLD.ends_at <> NEW.ends_at OR OLD.from_at <> NEW.from_at OR OLD.cause <> NEW.cause"
            " OR (OLD.until_at IS NOT NULL AND (NEW.until_at IS NULL OR OLD.until_at <> NEW.until_at))"
        ),
    ),
    *(
        Trigger(f"{table}_delete", f"shifts_{table}", "DELETE", f"shifts_{table}: nothing is deleted")
        for table in ("leave", "swap", "correction", "away", "rosterchange")
    ),
    Trigger(
        "correction_facts",
        "shifts_correction",
        "UPDATE",
        "shifts_correction: what was asked does not change",
        when=(
            "OLD.assignment_id <> NEW.assignment_id OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.came_at <> NEW.came_at OR OLD.left_at <> NEW.left_at OR OLD.reason <> NEW.reason"
            " OR (OLD.state <> 'asked' AND OLD.state <> NEW.state)"
        ),
    ),
    Trigger("attendance_delete", "shifts_attendance", "DELETE", "shifts_attendance: nothing is deleted"),
    Trigger(
        "attendance_facts",
        "shifts_attendance",
        "UPDATE",
        "shifts_attendance: what was planned and when somebody came do not change",
        when=(
            "OLD.id <> NEW.id OR OLD.assignment_id <> NEW.assignment_id OR OLD.membership_id <> NEW.membership_id"
            " OR OLD.code <> NEW.code OR OLD.business_date <> NEW.business_date"
            " OR OLD.planned_start <> NEW.planned_start OR OLD.planned_end <> NEW.planned_end"
            " OR OLD.clocked_in_at <> NEW.clocked_in_at OR OLD.rulebook_version_id <> NEW.rulebook_version_id"
            " OR (OLD.clocked_out_at IS NOT NULL AND (NEW.clocked_out_at IS NULL"
            " OR OLD.clocked_out_at <> NEW.clocked_out_at))"
        ),
    ),
]
SQLITE_ONLY = [no_overlap("INSERT"), no_overlap("UPDATE")]

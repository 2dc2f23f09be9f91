"""Triggers of the rooms below: audit, people, rulebooks."""

from .rules import Trigger, append_only


def one_membership(event: str) -> Trigger:
    """Two memberships of one person in one department never share a day."""
    return Trigger(
        f"membership_overlap_{event.lower()}",
        "people_membership",
        event,
        "people_membership_overlap",
        unless=(
            "NOT EXISTS (SELECT 1 FROM people_membership m WHERE m.user_id = NEW.user_id"
            " AND m.department_id = NEW.department_id AND m.id <> COALESCE(NEW.id, -1)"
            " AND (NEW.until_day IS NULL OR m.from_day <= NEW.until_day)"
            " AND (m.until_day IS NULL OR NEW.from_day <= m.until_day))"
        ),
        lock="people_department d WHERE d.id = NEW.department_id",
        # Nearly everything that is written in a department refers to its row: what waits for a leaver's shift or
        # roster must not be waited for by them.
        strength="NO KEY UPDATE",
    )


def number_of_one(event: str) -> Trigger:
    """A work number names one person in a department for ever, also when they have left."""
    return Trigger(
        f"membership_number_{event.lower()}",
        "people_membership",
        event,
        "people_work_number_taken",
        unless=(
            "NOT EXISTS (SELECT 1 FROM people_membership m WHERE m.department_id = NEW.department_id"
            " AND m.work_number = NEW.work_number AND m.user_id <> NEW.user_id)"
        ),
        lock="people_department d WHERE d.id = NEW.department_id",
        # As above: nearly everything refers to a department's row.
        strength="NO KEY UPDATE",
    )


DECLARED: list[Trigger] = [
    *append_only("office_auditentry"),
    *(rule(event) for rule in (one_membership, number_of_one) for event in ("INSERT", "UPDATE")),
    *append_only("rulebooks_rulebookversion"),
]

"""Triggers of the notebooks."""

from .rules import Trigger, append_only

# An item's owner is of its department; while it waits with its giver, the giver is its owner.
ITEM_OWNER_FITS = (
    "(NEW.owner_id IS NULL OR EXISTS (SELECT 1 FROM people_membership m WHERE m.id = NEW.owner_id"
    " AND m.department_id = NEW.department_id))"
    " AND (NEW.owner_id IS NULL OR NEW.handover_id IS NULL OR EXISTS (SELECT 1 FROM handover_handover h"
    " WHERE h.id = NEW.handover_id AND h.giver_id = NEW.owner_id))"
)

DECLARED: list[Trigger] = [
    *append_only("handover_issue"),
    *append_only("handover_servicestatistic"),
    *append_only("handover_itemevent"),
    *append_only("handover_handover"),
    Trigger("handover_item_delete", "handover_handoveritem", "DELETE", "handover_handoveritem: nothing is deleted"),
    Trigger(
        "handover_item_done",
        "handover_handoveritem",
        "UPDATE",
        "handover_handoveritem: what is done does not change",
        when="OLD.state = 'done'",
    ),
    Trigger(
        "handover_item_text",
        "handover_handoveritem",
        "UPDATE",
        "handover_handoveritem: what was written does not change",
        when=(
            "OLD.department_id <> NEW.department_id OR OLD.author_id <> NEW.author_id OR OLD.kind <> NEW.kind"
            " OR OLD.rulebook_version_id <> NEW.rulebook_version_id OR OLD.customer <> NEW.customer"
            " OR OLD.to_do <> NEW.to_do OR OLD.written_at <> NEW.written_at OR OLD.token <> NEW.token"
            " OR OLD.follow_up <> NEW.follow_up OR OLD.order_id <> NEW.order_id"
            # A note fills in what was left empty, and moves the time; it takes nothing away.
            " OR (OLD.known <> '' AND OLD.known <> NEW.known)"
            " OR (OLD.fallback <> '' AND OLD.fallback <> NEW.fallback)"
            " OR (OLD.due_at IS NOT NULL AND NEW.due_at IS NULL)"
        ),
    ),
    *(
        one
        for name in ("handin", "matterstep", "orderfact", "casenote", "attempt")
        for one in append_only(f"handover_{name}")
    ),
    *(
        Trigger(f"{table}_delete", f"handover_{table}", "DELETE", f"handover_{table}: nothing is deleted")
        for table in (
            "matter",
            "order",
            "orderclaim",
            "case",
            "casestep",
            "reading",
            "weeklysummary",
            "meeting",
            "mentorship",
            "learntpoint",
            "launch",
            "learner",
            "takeback",
        )
    ),
    Trigger(
        "matter_settled",
        "handover_matter",
        "UPDATE",
        "handover_matter: what is settled does not change",
        # It may be opened again, with a step of its history; from there it is settled once more.
        when="OLD.settled_at IS NOT NULL AND NEW.settled_at IS NOT NULL AND OLD.state <> NEW.state",
    ),
    Trigger(
        "case_facts",
        "handover_case",
        "UPDATE",
        "handover_case: what was registered does not change",
        when=(
            "OLD.department_id <> NEW.department_id OR OLD.kind <> NEW.kind OR OLD.customer <> NEW.customer"
            " OR OLD.text <> NEW.text OR OLD.came_at <> NEW.came_at OR OLD.business_date <> NEW.business_date"
            " OR OLD.registered_at <> NEW.registered_at OR OLD.rulebook_version_id <> NEW.rulebook_version_id"
            " OR (OLD.state = 'closed' AND NEW.state <> 'closed')"
        ),
    ),
    Trigger(
        "case_finding",
        "handover_case",
        "UPDATE",
        "handover_case: what was found changes only with a note that says so",
        when="OLD.state = 'closed' AND OLD.finding <> NEW.finding",
        unless=(
            "EXISTS (SELECT 1 FROM handover_casenote n WHERE n.case_id = NEW.id AND n.action = 'corrected'"
            " AND n.finding = NEW.finding)"
        ),
    ),
    Trigger(
        "casestep_facts",
        "handover_casestep",
        "UPDATE",
        "handover_casestep: when a step was due and done does not change",
        when=(
            "OLD.case_id <> NEW.case_id OR OLD.code <> NEW.code OR OLD.due_at <> NEW.due_at"
            " OR (OLD.done_at IS NOT NULL AND (NEW.done_at IS NULL OR OLD.done_at <> NEW.done_at))"
        ),
    ),
    Trigger(
        "weeklysummary_handed_in",
        "handover_weeklysummary",
        "UPDATE",
        "handover_weeklysummary: what was handed in does not change",
        when=(
            "OLD.handed_in_at IS NOT NULL AND (NEW.handed_in_at IS NULL OR OLD.handed_in_at <> NEW.handed_in_at"
            " OR OLD.text <> NEW.text)"
        ),
    ),
    Trigger(
        "meeting_minutes",
        "handover_meeting",
        "UPDATE",
        "handover_meeting: minutes that were handed in do not change",
        when="OLD.minutes_at IS NOT NULL AND (NEW.minutes_at IS NULL OR OLD.minutes <> NEW.minutes)",
    ),
    Trigger(
        "orderclaim_decided",
        "handover_orderclaim",
        "UPDATE",
        "handover_orderclaim: what was decided does not change",
        when="OLD.state <> 'asked' AND OLD.state <> NEW.state",
    ),
    *(
        Trigger(
            f"handover_item_owner_{event.lower()}",
            "handover_handoveritem",
            event,
            "handover_handoveritem: the owner does not fit",
            unless=ITEM_OWNER_FITS,
        )
        for event in ("INSERT", "UPDATE")
    ),
]

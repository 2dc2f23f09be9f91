"""Writing the ledger: incidents and what they lead to, the journal, and the proof of it."""

from .bonuses import approve_bonus, dismiss_bonus, propose_bonus, withdraw_bonus
from .incidents import confirm_incident, dismiss_incident, propose_incident, report_incident
from .money import lock_head, post, record_payment
from .proof import Proof, verify_ledger

__all__ = [
    "Proof",
    "approve_bonus",
    "confirm_incident",
    "dismiss_bonus",
    "dismiss_incident",
    "lock_head",
    "post",
    "propose_bonus",
    "propose_incident",
    "record_payment",
    "report_incident",
    "verify_ledger",
    "withdraw_bonus",
]

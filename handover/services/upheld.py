"""What an upheld complaint proposes: an incident about whom it is about, under each clause that is for it."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from handover.customers import without_phones
from handover.models import Case
from ledger.models import FACTS_LENGTH
from ledger.services import propose_incident
from rulebooks.schema import Clause
from rulebooks.services import in_force

# The event that clauses of the rulebook may be proposed for.
UPHELD = "complaint_upheld"


def clauses_for(case: Case) -> tuple[Clause, ...]:
    """The clauses of the rulebook of its day that an upheld case is proposed under; none in many rulebooks."""
    return tuple(in_force(case.department, case.business_date).triggered_by(UPHELD))


def propose_for(case: Case) -> None:
    """Propose an incident under each clause for it. One that cannot be reported keeps no case open."""
    if case.subject is None:
        return
    # What is written down is written once, in the language that the house works in.
    with translation.override(settings.LANGUAGE_CODE):
        label = f"{case.rule.name} {case.business_date}"
        text = _("Upheld: %(text)s") % {"text": without_phones(case.text)}
        for clause in clauses_for(case):
            propose_incident(
                membership=case.subject,
                clause_code=clause.code,
                occurred_at=case.came_at,
                facts=text[:FACTS_LENGTH],
                source=(Case._meta.label_lower, case.pk, label),
            )

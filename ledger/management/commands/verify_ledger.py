"""`manage.py verify_ledger [--department CODE]`: prove the journals; exit 1 with the first faulty entry's number."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.services import verify_ledger
from office.money import yuan
from people.models import Department


class Command(BaseCommand):
    help = "Prove the journal: chain, balance of every entry, no gap, entries that say what they come from."

    def add_arguments(self, parser):
        parser.add_argument("--department", metavar="CODE", help="only this department")

    def handle(self, *args, department=None, **options):
        departments = Department.objects.order_by("code")
        if department is not None:
            departments = departments.filter(code=department)
            if not departments:
                raise CommandError(_("No department has the code %(code)s.") % {"code": department})
        proofs = [verify_ledger(found) for found in departments]
        for proof in proofs:
            if not proof.fault:
                self.stdout.write(self._counts(proof))
        if faults := [self._fault(proof) for proof in proofs if proof.fault]:
            raise CommandError("\n".join(faults))

    def _fault(self, proof) -> str:
        return _("%(code)s: entry %(number)s: %(words)s") % {
            "code": proof.department.code,
            "number": proof.fault.number,
            "words": proof.words,
        }

    def _counts(self, proof) -> str:
        return _("%(code)s: %(entries)s entries sound, cash %(cash)s, outstanding %(outstanding)s") % {
            "code": proof.department.code,
            "entries": proof.entries,
            "cash": yuan(proof.cash_fen),
            "outstanding": yuan(proof.outstanding_fen),
        }

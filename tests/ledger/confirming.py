"""One of several processes that confirm at the same moment.

    python -m tests.ledger.confirming INCIDENT ACTOR [--no-lock]

Says "ready" when it could begin, waits for a line on its input, confirms, and says what came of it as JSON. It thinks
for a while between counting and writing, so that processes let go at the same moment are certain to overlap.
"""

import json
import sys
import time

THINKING_SECONDS = 0.7


def main() -> None:
    import django

    django.setup()

    from django.db import connection

    from ledger.models import Incident
    from ledger.services import confirm_incident, money
    from people.models import User

    pk, actor = int(sys.argv[1]), int(sys.argv[2])
    incident = Incident.objects.select_related("department").get(pk=pk)
    actor = User.objects.get(pk=actor)
    if "--no-lock" in sys.argv:
        from ledger.models import LedgerHead
        from ledger.services import incidents

        incidents.lock_head = money.lock_head = lambda department: LedgerHead.objects.get(department=department)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.monotonic()
    try:
        with connection.execute_wrapper(thinks_before_deciding):
            sanction = confirm_incident(incident=incident, actor=actor).outcome
        found = {"step": sanction.step, "entry": sanction.entry and sanction.entry.number}
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(found | {"began": began, "ended": time.monotonic()}) + "\n")


def thinks_before_deciding(execute, sql, params, many, context):
    if sql.startswith('UPDATE "ledger_incident"'):
        time.sleep(THINKING_SECONDS)
    return execute(sql, params, many, context)


if __name__ == "__main__":
    main()

"""One of several processes that deal with entries of the register at the same moment.

    python -m tests.handover.dealing WHAT MATTER ACTOR [OTHER]

WHAT: adopt, reject, hand_in, or merge (into OTHER). Says "ready" when it could begin, waits for a line on its input,
does it, and says what came of it as JSON. It thinks for a while before it writes, so that processes let go at the same
moment are certain to overlap.
"""

import json
import sys
import time

THINKING_SECONDS = 0.7


def main() -> None:
    import django

    django.setup()

    from django.core.exceptions import ValidationError
    from django.db import connection

    from handover import services
    from handover.models import Matter
    from people.models import User

    what, matter, actor, *other = sys.argv[1:]
    matter = Matter.objects.select_related("issue__department").get(pk=matter)
    call = {"matter": matter, "actor": User.objects.get(pk=actor), "text": "x"}

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.monotonic()
    try:
        with connection.execute_wrapper(thinks_before_writing):
            if what == "hand_in":
                found = {"made": bool(services.hand_in_register(department=matter.issue.department))}
            elif what == "merge":
                into = Matter.objects.get(pk=other[0])
                found = {"state": services.merge_matter(into=into, **call).state}
            else:
                found = {"state": getattr(services, f"{what}_matter")(**call).state}
    except ValidationError as refusal:
        found = {"code": refusal.code}
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(found | {"began": began, "ended": time.monotonic()}) + "\n")


def thinks_before_writing(execute, sql, params, many, context):
    if sql.startswith(('UPDATE "handover_matter"', 'INSERT INTO "handover_handin"')):
        time.sleep(THINKING_SECONDS)
    return execute(sql, params, many, context)


if __name__ == "__main__":
    main()

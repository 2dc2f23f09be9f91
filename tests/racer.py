"""One process of a race (`tests.processes.race`): calls a function once a round, each time when all others do.

`python -m tests.racer '{"does": "tests.handover.test_race:accept", "now": "2026-11-10T…", "keys": […], "with": {…}}'`
says `ready` on a line, waits for a line, calls, and writes what came of it as JSON: what the function returned, "done"
where that is nothing, or the code with which it was refused.
"""

import json
import sys
from datetime import datetime
from importlib import import_module

import django
from django.core.exceptions import ValidationError


def run(job: dict) -> None:
    from office import clock

    module, _colon, name = job["does"].partition(":")
    does = getattr(import_module(module), name)
    with clock.at(datetime.fromisoformat(job["now"])):
        for key in job["keys"]:
            print("ready", flush=True)
            sys.stdin.readline()
            try:
                said = does(key, **job["with"])
                answer = "done" if said is None else said
            except ValidationError as refusal:
                answer = refusal.code
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    django.setup()
    run(json.loads(sys.argv[1]))

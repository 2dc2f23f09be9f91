"""The second step of `make run`, inside .venv: database, static files, demo department, accounts.

One Django process for all of it: starting Django four times would cost more than the work.
"""

import signal

# Ctrl-C ends this process at once and without a word, also while it imports; the database undoes what was not
# committed. run.py blocked the signal until here.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])

import hashlib
import os
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def static_fingerprint() -> str:
    """Changes when any static file of the project or of a package does."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=[]):
            facts = os.stat(storage.path(name))
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> None:
    """Collects, hashes and compresses the static files, unless nothing changed: compressing takes seconds."""
    from django.conf import settings

    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    now = static_fingerprint()
    if stamp.is_file() and stamp.read_text() == now:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)


def main() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    call_command("load_demo", "--if-empty")
    print(f"\n  Banzu 班组   {os.environ['BANZU_URL']}\n", flush=True)
    call_command("demo_accounts")
    print("\n  Starting; Ctrl-C stops everything.\n", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (CommandError, DatabaseError, ImproperlyConfigured, OSError) as error:
        # What a person can put right is said in one line; anything else is a fault of ours and keeps its traceback.
        sys.exit(f"banzu: {' '.join(str(error).split()) or type(error).__name__}")

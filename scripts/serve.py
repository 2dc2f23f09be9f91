"""The last step of `make run`: web and worker under honcho, until Ctrl-C or until one of them ends."""

import multiprocessing
import os
import signal
import sys

from honcho.manager import Manager
from honcho.printer import Printer

PROCESSES = {
    "web": [sys.executable, "-m", "gunicorn", "-c", "scripts/gunicorn_embedded.py", "config.wsgi"],
    "worker": [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", "-B", "--concurrency", "2"),
        *("--loglevel", os.environ.get("LOG_LEVEL", "WARNING"), "--without-gossip", "--without-mingle"),
    ],
}
# In containers everything runs as root, and Celery says at length that it should not.
WARNINGS = "ignore:You're running the worker with superuser privileges"


class Voice(Printer):
    """Honcho's printer, which notices when nobody reads any more (`make run | head`, a closed window)."""

    is_unheard = False

    def write(self, message) -> None:
        try:
            super().write(message)
        except OSError:
            self.is_unheard = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Office(Manager):
    """Honcho's manager, which also stops at a closed terminal and leaves no process behind.

    Honcho prints and looks up process numbers inside its signal handler, which fails when the signal comes early. Here
    the handler only takes a note, and the loop, which looks ten times a second, does the rest."""

    asked_to_stop = False
    had_terminal = os.isatty(0)

    def __init__(self) -> None:
        super().__init__(printer=Voice(sys.stdout))

    def _start(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        # run.py blocked it, so that an early Ctrl-C meets this handler and not an import.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        super()._start()

    def _note(self, number, frame) -> None:
        self.asked_to_stop = True

    def _any_stopped(self) -> bool:
        # make keeps the news of a closed terminal to itself; the terminal does not.
        if self._printer.is_unheard or (self.had_terminal and not os.isatty(0)):
            self.asked_to_stop = True
        return self.asked_to_stop or super()._any_stopped()

    def _killall(self, force: bool = False) -> None:
        if force:
            return super()._killall(force=True)
        # To the masters alone: they stop their children in order. A signal to the whole group would make Celery
        # report each of its own children as lost.
        for process in self._running():
            os.kill(process["pid"], signal.SIGTERM)
        return None

    def _running(self) -> list[dict]:
        return [process for process in self._processes.values() if "pid" in process and "returncode" not in process]

    def _system_print(self, data: str) -> None:
        # Starts and orderly stops are no news; an end that nobody asked for is.
        if "stopped" in data and not self.asked_to_stop and not self._terminating:
            super()._system_print(data)

    def sweep(self) -> None:
        """Ends whatever is left of the process groups, also when the loop itself broke off."""
        for process in self._processes.values():
            if "pid" in process:
                self._procmgr.kill(process["pid"])


def main() -> int:
    # Honcho hands its children over by fork; newer Pythons would start them afresh.
    multiprocessing.set_start_method("fork")
    office = Office()
    for name, command in PROCESSES.items():
        # exec: the process that is signalled is then the server itself and not a shell around it.
        office.add_process(name, "exec " + " ".join(f"'{part}'" for part in command), env=environment(name))
    try:
        office.loop()
    finally:
        office.sweep()
    if office.asked_to_stop:
        print("Stopped.", flush=True)
        return 0
    return office.returncode if office.returncode > 0 else 1


def environment(name: str) -> dict[str, str]:
    if name == "worker":
        return {**os.environ, "PYTHONWARNINGS": WARNINGS}
    return dict(os.environ)


if __name__ == "__main__":
    sys.exit(main())

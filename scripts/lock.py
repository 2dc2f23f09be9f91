"""Writes the locks from pyproject.toml, or (`--check`) says whether they still fit it.

The check compiles with the present locks as the starting pins, so that a release made since yesterday does not count,
only a change of pyproject.toml. Both need the package index.
"""

import difflib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).parent / "uv"
# --universal: one lock for every platform. No header and no index address: nothing in the locks tells where they
# were made.
COMPILE = ("pip", "compile", "--quiet", "--python-version", "3.11", "--generate-hashes", "--universal", "--no-header")
LOCKS: dict[str, tuple[str, ...]] = {
    "requirements.txt": (),
    "requirements-dev.txt": ("--extra", "dev", "-c", "requirements.txt"),
}


def compile_locks(folder: Path, extra: tuple[str, ...] = ()) -> None:
    """Writes both locks into `folder`, which holds pyproject.toml and perhaps older locks to start from."""
    for name, options in LOCKS.items():
        command: list[str | Path] = [UV, *COMPILE, *options, *extra, "pyproject.toml", "-o", name]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            sys.exit(f"lock: {name} could not be compiled; what uv says stands above")


def complaints(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What is wrong with the locks `before`, given what compiling made of them; one line each."""
    found = []
    for name, text in before.items():
        found += [f"{name} holds an address: {line.strip()}" for line in text.splitlines() if "://" in line]
        changed = [
            line
            for line in difflib.unified_diff(text.splitlines(), after[name].splitlines(), lineterm="", n=0)
            if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        if changed:
            found.append(f"{name} does not fit pyproject.toml (run: make lock)")
            found += [f"    {line}" for line in changed[:10]]
    return found


def main(arguments: list[str]) -> None:
    if "--check" not in arguments:
        compile_locks(ROOT, tuple(arguments))
        return
    before = {name: (ROOT / name).read_text() for name in LOCKS}
    with tempfile.TemporaryDirectory(prefix="banzu-lock-") as folder:
        for name in ("pyproject.toml", *LOCKS):
            shutil.copy(ROOT / name, folder)
        compile_locks(Path(folder))
        after = {name: (Path(folder) / name).read_text() for name in LOCKS}
    if found := complaints(before, after):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(sys.argv[1:])

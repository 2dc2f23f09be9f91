"""Fetch the vendored assets again: `python static/vendor/update.py` (needs npm and the network).

Versions are pinned here; icons.txt beside this file lists the icons of the sprite, one a line. Writes
tabler/tabler.min.css, tabler-icons/LICENSE and ../icons.svg; README.md says what else to do after a change of version.
"""

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TABLER = "@tabler/core@1.6.1"
ICONS = "@tabler/icons@3.51.0"


def unpack(package: str, folder: Path) -> Path:
    """Download one npm package into `folder`; gives the path of its files."""
    target = folder / package.strip("@").replace("/", "-")
    target.mkdir()
    done = subprocess.run(["npm", "pack", package], cwd=target, check=True, capture_output=True, text=True)
    with tarfile.open(target / done.stdout.split()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def symbol(svg: str, name: str) -> str:
    """One outline icon as a symbol; it takes stroke and fill from the element that uses it."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = re.sub(r'<path stroke="none"[^>]*/>', "", body)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(line.strip() for line in body.splitlines())}</symbol>'


def main() -> None:
    names = (HERE / "icons.txt").read_text().split()
    if names != sorted(set(names)):
        raise SystemExit("icons.txt: sort it, each name once.")
    with tempfile.TemporaryDirectory() as folder:
        css = (unpack(TABLER, Path(folder)) / "dist/css/tabler.min.css").read_text()
        # The hashed static storage refuses a reference to a map that is not shipped.
        css = re.sub(r"/\*# sourceMappingURL=.*?\*/\s*", "", css)
        (HERE / "tabler/tabler.min.css").write_text(css)
        icons = unpack(ICONS, Path(folder))
        (HERE / "tabler-icons/LICENSE").write_text((icons / "LICENSE").read_text())
        symbols = [symbol((icons / f"icons/outline/{name}.svg").read_text(), name) for name in names]
    head = f"<!-- {ICONS} (MIT), made by vendor/update.py -->"
    sprite = "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', head, *symbols, "</svg>", ""])
    (HERE.parent / "icons.svg").write_text(sprite)


if __name__ == "__main__":
    main()

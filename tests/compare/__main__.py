"""``python -m tests.compare [format …]``: every clean log there is, against the peer of its format.

Prints one line a file, and exits 1 if any value differs without an accepted reason.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from flyoff.decoders.source import Source
from flyoff.pipeline import registry
from tests.shared import flights, logs

#: Format, and how its files among the simulated flights end. ``tests.compare.<format>`` offers
#: ``is_clean(path)`` and ``compare(path) -> list[str]``.
FORMATS = {"ulog": ".ulg", "dataflash": ".BIN", "tlog": ".tlog", "blackbox": ".BFL"}


def files(kind: str) -> Iterator[Path]:
    """Every file of a format: the shared logs, then the simulated flights."""
    # a folder may hold a format's text form, which has another decoder and no peer
    yield from (path for path in logs(kind) if registry.choose(Source(str(path))).name == kind)
    folder = flights()
    if folder is not None:
        yield from sorted(folder.glob(f"*{FORMATS[kind]}"))


def main(kinds: list[str]) -> int:
    """Compare all; the number of files that differ."""
    seen = skipped = wrong = 0
    for kind in kinds:
        peer = importlib.import_module(f"tests.compare.{kind}")
        for path in files(kind):
            if not peer.is_clean(path):
                skipped += 1
                print(f"damaged  {kind} {path.name}")
                continue
            differences = peer.compare(path)
            seen += 1
            wrong += bool(differences)
            print(f"{'DIFFERS' if differences else 'equal':8} {kind} {path.name}")
            for line in differences[:20]:
                print(f"         {line}")
    print(f"{seen} compared, {wrong} differ, {skipped} damaged and not compared")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:] or list(FORMATS)) else 0)

"""A store of as many sorties as asked for, made of the simulated flights over and over.

Each copy differs from its original in bytes that say nothing (the low byte of a stamp, padding
behind a name), so that it is a log of its own, of the same size and content.
"""

import sys
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from flyoff.lake.store import Store
from flyoff.pipeline.ingest import ingest
from flyoff.pipeline.walk import walk
from tests.shared import flights

#: Where a byte stands that may be anything, by ending: in ULog the low bytes of the stamp of its
#: header, in tlog those of the first stamp, in DataFlash what is behind the first label's end.
_FREE = {".ulg": (8, 2), ".tlog": (6, 2), ".BIN": (86, 2)}


def variant(path: Path, number: int) -> bytes:
    """The log as if it were another one."""
    data = bytearray(path.read_bytes())
    at, width = _FREE[path.suffix]
    data[at : at + width] = number.to_bytes(width, "big")
    return bytes(data)


def thousand(folder: Path, sorties: int) -> Store:
    """Write logs below a folder and take them into a store; only flights of one sortie."""
    source = flights()
    if source is None:
        sys.exit("no shared flight data: set FLYOFF_SHARED, or put it at ../shared")
    paths = sorted(p for p in source.iterdir() if p.suffix in _FREE)
    logs = folder / "logs"
    logs.mkdir(parents=True)
    for number, path in enumerate(islice(cycle(paths), sorties)):
        (logs / f"{number:04}{path.suffix}").write_bytes(variant(path, number))
    store = Store(folder / "store", create=True)
    for _ in ingest(store, walk([logs]).files):
        pass
    return store


if __name__ == "__main__":
    print(thousand(Path(sys.argv[1]), int(sys.argv[2])))

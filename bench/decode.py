"""``python bench/decode.py [format …]``: decoding against the peers, in one run.

For every shared log of a format, and for one of at least 150 MB built from the largest: MB/s of the
index alone, of every column of every topic, and of the peer; and how fast this core copies memory
at that moment. Times are processor time, the best of some runs, since the machine may have other
work. Ratios hold on any machine, MB/s do not.
"""

import argparse
import contextlib
import importlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from bench import peers_blackbox, peers_tlog
from bench.peers_dataflash import read_pymavlink
from flyoff.decoders import Decoder
from flyoff.decoders.source import Source
from tests.shared import logs


def read_pyulog(path: Path) -> None:
    from pyulog import ULog

    with contextlib.redirect_stdout(io.StringIO()):
        ULog(str(path))


@dataclass(frozen=True, slots=True)
class Format:
    """What is measured for one format.

    Attributes
    ----------
    decoder : str
        Module of the decoder.
    suffixes : of the shared files that are binary logs of it
    peer : reads every column of every topic of a file
    budget : least ratio to the peer (DESIGN.md section 10)
    big : module and name of the function that builds a large log: ``(path, source, mb)``
    """

    decoder: str
    suffixes: tuple[str, ...]
    peer: Callable[[Path], None]
    budget: float
    big: tuple[str, str]


FORMATS: dict[str, Format] = {
    "ulog": Format("flyoff.decoders.ulog", (".ulg",), read_pyulog, 15, ("bench.big", "big_ulog")),
    "dataflash": Format(
        "flyoff.decoders.dataflash",
        (".BIN", ".bin"),
        read_pymavlink,
        150,
        ("bench.big_dataflash", "big_dataflash"),
    ),
    "tlog": Format(
        "flyoff.decoders.tlog",
        (".tlog",),
        peers_tlog.read_pymavlink,
        80,
        ("bench.big_tlog", "big_tlog"),
    ),
    "blackbox": Format(
        "flyoff.decoders.blackbox",
        (".BFL", ".BBL", ".bbl", ".TXT"),
        peers_blackbox.read_orangebox,
        60,
        ("bench.peers_blackbox", "big_blackbox"),
    ),
}


def best(action: Callable[[], object], runs: int) -> float:
    """Least processor time of some runs [s]; the memory of the log is mapped, so none waits."""
    least = float("inf")
    for _ in range(runs):
        start = time.process_time()
        action()
        least = min(least, time.process_time() - start)
    return least


def read_all(decoder: Decoder, path: Path) -> None:
    """Every column of every topic; each topic is dropped before the next."""
    for topic in decoder.decode(Source(str(path))).topics.values():
        topic.columns()


def copy_rate(size: int) -> float:
    """How fast this core copies that many bytes [MB/s]."""
    data = np.ones(size, dtype=np.uint8)
    out = np.empty_like(data)
    return size / 1e6 / best(lambda: np.copyto(out, data), 5)


def measure(kind: Format, path: Path, runs: int) -> float:
    """Print one line for a file; the ratio to the peer.

    Ours and the peer take turns, equally often: other work on the machine then slows both.
    """
    decoder: Decoder = importlib.import_module(kind.decoder).DECODER
    read_all(decoder, path)  # compiles, and brings the file into memory
    mb = path.stat().st_size / 1e6
    ours = index = peer = float("inf")
    for _ in range(runs):
        ours = min(ours, best(lambda: read_all(decoder, path), 1))
        index = min(index, best(lambda: decoder.decode(Source(str(path))), 1))
        peer = min(peer, best(lambda: kind.peer(path), 1))
    copied = copy_rate(path.stat().st_size)
    print(
        f"{path.name[-44:]:44} {mb:7.1f} MB  index {mb / index:6.0f}  all {mb / ours:6.0f}  "
        f"peer {mb / peer:6.1f} MB/s  ratio {peer / ours:6.1f}  copy {copied:6.0f}",
        flush=True,
    )
    return peer / ours


def main() -> int:
    """Measure; 0 whatever comes out, since a budget is not a timed test."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("formats", nargs="*", default=list(FORMATS))
    parser.add_argument("--mb", type=int, default=150, help="least size of the large log")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for us and the peer
    for name in options.formats:
        kind = FORMATS[name]
        paths = [p for p in logs(name) if p.suffix in kind.suffixes]
        if not paths:
            print(f"{name}: no shared logs, nothing measured")
            continue
        ratios = [measure(kind, path, options.runs) for path in paths]
        middle, least = np.median(ratios), min(ratios)
        print(f"{name}: median ratio {middle:.1f}, least {least:.1f}, budget {kind.budget}")
        with tempfile.TemporaryDirectory() as folder:
            module, function = kind.big
            build = getattr(importlib.import_module(module), function)
            big = Path(folder) / f"big.{name}"
            build(big, max(paths, key=lambda p: p.stat().st_size), options.mb)
            measure(kind, big, min(options.runs, 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

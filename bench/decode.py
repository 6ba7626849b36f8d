"""``python bench/decode.py [format …]``: decoding against the peers, in one run.

For every shared log of a format, and for large ones built from the largest: MB/s of the index
alone, of every column of every topic with the receipt, and of the peer; and how fast this core
copies memory at that moment. Times are processor time, the least of some runs that take turns,
since the machine may have other work. Ratios hold on any machine, MB/s do not. The peers are
slow: on a large log each reads as many megabytes as it manages in some seconds, and where we are
measured on more than that, the peer is not.
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
    peer_mb : largest log that the peer is given [MB]
    """

    decoder: str
    suffixes: tuple[str, ...]
    peer: Callable[[Path], None]
    budget: float
    big: tuple[str, str]
    peer_mb: int


FORMATS: dict[str, Format] = {
    "ulog": Format(
        "flyoff.decoders.ulog", (".ulg",), read_pyulog, 15, ("bench.big", "big_ulog"), 150
    ),
    "dataflash": Format(
        "flyoff.decoders.dataflash",
        (".BIN", ".bin"),
        read_pymavlink,
        150,
        ("bench.big_dataflash", "big_dataflash"),
        20,
    ),
    "tlog": Format(
        "flyoff.decoders.tlog",
        (".tlog",),
        peers_tlog.read_pymavlink,
        80,
        ("bench.big_tlog", "big_tlog"),
        6,
    ),
    "blackbox": Format(
        "flyoff.decoders.blackbox",
        (".BFL", ".BBL", ".bbl", ".TXT"),
        peers_blackbox.read_orangebox,
        60,
        ("bench.peers_blackbox", "big_blackbox"),
        6,
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
    """The receipt and every column of every topic; each topic is dropped before the next."""
    raw = decoder.decode(Source(str(path)))
    for topic in raw.topics.values():
        topic.columns()
    assert raw.receipt.bytes == len(raw.source)


def copy_rate(size: int) -> float:
    """How fast this core copies that many bytes [MB/s]."""
    data = np.ones(size, dtype=np.uint8)
    out = np.empty_like(data)
    return size / 1e6 / best(lambda: np.copyto(out, data), 5)


def measure(kind: Format, path: Path, runs: int, peer_runs: int) -> float:
    """Print one line for a file; the ratio to the peer, NaN where it was not asked.

    Ours and the peer take turns: other work on the machine then slows both.
    """
    decoder: Decoder = importlib.import_module(kind.decoder).DECODER
    read_all(decoder, path)  # compiles, and brings the file into memory
    mb = path.stat().st_size / 1e6
    ours = index = peer = float("inf")
    for turn in range(runs):
        ours = min(ours, best(lambda: read_all(decoder, path), 1))
        index = min(index, best(lambda: decoder.decode(Source(str(path))), 1))
        if turn < peer_runs:
            peer = min(peer, best(lambda: kind.peer(path), 1))
    copied = copy_rate(path.stat().st_size)
    ratio = peer / ours if peer_runs else float("nan")
    theirs = f"peer {mb / peer:6.1f} MB/s  ratio {ratio:6.1f}" if peer_runs else f"{'':25}"
    print(
        f"{path.name[-34:]:34} {mb:6.2f} MB  index {mb / index:5.0f}  all {mb / ours:5.0f}  "
        f"{theirs}  copy {copied:6.0f}",
        flush=True,
    )
    return ratio


def summary(name: str, budget: float, ratios: list[float]) -> str:
    """Median, spread and budget of a format's ratios, one for each log."""
    low, middle, high = np.percentile(ratios, (25, 50, 75))
    return (
        f"{name}: ratio over {len(ratios)} logs: median {middle:.1f}, quartiles {low:.1f} and "
        f"{high:.1f}, least {min(ratios):.1f}, greatest {max(ratios):.1f}; budget {budget:g}\n"
    )


def large(kind: Format, name: str, source: Path, mb: int, runs: int) -> None:
    """Measure logs made of a real one: as large as the peer can read, and as large as asked."""
    module, function = kind.big
    build = getattr(importlib.import_module(module), function)
    for size, peer_runs in {kind.peer_mb: 1, mb: int(mb <= kind.peer_mb)}.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{size} MB of one log, {name}"
            build(path, source, size)
            measure(kind, path, runs, peer_runs)


def main() -> int:
    """Measure; 0 whatever comes out, since a budget is not a timed test."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("formats", nargs="*", default=list(FORMATS))
    parser.add_argument("--mb", type=int, default=150, help="least size of the large log")
    parser.add_argument("--runs", type=int, default=5, help="of ours; the least time counts")
    parser.add_argument("--peer-runs", type=int, default=2, help="of the peer, for shared logs")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, for us and the peer
    for name in options.formats:
        kind = FORMATS[name]
        paths = [p for p in logs(name) if p.suffix in kind.suffixes]
        if not paths:
            print(f"{name}: no shared logs, nothing measured")
            continue
        ratios = [measure(kind, path, options.runs, options.peer_runs) for path in paths]
        large(kind, name, max(paths, key=lambda p: p.stat().st_size), options.mb, options.runs)
        print(summary(name, kind.budget, ratios), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

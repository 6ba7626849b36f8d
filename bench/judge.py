"""``python bench/judge.py [--big]``: the whole judgement of a log against the peer's mere opening.

Judging is decoding what is needed, normalising, segmenting, asking every detector, deciding and
measuring, in a running process (kernels compiled, modules imported). The peer only opens the same
file: pyulog reads a ULog, pymavlink indexes a DataFlash log. Times are processor time, the least
of some runs that alternate; ratios hold on any machine, MB/s do not.
"""

import argparse
import contextlib
import io
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from bench.big import big_ulog
from bench.big_dataflash import big_dataflash
from flyoff.pipeline.steps import judge_log
from tests.shared import flights, logs


def open_pyulog(path: Path) -> None:
    from pyulog import ULog

    with contextlib.redirect_stdout(io.StringIO()):
        ULog(str(path))


def open_pymavlink(path: Path) -> None:
    from pymavlink import DFReader

    DFReader.DFReader_binary(str(path))


PEERS: dict[str, Callable[[Path], None]] = {".ulg": open_pyulog, ".bin": open_pymavlink}


def least(function: Callable[[Path], object], path: Path, runs: int) -> float:
    """Least processor time of some runs [s]."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        function(path)
        times.append(time.process_time() - start)
    return min(times)


def row(path: Path, runs: int) -> tuple[float, float, float]:
    """Print one line; return size [MB], judging [s] and the peer's opening [s]."""
    size = path.stat().st_size / 1e6
    judge_log(path)  # warm: kernels, modules, page cache
    judged = least(judge_log, path, runs)
    opened = least(PEERS[path.suffix.lower()], path, max(1, runs - 1))
    rate, ratio = size / judged, opened / judged
    ours = f"judge {judged * 1e3:8.1f} ms {rate:7.1f} MB/s"
    theirs = f"peer opens {opened * 1e3:8.1f} ms  ratio {ratio:6.2f}"
    print(f"{path.name[-44:]:44s} {size:8.1f} MB  {ours}  {theirs}", flush=True)
    return size, judged, opened


def small(limit: int) -> list[Path]:
    """Shared real logs and simulated flights near 3 MB."""
    found = [p for kind in ("ulog", "dataflash") for p in logs(kind)]
    folder = flights()
    if folder is not None:
        found += sorted([*folder.glob("*.BIN"), *folder.glob("*.ulg")])
    near = [p for p in found if p.suffix.lower() in PEERS and 1.5e6 < p.stat().st_size < 6e6]
    step = max(1, len(near) // limit)
    return near[::step][:limit]


def main() -> None:
    """Measure, and print the table that ``docs/benchmarks.md`` holds."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--big", action="store_true", help="also a log of 150 MB of each format")
    asked.add_argument("--runs", type=int, default=4)
    asked.add_argument("--logs", type=int, default=12)
    options = asked.parse_args()
    rows = [row(path, options.runs) for path in small(options.logs)]
    if rows:
        total, judged = sum(r[0] for r in rows), sum(r[1] for r in rows)
        ratio = statistics.median(r[2] / r[1] for r in rows)
        print(f"logs near 3 MB: {total / judged:.1f} MB/s judged, median ratio {ratio:.2f}")
    if options.big:
        _big(options.runs)


def _big(runs: int) -> None:
    builders = (("ulog", ".ulg", big_ulog), ("dataflash", ".bin", big_dataflash))
    for kind, suffix, build in builders:
        sources = [p for p in logs(kind) if p.suffix.lower() == suffix]
        if not sources:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"big{suffix}"
            build(path, max(sources, key=lambda p: p.stat().st_size), 150)
            row(path, runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory of this process, peers included: {peak:.0f} MB")


if __name__ == "__main__":
    main()

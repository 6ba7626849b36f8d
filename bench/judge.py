"""``python bench/judge.py [--big]``: the whole judgement of a log against the peer's mere opening.

Judging is decoding what is needed, normalising, segmenting, asking every detector, deciding and
measuring, in a running process (kernels compiled, modules imported). The peer only opens the same
file: pyulog reads a ULog, pymavlink indexes a DataFlash log. Times are processor time, the least
of some runs; ratios hold on any machine, MB/s do not. A folder of flights, and the peak memory of
a large log, are measured in a process of their own, start-up included.
"""

import argparse
import contextlib
import io
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
from bench.fresh import flyoff
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
    _folder()
    if options.big:
        _big(options.runs)


def _folder() -> None:
    """The simulated flights, logs of each vehicle, in one process with its start-up."""
    folder = flights()
    if folder is None:
        print("no simulated flights: no folder measured")
        return
    paths = sorted(p for suffix in ("BIN", "ulg") for p in folder.glob(f"*.{suffix}"))
    mb = sum(p.stat().st_size for p in paths) / 1e6
    cpu_s = min(flyoff("judge", "--json", "--jobs", "1", *map(str, paths)).cpu_s for _ in range(2))
    print(
        f"folder of {len(paths)} simulated flights, {mb:.0f} MB, start-up included: {cpu_s:.2f} s "
        f"of processor time, {mb / cpu_s:.1f} MB/s; budget 50"
    )


def _big(runs: int) -> None:
    builders = (("ulog", ".ulg", big_ulog), ("dataflash", ".bin", big_dataflash))
    for kind, suffix, build in builders:
        sources = [p for p in logs(kind) if p.suffix.lower() == suffix]
        if not sources:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"150 MB of one log{suffix}"
            build(path, max(sources, key=lambda p: p.stat().st_size), 150)
            row(path, runs)
            peak_mb = flyoff("judge", "--json", str(path)).peak_mb
            print(f"{'':44s} peak resident memory of judging it: {peak_mb:.0f} MB; budget 500")


if __name__ == "__main__":
    main()

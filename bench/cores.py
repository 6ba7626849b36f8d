"""``python bench/cores.py``: what a second core brings on a folder of logs.

``flyoff judge --json`` and ``flyoff ingest`` over the simulated flights with one process and with
two, taking turns, start-up included. The gain is a ratio of wall clock times, so it needs two idle
cores: what was busy beside it is printed too. Processor time does not depend on that: what a run
with two processes spends beyond one with one is the price of the second, and twice the ratio is
the gain that two idle cores could bring at best.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from bench.fresh import Cost, flyoff
from tests.shared import flights

#: Fewer logs than this are no folder.
LEAST_LOGS = 50
TURNS = 3
BUDGET = 1.8


def judge(jobs: int, logs: Sequence[Path]) -> Cost:
    """Judge the logs."""
    return flyoff("judge", "--json", "--jobs", str(jobs), *map(str, logs))


def ingest(jobs: int, logs: Sequence[Path]) -> Cost:
    """Take the logs into an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "store")
        return flyoff("ingest", "--json", "--jobs", str(jobs), "--store", store, *map(str, logs))


def compare(name: str, logs: Sequence[Path]) -> None:
    """Measure one command with one process and with two, and print the gain."""
    act = {"judge": judge, "ingest": ingest}[name]
    mb = sum(p.stat().st_size for p in logs) / 1e6
    busy = os.getloadavg()[0]
    act(2, logs[:LEAST_LOGS])  # brings files and kernels into memory
    one: list[Cost] = []
    two: list[Cost] = []
    for _ in range(TURNS):
        one.append(act(1, logs))
        two.append(act(2, logs))
    for said, costs in (("one process", one), ("two processes", two)):
        wall, cpu = min(c.wall_s for c in costs), min(c.cpu_s for c in costs)
        print(
            f"{name:6} {said:14} {len(logs)} logs {mb:5.0f} MB  {wall:6.2f} s {mb / wall:6.1f} MB/s"
            f"  processor {cpu:6.2f} s"
        )
    gains = [a.wall_s / b.wall_s for a, b in zip(one, two, strict=True)]
    work = min(c.cpu_s for c in one) / min(c.cpu_s for c in two)
    print(
        f"{name}: second core: median gain {statistics.median(gains):.2f} of {len(gains)} turns "
        f"({min(gains):.2f} to {max(gains):.2f}); at best {2 * work:.2f} by processor time; "
        f"budget {BUDGET:g}; load average before {busy:.1f}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    folder = flights()
    logs = (
        sorted(p for s in ("BIN", "ulg", "tlog") for p in folder.glob(f"*.{s}")) if folder else []
    )
    if len(logs) < LEAST_LOGS:
        print("no folder of simulated flights: nothing measured")
        return
    for name in ("judge", "ingest"):
        compare(name, logs)


if __name__ == "__main__":
    main()

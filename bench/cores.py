"""``python bench/cores.py``: what a second core brings on a folder of logs.

``flyoff judge --json`` over the simulated flights with one process and with two, taking turns,
start-up included. The gain is a ratio of wall clock times, so it needs two idle cores: what was
busy beside it is printed too. The share of processor time that is work does not depend on that:
twice it is the gain that two idle cores could bring at best.
"""

import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from bench.fresh import Cost, flyoff
from tests.shared import flights

#: Fewer logs than this are no folder.
LEAST_LOGS = 50
TURNS = 3


def main() -> None:
    """Measure and print."""
    folder = flights()
    logs = (
        sorted(p for s in ("BIN", "ulg", "tlog") for p in folder.glob(f"*.{s}")) if folder else []
    )
    if len(logs) < LEAST_LOGS:
        print("no folder of simulated flights: nothing measured")
        return
    mb = sum(p.stat().st_size for p in logs) / 1e6
    busy = os.getloadavg()[0]
    one: list[Cost] = []
    two: list[Cost] = []
    for _ in range(TURNS):
        for costs, jobs in ((one, "1"), (two, "2")):
            costs.append(flyoff("judge", "--json", "--jobs", jobs, *map(str, logs)))
    for name, costs in (("one process", one), ("two processes", two)):
        wall, cpu = min(c.wall_s for c in costs), min(c.cpu_s for c in costs)
        print(
            f"{name:14} {len(logs)} logs {mb:5.0f} MB  {wall:6.2f} s {mb / wall:6.1f} MB/s  "
            f"processor {cpu:6.2f} s"
        )
    gains = [a.wall_s / b.wall_s for a, b in zip(one, two, strict=True)]
    work = min(c.cpu_s for c in one) / min(c.cpu_s for c in two)
    print(
        f"second core: median gain {statistics.median(gains):.2f} of {len(gains)} turns "
        f"({min(gains):.2f} to {max(gains):.2f}); at best {2 * work:.2f} by processor time; "
        f"budget 1.8; load average before {busy:.1f}"
    )


if __name__ == "__main__":
    main()

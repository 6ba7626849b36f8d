"""``python bench/many_logs.py [MOST]``: ingest of 100 small logs against 10,000 of them.

Logs of some 25 kB with motion in them, of three kinds that a fleet brings: ``apart``, each a flight
of its own with a satellite clock; ``unclocked``, none of them knows the time, so that any two may
be of one flight; ``copies``, one flight over and over, each file differing by a text. For each
kind: logs per second of processor time over the whole command, start-up taken off (an ingest of one
log), and peak memory, against that of the smallest number.
"""

import math
import random
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from bench.fresh import Cost, flyoff
from tests.scenarios import dataflash

KINDS = ("apart", "unclocked", "copies")
COUNTS = (100, 10_000)
#: Rate of the largest number over that of the smallest.
BUDGET = 0.8
#: Medians of twice so many short runs.
TURNS = 3
_ARMED, _DISARMED = 10, 11
_SECONDS = 12


def small_log(kind: str, number: int) -> bytes:
    """A flight of twelve seconds by a vehicle that leans at random."""
    log = dataflash.opened()
    log.define(75, "EV", "QB", "TimeUS,Id", "s-", "F-")
    log.define(73, "MODE", "QMBB", "TimeUS,Mode,ModeNum,Rsn", "s---", "F---")
    log.write("MODE", 1_500_000, 0, 0, 1)
    log.write("EV", 2_000_000, _ARMED)
    chance = random.Random(0 if kind == "copies" else number)
    lean = [chance.gauss(0.0, 8.0) for _ in range(4)]
    apart_ms = 0 if kind == "copies" else number * 600_000
    for tick in range(_SECONDS * 10):
        t_us = 2_000_000 + tick * 100_000
        lean = [0.9 * x + chance.gauss(0.0, 4.0) for x in lean]
        log.write("IMU", t_us, 0, 0.01, -0.02, 0.0, 0.1, 0.2, -9.81)
        log.write("ATT", t_us + 5, lean[0], lean[1], lean[2], lean[3])
        log.write("BAT", t_us + 6, 0, 16.0 - tick * 0.001, 12.5)
        if kind != "unclocked" and tick % 2 == 0:
            week, ms = divmod(302_400_000 + apart_ms + tick * 100, 604_800_000)
            east = 149.165 + 1e-5 * math.sin(tick / 20)
            log.write("GPS", t_us + 7, 0, 6, ms, 2370 + week, 18, 0.61, -35.36, east, 584.1,
                      0.1, 90.0, 0.0, 0.0, 1)  # fmt: skip
    log.write("EV", 2_000_000 + _SECONDS * 1_000_000, _DISARMED)
    log.write("MSG", 2_000_000 + _SECONDS * 1_000_000, f"log {number}")
    return bytes(log)


def measure(kind: str, count: int, folder: Path) -> Cost:
    """Ingest so many logs into a new store, in one process."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    for number in range(count):
        (logs / f"{number:06}.BIN").write_bytes(small_log(kind, number))
    return flyoff("ingest", str(logs), "--store", str(folder / "store"), "--jobs", "1")


def _measured(kind: str, count: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        return measure(kind, count, Path(folder))


def main() -> None:
    """Measure and print."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else COUNTS[-1]
    counts = [c for c in COUNTS if c < most] + [most]
    for kind in sys.argv[2:] or KINDS:
        # a short run is at the mercy of what runs beside it: some before, some after the long ones
        short = [(_measured(kind, 1), _measured(kind, counts[0])) for _ in range(TURNS)]
        long = [(count, _measured(kind, count)) for count in counts[1:]]
        short += [(_measured(kind, 1), _measured(kind, counts[0])) for _ in range(TURNS)]
        start_s = statistics.median(one.cpu_s for one, _ in short)
        base_s = statistics.median(cost.cpu_s for _, cost in short)
        base_mb = statistics.median(cost.peak_mb for _, cost in short)
        rates = [_told(kind, counts[0], Cost(0.0, base_s, base_mb), start_s, None)]
        rates += [_told(kind, count, cost, start_s, rates[0]) for count, cost in long]
        share = rates[-1] / rates[0]
        print(f"{kind:10} budget {BUDGET}: {'met' if share >= BUDGET else 'MISSED'}", flush=True)


def _told(kind: str, count: int, cost: Cost, start_s: float, first: float | None) -> float:
    """Print a line; logs per second."""
    rate = count / (cost.cpu_s - start_s)
    print(
        f"{kind:10} {count:6} logs  processor {cost.cpu_s:7.1f} s  {rate:6.1f} logs/s  "
        f"{rate / (first or rate):5.2f} of the first  peak {cost.peak_mb:5.0f} MB",
        flush=True,
    )
    return rate


if __name__ == "__main__":
    main()

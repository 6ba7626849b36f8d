"""Work on a store that is killed, each time in a process forked from one with everything loaded.

Run as a program it visits every step that the work comes to: a kill there, the work done again, and
whether the store is then as if nothing had happened. A program of its own, and with
``OPENBLAS_NUM_THREADS=1``, since a fork loses the threads that a process has.
"""

import importlib
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flyoff import faults
from flyoff.campaign.review import Review
from flyoff.lake import commit
from flyoff.lake.people import append_reviews
from flyoff.lake.query import connect
from flyoff.lake.schema import LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store
from flyoff.pipeline import upkeep
from flyoff.pipeline.ingest import LOADED, ingest, open_store, rejudge
from flyoff.pipeline.walk import walk
from tests.pipeline.flights import flight

#: Columns that differ between two runs of the same work.
_OWN = {"ingest_id", "ingested_us", "reviewed_us", "recorded_us"}

Work = Callable[[Path, Path], None]


def do_ingest(store: Path, logs: Path, jobs: int = 1) -> None:
    """Ingest a card of logs."""
    for _ in ingest(open_store(store, create=True), walk([logs]).files, jobs=jobs):
        pass


def do_more(store: Path, logs: Path) -> None:
    """Ingest another card."""
    do_ingest(store, logs.with_name("more"))


def do_last(store: Path, logs: Path) -> None:
    """Ingest a third one: the tables have many files now, which are joined."""
    do_ingest(store, logs.with_name("last"))


def do_rejudge(store: Path, logs: Path) -> None:
    """Judge every log again."""
    for _ in rejudge(open_store(store), jobs=1):
        pass


def do_optimise(store: Path, logs: Path) -> None:
    """Join small files."""
    commit.optimise(open_store(store))


def do_review(store: Path, logs: Path) -> None:
    """Write a review, unless it is there: a person looks whether it is."""
    lake = open_store(store)
    with connect(lake) as db:
        found = db.execute("SELECT count(*) FROM reviews").fetchone()
        (sortie,) = db.execute("SELECT min(sortie_id) FROM sorties").fetchone() or ("",)
    if found == (0,):
        append_reviews(lake, [Review(sortie, "crashed", "", "", "Ada", "seen by two witnesses")])


def do_harm(store: Path, logs: Path) -> None:
    """Damage tables of each sort: a log entry, a file, a table with people's words."""
    for name in ("logs", "sorties"):
        log = store / "tables" / name / "_delta_log"
        sorted(log.glob("*.json"))[-1].write_text("{")
    for file in (store / "tables" / "reviews").glob("*.parquet"):
        file.write_bytes(b"PAR1")


def do_repair(store: Path, logs: Path) -> None:
    """Build anew what was damaged."""
    assert not any(told.is_failure for told in upkeep.repair(store, jobs=1))


def do_age(store: Path, logs: Path) -> None:
    """Make the store one of the first format."""
    shutil.rmtree(store / "journal")
    (store / "flyoff.json").write_text('{"format": "flyoff store", "version": 1}')


def do_upgrade(store: Path, logs: Path) -> None:
    """Bring it to the newest format."""
    upkeep.upgrade(store)


#: Work to be killed, the work that comes before it, and which of its steps are visited.
LIFE: dict[str, tuple[Work, tuple[Work, ...], str]] = {
    "ingest": (do_ingest, (), ""),
    "joining": (do_last, (do_ingest, do_more), "commit.joined"),
    "rejudge": (do_rejudge, (do_ingest, do_more), ""),
    "optimise": (do_optimise, (do_ingest, do_more), ""),
    "review": (do_review, (do_ingest,), ""),
    "repair": (do_repair, (do_ingest, do_more, do_review, do_harm), "mend"),
    "upgrade": (do_upgrade, (do_ingest, do_review, do_age), ""),
}
#: Steps that leave something else behind where rows are replaced, or an old store is renewed.
AGAIN = frozenset({"commit.appended.sorties", "commit.appended.logs", "journal.noted.logs"})
#: Tables of more files than this are joined.
MANY = 2


def content(store: Path) -> dict[str, Any]:
    """Everything that counts in a store, and its raw files; without what names the run."""
    lake, found = Store(store), {}
    with connect(lake) as db:
        for name in (*SCHEMAS, *PEOPLE, *LINKED):
            done = db.execute(f"SELECT * FROM {name}")
            keep = [i for i, d in enumerate(done.description or ()) if d[0] not in _OWN]
            found[name] = sorted(([row[i] for i in keep] for row in done.fetchall()), key=repr)
    raw = (p for p in (store / "raw").rglob("*") if p.is_file())
    return found | {"raw": {p.relative_to(store).as_posix(): p.read_bytes() for p in raw}}


def forked(
    work: Work,
    store: Path,
    logs: Path,
    plan: faults.Plan | None = None,
    kill_s: float | None = None,
) -> int:
    """Do the work in a forked process; its exit code, negative where a signal ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            faults.arm(plan)
            work(store, logs)
            code = 0
        except BaseException as error:  # a fork must never run on as the test: told, then it ends
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(code)
    if kill_s is not None:
        time.sleep(kill_s)
        os.kill(child, signal.SIGKILL)  # its workers see that it is gone
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def told_by_fork(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a function makes in a forked process: Delta's threads may not be in this one."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        found: Any
        try:
            found = make()
        except BaseException as error:  # whatever the fork met is handed to who forked it
            found = {"error": f"{type(error).__name__}: {error}"}
        with os.fdopen(theirs, "wb") as out:
            pickle.dump(found, out)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as told:
        result: dict[str, Any] = pickle.load(told)
    os.waitpid(child, 0)
    return result


def seen(store: Path) -> dict[str, Any]:
    """As ``content``, or ``error``."""
    return told_by_fork(lambda: content(store))


def steps_of(work: Work, store: Path, logs: Path, trace: Path) -> Counter[str]:
    """The steps that some work comes to, undisturbed, and how often."""
    trace.write_text("")
    assert forked(work, store, logs, faults.Plan(trace=str(trace))) == 0
    return Counter(line.split()[1] for line in trace.read_text().splitlines())


def as_undisturbed(
    work: Work, store: Path, logs: Path, wanted: dict[str, Any], *, is_broken: bool = False
) -> list[str]:
    """Do the work again after a kill; what is then not as it should be.

    At any instant between, the store can be read, unless it was broken before.
    """
    is_read = (store / "flyoff.json").exists() and not is_broken

    def again() -> dict[str, Any]:
        midway = content(store) if is_read else {"logs": (), "recordings": ()}
        work(store, logs)
        return {
            "now": content(store),
            "is_whole": len(midway["logs"]) == len(midway["recordings"]),
            "is_settled": Store(store).is_settled,
        }

    told = told_by_fork(again)
    if "error" in told:
        return [f"read, or done again: {told['error']}"]
    wrong = [name for name in wanted if told["now"].get(name) != wanted[name]]
    wrong += [] if told["is_whole"] else ["before it is done again: logs without recordings"]
    return wrong + ([] if told["is_settled"] else ["is not settled"])


def chosen(steps: Counter[str], visited: set[str] | None) -> dict[str, set[int]]:
    """Steps to be killed at, and which times: the first and the last.

    Briefly (not None): of steps that are made for each table, those of ``sorties`` and ``logs``
    alone, each the first time only; and of those that another work was killed at, ``AGAIN`` alone.
    """
    if visited is None:
        return {step: {1, times} for step, times in steps.items()}
    others = {*SCHEMAS, *LINKED} - {"sorties", "logs"}
    wanted = {s for s in steps if s.rpartition(".")[2] not in others} - (visited - AGAIN)
    visited |= wanted
    return {step: {1} for step in wanted}


def visit(name: str, home: Path, logs: Path, visited: set[str] | None) -> list[str]:
    """Kill some work at the steps that it comes to; complaints."""
    work, before, prefix = LIFE[name]
    base, calm = home / f"{name}-base", home / f"{name}-calm"
    for earlier in before:
        assert forked(earlier, base, logs) == 0
    if base.exists():
        shutil.copytree(base, calm)
    steps = steps_of(work, calm, logs, home / "trace")
    wanted, complaints = seen(calm), []
    steps = Counter({step: n for step, n in steps.items() if step.startswith(prefix)})
    for step, times in sorted(chosen(steps, visited).items()):
        for nth in sorted(times):
            store = home / "killed"
            shutil.rmtree(store, ignore_errors=True)
            if base.exists():
                shutil.copytree(base, store)
            plan = faults.Plan((faults.Fault(step, nth, "kill"),))
            code = forked(work, store, logs, plan)
            if code != -signal.SIGKILL:
                complaints.append(f"{name}: {step}:{nth}: exit {code}, expected a kill")
            complaints += [
                f"{name}: killed at {step}:{nth}: {wrong}"
                for wrong in as_undisturbed(work, store, logs, wanted, is_broken=work is do_repair)
            ]
    print(f"{name}: {len(steps)} steps: {' '.join(sorted(steps))}", flush=True)
    return complaints


def main() -> int:
    """Visit every step of the work that is named; exit code 1 if anything is not as it should."""
    importlib.import_module(LOADED)  # what every forked process needs
    commit.COMPACT_FILES = MANY
    words = sys.argv[1:]
    briefly = "--briefly" in words
    named = [w for w in words if w in LIFE] or list(LIFE)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for folder_name, first in (("card", 0), ("more", 2), ("last", 4)):
            (home / folder_name).mkdir()
            for i in range(first, first + 2):
                (home / folder_name / f"{i}.BIN").write_bytes(flight(2.0 + 0.1 * i))
        visited: set[str] | None = set() if briefly else None
        complaints = [c for name in named for c in visit(name, home, home / "card", visited)]
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

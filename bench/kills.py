"""``python bench/kills.py [KILLS]``: an ingest killed at random, 200 times.

Half of the kills come at a random one of all the steps that an ingest comes to, half at a random
instant, from outside; a tenth of them with two processes. After each the ingest is run again and
the store compared with that of an undisturbed one: every table that counts, and every raw file.
"""

import importlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a fork loses threads, and BLAS waits for its own
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from flyoff.faults import Fault, Plan
from flyoff.pipeline.ingest import LOADED
from tests.lake.killed import as_undisturbed, do_ingest, forked, seen, steps_of
from tests.pipeline.flights import card

KILLS = 200
LOGS = 4
_SEED = 20260214


def _where(store: Path) -> str:
    """How far an ingest had come."""
    if not (store / "flyoff.json").exists():
        return "no store yet"
    if (store / ".unsettled").exists():
        return "tables half written"
    logs = store / "tables" / "logs" / "_delta_log"
    written = len(list(logs.glob("*.json"))) if logs.is_dir() else 0
    if written > 1:
        return "tables written"
    return "tables being made" if written == 0 else "copying and judging"


def main() -> int:
    """Kill, run again, compare, print; exit code 1 if any store differed."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    importlib.import_module(LOADED)  # what every forked process needs
    chance, wrong, found = random.Random(_SEED), 0, Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        logs, calm, store = home / "card", home / "calm", home / "store"
        card(logs, LOGS)
        begun = time.monotonic()
        steps = [
            (step, nth)
            for step, times in sorted(steps_of(do_ingest, calm, logs, home / "trace").items())
            for nth in range(1, times + 1)
        ]
        took_s, wanted, done, late = time.monotonic() - begun, seen(calm), 0, 0
        while done < kills:
            shutil.rmtree(store, ignore_errors=True)
            at_step = done % 2 == 0
            work = partial(do_ingest, jobs=2 if done % 10 == 1 else 1)
            if at_step:
                code = forked(work, store, logs, Plan((Fault(*chance.choice(steps), "kill"),)))
            else:
                code = forked(work, store, logs, kill_s=chance.uniform(0.0, took_s))
            if code != -signal.SIGKILL:
                late += 1  # it had ended before
                continue
            done += 1
            found[f"{'step' if at_step else 'instant'}: {_where(store)}"] += 1
            for complaint in as_undisturbed(do_ingest, store, logs, wanted):
                wrong += 1
                print(f"kill {done}: {complaint}", flush=True)
    for what, times in sorted(found.items()):
        print(f"{times:4} killed at a random {what}")
    print(
        f"{done} kills of an ingest of {LOGS} logs ({len(steps)} steps; {late} came too late and "
        f"are not counted): {wrong} differences from an undisturbed run"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""A campaign of a million sorties: how long an evaluation and the leaderboard take, and the memory.

    python bench/campaign.py            makes a synthetic store, prints one JSON object

The store is made by the same writer and the same schemas that `flyoff ingest` uses; some sorties
have a card. Seconds are of the wall, and of all cores together: on a busy machine only these tell.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store

ROOT = Path(__file__).resolve().parent.parent
CANDIDATES, VEHICLES = ("kestrel", "swift", "heron"), 100
OUTCOMES = ("completed", "failed_launch", "crashed", "forced_landing", "undetermined", "not_flown")
CHANCES = (0.86, 0.04, 0.03, 0.03, 0.02, 0.02)
MEASURES = ("arrival_error_m", "distance_m", "wind_mean_ms", "arming_to_airborne_s")
CHUNK, CARDS = 250_000, 300
TOML = """
[campaign]
name = "A million"
[[requirements]]
id = "launch"
measure = "launch_success"
at_least = 0.95
[[requirements]]
id = "completion"
measure = "sortie_completion"
at_least = 0.90
[[requirements]]
id = "arrival"
measure = "arrival_error_m"
statistic = "p90"
at_most = 8.0
[[requirements]]
id = "mtbf"
measure = "hours_between_failures"
at_least = 5
"""
PROBE = """
import json, resource, sys, time
store, folder, what, more = sys.argv[1:]
def add(store):
    import numpy as np
    from bench.campaign import make
    from flyoff.lake.store import Store
    make(Store(store), 100, np.random.default_rng(2), first=int(more))
from flyoff.campaign.folder import read_campaign
from flyoff.views.campaign import evaluate_campaign, evaluation_json
from flyoff.views.leaderboard import leaderboard
from flyoff.views.listing import Listing, Wanted
from flyoff.views.replay import replay_days
kept = []
def run():
    if what == "evaluate":
        return len(evaluation_json(evaluate_campaign(store, folder)))
    if what == "leaderboard":
        return len(leaderboard(store, read_campaign(folder)).standings)
    if what == "days to replay":
        return len(replay_days(store))
    if not kept:  # as the server keeps it for a state of the store
        kept.append(Listing(store, read_campaign(folder)))
    return len(kept[0].page(Wanted(outcome=("crashed",), sort="airborne_s"), offset=5_000).rows)
took, worked = [], []
for turn in range(3):
    if turn == 2 and more:
        add(store)
    started, before = time.perf_counter(), time.process_time()
    run()
    took.append(time.perf_counter() - started)
    worked.append(time.process_time() - before)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
found = {"first_s": took[0], "warm_s": took[1], "peak_mb": peak}
found |= {"first_cpu_s": worked[0], "warm_cpu_s": worked[1]}
print(json.dumps(found | ({"after_a_commit_cpu_s": worked[2]} if more else {})))
"""


def words(choices: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(choices)).cast(
        pa.string()
    )


def rows(name: str, columns: dict[str, object], size: int) -> pa.Table:
    """A table of the store's schema; what is not given is null."""
    made = [columns[f.name] if f.name in columns else pa.nulls(size, f.type) for f in SCHEMAS[name]]
    return pa.table(made, schema=SCHEMAS[name])


def make(store: Store, sorties: int, draw: np.random.Generator, first: int = 0) -> None:
    end = first + sorties
    for start in range(first, end, CHUNK):
        n = min(CHUNK, end - start)
        at = np.arange(start, start + n)
        shas = pa.array([f"{i:064x}" for i in at])
        ids = pa.array([f"{i:016x}-0-0" for i in at])
        key = {"log_sha256": shas, "ingest_id": pa.array(["bench"] * n)}
        vehicle = draw.integers(0, len(CANDIDATES) * VEHICLES, n)
        outcome = draw.choice(len(OUTCOMES), n, p=CHANCES)
        stamps = np.datetime64("2026-01-01T00:00:00") + at.astype("timedelta64[m]")
        paths = pa.array([f"logs/{i}.BIN" for i in at])
        counted = pa.array(np.ones(n, dtype=np.int64))
        airborne = np.where(outcome == 1, 0.0, draw.gamma(9.0, 100.0, n))
        sortie = {
            "sortie_id": ids,
            **key,
            "vehicle_id": words(
                tuple(f"V-{i:03}" for i in range(len(CANDIDATES) * VEHICLES)), vehicle
            ),
            "vehicle_kind": pa.array(["multirotor"] * n),
            "outcome": words(OUTCOMES, outcome),
            "confidence": pa.array(np.full(n, 0.95)),
            "start_utc": pa.array(np.char.add(stamps.astype(str), "Z")),
            "airborne_s": pa.array(airborne),
        }
        log = {**key, "path": paths, "sorties": counted, "ingested_us": counted}
        store.append("sorties", rows("sorties", sortie, n))
        for measure in MEASURES:
            values = draw.gamma(4.0, 1.0, n)
            table = {
                "sortie_id": ids,
                **key,
                "measure": pa.array([measure] * n),
                "value": pa.array(values),
            }
            store.append("measures", rows("measures", table, n))
        store.append("logs", rows("logs", log, n))


def folder(home: Path) -> Path:
    home.mkdir()
    tables = [
        f"[candidates.{name}]\nvehicles = "
        + json.dumps([f"V-{c * VEHICLES + v:03}" for v in range(VEHICLES)])
        for c, name in enumerate(CANDIDATES)
    ]
    (home / "campaign.toml").write_text(TOML + "\n".join(tables) + "\n")
    lines = [
        f"C{i},{CANDIDATES[i % 3]},,logs/{1000 * i}.BIN,{'AB'[i % 2]},{'crashed' if i % 9 else ''}"
        for i in range(CARDS)
    ]
    head = "card,candidate,vehicle,log,operator,result,date"
    text = "\n".join([head, *(f"{line},2026-01-01" for line in lines)])
    (home / "cards.csv").write_text(text + "\n")
    return home


WHAT = ("evaluate", "leaderboard", "page of sorties", "days to replay")


def measured(store: Path, campaign: Path, what: str, more: int = 0) -> dict[str, float]:
    """In a process of its own, so that its memory is its own.

    Parameters
    ----------
    more : int
        Measure also after a commit of 100 sorties, numbered from this; 0 leaves the store alone.
    """
    command = [sys.executable, "-c", PROBE, str(store), str(campaign), what, str(more or "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return {k: round(v, 3) for k, v in json.loads(done.stdout).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sorties", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="keep the store here, and take it if it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch)
        started = time.perf_counter()
        if not (home / "store").exists():
            make(Store(home / "store", create=True), given.sorties, np.random.default_rng(1))
            folder(home / "campaign")
        made_s = time.perf_counter() - started
        result = {
            "sorties": given.sorties,
            "making_s": round(made_s, 1),
            **{what: measured(home / "store", home / "campaign", what) for what in WHAT},
            "making_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()

"""Logs cut at a random byte while the vehicle is in the air: what is then said of how it ended.

Nothing has gone wrong by then, so nothing may be said but ``undetermined``. Used by
``bench/accuracy.py``; the cut is that of ``tests/sorties/test_labelled.py``.
"""

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [p for p in (str(ROOT), str(ROOT / "src")) if p not in sys.path]

from bench.tables import share, table
from flyoff.model.sortie import Outcome
from tests.sorties.labelled import Labelled, cut_in_the_air, labelled, telemetry

SEEDS = (21, 22, 23)
FORMATS = {".BIN": "DataFlash", ".ulg": "ULog", ".tlog": "tlog"}


def _cut(one: tuple[Labelled, int]) -> tuple[str, Outcome | None]:
    flight, seed = one
    return FORMATS[flight.log.suffix], cut_in_the_air(flight, seed)


def cut_logs(jobs: int = 2) -> str:
    """A table: of each format the cuts, and what was said of them."""
    wanted = [(f, seed) for f in (*labelled(), *telemetry()) for seed in SEEDS]
    with ProcessPoolExecutor(jobs) as pool:
        said = [s for s in pool.map(_cut, wanted, chunksize=8) if s[1] is not None]
    rows = []
    for name in FORMATS.values():
        counts = Counter(outcome for log, outcome in said if log == name)
        n, open_ = counts.total(), counts[Outcome.UNDETERMINED]
        rows.append((name, n, share(open_, n), counts[Outcome.CRASHED]))
    return table(("format", "cuts", "undetermined", "called a crash"), rows)

"""A candidate's vehicles side by side: outcomes, shares, and how each one flies."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from flyoff.campaign.flown import OUTCOMES, VALID, Flown
from flyoff.campaign.report import plain
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.views.fleet import MEASURES
from flyoff.views.leaderboard import LEVEL, Kind, standing

Facts = dict[str, Any]

_VALUES = """
SELECT k.vehicle, m.measure, median(m.value) FROM measures m JOIN _mine k USING (sortie_id)
WHERE list_contains(?, m.measure) AND m.value IS NOT NULL GROUP BY ALL
"""


def vehicle_columns(store: str, mine: Flown, ids: Sequence[str]) -> list[Facts]:
    """A column for each vehicle, in plain values; sorties that were set aside are left out.

    Parameters
    ----------
    store : str
    mine : Flown
        Of one candidate.
    ids : sequence of str
        Its sorties.
    """
    names = [mine.vehicles[v] for v in mine.vehicle.tolist()]
    with connect(Store(store)) as db:
        db.register(
            "_mine",
            pa.table(
                {
                    "sortie_id": pa.array(ids, pa.string()),
                    "vehicle": pa.array(names, pa.string()),
                }
            ),
        )
        medians = db.execute(_VALUES, [list(MEASURES)]).fetchall()
    of: dict[str, dict[str, float]] = {}
    for vehicle, measure, value in medians:
        of.setdefault(vehicle, {})[measure] = value
    made = []
    for code in np.unique(mine.vehicle).tolist():
        rows = np.flatnonzero((mine.vehicle == code) & (mine.disposition == VALID))
        made.append(_column(mine.rows(rows), mine.vehicles[code], of.get(mine.vehicles[code], {})))
    return made


def _column(part: Flown, vehicle: str, medians: dict[str, float]) -> Facts:
    words = [str(OUTCOMES[o]) for o in part.outcome.tolist()]
    counts = Counter(zip(words, part.flew.tolist(), strict=True))
    line = standing(vehicle, "", [Kind(word, flew, n) for (word, flew), n in counts.items()], LEVEL)
    return {
        "vehicle": vehicle,
        "sorties": line.sorties,
        "attempts": line.counted,
        "outcomes": line.outcomes,
        "hours": float(np.nan_to_num(part.airborne_s).sum()) / 3600.0,
        "launch": plain(asdict(line.launch)),
        "completion": plain(asdict(line.completion)),
        "medians": {name: medians.get(name) for name in MEASURES},
    }

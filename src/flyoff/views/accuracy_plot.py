"""Radial errors of a candidate, with the radii that hold half and 95 % of them.

The radii are order statistics: no shape of the errors is assumed, and an end that so few sorties
cannot give is left open. Directions are not drawn, because a store keeps distances only.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from flyoff.campaign.flown import CODE, OUTCOMES, Flown
from flyoff.campaign.folder import Campaign
from flyoff.campaign.improvement import LEVEL
from flyoff.campaign.report import plain
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.stats.order_statistics import quantile_interval

Facts = dict[str, Any]

#: Measures that say how far off it came, and what each is measured from.
MEASURES = {
    "arrival_error_m": "closest approach to the last planned waypoint",
    "landing_error_m": "resting place to the planned landing place",
}
#: Sorties that arrived somewhere under control: only they have an accuracy.
_ARRIVED = [CODE[word] for word in ("completed", "wrong_destination")]
_VALUES = """
SELECT m.sortie_id, m.measure, m.value FROM measures m SEMI JOIN _mine USING (sortie_id)
WHERE list_contains(?, m.measure) AND m.value IS NOT NULL
"""


def accuracy(store: str, campaign: Campaign, mine: Flown, ids: Sequence[str]) -> list[Facts]:
    """A target plot for each measure that has any value, in plain values.

    Parameters
    ----------
    store : str
    campaign : Campaign
        Its requirements give the limits.
    mine : Flown
        Of one candidate.
    ids : sequence of str
        Its sorties.
    """
    rows = np.flatnonzero(mine.attempts & np.isin(mine.outcome, _ARRIVED)).tolist()
    wanted = pa.table({"sortie_id": pa.array([ids[i] for i in rows], pa.string())})
    with connect(Store(store)) as db:
        db.register("_mine", wanted)
        found = db.execute(_VALUES, [list(MEASURES)]).fetchall()
    value = {(sortie, measure): v for sortie, measure, v in found}
    made = []
    for measure, says in MEASURES.items():
        misses = [
            {
                "sortie_id": ids[i],
                "vehicle": mine.vehicles[int(mine.vehicle[i])],
                "radius_m": value[ids[i], measure],
                "outcome": str(OUTCOMES[int(mine.outcome[i])]),
            }
            for i in rows
            if (ids[i], measure) in value
        ]
        if misses:
            made.append(_target(campaign, measure, says, misses))
    return made


def _target(campaign: Campaign, measure: str, says: str, misses: list[Facts]) -> Facts:
    radii = [m["radius_m"] for m in misses]
    limits = [
        r.limit for r in campaign.requirements if r.measure == measure and r.direction == "at_most"
    ]
    return {
        "measure": measure,
        "limit_m": min(limits, default=None),
        "misses": misses,
        "cep": plain(quantile_interval(radii, 0.5, level=LEVEL)),
        "r95": plain(quantile_interval(radii, 0.95, level=LEVEL)),
        "note": f"{says}; of sorties that arrived, {len(misses)} with a value",
    }

"""One candidate's view: how it did over time, what brought it down, vehicle beside vehicle."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pyarrow as pa

from flyoff.campaign.flown import CODE, NONE, OUTCOMES, Flown
from flyoff.campaign.folder import read_campaign
from flyoff.campaign.improvement import LEVEL
from flyoff.campaign.report import plain
from flyoff.errors import CampaignError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.sortie import BAD_OUTCOMES
from flyoff.stats.growth import power_law
from flyoff.stats.proportions import wilson
from flyoff.views.accuracy_plot import accuracy
from flyoff.views.campaign import read_flown
from flyoff.views.endurance_curve import survival
from flyoff.views.vehicle_columns import vehicle_columns

Facts = dict[str, Any]

#: So many sorties are listed, the newest.
MOST_LISTED = 5_000
#: Points of the fitted curve.
_POINTS = 60
_BAD = [CODE[str(o)] for o in BAD_OUTCOMES]
_BESIDE = """
SELECT s.sortie_id, s.start_utc, coalesce(r.cause, s.cause) AS cause,
       coalesce(r.cause_class, s.cause_class) AS cause_class
FROM counted_sorties s SEMI JOIN _mine USING (sortie_id)
LEFT JOIN (
  SELECT sortie_id, max_by(cause, reviewed_us) FILTER (cause IS NOT NULL) AS cause,
         max_by(cause_class, reviewed_us) FILTER (cause_class IS NOT NULL) AS cause_class
  FROM reviews GROUP BY sortie_id
) r USING (sortie_id)
"""


def candidate_facts(
    store: str,
    name: str,
    folder: str | PathLike[str],
    candidate: str,
    document: Mapping[str, Any],
) -> Facts:
    """One candidate's view, in plain values.

    Parameters
    ----------
    store : str
    name : str
        Under which the campaign is shown.
    folder : path-like
    candidate : str
    document : mapping
        As ``evaluate_campaign`` made it of this store and folder.

    Raises
    ------
    CampaignError
        If the campaign has no such candidate.
    """
    campaign = read_campaign(folder)
    names = [c.name for c in campaign.candidates]
    if candidate not in names:
        raise CampaignError(f"candidate {candidate!r} is none of {', '.join(names)}")
    flown, _ = read_flown(store, campaign)
    mine = flown.of(names.index(candidate))
    ids = list(mine.ids[:])
    beside = _beside(store, ids)
    return {
        "campaign": name,
        "candidate": candidate,
        "about": campaign.candidates[names.index(candidate)].about,
        "vehicles": [mine.vehicles[v] for v in np.unique(mine.vehicle).tolist()],
        "verdicts": [v for v in document["verdicts"] if v["candidate"] == candidate],
        "sorties": _sorties(mine, ids, beside)[-MOST_LISTED:],
        "growth": _growth(mine, next(g for g in document["growth"] if g["candidate"] == candidate)),
        "causes": _causes(mine, ids, beside),
        "by_vehicle": vehicle_columns(store, mine, ids),
        "accuracy": accuracy(store, campaign, mine, ids),
        "survival": survival(mine, ids),
    }


def _beside(store: str, ids: Sequence[str]) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Start, cause and its class of each sortie that has a log."""
    with connect(Store(store)) as db:
        db.register("_mine", pa.table({"sortie_id": pa.array(ids, pa.string())}))
        return {row[0]: row[1:] for row in db.execute(_BESIDE).fetchall()}


def _sorties(
    mine: Flown, ids: Sequence[str], beside: Mapping[str, tuple[str | None, ...]]
) -> list[Facts]:
    """Every sortie in the order of time, with hours and failures so far."""
    attempts = mine.attempts
    failed = attempts & np.isin(mine.outcome, _BAD)
    hours = np.cumsum(np.where(attempts, np.nan_to_num(mine.airborne_s), 0.0)) / 3600.0
    failures = np.cumsum(failed)
    label = mine.labels.get("configuration")
    made = []
    for i, sortie in enumerate(ids):
        start, cause, _ = beside.get(sortie, (None, None, None))
        configured = label is not None and label.codes[i] != NONE
        made.append(
            {
                "sortie_id": sortie,
                "start_utc": start,
                "vehicle": mine.vehicles[int(mine.vehicle[i])],
                "configuration": label.names[int(label.codes[i])] if label and configured else "",
                "outcome": str(OUTCOMES[int(mine.outcome[i])]),
                "cause": cause,
                "airborne_s": _number(mine.airborne_s[i]),
                "hours": float(hours[i]),
                "failures": int(failures[i]),
                "is_attempt": bool(attempts[i]),
            }
        )
    return made


def _growth(mine: Flown, fitted: Mapping[str, Any]) -> Facts:
    """The fitted figures of the evaluation, with the curve that they describe."""
    curve: list[Facts] = []
    if fitted["shape"] is not None:
        attempts = mine.rows(np.flatnonzero(mine.attempts))
        ends = np.cumsum(np.nan_to_num(attempts.airborne_s) / 3600.0)
        times = ends[np.isin(attempts.outcome, _BAD) & (ends > 0.0)]
        fit = power_law(times.tolist(), end=float(ends[-1]))
        steps = np.linspace(0.0, float(ends[-1]), _POINTS)
        curve = [{"hours": float(t), "failures": float(fit.scale * t**fit.shape)} for t in steps]
    kept = {key: value for key, value in fitted.items() if key != "candidate"}
    return kept | {"curve": curve}


def _causes(
    mine: Flown, ids: Sequence[str], beside: Mapping[str, tuple[str | None, ...]]
) -> list[Facts]:
    """Causes of bad outcomes, the most frequent first (Pareto)."""
    attempts = int(mine.attempts.sum())
    bad = np.flatnonzero(mine.attempts & np.isin(mine.outcome, _BAD)).tolist()
    found = [(beside.get(ids[i], (None, None, None))[1:], ids[i]) for i in bad]
    counts = Counter(key for key, _ in found)
    made, so_far = [], 0
    for (cause, whose), count in sorted(counts.items(), key=lambda c: (-c[1], c[0][0] or "~")):
        so_far += count
        made.append(
            {
                "cause": cause,
                "cause_class": whose,
                "count": count,
                "share": plain(wilson(count, attempts, level=LEVEL)),
                "cumulative": so_far / len(bad),
                "sorties": [s for key, s in found if key == (cause, whose)][:1000],
            }
        )
    return made


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

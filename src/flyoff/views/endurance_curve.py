"""How long a candidate's sorties stay in the air before something brings them down."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from flyoff.campaign.flown import CODE, Flown
from flyoff.campaign.improvement import LEVEL
from flyoff.campaign.report import plain
from flyoff.stats.survival import kaplan_meier

Facts = dict[str, Any]

#: What ends a flight that would have gone on; every other ending only says "at least so long".
_FAILED = [CODE[word] for word in ("crashed", "forced_landing", "returned", "flew_away")]
EVENT = (
    "time in the air until a crash, a forced landing, a return for a fault, or a fly-away; "
    "sorties that ended otherwise count up to their end"
)


def survival(mine: Flown, ids: Sequence[str]) -> Facts | None:
    """The Kaplan-Meier curve in plain values; None if nothing flew.

    Parameters
    ----------
    mine : Flown
        Of one candidate.
    ids : sequence of str
        Its sorties.
    """
    known = np.isfinite(mine.airborne_s) & (mine.airborne_s > 0.0)
    rows = np.flatnonzero(mine.attempts & known)
    if not rows.size:
        return None
    times = mine.airborne_s[rows]
    failed = np.isin(mine.outcome[rows], _FAILED)
    curve = kaplan_meier(times.tolist(), failed.tolist(), level=LEVEL)
    table = curve.table
    steps = [
        {
            "t_s": float(table.times[i]),
            "survival": float(curve.survival[i]),
            "low": _number(curve.low[i]),
            "high": _number(curve.high[i]),
            "at_risk": int(table.at_risk[i]),
        }
        for i in range(table.times.size)
    ]
    return {
        "event": EVENT,
        "method": curve.method,
        "level": LEVEL,
        "steps": steps,
        "sorties": [
            {"sortie_id": ids[int(i)], "t_s": float(t), "has_failed": bool(f)}
            for i, t, f in zip(rows, times, failed, strict=True)
        ][:5_000],
        "median_s": plain(curve.quantile(0.5)) if failed.any() else None,
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

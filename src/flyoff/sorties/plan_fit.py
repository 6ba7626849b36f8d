"""Whether a plan can have been meant for a recording at all.

Plans are matched by name, so the one beside a log may be of another site. Held against it, a flight
that did all it should would read as one that ended in the wrong place.
"""

import numpy as np

from flyoff.model.frames import to_enu
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.units import FloatArray, Metres

#: A plan whose every place is farther than this from wherever the vehicle was is of another site
#: [m]. Generous on purpose: the drones whose logs are read cross some hundreds of kilometres, and a
#: plan for the wrong valley is an error of its operator that shall be told as one.
ANOTHER_SITE_M: Metres = 1_000_000.0
#: Places of a track that are looked at: a vehicle covers little of the limit between two of them.
_PLACES = 256


def nearest_m(recording: Recording, plan: Mission) -> float:
    """Least distance of a plan's waypoints from where the vehicle believed or measured itself.

    Returns
    -------
    float [m]
        Through the earth, not along it; NaN where either has no place.
    """
    wanted = [(w.lat, w.lon) for w in plan.waypoints if w.has_position]
    places = [place for group in ("position", "gnss") for place in _places(recording, group)]
    if not wanted or not places:
        return float("nan")
    lat, lon = np.array(places).T
    height = np.zeros_like(lat)
    apart = (to_enu(lat, lon, height, (*origin, 0.0)) for origin in wanted)
    return float(min(np.sqrt(e * e + n * n + u * u).min() for e, n, u in apart))


def misfit(recording: Recording, plan: Mission | None) -> str:
    """Why a plan cannot be of this recording; empty if it may be, or nothing can tell."""
    apart_m = nearest_m(recording, plan) if plan is not None else float("nan")
    if not apart_m > ANOTHER_SITE_M:
        return ""
    return (
        f"plan not used: no waypoint within {apart_m / 1e3:,.0f} km of the flight: another site's"
    )


def _places(recording: Recording, group: str) -> list[tuple[float, float]]:
    lat, lon = recording.get(f"{group}.lat"), recording.get(f"{group}.lon")
    if lat is None or lon is None or not len(lat.values):
        return []
    at = np.linspace(0, len(lat.values) - 1, min(_PLACES, len(lat.values))).astype(np.int64)
    found: FloatArray = np.stack([lat.values[at], lon.at(lat.t_us[at])], axis=1)
    # 0, 0 is what a receiver without a fix says
    good = np.isfinite(found).all(axis=1) & (np.abs(found).max(axis=1) > 1e-9)
    return [(float(a), float(b)) for a, b in found[good]]

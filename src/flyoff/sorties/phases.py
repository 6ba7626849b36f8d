"""What a sortie was doing when: on the ground, climbing, cruising, hovering, descending."""

from itertools import pairwise

import numpy as np

from flyoff.model.flight import Flight
from flyoff.model.sortie import Phase
from flyoff.units import IntArray

#: Faster up or down than this is a climb or a descent [m/s]; half of it ends one.
CLIMBING_MS = 0.8
#: Slower over ground than this is a hover [m/s].
HOVERING_MS = 1.0
#: Shorter phases are absorbed by their neighbours [s].
SHORTEST_S = 2.0
_STEP_S = 0.5
_NAMES = ("cruise", "hover", "climb", "descent")


def phases(flight: Flight) -> tuple[Phase, ...]:
    """Phases of a sortie, ordered, without overlap; times in s on the log's own clock."""
    start_s, end_s = flight.start_us / 1e6, flight.end_us / 1e6
    if not flight.under_way:
        return (Phase("ground", start_s, end_s),) if end_s > start_s else ()
    found: list[Phase] = []
    at_s = start_s
    for a, b in flight.under_way:
        if a / 1e6 > at_s:
            found.append(Phase("ground", at_s, a / 1e6))
        found += _aloft(flight, a, b)
        at_s = b / 1e6
    if end_s > at_s:
        found.append(Phase("ground", at_s, end_s))
    return tuple(found)


def _aloft(flight: Flight, a: int, b: int) -> list[Phase]:
    if not flight.flies:
        return [Phase("moving", a / 1e6, b / 1e6)]
    t = np.arange(a, b, int(_STEP_S * 1e6), dtype=np.int64)
    if flight.climb is None or t.size < 2:
        return [Phase("flight", a / 1e6, b / 1e6)]
    labels = _labels(flight, t)
    out: list[Phase] = []
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), labels.size]
    for i, j in pairwise(edges):
        start_s, end_s = t[i] / 1e6, (b if j == labels.size else t[j]) / 1e6
        name = _NAMES[labels[i]]
        if out and out[-1].end_s - out[-1].start_s < SHORTEST_S:  # only the first can be so short
            out[-1] = Phase(name, out[-1].start_s, end_s)
        elif out and (end_s - start_s < SHORTEST_S or out[-1].phase == name):
            out[-1] = Phase(out[-1].phase, out[-1].start_s, end_s)
        else:
            out.append(Phase(name, start_s, end_s))
    return out


def _labels(flight: Flight, t: IntArray) -> np.ndarray:
    climb = np.nan_to_num(flight.climb.interpolated(t)) if flight.climb is not None else t * 0.0
    speed = np.nan_to_num(flight.speed.interpolated(t)) if flight.speed is not None else t * 0.0
    labels = np.where((speed < HOVERING_MS) & flight.has_lift_motors, 1, 0)
    labels = np.where(climb > CLIMBING_MS, 2, labels)
    return np.where(climb < -CLIMBING_MS, 3, labels)

"""OSPA: the mean error of a set of tracks, where a missing or surplus track costs the cut-off.

References
----------
Schuhmacher, Vo and Vo (2008), IEEE Trans. Signal Process. 56:3447.

Known limits: OSPA averages, so a scene without a target and one false track scores the whole
cut-off; it cannot tell a missed target from a false track (`flyoff.trials.gospa` can).
"""

import math
from dataclasses import dataclass

import numpy as np

from flyoff.trials.assignment import UNASSIGNED, assign, bottleneck
from flyoff.trials.points import Points, require_policy
from flyoff.trials.scene import Frames, Scene, frame, frames
from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Ospa:
    """OSPA of one instant; for finite p, distance^p = localisation^p + cardinality^p.

    Attributes
    ----------
    distance : float [m]
        Between 0 and c.
    localisation, cardinality : float [m]
        Parts from the errors of the pairs (those beyond the cut-off included), and from the
        difference of the numbers.
    c : float [m]
    p : float
    """

    distance: float
    localisation: float
    cardinality: float
    c: float
    p: float


def ospa(truths: Points, tracks: Points, *, c: float, p: float) -> Ospa:
    """Score a set of tracks against the truths of one instant.

    Parameters
    ----------
    truths, tracks : float64, shape (n, d) or (n,) [m]
        Either may be empty; rows with NaN are missing.
    c : float [m]
        Cut-off; policy, to be published with the figure.
    p : float
        Order, 1 to infinity.

    Examples
    --------
    >>> round(ospa([0, 1, 2, 3, 4], [0.5, 1.5, 2.5, 3.5], c=10.0, p=1).distance, 6)
    2.4
    >>> ospa([], [], c=10.0, p=2).distance
    0.0
    """
    require_policy(c, p, infinite_p=True)
    one = frame(truths, tracks)
    if math.isinf(p):
        distance = float(_worst(one, c)[0])
        equal = one.truths.sum() == one.tracks.sum()
        localisation, cardinality = (distance, 0.0) if equal else (0.0, distance)
    else:
        near, surplus = (float(part[0]) for part in _mean_parts(one, c, p))
        distance, localisation, cardinality = (
            c * part ** (1.0 / p) for part in (near + surplus, near, surplus)
        )
    return Ospa(distance, localisation, cardinality, c, p)


def ospa_over_time(scene: Scene, *, c: float, p: float) -> FloatArray:
    """OSPA distance at each time of a scene.

    Returns
    -------
    float64, shape (times,) [m]
    """
    require_policy(c, p, infinite_p=True)
    found = np.zeros(scene.times_s.size)
    for at, some in frames(scene):
        if math.isinf(p):
            found[at] = _worst(some, c)
        else:
            near, surplus = _mean_parts(some, c, p)
            found[at] = c * (near + surplus) ** (1.0 / p)
    return found


def _mean_parts(some: Frames, c: float, p: float) -> tuple[FloatArray, FloatArray]:
    """Mean cost of pairs and of the difference in number [c^p], at each time."""
    truths, tracks = some.truths.sum(axis=1), some.tracks.sum(axis=1)
    fewer, most = np.minimum(truths, tracks), np.maximum(truths, tracks)
    chosen = assign(some.distance, c=c, p=p)
    beyond = fewer - (chosen != UNASSIGNED).sum(axis=1)  # pairs as far as the cut-off cost it whole
    near = pair_costs(some.distance, chosen, c, p).sum(axis=1)
    mean = np.maximum(most, 1)
    return (near + beyond) / mean, (most - fewer) / mean


def pair_costs(distance: FloatArray, chosen: IntArray, c: float, p: float) -> FloatArray:
    """(d / c)^p of each truth's pair, 0 for a truth without one; shape (times, truths)."""
    if distance.shape[2] == 0:
        return np.zeros(chosen.shape)
    at = np.maximum(chosen, 0)[:, :, None]
    of_pair = np.take_along_axis(distance, at, axis=2)[:, :, 0]
    return np.asarray(np.where(chosen == UNASSIGNED, 0.0, np.minimum(of_pair, c) / c) ** p)


def _worst(some: Frames, c: float) -> FloatArray:
    """OSPA of infinite order: the largest error that no assignment avoids."""
    found = np.zeros(some.distance.shape[0])
    for i, distance in enumerate(some.distance):
        held = distance[np.ix_(some.truths[i], some.tracks[i])]
        if held.shape[0] != held.shape[1]:
            found[i] = c
        elif held.size:
            found[i] = bottleneck(np.minimum(held, c))
    return found

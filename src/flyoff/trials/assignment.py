"""Which track stands for which truth: the assignment that OSPA and GOSPA rest on.

Both scores are smallest for the same assignment: the one whose pairs save most against leaving all
of them unassigned. A pair at exactly the cut-off saves nothing and is no pair.
"""

from typing import Final

import numpy as np

from flyoff.units import BoolArray, FloatArray, IntArray

UNASSIGNED: Final = -1


def assign(distance: FloatArray, *, c: float, p: float) -> IntArray:
    """Assign tracks to truths at each time, so that the sum of cut distances to the p is smallest.

    Parameters
    ----------
    distance : float64, shape (times, truths, tracks) [m]
        Infinite where one of both is missing.
    c : float [m]
        Pairs that are not nearer than this are not made.
    p : float
        Finite order.

    Returns
    -------
    int64, shape (times, truths)
        Index of the track, -1 where none.
    """
    times, truths, tracks = distance.shape
    if truths == 0 or tracks == 0:
        return np.full((times, truths), UNASSIGNED, dtype=np.int64)
    nearest = distance.argmin(axis=2)
    near = np.take_along_axis(distance, nearest[:, :, None], axis=2)[:, :, 0] < c
    chosen = np.where(near, nearest, UNASSIGNED).astype(np.int64)
    for t in np.flatnonzero(_contested(chosen)):
        chosen[t] = _best(distance[t], c, p)
    return chosen


def bottleneck(distance: FloatArray) -> float:
    """Smallest possible largest distance of a one-to-one assignment.

    Parameters
    ----------
    distance : float64, shape (n, n)

    Examples
    --------
    >>> bottleneck(np.array([[0.0, 3.0], [4.0, 6.0]]))  # 0 + 6 costs less in sum, but is worse
    4.0
    """
    from scipy.optimize import linear_sum_assignment

    steps = np.unique(distance)
    low, high = 0, steps.size - 1
    while low < high:
        middle = (low + high) // 2
        too_far = distance > steps[middle]
        if too_far[linear_sum_assignment(too_far)].any():
            low = middle + 1
        else:
            high = middle
    return float(steps[low])


def _contested(chosen: IntArray) -> BoolArray:
    """Times at which two truths want the same track; at all others everybody has its nearest."""
    # truths without a track get numbers that nobody else has
    own = np.arange(-2, -2 - chosen.shape[1], -1)
    ordered = np.sort(np.where(chosen == UNASSIGNED, own, chosen), axis=1)
    return np.asarray((np.diff(ordered, axis=1) == 0).any(axis=1))


def _best(distance: FloatArray, c: float, p: float) -> IntArray:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment((np.minimum(distance, c) / c) ** p)
    chosen = np.full(distance.shape[0], UNASSIGNED, dtype=np.int64)
    near = distance[rows, columns] < c
    chosen[rows[near]] = columns[near]
    return chosen

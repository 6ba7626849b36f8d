"""Sets of points, the distances between them, and the checks that all set scores share."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from flyoff.errors import TrialError
from flyoff.units import BoolArray, FloatArray

Points = FloatArray | Sequence[Any]


def point_set(given: Points, name: str) -> FloatArray:
    """Read a set of points as an array; a flat list holds points on a line.

    Parameters
    ----------
    given : float64, shape (n, d) or (n,)
        A row that holds a NaN is a state that is missing.
    name : str
        What an error calls the set.

    Returns
    -------
    float64, shape (n, d)

    Examples
    --------
    >>> point_set([0.5, 1.5], "tracks").shape, point_set([], "tracks").shape
    ((2, 1), (0, 1))
    """
    try:
        rows = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise TrialError(f"{name} are no rows of numbers of one length: {problem}") from problem
    if rows.ndim == 1:
        rows = rows.reshape(-1, 1)
    if rows.ndim != 2:
        raise TrialError(f"{name} have {rows.ndim} dimensions, expected rows of coordinates")
    if np.isinf(rows).any():
        raise TrialError(f"{name} hold an infinite coordinate")
    return rows


def distances(truths: FloatArray, tracks: FloatArray) -> FloatArray:
    """Euclidean distance of every truth to every track, at each time.

    Parameters
    ----------
    truths : float64, shape (times, truths, d)
    tracks : float64, shape (times, tracks, d)

    Returns
    -------
    float64, shape (times, truths, tracks)
        Infinite where one of both is missing.
    """
    square = np.zeros((truths.shape[0], truths.shape[1], tracks.shape[1]))
    for axis in range(truths.shape[2]):
        square += (truths[:, :, None, axis] - tracks[:, None, :, axis]) ** 2
    return np.where(np.isnan(square), np.inf, np.sqrt(square))


def present(points: FloatArray) -> BoolArray:
    """Say which points there are: none of their coordinates is NaN; shape without the last axis."""
    return np.asarray(~np.isnan(points).any(axis=-1))


def require_same_axes(truths: FloatArray, tracks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Refuse sets of different dimension; an empty set takes the dimension of the other."""
    if truths.shape[-2] == 0:
        truths = np.empty((*truths.shape[:-1], tracks.shape[-1]))
    if tracks.shape[-2] == 0:
        tracks = np.empty((*tracks.shape[:-1], truths.shape[-1]))
    if truths.shape[-1] != tracks.shape[-1]:
        raise TrialError(
            f"truths have {truths.shape[-1]} coordinates but tracks {tracks.shape[-1]}"
        )
    return truths, tracks


def require_policy(c: float, p: float, *, infinite_p: bool) -> None:
    """Refuse a cut-off that is not above 0, or an order below 1.

    Examples
    --------
    >>> require_policy(10.0, 0.5, infinite_p=False)
    Traceback (most recent call last):
    flyoff.errors.TrialError: order p is 0.5, expected a finite number of at least 1
    """
    if not (math.isfinite(c) and c > 0.0):
        raise TrialError(f"cut-off c is {c:g}, expected a finite number above 0")
    if not p >= 1.0 or (math.isinf(p) and not infinite_p):
        kind = "number" if infinite_p else "finite number"
        raise TrialError(f"order p is {p:g}, expected a {kind} of at least 1")

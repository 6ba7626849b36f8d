"""Scans: the steps in which a sensor looks at everything once, and in which it is scored.

A scan is one update interval long. Its boundaries lie where the sensor is silent, found anew in
each period from the times of its reports, so that no scan holds half of one look and half of the
next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.trials.rules import Period
from flyoff.units import FloatArray, IntArray, Seconds

_BINS: Final = 24
#: More scans than this are not made: a wrong interval must not take all memory.
_MOST: Final = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Scans:
    """The scans of all periods, in order.

    Attributes
    ----------
    start_s, middle_s : float64, shape (scans,) [s, UNIX UTC]
    period : int64, shape (scans,)
        Index of the period.
    length_s : float [s]
    """

    start_s: FloatArray
    middle_s: FloatArray
    period: IntArray
    length_s: Seconds

    def of(self, time_s: FloatArray) -> IntArray:
        """Scan of each time, -1 where none."""
        at = np.searchsorted(self.start_s, time_s, side="right") - 1
        there = at >= 0
        late = time_s - self.start_s[np.maximum(at, 0)] if self.start_s.size else time_s
        return np.where(there & (late < self.length_s * (1 + 1e-9)), at, -1).astype(np.int64)


def scans(periods: Sequence[Period], time_s: FloatArray, length_s: Seconds) -> Scans:
    """Cut periods into scans, by the times of a sensor's reports."""
    starts, middles, owners = [], [], []
    for index, period in enumerate(periods):
        inside = time_s[period.holds(time_s)]
        first = period.start_s + _phase(inside - period.start_s, length_s)
        count = int(np.floor((period.end_s - first) / length_s + 1e-9))
        if first - period.start_s > 0.5 * length_s:  # a whole look fits before the first boundary
            first, count = first - length_s, count + 1
        count = max(0, min(count, _MOST))
        start = first + np.arange(count) * length_s
        starts.append(start)
        middles.append(np.clip(start + 0.5 * length_s, period.start_s, period.end_s))
        owners.append(np.full(count, index, dtype=np.int64))
    if not starts:
        return Scans(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64), length_s)
    order = np.argsort(np.concatenate(starts), kind="stable")
    return Scans(
        np.concatenate(starts)[order],
        np.concatenate(middles)[order],
        np.concatenate(owners)[order],
        length_s,
    )


def _phase(since_s: FloatArray, length_s: Seconds) -> Seconds:
    """Where boundaries lie within an interval: farthest from the looks, or where fewest are."""
    if not since_s.size:
        return 0.0
    angle = 2.0 * np.pi * (since_s / length_s)
    mean = np.exp(1j * angle).mean()
    if abs(mean) > 0.5:
        return float((np.angle(mean) / (2.0 * np.pi) + 0.5) % 1.0 * length_s)
    counts = np.bincount((since_s / length_s % 1.0 * _BINS).astype(np.int64), minlength=_BINS)
    smooth = counts + np.roll(counts, 1) + np.roll(counts, -1)
    return float((int(smooth.argmin()) + 0.5) / _BINS * length_s)


def update_interval(time_s: FloatArray, track: IntArray) -> Seconds:
    """Median time between two reports of one track [s]; NaN where nothing tells.

    Examples
    --------
    >>> update_interval(np.array([0.0, 0.1, 1.0, 1.1]), np.array([1, 2, 1, 2]))
    1.0
    """
    known = track >= 0
    if known.sum() > 1:
        order = np.lexsort((time_s[known], track[known]))
        times, owners = time_s[known][order], track[known][order]
        steps = np.diff(times)[np.diff(owners) == 0]
    else:
        steps = np.diff(np.unique(time_s))
    steps = steps[steps > 1e-3]
    return float(np.median(steps)) if steps.size else float("nan")

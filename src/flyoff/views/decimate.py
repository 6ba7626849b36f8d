"""Fewer samples for the same picture: the extremes of every pixel, or the shape of the line.

References
----------
Steinarsson (2013), Downsampling Time Series for Visual Representation (largest triangle, three
buckets).
"""

import numpy as np

from flyoff.units import FloatArray, IntArray
from flyoff.views._kernels import extreme_rows


def extremes(t: FloatArray, values: FloatArray, width: int) -> IntArray:
    """Rows of the least and greatest value in each of `width` equal stretches of time.

    A spike of one sample stays visible, which a mean would hide. First and last row stay, and so
    does one row of each stretch of NaN, so that a gap stays a gap.

    Parameters
    ----------
    t : float64, shape (n,)
        Never decreasing.
    values : float64, shape (n,)
    width : int

    Returns
    -------
    int64
        Ascending; at most about three rows for each stretch.
    """
    n = t.size
    if n <= 3 * width:
        return np.arange(n)
    edges = np.searchsorted(t, np.linspace(t[0], t[-1], width + 1)[:-1], side="left")
    cuts = np.append(np.unique(edges[edges < n]), n).astype(np.int64)
    rows = np.empty(3 * cuts.size, dtype=np.int64)
    count = extreme_rows(np.ascontiguousarray(values), cuts, rows)
    return np.unique(np.concatenate(([0], rows[:count], [n - 1])))


def shape(t: FloatArray, values: FloatArray, count: int) -> IntArray:
    """Rows that keep the shape of the line best: largest triangle, three buckets.

    Parameters
    ----------
    t, values : float64, shape (n,)
    count : int
        Rows to keep; at least 3. NaN counts as 0 in the areas and is kept where it is chosen.

    Returns
    -------
    int64, ascending
    """
    n = t.size
    if n <= max(count, 3):
        return np.arange(n)
    y = np.nan_to_num(values, nan=0.0)
    edges = np.linspace(1, n - 1, max(count, 3) - 1).astype(np.int64)
    means_t = np.add.reduceat(t, edges[:-1]) / np.diff(edges)
    means_y = np.add.reduceat(y, edges[:-1]) / np.diff(edges)
    kept = np.empty(edges.size + 1, dtype=np.int64)
    kept[0], kept[-1] = 0, n - 1
    for i in range(edges.size - 1):
        last = i + 1 >= means_t.size
        ahead_t, ahead_y = (t[-1], y[-1]) if last else (means_t[i + 1], means_y[i + 1])
        at = kept[i]
        a, b = edges[i], edges[i + 1]
        area = np.abs((t[at] - ahead_t) * (y[a:b] - y[at]) - (t[at] - t[a:b]) * (ahead_y - y[at]))
        kept[i + 1] = a + int(np.argmax(area))
    return kept


def warm_up() -> None:
    """Load the kernel, so that no first plot waits for it."""
    extremes(np.arange(9.0), np.arange(9.0), 1)

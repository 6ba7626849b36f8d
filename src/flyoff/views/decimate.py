"""Fewer samples for the same picture: the extremes of every pixel, or the shape of the line.

References
----------
Steinarsson (2013), Downsampling Time Series for Visual Representation (largest triangle, three
buckets).
"""

from itertools import pairwise

import numpy as np

from flyoff.units import FloatArray, IntArray


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
    cuts = np.append(np.unique(edges[edges < n]), n).tolist()
    has_gaps = bool(np.isnan(values.sum()))
    rows = [0, n - 1]
    for a, b in pairwise(cuts):  # a slice at a time: no copy of millions of values is made
        part = values[a:b]
        if has_gaps:
            rows += [a + row for row in _with_gaps(part)]
        else:
            rows += [a + int(part.argmin()), a + int(part.argmax())]
    return np.unique(np.array(rows, dtype=np.int64))


def _with_gaps(part: FloatArray) -> list[int]:
    """Rows of the extremes of what is there, and of the first NaN."""
    absent = np.isnan(part)
    if not absent.any():
        return [int(part.argmin()), int(part.argmax())]
    first = int(absent.argmax())
    if absent.all():
        return [first]
    return [first, int(np.nanargmin(part)), int(np.nanargmax(part))]


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

"""Extremes of stretches of samples: one pass over millions of them, beside which others compute."""

import numba
import numpy as np

from flyoff.units import FloatArray, IntArray


@numba.njit(nogil=True, cache=True)
def extreme_rows(values: FloatArray, cuts: IntArray, rows: IntArray) -> int:
    """Rows of the first NaN, the least and the greatest value of each stretch, ascending.

    Parameters
    ----------
    values : float64, shape (n,)
    cuts : int64, shape (k + 1,)
        Rows at which stretches begin, ascending, and where the last one ends; all within 0 to n.
    rows : int64, shape (3 k,)
        Written.

    Returns
    -------
    int
        How many rows were written; each once.
    """
    count = 0
    for i in range(cuts.size - 1):
        gap, low, high = -1, -1, -1
        for row in range(cuts[i], cuts[i + 1]):
            value = values[row]
            if np.isnan(value):
                if gap < 0:
                    gap = row
            elif low < 0:
                low, high = row, row
            elif value < values[low]:
                low = row
            elif value > values[high]:
                high = row
        first, last = min(low, high), max(low, high)
        for row in (
            min(gap, first),
            max(min(gap, last), min(max(gap, first), last)),
            max(gap, last),
        ):
            if row >= 0 and (count == 0 or rows[count - 1] < row):
                rows[count] = row
                count += 1
    return count

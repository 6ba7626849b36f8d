"""Medians and quartiles of plain arrays: those of NumPy to the last bit, without its generality.

A sortie is asked for some seventy medians of a few thousand values each; finding out what kind of
array it was given takes NumPy longer than finding the middle.
"""

from collections.abc import Sequence

import numpy as np

from flyoff.units import FloatArray, IntArray

Numbers = FloatArray | IntArray | Sequence[float]


def median(values: Numbers) -> float:
    """Middle of some numbers; NaN if one of them is, or if there are none.

    Examples
    --------
    >>> median([3, 1, 2]), median([4.0, 1.0, 2.0, 8.0])
    (2.0, 3.0)
    """
    numbers = np.asarray(values)
    if not numbers.size:
        return float("nan")
    half, last = numbers.size // 2, numbers.size - 1
    is_even = not numbers.size % 2
    # absent values come last
    ordered = np.partition(numbers, [half - 1, half, last] if is_even else [half, last])
    if np.isnan(ordered[last]):
        return float("nan")
    middle = ordered[half]
    return float((ordered[half - 1] + middle) / 2 if is_even else middle)


def nanmedian(values: FloatArray) -> float:
    """Middle of the numbers that are known; NaN if none is.

    Examples
    --------
    >>> nanmedian(np.array([np.nan, 1.0, 2.0, np.nan, 9.0]))
    2.0
    """
    return median(values[~np.isnan(values)])


def middle_half(values: FloatArray) -> float:
    """Width of the middle half of some numbers: their upper quartile less their lower one.

    Examples
    --------
    >>> middle_half(np.array([4.0, 1.0, 2.0, 8.0]))
    3.25
    """
    last = values.size - 1
    places = (0.25 * last, 0.75 * last)
    wanted = {int(p) for p in places} | {min(int(p) + 1, last) for p in places}
    ordered = np.partition(values, sorted(wanted))
    low, high = (_between(ordered, place) for place in places)
    return high - low


def _between(ordered: FloatArray, place: float) -> float:
    """The value at a place between two, from the nearer one."""
    at, part = int(place), place - int(place)
    left, right = float(ordered[at]), float(ordered[min(at + 1, ordered.size - 1)])
    step = right - left
    return left + step * part if part < 0.5 else right - step * (1 - part)

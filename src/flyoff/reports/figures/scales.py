"""From values to places on paper: linear scales, round ticks, and fewer points than samples."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale.

    Attributes
    ----------
    low, high : float [unit of the values]
    start, end : float [px]
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Place of a value [px]."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def many(self, values: FloatArray) -> FloatArray:
        """Places of values [px], shape (n,)."""
        return np.asarray(
            self.start + (values - self.low) / (self.high - self.low) * (self.end - self.start)
        )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two values, some ``about`` of them.

    Examples
    --------
    >>> ticks(0.0, 31.0, 4), ticks(42.0, 85.0, 4)
    ([0.0, 10.0, 20.0, 30.0], [60.0, 80.0])
    """
    step = round_step((high - low) / max(about, 1))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def round_step(rough: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below the rough step.

    Examples
    --------
    >>> round_step(6.2), round_step(0.03)
    (10.0, 0.05)
    """
    if not (math.isfinite(rough) and rough > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(float(f"{m * power:.6g}") for m in (1, 2, 5, 10) if m * power >= rough * 0.999999)


def span_of(values: FloatArray, least: float, *, with_zero: bool = False) -> tuple[float, float]:
    """Lowest and highest finite value, at least ``least`` apart."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if with_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    short = least - (high - low)
    return (low, high) if short <= 0 else (low, high + short)


def thin_series(values: FloatArray, most: int) -> IntArray:
    """Indices of at most ``most`` samples that keep every bucket's lowest and highest value.

    Parameters
    ----------
    values : float64, shape (n,)
    most : int

    Returns
    -------
    int64, shape (m,)
        Ascending; peaks survive, because a plot without the peak would be a lie.
    """
    if values.size <= most:
        return np.arange(values.size, dtype=np.int64)
    edges = np.linspace(0, values.size, max(most // 2, 1) + 1).astype(np.int64)
    kept: set[int] = set()
    for a, b in itertools.pairwise(edges.tolist()):
        part = values[a:b]
        if np.isfinite(part).any():
            kept |= {int(a + np.nanargmin(part)), int(a + np.nanargmax(part))}
        elif part.size:
            kept.add(int(a))  # the gap stays a gap
    return np.array(sorted(kept), dtype=np.int64)


def thin_path(x: FloatArray, y: FloatArray, apart: float, most: int) -> IntArray:
    """Indices of points at least ``apart`` from the one kept before, at most about ``most``."""
    if not x.size:
        return np.zeros(0, dtype=np.int64)
    kept, last = [0], 0
    for i in range(1, x.size):
        if math.hypot(x[i] - x[last], y[i] - y[last]) >= apart:
            kept.append(i)
            last = i
    kept.append(x.size - 1)
    step = -(-len(kept) // most)
    return np.unique(np.array([*kept[::step], x.size - 1], dtype=np.int64))


def runs(is_whole: "np.typing.NDArray[np.bool_]", t_s: FloatArray, max_gap_s: float) -> IntArray:
    """Where a line has to be lifted: indices that begin a new stroke.

    Parameters
    ----------
    is_whole : bool, shape (n,)
    t_s : float64, shape (n,) [s]
    max_gap_s : float [s]
    """
    if not t_s.size:
        return np.zeros(0, dtype=np.int64)
    breaks = np.flatnonzero((np.diff(t_s) > max_gap_s) | ~is_whole[1:] | ~is_whole[:-1]) + 1
    return np.concatenate([[0], breaks]).astype(np.int64)

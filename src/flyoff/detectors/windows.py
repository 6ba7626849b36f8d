"""Sliding windows over samples at uneven times, and where a signal began to leave its course."""

import numpy as np

from flyoff.units import BoolArray, FloatArray, IntArray


def earlier(t_us: IntArray, seconds: float) -> IntArray:
    """Index of the first sample at most ``seconds`` before each sample; int64 shape (n,)."""
    return np.searchsorted(t_us, t_us - int(seconds * 1e6), side="left")


def change(t_us: IntArray, values: FloatArray, seconds: float) -> FloatArray:
    """How much a signal changed over the last ``seconds``; float64 shape (n,)."""
    return np.asarray(values - values[earlier(t_us, seconds)])


def trailing_mean(t_us: IntArray, values: FloatArray, seconds: float) -> FloatArray:
    """Mean over the last ``seconds``, absent samples left out; NaN where all are absent."""
    good = np.isfinite(values)
    total = np.concatenate(([0.0], np.cumsum(np.where(good, values, 0.0))))
    count = np.concatenate(([0], np.cumsum(good)))
    first, last = earlier(t_us, seconds), np.arange(1, t_us.size + 1)
    n = count[last] - count[first]
    out = np.full(t_us.shape, np.nan)
    np.divide(total[last] - total[first], n, out=out, where=n > 0)
    return out


def trailing_count(t_us: IntArray, flags: BoolArray, seconds: float) -> IntArray:
    """How many samples were flagged in the last ``seconds``; int64 shape (n,)."""
    count = np.concatenate(([0], np.cumsum(flags)))
    return np.asarray(count[1:] - count[earlier(t_us, seconds)], dtype=np.int64)


def integral(t_us: IntArray, rate: FloatArray) -> FloatArray:
    """Trapezoid integral over time, absent samples taken as zero; float64 shape (n,)."""
    filled = rate if np.isfinite(rate).all() else np.nan_to_num(rate)
    steps = filled[1:] + filled[:-1]
    steps *= 0.5
    steps *= np.diff(t_us)
    steps /= 1e6
    summed = np.zeros(t_us.shape)
    np.cumsum(steps, out=summed[1:])
    return summed


def kink(t_us: IntArray, values: FloatArray, detected: int, back_s: float) -> int:
    """Index at which a signal that was flat began its ramp or step, looking back from a detection.

    Between a point on the flat part and one on the ramp, the signal is farthest from the chord
    exactly where it bends; so no noise level has to be assumed.
    """
    first = int(np.searchsorted(t_us, t_us[detected] - int(back_s * 1e6)))
    if detected - first < 2:
        return first
    t = t_us[first : detected + 1].astype(np.float64)
    v = values[first : detected + 1]
    chord = v[0] + (v[-1] - v[0]) * (t - t[0]) / (t[-1] - t[0])
    sag = (chord - v) * np.sign(v[-1] - v[0])
    return first + int(np.nanargmax(sag)) if np.isfinite(sag).any() else first


def first_of_run(bad: BoolArray, at: int, t_us: IntArray, quiet_s: float) -> int:
    """Walk back from ``at`` over flagged samples, across pauses up to ``quiet_s``, to the first."""
    flagged = np.flatnonzero(bad[: at + 1])
    if not flagged.size:
        return at
    pauses = np.flatnonzero(np.diff(t_us[flagged]) > quiet_s * 1e6)
    return int(flagged[pauses[-1] + 1]) if pauses.size else int(flagged[0])

"""One sampled quantity, and how to look at it at other instants."""

import weakref
from dataclasses import dataclass

import numpy as np

from flyoff.errors import ModelError
from flyoff.model.middle import median
from flyoff.units import FloatArray, IntArray

#: Median steps of clocks in use, by the array's id: a sensor's channels share one clock.
_STEPS: dict[int, tuple["weakref.ref[IntArray]", float]] = {}


def _step_us(t_us: IntArray) -> float:
    known = _STEPS.get(id(t_us))
    if known is not None and known[0]() is t_us:
        return known[1]
    key, step = id(t_us), median(np.diff(t_us))
    _STEPS[key] = weakref.ref(t_us, lambda _: _STEPS.pop(key, None)), step
    return step


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One quantity sampled on the flight clock.

    Attributes
    ----------
    name : str
        Catalogue name, such as ``"battery.voltage"``, with ``[k]`` for a further instance.
    t_us : int64, shape (n,) [µs on the log's own clock]
        Never decreasing.
    values : float64, shape (n,) [catalogue unit]
        NaN where nothing was logged.
    source : str
        Where it came from, such as ``"BAT.Volt"``: what a person looks up in another viewer.
    """

    name: str
    t_us: IntArray
    values: FloatArray
    source: str = ""

    def __post_init__(self) -> None:
        if self.t_us.shape != self.values.shape:
            raise ModelError(f"{self.name}: {self.t_us.size} times but {self.values.size} values")

    def __len__(self) -> int:
        return int(self.t_us.size)

    @property
    def t_s(self) -> FloatArray:
        """Sample times, float64 shape (n,) [s on the log's own clock]."""
        return self.t_us / 1e6

    @property
    def rate_hz(self) -> float:
        """Median sample rate [Hz]; NaN below two samples."""
        if self.t_us.size < 2:
            return float("nan")
        step = _step_us(self.t_us)
        return 1e6 / step if step > 0 else float("nan")

    @property
    def step_s(self) -> float:
        """Median time between two samples [s]; NaN of fewer than two."""
        return _step_us(self.t_us) / 1e6 if self.t_us.size > 1 else float("nan")

    def within(self, start_us: int, end_us: int) -> tuple[int, int]:
        """First sample with ``start_us <= t <= end_us``, and the one behind the last."""
        a = int(self.t_us.searchsorted(start_us, side="left"))
        return a, int(self.t_us.searchsorted(end_us, side="right"))

    def between(self, start_us: int, end_us: int) -> "Channel":
        """The samples with ``start_us <= t <= end_us``; views, no copy."""
        a, b = self.within(start_us, end_us)
        return Channel(self.name, self.t_us[a:b], self.values[a:b], self.source)

    def at(self, t_us: IntArray, *, max_age_s: float = float("inf")) -> FloatArray:
        """The last value at or before each instant (zero-order hold), NaN before the first.

        Parameters
        ----------
        t_us : int64, shape (m,) [µs]
        max_age_s : float [s]
            Older values count as absent.
        """
        if not self.t_us.size:
            return np.full(t_us.shape, np.nan)
        i = np.searchsorted(self.t_us, t_us, side="right") - 1
        found = self.values[np.maximum(i, 0)]
        age_us = t_us - self.t_us[np.maximum(i, 0)]
        return np.where((i >= 0) & (age_us <= max_age_s * 1e6), found, np.nan)

    def on(self, t_us: IntArray) -> FloatArray:
        """The values at another channel's instants; as they are if both share one clock."""
        if self.t_us is t_us or np.array_equal(self.t_us, t_us):
            return self.values
        return self.interpolated(t_us)

    def interpolated(self, t_us: IntArray, *, max_gap_s: float = float("inf")) -> FloatArray:
        """Linear interpolation at each instant; NaN outside the samples and inside long gaps."""
        good = np.isfinite(self.values)
        t, v = self.t_us[good], self.values[good]
        if not t.size:
            return np.full(t_us.shape, np.nan)
        out = np.interp(t_us, t, v, left=np.nan, right=np.nan)
        if np.isfinite(max_gap_s) and t.size > 1:
            i = np.clip(np.searchsorted(t, t_us, side="right"), 1, t.size - 1)
            # the sample itself is no part of the gap that follows it
            is_inside = (t[i] - t[i - 1] > max_gap_s * 1e6) & (t_us != t[i - 1]) & (t_us != t[i])
            out = np.where(is_inside, np.nan, out)
        return out

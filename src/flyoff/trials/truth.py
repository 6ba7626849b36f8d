"""The target's own log as the truth: where it was at any instant, and how sure that is."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.units import FloatArray, Metres, Seconds

#: Truth is not drawn out over a longer gap than this [s].
MAX_GAP_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Instants:
    """A truth at some instants; NaN where it is not known.

    Attributes
    ----------
    position, velocity : float64, shape (n, 3) [m, m/s]
    sigma : float64, shape (n,) [m]
        Of each horizontal axis, the clock's part included.
    """

    position: FloatArray
    velocity: FloatArray
    sigma: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TruthTrack:
    """Where a target, or a bystander, was.

    Attributes
    ----------
    name : str
    label : str
        Its true class.
    time_s : float64, shape (n,) [s, UNIX UTC]
        Strictly increasing.
    position : float64, shape (n, 3) [m]
        East, north, up of the site; up may be NaN.
    velocity : float64, shape (n, 3) [m/s]
        NaN where it is not logged: then the slope of the position stands in.
    sigma_m : float64, shape (n,) [m]
        Standard deviation of each horizontal axis, from the receiver.
    clock_sigma_s : float [s]
        Uncertainty of the log's UTC.
    max_gap_s : float [s]
    source : str
    notes : tuple of str
    """

    name: str
    label: str
    time_s: FloatArray
    position: FloatArray
    velocity: FloatArray
    sigma_m: FloatArray
    clock_sigma_s: Seconds = 0.0
    max_gap_s: Seconds = MAX_GAP_S
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = self.time_s.size
        if self.position.shape != (n, 3) or self.velocity.shape != (n, 3):
            raise TrialError(f"truth {self.name!r}: {n} times but {self.position.shape} places")
        if n and not (np.diff(self.time_s) > 0).all():
            raise TrialError(f"truth {self.name!r}: its times do not increase")

    def at(self, time_s: FloatArray) -> Instants:
        """The truth at some instants: on a line between neighbours, never beyond a gap."""
        n = self.time_s.size
        if n < 2:
            nothing = np.full((time_s.size, 3), np.nan)
            return Instants(nothing, nothing.copy(), np.full(time_s.size, np.nan))
        after = np.clip(np.searchsorted(self.time_s, time_s, side="right"), 1, n - 1)
        before = after - 1
        step = self.time_s[after] - self.time_s[before]
        share = (time_s - self.time_s[before]) / step
        unknown = (share < 0.0) | (share > 1.0) | (step > self.max_gap_s) | ~np.isfinite(time_s)
        weight = np.where(unknown, np.nan, share)[:, None]
        position = self.position[before] * (1.0 - weight) + self.position[after] * weight
        slope = (self.position[after] - self.position[before]) / step[:, None]
        velocity = self.velocity[before] * (1.0 - weight) + self.velocity[after] * weight
        velocity = np.where(np.isfinite(velocity), velocity, slope)
        velocity[unknown] = np.nan
        sigma = np.where(unknown, np.nan, np.maximum(self.sigma_m[before], self.sigma_m[after]))
        speed = np.hypot(velocity[:, 0], velocity[:, 1])
        return Instants(position, velocity, np.hypot(sigma, speed * self.clock_sigma_s))

    @property
    def span(self) -> tuple[float, float]:
        """First and last time [s, UNIX UTC]."""
        return float(self.time_s[0]), float(self.time_s[-1])

    def is_in_gap(self, time_s: FloatArray) -> FloatArray:
        """Where the truth has flown and flies again, but is not known: 1.0, else 0.0."""
        first, last = self.span
        inside = (time_s >= first) & (time_s <= last)
        return np.asarray(inside & ~np.isfinite(self.at(time_s).position[:, 0]), dtype=np.float64)


def sigma_or(values: FloatArray, stand_in: Metres) -> FloatArray:
    """Spread of a receiver [m], where it tells none the stand-in."""
    return np.where(np.isfinite(values) & (values > 0.0), values, stand_in)

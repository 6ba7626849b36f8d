"""A receiver's positions against its own Doppler velocity: what it says against how it moves.

A receiver measures position (code delay) and velocity (carrier Doppler) separately. Over one
interval the positions must advance by the integral of the velocity; measured on real and simulated
flights the two agree to centimetres a fix on slow vehicles, half a metre on wings in turns. Whoever
pulls the position away without bending the velocity to match shows up as a remainder: one step for
a glitch, a ramp for a slow pull. The remainder adds up to how far the position was pulled.
"""

from dataclasses import dataclass

import numpy as np

from flyoff.detectors.gnss_reception import GnssReception, reception
from flyoff.detectors.windows import change
from flyoff.model.finding import Evidence
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.units import FloatArray, IntArray

#: Over a longer silence the velocity is not known well enough to integrate [s].
LONGEST_STEP_S = 2.0
#: A remainder above this within a second is a jump [m], and so many times the stated accuracy.
JUMP_M = 4.0
JUMP_ACCURACIES = 3.0
#: Intervals at which receivers measure [s] and loggers that keep every second or fourth fix write,
#: and how far a clock may be off them.
ROUND_INTERVALS_S = np.array([0.05, 0.1, 0.125, 0.2, 0.25, 0.4, 0.5, 0.8, 1.0, 2.0])
CLOCK_RATE = 0.04
#: A logger stamps a fix up to one measuring interval early or late [s]: on the way so much is
#: missing or too much, and only on the way.
STAMP_S = 0.2
#: Fewer fixes than this allow no conclusion.
ENOUGH_FIXES = 25


@dataclass(frozen=True, slots=True)
class GnssMotion:
    """Remainders between position and integrated velocity, at the receiver's fixes.

    Attributes
    ----------
    t_us : int64, shape (n,)
    step_north, step_east : float64, shape (n,) [m]
        Remainder that arrived with each fix; zero where the receiver was not to be trusted anyway.
    north, east : float64, shape (n,) [m]
        Remainders summed since the first fix.
    velocity : (north, east), each float64, shape (n,) [m/s]
        As the receiver has it.
    unsure_m : float64, shape (n,) [m]
        By how much the velocity's integral over the interval before each fix may be off: nobody
        knows when within it the velocity changed.
    accuracy_m : float
        The receiver's own usual estimate of its error; 1 m where it gives none.
    reception : GnssReception
    """

    t_us: IntArray
    step_north: FloatArray
    step_east: FloatArray
    north: FloatArray
    east: FloatArray
    velocity: tuple[FloatArray, FloatArray]
    unsure_m: FloatArray
    accuracy_m: float
    reception: GnssReception

    def pulled(self, seconds: float) -> FloatArray:
        """Remainder gathered over the last ``seconds``, or one fix [m]; float64 shape (n,).

        What a stamp off by one measuring interval explains is taken off, and what the velocity
        leaves open between two fixes.
        """
        over = self._beside_stamps(
            change(self.t_us, self.north, seconds), change(self.t_us, self.east, seconds)
        )
        over -= change(self.t_us, np.cumsum(self.unsure_m), seconds)
        step = self._beside_stamps(self.step_north, self.step_east) - self.unsure_m
        return np.maximum(np.maximum(over, step), 0.0)

    def _beside_stamps(self, north: FloatArray, east: FloatArray) -> FloatArray:
        """Size of a remainder, less what a wrong stamp may add along the way."""
        v_north, v_east = self.velocity
        speed = np.maximum(np.hypot(v_north, v_east), 1e-9)
        along = (north * v_north + east * v_east) / speed
        across = (east * v_north - north * v_east) / speed
        return np.hypot(np.maximum(np.abs(along) - STAMP_S * speed, 0.0), across)

    def offset(self, since: int, until_us: int) -> tuple[float, float]:
        """Remainder (north, east) [m] gathered between fix ``since`` and an instant."""
        last = max(since, int(np.searchsorted(self.t_us, until_us, side="right")) - 1)
        north = self.north[last] - self.north[since]
        east = self.east[last] - self.east[since]
        return float(north), float(east)


def gnss_motion(flight: Flight) -> GnssMotion | None:
    """Compare the first receiver's positions with its velocity; None where it gave too little."""
    received = flight.once(reception)
    track = flight.track("gnss")
    speed, course = flight.get("gnss.speed"), flight.get("gnss.course")
    if received is None or track is None or speed is None or course is None:
        return None
    t, north, east = track
    kept = received.is_sound(t)
    t, north, east = t[kept], north[kept], east[kept]
    if t.size < ENOUGH_FIXES:
        return None
    v, c = speed.at(t), course.at(t)
    if _clocks_disagree(t, north, east, v):
        return None
    velocity = (v * np.cos(c), v * np.sin(c))
    step_north, step_east = (
        _remainder(t, p, w) for p, w in zip((north, east), velocity, strict=True)
    )
    return GnssMotion(
        t,
        step_north,
        step_east,
        np.cumsum(step_north),
        np.cumsum(step_east),
        velocity,
        _unsure(t, *velocity),
        _accuracy(flight, t),
        received,
    )


def offset_evidence(
    motion: GnssMotion, since: int, flight: Flight, limit: float
) -> tuple[float, list[Evidence]]:
    """How far the position was pulled at the end of the sortie [m], and the evidence of it."""
    until_us = flight.landing_us or flight.end_us
    north, east = motion.offset(since, until_us)
    metres = float(np.hypot(north, east))
    t_s = until_us / 1e6
    return metres, [
        Evidence("position pulled away, at the end", "gnss.offset", t_s, metres, limit),
        Evidence("of it to the north", "gnss.offset.north", t_s, north),
        Evidence("of it to the east", "gnss.offset.east", t_s, east),
    ]


def _remainder(t_us: IntArray, position: FloatArray, velocity: FloatArray) -> FloatArray:
    dt = np.diff(t_us) / 1e6
    step = np.diff(position) - 0.5 * (velocity[1:] + velocity[:-1]) * dt
    step = np.where(np.isfinite(step) & (dt <= LONGEST_STEP_S), step, 0.0)
    return np.concatenate(([0.0], step))


def _unsure(t_us: IntArray, north: FloatArray, east: FloatArray) -> FloatArray:
    dt = np.diff(t_us) / 1e6
    off = 0.5 * np.hypot(np.diff(north), np.diff(east)) * dt
    return np.concatenate(([0.0], np.where(dt <= LONGEST_STEP_S, np.nan_to_num(off), 0.0)))


def _clocks_disagree(
    t_us: IntArray, north: FloatArray, east: FloatArray, speed: FloatArray
) -> bool:
    """Whether the log's clock runs at another rate than the receiver's, as on some old firmware.

    Receivers measure at round rates. A log that shows another one, and in which the motion
    covers another distance than the velocity says, has stretched or squeezed the time between.
    """
    dt = np.diff(t_us) / 1e6
    usual = float(np.mean(dt[dt < 2.0 * median(dt)]))
    # a logger that now and then drops a fix raises the mean; coarse stamps move the median
    for interval in (usual, median(dt)):
        if np.min(np.abs(interval / ROUND_INTERVALS_S - 1.0)) < CLOCK_RATE:
            return False
    moving = np.flatnonzero((speed[1:] > 3.0) & (dt < 2.0 * usual))
    if moving.size < 20:
        return True  # nothing to acquit the clock by
    covered = np.hypot(np.diff(north), np.diff(east))[moving] / (speed[1:] * dt)[moving]
    # a clock is wrong all along; a position that is pulled away spoils the distance for a part only
    parts = np.array_split(covered, min(moving.size // 10, 4))
    return min(abs(median(part) - 1.0) for part in parts) > CLOCK_RATE


def _accuracy(flight: Flight, t_us: IntArray) -> float:
    hacc = flight.get("gnss.hacc")
    if hacc is None:
        return 1.0
    known = hacc.at(t_us)
    known = known[np.isfinite(known) & (known > 0)]
    return median(known) if known.size else 1.0

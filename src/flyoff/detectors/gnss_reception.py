"""How well a satellite receiver received, message by message: what loss and jamming share.

A receiver that is jammed does not fall silent like an unplugged one. It loses and finds its fix
within seconds, drops and regains satellites, and the fixes between are wild: speeds no vehicle has,
and an accuracy estimate that jumps by factors. Obstruction (a wall, a tree) looks milder: fewer
satellites and a worse, but slowly changing, estimate.
"""

from dataclasses import dataclass

import numpy as np

from flyoff.detectors.windows import first_of_run, trailing_count
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import Span, spans
from flyoff.units import BoolArray, FloatArray, IntArray

#: A fix good enough to navigate by: 3-D.
FIX_3D = 3
#: No drone changes its velocity faster than this between two fixes [m/s²]: 6 g.
IMPOSSIBLE_ACCELERATION = 60.0
#: The accuracy estimate counts as collapsed above both of these [m], [times its value at launch].
COLLAPSED_M = 10.0
COLLAPSED_TIMES = 10.0
#: A receiver is erratic when this many contradictions fall into so many seconds.
ERRATIC_COUNT = 4
ERRATIC_WINDOW_S = 10.0
#: So long without a contradiction, and the disturbance is over [s].
CALM_S = 10.0


@dataclass(frozen=True, slots=True)
class GnssReception:
    """Reception on the receiver's own message times.

    Attributes
    ----------
    t_us : int64, shape (n,)
    fix : float64, shape (n,)
    has_fix : bool, shape (n,)
    is_degraded : bool, shape (n,)
        No fix, satellites below half of those at launch, or accuracy collapsed.
    contradictions : bool, shape (n,)
        Fix lost or found, accuracy collapsed or recovered, or an impossible change of velocity.
    had_fix_at_launch : bool
    satellites_at_launch : float
        NaN where not logged.
    erratic : tuple of Span
        Stretches with too many contradictions; indices are into ``t_us``.
    """

    t_us: IntArray
    fix: FloatArray
    has_fix: BoolArray
    is_degraded: BoolArray
    contradictions: BoolArray
    had_fix_at_launch: bool
    satellites_at_launch: float
    erratic: tuple[Span, ...]

    def is_sound(self, t_us: IntArray) -> BoolArray:
        """Whether the receiver had a fix it could be trusted with at each instant."""
        bad = ~self.has_fix
        i = np.clip(np.searchsorted(self.t_us, t_us, side="right") - 1, 0, self.t_us.size - 1)
        sound = ~bad[i]
        for span in self.erratic:
            sound &= (t_us < span.start_us) | (t_us > span.end_us)
        return np.asarray(sound)


def reception(flight: Flight) -> GnssReception | None:
    """Observe the first receiver; None where the log does not say whether it had a fix."""
    channel = flight.get("gnss.fix")
    if channel is None or len(channel) < 3:
        return None
    t = channel.t_us
    fix = channel.values
    has_fix = fix >= FIX_3D
    launch = int(np.searchsorted(t, flight.takeoff_us or flight.start_us, side="right"))
    window = slice(max(0, launch - 25), max(launch, 1))
    had_fix = bool(np.mean(has_fix[window]) > 0.5)
    satellites = _at(flight, "gnss.satellites", t)
    usual = nanmedian(satellites[window]) if np.isfinite(satellites[window]).any() else np.nan
    collapsed = _collapsed(_at(flight, "gnss.hacc", t), window)
    degraded = ~has_fix | (satellites < 0.5 * usual) | collapsed
    flips = _flips(has_fix) | _flips(collapsed) | _impossible(flight, t, has_fix)
    erratic = _erratic(flight, t, flips, degraded) if had_fix else ()
    return GnssReception(t, fix, has_fix, degraded, flips, had_fix, usual, erratic)


def _at(flight: Flight, name: str, t_us: IntArray) -> FloatArray:
    channel = flight.get(name)
    return np.full(t_us.shape, np.nan) if channel is None else channel.at(t_us, max_age_s=2.0)


def _collapsed(hacc: FloatArray, window: slice) -> BoolArray:
    known = hacc[window][np.isfinite(hacc[window])]
    usual = median(known) if known.size else 1.0
    return np.asarray(hacc > max(COLLAPSED_M, COLLAPSED_TIMES * usual))


def _flips(state: BoolArray) -> BoolArray:
    return np.concatenate(([False], state[1:] != state[:-1]))


def _impossible(flight: Flight, t_us: IntArray, has_fix: BoolArray) -> BoolArray:
    speed, course = flight.get("gnss.speed"), flight.get("gnss.course")
    if speed is None or course is None:
        return np.zeros(t_us.shape, dtype=bool)
    v, c = speed.at(t_us, max_age_s=1.0), course.at(t_us, max_age_s=1.0)
    north, east = v * np.cos(c), v * np.sin(c)
    dt = np.maximum(np.diff(t_us) / 1e6, 0.05)
    jump = np.hypot(np.diff(north), np.diff(east)) / dt > IMPOSSIBLE_ACCELERATION
    # the first fix after a silence may differ from the last one before it as much as it likes
    known = has_fix[1:] & has_fix[:-1] | np.isfinite(north[1:] + north[:-1])
    return np.concatenate(([False], jump & known & (dt < 1.5)))


def _erratic(
    flight: Flight, t_us: IntArray, flips: BoolArray, degraded: BoolArray
) -> tuple[Span, ...]:
    inside = flight.mask_under_way(t_us)
    many = (trailing_count(t_us, flips & inside, ERRATIC_WINDOW_S) >= ERRATIC_COUNT) & inside
    found = []
    for span in spans(t_us, many, bridge_s=CALM_S):
        if not degraded[max(0, span.first - 1) : span.last + 1].any():
            continue  # wild velocities alone: the vehicle tumbles, reception is sound
        first = first_of_run((flips | degraded) & inside, span.first, t_us, CALM_S)
        found.append(Span(int(t_us[first]), span.end_us, first, span.last))
    return tuple(found)

"""How a vehicle met the ground: descent, speed and attitude just before, and what stopped it.

The ground stops a vehicle within a fraction of a second; motors cannot. A contact is therefore an
instant at which the descent ends faster than thrust could end it, or the last end of a descent
before the vehicle stands still.
"""

from dataclasses import dataclass

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.middle import median
from flyoff.units import FloatArray, IntArray

#: A stop this quick cannot be thrust: thrust seldom gives more than one g beyond hover [m/s²].
GROUND_STOP = 11.0
#: Slower descents than this end as ordinary touchdowns, found from the last motion instead [m/s].
SLOW_DESCENT = 1.8
#: The ground that stopped it is where it then lies: within this height of the end [m].
AT_REST_M = 3.0
_STOP_S = 0.35
#: What lies on the ground has lost its way as well as its fall: above this speed [m/s], to below
#: this share of it.
FAST_MS, SLOWED = 8.0, 0.6
SETTLED_US = 600_000
_JUST_BEFORE_US = 350_000
#: A wing rolls out, and a landed flag lags: the last descent may be that far back [µs].
_TOUCHDOWN_LOOK_US = 12_000_000


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with the ground.

    Attributes
    ----------
    t_us : int [µs on the log's own clock]
    descent : float [m/s]
        Fastest descent within 0.35 s before.
    speed : float [m/s]
        Horizontal speed just before; NaN where unknown.
    tilt : float [rad]
        Largest tilt within 0.35 s before; NaN where unknown.
    stopped_by_ground : bool
        The descent ended faster than thrust could end it.
    """

    t_us: int
    descent: float
    speed: float
    tilt: float
    stopped_by_ground: bool

    @property
    def energy_speed(self) -> float:
        """Speed whose energy the ground took: root of the squares of both parts [m/s]."""
        return float(np.hypot(self.descent, np.nan_to_num(self.speed)))


def contacts(
    climb: Channel,
    height: Channel | None,
    speed: Channel | None,
    tilt: Channel | None,
    start_us: int,
    end_us: int,
    touchdown_us: int | None,
    *,
    ends_aloft: bool = False,
) -> tuple[Contact, ...]:
    """Find the contacts with the ground between two instants, ordered by time.

    Parameters
    ----------
    climb : Channel [m/s], up positive
    height : Channel or None [m]
        A stop far above where the vehicle came to rest was an estimator's correction, no ground.
    speed, tilt : Channel or None [m/s], [rad]
    start_us, end_us : int [µs]
    touchdown_us : int or None [µs]
        End of the time in the air where it is known: its descent is a contact even if gentle.
    ends_aloft : bool
        Nothing says that it came down. Wings in a dive give several g as well: only what then stays
        where it was stopped has met the ground.
    """
    part = climb.between(start_us, end_us)
    good = np.isfinite(part.values)
    t, v = part.t_us[good], part.values[good]
    if t.size < 3:
        return ()
    found = [
        _contact(t, v, speed, tilt, i, True)
        for i in hard_stops(t, v)
        if _at_rest_height(height, int(t[i]), end_us)
        and (not ends_aloft or _stays(height, speed, int(t[i]), end_us))
    ]
    if touchdown_us is not None:
        i = _last_descent(t, v, touchdown_us)
        is_known = i is not None and any(abs(c.t_us - int(t[i])) <= 1_000_000 for c in found)
        if i is not None and not is_known and _at_rest_height(height, int(t[i]), end_us):
            found.append(_contact(t, v, speed, tilt, i, False))
    return tuple(sorted(found, key=lambda c: c.t_us))


def _at_rest_height(height: Channel | None, t_us: int, end_us: int) -> bool:
    if height is None:
        return True
    at, rest = height.interpolated(np.array([t_us + 200_000, end_us], dtype=np.int64))
    if not np.isfinite(rest):
        rest = height.values[-1]
    return not abs(at - rest) > AT_REST_M


def _stays(height: Channel | None, speed: Channel | None, t_us: int, end_us: int) -> bool:
    """Whether height and speed after a stop are those of something that lies where it was stopped.

    At the height of the launch point it may slide on; anywhere else the ground takes its way too.
    """
    if height is not None:
        # a blow throws the estimate off for a moment
        settled_us = SETTLED_US if end_us - t_us > 2 * SETTLED_US else SETTLED_US // 3
        after = height.between(t_us + settled_us, end_us).values
        after = after[np.isfinite(after)]
        if after.size and float(np.ptp(after)) > AT_REST_M:
            return False
        if after.size and abs(median(after)) < AT_REST_M:
            return True
    before = _just_before(speed, t_us)
    if speed is None or not before > FAST_MS:
        return True
    last = speed.between(max(t_us, end_us - 500_000), end_us).values
    last = last[np.isfinite(last)]
    return not last.size or float(last.min()) < SLOWED * before


def hard_stops(t: IntArray, v: FloatArray) -> list[int]:
    """Indices of the last samples of descents that end faster than thrust could end them."""
    found: list[int] = []
    for i in np.flatnonzero((v[:-1] < -SLOW_DESCENT) & (np.diff(v) > 0)):
        stop = int(np.searchsorted(t, t[i] + int(_STOP_S * 1e6), side="right"))
        after = v[i + 1 : max(stop, i + 2)]
        k = int(np.argmax(after > -0.25 * abs(v[i]))) if after.size else 0
        if not after.size or after[k] <= -0.25 * abs(v[i]):
            continue
        elapsed = max((t[i + 1 + k] - t[i]) / 1e6, 0.02)
        if (after[k] - v[i]) / elapsed < GROUND_STOP:
            continue
        if found and t[i] - t[found[-1]] < 500_000:
            found[-1] = int(i) if v[i] < v[found[-1]] else found[-1]
        else:
            found.append(int(i))
    return found


def _last_descent(t: IntArray, v: FloatArray, touchdown_us: int) -> int | None:
    window = (t <= touchdown_us + 300_000) & (t >= touchdown_us - _TOUCHDOWN_LOOK_US)
    falling = np.flatnonzero(window & (v < -0.25))
    return int(falling[-1]) if falling.size else None


def _contact(
    t: IntArray,
    v: FloatArray,
    speed: Channel | None,
    tilt: Channel | None,
    i: int,
    stopped_by_ground: bool,
) -> Contact:
    at = int(t[i])
    before = (t >= at - _JUST_BEFORE_US) & (t <= at)
    return Contact(
        t_us=at,
        descent=float(-v[before].min()),
        speed=_just_before(speed, at),
        tilt=_just_before(tilt, at),
        stopped_by_ground=stopped_by_ground,
    )


def _just_before(channel: Channel | None, at_us: int) -> float:
    if channel is None:
        return float("nan")
    values = channel.between(at_us - _JUST_BEFORE_US, at_us).values
    values = values[np.isfinite(values)]
    if not values.size:
        values = channel.at(np.array([at_us], dtype=np.int64))
    return float(np.max(values))

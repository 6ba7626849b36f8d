"""When a vehicle is under way: off the ground, or moving if it is a boat or a rover.

Two kinds of witness are heard: the motion itself (height, climb, speed) and the autopilot's own
landed flag. The flag lags by about a second and can be wrong; motion contradicts it where they
disagree (SIGNALS: require independent witnesses, so that logs of any autopilot segment alike).
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.contact import hard_stops
from flyoff.model.event import EventKind
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import spans
from flyoff.units import BoolArray, FloatArray, IntArray

#: Off the ground for certain above this height over the launch point [m].
RISEN_M = {"multirotor": 0.5, "helicopter": 0.5, "vtol": 0.5, "fixed_wing": 2.0}
#: The ground is where it was left: below this height, still, means landed [m].
NEAR_GROUND_M = 0.4
#: Still: slower than this up or down, and over ground [m/s].
STILL_CLIMB = 0.3
STILL_SPEED = 0.6
#: A landed flag is contradicted by motion faster than this [m/s].
CONTRADICTED_CLIMB = 1.5
CONTRADICTED_SPEED = 4.0
#: Stillness counts as standing once it has lasted this long [s].
STAND_S = 1.0
#: Collective demand that lifts no multirotor worth flying (they hover at 0.2 … 0.6), held [s].
IDLE_DEMAND = 0.15
IDLE_STAND_S = 0.4
#: By pressure, which no inertial sensor can lead astray: less change than this over the last
#: seconds [m], [µs].
LEVEL_PRESSURE_M, LEVEL_US = 0.4, 2_000_000
#: Leaning further than this without turning, it lies on the ground [rad], [rad/s].
LYING_TILT, LYING_TURN = 1.2, 0.1
#: Disarmed below this height, slow, as the last thing in the log: it has landed [m], [µs].
DISARMED_LOW_M = 1.5
LOG_END_US = 500_000
#: A boat or rover is under way above this speed [m/s], once it is this far from the start [m].
MOVING_SPEED = 0.35
#: With the drive off, slower than this is coasting to rest [m/s].
COASTING_SPEED = 1.0
#: At rest at the end of a log: slower than that for this long [s].
AT_REST_S = 3.0
MOVED_M = 2.0


@dataclass(frozen=True, slots=True)
class Motion:
    """Height, climb and speed on one time base.

    Attributes
    ----------
    t_us : int64, shape (n,)
    height, climb, speed : float64, shape (n,) [m], [m/s], [m/s]
    landed : float64, shape (n,)
        The autopilot's own flag, NaN where it has not said.
    idle : bool, shape (n,)
        Lift motors demanded too little to carry the vehicle.
    level : bool, shape (n,)
        The air pressure does not change, whatever the estimator believes.
    lying : bool, shape (n,)
        On its side or back, and not turning: no vehicle flies like that.
    """

    t_us: IntArray
    height: FloatArray
    climb: FloatArray
    speed: FloatArray
    landed: FloatArray
    idle: BoolArray
    level: BoolArray
    lying: BoolArray


def under_way(flight: Flight) -> tuple[tuple[int, int], ...]:
    """Spans under way within a sortie, ordered; empty if it never was.

    Parameters
    ----------
    flight : Flight

    Returns
    -------
    tuple of (start_us, end_us)
    """
    if not flight.flies:
        return _moving(flight)
    motion = observe(flight)
    return () if motion is None else _airborne(flight, motion)


def observe(flight: Flight) -> Motion | None:
    """Gather the witnesses on the height's time base, inside the sortie; None without a height."""
    height = flight.height
    if height is None:
        return None
    inside = height.between(flight.start_us, flight.end_us)
    if len(inside) < 3:
        return None
    t = inside.t_us
    return Motion(
        t,
        inside.values,
        _smooth(t, flight.climb),
        _smooth(t, flight.speed),
        _landed(flight, t),
        _idle(flight, t),
        _level(flight, t),
        _lying(flight, t),
    )


def _smooth(t_us: IntArray, channel: Channel | None) -> FloatArray:
    return np.full(t_us.shape, np.nan) if channel is None else channel.interpolated(t_us)


def _idle(flight: Flight, t_us: IntArray) -> BoolArray:
    """Where lift motors get too little to carry the vehicle; False where nothing tells."""
    demand = flight.get("throttle.demand")
    if demand is None or flight.vehicle.kind not in ("multirotor", "helicopter"):
        return np.zeros(t_us.shape, dtype=bool)
    return np.nan_to_num(demand.at(t_us), nan=1.0) < IDLE_DEMAND


def _level(flight: Flight, t_us: IntArray) -> BoolArray:
    """Where the pressure height stays what it was; False where there is none."""
    baro = flight.get("baro.height")
    if baro is None or len(baro) < 5:
        return np.zeros(t_us.shape, dtype=bool)
    half = LEVEL_US // 4
    ends = [
        np.mean([baro.interpolated(t_us - ago + k * half // 2) for k in (-2, -1, 0)], axis=0)
        for ago in (0, LEVEL_US)
    ]
    return np.asarray(np.abs(ends[0] - ends[1]) < LEVEL_PRESSURE_M)


def _lying(flight: Flight, t_us: IntArray) -> BoolArray:
    """Where the vehicle leans far and does not turn at all; False where nothing tells."""
    out = np.zeros(t_us.shape, dtype=bool)
    tilt = flight.tilt
    if tilt is None or len(tilt) < 5:
        return out
    with np.errstate(divide="ignore", invalid="ignore"):
        turning = np.abs(np.gradient(tilt.values, tilt.t_us / 1e6))
    fallen = (tilt.values > LYING_TILT) & (turning < LYING_TURN)
    for span in spans(tilt.t_us, fallen, hold_s=STAND_S, max_gap_s=1.0):
        out |= (t_us >= span.start_us) & (t_us <= span.end_us)
    return out


def _landed(flight: Flight, t_us: IntArray) -> FloatArray:
    """The landed flag at each instant: the channel, else the log's own events."""
    flag = flight.recording.get("land.is_landed")
    if flag is not None:
        return flag.at(t_us)
    out = np.full(t_us.shape, np.nan)
    times, events = flight.recording.timeline(EventKind.TAKEOFF, EventKind.LANDED)
    if not times or not t_us.size:
        return out
    first = max(bisect_right(times, int(t_us[0])) - 1, 0)
    last = bisect_right(times, int(t_us[-1]))
    for event in events[first:last]:
        out[t_us >= event.t_us] = float(event.kind is EventKind.LANDED)
    return out


def _airborne(flight: Flight, motion: Motion) -> tuple[tuple[int, int], ...]:
    t = motion.t_us
    up = motion.height > RISEN_M.get(flight.vehicle.kind, 0.5)
    if flight.starts_armed:
        up |= (motion.landed != 1.0) & (motion.speed > CONTRADICTED_SPEED)
    if not up.any():
        return ()
    first = int(np.flatnonzero(up)[0])
    aloft = ~_standing(motion)
    aloft[:first] = False
    aloft[first] = True
    found = [s for s in spans(t, aloft, bridge_s=0.5) if up[s.first : s.last + 1].any()]
    if not found:
        return ()
    found_us = [(s.start_us, s.end_us) for s in found]
    found_us[0] = (_lift_off(motion, first), found_us[0][1])
    if found[-1].last == t.size - 1:  # nothing after the last sample says that it came down
        end_us = _disarmed_low(flight, motion) or flight.end_us
        found_us[-1] = (found_us[-1][0], end_us)
    return tuple(found_us)


def _disarmed_low(flight: Flight, motion: Motion) -> int | None:
    """Touch-down of a vehicle that was disarmed slow and low, where the log ends with that.

    Loggers that write from arming to disarming show nothing afterwards; a person who disarms within
    a step of the ground has landed.
    """
    rest = motion.t_us >= motion.t_us[-1] - 500_000
    low = median(motion.height[rest]) < DISARMED_LOW_M
    slow = nanmedian(np.abs(np.nan_to_num(motion.climb[rest]))) < CONTRADICTED_CLIMB
    is_last = flight.recording.end_us - flight.end_us < LOG_END_US
    if flight.ends_armed or not (low and slow and is_last):
        return None
    return max(int(motion.t_us[0]), flight.end_us - LOG_END_US)


def _lift_off(motion: Motion, first: int) -> int:
    """Walk back from the first sample above the ground to where the rise began."""
    i = first
    while i > 0 and motion.height[i - 1] > 0.1 and motion.height[i - 1] < motion.height[i] + 0.05:
        i -= 1
    return int(motion.t_us[i])


def _standing(motion: Motion) -> BoolArray:
    """Where the vehicle stands on the ground; bool shape (n,)."""
    climb = np.nan_to_num(np.abs(motion.climb))
    speed = np.nan_to_num(motion.speed)
    contradicted = (climb > CONTRADICTED_CLIMB) | (speed > CONTRADICTED_SPEED)
    still = (climb < STILL_CLIMB) & (speed < STILL_SPEED)
    low = motion.height < NEAR_GROUND_M
    flagged = (motion.landed == 1.0) & ~contradicted
    standing = np.zeros(motion.t_us.shape, dtype=bool)
    for span in spans(motion.t_us, still & (low | flagged), hold_s=STAND_S):
        standing[span.first : span.last + 1] = True
    for span in spans(motion.t_us, still & _after_impact(motion), hold_s=STAND_S):
        standing[span.first : span.last + 1] = True
    # neither rising nor falling on next to no thrust: something else carries it
    for span in spans(motion.t_us, (climb < STILL_CLIMB) & motion.idle, hold_s=IDLE_STAND_S):
        standing[span.first : span.last + 1] = True
    for span in spans(motion.t_us, motion.level & motion.idle, hold_s=STAND_S):
        standing[span.first : span.last + 1] = True
    # falling on its side it is not there yet
    lying = motion.lying & (climb < CONTRADICTED_CLIMB)
    return np.asarray(standing | flagged | lying, dtype=bool)


def _after_impact(motion: Motion) -> BoolArray:
    """After a descent that the ground stopped, not the motors: where it is still, it lies."""
    out = np.zeros(motion.t_us.shape, dtype=bool)
    stops = hard_stops(motion.t_us, np.nan_to_num(motion.climb))
    if stops:
        out[stops[0] + 1 :] = True
    return out


def _drive_off(flight: Flight, t_us: IntArray) -> BoolArray:
    """Where neither drive nor speed is demanded; False where the log does not say."""
    drive, wanted = flight.get("throttle.demand"), flight.get("nav.speed_demand")
    if drive is None:
        return np.zeros(t_us.shape, dtype=bool)
    off = np.abs(np.nan_to_num(drive.at(t_us), nan=1.0)) < 0.02
    if wanted is not None:
        off &= np.abs(np.nan_to_num(wanted.at(t_us))) < 0.05
    return off


def _moving(flight: Flight) -> tuple[tuple[int, int], ...]:
    """From the first to the last movement of a boat, rover or submarine."""
    track = flight.track("position") or flight.track("gnss")
    speed = flight.speed
    if track is None or speed is None:
        return ()
    t, north, east = track
    inside = (t >= flight.start_us) & (t <= flight.end_us)
    if inside.sum() < 3:
        return ()
    t, north, east = t[inside], north[inside], east[inside]
    away = np.hypot(north - north[0], east - east[0])
    fast = np.nan_to_num(speed.interpolated(t))
    # with the drive off a boat coasts and drifts: that is no longer being under way
    moving = (fast > MOVING_SPEED) & ~(_drive_off(flight, t) & (fast < COASTING_SPEED))
    held = spans(t, moving, hold_s=1.0, bridge_s=0.5)
    if not held or np.nanmax(away) < MOVED_M:
        return ()
    end_us = held[-1].end_us
    if flight.ends_armed and flight.end_us - end_us < AT_REST_S * 1e6:
        end_us = flight.end_us  # slow for a moment is not at rest
    return ((held[0].start_us, end_us),)

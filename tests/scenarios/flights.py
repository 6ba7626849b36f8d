"""Flights built from arrays: recordings without a log, for the tests of detectors and judges.

``recording`` and ``flight`` wrap arrays as they are. ``sound`` makes the channels of a small
multirotor that flies there and back in still air and nothing goes wrong: positions, velocities,
attitude, accelerations, pressure height and magnetic field follow from one motion, so a test breaks
exactly the channel that its fault breaks.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from flyoff.model.channel import Channel
from flyoff.model.event import Event
from flyoff.model.flight import Flight
from flyoff.model.frames import wrap_pi
from flyoff.model.mission import Mission
from flyoff.model.recording import LogReference, Recording, Vehicle

Samples = tuple[npt.ArrayLike, npt.ArrayLike]
Channels = dict[str, tuple[np.ndarray, np.ndarray]]

#: Drag of the built multirotor [1/s], and the Earth's field where it flies [µT], NED.
DRAG = 0.4
FIELD = (20.0, 1.0, 43.0)
GRAVITY = 9.80665
#: When it arms, takes off, lands and disarms [s].
ARMED = (5.0, 100.0)
ALOFT = (8.0, 97.0)


def recording(
    channels: Mapping[str, Samples],
    events: Iterable[Event] = (),
    kind: str = "multirotor",
    *,
    params: Mapping[str, float] | None = None,
    mission: Mission | None = None,
    autopilot: str = "ardupilot",
    motors: int = 4,
) -> Recording:
    """Make a recording of channels given as ``{name: (times [s], values)}``."""
    built = {}
    for name, (t_s, values) in channels.items():
        t_us = np.round(np.asarray(t_s, dtype=np.float64) * 1e6).astype(np.int64)
        built[name] = Channel(name, t_us, np.asarray(values, dtype=np.float64), f"built.{name}")
    times = [t for c in built.values() for t in (c.t_us[:1], c.t_us[-1:]) if t.size]
    times += [np.array([e.t_us]) for e in events]
    ends = np.concatenate(times) if times else np.zeros(1, dtype=np.int64)
    return Recording(
        LogReference("built", "0" * 64, "built", 0),
        Vehicle(kind=kind, autopilot=autopilot, motors=motors),
        int(ends.min()),
        int(ends.max()),
        {name: (lambda c=c: c) for name, c in built.items()},
        tuple(sorted(events, key=lambda e: e.t_us)),
        params or {},
        mission,
    )


def flight(
    channels: Mapping[str, Samples],
    events: Iterable[Event] = (),
    kind: str = "multirotor",
    *,
    armed: tuple[float, float] = ARMED,
    under_way: Iterable[tuple[float, float]] = (ALOFT,),
    params: Mapping[str, float] | None = None,
    plan: Mission | None = None,
    shift_s: float = 0.0,
) -> Flight:
    """Make a sortie of channels; times in s, ``shift_s`` added to all of them."""
    moved = {n: (np.asarray(t, dtype=np.float64) + shift_s, v) for n, (t, v) in channels.items()}
    return Flight(
        recording(moved, events, kind, params=params),
        round((armed[0] + shift_s) * 1e6),
        round((armed[1] + shift_s) * 1e6),
        plan,
        under_way=tuple(
            (round((a + shift_s) * 1e6), round((b + shift_s) * 1e6)) for a, b in under_way
        ),
    )


def sound(
    *,
    lat: float = 47.0,
    lon: float = 8.0,
    wind: tuple[float, float] = (0.0, 0.0),
    wind_from_s: float = 0.0,
    seed: int = 1,
) -> Channels:
    """Make the channels of a flight in which nothing goes wrong.

    Parameters
    ----------
    lat, lon : float [deg]
        Where it takes off.
    wind : (north, east) [m/s]
        Where the air moves to, from ``wind_from_s`` on.
    """
    rng = np.random.default_rng(seed)
    t = np.arange(0.0, 103.0, 0.04)
    velocity = _velocity(t)
    position = [np.concatenate(([0.0], np.cumsum(0.5 * (v[1:] + v[:-1]) * 0.04))) for v in velocity]
    acceleration = [np.gradient(v, t) for v in velocity]
    air = [np.where((t >= wind_from_s) & (t > ALOFT[0]), w, 0.0) for w in (*wind, 0.0)]
    yaw = 0.6 * np.sin(t / 9.0)
    roll, pitch = _lean(t, velocity, acceleration, air, yaw)
    fast = _body(
        roll, pitch, yaw, [a - g for a, g in zip(acceleration, (0, 0, GRAVITY), strict=True)]
    )
    field = _body(roll, pitch, yaw, [np.full(t.shape, f) for f in FIELD])
    slow, gnss = slice(None, None, 2), slice(None, None, 5)
    out: Channels = {}
    for axis, force, part in zip("xyz", fast, field, strict=True):
        for k in ("", "[1]"):
            out[f"accel.{axis}{k}"] = (t, force + rng.normal(0, 0.3, t.size))
            out[f"mag.{axis}{k}"] = (t[slow], part[slow] + rng.normal(0, 0.3, t[slow].size))
    for name, angle in (("roll", roll), ("pitch", pitch), ("yaw", yaw)):
        out[f"attitude.{name}"] = out[f"attitude_demand.{name}"] = (t[slow], angle[slow])
    for name, v, p in zip(("north", "east", "down"), velocity, position, strict=True):
        out[f"velocity.{name}"], out[f"position.{name}"] = (t[slow], v[slow]), (t[slow], p[slow])
    height = 400.0 - position[2]
    out["baro.height"] = (t[slow], height[slow] + rng.normal(0, 0.1, t[slow].size))
    out |= _receiver(t[gnss], [p[gnss] for p in position], [v[gnss] for v in velocity], lat, lon)
    out |= {f"vibration.{a}": (t[slow], rng.normal(2.0, 0.2, t[slow].size)) for a in "xyz"}
    out["vibration.clips"] = (t[slow], np.zeros(t[slow].size))
    return out


def _velocity(t: np.ndarray) -> list[np.ndarray]:
    """There and back, a side step, with a climb before and a descent after; NED [m/s]."""

    def pulse(start: float, end: float, top: float) -> np.ndarray:
        return top * np.clip(np.minimum(t - start, end - t) / 2.0, 0.0, 1.0)

    north = pulse(18, 42, 6.0) - pulse(52, 76, 6.0)
    east = pulse(30, 48, 4.0) - pulse(64, 82, 4.0)
    down = -pulse(ALOFT[0], 18, 2.5) + pulse(86, ALOFT[1] - 0.1, 2.2472)
    return [north, east, down]


def _lean(
    t: np.ndarray,
    velocity: list[np.ndarray],
    acceleration: list[np.ndarray],
    air: list[np.ndarray],
    yaw: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Lean whose thrust gives the acceleration and bears the drag; on the ground level."""
    aloft = (t > ALOFT[0]) & (t < ALOFT[1])
    pull = [
        np.where(aloft, a + DRAG * (v - w), 0.0)
        for v, a, w in zip(velocity, acceleration, air, strict=True)
    ]
    ahead = pull[0] * np.cos(yaw) + pull[1] * np.sin(yaw)
    right = -pull[0] * np.sin(yaw) + pull[1] * np.cos(yaw)
    pitch = -np.arctan2(ahead, GRAVITY)
    return np.arctan2(right * np.cos(pitch), GRAVITY), pitch


def _body(
    roll: np.ndarray, pitch: np.ndarray, yaw: np.ndarray, world: list[np.ndarray]
) -> list[np.ndarray]:
    """A world vector (NED) in the body frame."""
    ahead = world[0] * np.cos(yaw) + world[1] * np.sin(yaw)
    right = -world[0] * np.sin(yaw) + world[1] * np.cos(yaw)
    x = ahead * np.cos(pitch) - world[2] * np.sin(pitch)
    below = ahead * np.sin(pitch) + world[2] * np.cos(pitch)
    return [
        x,
        right * np.cos(roll) + below * np.sin(roll),
        below * np.cos(roll) - right * np.sin(roll),
    ]


def _receiver(
    t: np.ndarray, position: list[np.ndarray], velocity: list[np.ndarray], lat: float, lon: float
) -> Channels:
    out: Channels = {
        "gnss.alt_msl": (t, 500.0 - position[2]),
        "gnss.speed": (t, np.hypot(velocity[0], velocity[1])),
        "gnss.course": (t, wrap_pi(np.arctan2(velocity[1], velocity[0]))),
        "gnss.velocity_down": (t, velocity[2]),
        "gnss.fix": (t, np.full(t.shape, 3.0)),
        "gnss.satellites": (t, np.full(t.shape, 14.0)),
        "gnss.hacc": (t, np.full(t.shape, 0.6)),
        "gnss.vacc": (t, np.full(t.shape, 0.9)),
    }
    return out | moved_by(out, t, position[0], position[1], lat, lon)


def moved_by(
    channels: Channels, t: np.ndarray, north: np.ndarray, east: np.ndarray, lat: float, lon: float
) -> Channels:
    """Positions of the receiver at metres from a place; local sphere, good to a millimetre here."""
    radius = 6_378_137.0
    squeeze = 1 - 0.00669437999 * np.sin(np.radians(lat)) ** 2
    down_meridian = radius * (1 - 0.00669437999) / squeeze**1.5
    along_parallel = radius / np.sqrt(squeeze) * np.cos(np.radians(lat))
    return {
        "gnss.lat": (t, lat + np.degrees(north / down_meridian)),
        "gnss.lon": (t, lon + np.degrees(east / along_parallel)),
    }


def pulled(channels: Channels, north: np.ndarray, east: np.ndarray) -> Channels:
    """The same flight with the receiver's positions moved by metres; its velocity stays."""
    t, lat = channels["gnss.lat"]
    _, lon = channels["gnss.lon"]
    moved = moved_by({}, t, north, east, float(lat[0]), 0.0)
    return channels | {
        "gnss.lat": (t, lat + moved["gnss.lat"][1] - float(lat[0])),
        "gnss.lon": (t, lon + moved["gnss.lon"][1]),
    }


def without(channels: Channels, *prefixes: str) -> Channels:
    """The same flight, without the channels whose names begin so."""
    return {n: c for n, c in channels.items() if not n.startswith(prefixes)}

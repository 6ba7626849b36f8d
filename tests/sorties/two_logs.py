"""Built flights as two loggers would keep them."""

from dataclasses import dataclass, field

import numpy as np

from flyoff.model.recording import UtcClock
from flyoff.sorties.witness import RATE_HZ, Witness
from flyoff.units import FloatArray, IntArray

PERIOD_US = round(1e6 / RATE_HZ)
LAT, LON = 47.0, 8.0


@dataclass(frozen=True)
class Truth:
    """What really happened: smooth signals on true time, from 0 to `length_s`."""

    seed: int
    length_s: float = 240.0
    north_m: float = 0.0
    is_still: bool = False
    signals: dict[str, FloatArray] = field(default_factory=dict)
    t_s: FloatArray = field(default_factory=lambda: np.zeros(0))


def flown(
    seed: int,
    length_s: float = 240.0,
    *,
    mission: int = 1,
    north_m: float = 0.0,
    is_still: bool = False,
) -> Truth:
    """A flight of a mission (legs and turns by `mission`), in its own gusts (by `seed`)."""
    t = np.arange(0.0, length_s, 0.02)
    plan, air = np.random.default_rng(mission), np.random.default_rng(seed)
    legs = np.cumsum(plan.uniform(8.0, 20.0, 200))
    heading = np.zeros(t.size)
    speed = np.full(t.size, 6.0)
    for corner, turn, pace in zip(
        legs, plan.normal(0, 1.2, 200), plan.uniform(3, 9, 200), strict=True
    ):
        if corner > length_s + 20:
            break
        heading += turn / (1 + np.exp(-np.clip((t - corner) * 2.0, -50, 50)))
        speed += (pace - 6.0) * np.exp(-(((t - corner - 4) / 3.0) ** 2))
    move = 0.0 if is_still else 1.0
    gust = {name: move * _gusts(air, t, size) for name, size in _GUSTS.items()}
    north = np.cumsum(speed * np.cos(heading)) * 0.02 * move + north_m
    east = np.cumsum(speed * np.sin(heading)) * 0.02 * move
    signals = {
        "roll": gust["roll"],
        "pitch": gust["pitch"],
        "yaw": move * heading + gust["yaw"],
        "velocity_north": move * speed * np.cos(heading) + gust["wind"],
        "velocity_east": move * speed * np.sin(heading),
        "velocity_down": gust["down"],
        "lat": LAT + north / 111_195.0,
        "lon": LON + east / 111_195.0 / np.cos(np.radians(LAT)),
    }
    return Truth(seed, length_s, north_m, is_still, signals, t)


_GUSTS = {"roll": 0.08, "pitch": 0.06, "yaw": 0.03, "wind": 0.5, "down": 0.4}


def _gusts(air: np.random.Generator, t: FloatArray, size: float) -> FloatArray:
    """Turbulence with a memory of about half a second."""
    white = air.normal(0.0, 1.0, t.size)
    kernel = np.exp(-np.arange(0, 3, 0.02) / 0.5)
    made = np.convolve(white, kernel)[: t.size]
    return np.asarray(size * made / made.std())


def seen(
    truth: Truth,
    key: str,
    *,
    from_s: float = 0.0,
    to_s: float | None = None,
    clock_s: float = 0.0,
    drift: float = 0.0,
    rate_hz: float = 10.0,
    noise: float = 0.005,
    mounting: float = 0.0,
    utc_s: float | None = 1.7e9,
    utc_error_s: float = 0.2,
    vehicle_id: str = "unknown",
    without: tuple[str, ...] = (),
) -> Witness:
    """The flight as one logger keeps it.

    Parameters
    ----------
    clock_s, drift : float
        The logger's clock shows ``t·(1 + drift) + clock_s`` at true time t.
    rate_hz : float
        How often it samples; the witness is interpolated from that.
    mounting : float [rad]
    utc_s : float or None
        UTC of true time 0; None has no clock.
    """
    rng = np.random.default_rng(hash((truth.seed, key)) % 2**32)
    end = truth.length_s if to_s is None else to_s
    own = np.arange(from_s, end, 1.0 / rate_hz)
    start, stop = (s * (1 + drift) + clock_s for s in (own[0], own[-1]))
    ticks = np.arange(np.ceil(start * RATE_HZ), np.floor(stop * RATE_HZ) + 1).astype(np.int64)
    t_us: IntArray = ticks * PERIOD_US
    back = (t_us / 1e6 - clock_s) / (1 + drift)
    columns = {}
    for name, values in truth.signals.items():
        if name in without:
            continue
        sampled = np.interp(own, truth.t_s, values)
        if name not in ("lat", "lon"):
            sampled = sampled + rng.normal(0, noise * (1 if name in _GUSTS else 10), own.size)
        if name in ("roll", "pitch", "yaw"):
            sampled = sampled + mounting
        columns[name] = np.interp(back, own, sampled)
    utc = None
    if utc_s is not None:
        utc = UtcClock(round((utc_s - clock_s) * 1e6), utc_error_s, "built")
    return Witness(key, vehicle_id, int(start * 1e6), int(stop * 1e6), utc, t_us, columns)

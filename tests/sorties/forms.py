"""Altered forms of a recording that leave its story as it was: what judging must not depend on.

Two sorts. Some change nothing that physics knows of (another place, another clock, another heading,
the mirror image, a higher site): the judgement must be the same, word for word. The others take
evidence away or blur it (slower logging, noise, a sensor less, a logger that writes only while
armed): what then becomes *undetermined* is honest, another outcome is not.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.event import EventKind
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from tests.sorties.in_plane import mirrored, turned
from tests.sorties.rebuilt import Altered, Variant, carried, rebuilt


def as_logged(recording: Recording, plan: Mission | None) -> Altered:
    return recording, plan


#: Where everything is moved to: 0.5 degrees further from the equator, 10 degrees east.
_MOVED_LAT, _MOVED_LON = 0.5, 10.0


def moved(recording: Recording, plan: Mission | None) -> Altered:
    """All positions moved; metres stay metres, since longitudes are stretched with the latitude."""
    lat = recording.get("position.lat") or recording.get("gnss.lat")
    lon = recording.get("position.lon") or recording.get("gnss.lon")
    if lat is None or lon is None:
        return recording, plan
    lat0 = float(np.nanmedian(lat.values))
    lon0 = float(np.nanmedian(lon.values))
    step = float(np.copysign(_MOVED_LAT, lat0))
    stretch = float(np.cos(np.radians(lat0)) / np.cos(np.radians(lat0 + step)))

    def place(latitude: Any, longitude: Any) -> tuple[Any, Any]:
        return latitude + step, lon0 + _MOVED_LON + (longitude - lon0) * stretch

    def change(channel: Channel) -> Channel:
        quantity = channel.name.partition("[")[0].rpartition(".")[2]
        if quantity not in ("lat", "lon", "target_lat", "target_lon"):
            return channel
        here = np.abs(channel.values) > 1e-9  # zero is "no fix", and stays so
        north, east = place(channel.values, channel.values)
        new = np.where(here, north if quantity.endswith("lat") else east, channel.values)
        return Channel(channel.name, channel.t_us, new, channel.source)

    altered = rebuilt(recording, change, mission=carried(recording.mission, place))
    return altered, carried(plan, place)


_LATER_US = 3_600_000_000


def later(recording: Recording, plan: Mission | None) -> Altered:
    """Everything an hour later on the log's own clock."""

    def change(channel: Channel) -> Channel:
        return Channel(channel.name, channel.t_us + _LATER_US, channel.values, channel.source)

    events = tuple(replace(e, t_us=e.t_us + _LATER_US) for e in recording.events)
    gaps = tuple((a + _LATER_US, b + _LATER_US) for a, b in recording.gaps)
    utc = recording.utc
    utc = replace(utc, offset_us=utc.offset_us - _LATER_US) if utc is not None else None
    shifted = rebuilt(
        recording,
        change,
        events=events,
        gaps=gaps,
        utc=utc,
        start_us=recording.start_us + _LATER_US,
        end_us=recording.end_us + _LATER_US,
    )
    return shifted, plan


def halved(recording: Recording, plan: Mission | None) -> Altered:
    """Every second sample of every channel; states that are logged on change stay whole."""

    def change(channel: Channel) -> Channel:
        if channel.t_us.size < 60:
            return channel
        return Channel(channel.name, channel.t_us[::2], channel.values[::2], channel.source)

    return rebuilt(recording, change), plan


#: Wander of a real receiver in the open: 1.5 m each way over half a minute, 0.15 m/s in its speed.
_WANDER_M, _WANDER_S, _SPEED_NOISE_MS = 1.5, 30.0, 0.15
_METRES_PER_DEGREE = 111_320.0


def noisy(recording: Recording, plan: Mission | None) -> Altered:
    """Receiver positions that wander and speeds that jitter, as in the open, not in a simulator."""
    lat = recording.get("gnss.lat")
    lat0 = float(np.nanmedian(lat.values)) if lat is not None else 0.0

    def change(channel: Channel) -> Channel:
        base = channel.name.partition("[")[0]
        if base not in ("gnss.lat", "gnss.lon", "gnss.alt_msl", "gnss.speed"):
            return channel
        rng = np.random.default_rng(sum(channel.name.encode()))
        if base == "gnss.speed":
            added = rng.normal(0.0, _SPEED_NOISE_MS, channel.values.shape)
            values = np.maximum(channel.values + added, 0.0)
        else:
            metres = _wander(channel.t_us / 1e6, rng)
            scale = {
                "gnss.lat": 1.0 / _METRES_PER_DEGREE,
                "gnss.lon": 1.0 / (_METRES_PER_DEGREE * np.cos(np.radians(lat0))),
                "gnss.alt_msl": 1.5,
            }[base]
            values = np.where(np.abs(channel.values) > 1e-9, channel.values + metres * scale, 0.0)
        return Channel(channel.name, channel.t_us, values, channel.source)

    return rebuilt(recording, change), plan


def _wander(t_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A Gauss-Markov walk at the samples' own times."""
    out = np.zeros(t_s.shape)
    steps = rng.normal(0.0, 1.0, t_s.shape)
    for i in range(1, t_s.size):
        keep = float(np.exp(-max(t_s[i] - t_s[i - 1], 0.0) / _WANDER_S))
        out[i] = keep * out[i - 1] + _WANDER_M * np.sqrt(1.0 - keep * keep) * steps[i]
    return out


_IMU = ("accel.", "gyro.", "imu.", "vibration.")


def one_imu(recording: Recording, plan: Mission | None) -> Altered:
    """Only the first inertial sensor: what cannot be compared any more cannot convict."""
    kept = {n: f for n, f in recording.loaders.items() if "[" not in n or not n.startswith(_IMU)}
    smaller = rebuilt(recording, lambda channel: channel)
    smaller.loaders = {n: smaller.loaders[n] for n in kept}
    return smaller, plan


def quartered(recording: Recording, plan: Mission | None) -> Altered:
    """Every fourth sample of every channel that has enough of them."""
    return halved(*halved(recording, plan))


# a higher site -----------------------------------------------------------------------------------

_HIGHER_M = 2500.0


def raised(recording: Recording, plan: Mission | None) -> Altered:
    """The same flight 2,500 m higher: thinner air indicates less airspeed at the same speed."""
    altitude = recording.get("gnss.alt_msl") or recording.get("position.alt_msl")
    here = float(np.nanmedian(altitude.values)) if altitude is not None else 0.0
    thinner = float(np.sqrt(_density(here + _HIGHER_M) / _density(here)))

    def change(channel: Channel) -> Channel:
        base = channel.name.partition("[")[0]
        values = channel.values
        if base.endswith(".alt_msl"):
            values = np.where(np.abs(values) > 1e-9, values + _HIGHER_M, values)
        elif base == "airspeed.indicated":
            values = values * thinner
        return Channel(channel.name, channel.t_us, values, channel.source)

    def lifted(mission: Mission | None) -> Mission | None:
        if mission is None:
            return None
        items = tuple(
            replace(i, alt=i.alt + _HIGHER_M) if i.frame == 0 else i for i in mission.items
        )
        return replace(mission, items=items)

    return rebuilt(recording, change, mission=lifted(recording.mission)), lifted(plan)


def _density(metres: float) -> float:
    """Relative density of the standard atmosphere (ISO 2533)."""
    return float((1.0 - 2.25577e-5 * metres) ** 4.2559)


# less of it --------------------------------------------------------------------------------------

#: Standard deviations of white noise on each sample.
_NOISE = {
    "accel": 0.5,
    "gyro": 0.03,
    "rate": 0.03,
    "baro": 0.2,
    "mag": 0.7,
    "attitude": 0.006,
    "airspeed": 0.4,
}


def rough(recording: Recording, plan: Mission | None) -> Altered:
    """White noise on every sensor and on the attitude, as cheap parts show it."""

    def change(channel: Channel) -> Channel:
        group, _, quantity = channel.name.partition("[")[0].partition(".")
        if group not in _NOISE or quantity in ("is_healthy", "is_used", "temperature", "pressure"):
            return channel
        rng = np.random.default_rng(sum(channel.name.encode()))
        added = rng.normal(0.0, _NOISE[group], channel.values.shape)
        return Channel(channel.name, channel.t_us, channel.values + added, channel.source)

    return rebuilt(recording, change), plan


def while_armed(recording: Recording, plan: Mission | None) -> Altered:
    """A logger that writes from the first arming to the last disarming, and nothing else."""
    armed = recording.get("arm.is_armed")
    if armed is None or not (armed.values > 0.5).any():
        return recording, plan
    on = np.flatnonzero(armed.values > 0.5)
    after = armed.t_us[on[-1] + 1 :]
    start_us = int(armed.t_us[on[0]])
    end_us = int(after[0]) if after.size else recording.end_us
    return _between(recording, start_us, end_us), plan


def _between(recording: Recording, start_us: int, end_us: int) -> Recording:
    state = (EventKind.MODE, EventKind.PARAMETER)

    def change(channel: Channel) -> Channel:
        return channel.between(start_us, end_us)

    earlier = [e for e in recording.events if e.t_us < start_us and e.kind in state]
    # a logger writes the states in force when it starts
    now = [replace(e, t_us=start_us) for e in earlier if e.kind is EventKind.MODE][-1:]
    events = [*now, *(e for e in recording.events if start_us <= e.t_us <= end_us)]
    return rebuilt(recording, change, events=tuple(events), start_us=start_us, end_us=end_us)


def without(*groups: str) -> Variant:
    """The form in which some channels were never logged."""

    def form(recording: Recording, plan: Mission | None) -> Altered:
        smaller = rebuilt(recording, lambda channel: channel)
        smaller.loaders = {n: f for n, f in smaller.loaders.items() if not n.startswith(groups)}
        return smaller, plan

    return form


#: Forms after which the judgement must be the same, word for word.
SAME: dict[str, Variant] = {
    "as logged": as_logged,
    "positions moved": moved,
    "times shifted": later,
    "turned by 137°": turned,
    "left and right swapped": mirrored,
    "2,500 m higher": raised,
}
#: Forms that take evidence away, or blur it.
LESS: dict[str, Variant] = {
    "half the log rates": halved,
    "a quarter of the log rates": quartered,
    "receiver noise added": noisy,
    "sensor noise added": rough,
    "one inertial sensor only": one_imu,
    "logged while armed only": while_armed,
}
#: Channels that a log may lack, by what is missing.
LACKING: dict[str, tuple[str, ...]] = {
    "attitude": ("attitude.",),
    "attitude demand": ("attitude_demand.",),
    "fused velocity": ("velocity.",),
    "fused position": ("position.",),
    "satellite navigation": ("gnss.",),
    "receiver's fix": ("gnss.fix",),
    "receiver's velocity": ("gnss.speed", "gnss.course", "gnss.velocity_down"),
    "accelerometers": ("accel.",),
    "barometer": ("baro.",),
    "compass": ("mag.",),
    "motor commands": ("motor.",),
    "thrust demand": ("throttle.",),
    "battery": ("battery.",),
    "estimator's figures": ("estimator.",),
    "landed flag": ("land.",),
    "surfaces and steering": ("surface.", "steering."),
    "airspeed": ("airspeed.",),
}
VARIANTS: dict[str, Variant] = SAME | LESS
VARIANTS |= {f"no {name}": without(*groups) for name, groups in LACKING.items()}

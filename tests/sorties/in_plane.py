"""A flight turned around its launch point, or seen in a mirror: nothing that judging may notice."""

from collections.abc import Callable
from typing import Any

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.units import FloatArray
from tests.sorties.rebuilt import Altered, carried, rebuilt

#: Pairs of (north, east) components.
_PAIRS = (
    ("velocity.north", "velocity.east"),
    ("position.north", "position.east"),
    ("wind.north", "wind.east"),
    ("nav.target_north", "nav.target_east"),
    ("nav.target_velocity_north", "nav.target_velocity_east"),
    ("estimator.innovation_velocity_north", "estimator.innovation_velocity_east"),
    ("estimator.innovation_position_north", "estimator.innovation_position_east"),
    ("estimator.offset_north", "estimator.offset_east"),
)
_PLACES = ("position", "gnss", "home")
_HEADINGS = ("attitude.yaw", "attitude_demand.yaw", "gnss.course")
#: What changes its sign in a mirror that swaps left and right.
_SIDED = (
    "attitude.roll attitude_demand.roll rate.roll rate.yaw rate_demand.roll rate_demand.yaw "
    "control.roll control.yaw accel.y gyro.x gyro.z mag.y surface.aileron surface.rudder "
    "steering.demand steering.turn_rate steering.turn_rate_demand nav.crosstrack"
).split()


def turned(recording: Recording, plan: Mission | None) -> Altered:
    """Everything turned by 137 degrees around the launch point."""
    return _in_plane(recording, plan, 137.0, is_mirrored=False)


def mirrored(recording: Recording, plan: Mission | None) -> Altered:
    """Left and right swapped, in the world and in the vehicle."""
    return _in_plane(recording, plan, 0.0, is_mirrored=True)


def _in_plane(
    recording: Recording, plan: Mission | None, degrees: float, *, is_mirrored: bool
) -> Altered:
    angle = float(np.radians(degrees))
    cos, sin = np.cos(angle), np.sin(angle)
    side = -1.0 if is_mirrored else 1.0
    lat0, lon0 = _origin(recording)
    shrink = float(np.cos(np.radians(lat0)))

    def vector(north: Any, east: Any) -> tuple[Any, Any]:
        east = east * side
        return north * cos - east * sin, north * sin + east * cos

    def place(lat: Any, lon: Any) -> tuple[Any, Any]:
        north, east = vector(lat - lat0, (lon - lon0) * shrink)
        return lat0 + north, lon0 + east / shrink

    def change(channel: Channel) -> Channel:
        base, _, instance = channel.name.partition("[")
        suffix = f"[{instance}" if instance else ""
        values = channel.values
        if base in _HEADINGS:
            values = (values * side + angle + np.pi) % (2 * np.pi) - np.pi
        elif base in _SIDED:
            values = values * side
        else:
            values = _of_pair(recording, channel, base, suffix, vector, place)
        return Channel(channel.name, channel.t_us, values, channel.source)

    altered = rebuilt(recording, change, mission=carried(recording.mission, place))
    return altered, carried(plan, place)


def _of_pair(
    recording: Recording,
    channel: Channel,
    base: str,
    suffix: str,
    vector: Callable[[Any, Any], tuple[Any, Any]],
    place: Callable[[Any, Any], tuple[Any, Any]],
) -> FloatArray:
    """One component of a pair, from both; anything else as it is."""
    pairs = [(n, e, vector) for n, e in _PAIRS]
    pairs += [(f"{g}.lat", f"{g}.lon", place) for g in _PLACES]
    pairs.append(("nav.target_lat", "nav.target_lon", place))
    for north, east, turn in pairs:
        if base not in (north, east):
            continue
        other = recording.get((east if base == north else north) + suffix)
        if other is None:
            return channel.values
        with_it = other.values if other.t_us is channel.t_us else other.at(channel.t_us)
        both = (channel.values, with_it) if base == north else (with_it, channel.values)
        new = np.asarray(turn(*both)[0 if base == north else 1])
        here = (np.abs(channel.values) > 1e-9) | (turn is vector)  # zero is "no fix", and stays so
        return np.where(here, new, channel.values)
    return channel.values


def _origin(recording: Recording) -> tuple[float, float]:
    for group in ("gnss", "position"):
        lat, lon = recording.get(f"{group}.lat"), recording.get(f"{group}.lon")
        if lat is None or lon is None:
            continue
        good = np.abs(np.nan_to_num(lat.values)) > 1e-9
        if good.any():
            return float(lat.values[good][0]), float(lon.at(lat.t_us[good][:1])[0])
    return 0.0, 0.0

"""One release: logs that are redacted together, with the sites, turns and dates that they share."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from flyoff.exchange.redaction.moves import (
    NEUTRAL,
    NEUTRAL_UNIX_US,
    SEA_LEVEL_PA,
    EarthField,
    Move,
    from_euler,
    rotate,
)
from flyoff.exchange.redaction.policy import Policy
from flyoff.exchange.redaction.rules import Rules, Secret
from flyoff.exchange.redaction.treat import Attitude
from flyoff.exchange.relocate import Relocation
from flyoff.model.frames import distance_m
from flyoff.model.recording import Recording
from flyoff.units import FloatArray, IntArray, Metres

#: Launches within this distance are of one site, and keep their places to each other.
SITE_M: Final = 50_000.0
#: Sites of one release stand so far apart in the redacted world [deg]; nobody flies that far.
_APART_DEG: Final = 2.0
_ONE_DAY_US: Final = 86_400_000_000
#: A date so far from the first one of a log is not of its flight [µs]; a chip may hold a year.
_BEFORE_US: Final = 2 * _ONE_DAY_US
_AFTER_US: Final = 400 * _ONE_DAY_US
#: The year 2012: no autopilot whose logs are read here is older [µs since 1970].
_FIRST_LOGS_US: Final = 1_325_376_000_000_000
_FIXES: Final = 20
#: So many recordings after the first with a place are asked for what that one did not tell.
_MOST_ASKED: Final = 4
#: A median needs no more samples of a compass.
_MOST_SAMPLES: Final = 4000
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Launch:
    """Where and when a log begins, as far as it tells.

    Attributes
    ----------
    place : (lat, lon) [deg] or None
    height_m : float [m above the sea]; NaN where not logged
    unix_us : int; 0 where no UTC is known
    pressure_pa : float; NaN where not logged
    field : float64, shape (3,) or None
        Median of the earth's field, north-east-down [µT].
    """

    place: Place | None
    height_m: Metres
    unix_us: int
    pressure_pa: float
    field: FloatArray | None


@dataclass(slots=True)
class Release:
    """What the logs of one release share; made anew for each, never used for another.

    Attributes
    ----------
    policy : Policy
    secret : Secret
    salt : str
        Names the release: the same secret gives other turns and dates to another one, while
        pseudonyms stay.
    sites : list of (lat, lon)
        First launch of each site met, in order.
    """

    policy: Policy
    secret: Secret
    salt: str
    sites: list[Place] = field(default_factory=list)
    _moved: dict[str, Move] = field(default_factory=dict)

    def move(self, launch: Launch, flight: str) -> Move:
        """The motion of one log.

        Parameters
        ----------
        launch : Launch
        flight : str
            What the logs of one flight have in common: they and their plan move together.
        """
        known = self._moved.get(flight)
        own = self._own_move(launch, flight)
        if known is None:
            if launch.place is not None:
                self._moved[flight] = own
            return own
        shift = known.shift_us or own.shift_us
        return replace(own, relocation=known.relocation, height_m=known.height_m, shift_us=shift)

    def _own_move(self, launch: Launch, flight: str) -> Move:
        origin = launch.place or NEUTRAL
        site = self._site(origin)
        of_log = self.policy.turn == "log"
        turn = 2 * math.pi * self.secret.fraction("turn", self.salt, flight if of_log else site)
        number = int(site)
        target = (NEUTRAL[0] + _APART_DEG * (number % 10), NEUTRAL[1] + _APART_DEG * (number // 10))
        start = origin if of_log else self.sites[number]
        relocation = Relocation((*start, 0.0), (*target, 0.0), turn)
        pressure = (
            SEA_LEVEL_PA / launch.pressure_pa if self.policy.pressure == "scale" else math.nan
        )
        field = None
        if launch.field is not None and self.policy.magnetic == "neutral":
            field = EarthField.of(launch.field)
        height = launch.height_m if math.isfinite(launch.height_m) else 0.0
        shift, flown = self._shift_us(launch, flight), (0, 0)
        if launch.unix_us and self.policy.time != "keep":
            flown = launch.unix_us - _BEFORE_US, launch.unix_us + _AFTER_US
        return Move(relocation, height, shift, pressure, field, flown)

    def rules(self, vehicle_id: str) -> Rules:
        """The policy, and what the vehicle is called."""
        if self.policy.identity == "drop" or vehicle_id in ("", "unknown"):
            return Rules(self.policy)
        if self.policy.identity == "keep":
            return Rules(self.policy, vehicle_id.partition(":")[2].partition("-")[0])
        return Rules(self.policy, self.secret.pseudonym(vehicle_id))

    def _site(self, place: Place) -> str:
        for number, known in enumerate(self.sites):
            if distance_m(place, known) <= SITE_M:
                return str(number)
        self.sites.append(place)
        return str(len(self.sites) - 1)

    def _shift_us(self, launch: Launch, flight: str) -> int:
        if self.policy.time == "keep":
            return 0
        of_log = self.policy.time == "relative"
        # a clock that was never set begins with a date that everybody knows: shifted like the
        # others of a release, it would tell by how much they all are
        if launch.unix_us and (of_log or launch.unix_us < _FIRST_LOGS_US):
            return NEUTRAL_UNIX_US - launch.unix_us
        # by 10 to 20 years and any time of day, ahead: a date before there were such logs would be
        # taken for none. So moves a whole release, or a log that may hold dates which nobody reads
        days = 3650 + 3650 * self.secret.fraction("shift", self.salt, *((flight,) * of_log))
        return int(days * _ONE_DAY_US)


def launch_of(recordings: Iterable[Recording]) -> Launch:
    """Read where and when a log begins from its first recording that tells."""
    place, height, unix = None, math.nan, 0
    pressure, earth = math.nan, None
    placed = 0
    for one in recordings:
        # the others need not even be made: what none of some told, the vehicle does not carry
        whole = unix and math.isfinite(pressure) and earth is not None
        if place is not None and (whole or placed >= _MOST_ASKED):
            break
        placed += place is not None
        if place is None:
            place, height = _place(one)
        if not unix and one.utc is not None:
            unix = one.utc.offset_us + one.start_us
        if not math.isfinite(pressure):
            pressure = _first(one, "baro.pressure")
        if earth is None:
            earth = earth_field(one)
    return Launch(place, height, unix, pressure, earth)


def _place(one: Recording) -> tuple[Place | None, Metres]:
    for group in ("gnss", "position"):
        lat, lon, alt = (one.get(f"{group}.{name}") for name in ("lat", "lon", "alt_msl"))
        if lat is None or lon is None:
            continue
        good = np.isfinite(lat.values) & np.isfinite(lon.values)
        if not good.any():
            continue
        first = np.flatnonzero(good)[:_FIXES]
        height = np.nan
        if alt is not None and np.isfinite(alt.values).any():
            height = float(np.median(alt.values[np.isfinite(alt.values)][:_FIXES]))
        return (float(np.median(lat.values[first])), float(np.median(lon.values[first]))), height
    return None, math.nan


def _first(one: Recording, name: str) -> float:
    channel = one.get(name)
    if channel is None:
        return math.nan
    good = channel.values[np.isfinite(channel.values) & (channel.values > 0)]
    return float(np.median(good[:_FIXES])) if good.size else math.nan


def attitude_of(one: Recording, t_us: IntArray | None = None) -> Attitude | None:
    """How the vehicle stood, from the channels, at all or some instants; None where not logged."""
    roll, pitch, yaw = (one.get(f"attitude.{axis}") for axis in ("roll", "pitch", "yaw"))
    if roll is None or pitch is None or yaw is None:
        return None
    good = np.isfinite(roll.values) & np.isfinite(pitch.values) & np.isfinite(yaw.values)
    if t_us is not None:  # those on both sides of the instants asked for are enough
        behind = np.searchsorted(roll.t_us, t_us)
        near = np.zeros_like(good)
        near[np.clip(np.concatenate([behind - 1, behind]), 0, good.size - 1)] = True
        good &= near
    angles = [angle.values[good] for angle in (roll, pitch, yaw)]
    return Attitude(roll.t_us[good].astype(np.float64), from_euler(*angles))


def earth_field(one: Recording) -> FloatArray | None:
    """Median field in earth axes [µT]; None without a compass or an attitude."""
    channels = [channel for axis in "xyz" if (channel := one.get(f"mag.{axis}")) is not None]
    if len(channels) != 3 or len({axis.values.size for axis in channels}) != 1:
        return None
    step = max(1, channels[0].values.size // _MOST_SAMPLES)
    t_us = channels[0].t_us[::step]
    attitude = attitude_of(one, t_us)
    if attitude is None or not attitude.t_us.size:
        return None
    at = attitude.at(t_us.astype(np.float64))
    earth = rotate(at, [axis.values[::step] for axis in channels])
    found = np.array([np.nanmedian(part) if np.isfinite(part).any() else np.nan for part in earth])
    return found if np.isfinite(found).all() else None

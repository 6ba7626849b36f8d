"""One sortie's stretch of a recording, with the derived signals that every judge of it shares.

Detectors, outcome and measures look at the same few quantities (height above the launch point,
speed, tilt, track); they are computed once here, from the best source that the recording carries.
"""

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.contact import Contact, contacts
from flyoff.model.event import Event, EventKind
from flyoff.model.excerpt import Excerpt
from flyoff.model.frames import lean_between, tilt
from flyoff.model.ground import begun_aloft, ground_level
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording, Vehicle
from flyoff.model.span import spans
from flyoff.model.track import Track, track_of_metres, track_of_places
from flyoff.units import FloatArray, IntArray

#: Vehicles that leave the ground; the others are under way when they move.
FLYING = frozenset({"multirotor", "helicopter", "fixed_wing", "vtol", "airship", "unknown"})
#: Where no vertical speed is logged, it is the change of height over this time [µs]: of a height
#: that an estimator has smoothed, and of a barometer's or a receiver's.
FUSED_CLIMB_US, CLIMB_WINDOW_US = 300_000, 1_000_000
FUSED_HEIGHTS = ("position.down", "position.height", "position.alt_msl")
#: Decoded channels of one recording may stay in memory up to this much [byte].
KEPT_BYTES = 24 << 20


T = TypeVar("T")


class Flight:
    """One attempt to fly, from arming (or the first try to arm) to the end.

    Parameters
    ----------
    recording : Recording
    start_us, end_us : int [µs on the log's own clock]
        Arming (or the first refused arming), and disarming or the end of the log.
    plan : Mission or None
        What was planned, from beside the log; not what the vehicle carried.
    is_armed : bool
        False where arming was refused and never succeeded.
    starts_armed, ends_armed : bool
        The log begins, or ends, inside the armed span.
    under_way : tuple of (start_us, end_us)
        Spans off the ground (flying vehicles) or moving (the others), ordered.
    """

    def __init__(
        self,
        recording: Recording,
        start_us: int,
        end_us: int,
        plan: Mission | None = None,
        *,
        is_armed: bool = True,
        starts_armed: bool = False,
        ends_armed: bool = False,
        under_way: tuple[tuple[int, int], ...] = (),
        margin_us: int = 5_000_000,
    ) -> None:
        self.recording = recording
        self.start_us = start_us
        self.end_us = end_us
        self.plan = plan
        self.is_armed = is_armed
        self.starts_armed = starts_armed
        self.ends_armed = ends_armed
        self.under_way = under_way
        #: The log goes on for a little after disarming; what it shows there still belongs to it.
        self.margin_us = margin_us
        self._part = Excerpt(recording, start_us - margin_us, end_us + margin_us)
        self._made: dict[Any, Any] = {}

    # what the vehicle is ------------------------------------------------------------------------

    @property
    def vehicle(self) -> Vehicle:
        """What flew."""
        return self.recording.vehicle

    @property
    def flies(self) -> bool:
        """Whether the vehicle leaves the ground to be under way."""
        return self.vehicle.kind in FLYING

    @property
    def has_lift_motors(self) -> bool:
        """Whether motors alone can carry the vehicle."""
        return self.vehicle.kind in ("multirotor", "helicopter", "vtol", "unknown")

    @property
    def has_wings(self) -> bool:
        """Whether wings can carry the vehicle."""
        return self.vehicle.kind in ("fixed_wing", "vtol")

    @property
    def on_surface(self) -> bool:
        """Whether the vehicle moves on land or water."""
        return self.vehicle.kind in ("rover", "boat")

    # when ---------------------------------------------------------------------------------------

    @property
    def takeoff_us(self) -> int | None:
        """First instant under way, or None."""
        return self.under_way[0][0] if self.under_way else None

    @property
    def landing_us(self) -> int | None:
        """Last instant under way, or None if never under way."""
        return self.under_way[-1][1] if self.under_way else None

    @property
    def under_way_s(self) -> float:
        """Time under way [s]."""
        return sum(b - a for a, b in self.under_way) / 1e6

    def is_under_way(self, t_us: int) -> bool:
        """Whether an instant lies inside a span under way, its ends included."""
        return any(a <= t_us <= b for a, b in self.under_way)

    def mask_under_way(self, t_us: IntArray, *, shrink_s: float = 0.0) -> np.ndarray:
        """Which instants lie inside a span under way, shrunk at both ends; bool shape (n,)."""
        mask = np.zeros(t_us.shape, dtype=bool)
        shrink_us = int(shrink_s * 1e6)
        for a, b in self.under_way:
            mask |= (t_us >= a + shrink_us) & (t_us <= b - shrink_us)
        return mask

    # channels -----------------------------------------------------------------------------------

    def get(self, name: str) -> Channel | None:
        """A channel over the sortie and its margins, or None if it has no sample there."""
        return self._part.get(name)

    def trim(self) -> None:
        """Give back the memory of large channels; a detector that needs one decodes it again."""
        self.recording.trim(KEPT_BYTES)
        self._part.forget_dropped()

    def instances(self, name: str) -> dict[int, Channel]:
        """All instances of a quantity over the sortie and its margins, ``{number: channel}``."""
        return self._part.instances(name)

    def has(self, *names: str) -> bool:
        """Whether all these channels have samples in the sortie."""
        return all(self.get(n) is not None for n in names)

    def events(self, *kinds: EventKind) -> list[Event]:
        """Events within the sortie and its margins, of the given kinds (all if none given)."""
        return list(self._part.events(kinds))

    def param(self, name: str, default: float) -> float:
        """A parameter's value at the start of the log."""
        return float(self.recording.params.get(name, default))

    def once(self, make: Callable[..., T], *of: object) -> T:
        """``make(flight, *of)``, computed at the first call and kept: what several judges share."""
        key = (make, *(id(one) for one in of))
        if key not in self._made:
            self._made[key] = make(self, *of), of  # what is kept cannot lose its id to another
        return cast(T, self._made[key][0])

    # derived signals ----------------------------------------------------------------------------

    @cached_property
    def height(self) -> Channel | None:
        """Height above the launch point [m]: fused if there is any, else barometric, else GNSS."""
        for name, sign in (
            ("position.down", -1.0),
            ("position.height", 1.0),
            ("position.alt_msl", 1.0),
            ("baro.height", 1.0),
            ("gnss.alt_msl", 1.0),
        ):
            raw = self.get(name)
            if raw is not None and np.isfinite(raw.values).sum() > 2:
                values = sign * raw.values
                ground = self._on_ground(raw.t_us, values)
                return Channel("height", raw.t_us, values - ground, raw.source)
        return None

    @cached_property
    def has_fused_height(self) -> bool:
        """Whether an estimator stands behind the height, so that its changes can be believed."""
        found = [self.get(name) for name in FUSED_HEIGHTS]
        return any(raw is not None and np.isfinite(raw.values).sum() > 2 for raw in found)

    @cached_property
    def baro_height(self) -> Channel | None:
        """Barometric height above the launch point [m]."""
        raw = self.get("baro.height")
        if raw is None:
            return None
        return Channel(
            "baro.height", raw.t_us, raw.values - self._on_ground(raw.t_us, raw.values), raw.source
        )

    def _on_ground(self, t_us: IntArray, values: FloatArray) -> float:
        begun = begun_aloft(self.get("position.height"), self.get("land.is_landed"), self.start_us)
        return ground_level(
            t_us, values, self.start_us, self.end_us, begun if self.starts_armed else None
        )

    @cached_property
    def velocity(self) -> tuple[IntArray, FloatArray, FloatArray, FloatArray] | None:
        """Fused velocity, (t_us, north, east, down) [m/s]."""
        north, east = self.get("velocity.north"), self.get("velocity.east")
        down = self.get("velocity.down")
        if north is None or east is None:
            return None
        t = north.t_us
        return (
            t,
            north.values,
            east.on(t),
            down.on(t) if down is not None else np.full(t.shape, np.nan),
        )

    @cached_property
    def speed(self) -> Channel | None:
        """Horizontal speed over ground [m/s]: fused, else the receiver's."""
        if self.velocity is not None:
            t, north, east, _ = self.velocity
            return Channel("speed", t, np.hypot(north, east), "velocity")
        return self.get("gnss.speed")

    @cached_property
    def climb(self) -> Channel | None:
        """Vertical speed, up positive [m/s]: fused, else by differences of the height."""
        down = self.get("velocity.down")
        if down is not None:
            return Channel("climb", down.t_us, -down.values, down.source)
        h = self.height
        if h is None or len(h) < 3:
            return None
        # over a second: a barometer's noise, differentiated, would fall and rise by metres a second
        half = (FUSED_CLIMB_US if self.has_fused_height else CLIMB_WINDOW_US) // 2
        a = np.maximum(h.t_us - half, h.t_us[0])
        b = np.minimum(h.t_us + half, h.t_us[-1])
        rate = (h.interpolated(b) - h.interpolated(a)) / np.maximum((b - a) / 1e6, 1e-3)
        return Channel("climb", h.t_us, rate, h.source)

    @cached_property
    def tilt(self) -> Channel | None:
        """Angle between the body's down axis and the world's [rad]."""
        roll, pitch = self.get("attitude.roll"), self.get("attitude.pitch")
        if roll is None or pitch is None:
            return None
        return Channel("tilt", roll.t_us, tilt(roll.values, pitch.on(roll.t_us)), "attitude")

    @cached_property
    def lean_error(self) -> Channel | None:
        """Angle between the demanded and the obtained down axis [rad]; heading left out."""
        names = ("attitude.roll", "attitude.pitch", "attitude_demand.roll", "attitude_demand.pitch")
        found = [self.get(n) for n in names]
        roll, pitch, roll_d, pitch_d = found
        if roll is None or pitch is None or roll_d is None or pitch_d is None:
            return None
        t = roll.t_us
        error = lean_between(roll.values, pitch.on(t), roll_d.on(t), pitch_d.on(t))
        return Channel("attitude.error", t, np.nan_to_num(error), "attitude")

    @cached_property
    def launch(self) -> tuple[float, float] | None:
        """Where the sortie started, (lat, lon) [deg]: fused position at arming, else GNSS."""
        for group in ("position", "gnss"):
            lat, lon = self.get(f"{group}.lat"), self.get(f"{group}.lon")
            if lat is None or lon is None:
                continue
            good = np.isfinite(lat.values) & (np.abs(lat.values) > 1e-9)
            if good.any():
                after = np.flatnonzero(good & (lat.t_us >= self.start_us))
                i = int(after[0]) if after.size else int(np.flatnonzero(good)[-1])
                return float(lat.values[i]), float(lon.at(lat.t_us[i : i + 1])[0])
        return None

    def track(self, group: str = "position") -> Track | None:
        """Horizontal track around the launch point, (t_us, north, east) [m].

        Parameters
        ----------
        group : str
            ``position`` (what the estimator believed) or ``gnss`` (what the receiver said).
        """
        if group not in self._tracks:
            self._tracks[group] = self._track(group)
        return self._tracks[group]

    @cached_property
    def _tracks(self) -> dict[str, Track | None]:
        return {}

    def _track(self, group: str) -> Track | None:
        lat, lon = self.get(f"{group}.lat"), self.get(f"{group}.lon")
        origin = self.launch
        if lat is None or lon is None or origin is None:
            return self._local_track() if group == "position" else None
        return track_of_places(lat, lon, origin)

    def _local_track(self) -> Track | None:
        north, east = self.get("position.north"), self.get("position.east")
        return None if north is None or east is None else track_of_metres(north, east)

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """Contacts with the ground from take-off on, by time; empty without a climb rate."""
        if self.climb is None or self.takeoff_us is None:
            return ()
        touchdown = None if self.ends_under_way else self.landing_us
        return contacts(
            self.climb,
            self.height,
            self.trusted_speed,
            self.tilt,
            self.takeoff_us,
            self.end_us,
            touchdown,
            ends_aloft=self.ends_under_way,
        )

    @cached_property
    def trusted_speed(self) -> Channel | None:
        """Horizontal speed, NaN where the estimator itself rejects what it should follow."""
        speed = self.speed
        if speed is None:
            return None
        values = speed.values.copy()
        for name, limit in (
            ("estimator.ratio_velocity", 1.0),
            ("estimator.ratio_position", 1.0),
            ("estimator.is_dead_reckoning", 0.5),
            ("estimator.position_lost", 0.5),
        ):
            doubt = self.get(name)
            if doubt is None:
                continue
            for span in spans(doubt.t_us, doubt.values > limit):
                # a velocity once led astray needs a while to come back
                a = np.searchsorted(speed.t_us, span.start_us - 500_000)
                b = np.searchsorted(speed.t_us, span.end_us + 10_000_000)
                values[a:b] = np.nan
        return Channel(speed.name, speed.t_us, values, speed.source)

    @property
    def ends_under_way(self) -> bool:
        """Whether the log or the armed span ends while the vehicle is under way."""
        return self.landing_us is not None and self.end_us - self.landing_us < 300_000

    @cached_property
    def specific_force(self) -> Channel | None:
        """Magnitude of the accelerometer's vector [m/s²], first IMU."""
        x, y, z = self.get("accel.x"), self.get("accel.y"), self.get("accel.z")
        if x is None or y is None or z is None:
            return None
        magnitude = np.sqrt(x.values**2 + y.on(x.t_us) ** 2 + z.on(x.t_us) ** 2)
        return Channel("accel.magnitude", x.t_us, magnitude, x.source.rpartition(".")[0])

    def mode_at(self, t_us: int) -> str:
        """Name of the mode in force, capitals; empty if the log has not said."""
        times, changes = self.recording.timeline(EventKind.MODE)
        after = bisect_right(times, t_us)
        return changes[after - 1].text if after else ""

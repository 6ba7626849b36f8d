"""What redaction does to numbers: one rigid motion of the whole flight, and one shift of its clock.

Everything that has a direction or a place turns and moves together, so that distances, speeds and
angles between quantities stay what they were and the flight is judged the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.exchange.redaction.reach import ISLAND_M, METRES_PER_DEGREE, Reach
from flyoff.exchange.relocate import Relocation
from flyoff.model.frames import from_enu, to_enu
from flyoff.units import BoolArray, FloatArray, Metres, Ratio

#: Where every redacted flight takes place: open sea, on no border and in no country.
NEUTRAL: Final = (10.0, -30.0)
#: When it begins: 2020-01-01 00:00:00 UTC, after the last leap second.
NEUTRAL_UNIX_US: Final = 1_577_836_800_000_000
SEA_LEVEL_PA: Final = 101_325.0
#: Field of the neutral place, north-east-down [µT]: of common strength, without declination.
NEUTRAL_FIELD: Final = (25.0, 0.0, 40.0)
#: Nearer to the sea than this [m], a height is what stands there before one is known; nearer than a
#: third of the launch's, where that is less.
_NEAR_SEA_M: Final = 25.0
#: Places of no way are put so far south of the flight, of one another, too [deg].
_FAR_DEG: Final = 0.5
#: Nearer to 0°, 0° than this is a filter without a position [deg].
_UNSET_DEG: Final = 0.01
#: So many zeros in a row are no direction.
_ZEROS: Final = 3
_GPS_EPOCH_US: Final = 315_964_800 * 1_000_000
#: Standard atmosphere: lapse of the temperature by that at sea level [1/m], exponent of density.
_LAPSE_BY_T0: Final = 0.0065 / 288.15
_DENSITY: Final = 4.2559
_TROPOPAUSE_M: Final = 11_000.0
_MS_PER_WEEK: Final = 604_800_000
#: Receivers write the first week of their epoch, or 0, before they know the time.
_LEAST_WEEK: Final = 1000
#: A time stamp above this counts from 1970, one below from boot [µs]: thirty years.
UNIX_FROM_US: Final = 30 * 365 * 86_400 * 1_000_000
#: The year 2100; later than that no reader takes for a date [µs].
LATEST_UNIX_US: Final = 4_102_444_800 * 1_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """The motion of one log.

    Attributes
    ----------
    relocation : Relocation
        From the launch to the neutral place, turned.
    height_m : float
        Height above sea level that becomes 0.
    shift_us : int [µs]
        Added to every UTC; 0 where the date is kept.
    pressure : float
        Factor that puts the launch at sea level; NaN where its pressure is not known.
    field : EarthField or None
        Of the launch; None where it is not known.
    flown_us : (int, int) [µs since 1970]
        Dates that the flight can have; (0, 0) where its date is not known.
    reach : Reach or None
        Which places of the log are of this flight; None to take all for such.
    """

    relocation: Relocation
    height_m: Metres
    shift_us: int
    pressure: Ratio = math.nan
    field: "EarthField | None" = None
    flown_us: tuple[int, int] = (0, 0)
    reach: Reach | None = None

    @property
    def thin_air(self) -> Ratio:
        """True airspeed by indicated airspeed at the launch, in the standard atmosphere.

        A flight moved to sea level keeps its true speeds, so what its pitot tube feels has to
        grow: else both together would tell the height of the site.
        """
        density = (1.0 - _LAPSE_BY_T0 * min(max(self.height_m, 0.0), _TROPOPAUSE_M)) ** _DENSITY
        return float(1.0 / math.sqrt(density))

    @property
    def turn(self) -> float:
        """Counter-clockwise seen from above [rad]."""
        return self.relocation.turn

    def place(self, lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Move places [deg]; what says that there is no fix (0°, 0°, NaN, no place on earth) is 0.

        A place to which no way leads from the launch is known to others, or may be: where a jammer
        makes receivers believe to be, the first value of a filter, a default. Moved with the
        flight, it would tell how far the launch is from there; so it goes somewhere of its own.
        """
        here = self.is_here(lat, lon)
        inside = np.where(here, lat, self.relocation.origin[0])
        along = np.where(here, lon, self.relocation.origin[1])
        moved_lat, moved_lon = self._moved(inside, along)
        away_lat, away_lon = self._away(lat, lon, here)
        return np.where(here, moved_lat, away_lat), np.where(here, moved_lon, away_lon)

    def is_here(self, lat: FloatArray, lon: FloatArray) -> BoolArray:
        """Whether each is a place of this flight; bool shape (n,)."""
        with np.errstate(invalid="ignore"):
            there = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0) & ~_is_unset(lat, lon)
            start = self.relocation.origin
            # a first look in degrees spares nearly every flight the second one
            north = np.abs(lat - start[0]) * METRES_PER_DEGREE
            east = np.abs(lon - start[1]) * METRES_PER_DEGREE
        if self.reach is None or not (there & (np.maximum(north, east) > ISLAND_M)).any():
            return there
        return there & self.reach.holds(lat, lon)

    def _away(
        self, lat: FloatArray, lon: FloatArray, here: BoolArray
    ) -> tuple[FloatArray, FloatArray]:
        """Where places of no way are put: round their own first one, far from the flight."""
        out = np.zeros_like(lat), np.zeros_like(lon)
        if self.reach is None or here.all():
            return out
        with np.errstate(invalid="ignore"):
            left = ~here & (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0) & ~_is_unset(lat, lon)
        if not left.any():
            return out
        anchor_lat, anchor_lon, number = self.reach.anchors(lat[left], lon[left])
        for k in np.unique(number[number >= 0]).tolist():
            of = number == k
            start = (float(anchor_lat[of][0]), float(anchor_lon[of][0]), 0.0)
            far = (self.relocation.target[0] - _FAR_DEG * (k + 1), self.relocation.target[1], 0.0)
            rows = np.flatnonzero(left)[of]
            own = Relocation(start, far, self.turn)
            out[0][rows], out[1][rows], _ = own.move(lat[rows], lon[rows], np.zeros(rows.size))
        return out

    def _moved(self, lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Move along the surface: the up of a distant place must not bend its distance."""
        level = np.zeros_like(lat)
        east, north, up = to_enu(lat, lon, level, self.relocation.origin)
        east, north = self.relocation.turned(east, north)
        new_lat, new_lon, _ = from_enu(east, north, up, self.relocation.target)
        return new_lat, new_lon

    def height(self, above_sea: FloatArray) -> FloatArray:
        """Height relative to the launch [m]; 0, which stands for none, stays.

        So does what a filter or a barometer says near 0 before it knows where it is: below the
        launch by its whole height, such a value would tell that.
        """
        relative = above_sea - self.height_m
        near_m = min(_NEAR_SEA_M, abs(self.height_m) / 3.0)
        is_none = above_sea == 0.0
        with np.errstate(invalid="ignore"):
            near_sea = np.abs(above_sea) <= near_m
        if near_sea.any() and not self._sinks_there(relative, near_sea, near_m):
            is_none = near_sea
        return np.where(is_none, 0.0, relative)

    def _sinks_there(self, relative: FloatArray, near_sea: BoolArray, near_m: Metres) -> bool:
        """Whether a flight goes down to the sea: heights between it and the launch are flown."""
        low, high = sorted((0.0, -self.height_m))
        if high - low <= near_m or near_m <= 0.0:
            return True
        with np.errstate(invalid="ignore"):
            between = relative[~near_sea & (relative > low) & (relative < high)]
        steps = np.unique(np.floor((between - low) / near_m))
        return bool(steps.size >= 0.9 * ((high - low) / near_m - 1.0))

    def heading(self, degrees: FloatArray) -> FloatArray:
        """Direction from north [deg], in the range that it was given in.

        Zeros that stand in a row, or first or last, say that none is known, and stay: turned, a
        value that everybody knows would tell the turn.
        """
        turned = degrees - math.degrees(self.turn)
        low = -180.0 if np.nanmin(degrees, initial=0.0) < 0.0 else 0.0
        return np.where(in_rows(degrees == 0.0), 0.0, (turned - low) % 360.0 + low)

    def bearing(self, degrees: FloatArray) -> FloatArray:
        """Direction of something that need not be there, or known [deg]: any 0 stays."""
        return np.where(degrees == 0.0, 0.0, self.heading(degrees))

    def vector(self, north: FloatArray, east: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Turn a vector; returns north, east."""
        east, north = self.relocation.turned(east, north)
        return north, east

    def quaternion(self, q: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
        """Turn an attitude: body to north-east-down, scalar first, so heading falls by the turn."""
        w, x, y, z = q
        c, s = math.cos(self.turn / 2), -math.sin(self.turn / 2)  # about down
        turned = c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w
        # no turn at all, and no quaternion, are what stands there before an attitude is known
        unset = (x == 0.0) & (y == 0.0) & (z == 0.0)
        return tuple(np.where(unset, old, new) for old, new in zip(q, turned, strict=True))

    def unix(self, stamp_us: FloatArray) -> FloatArray:
        """Shift times from 1970 [µs]; times from boot, and 0, stay."""
        # a date far from the flight is one that a clock begins with, known to everybody: shifted
        # with the flight, it would tell by how much
        near = np.clip(stamp_us, *self.flown_us) if self.flown_us[1] else stamp_us
        # a log of two clocks that disagree by decades must not come out with times before 1970
        moved = np.clip(near + self.shift_us, UNIX_FROM_US + 1, LATEST_UNIX_US)
        return np.where(stamp_us > UNIX_FROM_US, moved, stamp_us)

    def gps(self, week: FloatArray, ms: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shift GPS week and milliseconds of it."""
        total = week * _MS_PER_WEEK + ms
        known = week >= _LEAST_WEEK
        if self.flown_us[1]:
            first, last = ((us - _GPS_EPOCH_US) / 1000.0 for us in self.flown_us)
            total = np.clip(total, first, last)
        total = total + self.shift_us / 1000.0
        weeks = np.floor(total / _MS_PER_WEEK)
        return (
            np.where(known, weeks, 0.0),
            np.where(known, np.rint(total - weeks * _MS_PER_WEEK), 0.0),
        )

    def absolute_pressure(self, pressure: FloatArray) -> FloatArray:
        """Scale static pressure, which keeps differences of height."""
        return pressure * self.pressure

    def magnetic(
        self, field: Sequence[FloatArray], attitude: Sequence[FloatArray], unit: float
    ) -> tuple[FloatArray, ...]:
        """Replace the earth's share of a field in body axes.

        Parameters
        ----------
        field : three arrays, shape (n,)
        attitude : four arrays, shape (n,)
            Body to north-east-down as it was flown, at the same instants.
        unit : float
            How many of the field's unit one microtesla is.
        """
        if self.field is None:
            return tuple(np.full_like(one, np.nan) for one in field)
        earth = self.field.scaled(unit).replaced(np.vstack(rotate(attitude, field)))
        w, x, y, z = self.quaternion(attitude)
        return tuple(rotate((w, -x, -y, -z), tuple(earth)))


def _is_unset(lat: FloatArray, lon: FloatArray) -> BoolArray:
    return (np.abs(lat) < _UNSET_DEG) & (np.abs(lon) < _UNSET_DEG)


def in_rows(is_zero: BoolArray) -> BoolArray:
    """Which stand in a row of some, or in one that begins or ends the column."""
    if not is_zero.any():
        return is_zero
    edges = np.flatnonzero(np.diff(is_zero, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    long = (ends - starts >= _ZEROS) | (starts == 0) | (ends == is_zero.size)
    held = np.zeros(is_zero.size + 1, dtype=np.int64)
    np.add.at(held, starts[long], 1)
    np.add.at(held, ends[long], -1)
    return np.asarray(np.cumsum(held[:-1]) > 0, dtype=np.bool_)


def rotate(q: Sequence[FloatArray], v: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
    """Turn vectors by quaternions, scalar first: body to earth."""
    w, x, y, z = q
    a, b, c = v
    tx, ty, tz = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return (
        a + w * tx + y * tz - z * ty,
        b + w * ty + z * tx - x * tz,
        c + w * tz + x * ty - y * tx,
    )


def from_euler(roll: FloatArray, pitch: FloatArray, yaw: FloatArray) -> tuple[FloatArray, ...]:
    """Quaternion of roll, pitch, yaw [rad], body to north-east-down, scalar first."""
    cr, sr = np.cos(roll / 2), np.sin(roll / 2)
    cp, sp = np.cos(pitch / 2), np.sin(pitch / 2)
    cy, sy = np.cos(yaw / 2), np.sin(yaw / 2)
    return (
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )


@dataclass(frozen=True, slots=True)
class EarthField:
    """The field of a place, to be taken out, and the neutral one, to be put in its stead.

    Attributes
    ----------
    local : float64, shape (3,)
        North-east-down [µT].
    neutral : float64, shape (3,) [µT]
    """

    local: FloatArray
    neutral: FloatArray

    @classmethod
    def of(cls, local: FloatArray) -> "EarthField | None":
        """From the median of the field in earth axes [µT]."""
        size = float(np.linalg.norm(local))
        if not math.isfinite(size) or size <= 0.0:
            return None
        return cls(local, np.array(NEUTRAL_FIELD))

    def scaled(self, factor: float) -> "EarthField":
        """The same in another unit."""
        return EarthField(self.local * factor, self.neutral * factor)

    def replaced(self, earth: FloatArray) -> FloatArray:
        """A field in earth axes, shape (3, n), with the place's own share replaced.

        Disturbances turn with the field. They keep their size, except where the place's field is
        the stronger one: a compass is judged by shares of the field then, which so stay.
        """
        share = min(1.0, float(np.linalg.norm(self.neutral) / np.linalg.norm(self.local)))
        rest = share * (_between(self.local, self.neutral) @ (earth - self.local[:, np.newaxis]))
        return np.asarray(rest + self.neutral[:, np.newaxis], dtype=np.float64)


def _between(a: FloatArray, b: FloatArray) -> FloatArray:
    """Rotation that takes the direction of one vector to that of another."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -0.999999:  # no unique turn: about north, as good as any
        return np.diag([1.0, -1.0, -1.0])
    cross = np.array(
        [[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]], dtype=np.float64
    )
    return np.asarray(np.eye(3) + cross + cross @ cross / (1.0 + cosine), dtype=np.float64)

"""Moving positions to another place so that distances, heights and turns stay what they were.

A place is moved in metres: into east, north and up of its own origin, turned, and put down at the
new origin. Adding degrees instead distorts the flight: a degree of longitude is as wide as the
cosine of the latitude, so a flight at 60° that is shifted to the equator comes out twice as wide
and twice as fast.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymap3d.vincenty import vdist

from flyoff.errors import ExchangeError
from flyoff.model.frames import from_enu, to_enu
from flyoff.units import Degrees, FloatArray, Metres, Radians, Ratio


@dataclass(frozen=True, slots=True)
class Relocation:
    """A move of everything around one origin to another.

    Attributes
    ----------
    origin, target : (lat, lon, height) [deg, deg, m above the ellipsoid]
    turn : float [rad]
        Counter-clockwise seen from above; a course becomes smaller by it.
    """

    origin: tuple[Degrees, Degrees, Metres]
    target: tuple[Degrees, Degrees, Metres]
    turn: Radians = 0.0

    def __post_init__(self) -> None:
        for name, (lat, lon, height) in (("origin", self.origin), ("target", self.target)):
            on_earth = abs(lat) <= 90.0 and abs(lon) <= 180.0
            if not (on_earth and math.isfinite(height)):
                raise ExchangeError(f"{name} {lat:g}, {lon:g}, {height:g} is no place on earth")
        if not math.isfinite(self.turn):
            raise ExchangeError(f"turn is {self.turn:g}, expected a finite angle")

    def move(
        self, lat: FloatArray, lon: FloatArray, height: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Move positions; NaN stays NaN.

        Parameters
        ----------
        lat, lon : float64, shape (n,) [deg]
        height : float64, shape (n,) [m above the ellipsoid]

        Returns
        -------
        lat, lon, height : float64, shape (n,)
        """
        east, north, up = to_enu(lat, lon, height, self.origin)
        return from_enu(*self.turned(east, north), up, self.target)

    def turned(self, east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Turn vectors in the plane: velocities, wind, offsets."""
        cosine, sine = math.cos(self.turn), math.sin(self.turn)
        return (
            np.asarray(cosine * east - sine * north),
            np.asarray(sine * east + cosine * north),
        )

    def inverse(self) -> "Relocation":
        """The move back, for whoever holds the secret."""
        return Relocation(self.target, self.origin, -self.turn)


@dataclass(frozen=True, slots=True)
class Distortion:
    """What a move did to the length of a path.

    Attributes
    ----------
    original_m, moved_m : float [m]
        Along the ellipsoid.
    ratio : float
        Moved by original; 1 is faithful, NaN for a path without length.
    """

    original_m: Metres
    moved_m: Metres
    ratio: Ratio


def distortion(
    original: Sequence[tuple[Degrees, Degrees]], moved: Sequence[tuple[Degrees, Degrees]]
) -> Distortion:
    """Compare the length of a path before and after a move.

    Parameters
    ----------
    original, moved : sequence of (lat, lon) [deg]

    Examples
    --------
    >>> by_degrees = distortion([(60, 10), (60, 10.01)], [(0, 0), (0, 0.01)])
    >>> round(by_degrees.original_m), round(by_degrees.moved_m), round(by_degrees.ratio, 3)
    (558, 1113, 1.995)
    """
    if len(original) != len(moved):
        raise ExchangeError(f"path of {len(original)} places became one of {len(moved)}")
    before, after = path_length(original), path_length(moved)
    return Distortion(before, after, after / before if before > 0.0 else math.nan)


def path_length(path: Sequence[tuple[Degrees, Degrees]]) -> Metres:
    """Length of a path along the ellipsoid [m]; 0 for fewer than two places."""
    if len(path) < 2:
        return 0.0
    places = np.asarray(path, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 2 or not (np.abs(places[:, 0]) <= 90.0).all():
        raise ExchangeError("a path holds latitude and longitude in degrees")
    legs, _ = vdist(places[:-1, 0], places[:-1, 1], places[1:, 0], places[1:, 1])
    return float(np.sum(legs))

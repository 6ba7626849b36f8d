"""What a sensor said: detections and track updates of any format in one form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.trials.account import Account
from flyoff.units import BoolArray, Degrees, FloatArray, Metres, MetresPerSecond, Seconds

#: What heights can be counted from.
HEIGHTS: Final = ("ellipsoid", "msl", "pressure", "unknown")
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a sensor; NaN and empty text are what it does not say.

    Attributes
    ----------
    time_s : float [s, UNIX UTC]
        When the target was measured.
    declared_s : float [s, UNIX UTC]
        When the report reached the operator, or the recorder.
    lat, lon : float [deg, WGS-84]
    height_m : float [m]
    height_above : str
        One of `HEIGHTS`.
    range_m, azimuth_deg, elevation_deg : float
        From the sensor; azimuth from true north, elevation from its horizon.
    east_m, north_m : float [m]
        From the sensor, for sensors that report a plane.
    velocity_east, velocity_north, velocity_up : float [m/s]
    sigma_east, sigma_north, sigma_up, rho : float [m], [m], [m], [1]
        Standard deviations that the sensor claims, and the correlation of east and north.
    sigma_range, sigma_azimuth, sigma_elevation : float [m], [deg], [deg]
    track : str
        The sensor's name for the target.
    label : str
        What the sensor says the target is, in its own words.
    confidence : float
        Of the label, 0 to 1.
    sensor : str
        The sensor's own name for itself: node id, SAC/SIC, transmitter.
    ends : bool
        The sensor says that it has lost the target.
    """

    time_s: Seconds
    declared_s: Seconds = _NAN
    lat: Degrees = _NAN
    lon: Degrees = _NAN
    height_m: Metres = _NAN
    height_above: str = "unknown"
    range_m: Metres = _NAN
    azimuth_deg: Degrees = _NAN
    elevation_deg: Degrees = _NAN
    east_m: Metres = _NAN
    north_m: Metres = _NAN
    velocity_east: MetresPerSecond = _NAN
    velocity_north: MetresPerSecond = _NAN
    velocity_up: MetresPerSecond = _NAN
    sigma_east: Metres = _NAN
    sigma_north: Metres = _NAN
    sigma_up: Metres = _NAN
    rho: float = _NAN
    sigma_range: Metres = _NAN
    sigma_azimuth: Degrees = _NAN
    sigma_elevation: Degrees = _NAN
    track: str = ""
    label: str = ""
    confidence: float = _NAN
    sensor: str = ""
    ends: bool = False


_TEXTS: Final = ("height_above", "track", "label", "sensor")
NUMBERS: Final = tuple(f.name for f in fields(Report) if f.name not in (*_TEXTS, "ends"))


@dataclass(frozen=True, slots=True, eq=False)
class Reports:
    """Many reports, by column, ordered by time.

    Attributes
    ----------
    numbers : mapping of a field of `Report` to float64, shape (n,)
    texts : mapping of a field of `Report` to str array, shape (n,)
    ends : bool, shape (n,)
    """

    numbers: dict[str, FloatArray]
    texts: dict[str, np.ndarray[Any, np.dtype[np.str_]]]
    ends: BoolArray

    @classmethod
    def of(cls, rows: Sequence[Report]) -> "Reports":
        """Collect reports; those without a time come last.

        Examples
        --------
        >>> Reports.of([Report(2.0, track="b"), Report(1.0, track="a")]).track.tolist()
        ['a', 'b']
        """
        numbers = {n: np.array([getattr(r, n) for r in rows], dtype=np.float64) for n in NUMBERS}
        texts = {n: np.array([getattr(r, n) for r in rows], dtype=np.str_) for n in _TEXTS}
        whole = cls(numbers, texts, np.array([r.ends for r in rows], dtype=np.bool_))
        return whole.take(np.argsort(whole.time_s, kind="stable"))

    def take(self, which: Any) -> "Reports":
        """Some of the reports, by index or mask."""
        numbers = {n: v[which] for n, v in self.numbers.items()}
        return Reports(
            numbers, {n: v[which] for n, v in self.texts.items()}, np.asarray(self.ends[which])
        )

    def with_numbers(self, **columns: FloatArray) -> "Reports":
        """The same reports with other values in some columns."""
        wrong = [
            n for n, v in columns.items() if n not in self.numbers or v.shape != self.ends.shape
        ]
        if wrong:
            raise TrialError(f"no such columns, or not {len(self)} values: {', '.join(wrong)}")
        return replace(self, numbers={**self.numbers, **columns})

    def __len__(self) -> int:
        return int(self.ends.size)

    @property
    def time_s(self) -> FloatArray:
        """When each target was measured [s, UNIX UTC], shape (n,)."""
        return self.numbers["time_s"]

    @property
    def track(self) -> np.ndarray[Any, np.dtype[np.str_]]:
        """The sensor's name of each target, shape (n,); empty where it gives none."""
        return self.texts["track"]

    @property
    def has_place(self) -> BoolArray:
        """Which reports say where: a place, a range with a bearing, or a plane."""
        n = self.numbers
        return np.asarray(
            ((np.abs(n["lat"]) <= 90.0) & (np.abs(n["lon"]) <= 360.0))
            | (np.isfinite(n["range_m"]) & np.isfinite(n["azimuth_deg"]))
            | (np.isfinite(n["east_m"]) & np.isfinite(n["north_m"]))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A sensor's file, read.

    Attributes
    ----------
    format : str
    reports : Reports
    account : Account
    notes : tuple of str
        What a reader of the scores should know of this file.
    """

    format: str
    reports: Reports
    account: Account
    notes: tuple[str, ...] = ()


def known(values: Iterable[float]) -> bool:
    """Whether all values are there.

    Examples
    --------
    >>> known([1.0, float("nan")])
    False
    """
    return all(v == v for v in values)

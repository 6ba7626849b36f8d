"""What linking needs of a recording, and what it says of two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flyoff.model.recording import UtcClock
from flyoff.units import FloatArray, IntArray

#: Witnesses are sampled at this rate [Hz]; every log carries attitude at least twice a second.
RATE_HZ = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One recording, as far as linking needs it.

    Attributes
    ----------
    key : str
        What the caller knows it by.
    vehicle_id : str
        ``"unknown"`` where the log names none.
    start_us, end_us : int [µs on its own clock]
    utc : UtcClock or None
    t_us : int64, shape (n,), on whole periods of ``RATE_HZ``, increasing
    columns : mapping of column of the ``tracks`` table to float64, shape (n,)
        ``lat lon velocity_north velocity_east velocity_down roll pitch yaw height``; NaN where
        nothing was logged.
    marks : mapping of text to instants [µs on its own clock]
        What the vehicle said aloud: both its own log and the ground station's may hold it.
    log_names : frozenset of str
        Names of log files that the vehicle told, if they hold date and time: no two are alike.
    """

    key: str
    vehicle_id: str
    start_us: int
    end_us: int
    utc: UtcClock | None
    t_us: IntArray
    columns: Mapping[str, FloatArray]
    marks: Mapping[str, Sequence[int]] | None = None
    log_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """Two recordings of one flight.

    Attributes
    ----------
    first, second : str
        Keys of the witnesses.
    offset_us : int [µs]
        ``t_first = t_second + offset_us``.
    uncertainty_s : float [s]
        Standard uncertainty of the offset.
    likeness : float
        Mean correlation of the signals at that offset; NaN where they did not decide.
    by : str
        ``signals``, ``clocks`` or ``log name``.
    """

    first: str
    second: str
    offset_us: int
    uncertainty_s: float
    likeness: float
    by: str

"""Instants that the log itself reports."""

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """Closed list of what a log can report as an instant."""

    ARM = "arm"
    DISARM = "disarm"
    MODE = "mode"
    FAILSAFE = "failsafe"
    FAILSAFE_CLEARED = "failsafe_cleared"
    ERROR = "error"
    ERROR_CLEARED = "error_cleared"
    TEXT = "text"
    TAKEOFF = "takeoff"
    LANDED = "landed"
    MISSION_REACHED = "mission_reached"
    MISSION_CURRENT = "mission_current"
    HOME_SET = "home_set"
    PARAMETER = "parameter"
    ESTIMATOR_RESET = "estimator_reset"
    FENCE_BREACH = "fence_breach"
    COMMAND = "command"
    DROPOUT = "dropout"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """An instant that the log itself reports.

    Attributes
    ----------
    t_us : int [µs on the log's own clock]
    kind : EventKind
    text : str
        Mode name in capitals for ``mode`` (``"AUTO"``, ``"LOITER"``); subsystem for ``failsafe``
        (``radio battery gcs ekf fence terrain dead_reckoning vibration sensor other``) and
        ``error``; the message for ``text``; the parameter's name for ``parameter``.
    value : float or None
        Mode number, error code, mission item, parameter value, severity of a text (0 … 7).
    reason : str
        Why, as far as the log says: for ``mode``, ``arm`` and ``disarm`` one of ``operator radio
        battery gcs ekf gnss fence mission terrain crash landed timeout system failure_detector
        kill unknown``; else empty.
    source : str
        Topic and field, such as ``"EV.Id=10"``.
    """

    t_us: int
    kind: EventKind
    text: str = ""
    value: float | None = None
    reason: str = ""
    source: str = ""

    @property
    def t_s(self) -> float:
        """Time on the log's own clock [s]."""
        return self.t_us / 1e6

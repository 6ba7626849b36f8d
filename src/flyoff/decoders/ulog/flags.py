"""What PX4's health and failsafe flags are about, and when they changed.

Since 1.14 ``failsafe_flags`` holds every input of the failsafe machine; before, the same stood
scattered over ``vehicle_status`` and ``vehicle_status_flags``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader

#: Flag, its subsystem in the model's words. Inputs that only forbid arming are not listed.
_NEW: Final = {
    "manual_control_signal_lost": "radio",
    "gcs_connection_lost": "gcs",
    "battery_warning": "battery",
    "battery_low_remaining_time": "battery",
    "battery_unhealthy": "battery",
    "gnss_lost": "gnss",
    "geofence_breached": "fence",
    "primary_geofence_breached": "fence",
    "attitude_invalid": "ekf",
    "angular_velocity_invalid": "sensor",
    "local_altitude_invalid": "ekf",
    "local_velocity_invalid": "ekf",
    "local_position_invalid": "ekf",
    "local_position_invalid_relaxed": "ekf",
    "global_position_invalid": "ekf",
    "global_position_invalid_relaxed": "ekf",
    "fd_critical_failure": "failure_detector",
    "fd_motor_failure": "motor",
    "fd_imbalanced_prop": "motor",
    "fd_esc_arming_failure": "motor",
    "fd_alt_loss": "failure_detector",
    "mission_failure": "mission",
    "navigator_failure": "mission",
    "offboard_control_signal_lost": "offboard",
    "vtol_fixed_wing_system_failure": "vtol",
    "wind_limit_exceeded": "wind",
    "flight_time_limit_exceeded": "timeout",
    "parachute_unhealthy": "parachute",
}
_STATUS: Final = {
    "rc_signal_lost": "radio",
    "data_link_lost": "gcs",
    "engine_failure": "motor",
    "mission_failure": "mission",
    "geofence_violated": "fence",
}
#: True means well in these: an edge is a fall.
_WELL: Final = {
    f"{prefix}{name}": subsystem
    for prefix in ("condition_", "")
    for name, subsystem in (
        ("global_position_valid", "ekf"),
        ("local_position_valid", "ekf"),
        ("local_velocity_valid", "ekf"),
        ("local_altitude_valid", "ekf"),
        ("attitude_valid", "ekf"),
        ("angular_velocity_valid", "sensor"),
        ("gps_position_valid", "gnss"),
        ("battery_healthy", "battery"),
    )
}
_STATUS_FLAGS: Final = {
    "offboard_control_signal_lost": "offboard",
    "vtol_transition_failure": "vtol",
    "dead_reckoning": "dead_reckoning",
}
_DETECTOR: Final = {
    "fd_roll": "failure_detector",
    "fd_pitch": "failure_detector",
    "fd_alt": "failure_detector",
    "fd_ext": "failure_detector",
    "fd_motor": "motor",
    "fd_arm_escs": "motor",
    "fd_imbalanced_prop": "motor",
    "fd_battery": "battery",
}


@dataclass(frozen=True, slots=True)
class Edge:
    """One change of a flag.

    Attributes
    ----------
    t_us : int [µs]
    is_set : bool
        Whether it now says that something is wrong, or worse than before.
    subsystem : str
    value : float
        Level of a warning; 1 or 0 for a flag.
    source : str
    """

    t_us: int
    is_set: bool
    subsystem: str
    value: float
    source: str


def edges(reader: Reader) -> list[Edge]:
    """Every change of a health flag, ordered by time; the first sample of a log is no change."""
    found: list[Edge] = []
    if reader.instances("failsafe_flags"):
        found += _of(reader, "failsafe_flags", _NEW)
    else:
        found += _of(reader, "vehicle_status", _STATUS)
        found += _of(reader, "vehicle_status_flags", _STATUS_FLAGS)
        found += _of(reader, "vehicle_status_flags", _WELL, well=True)
        found += _of(reader, "battery_status", {"warning": "battery"})
    found += _of(reader, "failure_detector_status", _DETECTOR)
    return sorted(found, key=lambda edge: edge.t_us)


def _of(reader: Reader, topic: str, names: dict[str, str], *, well: bool = False) -> list[Edge]:
    fields = [name for name in names if reader.has(topic, name)]
    if not fields:
        return []
    t_us, columns = reader.read(topic, fields)
    found: list[Edge] = []
    for name, column in zip(fields, columns, strict=True):
        bad = (column == 0).astype(np.int64) if well else column.astype(np.int64)
        for row in np.flatnonzero(np.diff(bad)) + 1:
            found.append(
                Edge(
                    int(t_us[row]),
                    bool(bad[row] > bad[row - 1]),
                    names[name],
                    float(bad[row]),
                    f"{topic}.{name}",
                )
            )
    return found

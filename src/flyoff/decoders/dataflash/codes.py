"""ArduPilot's EV and ERR numbers. Source: ``LogEvent`` and ``LogErrorSubsystem`` of AP_Logger."""

from typing import Final

from flyoff.model.event import EventKind

#: EV.Id that say something of the motors' state: True armed.
ARMED: Final = 10
DISARMED: Final = 11
AUTO_ARMED: Final = 15

#: EV.Id to event kind and text.
EVENTS: Final[dict[int, tuple[EventKind, str]]] = {
    18: (EventKind.LANDED, ""),
    19: (EventKind.ERROR, "gnss"),
    28: (EventKind.TAKEOFF, ""),
    41: (EventKind.OTHER, "fence_enabled"),
    42: (EventKind.OTHER, "fence_disabled"),
    46: (EventKind.OTHER, "gripper_grab"),
    47: (EventKind.OTHER, "gripper_release"),
    51: (EventKind.OTHER, "parachute_released"),
    54: (EventKind.OTHER, "motors_emergency_stopped"),
    55: (EventKind.OTHER, "motors_emergency_stop_cleared"),
    56: (EventKind.OTHER, "interlock_disabled"),
    57: (EventKind.OTHER, "interlock_enabled"),
    60: (EventKind.ESTIMATOR_RESET, "height"),
    61: (EventKind.OTHER, "landing_cancelled_by_operator"),
    62: (EventKind.ESTIMATOR_RESET, "yaw"),
    67: (EventKind.OTHER, "gnss_primary_changed"),
    90: (EventKind.OTHER, "airspeed_primary_changed"),
    163: (EventKind.OTHER, "surfaced"),
    164: (EventKind.OTHER, "not_surfaced"),
    165: (EventKind.OTHER, "bottomed"),
    166: (EventKind.OTHER, "not_bottomed"),
}

#: ERR.Subsys of failsafes, to the model's subsystems; ECode 0 clears them.
FAILSAFES: Final = {
    5: "radio",
    6: "battery",
    7: "gnss",
    8: "gcs",
    9: "fence",
    17: "ekf",
    20: "other",
    23: "terrain",
    26: "sensor",
    27: "other",
    28: "radio",
    29: "vibration",
    31: "dead_reckoning",
}
FENCE: Final = 9

#: ERR.Subsys of the other errors.
ERRORS: Final = {
    1: "main",
    2: "radio",
    3: "compass",
    4: "flow",
    10: "flight_mode",
    11: "gnss",
    12: "crash",
    13: "flip",
    14: "autotune",
    15: "parachute",
    16: "ekf",
    18: "baro",
    19: "cpu",
    21: "terrain",
    22: "navigation",
    24: "ekf_primary",
    25: "thrust_loss",
    30: "internal",
}
#: Subsystems whose ECode is a number and not a state: the mode refused, the core now in use.
NEVER_CLEARED: Final = frozenset({10, 24})

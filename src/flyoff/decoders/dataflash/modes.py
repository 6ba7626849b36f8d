"""ArduPilot's numbers for flight modes, for why a mode changed, and for who armed or disarmed.

Source: ``mode.h`` of each vehicle, ``AP_Vehicle/ModeReason.h`` and ``AP_Arming.h``.
"""

from typing import Final

COPTER: Final = {
    0: "STABILIZE", 1: "ACRO", 2: "ALT_HOLD", 3: "AUTO", 4: "GUIDED", 5: "LOITER", 6: "RTL",
    7: "CIRCLE", 8: "POSITION", 9: "LAND", 10: "OF_LOITER", 11: "DRIFT", 13: "SPORT", 14: "FLIP",
    15: "AUTOTUNE", 16: "POSHOLD", 17: "BRAKE", 18: "THROW", 19: "AVOID_ADSB", 20: "GUIDED_NOGPS",
    21: "SMART_RTL", 22: "FLOWHOLD", 23: "FOLLOW", 24: "ZIGZAG", 25: "SYSTEMID", 26: "AUTOROTATE",
    27: "AUTO_RTL", 28: "TURTLE",
}  # fmt: skip
PLANE: Final = {
    0: "MANUAL", 1: "CIRCLE", 2: "STABILIZE", 3: "TRAINING", 4: "ACRO", 5: "FBWA", 6: "FBWB",
    7: "CRUISE", 8: "AUTOTUNE", 10: "AUTO", 11: "RTL", 12: "LOITER", 13: "TAKEOFF",
    14: "AVOID_ADSB", 15: "GUIDED", 16: "INITIALISING", 17: "QSTABILIZE", 18: "QHOVER",
    19: "QLOITER", 20: "QLAND", 21: "QRTL", 22: "QAUTOTUNE", 23: "QACRO", 24: "THERMAL",
    25: "LOITER_ALT_QLAND", 26: "AUTOLAND",
}  # fmt: skip
ROVER: Final = {
    0: "MANUAL", 1: "ACRO", 3: "STEERING", 4: "HOLD", 5: "LOITER", 6: "FOLLOW", 7: "SIMPLE",
    8: "DOCK", 9: "CIRCLE", 10: "AUTO", 11: "RTL", 12: "SMART_RTL", 15: "GUIDED",
    16: "INITIALISING",
}  # fmt: skip
SUB: Final = {
    0: "STABILIZE", 1: "ACRO", 2: "ALT_HOLD", 3: "AUTO", 4: "GUIDED", 7: "CIRCLE", 9: "SURFACE",
    16: "POSHOLD", 19: "MANUAL", 20: "MOTOR_DETECT", 21: "SURFTRAK",
}  # fmt: skip
BLIMP: Final = {0: "LAND", 1: "MANUAL", 2: "VELOCITY", 3: "LOITER", 4: "RTL"}

OF_KIND: Final[dict[str, dict[int, str]]] = {
    "multirotor": COPTER,
    "helicopter": COPTER,
    "fixed_wing": PLANE,
    "vtol": PLANE,
    "rover": ROVER,
    "boat": ROVER,
    "sub": SUB,
    "airship": BLIMP,
}

#: MODE.Rsn to the model's reasons; a command of the ground station is the operator's, and ``gcs``
#: is the loss of it.
MODE_REASONS: Final = {
    1: "operator", 2: "operator", 3: "radio", 4: "battery", 5: "gcs", 6: "ekf", 7: "gnss",
    8: "mission", 9: "operator", 10: "fence", 11: "terrain", 12: "timeout", 13: "system",
    14: "system", 15: "system", 16: "system", 17: "kill", 18: "operator", 19: "crash",
    20: "system", 21: "system", 22: "system",
    23: "failure_detector", 24: "failure_detector", 25: "system", 26: "system", 27: "system",
    28: "system", 29: "system", 30: "system", 31: "system", 32: "system", 33: "system",
    34: "system", 35: "operator", 36: "system", 37: "system", 38: "system", 39: "mission",
    40: "mission", 41: "mission", 42: "operator", 43: "system", 44: "system", 45: "mission",
    46: "mission", 47: "mission", 48: "system", 49: "system", 50: "ekf", 51: "failure_detector",
    52: "operator", 53: "operator", 54: "mission",
}  # fmt: skip

#: ARM.Method to the model's reasons.
ARM_REASONS: Final = {
    0: "operator", 1: "operator", 2: "operator", 3: "operator", 4: "system", 5: "kill", 6: "system",
    7: "battery", 8: "operator", 9: "kill", 10: "system", 11: "failure_detector", 12: "crash",
    13: "landed", 14: "mission", 15: "fence", 16: "radio", 17: "timeout", 18: "gcs",
    19: "terrain", 20: "kill", 21: "terrain", 22: "system", 23: "system", 24: "ekf", 25: "gcs",
    26: "gcs", 27: "timeout", 28: "landed", 29: "radio", 30: "operator", 31: "operator",
    32: "landed", 33: "ekf", 34: "system", 35: "operator", 36: "system", 37: "operator",
}  # fmt: skip


def mode_name(kind: str, number: int) -> str:
    """Name of a mode in capitals; ``"MODE 42"`` where this vehicle has none of that number."""
    return OF_KIND.get(kind, {}).get(number, f"MODE {number}")

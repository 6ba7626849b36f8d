"""PX4's numbers for modes and reasons, and how they drifted between versions.

Source: ``msg/vehicle_status.msg`` of v1.4 … main and ``src/lib/events/enums.json``.
"""

from collections.abc import Mapping
from typing import Final

#: vehicle_status.nav_state, where all versions agree.
_MODES: Final = {
    0: "MANUAL",
    1: "ALTCTL",
    2: "POSCTL",
    3: "AUTO_MISSION",
    4: "AUTO_LOITER",
    5: "AUTO_RTL",
    10: "ACRO",
    12: "DESCEND",
    13: "TERMINATION",
    14: "OFFBOARD",
    15: "STABILIZED",
    17: "AUTO_TAKEOFF",
    18: "AUTO_LAND",
    19: "AUTO_FOLLOW_TARGET",
    20: "AUTO_PRECLAND",
    21: "ORBIT",
    22: "AUTO_VTOL_TAKEOFF",
    **{23 + i: f"EXTERNAL{i + 1}" for i in range(8)},
}
#: Until 1.13: states that existed for single failures, since dropped.
_MODES_OLD: Final = {
    6: "AUTO_RCRECOVER",
    7: "AUTO_RTGS",
    8: "AUTO_LANDENGFAIL",
    9: "AUTO_LANDGPSFAIL",
    11: "AUTO_LAND",
    16: "RATTITUDE",
}
_MODES_NEW: Final = {6: "POSITION_SLOW", 7: "GUIDED_COURSE", 8: "ALTITUDE_CRUISE"}

#: Modes that the autopilot flies by itself towards an end; the rest follow sticks or a computer.
AUTOMATIC: Final = frozenset({3, 4, 5, 12, 13, 17, 18, 20, 22})

#: vehicle_status.latest_(dis)arming_reason until 1.13.
_REASONS_OLD: Final = {
    1: "operator",
    2: "operator",
    3: "system",
    4: "operator",
    5: "mission",
    6: "operator",  # safety button
    7: "landed",
    8: "timeout",
    9: "kill",
    10: "kill",
    11: "failure_detector",
    12: "system",
    13: "system",
}
#: Since 1.14 the safety button is gone and what followed moved up by one. ``VehicleStatus.msg``
#: kept the old constants; the logs themselves (6 beside "Disarmed by landing") say otherwise.
_REASONS_NEW: Final = {
    1: "operator",
    2: "operator",
    3: "system",
    4: "operator",
    5: "mission",
    6: "landed",
    7: "timeout",
    8: "kill",
    9: "kill",
    10: "failure_detector",
    11: "system",
    12: "system",
    13: "operator",
    14: "failsafe",
}
#: What the commander prints behind "Armed by" and "Disarmed by", in the order to be tried.
_PRINTED: Final = (
    ("landing", "landed"),
    ("preflight", "timeout"),
    ("kill", "kill"),
    ("lockdown", "kill"),
    ("failure", "failure_detector"),
    ("failsafe", "failsafe"),
    ("shutdown", "system"),
    ("mission", "mission"),
    ("internal", "system"),
    ("external", "operator"),
    ("safety", "operator"),
    ("stick", "operator"),
    ("rc", "operator"),
)


def mode_name(number: int, *, is_new: bool) -> str:
    """Name of a nav_state; ``is_new`` for firmware from 1.14 on.

    Examples
    --------
    >>> mode_name(6, is_new=True), mode_name(6, is_new=False), mode_name(99, is_new=True)
    ('POSITION_SLOW', 'AUTO_RCRECOVER', 'MODE_99')
    """
    drifted: Mapping[int, str] = _MODES_NEW if is_new else _MODES_OLD
    return _MODES.get(number) or drifted.get(number) or f"MODE_{number}"


def arming_reason(number: int, *, is_new: bool) -> str:
    """Why armed or disarmed, in the words of the model; ``unknown`` where the log says nothing."""
    return (_REASONS_NEW if is_new else _REASONS_OLD).get(number, "unknown")


def printed_reason(text: str) -> str:
    """The same from the commander's own words; empty if these are none.

    Examples
    --------
    >>> printed_reason("[commander] Disarmed by auto preflight disarming"), printed_reason("hello")
    ('timeout', '')
    """
    _, by, why = text.lower().partition("armed by")
    return next((reason for word, reason in _PRINTED if word in why), "") if by else ""

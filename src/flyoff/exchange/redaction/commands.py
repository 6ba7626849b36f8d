"""Which parameters of a mission's commands say how it is flown; others say where, or when.

A command that is not listed keeps none: ``NAV_DELAY`` holds hours and minutes of UTC,
``CONDITION_YAW`` a heading, ``DO_GUIDED_LIMITS`` heights above the sea, scripts anything. The
fourth is nearly always a heading and is never kept.

References
----------
MAVLink common.xml and ardupilotmega.xml, MAV_CMD.
"""

from collections.abc import Sequence
from typing import Final

#: How many of the first parameters stay, by command.
_FIRST: Final = {
    3: (16, 17, 18, 19, 82, 178, 3000),
    2: (84, 85, 92, 177, 181, 183, 184, 208, 211),
    1: (20, 21, 22, 93, 94, 112, 114, 189, 193, 206, 207),
}
KEPT: Final = {command: count for count, listed in _FIRST.items() for command in listed}


def kept_parameters(command: int, parameters: Sequence[float]) -> list[float]:
    """The four parameters of a command, those that do not stay as 0.

    Examples
    --------
    >>> kept_parameters(16, [1.0, 2.0, 3.0, 270.0])
    [1.0, 2.0, 3.0, 0.0]
    >>> kept_parameters(93, [-1.0, 14.0, 30.0, 0.0])
    [-1.0, 0.0, 0.0, 0.0]
    """
    count = KEPT.get(command, 0)
    return [p if i < count else 0.0 for i, p in enumerate([*parameters, 0.0, 0.0, 0.0, 0.0][:4])]

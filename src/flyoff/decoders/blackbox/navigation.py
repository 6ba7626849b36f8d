"""What INAV's navigation does, out of ``navState`` of the main frames.

Until version 8 nothing else in a log tells what INAV flies as opposed to what is switched on: that
a failsafe brought it home, that a return became an emergency landing. The numbers are those that
its ``navigation_private.h`` keeps from version to version (``navigationPersistentId_e``).
"""

from collections.abc import Iterator
from typing import Final

#: States that pass within an instant, or belong to whatever was flown before: 29 began both a
#: cruise and the hover above home in INAV 2, 39 … 41 change a vehicle's shape in the air.
_AS_BEFORE: Final = frozenset({27, 29, 37, 39, 40, 41})
_SPANS: Final = (
    (2, 3, "ALTHOLD"),
    (4, 7, "POSHOLD"),
    (8, 14, "RTL"),
    (15, 21, "MISSION"),
    (22, 24, "LAND"),  # its emergency landing
    (25, 28, "LAUNCH"),
    (30, 34, "COURSE_HOLD"),
    (35, 35, "MISSION"),
    (36, 36, "RTL"),
    (38, 38, "RTL"),
    (42, 48, "AUTO_LAND"),
    (49, 51, "SEND_TO"),
)


def navigation_modes(states: list[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """When navigation took over in which mode, empty where it let go.

    Examples
    --------
    >>> list(navigation_modes([(0, 1), (5, 26), (6, 28), (9, 1), (20, 8), (21, 29), (30, 23)]))
    [(0, ''), (5, 'LAUNCH'), (9, ''), (20, 'RTL'), (30, 'LAND')]
    """
    before: str | None = None
    for t_us, state in states:
        if state in _AS_BEFORE and before is not None:
            continue
        name = next((mode for low, high, mode in _SPANS if low <= state <= high), "")
        if name != before:
            before = name
            yield t_us, name

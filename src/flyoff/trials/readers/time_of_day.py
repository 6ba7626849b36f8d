"""From a time of day to UTC: ASTERIX and Remote ID send no date, and midnight wraps."""

import math
from typing import Final

_DAY: Final = 86_400.0


class DayClock:
    """Turns times of day into UTC, in the order in which they were sent.

    Parameters
    ----------
    start_s : float [s, UNIX UTC] or None
        Any instant near the first report: the date of the trial, or the capture's own clock.

    Examples
    --------
    >>> clock = DayClock(0.0)
    >>> clock.utc(86_399.0), clock.utc(1.0)
    (-1.0, 1.0)
    >>> clock.utc(86_399.9) < 0  # a late one from before midnight
    True
    """

    def __init__(self, start_s: float | None, period_s: float = _DAY) -> None:
        self.last_s = start_s
        self.period_s = period_s

    def utc(self, time_of_day_s: float, near_s: float = float("nan")) -> float:
        """UTC of a time of day; `near_s` is an instant known to be near it, such as of capture.

        Without a date at all the first day counts as 1970-01-01.
        """
        if not math.isfinite(time_of_day_s):
            return math.nan
        near = near_s if math.isfinite(near_s) else self.last_s
        if near is None:
            near = time_of_day_s
        turns = round((near - time_of_day_s) / self.period_s)
        found = time_of_day_s + turns * self.period_s
        self.last_s = found
        return found


def day_start(time_s: float) -> float:
    """Midnight, UTC, before an instant [s, UNIX UTC].

    Examples
    --------
    >>> day_start(86_401.0)
    86400.0
    """
    return math.floor(time_s / _DAY) * _DAY

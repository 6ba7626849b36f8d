"""Where a logger wrote nothing although it should have."""

from collections.abc import Iterable, Sequence

import numpy as np

from flyoff.decoders.receipt import Dropout
from flyoff.units import IntArray

#: Without one stamp in any topic for so long, and for so many usual steps, nothing was written.
_QUIET_US, _QUIET_STEPS = 500_000.0, 20


def silences(
    times: Sequence[IntArray], dropouts: Iterable[Dropout], first_us: int, last_us: int
) -> tuple[tuple[int, int], ...]:
    """Spans in which the logger wrote nothing although it should have.

    Parameters
    ----------
    times : sequence of int64 arrays [µs]
        Stamps of the topics that are written all the time.
    dropouts : of Dropout
        Those that the logger itself reported.
    first_us, last_us : int [µs]

    Returns
    -------
    tuple of (start, end) [µs], ordered, not overlapping

    Notes
    -----
    Data silence is 0.5 s, or 20 median steps, without one stamp in any of the topics.
    """
    spans = [
        (d.t_us, min(d.t_us + d.duration_us, last_us))
        for d in dropouts
        if first_us <= d.t_us <= last_us
    ]
    # each topic's stamps rise, and the stable sort merges what rises: many times faster
    t_us = np.sort(np.concatenate(times), kind="stable") if times else np.zeros(0, dtype=np.int64)
    t_us = t_us[(t_us >= first_us) & (t_us <= last_us)]
    if t_us.size > 2:
        step = np.diff(t_us)
        quiet = np.flatnonzero(step > _quiet_us(step))
        spans += [(int(t_us[i]), int(t_us[i + 1])) for i in quiet]
    return _merged(spans)


def _quiet_us(step: IntArray) -> float:
    """A longer step is a silence [µs]."""
    # stamps of several topics fall together: zero steps say nothing of the rate
    step = step[step > 0]
    if 2 * np.count_nonzero(_QUIET_STEPS * step <= _QUIET_US) > step.size or not step.size:
        return _QUIET_US  # so is the median's, which takes longer to find
    return max(_QUIET_US, _QUIET_STEPS * float(np.median(step)))


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)

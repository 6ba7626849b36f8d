"""Spans of time in which a condition holds: what every detector is made of."""

from dataclasses import dataclass

import numpy as np

from flyoff.units import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of samples ``first … last`` (inclusive) and its times [µs]."""

    start_us: int
    end_us: int
    first: int
    last: int

    @property
    def duration_s(self) -> float:
        """Length of the span [s]."""
        return (self.end_us - self.start_us) / 1e6


def spans(
    t_us: IntArray,
    condition: BoolArray,
    *,
    hold_s: float = 0.0,
    bridge_s: float = 0.0,
    max_gap_s: float = float("inf"),
) -> list[Span]:
    """Find the spans in which a condition holds for long enough.

    Parameters
    ----------
    t_us : int64, shape (n,) [µs], never decreasing
    condition : bool, shape (n,)
    hold_s : float [s]
        Shorter spans are left out.
    bridge_s : float [s]
        Interruptions up to this long do not end a span.
    max_gap_s : float [s]
        A longer silence between two samples ends a span: nobody knows what was in it.

    Returns
    -------
    list of Span, ordered by time

    Examples
    --------
    >>> t = np.arange(5) * 1_000_000
    >>> [(s.first, s.last) for s in spans(t, np.array([0, 1, 1, 0, 1], bool), hold_s=0.5)]
    [(1, 2)]
    """
    on = np.zeros(condition.size + 2, dtype=bool)
    on[1:-1] = condition
    edges = np.flatnonzero(on[1:] != on[:-1])
    if not edges.size:
        return []
    first, last = edges[::2], edges[1::2] - 1
    if np.isfinite(max_gap_s):
        first, last = _split(t_us, first, last, max_gap_s)
    if bridge_s > 0:
        ends = t_us[first[1:]] - t_us[last[:-1]] > bridge_s * 1e6
        first, last = first[np.append(True, ends)], last[np.append(ends, True)]
    if hold_s > 0:
        held = (t_us[last] - t_us[first]) / 1e6 >= hold_s
        first, last = first[held], last[held]
    rows = zip(
        t_us[first].tolist(), t_us[last].tolist(), first.tolist(), last.tolist(), strict=True
    )
    return [Span(*row) for row in rows]


def _split(
    t_us: IntArray, first: IntArray, last: IntArray, max_gap_s: float
) -> tuple[IntArray, IntArray]:
    """Spans cut in two where the step to the next sample inside them is too long."""
    starts = np.flatnonzero(np.diff(t_us) > max_gap_s * 1e6) + 1
    within = np.searchsorted(first, starts, side="right") - 1
    starts = starts[(within >= 0) & (starts > first[within]) & (starts <= last[within])]
    return np.sort(np.append(first, starts)), np.sort(np.append(last, starts - 1))

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
    if not condition.any():
        return []
    on = np.concatenate(([False], condition, [False]))
    edges = np.flatnonzero(on[1:] != on[:-1])
    pairs = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if np.isfinite(max_gap_s):
        pairs = [p for a, b in pairs for p in _split(t_us, a, b, max_gap_s)]
    merged: list[tuple[int, int]] = []
    for a, b in pairs:
        if merged and bridge_s > 0 and t_us[a] - t_us[merged[-1][1]] <= bridge_s * 1e6:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    found = [Span(int(t_us[a]), int(t_us[b]), a, b) for a, b in merged]
    return [s for s in found if s.duration_s >= hold_s]


def _split(t_us: IntArray, a: int, b: int, max_gap_s: float) -> list[tuple[int, int]]:
    breaks = np.flatnonzero(np.diff(t_us[a : b + 1]) > max_gap_s * 1e6) + a
    starts = [a, *(int(i) + 1 for i in breaks)]
    ends = [*(int(i) for i in breaks), b]
    return list(zip(starts, ends, strict=True))

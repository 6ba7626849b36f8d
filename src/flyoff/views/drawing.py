"""Series over a stretch of time, in as many samples as a plot has pixels for."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from flyoff.units import FloatArray
from flyoff.views.columns import pack
from flyoff.views.decimate import extremes, shape


class Sampled(Protocol):
    """A series: name, unit, instants [s] that never decrease, and values."""

    @property
    def name(self) -> str:
        """For the legend."""

    @property
    def unit(self) -> str:
        """As printed beside an axis."""

    @property
    def t_s(self) -> FloatArray:
        """Instants, shape (n,)."""

    @property
    def values(self) -> FloatArray:
        """Values, shape (n,); NaN where nothing was logged."""


def drawn(
    series: Sequence[tuple[str, Sampled]], start_s: float, end_s: float, width: int, by: str
) -> bytes:
    """Columns ``t/i`` and ``v/i`` of each series, with the last sample before and the first after.

    Parameters
    ----------
    series : sequence of (id, series)
    start_s, end_s : float
    width : int [pixel]
    by : {"minmax", "lttb"}
        Extremes of each pixel, or the shape of the line in about twice as many rows.
    """
    columns: dict[str, FloatArray] = {}
    told = []
    for i, (name, own) in enumerate(series):
        # one sample beyond each end, so that a line reaches the edges of the plot
        a = max(int(np.searchsorted(own.t_s, start_s, side="left")) - 1, 0)
        b = int(np.searchsorted(own.t_s, end_s, side="right")) + 1
        t, values = own.t_s[a:b], own.values[a:b]
        at = extremes(t, values, width) if by == "minmax" else shape(t, values, 2 * width)
        columns[f"t/{i}"], columns[f"v/{i}"] = t[at], values[at]
        told.append(
            {
                "series": name,
                "name": own.name,
                "unit": own.unit,
                "samples": int(t.size),
                "is_decimated": bool(at.size < t.size),
            }
        )
    return pack(columns, {"start_s": start_s, "end_s": end_s, "series": told})

"""Channels as tables that any Arrow library takes as they are (PyCapsule interface).

``pl.from_arrow(recording.stream("battery"))``, ``pd.DataFrame.from_arrow(…)`` and DuckDB need
nothing else. Arrow itself is imported when a table is asked for, never before.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.channel import Channel
from flyoff.units import FloatArray, IntArray

if TYPE_CHECKING:
    import pyarrow


def table_of(channels: Sequence[Channel]) -> "pyarrow.Table":
    """Some channels as one Arrow table: ``t_us`` and a column for each channel.

    Rows are the instants at which any of the channels was sampled; a channel has null where it has
    no sample of that instant, and NaN where it has one without a value. Units and sources are
    metadata of the columns.

    Parameters
    ----------
    channels : sequence of Channel

    Returns
    -------
    pyarrow.Table
        Not an object of our own that merely speaks the protocol: ``polars.from_arrow`` makes a
        frame of a table and a single series of anything else.
    """
    import pyarrow as pa

    t_us, columns = _aligned(channels)
    arrays = [pa.array(t_us)]
    fields = [pa.field("t_us", pa.int64(), metadata={"unit": "µs"})]
    for channel, (values, is_absent) in zip(channels, columns, strict=True):
        arrays.append(pa.array(values, mask=is_absent))
        quantity = CATALOGUE.get(base_name(channel.name))
        about = {"unit": quantity.unit if quantity else "", "source": channel.source}
        fields.append(pa.field(channel.name, pa.float64(), metadata=about))
    return pa.table(arrays, schema=pa.schema(fields))


def in_group(names: Sequence[str], group: str) -> list[str]:
    """The channel names that a group, a quantity or a channel stands for, in their order.

    Examples
    --------
    >>> in_group(["gnss.fix", "gnss.fix[1]", "gnss.hdop", "gyro.x"], "gnss")
    ['gnss.fix', 'gnss.fix[1]', 'gnss.hdop']
    >>> in_group(["gnss.fix", "gnss.fix[1]", "gnss.hdop"], "gnss.fix")
    ['gnss.fix', 'gnss.fix[1]']
    """
    return [n for n in names if group in (n, base_name(n)) or n.startswith(group + ".")]


Column = tuple[FloatArray, "np.ndarray[Any, np.dtype[np.bool_]] | None"]


def _aligned(channels: Sequence[Channel]) -> tuple[IntArray, list[Column]]:
    """Common instants, and each channel's values there with a mask of where it has none."""
    if not channels:
        return np.empty(0, dtype=np.int64), []
    first = channels[0].t_us
    if all(c.t_us is first or np.array_equal(c.t_us, first) for c in channels):
        return first, [(c.values, None) for c in channels]
    # two samples of one channel may carry the same time: its first, its second … are rows apart
    keys = [np.stack((c.t_us, _repeats(c.t_us)), axis=1) for c in channels]
    rows, where = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    columns: list[Column] = []
    at = 0
    for channel in channels:
        own = where[at : at + len(channel)]
        at += len(channel)
        values = np.full(len(rows), np.nan)
        is_absent = np.ones(len(rows), dtype=np.bool_)
        values[own], is_absent[own] = channel.values, False
        columns.append((values, is_absent))
    return np.ascontiguousarray(rows[:, 0]), columns


def _repeats(t_us: IntArray) -> IntArray:
    """How many samples before each one carry the same time, int64 shape (n,)."""
    at = np.arange(t_us.size)
    is_new = np.ones(t_us.size, dtype=np.bool_)
    is_new[1:] = t_us[1:] != t_us[:-1]
    return np.asarray(at - np.maximum.accumulate(np.where(is_new, at, 0)), dtype=np.int64)

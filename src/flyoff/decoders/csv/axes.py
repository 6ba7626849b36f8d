"""Which of a table's two horizontal speeds is north: its own positions decide.

DJI's interface counts x north and y east; AirData's help says the contrary of the columns that it
takes over from there. Where a vehicle moved far enough, the change of its coordinates settles it.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from flyoff.decoders.csv.decode import CsvTopic
from flyoff.decoders.csv.mapping import Column, Columns
from flyoff.decoders.rawlog import numbers
from flyoff.units import RAD_PER_DEGREE, FloatArray, IntArray

NOTE: Final = "its positions say that the speeds it calls x and y are east and north"
_NORTH, _EAST = "velocity.north", "velocity.east"
_NEEDED: Final = ("position.lat", "position.lon", _NORTH, _EAST)
_EARTH_M: Final = 6_371_000.0
_STEP_US: Final = 2_000_000
#: So many steps have to be flown faster than a receiver's noise [m/s].
_STEPS, _MOVING = 8, 1.5
#: Turned, the error has to be this many times smaller.
_CLEARLY: Final = 4.0


def settled(meant: Columns, topic: CsvTopic, order: IntArray, t_us: IntArray) -> Columns:
    """The same meanings, north and east exchanged if only that fits the positions.

    Parameters
    ----------
    meant : Columns
        Known by a header; what a person wrote down stands.
    order : int64, shape (n,)
        Rows in order of time.
    t_us : int64, shape (n,) [µs]
    """
    found = {c.channel: c for c in meant.columns}
    if not meant.is_guessed or not all(name in found for name in _NEEDED):
        return meant
    columns = [_values(topic, found[name])[order] for name in _NEEDED]
    if not _are_turned(t_us, *columns):
        return meant
    other = {_NORTH: _EAST, _EAST: _NORTH}
    turned = tuple(replace(c, channel=other.get(c.channel, c.channel)) for c in meant.columns)
    return replace(meant, columns=turned, source=f"{meant.source}; {NOTE}")


def _values(topic: CsvTopic, column: Column) -> FloatArray:
    # both speeds are in one unit, so it does not matter for which of them is which
    found: FloatArray = numbers(topic.column(column.column))
    return found


def _are_turned(
    t_us: IntArray, lat: FloatArray, lon: FloatArray, x: FloatArray, y: FloatArray
) -> bool:
    """Whether x and y fit the change of longitude and latitude, and not the reverse."""
    steps = np.unique(np.searchsorted(t_us, np.arange(t_us[0], t_us[-1], _STEP_US)))
    middle = (steps[1:] + steps[:-1]) // 2
    seconds = np.diff(t_us[steps]) / 1e6
    north = np.diff(lat[steps]) * RAD_PER_DEGREE * _EARTH_M / seconds
    wide = np.cos(lat[middle] * RAD_PER_DEGREE)
    east = np.diff(lon[steps]) * RAD_PER_DEGREE * _EARTH_M * wide / seconds
    x, y = x[middle], y[middle]
    moving = np.isfinite(north + east + x + y) & (np.hypot(north, east) > _MOVING)
    if moving.sum() < _STEPS:
        return False
    north, east, x, y = north[moving], east[moving], x[moving], y[moving]
    # by direction alone, since the speeds' unit is the pilot's choice
    size = np.hypot(x, y) / np.hypot(north, east)
    size = np.where(size > 0, size, 1.0)
    straight = np.hypot(x / size - north, y / size - east).sum()
    turned = np.hypot(y / size - north, x / size - east).sum()
    return bool(turned * _CLEARLY < straight)

"""Which places of a log belong to its flight: those to which a way leads from the launch.

Links of at most ``ISLAND_M`` make a way; what no chain of them joins to the launch is an island.
Places are compared by cells of a tenth of a degree, and only where any lies far from the launch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from flyoff.units import BoolArray, FloatArray, IntArray, Metres

#: Farther apart than this, places are joined by no way of one log.
ISLAND_M: Final[Metres] = 50_000.0
METRES_PER_DEGREE: Final[Metres] = 111_000.0
_CELL_DEG: Final = 0.1
#: More cells than this are garbage, and no flight.
_MOST_CELLS: Final = 4000
#: More islands than this are garbage: their places are not kept.
_MOST_ISLANDS: Final = 8
Cells = IntArray


@dataclass(slots=True)
class Reach:
    """Islands of one log, found when they are first asked for.

    Attributes
    ----------
    launch : (lat, lon) [deg]
    places : callable
        Gives latitudes and longitudes [deg] of every record that is a place.
    """

    launch: tuple[float, float]
    places: Callable[[], Iterator[tuple[FloatArray, FloatArray]]]
    _found: tuple[Cells, IntArray] | None = field(init=False, default=None)

    def holds(self, lat: FloatArray, lon: FloatArray) -> BoolArray:
        """Whether a way leads to each from the launch."""
        return np.asarray(self._islands(lat, lon) == 0, dtype=np.bool_)

    def anchors(self, lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
        """Middle of each one's island [deg] and its number; number -1 where there is none."""
        numbers = self._islands(lat, lon)
        cells, islands = self._all()
        middle = {k: cells[islands == k][0] * _CELL_DEG for k in np.unique(numbers).tolist()}
        at = np.array([middle.get(k, (0.0, 0.0)) for k in numbers.tolist()]).reshape(-1, 2)
        return at[:, 0], at[:, 1], np.where(numbers > 0, numbers - 1, -1)

    def _islands(self, lat: FloatArray, lon: FloatArray) -> IntArray:
        """Number of the island of each place, 0 for the flight's own, -1 for none."""
        cells, islands = self._all()
        wanted = _codes(_cells(lat, lon))
        known = _codes(cells)
        order = np.argsort(known)
        at = np.clip(np.searchsorted(known[order], wanted), 0, known.size - 1)
        found = order[at]
        numbers: IntArray = np.where(known[found] == wanted, islands[found], -1)
        return numbers

    def _all(self) -> tuple[Cells, IntArray]:
        if self._found is None:
            pairs = [_some(lat, lon) for lat, lon in self.places()]
            start = _cells(np.array([self.launch[0]]), np.array([self.launch[1]]))
            cells = np.unique(np.concatenate([start, *pairs]), axis=0)[:_MOST_CELLS]
            cells = np.concatenate([start, cells])
            self._found = cells, _joined(cells)
        return self._found


def _some(lat: FloatArray, lon: FloatArray) -> Cells:
    with np.errstate(invalid="ignore"):
        good = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
    return np.unique(_cells(lat[good], lon[good]), axis=0)


def _cells(lat: FloatArray, lon: FloatArray) -> Cells:
    with np.errstate(invalid="ignore"):
        both = np.stack([np.rint(lat / _CELL_DEG), np.rint(lon / _CELL_DEG)], axis=1)
        cells: Cells = np.nan_to_num(np.clip(both, -1e5, 1e5), nan=-1e5).astype(np.int64)
    return cells


def _codes(cells: Cells) -> IntArray:
    return np.asarray(cells[:, 0] * 1_000_000 + cells[:, 1], dtype=np.int64)


def _joined(cells: Cells) -> IntArray:
    """Islands by number, the first cell's being 0; -1 for what comes after the last counted."""
    islands = np.full(cells.shape[0], -1, dtype=np.int64)
    degrees = cells * _CELL_DEG
    # as wide as the corner of a cell is from its middle, on both sides
    limit = (ISLAND_M / METRES_PER_DEGREE + _CELL_DEG) ** 2
    for number in range(_MOST_ISLANDS + 1):
        left = np.flatnonzero(islands < 0)
        if not left.size:
            break
        edge = [int(left[0])]
        islands[edge] = number
        while edge:
            at = edge.pop()
            left = np.flatnonzero(islands < 0)
            north = degrees[left, 0] - degrees[at, 0]
            east = (degrees[left, 1] - degrees[at, 1]) * np.cos(np.radians(degrees[at, 0]))
            near = left[north**2 + east**2 <= limit]
            islands[near] = number
            edge += near.tolist()
    return islands

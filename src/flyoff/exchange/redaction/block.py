"""Records of one kind as a matrix of bytes whose cells are read and written as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from flyoff.units import ByteArray, FloatArray


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a field stands in its record, and what its integers are divided by (0: nothing)."""

    at: int
    dtype: np.dtype[Any]
    divisor: float = 0.0

    @property
    def end(self) -> int:
        """The byte after it."""
        return self.at + self.dtype.itemsize


@dataclass(slots=True)
class Block:
    """Some records of one layout.

    Attributes
    ----------
    rows : uint8, shape (n, bytes of a record)
    cells : mapping of field name to Cell
    """

    rows: ByteArray
    cells: Mapping[str, Cell]

    def __len__(self) -> int:
        return int(self.rows.shape[0])

    def raw(self, name: str) -> npt.NDArray[Any]:
        """A column as stored, shape (n,)."""
        cell = self.cells[name]
        return np.ascontiguousarray(self.rows[:, cell.at : cell.end]).view(cell.dtype)[:, 0]

    def read(self, name: str) -> FloatArray:
        """A column in the unit that the format states, shape (n,)."""
        values = self.raw(name).astype(np.float64)
        divisor = self.cells[name].divisor
        return values / divisor if divisor else values

    def write(self, name: str, values: FloatArray) -> None:
        """Write a column; integers are rounded and kept in their range, NaN becomes 0 there."""
        cell = self.cells[name]
        if cell.dtype.kind in "iu":
            info = np.iinfo(cell.dtype)
            scaled = np.rint(values * cell.divisor if cell.divisor else values)
            # the greatest float below 2^63 is not the greatest integer
            high = float(info.max) if cell.dtype.itemsize < 8 else 2.0**63 - 1024.0
            values = np.clip(np.nan_to_num(scaled, nan=0.0), float(info.min), high)
        self.store(name, values.astype(cell.dtype))

    def store(self, name: str, values: npt.NDArray[Any]) -> None:
        """Write a column as it is to stand there."""
        cell = self.cells[name]
        flat = np.ascontiguousarray(values, dtype=cell.dtype).view(np.uint8)
        self.rows[:, cell.at : cell.end] = flat.reshape(len(self), -1)

    def named(self, name: str) -> list[str]:
        """The cells of a field: itself, or each element of an array."""
        if name in self.cells:
            return [name]
        return [cell for cell in self.cells if cell.startswith(name + "[")]

    def has(self, *names: str) -> bool:
        """Whether the records carry all of these."""
        return bool(names) and all(name in self.cells for name in names)


def in_degrees(cells: Mapping[str, Cell], places: Sequence[tuple[str, ...]]) -> dict[str, Cell]:
    """Cells in which integers that are places count 1e-7 of a degree."""
    of_place = {name for pair in places for name in pair}
    return {
        name: replace(cell, divisor=1e7)
        if name in of_place and cell.dtype.kind == "i" and not cell.divisor
        else cell
        for name, cell in cells.items()
    }

"""What every decoder gives: topics as the maker named them, and the receipt."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from flyoff.decoders.receipt import Receipt
from flyoff.decoders.source import Source
from flyoff.units import FloatArray, IntArray

Column = npt.NDArray[Any]
Columns = dict[str, Column]


class Topic(ABC):
    """A table inside a log; columns are gathered from the file only when asked for.

    Attributes
    ----------
    name : str
        As the log's own description gives it.
    instance : int
    fields : tuple of str
        Flattened field names, in the log's order, time column included.
    time_field : str
        The field that carries the time, such as ``"TimeUS"`` or ``"timestamp"``; ``""`` if none.
    units : mapping of field name to the unit that the log itself states
    """

    name: str
    instance: int
    fields: tuple[str, ...]
    time_field: str
    units: Mapping[str, str]

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    @abstractmethod
    def offsets(self) -> IntArray:
        """Byte offset of each row's record in the file, int64 shape (n,), ascending."""

    @abstractmethod
    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns in one sweep over the file.

        Returns
        -------
        dict of field name to array, shape (n,), of the field's own type (scaled fields float64,
        char fields as bytes ``S<n>``)
        """

    def columns(self) -> Columns:
        """Every column, time included."""
        return self.gather(self.fields)

    def column(self, field: str) -> Column:
        """One column, shape (n,); KeyError if the topic has no such field."""
        return self.gather((field,))[field]

    def dtype(self, field: str) -> np.dtype[Any]:
        """Type of one row of a column; of kind ``V`` where a row is an array."""
        column = self.column(field)
        return np.dtype((column.dtype, column.shape[1:]))

    def time_us(self) -> IntArray:
        """Time of each row on the log's own clock, int64 shape (n,) [µs], as logged."""
        if not self.time_field:
            return np.zeros(len(self), dtype=np.int64)
        return self.times_of(self.column(self.time_field))

    def times_of(self, stamps: Column) -> IntArray:
        """Times [µs] of what ``time_field`` holds, int64 shape (n,)."""
        return stamps.astype(np.int64)

    def has(self, *fields: str) -> bool:
        """Whether the topic has all these fields."""
        return set(fields).issubset(self.fields)

    def __repr__(self) -> str:
        return f"<Topic {self.name}[{self.instance}] {len(self)} rows × {len(self.fields)}>"


@dataclass(frozen=True, slots=True)
class Message:
    """A text that the log carries; ``level`` is syslog severity 0 … 7 (6 where none is given)."""

    t_us: int
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter that changed after the start of the data."""

    t_us: int
    name: str
    value: float


@dataclass(slots=True, eq=False)
class RawLog:
    """A decoded log before normalisation.

    Attributes
    ----------
    format : str
        ``ulog``, ``dataflash`` …
    source : Source
    receipt : Receipt
    topics : mapping of (name, instance) to Topic
    params : mapping of parameter name to value at the start (int or float as the log has it)
    messages : list of Message, in file order
    info : mapping of what the log says of itself (``sys_uuid``, ``ver_sw`` …), as text
    parameter_changes : list of ParameterChange
    boots : tuple of (first, last+1) byte ranges, one for each boot found
    """

    format: str
    source: Source
    receipt: Receipt
    topics: Mapping[tuple[str, int], Topic]
    params: Mapping[str, float] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    info: Mapping[str, str] = field(default_factory=dict)
    parameter_changes: list[ParameterChange] = field(default_factory=list)
    boots: tuple[tuple[int, int], ...] = ()

    @property
    def path(self) -> str:
        """The file, or the name given to bytes in memory."""
        return self.source.path

    def topic(self, name: str, instance: int = 0) -> Topic | None:
        """A topic with at least one row, or None."""
        found = self.topics.get((name, instance))
        return found if found is not None and len(found) else None

    def instances(self, name: str) -> list[int]:
        """Instance numbers of a topic, ascending."""
        return sorted(i for n, i in self.topics if n == name)

    def __repr__(self) -> str:
        r = self.receipt
        return (
            f"<RawLog {self.format} {self.path}: {len(self.topics)} topics, {r.messages} messages, "
            f"{r.status}, {r.skipped_bytes} of {r.bytes} bytes skipped>"
        )


class DeferredLog(RawLog):
    """A log of which some parts are read from the file only when somebody asks for them.

    Parameters
    ----------
    readers : mapping of attribute name to the function that reads it
        In place of a value that the class above would be given.
    known
        The other attributes.
    """

    def __init__(self, readers: Mapping[str, Callable[[], Any]], **known: Any) -> None:
        later = dict.fromkeys(readers)
        super().__init__(**{**later, **known})
        for name in later:  # an attribute that is not there is asked of __getattr__
            delattr(self, name)
        self._readers = dict(readers)

    def __getattr__(self, name: str) -> Any:
        reader = self.__dict__.get("_readers", {}).get(name)
        if reader is None:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        value = reader()
        setattr(self, name, value)
        return value


def numbers(column: Column) -> FloatArray:
    """A column as float64 of its shape; NaN where a cell holds a text that is no number.

    A log describes its own columns, and a damaged or hostile description may call anything a text.

    Examples
    --------
    >>> numbers(np.array([b"1.5", b"what"])).tolist()
    [1.5, nan]
    """
    if column.dtype.kind != "S":
        return column.astype(np.float64)
    return np.array([_number(cell) for cell in column.tolist()], dtype=np.float64)


def _number(cell: bytes) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")

"""A table of a text log: its lines in file order, cut into columns when asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from flyoff.decoders import text_cells as cells
from flyoff.decoders.dataflash.layout import CODES, Field
from flyoff.decoders.dataflash.modes import BLIMP, COPTER, PLANE, ROVER, SUB
from flyoff.decoders.dataflash.topic import Meaning
from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.decoders.text_lines import Cells, Lines, cut, pieces
from flyoff.units import ByteArray, IntArray

#: What stands for the time field where a record carries none: its stamps are interpolated between
#: those of the records around it.
INTERPOLATED = "(interpolated)"

#: A word of the firmware's greeting to the modes of that firmware.
MODES: dict[str, dict[int, str]] = {
    "copter": COPTER, "plane": PLANE, "rover": ROVER, "sub": SUB, "blimp": BLIMP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """What a FMT line says: cells in their order, and the type number that FMTU refers to.

    Attributes
    ----------
    places : mapping of field name to place; of a name met twice the last one counts
    """

    name: str
    kind: int
    characters: str
    labels: tuple[str, ...]
    places: Mapping[str, int] = field(compare=False, hash=False)

    def takes_rest(self, place: int) -> bool:
        """Whether a cell is a text at the end of the line, in which delimiters may stand."""
        is_last = place == len(self.characters) - 1
        return is_last and self.characters[place] not in NUMBERS


#: Characters whose cells are numbers.
NUMBERS = frozenset(c for c, code in CODES.items() if code.dtype.kind != "S" and not code.shape)


def layout(name: str, kind: int, characters: str, labels: str) -> Layout:
    """Read what a FMT line says; a label without a character, or the reverse, names nothing."""
    names = tuple(label.strip() for label in labels.split(",")) if labels else ()
    pairs = zip(names, range(len(characters)), strict=False)
    return Layout(name, kind, characters, names, {n: i for n, i in pairs if n})


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """What all topics of one log share.

    Attributes
    ----------
    spaced : bool
        The delimiter is a comma and a blank.
    modes : mapping of a mode's name, without its blanks and underscores, to its number
    """

    data: ByteArray
    lines: Lines
    spaced: bool
    modes: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of a table that one FMT line describes; numbers of their lines, ascending."""

    layout: Layout
    rows: IntArray


class TextTopic(Topic):
    """One message of one instance.

    Attributes
    ----------
    parts : tuple of Part
    """

    def __init__(
        self,
        text: Text,
        instance: int,
        parts: tuple[Part, ...],
        meaning: Meaning | None = None,
        stamps: "Callable[[TextTopic], IntArray] | None" = None,
    ) -> None:
        self._text, self._meaning, self._stamps = text, meaning, stamps
        self.parts = parts
        self.name = parts[0].layout.name
        self.instance = instance
        self.fields = tuple(dict.fromkeys(n for p in parts for n in p.layout.places))
        self.own_clock, self.time_factor = own_clock(self.name, self.fields)
        self.time_field = self.own_clock or (INTERPOLATED if stamps else "")

    def __len__(self) -> int:
        return sum(p.rows.size for p in self.parts)

    @cached_property
    def rows(self) -> IntArray:
        """Number of each row's line, ascending."""
        return np.sort(np.concatenate([p.rows for p in self.parts]))

    @property
    def offsets(self) -> IntArray:
        """Where each row's line starts, ascending."""
        return self._text.lines.starts[self.rows]

    @cached_property
    def units(self) -> Mapping[str, str]:  # type: ignore[override]  # read only, made when asked for
        """Unit of each field as its values are handed out, where the log states one."""
        if self._meaning is None:
            return {}
        last = self.parts[-1].layout
        found: dict[str, str] = {}
        for name, place in last.places.items():
            character = last.characters[place]
            if character in CODES:
                unit = self._meaning.unit(place, Field(name, character, 0, CODES[character]))
                found |= {name: unit} if unit else {}
        return found

    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns in one sweep over the table's lines."""
        wanted = tuple(fields)
        for name in wanted:
            if name not in self.fields:
                raise KeyError(f"{self.name} has no field {name!r}, only {', '.join(self.fields)}")
        gathered = [self._part(part, wanted) for part in self.parts]
        if len(gathered) == 1:
            return gathered[0]
        order = np.argsort(np.concatenate([p.rows for p in self.parts]), kind="stable")
        sizes = [p.rows.size for p in self.parts]
        joined = {n: _joined([c.get(n) for c in gathered], sizes) for n in wanted}
        return {n: column[order] for n, column in joined.items()}

    def _part(self, part: Part, wanted: tuple[str, ...]) -> Columns:
        lines, columns = self._text.lines, dict[str, list[Column]]()
        starts, ends = lines.starts[part.rows], lines.ends[part.rows]
        names = [n for n in wanted if n in part.layout.places]
        for run in pieces(starts, ends):
            found = cut(self._text.data, starts[run], ends[run], spaced=self._text.spaced)
            for name in names:
                columns.setdefault(name, []).append(self._column(found, part.layout, name))
        return {n: c[0] if len(c) == 1 else np.concatenate(c) for n, c in columns.items()}

    def _column(self, found: Cells, described: Layout, name: str) -> Column:
        place = described.places[name]
        character = described.characters[place]
        begin, end = found.bounds(place, takes_rest=described.takes_rest(place))
        if character not in NUMBERS:
            return cells.as_text(found.text, begin, end)
        code = CODES[character]
        if character == "M":
            return self._modes(found, begin, end)
        if code.dtype.kind == "f" or code.divisor:
            return cells.as_floats(found.text, begin, end)
        return cells.as_integers(found.text, begin, end, code.dtype)

    def _modes(self, found: Cells, begin: IntArray, end: IntArray) -> Column:
        """Modes by number; old loggers print their names. NaN where a name is unknown."""
        numbers = cells.as_integers(found.text, begin, end, CODES["M"].dtype)
        if numbers.dtype.kind != "f":
            return numbers
        names = cells.as_text(found.text, begin, end)
        named = [mode_number(bytes(n), self._text.modes) for n in names]
        filled = np.where(np.isnan(numbers), named, numbers)
        return filled if np.isnan(filled).any() else filled.astype(np.int64)

    def time_us(self) -> IntArray:
        """Time of each row on the logger's clock, int64 shape (n,) [µs]."""
        if self.own_clock:
            stamps = self.column(self.own_clock)
            if stamps.dtype.kind == "S":
                return np.zeros(len(self), dtype=np.int64)
            if stamps.dtype.kind == "f":  # some rows are no whole numbers
                stamps = np.clip(np.nan_to_num(stamps), 0, 2**53)
            return stamps.astype(np.int64) * np.int64(self.time_factor)
        if self._stamps is not None:
            return self._stamps(self)
        return np.zeros(len(self), dtype=np.int64)


def own_clock(name: str, fields: Iterable[str]) -> tuple[str, int]:
    """The field that carries the logger's own clock, and how many µs its unit is.

    In GPS records ``TimeMS`` is the receiver's time of week, and the logger's clock is ``T``.
    """
    have = set(fields)
    if "TimeUS" in have:
        return "TimeUS", 1
    if name in ("GPS", "GPS2"):
        return ("T", 1000) if "T" in have else ("", 1)
    return ("TimeMS", 1000) if "TimeMS" in have else ("", 1)


def mode_names(firmware: str) -> dict[str, int]:
    """Names of a firmware's modes, plain, to their numbers; empty if it is none that we know."""
    for word, modes in MODES.items():
        if word in firmware.lower():
            return {_plain(name): number for number, name in modes.items()}
    return {}


def mode_number(name: bytes, modes: Mapping[str, int]) -> float:
    """Number of a mode that is written by name, ``Mode(17)`` included; NaN if it is unknown."""
    text = _plain(name.decode("latin-1"))
    inner = text.removeprefix("MODE(").removesuffix(")")
    return float(inner) if inner.isdecimal() else float(modes.get(text, float("nan")))


def _plain(name: str) -> str:
    return name.upper().replace("_", "").replace(" ", "")


def _joined(columns: Sequence[Column | None], sizes: Sequence[int]) -> Column:
    """One column over parts of different descriptions; empty, or NaN, where a part lacks it."""
    have = [c for c in columns if c is not None]
    if len({c.dtype.kind == "S" for c in have}) > 1:
        columns = [c if c is None else c.astype("S") for c in columns]
        have = [c for c in columns if c is not None]
    dtype = np.result_type(*(c.dtype for c in have))
    if len(have) < len(columns) and dtype.kind in "iu":
        dtype = np.dtype(np.float64)  # integers cannot say "not logged"
    absent = b"" if dtype.kind == "S" else np.nan
    pairs = zip(columns, sizes, strict=True)
    return np.concatenate(
        [np.full(n, absent, dtype=dtype) if c is None else c.astype(dtype) for c, n in pairs]
    )

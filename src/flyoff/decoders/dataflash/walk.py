"""From bytes to an index: where each record of each table stands, and which bytes none explains."""

from dataclasses import dataclass, field

import numpy as np

from flyoff.decoders._kernels import scatter_slots
from flyoff.decoders.dataflash import _kernels as kernels
from flyoff.decoders.dataflash.layout import (
    FMT_DEFINITION,
    FMT_SIZE,
    FMT_TYPE,
    Definition,
    parse_fmt,
)
from flyoff.decoders.receipt import MAX_GAPS_LISTED
from flyoff.units import ByteArray, IntArray

#: Definitions of one log at most. A firmware has below 256; a file that claims more than this is
#: built to exhaust memory, and further ones leave their records unread.
MAX_DEFINITIONS = 4096
#: Records noted in one piece; pieces are not copied when a log has more.
PIECE = 1 << 20


@dataclass(slots=True, eq=False)
class Index:
    """What one walk over a log found.

    Attributes
    ----------
    definitions : list of Definition
        A table's number is its place here; number 0 is FMT.
    rows : list of int64 arrays
        Offsets of the records of each table, ascending.
    in_force : list of (int, int, int)
        Offset of a FMT record, type number, and the number of the table that it stands for.
    messages : int
        Whole records found.
    gaps : int64, shape (n, 4)
        Offset, bytes, reason (see ``_kernels``), type.
    unknown : int64, shape (256,)
        Headers of each type that nothing describes.
    """

    definitions: list[Definition]
    rows: list[IntArray]
    in_force: list[tuple[int, int, int]]
    messages: int
    gaps: IntArray
    omitted: int
    skipped: int
    resyncs: int
    unknown: IntArray
    notes: list[str] = field(default_factory=list)


def index(data: ByteArray) -> Index:
    """Walk a log.

    A type may be used before its FMT record comes (loggers that drop blocks send it again later):
    then the log is walked once more, with the first definition of such a type in force from the
    start.
    """
    walker = _Walker(data)
    walker.run()
    late = {kind: at for kind, at in walker.first_fmt.items() if walker.unknown[kind]}
    if late:
        walker = _Walker(data, late)
        walker.run()
    return walker.index()


class _Walker:
    def __init__(self, data: ByteArray, early: dict[int, int] | None = None) -> None:
        self.data = data
        self.lengths = np.zeros(256, dtype=np.int64)
        self.slots = np.zeros(256, dtype=np.int64)
        self.formats = np.full(256, -1, dtype=np.int64)
        self.seen = np.zeros(256, dtype=np.int64)
        self.unknown = np.zeros(256, dtype=np.int64)
        self.gaps = np.zeros((MAX_GAPS_LISTED, 4), dtype=np.int64)
        self.state = np.zeros(kernels.STATE_SIZE, dtype=np.int64)
        self.offsets: list[IntArray] = []
        self.owners: list[IntArray] = []
        self.definitions = [FMT_DEFINITION]
        self.numbers = {FMT_DEFINITION: 0}
        self.in_force: list[tuple[int, int, int]] = [(-1, FMT_TYPE, 0)]
        self.first_fmt: dict[int, int] = {}
        self.notes: dict[str, None] = {}
        self.lengths[FMT_TYPE] = FMT_SIZE
        for kind, at in (early or {}).items():
            self.formats[kind] = at
            self.learn(at, from_offset=-1)

    def run(self) -> None:
        """Walk to the end of the data."""
        self._new_piece()
        reason = kernels.FULL
        while reason != kernels.DONE:
            before = int(self.state[kernels.FILLED])
            reason = kernels.walk(
                self.data, self.lengths, self.slots, self.formats,
                self.offsets[-1], self.owners[-1], self.seen, self.unknown, self.gaps, self.state,
            )  # fmt: skip
            self._learn_since(before)
            if reason == kernels.FULL:
                self._close_piece()
                self._new_piece()
        self._close_piece()

    def _learn_since(self, row: int) -> None:
        """Take the FMT records into force that the last stretch brought."""
        rows = slice(row, int(self.state[kernels.FILLED]))
        for at in self.offsets[-1][rows][self.owners[-1][rows] == 0].tolist():
            self.learn(at, from_offset=at)

    def _new_piece(self) -> None:
        # no record is shorter than its header, so this never holds more than the rest of the file
        left = self.data.size - int(self.state[kernels.AT])
        capacity = min(PIECE, left // 3 + 1)
        self.offsets.append(np.empty(capacity, dtype=np.int64))
        self.owners.append(np.empty(capacity, dtype=np.uint16))
        self.state[kernels.FILLED] = 0

    def _close_piece(self) -> None:
        filled = int(self.state[kernels.FILLED])
        self.offsets[-1] = self.offsets[-1][:filled]
        self.owners[-1] = self.owners[-1][:filled]

    def learn(self, at: int, from_offset: int) -> None:
        """Take the FMT record at ``at`` into force."""
        kind = int(self.data[at + 3])
        found = parse_fmt(self.data[at + 4 : at + FMT_SIZE].tobytes())
        if found is None:
            self.note(f"FMT of type {kind} at {at:#x} is implausible, not believed")
            return
        if kind == FMT_TYPE:
            if found.length != FMT_SIZE:
                self.note(f"FMT at {at:#x} gives itself {found.length} bytes, expected {FMT_SIZE}")
            return
        number = self._number(found)
        if number is None:
            self.lengths[kind] = 0
            self.note(f"more than {MAX_DEFINITIONS} definitions, further ones are not believed")
            return
        self.first_fmt.setdefault(kind, at)
        if self.lengths[kind] and self.slots[kind] == number:
            return  # said again
        self.lengths[kind] = found.length
        self.slots[kind] = number
        self.in_force.append((from_offset, kind, number))

    def _number(self, found: Definition) -> int | None:
        number = self.numbers.get(found)
        if number is None and len(self.definitions) < MAX_DEFINITIONS:
            number = self.numbers[found] = len(self.definitions)
            self.definitions.append(found)
            for problem in found.problems:
                self.note(problem)
        return number

    def note(self, text: str) -> None:
        """Keep a note for the receipt, once, and not without end."""
        if len(self.notes) < 100:
            self.notes[text] = None

    def index(self) -> Index:
        """Group the records by table."""
        state = self.state
        messages = sum(piece.size for piece in self.offsets)
        return Index(
            definitions=self.definitions,
            rows=self._rows(),
            in_force=self.in_force,
            messages=messages,
            gaps=self.gaps[: state[kernels.GAPS]],
            omitted=int(state[kernels.OMITTED]),
            skipped=int(state[kernels.SKIPPED]),
            resyncs=int(state[kernels.RESYNCS]),
            unknown=self.unknown,
            notes=list(self.notes),
        )

    def _rows(self) -> list[IntArray]:
        tables = len(self.definitions)
        counts = np.zeros(tables, dtype=np.int64)
        for owners in self.owners:
            counts += np.bincount(owners, minlength=tables)
        ends = np.cumsum(counts)
        cursor = ends - counts
        grouped = np.empty(int(ends[-1]), dtype=np.int64)
        while self.offsets:  # freed as they are used: the index is held once
            scatter_slots(self.offsets.pop(0), self.owners.pop(0), cursor, grouped)
        starts = (ends - counts).tolist()
        return [grouped[a:b] for a, b in zip(starts, ends.tolist(), strict=True)]

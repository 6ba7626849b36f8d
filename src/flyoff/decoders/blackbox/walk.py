"""Lending tables to the kernel until a log is read."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.blackbox import _kernels as k
from flyoff.decoders.blackbox.layout import Header
from flyoff.decoders.blackbox.program import EVENT_FIELDS, Program, program_of
from flyoff.units import ByteArray, IntArray

#: Columns of a block lie this many rows apart; no power of two, or they would share cache sets.
BLOCK_ROWS: Final = 8200
#: A block of a table takes no more than this.
BLOCK_BYTES: Final = 4 << 20
MAX_GAPS: Final = 2000
#: Decoded values are kept while they take less than this, or this many times the log's bytes;
#: beyond, a topic is decoded again when its columns are asked for.
KEEP_BYTES: Final = 256 << 20
KEEP_RATIO: Final = 16
TABLES: Final = ("main", "slow", "gps", "home", "event")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of a table: values uint32 shape (fields, n), stamps int64 shape (2, n)."""

    values: k.Table
    stamps: IntArray


@dataclass(slots=True, eq=False, repr=False)
class Log:
    """One log of a file, read.

    Attributes
    ----------
    header : Header
    end, bound : int
        Where reading stopped: behind the end marker, or at ``bound``, where the next log begins.
    program : Program
    is_closed : bool
        Its end marker stands there.
    blocks : one list of Block for each of ``TABLES``
    is_kept : bool
        The blocks of the main table hold values, not stamps alone.
    gaps : int64, shape (n, 3)
        Offset, length, reason.
    """

    header: Header
    end: int
    bound: int
    program: Program
    is_closed: bool
    blocks: tuple[list[Block], ...]
    is_kept: bool
    gaps: IntArray
    skipped: int
    omitted: int
    resyncs: int
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class _Walked:
    """What a walk leaves behind."""

    ctl: IntArray
    blocks: tuple[list[Block], ...]
    gaps: IntArray
    is_kept: bool


def read_log(data: ByteArray, header: Header, end: int) -> Log:
    """Read all frames of a log whose bytes reach to ``end``."""
    program = program_of(header)
    limit = max(KEEP_BYTES, KEEP_RATIO * (end - header.start))
    found = _walk(data, program, (header.end, end), _places(header), limit)
    ctl = found.ctl
    return Log(
        header,
        int(ctl[k.POS]),
        end,
        program,
        bool(ctl[k.ENDED]),
        found.blocks,
        found.is_kept,
        found.gaps,
        int(ctl[k.SKIPPED]),
        int(ctl[k.GAPS_OMITTED]),
        int(ctl[k.RESYNCS]),
        int(ctl[k.FRAMES]),
    )


def read_again(data: ByteArray, log: Log, wanted: list[int]) -> list[Block]:
    """Blocks of the main table with only some fields, for a log whose values were not kept."""
    places = _places(log.header)
    places[0][:] = -1
    places[0][wanted] = np.arange(len(wanted))
    span = (log.header.end, log.bound)
    return _walk(data, log.program, span, places, 1 << 62).blocks[k.MAIN_TABLE]


def _walk(
    data: ByteArray,
    program: Program,
    span: tuple[int, int],
    places: tuple[IntArray, ...],
    limit: int,
) -> _Walked:
    """Walk over ``span``; beyond ``limit`` bytes of values, those of the main table are let go."""
    size, width = span[1] - span[0], program.width
    blocks: tuple[list[Block], ...] = ([], [], [], [], [])
    gaps = np.zeros((MAX_GAPS, 3), dtype=np.int64)
    hist, rows = np.zeros((3, width), dtype=np.int64), np.zeros((2, width), dtype=np.int64)
    ctl, base = program.ctl.copy(), program.base.copy()
    ctl[k.END] = span[1]
    spare = [_block(int(p.max(initial=-1)) + 1, size) for p in places]
    used, is_kept = 0, True
    description = program.kinds, program.ops, program.spans, (program.predictors, program.signed)
    while True:
        tables, stamps = tuple(b.values for b in spare), tuple(b.stamps for b in spare)
        state = base, program.skip, hist, rows
        full = k.walk(data, ctl, *description, *state, tables, stamps, places, gaps)
        if full == k.DONE:
            break
        blocks[full].append(spare[full])
        ctl[k.ROWS + full] = 0
        used += spare[full].values.nbytes
        if is_kept and used > limit:
            is_kept = False
            blocks[0][:] = [Block(b.values[:0], b.stamps) for b in blocks[0]]
            places = (np.full_like(places[0], -1), *places[1:])
        spare[full] = _block(int(places[full].max(initial=-1)) + 1, size)
    for number, last in enumerate(spare):
        n = int(ctl[k.ROWS + number])
        if n:
            blocks[number].append(Block(last.values[:, :n], last.stamps[:, :n]))
    return _Walked(ctl, blocks, gaps[: int(ctl[k.N_GAPS])].copy(), is_kept)


def _places(header: Header) -> tuple[IntArray, ...]:
    """Every field in a column of its own."""
    counts = [len(header.frames[kind].names) if kind in header.frames else 0 for kind in "ISGH"]
    return tuple(np.arange(n, dtype=np.int64) for n in (*counts, EVENT_FIELDS))


def _block(fields: int, size: int) -> Block:
    """An empty block; no log has more frames than half its bytes, so small logs get small ones."""
    rows = min(BLOCK_ROWS, max(64, BLOCK_BYTES // (4 * max(fields, 1))), size // 2 + 1)
    return Block(np.empty((fields, rows), dtype=np.uint32), np.empty((2, rows), dtype=np.int64))

"""A long tlog made of a short one: its frames again and again, time running on in one boot."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.decoders.tlog.framing import SIGNED
from flyoff.decoders.tlog.layout import dialect
from flyoff.exchange.redaction import _kernels as kernels
from flyoff.exchange.redaction.block import Block, Cell
from flyoff.exchange.redaction.merge import Piece, merged
from flyoff.exchange.redaction.tlog import Frames, frames_of

_STAMP, _CRC = 8, 2
_NOBODY_ELSE = np.arange(256, dtype=np.uint8)


def long_tlog(path: Path, source: Path, mb: int) -> Path:
    """Write a log of at least ``mb`` megabytes.

    Parameters
    ----------
    path : Path
        Written.
    source : Path
        A real log with stamps of the ground station.
    mb : int [MB]
    """
    raw = DECODER.decode(Source(str(source)))
    found = list(frames_of(raw))
    stamps = np.concatenate([frames.stamps for frames in found])
    first, last = np.quantile(stamps, (0.01, 0.99))
    length_us = int((last - first) * 1.03)
    with path.open("wb") as out:
        for copy in range(mb * 1_000_000 // len(raw.source) + 1):
            pieces = [_moved(raw.source.data, frames, copy * length_us) for frames in found]
            out.write(merged(pieces).tobytes())
    return path


def _moved(data: np.ndarray, frames: Frames, shift_us: int) -> Piece:
    header = 6 if frames.is_v1 else 10
    first, size = _STAMP + header, frames.definition.size
    rows = np.empty((frames.payloads.size, first + size + _CRC), dtype=np.uint8)
    place = frames.payloads, frames.lengths, _STAMP, header
    kernels.pick_frames(data, *place, _NOBODY_ELSE, 0xFF & ~SIGNED, rows)
    stamps = (frames.stamps + shift_us).astype(">i8")
    rows[:, :_STAMP] = stamps.view(np.uint8).reshape(-1, _STAMP)
    cells = {f.name: Cell(first + f.at, f.dtype) for f in frames.definition.fields}
    block = Block(rows, cells)
    for name, units in _clocks():
        if block.has(name):
            values = block.raw(name)
            ahead = np.int64(shift_us // units).astype(values.dtype)  # some clocks run over
            block.store(name, np.where(values > 0, values + ahead, values))
    known = dialect()
    seed = int(known.seeds[known.numbers[frames.definition.id]])
    lengths = frames.lengths.copy() if frames.is_v1 else np.zeros(len(block), dtype=np.int64)
    kernels.seal(rows, _STAMP, header, lengths, seed)
    return Piece(frames.payloads, rows, lengths)


def _clocks() -> Iterator[tuple[str, int]]:
    """Fields that tell a time, and their unit [µs]."""
    yield from (("time_boot_ms", 1000), ("time_usec", 1), ("time_unix_usec", 1))

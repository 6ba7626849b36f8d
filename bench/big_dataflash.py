"""A large DataFlash log made from a real one: its body again and again, time running on."""

from pathlib import Path

import numpy as np

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.source import Source

#: Written once at the start of a log; they are not repeated.
HEADER = frozenset({"FMT", "FMTU", "UNIT", "MULT", "PARM", "VER"})


def big_dataflash(path: Path, source: Path, mb: int) -> Path:
    """Write a log of at least ``mb`` megabytes.

    Parameters
    ----------
    path : Path
        Written.
    source : Path
        A real log whose records carry ``TimeUS``.
    mb : int [MB]
    """
    raw = DECODER.decode(Source(str(source)))
    data = raw.source.data
    starts: list[int] = []
    stamped: list[int] = []
    times: list[int] = []
    for (name, _), topic in raw.topics.items():
        if name in HEADER:
            continue
        starts += topic.offsets.tolist()
        if topic.fields[:1] == ("TimeUS",):
            stamped += topic.offsets.tolist()
            times += topic.time_us().tolist()
    every = np.sort(np.concatenate([t.offsets for t in raw.topics.values()]))
    ends = dict(zip(every.tolist(), [*every[1:].tolist(), data.size], strict=True))
    at: dict[int, int] = {}
    pieces = []
    size = 0
    for start in sorted(starts):
        at[start] = size
        piece = data[start : ends[start]]
        pieces.append(piece)
        size += piece.size
    body = np.concatenate(pieces)
    stamps = np.array([at[start] + 3 for start in stamped], dtype=np.int64)
    bytes_at = stamps[:, None] + np.arange(8)
    first = body[bytes_at].copy().view("<u8")[:, 0]
    step = max(times) - min(times) + 1000
    with path.open("wb") as out:
        out.write(data.tobytes())
        copies = max(0, -(-(mb * 1_000_000 - data.size) // body.size))
        for copy in range(1, copies + 1):
            body[bytes_at] = (first + np.uint64(copy * step))[:, None].view(np.uint8)
            out.write(body.tobytes())
    return path

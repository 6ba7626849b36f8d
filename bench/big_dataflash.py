"""A large DataFlash log made from a real one: its body again and again, time running on."""

from pathlib import Path

import numpy as np

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.dataflash.topic import DataFlashTopic
from flyoff.decoders.source import Source

#: Written once at the start of a log; they are not repeated.
HEADER = frozenset({"FMT", "FMTU", "UNIT", "MULT", "PARM", "VER"})


def big_dataflash(
    path: Path, source: Path, mb: int, within_s: tuple[float, float] | None = None
) -> Path:
    """Write a log of at least ``mb`` megabytes.

    Parameters
    ----------
    path : Path
        Written.
    source : Path
        A real log whose records carry ``TimeUS``; bytes that no record explains are left out.
    mb : int [MB]
    within_s : (float, float)
        Only this stretch of the log's clock is repeated, and the log ends with it: of the middle of
        a flight, one long flight comes.
    """
    raw = DECODER.decode(Source(str(source)))
    data = raw.source.data
    starts, sizes, stamped, repeated = [], [], [], []
    for topic in raw.topics.values():
        assert isinstance(topic, DataFlashTopic)
        for part in topic.parts:
            n, definition = part.offsets.size, part.definition
            starts.append(part.offsets)
            sizes.append(np.full(n, definition.length))
            stamped.append(np.full(n, definition.names[:1] == ("TimeUS",)))
            repeated.append(np.full(n, definition.name not in HEADER))
    order = np.argsort(np.concatenate(starts))
    start, size, timed, again = (
        np.concatenate(a)[order] for a in (starts, sizes, stamped, repeated)
    )
    if within_s is not None:
        us = np.full(start.size, 0, dtype=np.uint64)
        us[timed] = data[start[timed][:, None] + 3 + np.arange(8)].view("<u8")[:, 0]
        first_us, last_us = (np.uint64(round(s * 1e6)) for s in within_s)
        kept = us <= last_us
        start, size, timed, again = start[kept], size[kept], timed[kept], again[kept] & timed[kept]
        again &= us[kept] >= first_us
    body = np.concatenate([data[a : a + n] for a, n in zip(start[again], size[again], strict=True)])
    at = (np.cumsum(size[again]) - size[again])[timed[again]] + 3
    bytes_at = at[:, None] + np.arange(8)
    first = body[bytes_at].view("<u8")[:, 0]
    # the end of the bulk: a stray stamp must not make the steps between copies huge
    step = np.uint64(int(np.percentile(first, 99.9) - np.percentile(first, 0.1)) + 1_000_000)
    written = 0
    with path.open("wb") as out:
        for a, n in zip(start, size, strict=True):
            written += out.write(data[a : a + n].tobytes())
        for copy in range(1, max(0, -(-(mb * 1_000_000 - written) // body.size)) + 1):
            body[bytes_at] = (first + np.uint64(copy) * step)[:, None].view(np.uint8)
            out.write(body.tobytes())
    return path

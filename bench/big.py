"""Large logs made from real ones, for benchmarks: the data again and again, time running on."""

from pathlib import Path

import numpy as np

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.decoders.ulog.layout import PAYLOAD_AT
from flyoff.decoders.ulog.topic import ULogTopic
from flyoff.units import IntArray


def big_ulog(path: Path, source: Path, mb: int) -> Path:
    """Write a ULog of at least ``mb`` megabytes.

    Parameters
    ----------
    path : Path
        Written.
    source : Path
        A real, undamaged log; everything from its first data message on is repeated, and every
        timestamp in the data moves on by the length of the log each time.
    mb : int [MB]
    """
    raw = DECODER.decode(Source(str(source)))
    topics = [t for t in raw.topics.values() if len(t) and isinstance(t, ULogTopic)]
    first = min(int(topic.offsets[0]) for topic in topics)
    data = raw.source.data
    end = data.size - (raw.receipt.skipped_bytes if raw.receipt.gaps else 0)
    body = data[first:end].copy()
    at = np.concatenate([_stamps(topic) for topic in topics]) - first
    bytes_at = at[:, None] + np.arange(8)
    stamps = body[bytes_at].view("<u8")[:, 0]
    real = stamps < np.uint64(1 << 62)  # a garbage stamp is not moved
    at, bytes_at, stamps = at[real], bytes_at[real], stamps[real]
    step = np.uint64(int(np.percentile(stamps, 99.9)) + 1_000_000)
    with path.open("wb") as out:
        out.write(data[:end].tobytes())
        for copy in range(1, max(0, -(-(mb * 1_000_000 - end) // body.size)) + 1):
            moved = stamps + np.uint64(copy) * step * (stamps > 0)
            body[bytes_at] = moved[:, None].view(np.uint8)
            out.write(body.tobytes())
    return path


def _stamps(topic: ULogTopic) -> IntArray:
    """Where the times of a topic's rows stand in the file, ``timestamp_sample`` included."""
    layout = topic._segments[0].layout
    shifts = [
        int(at)
        for name, at, code in zip(layout.fields, layout.at, layout.codes, strict=True)
        if name in ("timestamp", "timestamp_sample") and code == layout.codes[layout.index[name]]
    ]
    offsets = topic._segments[0].offsets
    if not shifts:
        return np.empty(0, dtype=np.int64)
    return np.concatenate([offsets + PAYLOAD_AT + shift for shift in shifts])

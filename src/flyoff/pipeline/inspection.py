"""What one log contains, as plain values: ``flyoff inspect`` and the server show it."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

from flyoff.decoders import RawLog, Receipt
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from flyoff.pipeline.contract import receipt_dict, vehicle_dict
from flyoff.pipeline.opening import open_source

Facts = dict[str, Any]


def inspect_log(path: str | PathLike[str], parts: Sequence[str] = ()) -> Facts:
    """Describe a log.

    Parameters
    ----------
    path : str or path-like
    parts : sequence of str
        ``receipt``, ``topics``, ``params``, ``messages``.

    Returns
    -------
    dict
        ``log`` and ``recordings``, and a key for each part.
    """
    source = open_source(path)
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    facts: Facts = {
        "log": {
            "path": source.path,
            "sha256": source.sha256,
            "format": raw.format,
            "bytes": len(source),
            "receipt": receipt_dict(raw.receipt),
        },
        "recordings": [_recording(r) for r in decoder.normalise(raw)],
    }
    tellers: dict[str, Callable[[], object]] = {
        "receipt": lambda: receipt_facts(raw.receipt),
        "topics": lambda: _topics(raw),
        "params": lambda: dict(raw.params),
        "messages": lambda: [
            {"t_s": m.t_us / 1e6, "level": m.level, "text": m.text} for m in raw.messages
        ],
    }
    return facts | {part: tellers[part]() for part in parts}


def _recording(recording: Recording) -> Facts:
    utc = recording.utc
    return {
        "boot": recording.boot,
        "vehicle": vehicle_dict(recording.vehicle),
        "start_s": recording.start_us / 1e6,
        "end_s": recording.end_us / 1e6,
        "duration_s": recording.duration_s,
        "utc": {"source": utc.source, "uncertainty_s": utc.uncertainty_s} if utc else None,
        "channels": list(recording),
        "events": len(recording.events),
        "notes": list(recording.notes),
    }


def receipt_facts(receipt: Receipt) -> Facts:
    """The whole account of the bytes, in plain values."""
    return {
        "bytes": receipt.bytes,
        **receipt_dict(receipt),
        "gaps_omitted": receipt.gaps_omitted,
        "messages": receipt.messages,
        "resyncs": receipt.resyncs,
        "unknown_ids": {str(k): v for k, v in receipt.unknown_ids.items()},
        "dropouts": [
            {"t_s": d.t_us / 1e6, "duration_s": d.duration_us / 1e6} for d in receipt.dropouts
        ],
        "boots": receipt.boots,
        "clock": receipt.clock,
        "notes": list(receipt.notes),
    }


def _topics(raw: RawLog) -> list[Facts]:
    return [
        {"name": name, "instance": instance, "rows": len(topic), "fields": list(topic.fields)}
        for (name, instance), topic in sorted(raw.topics.items())
    ]

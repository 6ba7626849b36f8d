"""Value for value against pymavlink, for every message and field of a DataFlash log.

pymavlink is read with ``recv_msg`` from front to back: its index behind ``recv_match(type=…)``
stops at the first unknown type, and must not be the judge.
"""

import contextlib
import io
from array import array
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.dataflash.layout import text
from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source

#: Where we differ on purpose, by format character, and why.
ACCEPTED = {
    "M": "uint8_t in the firmware's log_Format; pymavlink reads it signed, we compare modulo 256",
}
#: Logs whose row counts differ on purpose, by file name: our rows minus pymavlink's, and why.
ACCEPTED_ROWS: dict[str, dict[str, tuple[int, str]]] = {}

Rows = dict[str, dict[str, list[Any]]]


def is_clean(path: Path) -> bool:
    """Whether the peer reads the log to its end; one that ends inside a record does not stop it."""
    receipt = DECODER.decode(Source(str(path))).receipt
    return receipt.status in (Status.COMPLETE, Status.TRUNCATED) and len(receipt.gaps) < 2


def compare(path: Path) -> list[str]:
    """Every difference between our reading and pymavlink's, in words; empty if there is none."""
    raw = DECODER.decode(Source(str(path)))
    theirs, counts = peer_rows(path)
    by_name: dict[str, list[Topic]] = defaultdict(list)
    for (name, _), topic in raw.topics.items():
        if len(topic):
            by_name[name].append(topic)
    problems = [f"{name}: only pymavlink has it" for name in counts.keys() - by_name.keys()]
    problems += [f"{name}: only we have it" for name in by_name.keys() - counts.keys()]
    for name in sorted(counts.keys() & by_name.keys()):
        ours = sum(len(topic) for topic in by_name[name])
        accepted = ACCEPTED_ROWS.get(path.name, {}).get(name, (0, ""))[0]
        if ours - counts[name] != accepted:
            problems.append(f"{name}: {ours} rows, pymavlink {counts[name]}")
        elif not accepted:
            problems += _columns(name, by_name[name], theirs[name], _characters(raw, name))
    return problems


def peer_rows(path: Path) -> tuple[Rows, dict[str, int]]:
    """What pymavlink reads: columns of each message as lists, and how many rows."""
    from pymavlink.DFReader import DFReader_binary

    rows: Rows = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        log = DFReader_binary(str(path), zero_time_base=True)
        while (message := log.recv_msg()) is not None:
            name = message.get_type()
            counts[name] += 1
            columns = rows[name]
            for field in message.get_fieldnames():
                columns[field].append(getattr(message, field))
        log.close()
    return rows, counts


def _characters(raw: RawLog, name: str) -> dict[str, str]:
    topics = [t for (n, _), t in raw.topics.items() if n == name]
    parts = [part for t in topics for part in t.parts]
    return {f.name: f.char for part in parts for f in part.definition.fields}


def _columns(
    name: str, topics: list[Topic], theirs: dict[str, list[Any]], characters: dict[str, str]
) -> list[str]:
    order = np.argsort(np.concatenate([topic.offsets for topic in topics]), kind="stable")
    columns = [topic.columns() for topic in topics]
    fields = set(topics[0].fields)
    problems = [f"{name}.{field}: only pymavlink has it" for field in theirs.keys() - fields]
    problems += [f"{name}.{field}: only we have it" for field in fields - theirs.keys()]
    for field in sorted(fields & theirs.keys()):
        ours = np.concatenate([c[field] for c in columns])[order]
        wrong = _unequal(ours, theirs[field], characters[field])
        if wrong.size:
            row = int(wrong[0])
            problems.append(
                f"{name}.{field}: {wrong.size} of {ours.shape[0]} rows differ, first row {row}: "
                f"{ours[row]!r}, pymavlink {theirs[field][row]!r}"
            )
    return problems


def _unequal(ours: np.ndarray, theirs: list[Any], character: str) -> np.ndarray:
    """Rows in which the two readings differ."""
    if ours.dtype.kind == "S":
        width = ours.dtype.itemsize
        same = [
            a.ljust(width, b"\0") == b if isinstance(b, bytes) else text(a) == b
            for a, b in zip(ours.tolist(), theirs, strict=True)
        ]
        return np.flatnonzero(~np.array(same))
    if isinstance(theirs[0], array):
        return np.flatnonzero((ours != np.array([list(v) for v in theirs])).any(axis=1))
    if character == "M":
        return np.flatnonzero(ours != np.array(theirs, dtype=np.int64) % 256)
    if ours.dtype.kind in "iu":
        return np.flatnonzero(ours != np.array(theirs, dtype=ours.dtype))
    expected = np.array(theirs, dtype=np.float64)
    got = ours.astype(np.float64)
    return np.flatnonzero((got != expected) & ~(np.isnan(got) & np.isnan(expected)))

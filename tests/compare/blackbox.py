"""Value for value against orangebox, for every main frame of every log of a blackbox file.

orangebox hands out a row for each main frame: its fields, then the last slow frame and the last GPS
frame before it. It knows neither the 32-bit clock's round nor a firmware's 32-bit arithmetic, so
values are compared modulo 2³²; it drops frames that it cannot follow, so ours may be more, and
never fewer.
"""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np

from flyoff.decoders.blackbox import DECODER
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source

Rows = tuple[list[str], list[tuple[Any, ...]]]


def is_clean(path: Path) -> bool:
    """Whether our receipt has no damage to report: orangebox reads damage wrongly."""
    return DECODER.decode(Source(str(path))).receipt.status is Status.COMPLETE


def compare(path: Path) -> list[str]:
    """Every difference between our reading and orangebox's, in words; empty if there is none."""
    raw = DECODER.decode(Source(str(path)))
    problems: list[str] = []
    for number in raw.instances("main"):
        names, rows = peer_rows(path, number)
        problems += [f"log {number}: {p}" for p in _log(raw, number, names, rows)]
    return problems


def peer_rows(path: Path, number: int) -> Rows:
    """What orangebox reads of one log: names of the columns, and a tuple for each main frame."""
    from orangebox import Parser

    parser = Parser.load(str(path), number + 1)
    rows: list[tuple[Any, ...]] = []
    with contextlib.suppress(ValueError):  # INAV's end of log, which it takes for an invalid one
        rows.extend(frame.data for frame in parser.frames())
    return parser.field_names, rows


def _log(raw: RawLog, number: int, names: list[str], rows: list[tuple[Any, ...]]) -> list[str]:
    columns = raw.topics["main", number].columns()
    first = _first_row(raw, number)
    ours = columns["loopIteration"][first:]
    if first:
        rows = [row for row in rows if row[0] >= ours[0]]
    theirs = np.array([row[0] for row in rows], dtype=np.int64)
    if ours.size != theirs.size or (ours != theirs).any():
        return [f"{ours.size} rows, orangebox {theirs.size}"]
    problems: list[str] = []
    held = _held(raw, number)
    absent = np.full(ours.size + first, np.nan)
    for place, name in enumerate(names):
        mine = (columns.get(name) if name in columns else held.get(name, absent))[first:]
        wrong = _unequal(mine, [row[place] for row in rows])
        if wrong.size:
            row = int(wrong[0])
            problems.append(
                f"{name}: {wrong.size} of {theirs.size} rows differ, first row {row}: "
                f"{mine[row]!r}, orangebox {rows[row][place]!r}"
            )
    return problems


def _swallowed(raw: RawLog, number: int) -> int:
    """How far orangebox reads on before it begins to read frames.

    It takes what follows the header for one more line of it unless it is an I frame: where a slow
    frame stands first, it begins behind the next line feed, whatever that is part of.
    """
    slow = raw.topics.get(("slow", number))
    if slow is None or slow.offsets[0] > raw.topics["main", number].offsets[0]:
        return 0
    start = int(slow.offsets[0])
    return start + int(np.flatnonzero(raw.source.data[start:] == ord("\n"))[0])


def _first_row(raw: RawLog, number: int) -> int:
    """From which row on the two can agree: the first I frame that orangebox sees."""
    offsets = raw.topics["main", number].offsets
    is_intra = raw.source.data[offsets] == ord("I")
    return int(np.flatnonzero(is_intra & (offsets >= _swallowed(raw, number)))[0])


def _held(raw: RawLog, number: int) -> dict[str, np.ndarray]:
    """Fields of the last slow and GPS frame before each main frame; NaN before the first."""
    main = raw.topics["main", number].offsets
    found: dict[str, np.ndarray] = {}
    for name in ("slow", "gps"):
        topic = raw.topics.get((name, number))
        if topic is None:
            continue
        row = np.searchsorted(topic.offsets, main) - 1
        row[topic.offsets[np.maximum(row, 0)] < _swallowed(raw, number)] = -1
        for field, column in topic.columns().items():
            if field not in found and field != "time":
                if field.startswith("GPS_coord"):
                    column = np.where(topic.offsets > _home(raw, number), column, 0)
                found[field] = np.where(row >= 0, column[np.maximum(row, 0)].astype(float), np.nan)
    return found


def _home(raw: RawLog, number: int) -> int:
    """Where the first home frame stands: before it orangebox gives 0 for every coordinate."""
    home = raw.topics.get(("home", number))
    return int(home.offsets[0]) if home is not None else raw.source.data.size


def _unequal(ours: np.ndarray, theirs: list[Any]) -> np.ndarray:
    """Rows in which the two readings differ; orangebox has an empty text for what is not there."""
    expected = np.array([np.nan if value == "" else value for value in theirs], dtype=np.float64)
    got = ours.astype(np.float64)
    same = np.mod(got - expected, 2.0**32) == 0
    return np.flatnonzero(~same & ~(np.isnan(got) & np.isnan(expected)))

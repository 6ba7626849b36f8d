"""Index to topics: definitions of one name joined, instances split."""

from functools import cache, partial

import numpy as np

from flyoff.decoders._kernels import scatter_slots
from flyoff.decoders.dataflash.layout import Definition, Field
from flyoff.decoders.dataflash.meaning import marks, meanings
from flyoff.decoders.dataflash.topic import DataFlashTopic, Part
from flyoff.decoders.dataflash.walk import Index
from flyoff.decoders.rawlog import Column
from flyoff.units import ByteArray, IntArray

Topics = dict[tuple[str, int], DataFlashTopic]

#: Topics of one log at most; beyond it instances stay together. Real logs have below 300.
MAX_TOPICS = 4096
#: A column with more different values than this numbers no instances.
MAX_INSTANCES = 256


def tables(data: ByteArray, found: Index) -> tuple[Topics, list[str]]:
    """Topics by name and instance, of messages that were logged at all; and notes."""
    marked = marks(data, found)
    said = cache(partial(meanings, data, found))
    notes: list[str] = []
    parts: dict[tuple[str, int], list[Part]] = {}
    for number, definition in enumerate(found.definitions):
        rows = found.rows[number]
        if not rows.size:
            continue
        mark = _instance_field(definition, marked[number]) if number in marked else None
        split = {0: rows} if mark is None else _split(data, definition, mark, rows)
        if split is None or len(parts) + len(split) > MAX_TOPICS:
            notes.append(f"{definition.name}: too many instances to keep apart")
            split = {0: rows}
        for instance, offsets in split.items():
            part = Part(definition, offsets, number)
            parts.setdefault((definition.name, instance), []).append(part)
    return {
        key: DataFlashTopic(data, key[1], tuple(pieces), said) for key, pieces in parts.items()
    }, notes


def _split(
    data: ByteArray, definition: Definition, mark: Field, rows: IntArray
) -> dict[int, IntArray] | None:
    """Rows of each instance, in file order; None if there are too many.

    Instances named by text are numbered in the order in which they first appear.
    """
    keys: Column
    which: Column
    if mark.code.width == 1:
        keys = np.arange(256, dtype=np.uint8).view(mark.code.dtype)
        which = data[rows + mark.at]
    else:
        values = DataFlashTopic(data, 0, (Part(definition, rows),)).column(mark.name)
        keys, first, which = np.unique(values, return_index=True, return_inverse=True)
        if values.dtype.kind == "S":
            rank = np.empty(first.size, dtype=np.int64)
            rank[np.argsort(first)] = np.arange(first.size)
            keys = rank
    if keys.size > MAX_INSTANCES:
        return None
    counts = np.bincount(which, minlength=keys.size)
    present = np.flatnonzero(counts)
    if present.size == 1:
        return {int(keys[present[0]]): rows}
    ends = np.cumsum(counts)
    grouped = np.empty_like(rows)
    scatter_slots(rows, which, ends - counts, grouped)
    return {int(keys[i]): grouped[ends[i] - counts[i] : ends[i]] for i in present}


def _instance_field(definition: Definition, place: int) -> Field | None:
    """The field that FMTU marks with ``#``, if it can number anything."""
    if place not in definition.order:
        return None
    mark = definition.fields[definition.order.index(place)]
    usable = mark.code.dtype.kind in "iuS" and not mark.code.divisor and not mark.code.shape
    return mark if usable else None

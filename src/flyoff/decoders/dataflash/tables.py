"""Index to topics: definitions of one name joined, instances split, units looked up."""

from dataclasses import dataclass

import numpy as np

from flyoff.decoders.dataflash.layout import Definition, text
from flyoff.decoders.dataflash.topic import DataFlashTopic, Part
from flyoff.decoders.dataflash.walk import Index
from flyoff.units import ByteArray, IntArray

Topics = dict[tuple[str, int], DataFlashTopic]

#: Topics of one log at most; beyond it instances stay together. Real logs have below 300.
MAX_TOPICS = 4096
#: A column with more different values than this numbers no instances.
MAX_INSTANCES = 256
#: FMTU and UNIT records looked at; a firmware writes one for each of its below 256 messages.
MAX_DESCRIPTIONS = 65536

PREFIXES = {1e-1: "d", 1e-2: "c", 1e-3: "m", 1e-6: "µ", 1e-9: "n"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What FMTU says of one definition: a character a field for units and multipliers."""

    unit_ids: str = ""
    multiplier_ids: str = ""


def tables(data: ByteArray, found: Index) -> tuple[Topics, list[str]]:
    """Topics by name and instance, and notes for the receipt."""
    meanings = _meanings(data, found)
    labels, factors = _legend(data, found)
    notes: list[str] = []
    parts: dict[tuple[str, int], list[tuple[Part, int]]] = {}
    for number, definition in enumerate(found.definitions):
        rows = found.rows[number]
        split = _split(data, definition, meanings.get(number, Meaning()), rows)
        if split is None or len(parts) + len(split) > MAX_TOPICS:
            notes.append(f"{definition.name}: too many instances to keep apart")
            split = {0: rows}
        for instance, offsets in split.items():
            pair = (Part(definition, offsets), number)
            parts.setdefault((definition.name, instance), []).append(pair)
    topics: Topics = {}
    described: dict[int, tuple[dict[str, str], dict[str, float]]] = {}
    for key, pairs in parts.items():
        kept = [pair for pair in pairs if pair[0].offsets.size] or pairs[:1]
        number = kept[-1][1]
        if number not in described:
            meaning = meanings.get(number, Meaning())
            described[number] = _units(found.definitions[number], meaning, labels, factors)
        units, multipliers = described[number]
        topics[key] = DataFlashTopic(data, key[1], tuple(p for p, _ in kept), units, multipliers)
    return topics, notes


def _rows_of(data: ByteArray, found: Index, name: str) -> list[dict[str, object]]:
    """The rows of a describing message (UNIT, MULT, FMTU), as dictionaries, in file order."""
    rows: list[tuple[int, dict[str, object]]] = []
    for number, definition in enumerate(found.definitions):
        offsets = found.rows[number][:MAX_DESCRIPTIONS]
        if definition.name != name or not offsets.size:
            continue
        columns = DataFlashTopic(data, 0, (Part(definition, offsets),), {}, {}).columns()
        for i, at in enumerate(offsets.tolist()):
            rows.append((at, {"at": at, **{k: v[i] for k, v in columns.items()}}))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _meanings(data: ByteArray, found: Index) -> dict[int, Meaning]:
    """FMTU of each definition: of the one in force where it stands, else the next one of its type."""
    by_type: dict[int, list[tuple[int, int]]] = {}
    for at, kind, number in found.in_force:
        by_type.setdefault(kind, []).append((at, number))
    meanings: dict[int, Meaning] = {}
    for row in _rows_of(data, found, "FMTU"):
        if not {"FmtType", "UnitIds", "MultIds"} <= row.keys():
            continue
        history = by_type.get(int(row["FmtType"]), [])  # type: ignore[call-overload]
        before = [number for at, number in history if at < row["at"]]  # type: ignore[operator]
        number = before[-1] if before else history[0][1] if history else -1
        meaning = Meaning(text(bytes(row["UnitIds"])), text(bytes(row["MultIds"])))  # type: ignore[call-overload]
        # a redefinition may come without the instance mark that an earlier FMTU gave
        if number >= 0 and ("#" in meaning.unit_ids or number not in meanings):
            meanings[number] = meaning
    return meanings


def _legend(data: ByteArray, found: Index) -> tuple[dict[str, str], dict[str, float]]:
    """UNIT and MULT: what each character stands for."""
    labels = {
        chr(int(row["Id"]) & 0xFF): text(bytes(row["Label"]))  # type: ignore[call-overload]
        for row in _rows_of(data, found, "UNIT")
        if {"Id", "Label"} <= row.keys()
    }
    # doubles that were singles once: seven digits are what the firmware meant
    factors = {
        chr(int(row["Id"]) & 0xFF): float(f"{float(row['Mult']):.7g}")  # type: ignore[arg-type,call-overload]
        for row in _rows_of(data, found, "MULT")
        if {"Id", "Mult"} <= row.keys()
    }
    return labels, factors


def _split(
    data: ByteArray, definition: Definition, meaning: Meaning, rows: IntArray
) -> dict[int, IntArray] | None:
    """Rows of each instance, in file order; None if there are too many.

    Instances named by text are numbered in the order in which they first appear.
    """
    place = meaning.unit_ids.find("#")
    if place not in definition.order or not rows.size:
        return {0: rows}
    name = definition.fields[definition.order.index(place)].name
    values = DataFlashTopic(data, 0, (Part(definition, rows),), {}, {}).column(name)
    if values.ndim != 1 or values.dtype.kind == "f":
        return {0: rows}
    distinct, first, which = np.unique(values, return_index=True, return_inverse=True)
    if distinct.size > MAX_INSTANCES:
        return None
    if distinct.size == 1 and values.dtype.kind != "S":
        return {int(distinct[0]): rows}
    if values.dtype.kind == "S":
        rank = np.empty(first.size, dtype=np.int64)
        rank[np.argsort(first)] = np.arange(first.size)
        return {int(rank[i]): rows[which == i] for i in range(distinct.size)}
    return {int(value): rows[which == i] for i, value in enumerate(distinct)}


def _units(
    definition: Definition, meaning: Meaning, labels: dict[str, str], factors: dict[str, float]
) -> tuple[dict[str, str], dict[str, float]]:
    """Unit of each field as its values are handed out, and the multiplier left to apply."""
    units: dict[str, str] = {}
    multipliers: dict[str, float] = {}
    for place, f in zip(definition.order, definition.fields, strict=True):
        unit = labels.get(meaning.unit_ids[place : place + 1], "")
        factor = factors.get(meaning.multiplier_ids[place : place + 1], 0.0)
        scaled = f.code.divisor != 0.0  # the format character has applied it
        if not scaled and factor not in (0.0, 1.0):
            multipliers[f.name] = factor
            if unit:
                unit = PREFIXES[factor] + unit if factor in PREFIXES else f"{factor:.4g} {unit}"
        if unit:
            units[f.name] = unit
    return units, multipliers

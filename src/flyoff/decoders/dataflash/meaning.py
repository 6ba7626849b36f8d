"""What a log says of its messages beyond their layout: instance marks, units, multipliers."""

from collections.abc import Iterator
from typing import Any

from flyoff.decoders.dataflash.layout import text
from flyoff.decoders.dataflash.topic import DataFlashTopic, Legend, Meaning, Part
from flyoff.decoders.dataflash.walk import Index
from flyoff.units import ByteArray

#: FMTU, UNIT and MULT records looked at; a firmware writes one for each of its below 256 messages.
MAX_DESCRIPTIONS = 65536


def marks(data: ByteArray, found: Index) -> dict[int, int]:
    """Place of the field that numbers the instances, by the definition's number.

    The mark that one FMTU gave is not taken away by a later one.
    """
    rows = [row for row in _records(data, found, "FMTU", _FMTU) if b"#" in row[2]]
    return {number: text(row[2]).find("#") for number, row in _numbered(found, rows)}


def meanings(data: ByteArray, found: Index) -> dict[int, Meaning]:
    """FMTU of each definition, by its number."""
    legend = _legend(data, found)
    result: dict[int, Meaning] = {}
    for number, row in _numbered(found, _records(data, found, "FMTU", _FMTU)):
        ids = text(row[2])
        if number not in result or "#" in ids or "#" not in result[number].unit_ids:
            result[number] = Meaning(ids, text(row[3]), legend)
    return result


def _numbered(found: Index, rows: list[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Each FMTU record with the number of the definition that it is about.

    That is the one that is in force where it stands, else the next one of its type.
    """
    history: dict[int, list[tuple[int, int]]] = {}
    for at, kind, number in found.in_force:
        history.setdefault(kind, []).append((at, number))
    for row in rows:
        changes = history.get(int(row[1]))
        if changes is None:
            continue
        number = changes[0][1]
        for since, later in changes[1:]:
            number = later if since < row[0] else number
        yield number, row


# fields, and the NumPy kinds that make sense of them; a foreign definition may say otherwise
_FMTU = (("FmtType", "iu"), ("UnitIds", "S"), ("MultIds", "S"))
_UNIT = (("Id", "iu"), ("Label", "S"))
_MULT = (("Id", "iu"), ("Mult", "iuf"))


def _records(
    data: ByteArray, found: Index, name: str, fields: tuple[tuple[str, str], ...]
) -> list[tuple[Any, ...]]:
    """Offset and fields of each describing record of one name, in file order."""
    rows: list[tuple[Any, ...]] = []
    for number, definition in enumerate(found.definitions):
        if definition.name != name:
            continue
        offsets = found.rows[number][:MAX_DESCRIPTIONS]
        # a scaled integer is handed out as float
        kinds = {
            f.name: "f" if f.code.divisor else f.code.dtype.kind
            for f in definition.fields
            if not f.code.shape
        }
        if any(kinds.get(f, "-") not in ok for f, ok in fields):
            continue
        columns = DataFlashTopic(data, 0, (Part(definition, offsets),)).gather(f for f, _ in fields)
        rows += zip(offsets.tolist(), *(c.tolist() for c in columns.values()), strict=True)
    return sorted(rows, key=lambda row: row[0])


def _legend(data: ByteArray, found: Index) -> Legend:
    labels = {chr(i & 0xFF): text(label) for _, i, label in _records(data, found, "UNIT", _UNIT)}
    # doubles that were singles once: seven digits are what the firmware meant
    factors = {
        chr(i & 0xFF): float(f"{factor:.7g}")
        for _, i, factor in _records(data, found, "MULT", _MULT)
    }
    return Legend(labels, factors)

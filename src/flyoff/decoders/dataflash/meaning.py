"""What a log says of its messages beyond their layout: instance marks, units, multipliers."""

from typing import Any

from flyoff.decoders.dataflash.layout import text, texts
from flyoff.decoders.dataflash.topic import DataFlashTopic, Legend, Meaning, Part
from flyoff.decoders.dataflash.walk import Index
from flyoff.units import ByteArray

#: FMTU, UNIT and MULT records looked at; a firmware writes one for each of its below 256 messages.
MAX_DESCRIPTIONS = 65536


def meanings(data: ByteArray, found: Index) -> dict[int, Meaning]:
    """FMTU of each definition, by its number.

    It belongs to the definition that is in force where it stands, else to the next one of its
    type. The instance mark that one FMTU gave is not taken away by a later one.
    """
    legend = _legend(data, found)
    history: dict[int, list[tuple[int, int]]] = {}
    for at, kind, number in found.in_force:
        history.setdefault(kind, []).append((at, number))
    result: dict[int, Meaning] = {}
    rows = _records(data, found, "FMTU", _FMTU)
    unit_ids = texts([row[2] for row in rows])
    multiplier_ids = texts([row[3] for row in rows])
    for (at, kind, *_), ids, multipliers in zip(rows, unit_ids, multiplier_ids, strict=True):
        changes = history.get(int(kind))
        if changes is None:
            continue
        number = changes[0][1]
        for since, later in changes[1:]:
            number = later if since < at else number
        if number not in result or "#" in ids or "#" not in result[number].unit_ids:
            result[number] = Meaning(ids, multipliers, legend)
    return result


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
        offsets = found.rows[number][:MAX_DESCRIPTIONS]
        # a scaled integer is handed out as float
        kinds = {
            f.name: "f" if f.code.divisor else f.code.dtype.kind
            for f in definition.fields
            if not f.code.shape
        }
        if definition.name != name or any(kinds.get(f, "-") not in ok for f, ok in fields):
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

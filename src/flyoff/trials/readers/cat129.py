"""ASTERIX category 129, UAS identification reports, edition 1.2: the library has none.

Specification: EUROCONTROL-SPEC-0149-29, edition 1.2 (2019). Fields of fixed length only, one record
in a block.
"""

import struct
from dataclasses import dataclass
from typing import Final

from flyoff.units import Degrees, Metres, MetresPerSecond, Seconds

#: Bytes of each item, in the order of the presence bits; the special purpose field says its own.
_SIZES: Final = (2, 2, 3, 3, 12, 2, 3, 8, 3, 3, 2, 3, 0, 5, 3)
_SPECIAL: Final = 13
_DEGREES: Final = 180.0 / 2**30


@dataclass(frozen=True, slots=True)
class Identification:
    """One report; None is what it does not say."""

    sac: int | None = None
    sic: int | None = None
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    country: str = ""
    time_of_day_s: Seconds | None = None
    lat: Degrees | None = None
    lon: Degrees | None = None
    altitude_msl_m: Metres | None = None
    height_ground_m: Metres | None = None
    accuracy_m: Metres | None = None
    velocity_east: MetresPerSecond | None = None
    velocity_north: MetresPerSecond | None = None
    velocity_up: MetresPerSecond | None = None


def parse(record: bytes) -> Identification | None:
    """Read a record, without category and length; None if it is damaged.

    Examples
    --------
    >>> shown = parse(bytes.fromhex("87c0" "0a14" "4445" "546000" "071c71c7f1c71c72" "001388"))
    >>> shown.sic, shown.country, shown.time_of_day_s, round(shown.lat, 4), shown.altitude_msl_m
    (20, 'DE', 43200.0, 20.0, 500.0)
    """
    items = _items(record)
    if items is None:
        return None
    source = items.get(1)
    east = north = up = None
    if 14 in items:
        both = int.from_bytes(items[14], "big")
        east, north = _signed(both >> 20, 20) * 0.01, _signed(both, 20) * 0.01
    if 15 in items:
        up = _signed(int.from_bytes(items[15], "big"), 20) * 0.01
    lat = lon = None
    if 8 in items:
        lat, lon = (v * _DEGREES for v in struct.unpack(">ii", items[8]))
    accuracy = int.from_bytes(items[11], "big") if 11 in items else 0
    return Identification(
        source[0] if source else None,
        source[1] if source else None,
        _text(items.get(3)),
        _text(items.get(4)),
        _text(items.get(5)),
        _text(items.get(6)),
        int.from_bytes(items[7], "big") / 128.0 if 7 in items else None,
        lat,
        lon,
        _tenths(items.get(9)),
        _tenths(items.get(10)),
        float(accuracy) if accuracy else None,  # 0 stands for unknown, or above 255 m
        east,
        north,
        up,
    )


def _items(record: bytes) -> dict[int, bytes] | None:
    """Items by their number in the order of presence bits."""
    at, flags = 0, []
    while at < len(record) and at < 4:
        flags += [bool(record[at] >> (7 - k) & 1) for k in range(7)]
        at += 1
        if not record[at - 1] & 1:
            break
    found = {}
    for number, there in enumerate(flags, start=1):
        if not there:
            continue
        if number > len(_SIZES) or at >= len(record):
            return None
        size = record[at] if number == _SPECIAL else _SIZES[number - 1]
        if size == 0 or at + size > len(record):
            return None
        found[number] = record[at : at + size]
        at += size
    return found if at == len(record) else None


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _tenths(item: bytes | None) -> float | None:
    return int.from_bytes(item, "big", signed=True) * 0.1 if item else None


def _text(item: bytes | None) -> str:
    shown = (item or b"").split(b"\0")[0].decode("ascii", "replace")
    return "".join(c if c.isprintable() else "?" for c in shown).strip()

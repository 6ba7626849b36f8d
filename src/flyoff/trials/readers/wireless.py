"""Where Remote ID lies in a radio's frames: Wi-Fi beacons and NAN, Bluetooth advertisements.

Yields the bytes of each message or pack with its transmitter; broken frames yield nothing. Layouts:
IEEE 802.11-2020 (9.3.3), Wi-Fi Aware 3.2 (service discovery), Bluetooth Core 5.3 (vol. 6 B 2.3),
ASTM F3411-22a annex.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

WIFI, RADIOTAP, BLE, BLE_PHDR = 105, 127, 251, 256
LINKS: Final = frozenset({WIFI, RADIOTAP, BLE, BLE_PHDR})

_VENDOR, _BEACON, _PROBE_RESPONSE, _ACTION = 221, 8, 5, 13
_ASTM_OUI, _ASTM_TYPE = b"\xfa\x0b\xbc", 0x0D
#: DJI's own elements, before there was a standard; the last is what a spoofer sends.
_DJI_OUIS: Final = frozenset({b"\x26\x37\x12", b"\x60\x60\x1f", b"\x48\x1c\xb9", b"\x34\xd2\x62"})
_NAN_SERVICE: Final = bytes.fromhex("8869199d9209")
_BLE_UUID: Final = b"\xfa\xff"


class Heard(NamedTuple):
    """One message or pack: which protocol, by whom, and its bytes."""

    protocol: str
    transmitter: str
    data: bytes


def heard(link: int, frame: bytes) -> Iterator[Heard]:
    """All Remote ID in one frame."""
    if link == RADIOTAP:
        size = int.from_bytes(frame[2:4], "little")
        if 8 <= size <= len(frame):
            yield from _wifi(frame[size:])
    elif link == WIFI:
        yield from _wifi(frame)
    elif link == BLE_PHDR:
        yield from _bluetooth(frame[10:])
    elif link == BLE:
        yield from _bluetooth(frame)


def _wifi(frame: bytes) -> Iterator[Heard]:
    if len(frame) < 24 or frame[0] >> 2 & 3:
        return  # no management frame
    kind, by = frame[0] >> 4, frame[10:16].hex(":")
    if kind in (_BEACON, _PROBE_RESPONSE):
        yield from _elements(frame[36:], by)
    elif kind == _ACTION:
        yield from _discovery(frame[24:], by)


def _elements(data: bytes, by: str) -> Iterator[Heard]:
    at = 0
    while at + 2 <= len(data):
        kind, size = data[at], data[at + 1]
        body = data[at + 2 : at + 2 + size]
        if len(body) < size:
            return
        if kind == _VENDOR and len(body) > 5:
            if body[:3] == _ASTM_OUI and body[3] == _ASTM_TYPE:
                yield Heard("astm", by, body[5:])
            elif body[:3] in _DJI_OUIS and body[3:6] == b"\x58\x62\x13":
                yield Heard("dji", by, body[6:])
        at += 2 + size


def _discovery(data: bytes, by: str) -> Iterator[Heard]:
    """Service descriptors of a Wi-Fi Aware service discovery frame."""
    if data[:6] != b"\x04\x09\x50\x6f\x9a\x13":
        return
    at = 6
    while at + 3 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 3], "little")
        body = data[at + 3 : at + 3 + size]
        if data[at] == 3 and body[:6] == _NAN_SERVICE and len(body) > 10:
            info = 9 + (2 if body[8] & 0x40 else 0)  # a binding bitmap may stand before
            length = body[info] if info < len(body) else 0
            yield Heard("astm", by, body[info + 2 : info + 1 + length])
        at += 3 + size


def _bluetooth(packet: bytes) -> Iterator[Heard]:
    """Advertisements, legacy and extended, on the link layer."""
    if len(packet) < 12 or packet[:4] != b"\xd6\xbe\x89\x8e":
        return
    kind, size = packet[4] & 15, packet[5]
    body = packet[6 : 6 + size]
    if kind in (0, 2, 6):
        by, data = body[:6][::-1].hex(":"), body[6:]
    elif kind == 7 and body:
        head = body[0] & 63
        there = body[1] if head else 0
        by = body[2:8][::-1].hex(":") if there & 1 else ""
        data = body[1 + head :]
    else:
        return
    at = 0
    while at < len(data) and data[at]:
        entry = data[at + 1 : at + 1 + data[at]]
        if entry[:1] == b"\x16" and entry[1:3] == _BLE_UUID and entry[3:4] == b"\x0d":
            yield Heard("astm", by, entry[5:])
        at += 1 + data[at]

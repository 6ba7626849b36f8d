"""Packets of a capture: pcap (microseconds or nanoseconds, either byte order) and pcapng.

Formats: IETF draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. A damaged length ends the
walk, because neither format has a mark to look for; what follows is one gap.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flyoff.trials.account import Accountant

_MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
_SECTION: Final = b"\x0a\x0d\x0d\x0a"
_INTERFACE, _SIMPLE, _ENHANCED = 1, 3, 6
#: Longest packet that any writer makes; a larger length is damage.
_MOST: Final = 1 << 18

ETHERNET, RAW_IP, COOKED, NULL, RAW_IP_4, COOKED_2 = 1, 101, 113, 0, 228, 276


@dataclass(frozen=True, slots=True)
class Packet:
    """One captured packet.

    Attributes
    ----------
    time_s : float [s, UNIX UTC]
        The capturing machine's clock; NaN where the format gives none.
    link : int
        Type of the link layer.
    data : bytes
    offset : int
        Of the data in the file.
    """

    time_s: float
    link: int
    data: bytes
    offset: int


def is_capture(head: bytes) -> bool:
    """Whether a file begins as a capture."""
    return head[:4] in _MAGIC or head[:4] == _SECTION


def packets(data: bytes, account: Accountant) -> Iterator[Packet]:
    """All whole packets; damage goes to the account."""
    return _classic(data, account) if data[:4] in _MAGIC else _next_generation(data, account)


def _classic(data: bytes, account: Accountant) -> Iterator[Packet]:
    order, unit = _MAGIC[data[:4]]
    if len(data) < 24:
        account.gap(0, len(data), "the capture ends inside its header", is_cut=True)
        return
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    head, at = struct.Struct(order + "IIII"), 24
    while at < len(data):
        if at + 16 > len(data):
            account.gap(at, len(data) - at, "the capture ends inside a packet", is_cut=True)
            return
        seconds, part, size, _ = head.unpack_from(data, at)
        if size > _MOST:
            account.gap(at, len(data) - at, f"a packet of {size} bytes: the length is damaged")
            return
        if at + 16 + size > len(data):
            account.gap(at, len(data) - at, "the capture ends inside a packet", is_cut=True)
            return
        yield Packet(seconds + part * unit, link, data[at + 16 : at + 16 + size], at + 16)
        at += 16 + size


def _next_generation(data: bytes, account: Accountant) -> Iterator[Packet]:
    order, at = "<", 0
    interfaces: list[tuple[int, float]] = []
    while at < len(data):
        if at + 12 > len(data):
            account.gap(at, len(data) - at, "the capture ends inside a block", is_cut=True)
            return
        if data[at : at + 4] == _SECTION:
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or size % 4 or (size > _MOST and kind != 0x0A0D0D0A):
            account.gap(at, len(data) - at, f"a block of {size} bytes: the length is damaged")
            return
        if at + size > len(data):
            account.gap(at, len(data) - at, "the capture ends inside a block", is_cut=True)
            return
        body = data[at + 8 : at + size - 4]
        if kind == _INTERFACE and len(body) >= 8:
            interfaces.append((struct.unpack_from(order + "H", body)[0], _resolution(body, order)))
        elif kind in (_ENHANCED, _SIMPLE):
            packet = _packet(kind, body, order, interfaces, at + 8)
            if packet is None:
                account.gap(at, size, "a packet block that contradicts itself")
            else:
                yield packet
        at += size


def _packet(
    kind: int, body: bytes, order: str, interfaces: list[tuple[int, float]], at: int
) -> Packet | None:
    if kind == _SIMPLE:
        if not interfaces or len(body) < 4:
            return None
        return Packet(float("nan"), interfaces[0][0], body[4:], at + 4)
    if len(body) < 20:
        return None
    which, high, low, size, _ = struct.unpack_from(order + "IIIII", body)
    if which >= len(interfaces) or 20 + size > len(body):
        return None
    link, unit = interfaces[which]
    return Packet((high << 32 | low) * unit, link, body[20 : 20 + size], at + 20)


def _resolution(body: bytes, order: str) -> float:
    """Unit of time stamps [s]: option 9 of the interface, microseconds without it."""
    at = 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, at)
        if code == 9 and size == 1 and at + 4 < len(body):
            value = body[at + 4]
            return 2.0 ** -(value & 0x7F) if value & 0x80 else 10.0**-value
        if code == 0:
            break
        at += 4 + size + (-size) % 4
    return 1e-6


def datagram(packet: Packet) -> tuple[bytes, int] | None:
    """Payload of a UDP packet over IPv4 or IPv6, and its offset in the file; None for others."""
    at = _network_layer(packet)
    data = packet.data
    if at is None or at + 20 > len(data):
        return None
    if data[at] >> 4 == 4:
        head, protocol = (data[at] & 15) * 4, data[at + 9]
        if struct.unpack_from(">H", data, at + 6)[0] & 0x1FFF:
            return None  # a later fragment has no header of its own
    elif data[at] >> 4 == 6:
        head, protocol = 40, data[at + 6]
    else:
        return None
    udp = at + head
    if protocol != 17 or udp + 8 > len(data):
        return None
    size = struct.unpack_from(">H", data, udp + 4)[0]
    return data[udp + 8 : udp + max(size, 8)], packet.offset + udp + 8


def _network_layer(packet: Packet) -> int | None:
    if packet.link in (RAW_IP, RAW_IP_4):
        return 0
    if packet.link == NULL:
        return 4
    if packet.link in (COOKED, COOKED_2):
        return 16 if packet.link == COOKED else 20
    if packet.link != ETHERNET:
        return None
    at = 12
    while packet.data[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):  # tags of virtual networks
        at += 4
    return at + 2 if packet.data[at : at + 2] in (b"\x08\x00", b"\x86\xdd") else None

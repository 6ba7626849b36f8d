"""What a ULog says of itself: the header, the formats, and where each field stands in a record.

Format reference: PX4 developer guide, "ULog file format", version 1. Known gaps: encrypted logs are
recognised, not decrypted.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from flyoff.decoders.packed import CODE_OF, MAX_PLANS, WIDTHS, Plan
from flyoff.errors import DecodeError
from flyoff.units import IntArray

MAGIC = b"ULog\x01\x12\x35"
ENCRYPTED = b"ULogEnc"
HEADER_BYTES = 16
KNOWN_VERSIONS = (0, 1)
FLAG_BITS_BYTES = 40
APPENDED = 1  # the one incompatible flag that is defined: data follow the end of the file
MAX_RECORD = 0xFFFF
PAYLOAD_AT = 5  # of a data message: behind the frame's header and the message id
MAX_DEPTH = 32  # of formats within formats; a self-containing format would have no end

#: Types by their own names. Booleans and characters come as int8, as the format's other readers do.
TYPES: dict[str, tuple[int, str]] = {
    "int8_t": (1, "<i1"),
    "uint8_t": (1, "<u1"),
    "bool": (1, "<i1"),
    "char": (1, "<i1"),
    "int16_t": (2, "<i2"),
    "uint16_t": (2, "<u2"),
    "int32_t": (4, "<i4"),
    "uint32_t": (4, "<u4"),
    "float": (4, "<f4"),
    "int64_t": (8, "<i8"),
    "uint64_t": (8, "<u8"),
    "double": (8, "<f8"),
}
_CODE = {name: CODE_OF[np.dtype(code)] for name, (_, code) in TYPES.items()}
_SIZE = {name: size for name, (size, _) in TYPES.items()}


class FormatError(ValueError):
    """A format line that describes no record; becomes a gap, never leaves the decoder."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of the file.

    Attributes
    ----------
    version : int
    start_us : int [µs]
        When logging began, on the log's own clock.
    appended : tuple of int
        Where sections begin that were written after the log was closed.
    """

    version: int
    start_us: int
    appended: tuple[int, ...] = ()


def read_header(path: str, head: bytes) -> Header:
    """Read the header and the flag bits that must follow it.

    Raises
    ------
    DecodeError
        If this is no ULog, an encrypted one, or one that demands what we do not know.
    """
    if head[: len(MAGIC)] != MAGIC:
        raise DecodeError(path, 0, _not_a_ulog(head))
    if len(head) < HEADER_BYTES:
        raise DecodeError(
            path, len(head), f"ends inside the ULog header, expected {HEADER_BYTES} bytes"
        )
    version, start_us = head[7], int.from_bytes(head[8:16], "little")
    appended: tuple[int, ...] = ()
    if len(head) >= HEADER_BYTES + 3 + FLAG_BITS_BYTES and head[HEADER_BYTES + 2] == ord("B"):
        appended = _flag_bits(path, head[HEADER_BYTES + 3 : HEADER_BYTES + 3 + FLAG_BITS_BYTES])
    return Header(version, start_us, appended)


def _not_a_ulog(head: bytes) -> str:
    if not head:
        return "not a ULog: the file is empty"
    if head.startswith(ENCRYPTED):
        return "an encrypted ULog (ULogEnc): decrypt it with the key of its maker first"
    return f"not a ULog: begins with {head[:7].hex(' ')}, expected {MAGIC.hex(' ')}"


def _flag_bits(path: str, payload: bytes) -> tuple[int, ...]:
    demanded = payload[8:16]
    if demanded[0] & ~APPENDED or any(demanded[1:]):
        raise DecodeError(
            path,
            HEADER_BYTES + 3 + 8,
            f"incompatible flags {demanded.hex(' ')}, expected at most 01: a newer ULog",
        )
    if not demanded[0] & APPENDED:
        return ()
    return tuple(at for at in struct.unpack("<3Q", payload[16:40]) if at)


class Field(NamedTuple):
    """One field of a format line; ``length`` 0 is a single value, not an array."""

    type: str
    length: int
    name: str


Fields = tuple[Field, ...]
#: Formats and layouts up to this size are shared between logs.
CACHED_BYTES = 2048


@lru_cache(maxsize=4096)
def _field(text: str) -> Field:
    kind, blank, name = text.strip().partition(" ")
    kind, bracket, count = kind.partition("[")
    name = name.strip()
    if not blank or not name or not kind:
        raise FormatError(f"field {text!r}, expected a type and a name")
    if not bracket:
        return Field(kind, 0, name)
    digits = count.rstrip("]")
    if not digits.isdecimal() or not 0 < int(digits[:6]) <= MAX_RECORD:
        raise FormatError(f"array {text!r}, expected a count from 1 to {MAX_RECORD}")
    return Field(kind, int(digits[:6]), name)


class Format:
    """One format line; the same line in two logs is the same object, while the cache holds it.

    Attributes
    ----------
    name : str
    fields : tuple of Field
    flat_size : int [byte]
        Size of the record if no other format is part of it, else 0.
    """

    def __init__(self, name: str, fields: Fields) -> None:
        self.name, self.fields = name, fields
        sizes = [(length or 1) * _SIZE.get(kind, 0) for kind, length, _ in fields]
        self.flat_size = sum(sizes) if all(sizes) else 0

    @cached_property
    def layout(self) -> "Layout":
        """Layout of a flat format."""
        return Layout((self,))


def parse_format(payload: bytes) -> Format:
    """Read an ``F`` message.

    Raises
    ------
    FormatError
    """
    # logs of one firmware repeat each other's formats; long ones would let a hostile file fill the
    # cache
    return (_parse_cached if len(payload) <= CACHED_BYTES else _parse)(payload)


def _parse(payload: bytes) -> Format:
    name, colon, body = payload.decode("utf-8", "replace").partition(":")
    fields = tuple(_field(part) for part in body.rstrip("\0").split(";") if part.strip())
    if not colon or not name or not fields:
        raise FormatError(f"format {name[:40]!r}, expected name:type field;…")
    return Format(name, fields)


_parse_cached = lru_cache(maxsize=1024)(_parse)


def layout_of(formats: Mapping[str, Format], name: str) -> "Layout":
    """Layout of a topic, shared between logs where they describe it alike.

    Raises
    ------
    FormatError
        If the format, or one that it contains, is not described or describes no record.
    """
    own = formats.get(name)
    if own is not None and 0 < own.flat_size <= CACHED_BYTES:
        return own.layout
    used: dict[str, Format] = {}
    size = _size(formats, name, {}, used)
    return (_layout_cached if size <= CACHED_BYTES else Layout)(tuple(used.values()))


class Layout:
    """Where each field of a topic stands in the payload of its data messages.

    Attributes
    ----------
    size_min, size_max : int [byte]
        Without and with the padding at the end, which a logger may leave away.
    time_at : int [byte]
        Where the 64-bit ``timestamp`` stands, -1 if there is none.
    """

    def __init__(self, used: tuple[Format, ...]) -> None:
        """Take the formats that the topic consists of, its own last."""
        self.name = used[-1].name
        formats = {one.name: one for one in used}
        self._sizes: dict[str, int] = {}
        self.size_max = _size(formats, self.name, self._sizes, {})
        self._nested = {one.name: one.fields for one in used}
        top = list(used[-1].fields)
        while top and top[-1].name.startswith("_padding"):
            top.pop()
        self._top = tuple(top)
        self.size_min = sum(self._bytes(one) for one in top)
        self.time_at = self._find_time()
        self._plans: dict[tuple[str, ...], Plan] = {}

    def uses(self, name: str) -> bool:
        """Whether this is the format of that name, or contains it."""
        return name in self._nested

    @property
    def formats(self) -> Mapping[str, Fields]:
        """Fields of each format in use, as described, padding included."""
        return self._nested

    @property
    def weight(self) -> int:
        """How many fields the formats in use describe, arrays counted once."""
        return sum(map(len, self._nested.values()))

    def _bytes(self, one: Field) -> int:
        return (one.length or 1) * (_SIZE.get(one.type) or self._sizes[one.type])

    def _find_time(self) -> int:
        at = 0
        for one in self._top:
            if one.name == "timestamp" and one.type == "uint64_t" and not one.length:
                return at
            at += self._bytes(one)
        return -1

    @cached_property
    def _flat(self) -> tuple[tuple[str, ...], list[int]]:
        """Names and dtype codes of the flattened fields, in the log's order."""
        names: list[str] = []
        codes: list[int] = []
        for name, code in _expand(self._nested, self._top, ""):
            names.append(name)
            codes.append(code)
        return tuple(names), codes

    @property
    def fields(self) -> tuple[str, ...]:
        """Flattened names: ``a``, ``a[0]``, ``a[0].b``."""
        return self._flat[0]

    @cached_property
    def codes(self) -> IntArray:
        """Index into DTYPES of each field, shape (fields,)."""
        return np.array(self._flat[1], dtype=np.int64)

    @cached_property
    def at(self) -> IntArray:
        """Offset of each field in the payload, shape (fields,) [byte]."""
        widths = WIDTHS[self.codes]
        return np.cumsum(widths) - widths

    @cached_property
    def plan(self) -> Plan:
        """How to gather every field."""
        return Plan(self.fields, self.codes, self.at + PAYLOAD_AT)

    def plan_of(self, wanted: tuple[str, ...]) -> Plan:
        """How to gather some fields; those that the format has not are left out."""
        found = self._plans.get(wanted)
        if found is None:
            names = tuple(name for name in wanted if name in self.index)
            picked = np.array([self.index[name] for name in names], dtype=np.int64)
            found = Plan(names, self.codes[picked], self.at[picked] + PAYLOAD_AT)
            if len(self._plans) < MAX_PLANS:
                self._plans[wanted] = found
        return found

    @cached_property
    def index(self) -> dict[str, int]:
        """Field name to position; the last wins where a log names two alike."""
        return {name: i for i, name in enumerate(self.fields)}


_layout_cached = lru_cache(maxsize=1024)(Layout)


def _size(
    formats: Mapping[str, Format],
    name: str,
    sizes: dict[str, int],
    used: dict[str, Format],
    depth: int = 0,
) -> int:
    """Bytes of a record; fills ``sizes`` and ``used`` with the formats that it consists of."""
    if name in sizes:
        return sizes[name]
    if depth > MAX_DEPTH:
        raise FormatError(f"format {name!r} contains itself or is nested deeper than {MAX_DEPTH}")
    if name not in formats:
        raise FormatError(f"format {name!r} is not described")
    total = 0
    for kind, count, _ in formats[name].fields:
        width = _SIZE.get(kind) or _size(formats, kind, sizes, used, depth + 1)
        total += (count or 1) * width
    if total > MAX_RECORD:
        raise FormatError(f"format {name!r} takes {total} bytes, a message holds {MAX_RECORD}")
    sizes[name] = total
    used[name] = formats[name]
    return total


def _expand(nested: Mapping[str, Fields], fields: Fields, prefix: str) -> Iterator[tuple[str, int]]:
    for kind, count, own in fields:
        code = _CODE.get(kind, -1)
        names = [prefix + own]
        if count:
            names = [f"{prefix}{own}[{i}]" for i in range(count)]
        for name in names:
            if code >= 0:
                yield name, code
            else:
                yield from _expand(nested, nested[kind], name + ".")

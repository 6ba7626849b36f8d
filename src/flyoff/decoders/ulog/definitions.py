"""What the messages other than data say: formats, subscriptions, parameters, texts, drop-outs."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from flyoff.decoders.rawlog import Message, ParameterChange
from flyoff.decoders.receipt import Dropout
from flyoff.decoders.ulog.layout import (
    TYPES,
    Format,
    FormatError,
    Layout,
    layout_of,
    parse_format,
)
from flyoff.units import ByteArray, IntArray

#: Subscriptions kept; there are 65,536 message ids.
MAX_SLOTS = 1 << 16
#: Fields of all subscribed formats together; real logs have a few thousand.
MAX_WEIGHT = 1 << 20
#: How often a subscription that came before its format is tried again, over all of them.
MAX_RETRIES = 1 << 14
_NUMBERS = {
    name: struct.Struct("<" + code)
    for name, code in zip(
        (
            "int8_t",
            "uint8_t",
            "bool",
            "int16_t",
            "uint16_t",
            "int32_t",
            "uint32_t",
            "float",
            "int64_t",
            "uint64_t",
            "double",
        ),
        "bB?hHiIfqQd",
        strict=True,
    )
}
_DEFAULT_SETS = ("system", "airframe")
_INFORMATIONAL = 6


class Unreadable(ValueError):
    """A message whose payload contradicts its type; becomes a gap, never leaves the decoder."""


@dataclass(slots=True, eq=False)
class Slot:
    """One subscribed (name, multi id) with one layout.

    ``layout`` is None while the format is not described; ``late`` if rows came before it was.
    """

    name: str
    instance: int
    layout: Layout | None
    late: bool = False


@dataclass(slots=True, eq=False)
class Definitions:
    """Everything that the log says beside its data, read message by message in file order."""

    data: ByteArray
    changes: list[ParameterChange] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    dropouts: list[Dropout] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    live: dict[int, int] = field(default_factory=dict)  # message id -> slot
    touched: set[int] = field(default_factory=set)  # ids whose meaning changed
    notes: dict[str, None] = field(default_factory=dict)
    #: Offsets of parameters, defaults and information: well formed, read when first asked for.
    later: list[IntArray] = field(default_factory=list)
    _formats: dict[str, Format] = field(default_factory=dict)
    _layouts: dict[str, Layout] = field(default_factory=dict)
    _slot_of: dict[object, int] = field(default_factory=dict)
    _pending: set[int] = field(default_factory=set)  # ids of subscriptions without a format
    _retries: int = 0
    _weight: int = 0

    def read(self, kind: str, payload: bytes, last_us: int) -> None:
        """Take one message.

        Parameters
        ----------
        kind : str
            Its type letter.
        payload : bytes
        last_us : int [µs]
            Time of the data before it, for what carries no time of its own.

        Raises
        ------
        Unreadable, FormatError
        """
        _READERS[kind](self, payload, last_us)

    def params(self) -> dict[str, float]:
        """Parameters at the start of the data."""
        return dict(_parameter_value(payload) for _, payload in self._read_later("P"))

    def defaults(self) -> dict[str, dict[str, float]]:
        """Default values that the log gives, by the set that they belong to."""
        found: dict[str, dict[str, float]] = {}
        for _, payload in self._read_later("Q"):
            key, value = _parameter_value(payload[1:])
            for bit, name in enumerate(_DEFAULT_SETS):
                if payload[0] >> bit & 1:
                    found.setdefault(name, {})[key] = value
        return found

    def info(self) -> dict[str, str]:
        """What the log says of itself, as text; parts joined, repeated entries one a line."""
        single: dict[str, str] = {}
        parts: dict[str, list[list[str]]] = {}
        for kind, payload in self._read_later("IM"):
            if kind == "I":
                form, key, value = _key_value(payload)
                single[key] = _text(form, value)
            else:
                form, key, value = _key_value(payload[1:])
                entries = parts.setdefault(key, [])
                if not (payload[0] and entries):
                    entries.append([])
                entries[-1].append(_text(form, value))
        joined = {key: "\n".join("".join(one) for one in all_) for key, all_ in parts.items()}
        return joined | single

    def _read_later(self, kinds: str) -> Iterator[tuple[str, bytes]]:
        """Messages of some types, in file order."""
        data = self.data.data
        letters = np.frombuffer(kinds.encode(), dtype=np.uint8)
        for offsets in self.later:
            for at in offsets[np.isin(self.data[offsets + 2], letters)].tolist():
                size = data[at] | data[at + 1] << 8
                yield chr(data[at + 2]), bytes(data[at + 3 : at + 3 + size])

    def _format(self, payload: bytes, _: int) -> None:
        found = parse_format(payload)
        name, known = found.name, self._formats.get(found.name)
        if known is not None and (known is found or known.fields == found.fields):
            return
        self._formats[name] = found
        # any other format may contain this one
        if self._layouts:
            self._layouts = {k: one for k, one in self._layouts.items() if not one.uses(name)}
        for key in tuple(self._pending):
            self._retry(key)

    def _retry(self, key: int) -> None:
        """A format came: perhaps the one that this subscription waits for."""
        slot = self.slots[self.live[key]]
        self._retries += 1
        if self._retries <= MAX_RETRIES:
            slot.layout = self._layout(slot.name)
        if slot.layout is not None or self._retries > MAX_RETRIES:
            slot.late = True
            self._pending.discard(key)
            self.touched.add(key)

    def _layout(self, name: str) -> Layout | None:
        if name not in self._layouts:
            try:
                self._layouts[name] = layout_of(self._formats, name)
            except FormatError:
                return None
        return self._layouts[name]

    def _subscribe(self, payload: bytes, _: int) -> None:
        instance, key = payload[0], payload[1] | payload[2] << 8
        name = payload[3:].rstrip(b"\0").decode("utf-8", "replace")
        layout = self._layout(name)
        identity = (name, instance, layout)
        if identity not in self._slot_of:
            self._weight += layout.weight if layout else 1
            if len(self.slots) >= MAX_SLOTS or self._weight > MAX_WEIGHT:
                raise Unreadable(
                    f"{len(self.slots)} subscriptions of {self._weight} fields, a log "
                    f"has at most {MAX_SLOTS} of {MAX_WEIGHT}"
                )
            self._slot_of[identity] = len(self.slots)
            self.slots.append(Slot(name, instance, layout))
        self.live[key] = self._slot_of[identity]
        (self._pending.add if layout is None else self._pending.discard)(key)
        self.touched.add(key)

    def _unsubscribe(self, payload: bytes, _: int) -> None:
        key = payload[0] | payload[1] << 8
        self.live.pop(key, None)
        self._pending.discard(key)
        self.touched.add(key)

    def _keyed(self, payload: bytes, _: int) -> None:
        """Well-formed ones are read later; this is not."""
        raise Unreadable(f"a key of {payload[0]} bytes in {len(payload)}")

    def _keyed_part(self, payload: bytes, _: int) -> None:
        self._keyed(payload[1:], 0)

    def _parameter(self, payload: bytes, last_us: int) -> None:
        key, value = _parameter_value(payload)
        self.changes.append(ParameterChange(last_us, key, value))

    def _default(self, payload: bytes, _: int) -> None:
        _parameter_value(payload[1:])  # only what cannot be read comes here

    def _logging(self, payload: bytes, _: int) -> None:
        self._message(payload[0], payload[1:9], payload[9:])

    def _tagged(self, payload: bytes, _: int) -> None:
        self._message(payload[0], payload[3:11], payload[11:])

    def _message(self, level: int, stamp: bytes, text: bytes) -> None:
        severity = level - ord("0") if level >= ord("0") else level
        if severity > 7:
            severity = _INFORMATIONAL
        t_us = int.from_bytes(stamp, "little")
        self.messages.append(Message(t_us, severity, text.decode("utf-8", "replace")))

    def _dropout(self, payload: bytes, last_us: int) -> None:
        self.dropouts.append(Dropout(last_us, 1000 * (payload[0] | payload[1] << 8)))

    def _flags(self, payload: bytes, _: int) -> None:
        """Read with the header already, where they must stand."""


_READERS: dict[str, Callable[[Definitions, bytes, int], None]] = {
    "F": Definitions._format,
    "A": Definitions._subscribe,
    "R": Definitions._unsubscribe,
    "I": Definitions._keyed,
    "M": Definitions._keyed_part,
    "P": Definitions._parameter,
    "Q": Definitions._default,
    "L": Definitions._logging,
    "C": Definitions._tagged,
    "O": Definitions._dropout,
    "B": Definitions._flags,
}


def _key_value(payload: bytes) -> tuple[str, str, bytes]:
    """Type, name and value bytes; a key without a blank has no type."""
    size = payload[0]
    if size + 1 > len(payload):
        raise Unreadable(f"a key of {size} bytes in {len(payload)}")
    kind, key = _said(payload[1 : size + 1])
    return kind, key, payload[size + 1 :]


@lru_cache(maxsize=8192)  # logs of one firmware have the same parameters
def _said(text: bytes) -> tuple[str, str]:
    kind, blank, key = text.decode("utf-8", "replace").partition(" ")
    return (kind, key) if blank else ("", kind)


def _parameter_value(payload: bytes) -> tuple[str, float]:
    kind, key, value = _key_value(payload)
    number = _NUMBERS.get(kind)
    if number is None or number.size != len(value):
        raise Unreadable(f"parameter {key[:40]!r} of type {kind[:20]!r} in {len(value)} bytes")
    found: float = number.unpack(value)[0]
    return key, found


def _text(kind: str, value: bytes) -> str:
    """A value of an information message, as text; bytes that are no text as hex."""
    if kind.startswith("char"):
        return value.decode("utf-8", "replace").rstrip("\0")
    number = _NUMBERS.get(kind)
    if number is not None and number.size == len(value):
        return str(number.unpack(value)[0])
    return value.hex() if kind in TYPES or "[" in kind else value.decode("utf-8", "replace")

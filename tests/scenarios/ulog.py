"""Write any ULog: legal ones message by message, and illegal ones byte by byte.

Independent of the decoder on purpose: it knows the format from its specification, so that both
would have to misread it alike for a test to pass wrongly.
"""

import re
import struct
from collections.abc import Iterator, Mapping

MAGIC = b"ULog\x01\x12\x35"
SYNC = bytes((0x2F, 0x73, 0x13, 0x20, 0x25, 0x0C, 0xBB, 0x12))
CODES = {
    "int8_t": "b", "uint8_t": "B", "bool": "?", "char": "c", "int16_t": "h", "uint16_t": "H",
    "int32_t": "i", "uint32_t": "I", "float": "f", "int64_t": "q", "uint64_t": "Q", "double": "d",
}  # fmt: skip
_FIELD = re.compile(r"(\w+)(?:\[(\d+)\])? (\w+)")

Value = float | int | bytes


class ULogWriter:
    """Builds one log; every method appends and returns the writer, so that calls chain.

    Parameters
    ----------
    start_us : int [µs]
        Time in the header.
    version : int
    flags : bool
        Whether a flag bits message follows the header.
    demanded : bytes of length 8
        Incompatible flags, beside the one for appended data, which is set as needed.
    flags_extra : bytes
        Behind the 40 bytes that are defined: the message may grow.
    """

    def __init__(
        self,
        start_us: int = 1_000_000,
        version: int = 1,
        *,
        flags: bool = True,
        demanded: bytes = bytes(8),
        flags_extra: bytes = b"",
    ) -> None:
        self._head = MAGIC + struct.pack("<BQ", version, start_us)
        self._flags, self._demanded, self._extra = flags, demanded, flags_extra
        self._body = bytearray()
        self._formats: dict[str, list[tuple[str, int, str]]] = {}
        self._topics: dict[int, str] = {}
        self.appended: list[int] = []

    @property
    def size(self) -> int:
        """Bytes so far: where the next message will stand."""
        return len(self._head) + self._flag_bits_size() + len(self._body)

    def raw(self, data: bytes) -> "ULogWriter":
        """Bytes as they are."""
        self._body += data
        return self

    def frame(self, kind: str, payload: bytes) -> "ULogWriter":
        """One message of any type."""
        return self.raw(frame(kind, payload))

    def format(self, name: str, fields: str) -> "ULogWriter":
        """Describe a record: ``"uint64_t timestamp;float[3] xyz;inner part;"``."""
        self._formats[name] = [
            (kind, int(count or 0), own) for kind, count, own in _FIELD.findall(fields)
        ]
        return self.frame("F", f"{name}:{fields}".encode())

    def info(self, kind: str, key: str, value: Value) -> "ULogWriter":
        return self.frame("I", keyed(kind, key, value))

    def info_multiple(
        self, kind: str, key: str, value: Value, *, continued: bool = False
    ) -> "ULogWriter":
        return self.frame("M", bytes([continued]) + keyed(kind, key, value))

    def parameter(self, name: str, value: float) -> "ULogWriter":
        """A whole number becomes int32, any other float."""
        return self.frame("P", keyed(_parameter_type(value), name, value))

    def default(self, sets: int, name: str, value: float) -> "ULogWriter":
        """``sets``: bit 0 system, bit 1 airframe."""
        return self.frame("Q", bytes([sets]) + keyed(_parameter_type(value), name, value))

    def subscribe(self, name: str, msg_id: int, multi_id: int = 0) -> "ULogWriter":
        self._topics[msg_id] = name
        return self.frame("A", struct.pack("<BH", multi_id, msg_id) + name.encode())

    def unsubscribe(self, msg_id: int) -> "ULogWriter":
        return self.frame("R", struct.pack("<H", msg_id))

    def data(
        self, msg_id: int, values: Mapping[str, Value] | None = None, *, padding: bool = False,
        **more: Value,
    ) -> "ULogWriter":  # fmt: skip
        """One row of a subscribed topic.

        Parameters
        ----------
        values : mapping of flattened field name to value
            Fields that are not named are zero.
        padding : bool
            Write the trailing ``_padding`` fields too.
        """
        given = {**(values or {}), **more}
        leaves = list(self.leaves(self._topics[msg_id]))
        while not padding and leaves and leaves[-1][0].startswith("_padding"):
            leaves.pop()
        unknown = set(given) - {name for name, _ in leaves}
        if unknown:
            raise KeyError(f"no field {sorted(unknown)} in {self._topics[msg_id]}")
        packed = b"".join(_pack(kind, given.get(name, 0)) for name, kind in leaves)
        return self.frame("D", struct.pack("<H", msg_id) + packed)

    def leaves(self, name: str, prefix: str = "") -> Iterator[tuple[str, str]]:
        """Flattened (field name, type) of a format."""
        for kind, count, own in self._formats[name]:
            names = [f"{prefix}{own}[{i}]" for i in range(count)] or [prefix + own]
            for one in names:
                if kind in CODES:
                    yield one, kind
                else:
                    yield from self.leaves(kind, one + ".")

    def dropout(self, duration_ms: int) -> "ULogWriter":
        return self.frame("O", struct.pack("<H", duration_ms))

    def log(self, level: int, t_us: int, text: bytes) -> "ULogWriter":
        return self.frame("L", struct.pack("<BQ", ord("0") + level, t_us) + text)

    def tagged(self, level: int, tag: int, t_us: int, text: bytes) -> "ULogWriter":
        return self.frame("C", struct.pack("<BHQ", ord("0") + level, tag, t_us) + text)

    def sync(self) -> "ULogWriter":
        return self.frame("S", SYNC)

    def section(self) -> "ULogWriter":
        """What follows was appended after the log was closed."""
        self.appended.append(self.size)
        return self

    def bytes(self) -> bytes:
        """The whole file."""
        return self._head + self._flag_bits() + bytes(self._body)

    def _flag_bits_size(self) -> int:
        return 3 + 40 + len(self._extra) if self._flags else 0

    def _flag_bits(self) -> bytes:
        if not self._flags:
            return b""
        demanded = bytes([self._demanded[0] | bool(self.appended)]) + self._demanded[1:]
        offsets = struct.pack("<3Q", *(*self.appended, 0, 0, 0)[:3])
        return frame("B", bytes(8) + demanded + offsets + self._extra)


def frame(kind: str, payload: bytes) -> bytes:
    """Size, type, payload."""
    return struct.pack("<HB", len(payload), ord(kind)) + payload


def keyed(kind: str, key: str, value: Value) -> bytes:
    """A key with its type, and its value: the payload of I and P, and the end of M and Q."""
    name = f"{kind} {key}".encode()
    return bytes([len(name)]) + name + _pack(kind, value)


def _pack(kind: str, value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if kind == "char":
        return struct.pack("<b", value)
    return struct.pack("<" + CODES[kind], value)


def _parameter_type(value: float) -> str:
    return "int32_t" if isinstance(value, int) else "float"


def sample(rows: int = 40) -> bytes:
    """A small log with every kind of message, nested types, padding, instances and an appendix."""
    log = (
        ULogWriter()
        .format("inner", "float[2] pair;uint8_t kind;uint8_t[3] _padding0;")
        .format(
            "attitude", "uint64_t timestamp;float[4] q;double lat;bool ok;uint8_t[7] _padding0;"
        )
        .format("mixed", "uint64_t timestamp;inner[2] part;inner one;int16_t small;char[4] name;")
        .info("char[4]", "sys_name", b"TEST")
        .info("uint32_t", "ver_sw_release", 0x010F00FF)
        .info_multiple("char[3]", "notes", b"one")
        .info_multiple("char[3]", "notes", b"two", continued=True)
        .parameter("RATE_P", 0.25)
        .parameter("MODE", 3)
        .default(3, "MODE", 1)
        .subscribe("attitude", 0)
        .subscribe("attitude", 1, multi_id=1)
        .subscribe("mixed", 7)
    )
    for i in range(rows):
        t = 1_000_000 + 10_000 * i
        log.data(0, timestamp=t, lat=47.0 + i, ok=1, **{"q[0]": 1.0, "q[3]": i / 8})
        log.data(1, timestamp=t + 5, lat=float("nan"), **{"q[1]": -i})
        if i % 4 == 0:
            log.data(7, {"timestamp": t + 7, "part[1].pair[0]": 2.5, "one.kind": i, "small": -i})
        if i % 10 == 5:
            log.log(6, t, b"text").dropout(12).sync()
    log.parameter("RATE_P", 0.5).tagged(4, 2, 1_500_000, b"tagged")
    log.section().info_multiple("char[4]", "hardfault_plain", b"dump")
    return log.bytes()

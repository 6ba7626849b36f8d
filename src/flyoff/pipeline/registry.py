"""Which decoder reads a file: asked by the file's first bytes, never by its name."""

import importlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from flyoff.decoders import BUILTIN, Decoder, RawLog, Source
from flyoff.errors import DecodeError, FlyoffError
from flyoff.model.recording import Recording

#: Entry point group through which third parties add a decoder.
GROUP = "flyoff.decoders"

#: DJI's own records are encrypted, with keys that DJI gives out.
DJI_RECORD = (
    "a DJI flight record, which DJI encrypts; let a converter that you trust (AirData, "
    "Phantom Help, DJI Assistant) make a CSV of it and give that"
)

#: Known bytes at the start of files that are no log of ours: (start, what it is).
KNOWN: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-zip archive; unpack it first"),
    (b"ULogEnc", "an encrypted ULog; decrypt it with the vehicle's key first"),
    (b"\xd4\xc3\xb2\xa1", "a pcap capture"),
    (b"\xa1\xb2\xc3\xd4", "a pcap capture"),
    (b"\x0a\x0d\x0d\x0a", "a pcapng capture"),
    (b"DJI_LOG_V3", DJI_RECORD),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "an executable"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"#ROSBAG", "a ROS bag"),
    (b"\x89MCAP0\r\n", "an MCAP recording"),
    (b"QGC WPL", "a mission plan; give it with --plan"),
)


#: What Mission Planner makes of a telemetry log as "CSV": a frame a line, with its header's bytes.
PLANNER_TABLE = (
    re.compile(rb"\d{4}-\d\d-\d\dT[\d:.,]+,F[DE],.*,mavlink_\w+_t,"),
    "Mission Planner's table of a telemetry log; give the .tlog that it was made of",
)

#: DJI's FlightRecord begins with 100 bytes: offset of the details, their length, version.
_RECORD_HEADER = 100


@cache
def decoders() -> tuple[Decoder, ...]:
    """All decoders: the built-in ones in their order, then those that others have installed."""
    found = [_module_decoder(path) for path in BUILTIN]
    found += [_loaded(point.load()) for point in entry_points(group=GROUP)]
    return tuple(found)


def choose(source: Source) -> Decoder:
    """The decoder that recognises the first bytes.

    Raises
    ------
    DecodeError
        If none does; says what was found and what was expected.
    """
    head = source.head()
    if head:
        for decoder in decoders():
            if decoder.sniff(head):
                check = getattr(decoder, "check", None)  # what the first bytes cannot tell
                if check is not None:
                    check(source)
                return decoder
    expected = ", ".join(d.name for d in decoders()) or "none"
    problem = f"{describe(source)}; not a log that this version reads (expected: {expected})"
    raise DecodeError(source.path, 0, problem)


def recordings(decoder: Decoder, raw: RawLog) -> Iterator[Recording]:
    """Make what ``decoder.normalise`` gives, one by one where the decoder can.

    For who is content with the first: a log of a ground station may hold a hundred boots.
    """
    one_by_one = getattr(decoder, "recordings", None)
    return one_by_one(raw) if one_by_one is not None else iter(decoder.normalise(raw))


def describe(source: Source) -> str:
    r"""What a file that no decoder takes looks like, in words.

    Examples
    --------
    >>> describe(Source("x", b"PK\x03\x04rest"))
    'a zip archive; unpack it first'
    >>> describe(Source("x", b""))
    'the file is empty'
    """
    head = source.head()
    if not head:
        return "the file is empty"
    for start, what in KNOWN:
        if head.startswith(start):
            return what
    if _looks_like_dji(source, head):
        return DJI_RECORD
    if PLANNER_TABLE[0].match(head):
        return PLANNER_TABLE[1]
    if len(head) > 1 and head.count(head[:1]) == len(head):
        return f"the first {len(head)} bytes are all {head[0]:#04x}"
    return _text_or_bytes(head)


def _text_or_bytes(head: bytes) -> str:
    printable = sum(32 <= b < 127 or b in b"\t\r\n" for b in head)
    if printable == len(head):
        line = head.split(b"\n", 1)[0][:40].decode("ascii").strip()
        return f"text that begins {line!r}" if line else "text"
    return f"begins with the bytes {head[:8].hex(' ')}"


def _looks_like_dji(source: Source, head: bytes) -> bool:
    """DJI's ``.DAT`` names its build early; a ``FlightRecord`` says where its details begin."""
    if head[16:21] == b"BUILD" or b"DJI_LOG_V" in head[:512]:
        return True
    details, version, rest = int.from_bytes(head[:8], "little"), head[10:11], head[11:12]
    is_record = _RECORD_HEADER <= details <= len(source) and b"\x01" <= version <= b"\x20"
    return is_record and rest == b"\0" and len(head) > _RECORD_HEADER


def _module_decoder(path: str) -> Decoder:
    module = importlib.import_module(path)
    decoder: Decoder = module.DECODER
    return decoder


def _loaded(plugin: Any) -> Decoder:
    """An entry point names a decoder, or a module that has one as ``DECODER``."""
    decoder: Decoder = getattr(plugin, "DECODER", plugin)
    for needed in ("name", "sniff", "decode", "normalise"):
        if not hasattr(decoder, needed):
            raise FlyoffError(
                f"installed decoder {plugin!r} has no {needed!r}; remove or update it"
            )
    return decoder

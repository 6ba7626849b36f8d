"""A blackbox log rewritten: every log of the file, with a header of its own and plain frames.

The fields that stay are packed anew: I frames as they are, P frames as differences to the frame
before, which every reader of the format understands from the header alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from flyoff.decoders.blackbox.decode import BlackboxLog
from flyoff.decoders.blackbox.firmware import firmware_of
from flyoff.decoders.blackbox.layout import PRODUCT, Header
from flyoff.decoders.blackbox.parameters import parameters_of
from flyoff.decoders.blackbox.topic import BlackboxTopic
from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.errors import ExchangeError
from flyoff.exchange.redaction import _kernels as kernels
from flyoff.exchange.redaction.merge import Piece, merged
from flyoff.exchange.redaction.moves import Move
from flyoff.exchange.redaction.rules import Rules
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.units import ByteArray, FloatArray, IntArray

FORMAT: Final = "blackbox"
_KINDS: Final = {"main": "I", "slow": "S", "gps": "G", "home": "H"}
_SIGNED_VB, _UNSIGNED_VB = 0, 1
_ABSOLUTE, _PREVIOUS = 0, 1
_DISARM, _RESUME, _MODE, _END = 15, 14, 30, 255
_NO_REASON: Final = 0xFFFFFFFF
_WEEK_MS: Final = 604_800_000
_UNKNOWN_COURSE: Final = 65535
#: A barometer that was zeroed on the ground begins near zero [cm].
_ZEROED_CM: Final = 10_000
_SHORT: Final = 32767.0
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
Columns = dict[str, IntArray]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of one kind as they will be written.

    Attributes
    ----------
    letter : str
        ``I``, ``S``, ``G`` or ``H``.
    names : tuple of str
    patterns : uint32, shape (fields, n)
        Values as 32 bits.
    signed : tuple of bool
    offsets : int64, shape (n,)
    """

    letter: str
    names: tuple[str, ...]
    patterns: npt.NDArray[np.uint32]
    signed: tuple[bool, ...]
    offsets: IntArray


def rewrite(raw: RawLog, move: Move, rules: Rules) -> ByteArray:
    """The file's bytes after redaction, uint8 shape (size,)."""
    if not isinstance(raw, BlackboxLog):
        raise ExchangeError(f"{raw.path}: expected a blackbox log")
    parts = [_one(raw, i, log.header, move, rules) for i, log in enumerate(raw.logs)]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.uint8)


def _one(raw: RawLog, instance: int, header: Header, move: Move, rules: Rules) -> ByteArray:
    contents = table(FORMAT)
    found = []
    for name, letter in _KINDS.items():
        topic = raw.topics.get((name, instance))
        layout = header.frames.get(letter)
        if topic is None or layout is None or not isinstance(topic, BlackboxTopic):
            continue
        names = _allowed(topic, contents[name])
        patterns = topic.patterns(names)
        _move(names, patterns, topic, contents[name], move, header)
        if names:
            # a difference or a moved value may be negative where the original was not
            signs = dict(zip(layout.names, layout.signed, strict=True))
            signed = tuple(bool(signs.get(n, 0)) or _may_change_sign(n) for n in names)
            found.append(Frames(letter, names, patterns, signed, topic.offsets))
    pieces = [_packed(frames) for frames in found]
    event = raw.topics.get(("event", instance))
    if event is not None:
        pieces += list(_events(event, header))
    head = np.frombuffer(_header(header, found, move, rules), dtype=np.uint8)
    return np.concatenate([head, merged(pieces)]) if pieces else head


def _allowed(topic: Topic, contents: Contents) -> tuple[str, ...]:
    bases = {name for name in contents.fields if "[" not in name}
    return tuple(n for n in topic.fields if n in contents.fields or n.partition("[")[0] in bases)


def _may_change_sign(name: str) -> bool:
    return name.startswith(("GPS_coord", "GPS_home[", "GPS_altitude", "nav", "pos", "vel", "baro"))


def _move(
    names: tuple[str, ...],
    patterns: npt.NDArray[np.uint32],
    topic: BlackboxTopic,
    contents: Contents,
    move: Move,
    header: Header,
) -> None:
    """Move what is not only kept, in place."""
    kept = set(contents.single["keep"])
    treated = [n for n in names if n not in kept and n.partition("[")[0] not in kept]
    columns = {n: column.astype(np.int64) for n, column in topic.gather(treated).items()}
    _move_columns(columns, contents, move, header)
    for name, column in columns.items():
        patterns[names.index(name)] = column & 0xFFFFFFFF


def _move_columns(columns: Columns, contents: Contents, move: Move, header: Header) -> None:
    _move_single(columns, contents.special, move, header)
    for lat, lon in _present(columns, contents.groups["place"]):
        place = _real(columns[lat]) * 1e-7, _real(columns[lon]) * 1e-7
        moved = move.place(*place)
        here = move.is_here(*place)
        for name in contents.special.get("altitude", "").split():
            if name in columns and not here.all():  # moved already; a height of nowhere is none
                columns[name] = np.where(here, columns[name], 0)
        columns[lat], columns[lon] = (_whole(part * 1e7) for part in moved)
    for north, east in _present(columns, contents.groups["north_east"]):
        vector = move.vector(_real(columns[north]), _real(columns[east]))
        columns[north], columns[east] = (_whole(part) for part in vector)
    for names in _present(columns, contents.groups["quaternion"]):
        turned = move.quaternion([_real(columns[name]) for name in names])
        columns.update(zip(names, (_whole(part) for part in turned), strict=True))
    for name in contents.single["unix_s"]:
        if name in columns:
            columns[name] = _whole(move.unix(_real(columns[name]) * 1e6) / 1e6)


def _move_single(columns: Columns, special: Mapping[str, str], move: Move, header: Header) -> None:
    def fields(kind: str) -> Iterator[str]:
        return (name for name in special.get(kind, "").split() if name in columns)

    for kind, turn in (("heading_dd", move.heading), ("bearing_dd", move.bearing)):
        for name in fields(kind):
            tenths = _real(columns[name])
            turned = turn(tenths / 10.0) * 10.0
            columns[name] = _whole(np.where(tenths >= _UNKNOWN_COURSE, tenths, turned % 3600.0))
    for name in fields("altitude"):
        unit = firmware_of(header, parameters_of(header.text)).altitude_m
        held = _real(columns[name])
        # where the unit is not known, the height cannot be made relative and is not kept
        columns[name] = (
            _whole(move.height(held * unit) / unit) if unit else np.zeros_like(columns[name])
        )
    for name in fields("above_start"):
        first = columns[name][:1]
        if first.size and abs(int(first[0])) > _ZEROED_CM:
            columns[name] = columns[name] - first
    for name in fields("week_ms"):
        shifted = (columns[name] + move.shift_us // 1000) % _WEEK_MS
        columns[name] = np.where(columns[name] > 0, shifted, 0)
    names = special.get("quaternion_short", "").split()
    if names and set(names) <= set(columns):
        short = _turned_short([_real(columns[name]) / _SHORT for name in names], move.turn)
        columns.update(zip(names, (_whole(part * _SHORT) for part in short), strict=True))


def _turned_short(q: list[FloatArray], turn: float) -> list[FloatArray]:
    """Turn a quaternion of which the scalar, never negative, is left away; its third axis is up."""
    x, y, z = q
    w = np.sqrt(np.clip(1.0 - x * x - y * y - z * z, 0.0, 1.0))
    c, s = np.cos(turn / 2), np.sin(turn / 2)
    parts = (c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w)
    sign = np.where(parts[0] < 0.0, -1.0, 1.0)
    return [part * sign for part in parts[1:]]


def _present(columns: Columns, groups: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, ...]]:
    return (names for names in groups if set(names) <= set(columns))


def _real(values: IntArray) -> FloatArray:
    return values.astype(np.float64)


def _whole(values: npt.NDArray[np.float64]) -> IntArray:
    return np.rint(np.clip(np.nan_to_num(values), -(2.0**31), 2.0**31 - 1)).astype(np.int64)


def _packed(frames: Frames) -> Piece:
    fields, count = frames.patterns.shape
    out = np.empty(count * (1 + 5 * fields), dtype=np.uint8)
    lengths = np.empty(count, dtype=np.int64)
    interval = 32 if frames.letter == "I" else 1
    signed = np.array(frames.signed, dtype=np.bool_)
    size = kernels.pack_frames(frames.patterns, signed, ord(frames.letter), interval, out, lengths)
    return Piece(frames.offsets, out[:size], lengths)


def _events(topic: Topic, header: Header) -> Iterator[Piece]:
    columns = topic.gather(("event", "data[0]", "data[1]"))
    for at, number, first, second in zip(
        topic.offsets.tolist(), *(column.tolist() for column in columns.values()), strict=True
    ):
        if number == _END:
            payload = _end(first, header)
        elif number in (_RESUME, _MODE):
            payload = _varint(first) + _varint(second)
        elif number == _DISARM:
            payload = _varint(first)
        else:
            continue  # tones and settings that nobody judges by
        record = b"E" + bytes((number,)) + payload
        yield Piece(
            np.array([at], dtype=np.int64), np.frombuffer(record, dtype=np.uint8)[np.newaxis, :]
        )


def _end(reason: int, header: Header) -> bytes:
    if header.firmware == "INAV" and reason != _NO_REASON:
        return f"End of log (disarm reason:{reason})\0".encode()
    return b"End of log\0"


def _varint(value: int) -> bytes:
    value &= 0xFFFFFFFF
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _header(header: Header, found: list[Frames], move: Move, rules: Rules) -> bytes:
    lines = [PRODUCT + b" flight data recorder by Nicholas Sherlock", b"H Data version:2"]
    for frames in found:
        lines += _described(frames)
    told = rules.info({k: v for k, v in header.text.items() if k != "Data version"})
    if rules.pseudonym:
        told["DeviceUID"] = rules.pseudonym
    date = _date(header.text.get("Log start datetime", ""), move)
    if date:
        told["Log start datetime"] = date
    lines += [f"H {key}:{value}".encode() for key, value in told.items()]
    return b"".join(line + b"\n" for line in lines)


def _described(frames: Frames) -> Iterator[bytes]:
    letter, count = frames.letter, len(frames.names)
    encodings = [_SIGNED_VB if signed else _UNSIGNED_VB for signed in frames.signed]
    rows: list[tuple[str, str, list[object]]] = [
        (letter, "name", list(frames.names)),
        (letter, "signed", [int(signed) for signed in frames.signed]),
        (letter, "predictor", [_ABSOLUTE] * count),
        (letter, "encoding", list(encodings)),
    ]
    if letter == "I":
        rows += [("P", "predictor", [_PREVIOUS] * count), ("P", "encoding", [_SIGNED_VB] * count)]
    for kind, key, values in rows:
        yield f"H Field {kind} {key}:{','.join(map(str, values))}".encode()


def _date(stamp: str, move: Move) -> str:
    """The date when the log began, shifted; empty where the vehicle knew none."""
    if not _DATE.match(stamp):
        return ""
    try:
        at = datetime.fromisoformat(stamp)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        at += timedelta(microseconds=move.shift_us)
    except (ValueError, OverflowError):
        return ""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+00:00"

"""SAPIENT, BSI Flex 335 version 2: a stream of protobuf messages, or JSON.

The stream is as middleware records it: a length of four bytes, little endian, before each message
(varint lengths are taken too where those chain). JSON is one message a line, or an array, in the
mapping of protobuf or with the field names of the standard. Detections of version 1 are not read.
"""

import json
import math
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final

from flyoff.trials.account import Accountant
from flyoff.trials.reports import Reading, Report, Reports

NAME: Final = "sapient"
#: No message of a sensor is larger; a larger length is damage.
_MOST: Final = 1 << 20
_NAN: Final = float("nan")
_LOST: Final = ("lost", "terminated", "ended", "deleted")


def sniff(head: bytes) -> bool:
    """Whether a file begins with a message, or with JSON that speaks of nodes."""
    if head.lstrip()[:1] in (b"{", b"["):
        return b"nodeId" in head or b"node_id" in head
    size = int.from_bytes(head[:4], "little")
    return 2 <= size <= _MOST and head[4:5] == b"\x0a"


def read(data: bytes) -> Reading:
    """Read a recording."""
    account = Accountant(len(data))
    notes: set[str] = set()
    is_text = data.lstrip()[:1] in (b"{", b"[")
    messages = _texts(data, account) if is_text else _stream(data, account)
    rows = []
    for message in messages:
        account.messages += 1
        kind = message.WhichOneof("content")
        if kind == "detection_report":
            rows.append(_report(message, notes))
        else:
            account.passed(kind or "a message without content")
    return Reading(NAME, Reports.of(rows), account.close(), tuple(sorted(notes)))


def _stream(data: bytes, account: Accountant) -> Iterator[Any]:
    at = 0
    while at < len(data):
        start, size, head = at, int.from_bytes(data[at : at + 4], "little"), 4
        if not 2 <= size <= _MOST or len(data) - at < 4:
            size, head = _varint(data, at)
        end = at + head + size
        if size < 2 or size > _MOST:
            at = _next(data, at + 1)
            account.gap(start, at - start, "no length of a message")
        elif end > len(data):
            account.gap(at, len(data) - at, "the stream ends inside a message", is_cut=True)
            return
        else:
            message = _parsed(data[at + head : end])
            if message is None:
                account.gap(at, end - at, "a message that cannot be read")
            else:
                yield message
            at = end


def _next(data: bytes, at: int) -> int:
    """Where the next message begins that can be read whole."""
    while at + 6 < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        fits = 8 <= size <= len(data) - at - 4 and data[at + 4] == 0x0A
        if fits and _parsed(data[at + 4 : at + 4 + size]) is not None:
            return at
        at += 1
    return len(data)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for k in range(min(4, len(data) - at)):
        value |= (data[at + k] & 0x7F) << (7 * k)
        if data[at + k] < 0x80:
            return value, k + 1
    return -1, 1


def _parsed(data: bytes) -> Any | None:
    from google.protobuf.message import DecodeError

    message = _message_class()()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message if message.HasField("timestamp") or message.WhichOneof("content") else None


def _texts(data: bytes, account: Accountant) -> Iterator[Any]:
    """Messages of a JSON array, or of lines; a damaged line costs itself alone."""
    if data.lstrip()[:1] == b"[":
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as problem:
            account.gap(0, len(data), f"no JSON: {str(problem)[:80]}")
            return
        given = [(0, 0, one) for one in found]
    else:
        given = list(_lines(data, account))
    for offset, size, one in given:
        message = _from_json(one)
        if message is None:
            account.gap(offset, size, "JSON that is no message of BSI Flex 335 version 2")
            if not size:
                account.passed("JSON that is no message of BSI Flex 335 version 2")
        else:
            yield message


def _lines(data: bytes, account: Accountant) -> Iterator[tuple[int, int, Any]]:
    at = 0
    for line in data.splitlines(keepends=True):
        if line.strip():
            try:
                yield at, len(line), json.loads(line)
            except (ValueError, RecursionError):
                is_last = at + len(line) == len(data) and not line.endswith(b"\n")
                account.gap(at, len(line), "a line that is no JSON", is_cut=is_last)
        at += len(line)


def _from_json(one: Any) -> Any | None:
    from google.protobuf.json_format import ParseDict, ParseError

    if not isinstance(one, dict):
        return None
    try:
        return ParseDict(
            one, _message_class()(), ignore_unknown_fields=True, max_recursion_depth=20
        )
    except (ParseError, ValueError, TypeError, RecursionError):
        return None


@cache
def _message_class() -> Any:
    from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

    return SapientMessage


def _report(message: Any, notes: set[str]) -> Report:
    said = message.detection_report
    time_s = _time(message.timestamp) if message.HasField("timestamp") else _NAN
    measured = _measured(said)
    place = _place(said.location, notes) if said.HasField("location") else {}
    polar = _polar(said.range_bearing, notes) if said.HasField("range_bearing") else {}
    label, confidence = _label(said.classification)
    velocity = said.enu_velocity if said.HasField("enu_velocity") else None
    return Report(
        time_s if measured is None else measured,
        declared_s=time_s if measured is not None else _NAN,
        velocity_east=_value(velocity, "east_rate"),
        velocity_north=_value(velocity, "north_rate"),
        velocity_up=_value(velocity, "up_rate"),
        track=said.object_id,
        label=label,
        confidence=confidence,
        sensor=message.node_id,
        ends=said.state.lower() in _LOST,
        **place,
        **polar,
    )


def _measured(said: Any) -> float | None:
    """When the target was measured, where the node says so beside the time of sending."""
    for info in said.track_info:
        if info.type.lower() in ("measurement_time", "measurementtime", "detection_time"):
            try:
                shown = datetime.fromisoformat(info.value)
            except ValueError:
                return None
            return shown.timestamp() if shown.tzinfo else None
    return None


def _time(stamp: Any) -> float:
    return float(stamp.seconds) + float(stamp.nanos) * 1e-9


def _value(message: Any, field: str, factor: float = 1.0) -> float:
    if message is None or not message.HasField(field):
        return _NAN
    return float(getattr(message, field)) * factor


def _place(place: Any, notes: set[str]) -> dict[str, Any]:
    factor = math.degrees(1.0) if place.coordinate_system == 2 else 1.0
    if place.coordinate_system not in (0, 1, 2):
        notes.add("places in UTM are not read")
        return {}
    if place.coordinate_system == 0:
        notes.add("the coordinate system is not named: taken for degrees")
    metres = math.radians(1.0) * 6_371_000.0 * factor
    lat = _value(place, "y", factor)
    return {
        "lat": lat,
        "lon": _value(place, "x", factor),
        "height_m": _value(place, "z"),
        "height_above": {1: "ellipsoid", 2: "msl"}.get(place.datum, "unknown"),
        "sigma_east": _value(place, "x_error", metres * math.cos(math.radians(lat))),
        "sigma_north": _value(place, "y_error", metres),
        "sigma_up": _value(place, "z_error"),
    }


def _polar(polar: Any, notes: set[str]) -> dict[str, Any]:
    angle = math.degrees(1.0) if polar.coordinate_system in (2, 4) else 1.0
    length = 1000.0 if polar.coordinate_system in (3, 4) else 1.0
    if polar.datum in (2, 3, 4):
        which = {2: "magnetic", 3: "grid", 4: "platform"}[polar.datum]
        notes.add(f"bearings count from {which} north: give the sensor's `north_deg`")
    return {
        "range_m": _value(polar, "range", length),
        "azimuth_deg": _value(polar, "azimuth", angle),
        "elevation_deg": _value(polar, "elevation", angle),
        "sigma_range": _value(polar, "range_error", length),
        "sigma_azimuth": _value(polar, "azimuth_error", angle),
        "sigma_elevation": _value(polar, "elevation_error", angle),
    }


def _label(classes: Any) -> tuple[str, float]:
    """The most confident class, with its sub-classes: ``Air Vehicle/UAV Rotary Wing``."""
    if not classes:
        return "", _NAN
    best = max(classes, key=lambda c: c.confidence)
    names, level = [best.type], best.sub_class
    while level and len(names) < 8:
        inner = max(level, key=lambda c: c.confidence)
        names.append(inner.type)
        level = inner.sub_class
    return "/".join(names), _value(best, "confidence")

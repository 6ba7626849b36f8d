"""Cursor on Target: XML events, and the protobuf of TAK protocol version 1.

XML is read by a parser that refuses document types and entities; an event that declares one is
damage. Events are cut apart by their tags first, so that one bad event costs itself alone.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from flyoff.trials.account import Accountant
from flyoff.trials.readers import capture
from flyoff.trials.reports import Reading, Report, Reports

NAME: Final = "cot"
#: No event is larger: bounds what a hostile file makes the parser do.
_MOST: Final = 1 << 18
_MAGIC: Final = 0xBF
_NAN: Final = float("nan")
#: The standard's "no value".
_UNKNOWN: Final = 9_999_999.0
_EVENT: Final = re.compile(rb"<event[\s>].*?</event\s*>|<event\s[^>]*/>", re.DOTALL)
#: Marks between events that say nothing: the XML declaration and white space.
_BETWEEN: Final = re.compile(rb"\s*(<\?xml[^>]{0,200}\?>\s*)?(</?events>\s*)?")


def sniff(head: bytes) -> bool:
    """Whether a file begins with an event, or with the magic byte of TAK messages."""
    shown = head.lstrip()
    if shown[:1] == b"<":
        return b"<event" in head
    return head[:3] == b"\xbf\x01\xbf" or (head[:1] == b"\xbf" and _has_event(head))


def read(data: bytes) -> Reading:
    """Read a recording: XML, protobuf, or a capture with either in UDP."""
    account = Accountant(len(data))
    rows: list[Report] = []
    if capture.is_capture(data):
        for packet in capture.packets(data, account):
            found = capture.datagram(packet)
            if found is None:
                account.passed("a packet that is no UDP datagram")
            else:
                _collect(*found, packet.time_s, account, rows)
    else:
        _collect(data, 0, _NAN, account, rows)
    return Reading(NAME, Reports.of(rows), account.close())


def _collect(
    data: bytes, offset: int, received_s: float, account: Accountant, rows: list[Report]
) -> None:
    reports = (
        _protobuf(data, offset, account) if data[:1] == b"\xbf" else _xml(data, offset, account)
    )
    for report in reports:
        account.messages += 1
        if report is None:
            account.passed("an event without a time or a place")
        else:
            rows.append(_received(report, received_s))


def _received(report: Report, received_s: float) -> Report:
    return replace(report, declared_s=received_s) if received_s == received_s else report


def _xml(data: bytes, offset: int, account: Accountant) -> Iterator[Report | None]:
    at = 0
    for match in _EVENT.finditer(data):
        _between(data, at, match.start(), offset, account)
        at = match.end()
        event = None if at - match.start() > _MOST else _parsed(match.group())
        if event is None:
            reason = "an event that is no plain XML"
            account.gap(offset + match.start(), at - match.start(), reason)
        else:
            yield _of_element(event)
    _between(data, at, len(data), offset, account)


def _between(data: bytes, start: int, end: int, offset: int, account: Accountant) -> None:
    """Bytes between events: nothing, a declaration, or damage."""
    left = data[start:end]
    if _BETWEEN.fullmatch(left) is None:
        is_cut = end == len(data) and b"<event" in left
        reason = "the file ends inside an event" if is_cut else "bytes outside of any event"
        account.gap(offset + start, len(left), reason, is_cut=is_cut)


def _parsed(event: bytes) -> Any | None:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(event, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None


def _of_element(event: Any) -> Report | None:
    point, detail = event.find("point"), event.find("detail")
    time_s = _time(event.get("time", ""))
    if point is None or not math.isfinite(time_s):
        return None
    track = detail.find("track") if detail is not None else None
    kind = event.get("type", "")
    return _of_values(
        time_s,
        [_number(point.get(name)) for name in ("lat", "lon", "hae", "ce", "le")],
        _number(track.get("speed")) if track is not None else _NAN,
        _number(track.get("course")) if track is not None else _NAN,
        event.get("uid", ""),
        kind,
    )


def _of_values(
    time_s: float, place: list[float], speed: float, course: float, uid: str, kind: str
) -> Report | None:
    lat, lon, height, circular, linear = place
    if not (abs(lat) <= 90.0 and abs(lon) <= 180.0) or (lat, lon) == (0.0, 0.0):
        return None
    angle = math.radians(course)
    return Report(
        time_s,
        lat=lat,
        lon=lon,
        height_m=_told(height),
        height_above="ellipsoid",
        velocity_east=speed * math.sin(angle),
        velocity_north=speed * math.cos(angle),
        # ce and le are radii of one standard deviation about the point
        sigma_east=_told(circular),
        sigma_north=_told(circular),
        sigma_up=_told(linear),
        track=uid,
        label=kind,
        ends=kind.startswith("t-x-d-d"),
    )


def _told(value: float) -> float:
    return value if abs(value) < _UNKNOWN else _NAN


def _number(text: str | None) -> float:
    try:
        return float(text) if text else _NAN
    except ValueError:
        return _NAN


def _time(text: str) -> float:
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        return _NAN
    return (shown if shown.tzinfo else shown.replace(tzinfo=UTC)).timestamp()


def _protobuf(data: bytes, offset: int, account: Accountant) -> Iterator[Report | None]:
    """Messages of a stream (magic, length, message), or of a mesh (magic, 1, magic, message)."""
    at = 0
    while at < len(data):
        if data[at] != _MAGIC:
            after = data.find(b"\xbf", at)
            after = len(data) if after < 0 else after
            account.gap(offset + at, after - at, "no magic byte of a TAK message")
            at = after
            continue
        start = at
        if data[at : at + 3] == b"\xbf\x01\xbf":
            following = data.find(b"\xbf\x01\xbf", at + 3)
            body, at = at + 3, len(data) if following < 0 else following
        else:
            size, head = _varint(data, at + 1)
            body, at = at + 1 + head, at + 1 + head + size
        if at > len(data) or at - body > _MOST or body > at:
            reason = "the stream ends inside a message"
            account.gap(offset + start, len(data) - start, reason, is_cut=True)
            return
        event = _event(data[body:at])
        if event is None:
            account.gap(offset + start, at - start, "a message that cannot be read")
        else:
            yield _of_event(event)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for k in range(min(4, len(data) - at)):
        value |= (data[at + k] & 0x7F) << (7 * k)
        if data[at + k] < 0x80:
            return value, k + 1
    return _MOST + 1, 0


def _event(data: bytes) -> Any | None:
    from google.protobuf.message import DecodeError
    from takproto.proto import TakMessage

    message = TakMessage()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message.cotEvent if message.HasField("cotEvent") else None


def _has_event(head: bytes) -> bool:
    _, size = _varint(head, 1)
    return size > 0 and head[1 + size : 2 + size] in (b"\x0a", b"\x12")


def _of_event(event: Any) -> Report | None:
    is_moving = event.HasField("detail") and event.detail.HasField("track")
    return _of_values(
        event.sendTime / 1000.0,
        [event.lat, event.lon, event.hae, event.ce, event.le],
        event.detail.track.speed if is_moving else _NAN,
        event.detail.track.course if is_moving else _NAN,
        event.uid,
        event.type,
    )

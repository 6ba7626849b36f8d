"""Instants that the log reports: modes, failsafes, errors, take-off, mission, commands, texts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from flyoff.decoders.dataflash import codes, texts
from flyoff.decoders.dataflash.layout import text as decode_text
from flyoff.decoders.dataflash.modes import MODE_REASONS, mode_name
from flyoff.decoders.dataflash.plan import Home
from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import ParameterChange
from flyoff.model.event import Event, EventKind

Text = tuple[int, str]

_TEXT_LEVEL: Final = 6.0  # a log's texts carry no severity
#: A text and a code that report the same thing lie this close together.
_SAME_US: Final = 2_000_000
#: A failsafe's action follows its announcement within this time (FS_LONG_TIMEOUT at most 20 s).
_FAILSAFE_US: Final = 20_000_000
_GENERAL_FAILSAFE: Final = "MODE.Rsn=25"
#: Failsafes that the model names as reasons.
_REASONS: Final = frozenset({"radio", "battery", "gcs", "ekf", "gnss", "fence", "terrain"})
#: MAVLink requests for streams and messages: a ground station's housekeeping.
_REQUESTS: Final = frozenset({511, 512, 519, 520})


def read_texts(reader: Reader) -> list[Text]:
    """The texts of one boot, (t_us, text) in order."""
    if not reader.has("MSG", "Message"):
        return []
    t_us, (lines,) = reader.read("MSG", ("Message",))
    return [
        (t, decode_text(raw).strip()) for t, raw in zip(t_us.tolist(), lines.tolist(), strict=True)
    ]


def events(
    reader: Reader,
    lines: Sequence[Text],
    kind: str,
    homes: Sequence[tuple[int, Home]],
    changes: Sequence[ParameterChange],
) -> list[Event]:
    """All events but arming, ordered by time.

    Parameters
    ----------
    kind : str
        Kind of vehicle: it names the modes.
    """
    found = [*_modes(reader, kind), *_errors(reader), *_numbered(reader), *_commands(reader)]
    found += _begun(reader)
    found += _flying(reader)
    found += _drops(reader)
    found += [Event(t, EventKind.HOME_SET, source="ORGN") for t, _ in homes]
    found += [Event(c.t_us, EventKind.PARAMETER, c.name, c.value, source="PARM") for c in changes]
    found += _told(lines, found)
    if not any(event.kind is EventKind.MISSION_CURRENT for event in found):
        found += _begun_again(reader)
    return _explained(sorted(found, key=lambda e: e.t_us))


def _explained(ordered: list[Event]) -> list[Event]:
    """Give mode changes whose reason is just "failsafe" (Rover) the failsafe that led to them."""
    failsafes = [e for e in ordered if e.kind is EventKind.FAILSAFE]
    times = [e.t_us for e in failsafes]
    for i, event in enumerate(ordered):
        if event.kind is EventKind.MODE and event.source == _GENERAL_FAILSAFE:
            last = bisect_right(times, event.t_us + _SAME_US) - 1
            if last >= 0 and event.t_us - times[last] <= _FAILSAFE_US:
                text = failsafes[last].text
                reason = text if text in _REASONS else "failure_detector"
                ordered[i] = replace(event, reason=reason)
    return ordered


def _told(lines: Sequence[Text], known: Sequence[Event]) -> list[Event]:
    """Every text, and what a text reports unless a code reports the same."""
    when: dict[tuple[EventKind, str], list[int]] = {}
    for event in known:
        when.setdefault((event.kind, event.text), []).append(event.t_us)
    for times in when.values():
        times.sort()
    has_items = any(event.kind is EventKind.MISSION_CURRENT for event in known)
    has_takeoff = any(event.kind is EventKind.TAKEOFF for event in known)
    found = []
    for t_us, line in lines:
        found.append(Event(t_us, EventKind.TEXT, line, _TEXT_LEVEL, source="MSG"))
        told = texts.recognise(t_us, line)
        if told is None or (told.kind is EventKind.MISSION_CURRENT and has_items):
            continue
        if told.kind in (EventKind.TAKEOFF, EventKind.LANDED) and has_takeoff:
            continue
        if not _is_near(t_us, when.get((told.kind, told.text), ())):
            found.append(told)
            if (told.kind, told.text) == (EventKind.FAILSAFE, "fence"):
                found.append(replace(told, kind=EventKind.FENCE_BREACH, text=""))
    return found


def _is_near(t_us: int, times: Sequence[int]) -> bool:
    """Whether one of some ascending times is about the same."""
    first = bisect_left(times, t_us - _SAME_US)
    return first < len(times) and times[first] <= t_us + _SAME_US


def _modes(reader: Reader, kind: str) -> Iterator[Event]:
    number = "ModeNum" if reader.has("MODE", "ModeNum") else "Mode"
    fields = (number, "Rsn") if reader.has("MODE", "Rsn") else (number,)
    last = None
    for t, mode, *why in reader.records("MODE", fields):
        if mode != last:  # the mode is logged again when a log starts
            reason = MODE_REASONS.get(int(why[0]), "unknown") if why else "unknown"
            source = f"MODE.Rsn={int(why[0])}" if why else "MODE"
            name = mode_name(kind, int(mode))
            yield Event(int(t), EventKind.MODE, name, mode, reason, source)
        last = mode


def _errors(reader: Reader) -> Iterator[Event]:
    for t, number, code in reader.records("ERR", ("Subsys", "ECode")):
        subsystem = int(number)
        source = f"ERR.Subsys={subsystem}"
        cleared = code == 0 and subsystem not in codes.NEVER_CLEARED
        if subsystem in codes.FAILSAFES:
            kind = EventKind.FAILSAFE_CLEARED if cleared else EventKind.FAILSAFE
            yield Event(int(t), kind, codes.FAILSAFES[subsystem], code, source=source)
            if subsystem == codes.FENCE and not cleared:
                yield Event(int(t), EventKind.FENCE_BREACH, "", code, source=source)
        else:
            kind = EventKind.ERROR_CLEARED if cleared else EventKind.ERROR
            name = codes.ERRORS.get(subsystem, f"subsystem {subsystem}")
            yield Event(int(t), kind, name, code, source=source)


def _numbered(reader: Reader) -> Iterator[Event]:
    for t, number in reader.records("EV", ("Id",)):
        if int(number) in codes.EVENTS:
            kind, text = codes.EVENTS[int(number)]
            yield Event(int(t), kind, text, number, source=f"EV.Id={int(number)}")


def _commands(reader: Reader) -> Iterator[Event]:
    """Commands of the ground station, its housekeeping left out."""
    for t, number in reader.records("MAVC", ("Cmd",)):
        if int(number) not in _REQUESTS:
            name = f"MAV_CMD {int(number)}"
            yield Event(int(t), EventKind.COMMAND, name, number, source="MAVC.Cmd")


def _begun(reader: Reader) -> list[Event]:
    """Mission items as they are begun (since 4.2)."""
    return [
        Event(int(t), EventKind.MISSION_CURRENT, "", number, source="MISE.CNum")
        for t, number in reader.records("MISE", ("CNum",))
    ]


def _begun_again(reader: Reader) -> list[Event]:
    """Before that, an item that was listed already is logged in CMD again when it is begun."""
    listed: set[float] = set()
    found = []
    for t, number in reader.records("CMD", ("CNum",)):
        if number == 0:
            listed.clear()  # item 0 opens a new list
        elif number in listed:
            found.append(Event(int(t), EventKind.MISSION_CURRENT, "", number, source="CMD.CNum"))
        listed.add(number)
    return found


def _flying(reader: Reader) -> Iterator[Event]:
    """Plane's own belief that it flies, where it changes."""
    if not reader.has("STAT", "isFlying"):
        return
    t_us, (flying,) = reader.floats("STAT", ("isFlying",))
    for i in np.flatnonzero(np.diff(flying) != 0) + 1:
        kind = EventKind.TAKEOFF if flying[i] else EventKind.LANDED
        yield Event(int(t_us[i]), kind, source="STAT.isFlying")


def _drops(reader: Reader) -> Iterator[Event]:
    """Messages that the logger dropped for want of space in its buffer."""
    if not reader.has("DSF", "Dp"):
        return
    t_us, (dropped,) = reader.floats("DSF", ("Dp",))
    for i in np.flatnonzero(np.diff(dropped) > 0) + 1:
        count = float(dropped[i] - dropped[i - 1])
        yield Event(int(t_us[i]), EventKind.DROPOUT, "", count, source="DSF.Dp")

"""Instants that the log reports: modes, failsafes, errors, take-off, mission, commands, texts."""

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
    for i, event in enumerate(ordered):
        if event.kind is EventKind.MODE and event.source == _GENERAL_FAILSAFE:
            before = [e for e in failsafes if -_SAME_US <= event.t_us - e.t_us <= _FAILSAFE_US]
            if before:
                text = before[-1].text
                reason = text if text in _REASONS else "failure_detector"
                ordered[i] = replace(event, reason=reason)
    return ordered


def _told(lines: Sequence[Text], known: Sequence[Event]) -> list[Event]:
    """Every text, and what a text reports unless a code reports the same."""
    when: dict[tuple[EventKind, str], list[int]] = {}
    for event in known:
        when.setdefault((event.kind, event.text), []).append(event.t_us)
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
        if all(abs(t - t_us) > _SAME_US for t in when.get((told.kind, told.text), ())):
            found.append(told)
            if (told.kind, told.text) == (EventKind.FAILSAFE, "fence"):
                found.append(replace(told, kind=EventKind.FENCE_BREACH, text=""))
    return found


def _modes(reader: Reader, kind: str) -> Iterator[Event]:
    field = "ModeNum" if reader.has("MODE", "ModeNum") else "Mode"
    if not reader.has("MODE", field):
        return
    t_us, (number,) = reader.floats("MODE", (field,))
    reason = np.full(t_us.shape, -1.0)
    if reader.has("MODE", "Rsn"):
        _, (reason,) = reader.floats("MODE", ("Rsn",))
    last = None
    for t, n, why in zip(t_us.tolist(), number.tolist(), reason.tolist(), strict=True):
        if n != last:  # the mode is logged again when a log starts
            text = MODE_REASONS.get(int(why), "unknown")
            source = f"MODE.Rsn={int(why)}" if why >= 0 else "MODE"
            yield Event(t, EventKind.MODE, mode_name(kind, int(n)), n, text, source)
        last = n


def _errors(reader: Reader) -> Iterator[Event]:
    if not reader.has("ERR", "Subsys", "ECode"):
        return
    t_us, (subsystem, code) = reader.floats("ERR", ("Subsys", "ECode"))
    for t, s, value in zip(
        t_us.tolist(), subsystem.astype(int).tolist(), code.tolist(), strict=True
    ):
        source = f"ERR.Subsys={s}"
        cleared = value == 0 and s not in codes.NEVER_CLEARED
        if s in codes.FAILSAFES:
            kind = EventKind.FAILSAFE_CLEARED if cleared else EventKind.FAILSAFE
            yield Event(t, kind, codes.FAILSAFES[s], value, source=source)
            if s == codes.FENCE and not cleared:
                yield Event(t, EventKind.FENCE_BREACH, "", value, source=source)
        else:
            kind = EventKind.ERROR_CLEARED if cleared else EventKind.ERROR
            yield Event(t, kind, codes.ERRORS.get(s, f"subsystem {s}"), value, source=source)


def _numbered(reader: Reader) -> Iterator[Event]:
    if not reader.has("EV", "Id"):
        return
    t_us, (number,) = reader.floats("EV", ("Id",))
    for t, n in zip(t_us.tolist(), number.astype(int).tolist(), strict=True):
        if n in codes.EVENTS:
            kind, text = codes.EVENTS[n]
            yield Event(t, kind, text, float(n), source=f"EV.Id={n}")


def _commands(reader: Reader) -> Iterator[Event]:
    """Commands of the ground station, with the autopilot's answer as value of the reason."""
    if not reader.has("MAVC", "Cmd"):
        return
    t_us, (command,) = reader.floats("MAVC", ("Cmd",))
    for t, number in zip(t_us.tolist(), command.tolist(), strict=True):
        if int(number) not in _REQUESTS:
            yield Event(t, EventKind.COMMAND, f"MAV_CMD {int(number)}", number, source="MAVC.Cmd")


def _begun(reader: Reader) -> list[Event]:
    """Mission items as they are begun (since 4.2)."""
    if not reader.has("MISE", "CNum"):
        return []
    t_us, (number,) = reader.floats("MISE", ("CNum",))
    return [
        Event(t, EventKind.MISSION_CURRENT, "", n, source="MISE.CNum")
        for t, n in zip(t_us.tolist(), number.tolist(), strict=True)
    ]


def _begun_again(reader: Reader) -> list[Event]:
    """Before that, an item that was listed already is logged in CMD again when it is begun."""
    if not reader.has("CMD", "CNum"):
        return []
    t_us, (number,) = reader.floats("CMD", ("CNum",))
    listed: set[float] = set()
    found = []
    for t, n in zip(t_us.tolist(), number.tolist(), strict=True):
        if n == 0:
            listed.clear()  # item 0 opens a new list
        elif n in listed:
            found.append(Event(t, EventKind.MISSION_CURRENT, "", n, source="CMD.CNum"))
        listed.add(n)
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

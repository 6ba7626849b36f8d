"""A decoded blackbox file to recordings: one for each of its logs that holds frames."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from flyoff.decoders.blackbox.channels import table
from flyoff.decoders.blackbox.clock import utc_clock
from flyoff.decoders.blackbox.decode import BlackboxLog
from flyoff.decoders.blackbox.events import Told, told_of
from flyoff.decoders.blackbox.firmware import firmware_of
from flyoff.decoders.blackbox.parameters import parameters_of
from flyoff.decoders.blackbox.position import position_loaders
from flyoff.decoders.blackbox.vehicle import vehicle_of
from flyoff.decoders.normalisation import LONGEST_US, Reader, loaders, time_bounds
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.silence import silences
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader, LogReference, Recording

#: Fewer main frames than these are no recording: nothing can be told from them.
_LEAST_FRAMES: Final = 2
#: Sensors slower than the main frames, which repeat their last value until there is a new one. Its
#: derivative would be nought, and then a step taken in a millisecond.
_SLOW_SENSORS: Final = ("baro.height", "airspeed.indicated", "range.distance")


def normalise(raw: RawLog) -> list[Recording]:
    """Make a recording of each log, numbered as the topics are."""
    return list(recordings(raw))


def recordings(raw: RawLog) -> Iterator[Recording]:
    """Make the same one after the other, for who needs only the first."""
    assert isinstance(raw, BlackboxLog)
    for number in range(len(raw.logs)):
        found = _recording(raw, number)
        if found is not None:
            yield found


@np.errstate(all="ignore")  # a damaged frame may hold any bits
def _recording(raw: BlackboxLog, number: int) -> Recording | None:
    reader = Reader(_alone(raw, number), first_us=0)
    stamps = reader.stamps("main")
    if stamps.size < _LEAST_FRAMES:
        return None
    log = raw.logs[number]
    text, params = log.header.text, parameters_of(log.header.text)
    start_us, end_us = time_bounds([stamps])
    reader = reader.within(max(0, start_us - LONGEST_US), end_us + LONGEST_US)
    firmware = firmware_of(log.header, params)
    told = told_of(reader, firmware, (start_us, end_us))
    found = loaders(reader, table(firmware, reader)) | position_loaders(reader, firmware)
    found |= {name: _fresh(found[name]) for name in _SLOW_SENSORS if name in found}
    found |= _states(told, end_us)
    return Recording(
        log=LogReference(raw.path, raw.source.sha256, raw.format, len(raw.source)),
        vehicle=vehicle_of(text, reader, firmware),
        start_us=start_us,
        end_us=end_us,
        loaders={name: _unwarned(loader) for name, loader in found.items()},
        events=told.events,
        params=params,
        utc=utc_clock(text, reader, start_us),
        boot=number,
        gaps=silences([stamps], (), start_us, end_us),
        notes=tuple(note for note in raw.receipt.notes if _concerns(note, number)),
        ends_cut=not log.is_closed,
    )


def _alone(raw: BlackboxLog, number: int) -> RawLog:
    """The topics of one log as if it stood alone."""
    topics = {(name, 0): topic for (name, i), topic in raw.topics.items() if i == number}
    return RawLog(raw.format, raw.source, raw.receipt, topics)


def _concerns(note: str, number: int) -> bool:
    return not note.startswith("log ") or note.startswith((f"log {number} ", f"log {number}:"))


def _states(told: Told, end_us: int) -> dict[str, Loader]:
    """Channels of what the events tell; they are small and made at once."""
    points = {
        "arm.is_armed": (list(told.armed), "event, slow.flightModeFlags"),
        "mode.number": ([(t, float(f)) for t, f in told.modes], "slow.flightModeFlags"),
    }
    found: dict[str, Loader] = {}
    for name, (changes, source) in points.items():
        if changes:
            held = [*changes, (max(end_us, changes[-1][0]), changes[-1][1])]
            t_us = np.array([t for t, _ in held], dtype=np.int64)
            channel = Channel(name, t_us, np.array([v for _, v in held]), source)
            found[name] = _constant(channel)
    return found


def _constant(channel: Channel) -> Loader:
    return lambda: channel


def _fresh(loader: Loader) -> Loader:
    """Only samples that differ from the one before, and the last."""

    def load() -> Channel:
        whole = loader()
        is_new = np.diff(whole.values, prepend=np.nan) != 0
        is_new[-1:] = True
        return Channel(whole.name, whole.t_us[is_new], whole.values[is_new], whole.source)

    return load


def _unwarned(loader: Loader) -> Loader:
    def load() -> Channel:
        with np.errstate(all="ignore"):
            return loader()

    return load

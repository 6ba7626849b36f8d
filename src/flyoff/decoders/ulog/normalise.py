"""A decoded ULog to one recording: channels, events, vehicle, mission and UTC.

Only small topics are decoded here; every channel waits until it is asked for.
"""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import LONGEST_US, Reader, loaders, time_bounds
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.silence import silences
from flyoff.decoders.ulog.actuation import actuation_loaders
from flyoff.decoders.ulog.channels import TABLE
from flyoff.decoders.ulog.clock import utc_clock
from flyoff.decoders.ulog.estimator import estimator_loaders
from flyoff.decoders.ulog.events import events_of
from flyoff.decoders.ulog.mission import mission_of
from flyoff.decoders.ulog.position import position_loaders
from flyoff.decoders.ulog.vehicle import vehicle_of
from flyoff.model.channel import Channel
from flyoff.model.event import Event
from flyoff.model.recording import Loader, LogReference, Recording, Vehicle
from flyoff.units import IntArray

#: Written all the time, so their stamps say when the log was written and where it was silent.
_STEADY: Final = (
    "sensor_combined",
    "vehicle_attitude",
    "vehicle_angular_velocity",
    "vehicle_local_position",
    "vehicle_air_data",
    "estimator_status",
)
_OPENING_US: Final = 1_000_000
#: A topic may be stamped this long after the last of the steady ones.
_SLACK_US: Final = 10_000_000


def normalise(raw: RawLog) -> list[Recording]:
    """Make the one recording of a PX4 log.

    Parameters
    ----------
    raw : RawLog
        As the ULog decoder gives it.

    Returns
    -------
    list of one Recording
    """
    every = Reader(raw)
    steady = _steady_times(every)
    start_us, end_us = time_bounds(steady)
    start_us = _first_status(every, start_us)
    reader = every.within(max(1, start_us - LONGEST_US), end_us + _SLACK_US)
    with np.errstate(all="ignore"):  # for the reason given below
        return [_recording(raw, reader, steady, (start_us, end_us))]


def _recording(
    raw: RawLog, reader: Reader, steady: list[IntArray], bounds: tuple[int, int]
) -> Recording:
    vehicle = vehicle_of(raw, reader)
    return Recording(
        log=LogReference(raw.path, raw.source.sha256, raw.format, len(raw.source)),
        vehicle=vehicle,
        start_us=bounds[0],
        end_us=bounds[1],
        loaders=_loaders(raw, reader, vehicle),
        events=_believable(events_of(raw, reader), reader),
        params=raw.params,
        mission=mission_of(reader),
        utc=utc_clock(raw, reader),
        gaps=silences(steady, raw.receipt.dropouts, *bounds),
        notes=raw.receipt.notes,
        ends_cut=raw.receipt.status is Status.TRUNCATED,
    )


def _steady_times(reader: Reader) -> list[IntArray]:
    names = [name for name in _STEADY if reader.count(name) > 1][:3]
    if not names:
        names = sorted({name for name, _ in reader.raw.topics}, key=reader.count)[-3:]
    return [reader.stamps(name) for name in names]


def _first_status(reader: Reader, start_us: int) -> int:
    """The log opens with the status that opened it: the arming stands just before the rest."""
    t_us = reader.stamps("vehicle_status")
    opening = t_us[(t_us >= max(1, start_us - _OPENING_US)) & (t_us < start_us)]
    return int(opening.min()) if opening.size else start_us


def _loaders(raw: RawLog, reader: Reader, vehicle: Vehicle) -> dict[str, Loader]:
    found = loaders(reader, TABLE)
    for more in (
        estimator_loaders(reader, raw.params),
        actuation_loaders(reader, vehicle, raw.params),
        position_loaders(reader, vehicle.kind),
    ):
        found.update({name: loader for name, loader in more.items() if name not in found})
    return {name: _unwarned(loader) for name, loader in found.items()}


def _unwarned(loader: Loader) -> Loader:
    """A damaged row may hold any bits; what they compute to is no reason for a warning."""

    def load() -> Channel:
        with np.errstate(all="ignore"):
            return loader()

    return load


def _believable(events: tuple[Event, ...], reader: Reader) -> tuple[Event, ...]:
    """Events without those whose stamp is garbage."""
    return tuple(e for e in events if reader.first_us <= e.t_us <= reader.last_us)

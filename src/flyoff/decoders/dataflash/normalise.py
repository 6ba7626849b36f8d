"""DataFlash topics to recordings: one for each boot, every channel decoded when first asked for.

Only small topics are read here: texts, events, modes, the mission, and the time stamps of the few
busiest topics, which bound the recording. Tables and rules stand in the sibling modules.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from flyoff.decoders.dataflash import channels
from flyoff.decoders.dataflash.arming import arming
from flyoff.decoders.dataflash.clock import utc
from flyoff.decoders.dataflash.estimator import estimator_loaders
from flyoff.decoders.dataflash.events import events, read_texts
from flyoff.decoders.dataflash.outputs import output_loaders, turning
from flyoff.decoders.dataflash.params import read_params, whole
from flyoff.decoders.dataflash.plan import Home, homes, mission
from flyoff.decoders.dataflash.states import state_loaders
from flyoff.decoders.dataflash.vehicle import describe
from flyoff.decoders.dataflash.vtol import hovering, lift_first
from flyoff.decoders.normalisation import Mapping as Line
from flyoff.decoders.normalisation import Reader, loaders, time_bounds
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.silence import silences
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Loader, LogReference, Recording, Vehicle
from flyoff.units import IntArray

#: So many of the busiest topics bound a recording …
_BUSIEST: Final = 2
#: … together with those that every vehicle writes all the time. Silence of all of them is silence
#: of the logger; one alone may fall silent with its controller.
_STEADY: Final = ("ATT", "RCOU", "GPS", "BAT")
#: What a log starts with, before the first sample, belongs to the recording too.
_OPENING: Final = ("PARM", "MSG", "CMD", "MODE", "EV", "ARM")

#: Records of other topics may stand a little before or behind those that bound the recording.
_SLACK_US: Final = 2_000_000
#: Arming sets home, and the line that says so comes a little later.
_HOME_SETTLES_US: Final = 2_000_000
#: What left for the servo, in place of the demand that the limits had still to cut.
_AS_OUTPUT: Final = ("steering.demand",)

_TABLES: Final[dict[str, tuple[Line, ...]]] = {
    "multirotor": channels.COPTER,
    "helicopter": channels.COPTER,
    "airship": channels.COPTER,
    "fixed_wing": channels.PLANE,
    "vtol": channels.PLANE,
    "rover": channels.ROVER,
    "boat": channels.ROVER,
    "sub": channels.SUB,
}


def normalise(raw: RawLog) -> list[Recording]:
    """Recordings of a decoded DataFlash log, one for each boot.

    Parameters
    ----------
    raw : RawLog

    Returns
    -------
    list of Recording, in the order of the boots
    """
    return list(recordings(raw))


def recordings(raw: RawLog) -> Iterator[Recording]:
    """Make the same one after the other, for who needs only the first."""
    if raw.info.get("logger") == "sdlog2":
        return  # same framing, other units and other meanings: nothing of the tables here holds
    spans = raw.boots or ((0, len(raw.source)),)
    if len(spans) == 1:
        yield _recording(raw, 0, None, True)
        return
    for i, span in enumerate(spans):
        yield _recording(raw, i, span, i == len(spans) - 1)


def _recording(raw: RawLog, boot: int, span: tuple[int, int] | None, is_last: bool) -> Recording:
    reader = Reader(raw, span=span)
    stamps = _steady(reader)
    start_us, end_us = time_bounds([*stamps, *(reader.stamps(name) for name in _OPENING)])
    reader = reader.within(max(start_us - _SLACK_US, 1), end_us + _SLACK_US)
    lines = read_texts(reader)
    params, changes = read_params(reader)
    vehicle = describe(raw, [text for _, text in lines], params)
    home = homes(reader)
    arms, armed_at_start = arming(reader, lines, start_us, _integer(params, "LOG_DISARMED"))
    found = events(reader, lines, vehicle.kind, home, changes)
    ordered = tuple(sorted([*arms, *found], key=lambda e: e.t_us))
    return Recording(
        log=LogReference(raw.path, raw.source.sha256, raw.format, len(raw.source)),
        vehicle=vehicle,
        start_us=start_us,
        end_us=end_us,
        loaders={
            **state_loaders(reader, ordered, home, armed_at_start, (start_us, end_us)),
            **_channels(reader, params, vehicle),
        },
        events=ordered,
        params=params,
        mission=mission(reader, _last_disarm(arms, end_us), _home_at_arming(home, arms)),
        utc=utc(reader),
        boot=boot,
        gaps=silences(stamps, raw.receipt.dropouts, start_us, end_us),
        notes=_notes(reader),
        ends_cut=is_last and raw.receipt.status is Status.TRUNCATED,
    )


def _steady(reader: Reader) -> list[IntArray]:
    """Stamps of the topics that are written all the time, in file order."""
    timed = [
        (reader.count(name, instance), (name, instance))
        for (name, instance), topic in reader.raw.topics.items()
        if topic.time_field
    ]
    chosen = {key for count, key in sorted(timed, reverse=True)[:_BUSIEST] if count}
    chosen |= {(name, reader.instances(name)[0]) for name in _STEADY if reader.instances(name)}
    return [reader.stamps(*key) for key in sorted(chosen)]


def _channels(reader: Reader, params: Mapping[str, float], vehicle: Vehicle) -> dict[str, Loader]:
    """Loaders of everything sampled."""
    table = (*_TABLES.get(vehicle.kind, ()), *channels.COMMON)
    found = loaders(reader, table)
    outputs = output_loaders(reader, params, vehicle)
    found = outputs | found | {k: outputs[k] for k in _AS_OUTPUT if k in outputs}
    found |= estimator_loaders(reader, _integer(params, "AHRS_EKF_TYPE"))
    found |= turning(found)
    if vehicle.kind == "vtol":
        found = lift_first(found, loaders(reader, channels.LIFT))
        if (hover := hovering(found)) is not None:
            found["vtol.is_hovering"] = hover
    return found


def _integer(params: Mapping[str, float], name: str) -> int | None:
    return whole(params, name) if name in params else None


def _last_disarm(arms: list[Event], end_us: int) -> int:
    """A mission uploaded after the last landing was not flown."""
    ends = [e.t_us for e in arms if e.kind is EventKind.DISARM]
    return ends[-1] if ends and arms[-1].kind is EventKind.DISARM else end_us


def _home_at_arming(homes: list[tuple[int, Home]], arms: list[Event]) -> Home | None:
    """Home as it was set at the first arming, which sets it anew; the first one if none armed."""
    armed_us = next((e.t_us for e in arms if e.kind is EventKind.ARM), None)
    if armed_us is None:
        return homes[0][1] if homes else None
    before = [home for t, home in homes if t <= armed_us + _HOME_SETTLES_US]
    return before[-1] if before else (homes[0][1] if homes else None)


def _notes(reader: Reader) -> tuple[str, ...]:
    if not reader.has("DSF", "Dp"):
        return ()
    _, (dropped,) = reader.floats("DSF", ("Dp",))
    dropped = dropped[np.isfinite(dropped)]  # a foreign log may write words there
    lost = int(dropped[-1] - dropped[0]) if dropped.size else 0
    return (f"the logger dropped {lost} messages (DSF.Dp)",) if lost > 0 else ()

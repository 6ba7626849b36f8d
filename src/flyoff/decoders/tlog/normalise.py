"""tlog topics to recordings: one for each boot of each flight controller that is heard.

Times are on the vehicle's clock, µs since boot, as far as it told it; see ``clock``. Telemetry is
a thin and late copy: heartbeats come once a second, and a silent link is a gap.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from flyoff.decoders.dataflash.vtol import hovering
from flyoff.decoders.normalisation import Reader, loaders, time_bounds
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.silence import silences
from flyoff.decoders.tlog import channels
from flyoff.decoders.tlog.clock import BootClock
from flyoff.decoders.tlog.events import Told, commands_to, events_of
from flyoff.decoders.tlog.mission import Home, mission_of
from flyoff.decoders.tlog.outputs import ardupilot_outputs, esc_loaders, px4_outputs
from flyoff.decoders.tlog.params import read_params
from flyoff.decoders.tlog.position import dense_height
from flyoff.decoders.tlog.sender import Part, copies_of, parts_of, tlog_topics
from flyoff.decoders.tlog.states import state_loaders
from flyoff.decoders.tlog.systems import PX4, Sender, survey
from flyoff.decoders.tlog.texts import read_texts
from flyoff.decoders.tlog.utc import utc_clock
from flyoff.decoders.tlog.vehicle import beat, vehicle_of
from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Loader, LogReference, Recording, Vehicle

#: Of these, those that are there bound a recording, and their silence is that of the link.
_STEADY: Final = (
    "ATTITUDE", "GLOBAL_POSITION_INT", "VFR_HUD", "SYS_STATUS", "HEARTBEAT", "GPS_RAW_INT",
    "LOCAL_POSITION_NED",
)  # fmt: skip
#: A flight controller of which nothing but such is heard has nothing to judge.
_EMPTY: Final = frozenset({"HEARTBEAT", "PING", "TIMESYNC", "STATUSTEXT", "PARAM_VALUE"})
_SLACK_US: Final = 2_000_000
#: A copy that has so many times fewer rows is thin.
_THIN: Final = 2
_HOME_SETTLES_US: Final = 2_000_000
_STEPS_TOLD: Final = 10
#: Links re-order a frame now and then; a second vehicle is there all the time.
_STRANGE: Final = 0.05


def normalise(raw: RawLog) -> list[Recording]:
    """Recordings of a decoded tlog, by vehicle and boot.

    Parameters
    ----------
    raw : RawLog

    Returns
    -------
    list of Recording; empty where no flight controller sent anything but signs of life
    """
    return list(recordings(raw))


def recordings(raw: RawLog) -> Iterator[Recording]:
    """Make the same one after the other, for who needs only the first."""
    # whatever bits a frame holds, they are no reason to warn
    with np.errstate(all="ignore"):
        vehicles = survey(tlog_topics(raw)).vehicles
    number = 0
    for sender in vehicles:
        for found in _of_sender(raw, sender):
            found.boot = number  # of the whole log: two vehicles' first boots are not one
            number += 1
            yield found


def _of_sender(raw: RawLog, sender: Sender) -> Iterator[Recording]:
    with np.errstate(all="ignore"):
        parts = parts_of(raw, sender)
    last = len(raw.source)
    for part in parts:
        if not {name for name, _ in part.raw.topics} - _EMPTY:
            continue
        if not part.clocks:
            yield _recording(raw, part, sender, None, True)
        for clock in part.clocks:
            yield _recording(raw, part, sender, clock, clock.last == last)


@np.errstate(all="ignore")
def _recording(
    raw: RawLog, part: Part, sender: Sender, clock: BootClock | None, is_last: bool
) -> Recording:
    clocks = [clock] if clock else []
    span = (clock.first, clock.last) if clock else None
    reader = Reader(part.raw, span=span)
    stamps = [reader.stamps(name) for name in _STEADY if reader.count(name)]
    if not stamps:
        busiest = max({name for name, _ in part.raw.topics}, key=reader.count)
        stamps = [reader.stamps(busiest)]
    start_us, end_us = time_bounds(stamps)
    reader = reader.within(max(start_us - _SLACK_US, 0), end_us + _SLACK_US)
    said = beat(reader)
    texts = read_texts(reader)
    params, changes = read_params(reader, said.autopilot)
    vehicle = vehicle_of(reader, said, [m.text for m in texts], params)
    others = [t for t in tlog_topics(raw) if (t.stream.system, t.stream.component) != sender]
    everybody = [*others, *part.own]
    commands = commands_to(everybody, clocks, sender[0])
    told = Told(vehicle.kind, said.autopilot, texts, commands, changes)
    events = tuple(e for e in events_of(reader, told) if _near(e, start_us, end_us))
    return Recording(
        log=LogReference(raw.path, raw.source.sha256, raw.format, len(raw.source)),
        vehicle=vehicle,
        start_us=start_us,
        end_us=end_us,
        loaders=_channels(reader, said.autopilot, params, vehicle, events, (start_us, end_us)),
        events=events,
        params=params,
        mission=mission_of(
            everybody, clocks, sender, said.autopilot, _until(events, end_us), _home(reader, events)
        ),
        utc=utc_clock(reader, clock, start_us),
        gaps=silences(stamps, (), start_us, end_us),
        notes=(*_notes(sender, clock), *_twin(part), *copies_of(part.raw)),
        ends_cut=is_last and raw.receipt.status is Status.TRUNCATED,
    )


def _near(event: Event, start_us: int, end_us: int) -> bool:
    return start_us - _SLACK_US <= event.t_us <= end_us + _SLACK_US


def _channels(
    reader: Reader,
    autopilot: int,
    params: Mapping[str, float],
    vehicle: Vehicle,
    events: Sequence[Event],
    bounds: tuple[int, int],
) -> dict[str, Loader]:
    table = channels.PX4 if autopilot == PX4 else channels.ARDUPILOT
    if vehicle.kind in ("fixed_wing", "vtol"):
        table = (*table, *channels.WINGED)
    elif vehicle.kind == "sub":
        table = (*table, *channels.DIVING)
    found = loaders(reader, table) | esc_loaders(reader)
    if reader.count("LOCAL_POSITION_NED") * _THIN < reader.count("GLOBAL_POSITION_INT"):
        found |= dense_height(reader)
    if autopilot == PX4:
        found |= px4_outputs(reader, vehicle)
    else:
        found |= ardupilot_outputs(reader, params, vehicle)
        if vehicle.kind == "vtol" and (hover := hovering(found)) is not None:
            found["vtol.is_hovering"] = hover
    found |= state_loaders(reader, autopilot, vehicle.kind, events, bounds)
    return {name: _unwarned(loader) for name, loader in found.items()}


def _unwarned(loader: Loader) -> Loader:
    def load() -> Channel:
        with np.errstate(all="ignore"):
            return loader()

    return load


def _until(events: Sequence[Event], end_us: int) -> int:
    """A mission uploaded after the last landing was not flown."""
    arms = [e for e in events if e.kind in (EventKind.ARM, EventKind.DISARM)]
    return arms[-1].t_us if arms and arms[-1].kind is EventKind.DISARM else end_us


def _home(reader: Reader, events: Sequence[Event]) -> Home | None:
    """Home as it was at the first arming, which sets it anew."""
    fields = ("latitude", "longitude", "altitude")
    rows = reader.records("HOME_POSITION", fields)
    places = [(t, (lat / 1e7, lon / 1e7, alt / 1e3)) for t, lat, lon, alt in rows]
    if not places:
        return None
    armed_us = next((e.t_us for e in events if e.kind is EventKind.ARM), None)
    before = [p for t, p in places if armed_us is not None and t <= armed_us + _HOME_SETTLES_US]
    return before[-1] if before else places[0][1]


def _notes(sender: Sender, clock: BootClock | None) -> tuple[str, ...]:
    who = f"telemetry of system {sender[0]}, component {sender[1]}"
    if clock is None:
        return (f"{who}; it never told its clock, times are the ground station's",)
    more = _of_others(clock)
    if not clock.lead_us.size:
        told = f"{who}; frames without stamps, times between the vehicle's own are interpolated"
        return (told, *more)
    came = f"{who}; 95 % of its frames came within {clock.delay_s:.2f} s of the quickest"
    steps = clock.steps_s
    if not steps:
        return (came, *more)
    listed = ", ".join(f"{step:+.1f} s" for step in steps[:_STEPS_TOLD])
    times = f"the ground station's clock was set {len(steps)} time{'s' * (len(steps) > 1)}"
    return (came, f"{times} while it recorded: {listed}", *more)


def _twin(part: Part) -> tuple[str, ...]:
    number, count = part.twin
    if count == 1:
        return ()
    return (
        f"vehicle {number} of {count} that send under these ids: told apart by their clocks, and "
        "frames without a time by their counts",
    )


def _of_others(clock: BootClock) -> tuple[str, ...]:
    if clock.strange < _STRANGE:
        return ()
    share = f"{clock.strange:.0%} of its times are of another clock"
    return (f"{share}: more than one vehicle sends under these ids, and nothing tells them apart",)

"""The labelled simulated flights as the tests of judging take them: truth, log, and what is done.

A flight is judged as its bytes are; its bytes cut; and moved: the same channels at another place on
the Earth, and later on the log's clock. No rule may tell the difference.
"""

import json
import random
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pymap3d

from flyoff.decoders import Source
from flyoff.decoders.plans import find_plan, read_plan
from flyoff.model.channel import Channel
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.model.sortie import Outcome, Sortie
from flyoff.pipeline import registry
from flyoff.pipeline.judgement import judge_recording
from flyoff.pipeline.steps import read
from tests.shared import flights

#: Where everything is moved to, and by how much later it happens.
ELSEWHERE = (12.25, -97.5)
LATER_US = 4_321_000_000
PLACES = (("position.lat", "position.lon"), ("gnss.lat", "gnss.lon"))
TARGETS = (("nav.target_lat", "nav.target_lon"),)


@dataclass(frozen=True)
class Labelled:
    """One flight and what the simulator knows of it."""

    name: str
    log: Path
    fault: str
    onset_s: float | None
    outcome: Outcome
    is_sure: bool

    def plan(self) -> Mission | None:
        found = find_plan(self.log)
        return read_plan(found) if found is not None else None

    def recording(self) -> Recording:
        (only,) = read(self.log)
        return only

    def judged(self) -> Sortie | None:
        return longest(judge_recording(self.recording(), self.plan()))

    def cut(self, start_s: float, end_s: float, rng: random.Random) -> list[Sortie]:
        """Judge the bytes up to a random instant of the span, mostly in the middle of a record."""
        data = self.log.read_bytes()
        decoder = registry.choose(Source(str(self.log)))
        topics = decoder.decode(Source(str(self.log))).topics
        at_us = rng.uniform(start_s, end_s) * 1e6
        clock = self.recording().utc if self.log.suffix == ".tlog" else None
        at_us += clock.offset_us if clock is not None else 0  # records of telemetry bear UTC
        lasting = [t for t in topics.values() if len(t) and t.time_us()[-1] > at_us]
        largest = max(lasting, key=len)
        # the last record before that instant: after it the topic may have a hole
        at = int(largest.offsets[int(np.searchsorted(largest.time_us(), at_us)) - 1])
        rest = data[: at + rng.randrange(20)]
        (recording,) = decoder.normalise(decoder.decode(Source(str(self.log), rest)))
        return judge_recording(recording, self.plan())


def telemetry() -> list[Labelled]:
    """The flights that a ground station recorded as well, by its log alone."""
    logs = [(f, f.log.with_suffix(".tlog")) for f in labelled()]
    return [replace(f, log=log) for f, log in logs if log.is_file()]


def cut_in_the_air(flight: Labelled, seed: int) -> Outcome | None:
    """What is said of a flight cut at a random byte aloft, before anything went wrong.

    None where it was not in the air for long enough to cut it there.
    """
    sortie = flight.judged()
    aloft = [p for p in sortie.phases if p.phase != "ground"] if sortie else []
    if not aloft:
        return None
    start_s, end_s = aloft[0].start_s + 2.0, aloft[-1].end_s - 1.5
    if flight.onset_s is not None:
        end_s = min(end_s, flight.onset_s)
    if end_s <= start_s:
        return None
    sorties = flight.cut(start_s, end_s, random.Random(f"{seed} {flight.log.name}"))
    return sorties[-1].outcome if sorties else Outcome.NOT_FLOWN


@cache
def labelled() -> tuple[Labelled, ...]:
    """Every labelled flight with an onboard log, ordered by name; none without shared data."""
    folder = flights()
    found = []
    for path in sorted(folder.glob("s*.json")) if folder else ():
        truth = json.loads(path.read_text())
        log = folder / str(truth.get("log_file")) if folder else path
        if log.suffix in (".BIN", ".ulg") and log.is_file():
            outcome = Outcome(truth["outcome"])
            found.append(
                Labelled(
                    path.stem,
                    log,
                    truth["fault_kind"],
                    truth["fault_onset_s"],
                    outcome,
                    not truth.get("label_doubt"),
                )
            )
    return tuple(found)


def sample(size: int) -> list[Labelled]:
    """Flights of as many different faults as there is room for, always the same ones."""
    firsts = {f.fault: f for f in reversed(labelled())}
    kinds = sorted(firsts)
    random.Random(4).shuffle(kinds)
    return [firsts[k] for k in kinds[:size]]


def longest(sorties: list[Sortie]) -> Sortie | None:
    """The sortie that the label speaks of, as the scorer takes it."""
    return max(sorties, key=lambda s: (s.airborne_s or 0, s.end_s - s.start_s), default=None)


def is_right(flight: Labelled, sortie: Sortie | None) -> bool:
    """Whether the outcome agrees; broken off before launch may be called either way."""
    said = sortie.outcome if sortie else None
    before_launch = flight.outcome is Outcome.ABORTED and said is Outcome.NOT_FLOWN
    return said is flight.outcome or before_launch


def moved(recording: Recording) -> Recording:
    """The same recording elsewhere and later."""
    origin = _first_place(recording)
    loaders = {name: (lambda n=name: _later(recording[n])) for name in recording.loaders}
    for lat, lon in PLACES + TARGETS:
        if lat in loaders and lon in loaders:
            loaders[lat] = lambda a=lat, b=lon: _elsewhere(recording, a, b, origin)[0]
            loaders[lon] = lambda a=lat, b=lon: _elsewhere(recording, a, b, origin)[1]
    return replace(
        recording,
        start_us=recording.start_us + LATER_US,
        end_us=recording.end_us + LATER_US,
        loaders=loaders,
        events=tuple(replace(e, t_us=e.t_us + LATER_US) for e in recording.events),
        gaps=tuple((a + LATER_US, b + LATER_US) for a, b in recording.gaps),
        mission=moved_plan(recording.mission, origin),
        _cache={},
        _numbers={},
    )


def moved_plan(plan: Mission | None, origin: tuple[float, float]) -> Mission | None:
    """A mission moved as the recording is; items without a place stay without."""
    if plan is None:
        return None
    lat, lon = _move(
        np.array([i.lat for i in plan.items]), np.array([i.lon for i in plan.items]), origin
    )
    items = tuple(
        replace(i, lat=float(y), lon=float(x)) if i.has_position else i
        for i, y, x in zip(plan.items, lat, lon, strict=True)
    )
    home = plan.home
    if home is not None:
        y, x = _move(np.array([home[0]]), np.array([home[1]]), origin)
        home = (float(y[0]), float(x[0]), home[2])
    return replace(plan, items=items, home=home)


def origin_of(recording: Recording) -> tuple[float, float]:
    """Around which place a recording is moved."""
    return _first_place(recording)


def _first_place(recording: Recording) -> tuple[float, float]:
    for lat, lon in PLACES:
        channel, other = recording.get(lat), recording.get(lon)
        if channel is not None and other is not None:
            good = np.flatnonzero(np.isfinite(channel.values) & (np.abs(channel.values) > 1e-9))
            if good.size:
                at = channel.t_us[good[:1]]
                return float(channel.values[good[0]]), float(other.interpolated(at)[0])
    return 0.0, 0.0


def _later(channel: Channel) -> Channel:
    return Channel(channel.name, channel.t_us + LATER_US, channel.values, channel.source)


def _elsewhere(
    recording: Recording, lat: str, lon: str, origin: tuple[float, float]
) -> tuple[Channel, Channel]:
    north_south, east_west = recording[lat], recording[lon]
    y, x = _move(north_south.values, east_west.on(north_south.t_us), origin)
    t_us = north_south.t_us + LATER_US
    return (
        Channel(lat, t_us, y, north_south.source),
        Channel(lon, t_us, x, east_west.source),
    )


def _move(
    lat: np.ndarray, lon: np.ndarray, origin: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Metres around one place become the same metres around the other; (0, 0) stays no place."""
    is_place = np.isfinite(lat) & (np.abs(lat) > 1e-9)
    east, north, _ = pymap3d.geodetic2enu(lat, lon, 0.0, origin[0], origin[1], 0.0)
    # on the ellipsoid again: the curvature that the flat metres leave out is put back
    up = -(east**2 + north**2) / (2 * 6_371_000.0)
    y, x, _ = pymap3d.enu2geodetic(east, north, up, *ELSEWHERE, 0.0)
    return np.where(is_place, y, lat), np.where(is_place, x, lon)

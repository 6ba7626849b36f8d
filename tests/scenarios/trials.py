"""Counter-drone trials with a known answer: real flights, and a sensor whose faults are drawn.

Each run flies one track, turned and moved about the sensor. The sensor sees it in each scan with a
chance that falls with range, with noise, a bias of place, a clock that is ahead, tracks that change
their number, and a delay to the operator; in target-free time it makes up tracks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator

from flyoff.pipeline.trial.sensors import SensorData
from flyoff.pipeline.trial.setup import ClockRule, SensorSetup, Setup, TargetSetup
from flyoff.trials.account import Account
from flyoff.trials.reports import NUMBERS, Reading, Reports
from flyoff.trials.rules import Gate, Period, Rules
from flyoff.trials.site import Post, Site, place
from flyoff.trials.truth import TruthTrack
from flyoff.units import FloatArray

SITE = Site(47.0, 8.0, 500.0, 0.0)
START = 1_777_900_000.0


@dataclass(frozen=True)
class Faults:
    """What the sensor does, exactly."""

    r50_m: float = 450.0
    scale_m: float = 90.0  # by which the log-odds change by one
    noise_m: float = 4.0
    bias_m: tuple[float, float] = (5.0, -3.0)
    offset_s: float = 0.4
    drift_s_per_h: float = 0.0
    latency_s: float = 0.8  # median; lognormal
    latency_spread: float = 0.4
    false_per_hour: float = 40.0
    false_length: int = 4
    swaps_per_hour: float = 90.0
    scan_s: float = 1.0
    wrong_label: float = 0.1

    def chance(self, range_m: FloatArray) -> FloatArray:
        return np.asarray(1.0 / (1.0 + np.exp((range_m - self.r50_m) / self.scale_m)))


Path_ = tuple[FloatArray, FloatArray]  # time [s], position (n, 3) [m]


def loop(seconds: float = 180.0) -> Path_:
    """A made-up track for tests without logs: out, round and back at 12 m/s."""
    t = np.arange(0.0, seconds, 0.2)
    turn = 2 * np.pi * t / seconds
    reach = 12.0 * seconds / (2 * np.pi)
    wave = 40.0 * np.sin(5 * turn)
    return t, np.column_stack(
        [reach * np.sin(turn) + wave, 0.6 * reach * (1 - np.cos(turn)), 60 + 0 * t]
    )


@dataclass(frozen=True)
class World:
    """One trial, ready to be scored."""

    setup: Setup
    truths: tuple[TruthTrack, ...]
    data: SensorData
    faults: Faults
    swaps: int
    false_tracks: int


def world(
    seed: int,
    faults: Faults | None = None,
    tracks: Sequence[Path_] = (),
    *,
    runs: int = 14,
    free_hours: float = 1.5,
    gate_m: float = 60.0,
) -> World:
    """Draw a trial."""
    rng, faults = np.random.default_rng(seed), faults or Faults()
    tracks = tracks or (loop(),)
    truths, periods, rows = [], [], []
    swaps, at, name = 0, START, 0
    for k in range(runs):
        time_s, position = _flown(tracks[int(rng.integers(len(tracks)))], rng)
        time_s = time_s + at
        truths.append(_truth(f"t{k}", time_s, position))
        periods.append(Period(f"run {k}", time_s[0], time_s[-1], (f"t{k}",)))
        seen, changes, name = _seen(truths[-1], faults, rng, name)
        rows.append(seen)
        swaps += changes
        at = time_s[-1] + 60.0
    free = Period("quiet", at, at + 3600.0 * free_hours)
    made_up, count = _made_up(free, faults, rng, name + 1)
    rows.append(made_up)
    reports = _reports(rows, faults, rng)
    sensor = SensorSetup(
        "radar",
        (),
        Post(SITE.lat, SITE.lon, SITE.height_m),
        update_s=faults.scan_s,
        clock=ClockRule(search_s=5.0, drift="none"),
        labels={"drone": "uas", "bird": "bird"},
    )
    account = Account(0, 0, 0, "complete", len(reports))
    data = SensorData(
        sensor,
        (("made", Reading("sapient", reports, account)),),
        reports,
        place(reports, sensor.post, SITE),
        {},
        (),
    )
    setup = Setup(
        Path(),
        "made",
        "airport",
        START,
        SITE,
        Rules(gate=Gate(gate_m), cutoff_m=gate_m),
        (sensor,),
        tuple(TargetSetup(t.name, (Path(),)) for t in truths),
        runs=tuple(periods),
        target_free=(free,),
    )
    return World(setup, tuple(truths), data, faults, swaps, count)


def _flown(track: Path_, rng: Generator) -> Path_:
    """A track turned about its middle and put at some distance of the sensor."""
    time_s, position = track
    turn = rng.uniform(0, 2 * np.pi)
    middle = position[:, :2].mean(axis=0)
    c, s = np.cos(turn), np.sin(turn)
    flat = (position[:, :2] - middle) @ np.array([[c, s], [-s, c]])
    away, bearing = rng.uniform(250.0, 750.0), rng.uniform(0, 2 * np.pi)
    flat = flat + away * np.array([np.sin(bearing), np.cos(bearing)])
    return time_s - time_s[0], np.column_stack([flat, position[:, 2]])


def _truth(name: str, time_s: FloatArray, position: FloatArray) -> TruthTrack:
    nothing = np.full_like(position, np.nan)
    return TruthTrack(name, "uas", time_s, position, nothing, np.full(time_s.size, 0.5))


def _seen(
    truth: TruthTrack, faults: Faults, rng: Generator, name: int
) -> tuple[FloatArray, int, int]:
    """Rows of time, place and track; how often the track changed; the last track's number."""
    times = np.arange(truth.time_s[0] + faults.scan_s / 2, truth.time_s[-1], faults.scan_s)
    position = truth.at(times).position
    slant = np.sqrt((position**2).sum(axis=1))
    hit = rng.random(times.size) < faults.chance(slant)
    times, position = times[hit], position[hit]
    changes = rng.random(times.size) < faults.swaps_per_hour * faults.scan_s / 3600.0
    changes[:1] = False
    track = name + 1 + np.cumsum(changes)
    spread = rng.normal(0, faults.noise_m, position.shape)
    spread[:, :2] += faults.bias_m
    rows = np.column_stack([times, position + spread, track])
    return rows, int(changes.sum()), int(track[-1]) if track.size else name


def _made_up(free: Period, faults: Faults, rng: Generator, name: int) -> tuple[FloatArray, int]:
    count = int(rng.poisson(faults.false_per_hour * free.hours))
    length = faults.false_length * faults.scan_s
    start = rng.uniform(free.start_s, free.end_s - length, count)
    times = start[:, None] + np.arange(faults.false_length) * faults.scan_s
    place = rng.uniform(-800, 800, (count, 1, 3)) + rng.normal(0, 3, (*times.shape, 3))
    track = np.repeat(name + np.arange(count), faults.false_length)
    return np.column_stack([times.ravel(), place.reshape(-1, 3), track]), count


def _reports(rows: Sequence[FloatArray], faults: Faults, rng: Generator) -> Reports:
    """Reports as the sensor stamps them: its clock is ahead."""
    from flyoff.model.frames import from_enu

    table = np.concatenate(rows)
    time_s, n = table[:, 0], table.shape[0]
    lat, lon, height = from_enu(table[:, 1], table[:, 2], table[:, 3], SITE.origin)
    ahead = faults.offset_s + faults.drift_s_per_h * (time_s - START) / 3600.0
    late = faults.latency_s * np.exp(rng.normal(0, faults.latency_spread, n))
    numbers = {name: np.full(n, np.nan) for name in NUMBERS}
    numbers |= {
        "time_s": time_s + ahead,
        "declared_s": time_s + ahead + late,
        "lat": lat,
        "lon": lon,
        "height_m": height,
        "sigma_east": np.full(n, faults.noise_m),
        "sigma_north": np.full(n, faults.noise_m),
    }
    texts = {
        "height_above": np.full(n, "ellipsoid"),
        "track": table[:, 4].astype(np.int64).astype(np.str_),
        "label": np.where(rng.random(n) < faults.wrong_label, "bird", "drone"),
        "sensor": np.full(n, "radar"),
    }
    whole = Reports(numbers, texts, np.zeros(n, dtype=np.bool_))
    return whole.take(np.argsort(whole.time_s, kind="stable"))


def with_reports(world: World, reports: Reports, **sensor: object) -> World:
    """The same trial with other reports, and other words in the sensor's setup."""
    made = replace(world.data.setup, **sensor)
    placed = place(reports, made.post, SITE)
    return replace(world, data=replace(world.data, setup=made, reports=reports, placed=placed))

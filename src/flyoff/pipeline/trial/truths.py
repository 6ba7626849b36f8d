"""Truth from flight logs of any format, and other traffic from ADS-B, as tracks on UTC."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.model.recording import Recording
from flyoff.pipeline import steps
from flyoff.pipeline.trial.sensors import read_files
from flyoff.pipeline.trial.setup import Setup, TargetSetup, TrafficSetup
from flyoff.trials.site import Post, Site, place
from flyoff.trials.truth import MAX_GAP_S, TruthTrack, sigma_or
from flyoff.units import US_PER_S, FloatArray, IntArray

#: Channels of a place, best first: the estimator's, then a receiver's own.
_PLACES: Final = (
    ("position.lat", "position.lon", "position.alt_msl"),
    ("gnss.lat", "gnss.lon", "gnss.alt_msl"),
)
_VELOCITY: Final = ("velocity.east", "velocity.north", "velocity.down")
#: An aircraft by ADS-B reports about every second, and is lost for a few.
_TRAFFIC_GAP_S: Final = 15.0
_TRAFFIC_SIGMA_M: Final = 30.0


def read_truth(target: TargetSetup, site: Site) -> TruthTrack:
    """Read a target's logs.

    Raises
    ------
    TrialError
        If no recording of one of them has a place on UTC.
    """
    found: list[TruthTrack] = []
    notes: list[str] = []
    for log in target.logs:
        of_log, why = _of_log(log, target, site)
        if not of_log:
            raise TrialError(f"{log.name}: no truth for {target.name!r}: {'; '.join(why)}")
        found += of_log
        notes += why
    return _joined(found, target, tuple(notes))


def _of_log(log: Path, target: TargetSetup, site: Site) -> tuple[list[TruthTrack], list[str]]:
    """Tracks of a log's recordings, and what is wrong with the others."""
    found, notes = [], []
    recordings = steps.read(log)
    for index, recording in enumerate(recordings):
        if target.recording is not None and index != target.recording:
            continue
        try:
            found.append(_of_recording(recording, log.name, target, site))
        except TrialError as problem:
            notes.append(str(problem))
    return found, notes if found or notes else [f"it has {len(recordings)} recordings"]


def _of_recording(recording: Recording, source: str, target: TargetSetup, site: Site) -> TruthTrack:
    offset_us = _to_utc(recording, target)
    for lat_name, lon_name, height_name in _PLACES:
        lat, lon, height = (recording.get(n) for n in (lat_name, lon_name, height_name))
        if lat is not None and lon is not None:
            break
    else:
        raise TrialError("the log has no position")
    inside = lat.between(recording.start_us, recording.end_us)
    good = np.isfinite(inside.values) & (np.abs(inside.values) > 1e-9)
    t_us, first = np.unique(inside.t_us[good], return_index=True)
    if t_us.size < 2:
        raise TrialError("the log has no two positions")
    above = np.full(t_us.size, np.nan) if height is None else height.interpolated(t_us)
    position = site.local(
        inside.values[good][first], lon.interpolated(t_us), above + (site.geoid_m or 0.0)
    )
    velocity = np.full((t_us.size, 3), np.nan)
    for axis, name in enumerate(_VELOCITY):
        channel = recording.get(name)
        if channel is not None:
            sign = -1.0 if axis == 2 else 1.0
            velocity[:, axis] = sign * channel.interpolated(t_us, max_gap_s=MAX_GAP_S)
    spread = recording.get("gnss.hacc")
    # the receiver's figure is of the plane: each axis has its share
    told = np.full(t_us.size, np.nan) if spread is None else spread.at(t_us) / np.sqrt(2.0)
    clock = recording.utc.uncertainty_s if recording.utc and target.start_utc_s is None else 1.0
    return TruthTrack(
        target.name,
        target.label,
        (t_us + offset_us) / US_PER_S,
        position,
        velocity,
        sigma_or(np.asarray(told), target.sigma_m),
        target.clock_sigma_s if target.clock_sigma_s is not None else clock,
        source=source,
    )


def _to_utc(recording: Recording, target: TargetSetup) -> int:
    if target.start_utc_s is not None:
        return round(target.start_utc_s * US_PER_S) - recording.start_us
    if recording.utc is None:
        raise TrialError("the log has no UTC: give the target's `start_utc`")
    return recording.utc.offset_us


def _joined(parts: Sequence[TruthTrack], target: TargetSetup, notes: tuple[str, ...]) -> TruthTrack:
    """Several recordings of one target, one after the other; the gaps between stay gaps.

    Two recorders of one flight differ by their clocks: their positions are not mixed, but the one
    that began first is followed to its end.
    """
    parts = sorted(parts, key=lambda p: p.time_s[0])
    ends = np.maximum.accumulate([p.time_s[-1] for p in parts])
    both = [p.source for p, end in zip(parts[1:], ends[:-1], strict=True) if p.time_s[0] <= end]
    notes += tuple(f"{name}: used only where no earlier log covers the time" for name in both)
    time_s = np.concatenate([p.time_s for p in parts])
    keep = np.concatenate([[True], np.diff(np.maximum.accumulate(time_s)) > 0])
    return TruthTrack(
        target.name,
        target.label,
        time_s[keep],
        np.concatenate([p.position for p in parts])[keep],
        np.concatenate([p.velocity for p in parts])[keep],
        np.concatenate([p.sigma_m for p in parts])[keep],
        max(p.clock_sigma_s for p in parts),
        source=", ".join(dict.fromkeys(p.source for p in parts)),
        notes=notes,
    )


def read_traffic(traffic: Sequence[TrafficSetup], setup: Setup) -> list[TruthTrack]:
    """Other aircraft, one track for each address."""
    found: list[TruthTrack] = []
    for one in traffic:
        reading = read_files((one.file,), one.format, one.columns, setup.start_s, {})[0][1]
        post = Post(setup.site.lat, setup.site.lon, setup.site.height_m, uses_pressure=True)
        placed = place(reading.reports, post, setup.site)
        found += _aircraft(placed.names, placed.track, placed.time_s, placed.position, one.file)
    return found


def _aircraft(
    names: Sequence[str],
    track: IntArray,
    time_s: FloatArray,
    position: FloatArray,
    file: Path,
) -> list[TruthTrack]:
    found = []
    for index, name in enumerate(names):
        rows = np.flatnonzero((track == index) & np.isfinite(position[:, 0]))
        times, first = np.unique(time_s[rows], return_index=True)
        if times.size < 2:
            continue
        places = position[rows][first]
        nothing = np.full_like(places, np.nan)
        spread = np.full(times.size, _TRAFFIC_SIGMA_M)
        found.append(
            TruthTrack(
                name, "traffic", times, places, nothing, spread, 0.0, _TRAFFIC_GAP_S, file.name
            )
        )
    return found


def quality(truth: TruthTrack) -> Mapping[str, object]:
    """What is told of a truth: its span, spread, clock and gaps."""
    steps_s = np.diff(truth.time_s)
    return {
        "target": truth.name,
        "label": truth.label,
        "source": truth.source,
        "start_s": float(truth.time_s[0]),
        "end_s": float(truth.time_s[-1]),
        "positions": int(truth.time_s.size),
        "rate_hz": float(1.0 / np.median(steps_s)),
        "sigma_m": float(np.median(truth.sigma_m)),
        "clock_sigma_s": truth.clock_sigma_s,
        "gaps": int((steps_s > truth.max_gap_s).sum()),
        "notes": list(truth.notes),
    }

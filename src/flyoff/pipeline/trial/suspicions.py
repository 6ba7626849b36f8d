"""What looks wrong with a sensor's numbers: swapped axes, another datum, a clock in local time.

Nothing is put right in silence: what is suspected is said, with what would set it right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from flyoff.pipeline.trial.clock import misfit, taken
from flyoff.pipeline.trial.sensors import SensorData
from flyoff.pipeline.trial.setup import Setup
from flyoff.trials.nearness import nearness
from flyoff.trials.reports import Reports
from flyoff.trials.rules import Gate, Period
from flyoff.trials.site import place
from flyoff.trials.truth import TruthTrack
from flyoff.units import FloatArray

_SAMPLE: Final = 400
#: Zones lie whole quarters of an hour from UTC, at most 14 hours.
_QUARTER_S, _QUARTERS = 900.0, 56
#: Mean cost (see `misfit`) below which reports count as fitting, and above which as not.
_FITS, _FAILS = 0.6, 0.8
#: A shift within this is the sensor's error or its survey; beyond the second it is no datum.
_LEAST_SHIFT_M, _MOST_SHIFT_M = 30.0, 2000.0


def suspicions(
    data: SensorData,
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    setup: Setup,
    sensor: FloatArray,
    offset_s: float,
) -> list[str]:
    """Say what is suspected, worst first.

    Parameters
    ----------
    offset_s : float [s]
        Of the sensor's clock, as far as it is known.
    """
    gate = setup.rules.gate
    some = _some(data.reports, runs, offset_s)
    found: list[str] = []
    if not truths or not len(data.reports):
        return found
    if len(some):
        cost = _cost(some, data, setup, truths, sensor, gate, offset_s)
        if cost < _FAILS:
            return list(_shifted(some, data, setup, truths, sensor, offset_s))
        found += list(_turned(some, data, setup, truths, sensor, gate, offset_s))
    if not found:
        found += list(_local_time(data, truths, runs, sensor, gate))
    if not found and len(some):
        found += list(_shifted(some, data, setup, truths, sensor, offset_s))
    return found


def _some(reports: Reports, runs: Sequence[Period], offset_s: float) -> Reports:
    inside = np.zeros(len(reports), dtype=np.bool_)
    for run in runs:
        inside |= run.holds(reports.time_s - offset_s)
    rows = np.flatnonzero(inside)
    return reports.take(rows[:: max(1, rows.size // _SAMPLE)])


def _cost(
    reports: Reports,
    data: SensorData,
    setup: Setup,
    truths: Sequence[TruthTrack],
    sensor: FloatArray,
    gate: Gate,
    offset_s: float,
) -> float:
    return misfit(place(reports, data.setup.post, setup.site), truths, sensor, gate, offset_s)


def _turned(
    reports: Reports,
    data: SensorData,
    setup: Setup,
    truths: Sequence[TruthTrack],
    sensor: FloatArray,
    gate: Gate,
    offset_s: float,
) -> Iterator[str]:
    """Reports fit once their axes are exchanged or turned round."""
    n = reports.numbers
    tries: list[tuple[str, dict[str, FloatArray]]] = []
    if np.isfinite(n["lat"]).any():
        tries = [
            ("latitude and longitude are swapped", {"lat": n["lon"], "lon": n["lat"]}),
            ("longitude has the wrong sign", {"lon": -n["lon"]}),
            ("latitude has the wrong sign", {"lat": -n["lat"]}),
        ]
    if np.isfinite(n["range_m"]).any():
        tries += [
            ("azimuth counts the other way", {"azimuth_deg": -n["azimuth_deg"]}),
            ("azimuth counts from the opposite of north", {"azimuth_deg": n["azimuth_deg"] + 180}),
            ("azimuth is counted from east", {"azimuth_deg": 90.0 - n["azimuth_deg"]}),
            ("ranges are kilometres, or nautical miles", {"range_m": n["range_m"] * 1000.0}),
        ]
    for what, columns in tries:
        changed = reports.with_numbers(**columns)
        wide = replace(gate, metres=max(gate.metres, 200.0))
        if _cost(changed, data, setup, truths, sensor, wide, offset_s) < _FITS:
            yield f"{what}: so read, the reports lie on the truth"


def _local_time(
    data: SensorData,
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    sensor: FloatArray,
    gate: Gate,
) -> Iterator[str]:
    """Reports fit once their clock is moved by a zone of time."""
    placed = data.placed
    wide = replace(gate, metres=max(gate.metres, 200.0))
    # the zone in which most reports find a truth: a few may fit a wrong one by chance
    best = (0.0, 0.0)
    for quarters in range(-_QUARTERS, _QUARTERS + 1):
        offset = quarters * _QUARTER_S
        inside = np.zeros(len(placed), dtype=np.bool_)
        for run in runs:
            inside |= run.holds(placed.time_s - offset)
        rows = np.flatnonzero(inside)
        if quarters and rows.size >= 10:
            some = taken(placed, rows[:: max(1, rows.size // _SAMPLE)])
            cost = misfit(some, truths, sensor, wide, offset)
            if cost < _FITS:
                best = max(best, (rows.size * (1.0 - cost), offset))
    if best[1]:
        hours = best[1] / 3600.0
        yield (
            f"the clock seems to be local time, UTC{hours:+g} h: set clock.offset_s = {best[1]:.0f}"
        )


def _shifted(
    reports: Reports,
    data: SensorData,
    setup: Setup,
    truths: Sequence[TruthTrack],
    sensor: FloatArray,
    offset_s: float,
) -> Iterator[str]:
    """All reports lie the same way off the truth: another datum, or a sensor set up elsewhere."""
    placed = place(reports, data.setup.post, setup.site)
    near = nearness(replace(placed, time_s=placed.time_s - offset_s), truths, sensor)
    rows = np.flatnonzero(np.isfinite(near.distance).any(axis=1))
    if rows.size < 20 or not np.isfinite(placed.position[:, 0]).any():
        return
    residual = near.residual[rows, near.distance[rows].argmin(axis=1), :2]
    residual = residual[np.hypot(*residual.T) < _MOST_SHIFT_M]
    if residual.shape[0] < 20:
        return
    east, north = np.median(residual, axis=0)
    spread = float(np.median(np.hypot(residual[:, 0] - east, residual[:, 1] - north)))
    shift = float(np.hypot(east, north))
    if shift > _LEAST_SHIFT_M and spread < 0.4 * shift:
        yield (
            f"reports lie {shift:.0f} m off, always the same way ({east:+.0f} m east, "
            f"{north:+.0f} m north): another datum than WGS-84, or the sensor's place is wrong"
        )

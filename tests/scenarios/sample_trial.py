"""Writes what the two sensors of samples/trial reported: python -m tests.scenarios.sample_trial

The truths are the logs that samples/trial/trial.toml names. `radar` measures range and bearing and
speaks SAPIENT; `rf` tells places as ASTERIX category 015, its clock 2.3 s ahead. Drawn with a fixed
seed: the same bytes every time.
"""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.random import Generator

from flyoff.model.frames import from_enu
from flyoff.pipeline.trial.reading import read_setup
from flyoff.pipeline.trial.scoring import where
from flyoff.pipeline.trial.setup import Setup
from flyoff.pipeline.trial.truths import read_truth
from flyoff.trials.rules import Period
from flyoff.trials.truth import TruthTrack
from flyoff.units import FloatArray
from tests.shared import ROOT

FOLDER = ROOT / "samples" / "trial"
NODE = "7d0cdb9a-2f0c-4f0a-9a53-1c6c8b7c9a11"
RF_AHEAD_S = 2.3


def look(
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    sensor: FloatArray,
    rng: Generator,
    *,
    scan_s: float,
    r50_m: float,
    swaps: float,
    first: int,
) -> FloatArray:
    """Time, east, north, up from the sensor, number of the truth and track: what is seen."""
    rows, track = [], first
    for run in runs:
        times = np.arange(run.start_s + 0.4, run.end_s, scan_s)
        for k, truth in enumerate(truths):
            if truth.name not in run.targets:
                continue
            track += 1
            sight = truth.at(times).position - sensor
            slant = np.sqrt((sight**2).sum(axis=1))
            seen = rng.random(times.size) < 1 / (1 + np.exp((slant - r50_m) / 80.0))
            for t, place in zip(times[seen], sight[seen], strict=True):
                track += rng.random() < swaps
                rows.append([t, *place, k, track])
    return np.array(rows)


def ghosts(free: Sequence[Period], rng: Generator, count: int, scan_s: float) -> FloatArray:
    """Tracks of nothing in target-free time, five looks each."""
    rows = []
    for k in range(count):
        period = free[int(rng.integers(len(free)))]
        start = rng.uniform(period.start_s, period.end_s - 6 * scan_s)
        place = rng.uniform([-700, -700, 20], [700, 700, 150])
        for step in range(5):
            moved = place + step * scan_s * np.array([4.0, -3.0, 0.0])
            rows.append([start + step * scan_s, *moved, -1, 900 + k])
    return np.array(rows)


def sapient(rows: FloatArray, labels: Sequence[str], rng: Generator) -> bytes:
    """One message a line, by range and bearing."""
    lines = []
    for n, (t, east, north, up, k, track) in enumerate(rows):
        level = np.hypot(east, north)
        slant = np.hypot(level, up) + rng.normal(0, 4)
        label = labels[int(k)] if k >= 0 else "Bird"
        label = "Bird" if rng.random() < 0.08 else label
        sent = datetime.fromtimestamp(t + rng.lognormal(-0.5, 0.3), UTC)
        measured = datetime.fromtimestamp(t, UTC).isoformat(timespec="milliseconds")
        said = {
            "reportId": f"01HTRIAL{n:018d}",
            "objectId": f"01HOBJCT{int(track):018d}",
            "rangeBearing": {
                "range": round(slant, 1),
                "azimuth": round(float(np.degrees(np.arctan2(east, north))) % 360, 3),
                "elevation": round(float(np.degrees(np.arctan2(up, level))), 2),
                "rangeError": 4.0,
                "azimuthError": 0.4,
                "elevationError": 1.0,
                "coordinateSystem": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
                "datum": "RANGE_BEARING_DATUM_TRUE",
            },
            "trackInfo": [{"type": "measurement_time", "value": measured}],
            "classification": [{"type": label, "confidence": 0.8}],
        }
        shown = sent.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = {"timestamp": shown, "nodeId": NODE, "detectionReport": said}
        lines.append(json.dumps(message, separators=(",", ":")))
    return ("\n".join(lines) + "\n").encode()


def category_15(rows: FloatArray, setup: Setup, sensor: FloatArray, rng: Generator) -> bytes:
    """One block for each report, without a date."""
    import asterix.generated as tables

    spec, out = tables.Cat_015_1_2, b""
    for t, east, north, up, _, track in rows:
        place = np.array([east, north, up]) + sensor + rng.normal(0, 12, 3)
        lat, lon, _ = from_enu(*(np.array([v]) for v in place), setup.site.origin)
        record = spec.cv_record.create(
            {
                "010": (("SAC", 25), ("SIC", 7)),
                "145": ((t + RF_AHEAD_S) % 86_400, "s"),
                "161": int(track),
                "600": {
                    "P84": (("LATITUDE", (lat[0], "°")), ("LONGITUDE", (lon[0], "°"))),
                },
            }
        )
        out += spec.create([record]).unparse().to_bytes()
    return out


def main() -> int:
    setup, problems = read_setup(FOLDER)
    print(*problems, sep="\n")
    truths = [read_truth(t, setup.site) for t in setup.targets]
    rng = np.random.default_rng(2026)
    labels = ["UAV Rotary Wing" if t.label == "rotary wing" else "UAV Fixed Wing" for t in truths]
    radar, rf = (where(s, setup) for s in setup.sensors)
    seen = look(truths, setup.runs, radar, rng, scan_s=2.0, r50_m=650, swaps=0.01, first=0)
    both = np.concatenate([seen, ghosts(setup.target_free, rng, 5, 2.0)])
    both = both[np.argsort(both[:, 0], kind="stable")]
    (FOLDER / "radar.jsonl").write_bytes(sapient(both, labels, rng))
    heard = look(truths, setup.runs, rf, rng, scan_s=1.0, r50_m=480, swaps=0.003, first=100)
    (FOLDER / "rf.ast").write_bytes(category_15(heard, setup, rf, rng))
    return 0


if __name__ == "__main__":
    sys.exit(main())

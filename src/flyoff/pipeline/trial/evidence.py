"""What one sensor did in one trial, ready to be counted: passes, opportunities, errors, tracks."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from flyoff.pipeline.trial.clock import Clock
from flyoff.pipeline.trial.sensors import SensorData
from flyoff.trials.following import Following, Verdict, follow
from flyoff.trials.nearness import Nearness
from flyoff.trials.rules import Period, Rules
from flyoff.trials.scans import scans, update_interval
from flyoff.trials.site import Placed
from flyoff.trials.truth import TruthTrack
from flyoff.units import BoolArray, FloatArray, IntArray, Metres, Seconds

#: The class of what a sensor names with a word that the trial does not know, and with none.
UNKNOWN, NONE = "unknown", "none"


@dataclass(frozen=True, slots=True)
class Pass:
    """One target in one run: the unit that counts as independent.

    Attributes
    ----------
    opportunities, detected, ambiguous : int
        Scans.
    start_s, end_s : float [s, UNIX UTC]
        From entering the protected volume to the last scan in it.
    first_s : float [s]
        From entering to the first declaration at the operator; NaN if there was none.
    first_range_m, closest_m : float [m]
        From the sensor.
    tracks, breaks, swaps : int
        Tracks that followed it; times that custody was lost and regained; changes of the track.
    tracked_s, longest_s : float [s]
        With any track, and with the one that had it longest without a break.
    label : str
        What the sensor said most often.
    line_s : float [s, UNIX UTC]
        When the target came across the line; NaN if it did not.
    alert_s : float [s, UNIX UTC]
        First alert at the operator; NaN without one.
    """

    run: str
    target: str
    truth_label: str
    group: int
    opportunities: int
    detected: int
    ambiguous: int
    start_s: Seconds
    end_s: Seconds
    first_s: Seconds
    first_range_m: Metres
    closest_m: Metres
    tracks: int
    breaks: int
    swaps: int
    tracked_s: Seconds
    longest_s: Seconds
    label: str
    line_s: Seconds
    alert_s: Seconds

    @property
    def is_detected(self) -> bool:
        """Whether the sensor declared it at all."""
        return self.detected > 0


@dataclass(frozen=True, slots=True, eq=False)
class Opportunities:
    """Every scan in which a target could be seen; shape (n,).

    Attributes
    ----------
    range_m, height_m, speed_ms, aspect_deg : float64
        From the sensor; above the site; over ground; 0 is head on, 180 flying away.
    detected : bool
    group : int64
        The pass.
    """

    range_m: FloatArray
    height_m: FloatArray
    speed_ms: FloatArray
    aspect_deg: FloatArray
    detected: BoolArray
    group: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors of all reports of a target; shape (n,).

    Attributes
    ----------
    east_m, north_m, up_m, distance_m : float64
        Report less truth; up is NaN where the sensor measures none.
    nees : float64
        Normalised squared error in the plane; NaN where no spread is claimed.
    group : int64
    """

    east_m: FloatArray
    north_m: FloatArray
    up_m: FloatArray
    distance_m: FloatArray
    nees: FloatArray
    group: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One sensor, matched with the truths.

    Attributes
    ----------
    sensor : float64, shape (3,) [m]
    reports : Placed
        On the truths' clock.
    classes : tuple of str
        The trial's class of each report.
    """

    data: SensorData
    clock: Clock
    reports: Placed
    truths: tuple[TruthTrack, ...]
    traffic: tuple[TruthTrack, ...]
    runs: tuple[Period, ...]
    free: tuple[Period, ...]
    rules: Rules
    sensor: FloatArray
    following: Following
    classes: tuple[str, ...]
    passes: tuple[Pass, ...]
    opportunities: Opportunities
    errors: Errors
    notes: tuple[str, ...] = field(default=())

    @property
    def has_tracks(self) -> bool:
        """Whether the sensor names what it follows."""
        return bool((self.reports.track >= 0).any())

    def regated(self, scale: float) -> "Evidence":
        """The same with a wider or narrower gate."""
        rules = replace(self.rules, gate=replace(self.rules.gate, scale=scale))
        return gather(
            self.data,
            self.clock,
            self.truths,
            self.traffic,
            self.runs,
            self.free,
            rules,
            self.sensor,
            near=self.following.near,
        )


def gather(
    data: SensorData,
    clock: Clock,
    truths: Sequence[TruthTrack],
    traffic: Sequence[TruthTrack],
    runs: Sequence[Period],
    free: Sequence[Period],
    rules: Rules,
    sensor: FloatArray,
    *,
    near: Nearness | None = None,
) -> Evidence:
    """Match one sensor's reports with the truths, its clock corrected."""
    reports = _on_truths_clock(data, clock)
    length = data.setup.update_s or update_interval(reports.time_s, reports.track)
    length = length if math.isfinite(length) else 1.0
    cut = scans(runs, reports.time_s, length)
    following = follow(
        reports, truths, traffic, runs, cut, rules, sensor, delay_s=data.setup.delay_s, near=near
    )
    classes = _classes(reports.labels, data.setup.labels)
    whole = Evidence(
        data,
        clock,
        reports,
        tuple(truths),
        tuple(traffic),
        tuple(runs),
        tuple(free),
        rules,
        sensor,
        following,
        classes,
        (),
        _opportunities(following, sensor),
        _errors(following),
    )
    each = (_pass(whole, j, k) for j in range(len(truths)) for k in range(len(runs)))
    return replace(whole, passes=tuple(one for one in each if one is not None))


def _on_truths_clock(data: SensorData, clock: Clock) -> Placed:
    placed = data.placed
    late = placed.declared_s
    # a capturing machine's clock is not the sensor's: only what the sensor stamps moves with it
    if clock.status == "estimated" and _shares_clock(data):
        late = clock.corrected(late)
    return replace(placed, time_s=clock.corrected(placed.time_s), declared_s=late)


def _shares_clock(data: SensorData) -> bool:
    """Whether the time of arrival is the sensor's own word, not a capturing machine's."""
    return all(reading.format in ("sapient", "csv") for _, reading in data.readings)


def _classes(labels: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """The trial's class of each label; a path of classes is tried from its end."""
    seen: dict[str, str] = {}
    for label in set(labels):
        parts = [label, *reversed(label.split("/"))]
        named = [known[p.lower()] for p in parts if p.lower() in known]
        seen[label] = NONE if not label else named[0] if named else UNKNOWN
    return tuple(seen[label] for label in labels)


def group_of(truth: IntArray | int, run: IntArray | int, runs: int) -> IntArray | int:
    """Number of a pass."""
    return truth * max(runs, 1) + run


def _opportunities(f: Following, sensor: FloatArray) -> Opportunities:
    truth, scan = np.nonzero(f.opportunity)
    place, velocity = f.place[truth, scan], f.velocity[truth, scan]
    sight = place - sensor
    level = np.hypot(sight[:, 0], sight[:, 1])
    slant = np.hypot(level, np.nan_to_num(sight[:, 2]))
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        toward = -(velocity[:, 0] * sight[:, 0] + velocity[:, 1] * sight[:, 1]) / (level * speed)
    aspect = np.degrees(np.arccos(np.clip(toward, -1.0, 1.0)))
    aspect[speed < 1.0] = np.nan  # a hovering target has no heading to speak of
    runs = int(f.scans.period.max()) + 1 if f.scans.period.size else 1
    return Opportunities(
        slant,
        place[:, 2],
        speed,
        aspect,
        f.report[truth, scan] >= 0,
        np.asarray(group_of(truth, f.scans.period[scan], runs)),
    )


def _errors(f: Following) -> Errors:
    rows = np.flatnonzero((f.verdict == Verdict.TARGET) & (f.scan >= 0))
    truth = f.truth[rows]
    residual = f.near.residual[rows, truth]
    runs = int(f.scans.period.max()) + 1 if f.scans.period.size else 1
    return Errors(
        residual[:, 0],
        residual[:, 1],
        residual[:, 2],
        f.near.distance[rows, truth],
        f.near.squared[rows, truth],
        np.asarray(group_of(truth, f.scans.period[f.scan[rows]], runs)),
    )


def _pass(e: Evidence, j: int, k: int) -> Pass | None:
    """Target `j` in run `k`; None if it was never in the protected volume."""
    f, truth, run = e.following, e.truths[j], e.runs[k]
    at = np.flatnonzero(f.opportunity[j] & (f.scans.period == k))
    if not at.size:
        return None
    report = f.report[j, at]
    there = np.flatnonzero(report >= 0)
    found = report[there]
    start, end = (float(f.scans.middle_s[at[i]]) for i in (0, -1))
    sight = f.place[j, at] - e.sensor
    slant = np.hypot(np.hypot(sight[:, 0], sight[:, 1]), np.nan_to_num(sight[:, 2]))
    first = float(f.credit_s[found].min()) - start if found.size else math.nan
    said = [e.classes[i] for i in found]
    return Pass(
        run.name,
        truth.name,
        truth.label,
        int(group_of(j, k, len(e.runs))),
        int(at.size),
        int(there.size),
        int(f.ambiguous[j, at].sum()),
        start,
        end + f.scans.length_s,
        max(first, 0.0),
        float(slant[there[0]]) if there.size else math.nan,
        float(slant.min()),
        *_custody(e.reports.track[found], there, f.ambiguous[j, at[there]], f.scans.length_s),
        _majority(said),
        _crossing(truth, run, e.rules.line_m),
        _first_alert(e, found, said),
    )


def _first_alert(e: Evidence, found: IntArray, said: Sequence[str]) -> float:
    """When the operator first had a report of a class that is an alert."""
    wanted = e.data.setup.alert_labels
    times = [
        float(e.following.credit_s[i])
        for i, word in zip(found, said, strict=True)
        if not wanted or word in wanted
    ]
    return min(times, default=math.nan)


def _custody(
    track: IntArray, there: IntArray, ambiguous: BoolArray, length_s: Seconds
) -> tuple[int, int, int, float, float]:
    """Tracks, breaks, swaps, time tracked and the longest unbroken time with one track."""
    if not there.size:
        return 0, 0, 0, 0.0, 0.0
    breaks = int((np.diff(there) > 1).sum())
    known = (track >= 0) & ~ambiguous
    held = track[known]
    swaps = int((held[1:] != held[:-1]).sum())
    new = np.ones(there.size, dtype=np.bool_)
    new[1:] = (np.diff(there) > 1) | (track[1:] != track[:-1]) | (track[1:] < 0)
    edges = np.append(np.flatnonzero(new), there.size)
    longest = float(np.diff(edges).max()) * length_s
    tracks = int(np.unique(track[track >= 0]).size)
    return tracks, breaks, swaps, there.size * length_s, longest


def _majority(said: Sequence[str]) -> str:
    """The class said most often; one that says something goes before *unknown* and *none*."""
    if not said:
        return NONE
    told = [w for w in said if w not in (UNKNOWN, NONE)]
    words = told or list(said)
    return max(sorted(set(words)), key=words.count)


def _crossing(truth: TruthTrack, run: Period, line_m: Metres) -> float:
    """When a target first came nearer to the site than the line."""
    if line_m <= 0.0:
        return math.nan
    inside = run.holds(truth.time_s) & (
        np.hypot(truth.position[:, 0], truth.position[:, 1]) < line_m
    )
    return float(truth.time_s[inside][0]) if inside.any() else math.nan

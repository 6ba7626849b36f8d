"""A whole trial: read, align, match, count, judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from flyoff.campaign.problems import Problem, errors
from flyoff.decoders.leap import LEAP_SECONDS
from flyoff.errors import FlyoffError, TrialError
from flyoff.pipeline.trial.clock import Clock, align
from flyoff.pipeline.trial.evidence import Evidence, gather
from flyoff.pipeline.trial.reading import read_setup
from flyoff.pipeline.trial.requirements import Judged, judge_all
from flyoff.pipeline.trial.sensors import SensorData, read_sensor
from flyoff.pipeline.trial.setup import SensorSetup, Setup, TargetSetup
from flyoff.pipeline.trial.suspicions import suspicions
from flyoff.pipeline.trial.truths import read_traffic, read_truth
from flyoff.trials.truth import TruthTrack
from flyoff.units import FloatArray

_SILENT = "it reported nothing; if it was on and saw nothing, say mode = 'trusted' and update_s"


@dataclass(frozen=True, slots=True, eq=False)
class Unscored:
    """A sensor that cannot be scored, and why."""

    data: SensorData
    clock: Clock
    because: str
    suspected: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A trial with all that was found.

    Attributes
    ----------
    suspected : mapping of sensor to what looks wrong
    problems : tuple of Problem
        Warnings of the trial file.
    """

    setup: Setup
    truths: tuple[TruthTrack, ...]
    traffic: tuple[TruthTrack, ...]
    sensors: tuple[Evidence | Unscored, ...]
    suspected: dict[str, tuple[str, ...]]
    judged: tuple[Judged, ...]
    problems: tuple[Problem, ...]

    @property
    def evidences(self) -> list[Evidence]:
        """The sensors that could be scored."""
        return [s for s in self.sensors if isinstance(s, Evidence)]


def score_trial(folder: Path) -> Scored:
    """Score the trial of a folder.

    Raises
    ------
    TrialError
        If the trial file has errors, or a file cannot be read.
    """
    setup, problems = read_setup(folder)
    wrong = errors(problems)
    if wrong:
        more = f" (and {len(wrong) - 1} more: see flyoff trial check)" if len(wrong) > 1 else ""
        raise TrialError(f"{wrong[0]}{more}")
    truths = tuple(read_truth(target, setup.site) for target in setup.targets)
    traffic = tuple(read_traffic(setup.traffic, setup))
    sensors, suspected = [], {}
    for sensor in setup.sensors:
        one, says = score_sensor(read_sensor(sensor, setup), truths, traffic, setup)
        sensors.append(one)
        suspected[sensor.name] = says
    evidences = [s for s in sensors if isinstance(s, Evidence)]
    judged = judge_all(setup.requirements, evidences)
    return Scored(setup, truths, traffic, tuple(sensors), suspected, tuple(judged), tuple(problems))


def score_sensor(
    data: SensorData,
    truths: Sequence[TruthTrack],
    traffic: Sequence[TruthTrack],
    setup: Setup,
) -> tuple[Evidence | Unscored, tuple[str, ...]]:
    """Score one sensor, or say why not."""
    sensor = where(data.setup, setup)
    rule = data.setup.clock
    # silence is a result where the sensor is known to have been on, and how often it looked
    was_on = rule.mode == "trusted" and data.setup.update_s is not None
    if not len(data.placed) and not was_on:
        return Unscored(data, Clock("refused"), _SILENT, data.suspected), data.suspected
    clock = align(
        data.placed, truths, setup.runs, sensor, setup.rules.gate, rule, level=setup.level
    )
    offset = clock.offset.value if clock.offset else rule.offset_s
    says = (
        *data.suspected,
        *suspicions(data, truths, setup.runs, setup, sensor, offset),
        *_without_leaps(clock, setup.start_s),
    )
    if clock.status == "refused":
        why = _why(data, truths, clock)
        return Unscored(data, clock, why, says), says
    return (
        gather(data, clock, truths, traffic, setup.runs, setup.target_free, setup.rules, sensor),
        says,
    )


def _without_leaps(clock: Clock, start_s: float) -> list[str]:
    """A clock that is ahead by the leap seconds counts GPS time."""
    if clock.offset is None or clock.status != "estimated":
        return []
    day = datetime.fromtimestamp(start_s, UTC).date()
    leaps = max((leap for begins, leap in LEAP_SECONDS if begins <= day), default=0)
    if leaps == 0 or abs(clock.offset.value - leaps) > 0.5:
        return []
    return [f"the clock is {leaps} s ahead: it seems to count GPS time, without the leap seconds"]


def _why(data: SensorData, truths: Sequence[TruthTrack], clock: Clock) -> str:
    first = min(t.span[0] for t in truths) - data.setup.clock.search_s
    last = max(t.span[1] for t in truths) + data.setup.clock.search_s
    times = data.placed.time_s
    if times.max() < first or times.min() > last:
        return "its reports and the truths do not overlap in time"
    return f"its clock cannot be known: {clock.because}; if it is disciplined, say mode = 'trusted'"


def where(sensor: SensorSetup, setup: Setup) -> FloatArray:
    """Place of a sensor [m], shape (3,)."""
    post = sensor.post
    place = setup.site.local(*(np.array([v]) for v in (post.lat, post.lon, post.height_m)))
    return np.asarray(place[0], dtype=np.float64)


def check_trial(folder: Path) -> tuple[Setup, list[Problem]]:
    """Every problem of a trial: of its file, of the logs and of the sensors' files."""
    setup, problems = read_setup(folder)
    for target in setup.targets:
        if all(log.is_file() for log in target.logs):
            problems += _tried(partial(_check_truth, target, setup))
    for sensor in setup.sensors:
        if all(f.is_file() for f in sensor.files) and sensor.files:
            problems += _tried(partial(_check_sensor, sensor, setup))
    return setup, problems


def _tried(check: Callable[[], list[Problem]]) -> list[Problem]:
    try:
        return check()
    except FlyoffError as error:
        return [Problem("trial.toml", 0, str(error))]


def _check_truth(target: TargetSetup, setup: Setup) -> list[Problem]:
    truth, found = read_truth(target, setup.site), []
    for run in setup.runs:
        if run.targets and truth.name not in run.targets:
            continue
        inside = run.holds(truth.time_s)
        if not inside.any():
            text = f"target {truth.name!r} has no position in {run.name}"
            found.append(Problem(truth.source, 0, text, "warning"))
    return found


def _check_sensor(sensor: SensorSetup, setup: Setup) -> list[Problem]:
    data, found = read_sensor(sensor, setup), []
    for name, reading in data.readings:
        account = reading.account
        if account.skipped_bytes:
            text = f"{account.skipped_bytes} bytes could not be read: {account.gaps[0].reason}"
            found.append(Problem(name, 0, text, "warning"))
    for note in data.notes:
        found.append(Problem(data.setup.name, 0, note, "warning"))
    return found

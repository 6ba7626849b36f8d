"""Labelled flights judged as they are and in altered forms: what calibration and accuracy rest on.

A flight is judged from its log and its plan alone; its label is read here and nowhere else. The
definitions are those under which the labels were made: an outcome is right only if it is the same
word, save where two fair observers would differ (``FAIR``); a fault is found if a finding has one
of the kinds that its injection may rightly be called (``RIGHT``).
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [p for p in (str(ROOT), str(ROOT / "src")) if p not in sys.path]

from flyoff.detectors import builtin
from flyoff.detectors.base import assess_all
from flyoff.model.channel import Channel
from flyoff.model.finding import Finding
from flyoff.model.flight import Flight
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.model.sortie import BAD_OUTCOMES, Outcome, Sortie
from flyoff.pipeline.judgement import judge_flights
from flyoff.pipeline.steps import planned_beside, read
from flyoff.sorties.arrival import arrival
from flyoff.sorties.cause import grounds
from flyoff.sorties.outcome import RULES, Case
from tests.shared import flights

NORMAL = frozenset({"normal", "normal_manual"})
#: What an injected fault may rightly be called.
RIGHT: dict[str, frozenset[str]] = {
    fault: frozenset(kinds.split())
    for fault, kinds in {
        "motor_fail": "motor_failure",
        "motor_degraded": "motor_degraded motor_failure",
        "power_loss": "power_loss battery_low battery_sag",
        "gps_loss": "gnss_loss",
        "gps_jam": "gnss_jamming gnss_loss",
        "gps_spoof": "gnss_spoofing gnss_glitch",
        "gps_glitch": "gnss_glitch gnss_spoofing",
        "batt_low": "battery_low battery_sag",
        "rc_loss": "rc_loss",
        "gcs_loss": "datalink_loss",
        "wind_strong": "strong_wind",
        "vibration": "vibration imu_clipping",
        "compass_offset": "compass_interference compass_failure",
        "compass_fail": "compass_failure",
        "baro_drift": "baro_fault",
        "baro_glitch": "baro_fault",
        "imu_fail": "imu_failure",
        "weak_launch": "thrust_shortfall",
        "prearm_fail": "arming_refused",
        "tipover": "tip_over",
        "throttle_abort": "operator_abort",
        "operator_abort": "operator_abort",
        "flyaway": "flyaway strong_wind gnss_loss gnss_spoofing gnss_glitch",
        "wrong_mission": "wrong_plan mission_deviation",
        "fence_breach": "fence_breach",
        "hard_landing": "hard_landing",
        "parachute": "parachute_release motor_failure",
        "engine_fail": "engine_failure motor_failure thrust_shortfall",
        "stall": "stall",
        "airspeed_fail": "airspeed_fault",
        "stuck": "stuck engine_failure",
        "surface_fail": "control_surface_failure attitude_control_loss",
        "steering_fail": "steering_failure",
        "vtol_motor_fail": "motor_failure",
        "px4_power_loss": "power_loss thrust_shortfall motor_failure",
        "catapult_fail": "launch_energy_low engine_failure thrust_shortfall",
        "failed_launch": "engine_failure stuck thrust_shortfall",
    }.items()
}
#: Outcomes that two fair observers would word differently: (fault, label) to what is accepted.
FAIR = {("throttle_abort", "aborted"): {"aborted", "not_flown"}}
_FIRMWARE = ("px4_", "quadplane_", "plane_", "boat_", "rover_", "copter_")


@dataclass(frozen=True)
class Truth:
    """What is known of a flight: its fault by plain name, where it flew, how it ended."""

    name: str
    log: Path
    fault: str
    family: str
    site: tuple[int, int]
    outcome: str
    onset_s: float | None
    is_sure: bool

    @property
    def is_normal(self) -> bool:
        return self.fault in NORMAL

    @property
    def right(self) -> frozenset[str]:
        return RIGHT.get(self.fault, frozenset({self.fault}))

    @property
    def accepted(self) -> set[str]:
        return FAIR.get((self.fault, self.outcome), {self.outcome})

    @property
    def group(self) -> tuple[str, str, tuple[int, int]]:
        """Flights that are judged together or not at all in cross-validation."""
        return (self.family, self.fault, self.site)


@dataclass(frozen=True)
class Said:
    """What was said of a flight, and by which rule."""

    truth: Truth
    variant: str
    outcome: str
    rule: str
    argued: float
    confidence: float
    cause: str | None
    cause_grounds: str
    cause_argued: float
    findings: tuple[tuple[str, str, float], ...]
    sorties: int

    @property
    def outcome_is_right(self) -> bool:
        return self.outcome in self.truth.accepted

    @property
    def is_bad_end(self) -> bool:
        return not self.truth.is_normal and Outcome(self.truth.outcome) in BAD_OUTCOMES

    @property
    def cause_is_right(self) -> bool:
        return self.cause in self.truth.right

    @property
    def is_found(self) -> bool:
        return any(kind in self.truth.right for kind, _, _ in self.findings)

    @property
    def onset_error_s(self) -> float | None:
        """Of the finding that comes nearest; None without one or without a known onset."""
        if not self.truth.onset_s:
            return None
        errors = [
            t - self.truth.onset_s for kind, _, t in self.findings if kind in self.truth.right
        ]
        return min(errors, key=abs, default=None)

    def worst(self, *severities: str) -> bool:
        return any(s in severities for _, s, _ in self.findings)


Variant = Callable[[Recording, Mission | None], tuple[Recording, Mission | None]]


def truths() -> list[Truth]:
    """All labelled flights; empty where the shared data are absent."""
    folder = flights()
    if folder is None:
        return []
    found = []
    for path in sorted(folder.glob("*.json")):
        label = json.loads(path.read_text())
        if "fault_kind" in label:
            found.append(_truth(label, folder))
    return found


def _truth(label: dict[str, Any], folder: Path) -> Truth:
    fault, family = label["fault_kind"], "copter"
    for prefix in _FIRMWARE:
        if fault.startswith(prefix):
            family = prefix.rstrip("_")
            fault = fault if fault in RIGHT else fault.removeprefix(prefix)
    lat, lon = label["home"][:2]
    return Truth(
        label["id"],
        folder / label["log_file"],
        fault,
        family,
        (round(lat), round(lon)),
        label["outcome"],
        label["fault_onset_s"],
        not label.get("label_doubt"),
    )


def judged(truth: Truth, variant: str = "as logged") -> Said:
    """Judge one flight in one form."""
    planned = planned_beside(truth.log).mission
    pairs: list[tuple[Flight, Sortie]] = []
    for recording in read(truth.log):
        altered, plan = VARIANTS[variant](recording, planned)
        pairs += judge_flights(altered, plan)
    if not pairs:
        return Said(truth, variant, "none", "none", 0.0, 0.0, None, "", 0.0, (), 0)
    flight, sortie = max(pairs, key=lambda p: (p[1].airborne_s or 0.0, p[1].end_s - p[1].start_s))
    rule, argued = fired(flight)
    why, cause_argued = grounds(flight, sortie.outcome, found_in(flight))
    return Said(
        truth,
        variant,
        str(sortie.outcome),
        rule,
        argued,
        sortie.confidence,
        str(sortie.cause.kind) if sortie.cause else None,
        why,
        cause_argued,
        tuple((str(f.kind), str(f.severity), f.onset_s) for f in sortie.findings),
        len(pairs),
    )


def found_in(flight: Flight) -> list[Finding]:
    """All findings of one flight, before the cause is raised to critical."""
    return flight.once(_found_in)


def _found_in(flight: Flight) -> list[Finding]:
    return [f for a in assess_all(builtin(), [flight])[0] for f in a.findings]


def fired(flight: Flight) -> tuple[str, float]:
    """The rule that decides the outcome, and the confidence that it argues for."""
    found = found_in(flight)
    case = Case(flight, found, arrival(flight, found))
    for rule in RULES:
        said = rule(case)
        if said is not None:
            return rule.__name__.strip("_"), said.confidence
    return "none", 0.5


def judged_all(wanted: Iterable[Truth], variant: str = "as logged", jobs: int = 2) -> list[Said]:
    """Judge flights in one form, in some processes."""
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(partial(judged, variant=variant), list(wanted), chunksize=8))


# the altered forms -------------------------------------------------------------------------------


def _rebuilt(recording: Recording, change: Callable[[Channel], Channel], **more: Any) -> Recording:
    """The recording with every channel changed when it is asked for."""
    loaders = {name: partial(_changed, load, change) for name, load in recording.loaders.items()}
    facts = {
        name: getattr(recording, name)
        for name in ("start_us", "end_us", "events", "mission", "utc", "gaps")
    } | more
    return Recording(
        recording.log,
        recording.vehicle,
        facts["start_us"],
        facts["end_us"],
        loaders,
        facts["events"],
        recording.params,
        facts["mission"],
        facts["utc"],
        recording.boot,
        facts["gaps"],
        recording.notes,
        recording.ends_cut,
    )


def _changed(load: Callable[[], Channel], change: Callable[[Channel], Channel]) -> Channel:
    return change(load())


def as_logged(recording: Recording, plan: Mission | None) -> tuple[Recording, Mission | None]:
    return recording, plan


#: Where everything is moved to: 0.5 degrees further from the equator, 10 degrees east.
_MOVED_LAT, _MOVED_LON = 0.5, 10.0


def moved(recording: Recording, plan: Mission | None) -> tuple[Recording, Mission | None]:
    """All positions moved; metres stay metres, since longitudes are stretched with the latitude."""
    lat = recording.get("position.lat") or recording.get("gnss.lat")
    lon = recording.get("position.lon") or recording.get("gnss.lon")
    if lat is None or lon is None:
        return recording, plan
    lat0 = float(np.nanmedian(lat.values))
    lon0 = float(np.nanmedian(lon.values))
    step = float(np.copysign(_MOVED_LAT, lat0))
    stretch = float(np.cos(np.radians(lat0)) / np.cos(np.radians(lat0 + step)))

    def place(latitude: Any, longitude: Any) -> tuple[Any, Any]:
        return latitude + step, lon0 + _MOVED_LON + (longitude - lon0) * stretch

    def change(channel: Channel) -> Channel:
        quantity = channel.name.partition("[")[0].rpartition(".")[2]
        if quantity not in ("lat", "lon", "target_lat", "target_lon"):
            return channel
        here = np.abs(channel.values) > 1e-9  # zero is "no fix", and stays so
        north, east = place(channel.values, channel.values)
        new = np.where(here, north if quantity.endswith("lat") else east, channel.values)
        return Channel(channel.name, channel.t_us, new, channel.source)

    def carried(mission: Mission | None) -> Mission | None:
        if mission is None:
            return None
        items = []
        for item in mission.items:
            there = place(item.lat, item.lon) if item.has_position else (item.lat, item.lon)
            items.append(replace(item, lat=there[0], lon=there[1]))
        home = (*place(*mission.home[:2]), mission.home[2]) if mission.home else None
        return replace(mission, items=tuple(items), home=home)

    return _rebuilt(recording, change, mission=carried(recording.mission)), carried(plan)


_LATER_US = 3_600_000_000


def later(recording: Recording, plan: Mission | None) -> tuple[Recording, Mission | None]:
    """Everything an hour later on the log's own clock."""

    def change(channel: Channel) -> Channel:
        return Channel(channel.name, channel.t_us + _LATER_US, channel.values, channel.source)

    events = tuple(replace(e, t_us=e.t_us + _LATER_US) for e in recording.events)
    gaps = tuple((a + _LATER_US, b + _LATER_US) for a, b in recording.gaps)
    utc = recording.utc
    utc = replace(utc, offset_us=utc.offset_us - _LATER_US) if utc is not None else None
    shifted = _rebuilt(
        recording,
        change,
        events=events,
        gaps=gaps,
        utc=utc,
        start_us=recording.start_us + _LATER_US,
        end_us=recording.end_us + _LATER_US,
    )
    return shifted, plan


def halved(recording: Recording, plan: Mission | None) -> tuple[Recording, Mission | None]:
    """Every second sample of every channel; states that are logged on change stay whole."""

    def change(channel: Channel) -> Channel:
        if channel.t_us.size < 60:
            return channel
        return Channel(channel.name, channel.t_us[::2], channel.values[::2], channel.source)

    return _rebuilt(recording, change), plan


#: Wander of a real receiver in the open: 1.5 m each way over half a minute, 0.15 m/s in its speed.
_WANDER_M, _WANDER_S, _SPEED_NOISE_MS = 1.5, 30.0, 0.15
_METRES_PER_DEGREE = 111_320.0


def noisy(recording: Recording, plan: Mission | None) -> tuple[Recording, Mission | None]:
    """Receiver positions that wander and speeds that jitter, as in the open, not in a simulator."""
    lat = recording.get("gnss.lat")
    lat0 = float(np.nanmedian(lat.values)) if lat is not None else 0.0

    def change(channel: Channel) -> Channel:
        base = channel.name.partition("[")[0]
        if base not in ("gnss.lat", "gnss.lon", "gnss.alt_msl", "gnss.speed"):
            return channel
        rng = np.random.default_rng(sum(channel.name.encode()))
        if base == "gnss.speed":
            added = rng.normal(0.0, _SPEED_NOISE_MS, channel.values.shape)
            values = np.maximum(channel.values + added, 0.0)
        else:
            metres = _wander(channel.t_us / 1e6, rng)
            scale = {
                "gnss.lat": 1.0 / _METRES_PER_DEGREE,
                "gnss.lon": 1.0 / (_METRES_PER_DEGREE * np.cos(np.radians(lat0))),
                "gnss.alt_msl": 1.5,
            }[base]
            values = np.where(np.abs(channel.values) > 1e-9, channel.values + metres * scale, 0.0)
        return Channel(channel.name, channel.t_us, values, channel.source)

    return _rebuilt(recording, change), plan


def _wander(t_s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A Gauss-Markov walk at the samples' own times."""
    out = np.zeros(t_s.shape)
    steps = rng.normal(0.0, 1.0, t_s.shape)
    for i in range(1, t_s.size):
        keep = float(np.exp(-max(t_s[i] - t_s[i - 1], 0.0) / _WANDER_S))
        out[i] = keep * out[i - 1] + _WANDER_M * np.sqrt(1.0 - keep * keep) * steps[i]
    return out


_IMU = ("accel.", "gyro.", "imu.", "vibration.")


def one_imu(recording: Recording, plan: Mission | None) -> tuple[Recording, Mission | None]:
    """Only the first inertial sensor: what cannot be compared any more cannot convict."""
    kept = {n: f for n, f in recording.loaders.items() if "[" not in n or not n.startswith(_IMU)}
    smaller = _rebuilt(recording, lambda channel: channel)
    smaller.loaders = {n: smaller.loaders[n] for n in kept}
    return smaller, plan


VARIANTS: dict[str, Variant] = {
    "as logged": as_logged,
    "positions moved": moved,
    "times shifted": later,
    "half the log rates": halved,
    "receiver noise added": noisy,
    "one inertial sensor only": one_imu,
}


def every_form(jobs: int = 2) -> Iterator[tuple[str, list[Said]]]:
    """Every flight in every form."""
    all_truths = truths()
    for variant in VARIANTS:
        yield variant, judged_all(all_truths, variant, jobs)

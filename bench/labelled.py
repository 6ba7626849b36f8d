"""Labelled flights judged as they are and in altered forms: what calibration and accuracy rest on.

A flight is judged from its log and its plan alone; its label is read here and nowhere else. The
definitions are those under which the labels were made: an outcome is right only if it is the same
word, save where two fair observers would differ (``FAIR``); a fault is found if a finding has one
of the kinds that its injection may rightly be called (``RIGHT``).
"""

import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [p for p in (str(ROOT), str(ROOT / "src")) if p not in sys.path]

from flyoff.detectors import builtin
from flyoff.detectors.base import assess_all
from flyoff.model.finding import Finding
from flyoff.model.flight import Flight
from flyoff.model.sortie import BAD_OUTCOMES, Outcome, Sortie
from flyoff.pipeline.judgement import judge_flights
from flyoff.pipeline.steps import planned_beside, read
from flyoff.sorties.arrival import arrival
from flyoff.sorties.cause import grounds
from flyoff.sorties.outcome import RULES, Case
from tests.shared import flights
from tests.sorties.forms import VARIANTS

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


def every_form(jobs: int = 2) -> Iterator[tuple[str, list[Said]]]:
    """Every flight in every form."""
    all_truths = truths()
    for variant in VARIANTS:
        yield variant, judged_all(all_truths, variant, jobs)

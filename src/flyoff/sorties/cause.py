"""Why a sortie ended badly: a written precedence over the findings, by onset, and their chain.

The precedence says what explains what: a lost motor explains a lost attitude, which explains an
impact. A finding can be the cause only if it began before the bad end and if it can lead to an end
of that sort. What the failsafe that ended the sortie acted on goes before all others, and what was
merely noted behind all others; else the one nearest the root wins, within one rank the earliest.
"""

from collections.abc import Sequence
from dataclasses import replace

from flyoff.model.finding import Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.intent import BreakOff, break_offs
from flyoff.model.sortie import BAD_OUTCOMES, Cause, CauseLink, Outcome
from flyoff.sorties.calibration import cause_confidence

#: Nearest the root first. A later kind is often only the consequence of an earlier one.
PRECEDENCE: tuple[Kind, ...] = (
    Kind.ARMING_REFUSED,
    Kind.POWER_LOSS,
    Kind.MOTOR_FAILURE,
    Kind.ENGINE_FAILURE,
    Kind.CONTROL_SURFACE_FAILURE,
    Kind.STEERING_FAILURE,
    Kind.MOTOR_DEGRADED,
    Kind.LAUNCH_ENERGY_LOW,
    Kind.TIP_OVER,
    Kind.THRUST_SHORTFALL,
    Kind.IMU_FAILURE,
    Kind.PARACHUTE_RELEASE,
    Kind.GNSS_JAMMING,
    Kind.GNSS_SPOOFING,
    Kind.GNSS_GLITCH,
    Kind.GNSS_LOSS,
    Kind.COMPASS_FAILURE,
    Kind.COMPASS_INTERFERENCE,
    Kind.AIRSPEED_FAULT,
    Kind.BARO_FAULT,
    Kind.WRONG_PLAN,
    Kind.STUCK,
    Kind.FENCE_BREACH,
    Kind.BATTERY_LOW,
    Kind.BATTERY_SAG,
    Kind.RC_LOSS,
    Kind.DATALINK_LOSS,
    Kind.STRONG_WIND,
    Kind.STALL,
    Kind.VIBRATION,
    Kind.IMU_CLIPPING,
    Kind.OSCILLATION,
    Kind.ESTIMATOR_FAILURE,
    Kind.ATTITUDE_CONTROL_LOSS,
    Kind.FLYAWAY,
    Kind.MISSION_DEVIATION,
    Kind.HARD_LANDING,
    Kind.OPERATOR_ABORT,
    Kind.FAILSAFE,
    Kind.IMPACT,
)

#: Says nothing of the vehicle: the logger had a hole.
_NO_CAUSE = {Kind.LOGGING_GAP}
_POWER = {Kind.POWER_LOSS, Kind.MOTOR_FAILURE, Kind.ENGINE_FAILURE, Kind.MOTOR_DEGRADED}
_POWER |= {Kind.THRUST_SHORTFALL, Kind.BATTERY_LOW, Kind.BATTERY_SAG}
_NAVIGATION = {Kind.GNSS_JAMMING, Kind.GNSS_SPOOFING, Kind.GNSS_GLITCH, Kind.GNSS_LOSS}
_NAVIGATION |= {Kind.COMPASS_FAILURE, Kind.COMPASS_INTERFERENCE, Kind.ESTIMATOR_FAILURE}
_SENSING = _NAVIGATION | {Kind.IMU_FAILURE, Kind.BARO_FAULT, Kind.AIRSPEED_FAULT}
_CONTROL = {Kind.CONTROL_SURFACE_FAILURE, Kind.ATTITUDE_CONTROL_LOSS, Kind.STALL, Kind.TIP_OVER}
_CONTROL |= {Kind.OSCILLATION, Kind.VIBRATION, Kind.IMU_CLIPPING, Kind.STEERING_FAILURE}
_GROUND = {Kind.IMPACT, Kind.HARD_LANDING}

#: What can lead to which end. A low battery does not make a vehicle land at the wrong place.
CAN_LEAD_TO: dict[Outcome, frozenset[Kind]] = {
    Outcome.FAILED_LAUNCH: frozenset(
        _POWER
        | _CONTROL
        | _GROUND
        | {Kind.ARMING_REFUSED, Kind.LAUNCH_ENERGY_LOW, Kind.STUCK, Kind.IMU_FAILURE}
    ),
    Outcome.CRASHED: frozenset(
        _POWER | _CONTROL | _GROUND | _SENSING | {Kind.STRONG_WIND, Kind.PARACHUTE_RELEASE}
    ),
    Outcome.FORCED_LANDING: frozenset(set(Kind) - _NO_CAUSE - {Kind.IMPACT, Kind.OPERATOR_ABORT}),
    Outcome.RETURNED: frozenset(
        set(Kind) - _NO_CAUSE - {Kind.IMPACT, Kind.TIP_OVER, Kind.HARD_LANDING}
    ),
    Outcome.WRONG_DESTINATION: frozenset(
        _NAVIGATION
        | {Kind.WRONG_PLAN, Kind.STRONG_WIND, Kind.IMU_FAILURE, Kind.AIRSPEED_FAULT}
        | {Kind.MISSION_DEVIATION, Kind.FLYAWAY, Kind.STEERING_FAILURE, Kind.THRUST_SHORTFALL}
    ),
    Outcome.FLEW_AWAY: frozenset(
        _SENSING
        | _CONTROL
        | {Kind.STRONG_WIND, Kind.FLYAWAY, Kind.MISSION_DEVIATION, Kind.RC_LOSS, Kind.WRONG_PLAN}
    ),
}

#: Which findings a failsafe's reason points at: what it acted on is the cause, if it was found.
REASON_POINTS_AT: dict[str, tuple[Kind, ...]] = {
    "radio": (Kind.RC_LOSS,),
    "gcs": (Kind.DATALINK_LOSS,),
    "battery": (Kind.POWER_LOSS, Kind.BATTERY_LOW, Kind.BATTERY_SAG),
    "fence": (Kind.FENCE_BREACH,),
    "gnss": tuple(sorted(_NAVIGATION)),
    "ekf": (*sorted(_NAVIGATION), Kind.IMU_FAILURE, Kind.BARO_FAULT),
    "dead_reckoning": tuple(sorted(_NAVIGATION)),
    "vibration": (Kind.VIBRATION, Kind.IMU_CLIPPING, Kind.IMU_FAILURE),
    "crash": (Kind.MOTOR_FAILURE, Kind.ENGINE_FAILURE, Kind.STUCK, Kind.STEERING_FAILURE),
}

_INTERFERENCE = {Kind.GNSS_JAMMING, Kind.GNSS_SPOOFING}
_ENVIRONMENT = {Kind.STRONG_WIND, Kind.COMPASS_INTERFERENCE, Kind.GNSS_LOSS, Kind.GNSS_GLITCH}
_OPERATOR = {Kind.WRONG_PLAN, Kind.OPERATOR_ABORT, Kind.FENCE_BREACH, Kind.LAUNCH_ENERGY_LOW}


def find_cause(flight: Flight, outcome: Outcome, findings: Sequence[Finding]) -> Cause | None:
    """Choose the finding that explains a bad outcome.

    Parameters
    ----------
    flight : Flight
    outcome : Outcome
    findings : sequence of Finding

    Returns
    -------
    Cause or None
        None for an outcome that needs no cause, or where no finding can explain it.
    """
    choice = _chosen(flight, outcome, findings)
    if choice is None:
        return None
    root, why, argued = choice
    return Cause(
        kind=root.kind,
        onset_s=root.onset_s,
        confidence=cause_confidence(why, argued),
        origin=origin_of(root.kind),
        chain=chain(findings, root, flight.end_us / 1e6),
    )


def grounds(flight: Flight, outcome: Outcome, findings: Sequence[Finding]) -> tuple[str, float]:
    """On what grounds a cause is chosen, and what they argue for; ("", 0) if none is."""
    choice = _chosen(flight, outcome, findings)
    return ("", 0.0) if choice is None else choice[1:]


def _chosen(
    flight: Flight, outcome: Outcome, findings: Sequence[Finding]
) -> tuple[Finding, str, float] | None:
    if outcome not in BAD_OUTCOMES:
        return None
    allowed = CAN_LEAD_TO[outcome]
    able = [f for f in findings if f.kind in allowed and f.onset_s <= flight.end_us / 1e6]
    if not able:
        return None
    pointed = _pointed_at(flight, outcome, able)
    root = min(pointed or able, key=_rank)
    return root, *_argued(root, bool(pointed), able)


def _rank(finding: Finding) -> tuple[bool, int, float]:
    """Nothing that was merely noted goes before what was grave, then precedence, then onset."""
    return (finding.severity is Severity.INFO, PRECEDENCE.index(finding.kind), finding.onset_s)


def _pointed_at(flight: Flight, outcome: Outcome, able: Sequence[Finding]) -> list[Finding]:
    """Findings of the sort that the failsafe acted on; empty if no failsafe decided the end."""
    if outcome not in (Outcome.RETURNED, Outcome.FORCED_LANDING):
        return []
    first = next((b for b in break_offs(flight) if b.by == "failsafe"), None)
    if first is None:
        return []
    kinds = REASON_POINTS_AT.get(first.reason, ())
    return [f for f in able if f.kind in kinds and _before(f, first)]


def _before(finding: Finding, change: BreakOff) -> bool:
    return finding.onset_s * 1e6 <= change.t_us + 2_000_000


def _argued(root: Finding, is_pointed: bool, able: Sequence[Finding]) -> tuple[str, float]:
    """The grounds in a word or two, and the confidence that they argue for."""
    rivals = {f.kind for f in able if f.severity is not Severity.INFO and f.onset_s < root.onset_s}
    why = "failsafe" if is_pointed else "precedence"
    argued = root.confidence * (0.95 if is_pointed else 0.9)
    if root.severity is Severity.INFO:
        return f"{why}, merely noted", argued * 0.8
    return (f"{why}, earlier rivals", argued * 0.9) if rivals else (why, argued)


def origin_of(kind: Kind) -> str:
    """Whose doing a cause is: ``operator``, ``vehicle``, ``environment`` or ``interference``."""
    if kind in _INTERFERENCE:
        return "interference"
    if kind in _ENVIRONMENT:
        return "environment"
    return "operator" if kind in _OPERATOR else "vehicle"


def chain(findings: Sequence[Finding], root: Finding, end_s: float) -> tuple[CauseLink, ...]:
    """The causal chain in words: the root, then the grave findings after it, by onset."""
    after = [
        f
        for f in findings
        if f is root or (root.onset_s <= f.onset_s <= end_s and f.severity is not Severity.INFO)
    ]
    links: dict[Kind, CauseLink] = {}
    for finding in sorted(after, key=lambda f: (f.onset_s, f is not root)):
        if finding.kind not in links:
            links[finding.kind] = CauseLink(finding.onset_s, in_words(finding), finding.kind)
    return tuple(links.values())


def in_words(finding: Finding) -> str:
    """One finding in a few words: its kind, its detail and its decisive number."""
    name = finding.kind.value.replace("_", " ")
    if finding.detail:
        name += f" ({finding.detail})"
    first = next((e for e in finding.evidence if e.value is not None), None)
    if first is None or first.value is None:
        return name
    limit = f", limit {first.limit:.3g}" if first.limit is not None else ""
    return f"{name}: {first.says} {first.value:.3g}{limit}"


def promoted(findings: Sequence[Finding], cause: Cause | None) -> tuple[Finding, ...]:
    """Findings ordered by onset, the cause raised to critical: it ended the sortie."""
    out = []
    for finding in findings:
        is_root = (
            cause is not None and finding.kind is cause.kind and finding.onset_s == cause.onset_s
        )
        out.append(replace(finding, severity=Severity.CRITICAL) if is_root else finding)
    return tuple(sorted(out, key=lambda f: (f.onset_s, f.kind)))

"""What a detector concludes, and the evidence for it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Closed list of what a detector can conclude (DESIGN section 5)."""

    MOTOR_FAILURE = "motor_failure"
    MOTOR_DEGRADED = "motor_degraded"
    THRUST_SHORTFALL = "thrust_shortfall"
    POWER_LOSS = "power_loss"
    BATTERY_LOW = "battery_low"
    BATTERY_SAG = "battery_sag"
    ENGINE_FAILURE = "engine_failure"
    GNSS_LOSS = "gnss_loss"
    GNSS_JAMMING = "gnss_jamming"
    GNSS_SPOOFING = "gnss_spoofing"
    GNSS_GLITCH = "gnss_glitch"
    COMPASS_INTERFERENCE = "compass_interference"
    COMPASS_FAILURE = "compass_failure"
    BARO_FAULT = "baro_fault"
    IMU_FAILURE = "imu_failure"
    AIRSPEED_FAULT = "airspeed_fault"
    ESTIMATOR_FAILURE = "estimator_failure"
    VIBRATION = "vibration"
    IMU_CLIPPING = "imu_clipping"
    ATTITUDE_CONTROL_LOSS = "attitude_control_loss"
    OSCILLATION = "oscillation"
    CONTROL_SURFACE_FAILURE = "control_surface_failure"
    STEERING_FAILURE = "steering_failure"
    LAUNCH_ENERGY_LOW = "launch_energy_low"
    STALL = "stall"
    STRONG_WIND = "strong_wind"
    RC_LOSS = "rc_loss"
    DATALINK_LOSS = "datalink_loss"
    FENCE_BREACH = "fence_breach"
    MISSION_DEVIATION = "mission_deviation"
    WRONG_PLAN = "wrong_plan"
    TIP_OVER = "tip_over"
    HARD_LANDING = "hard_landing"
    IMPACT = "impact"
    PARACHUTE_RELEASE = "parachute_release"
    ARMING_REFUSED = "arming_refused"
    OPERATOR_ABORT = "operator_abort"
    FAILSAFE = "failsafe"
    FLYAWAY = "flyaway"
    LOGGING_GAP = "logging_gap"
    STUCK = "stuck"


class Severity(StrEnum):
    """How much a finding mattered: ``critical`` only if it endangered or ended the sortie."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Answer(StrEnum):
    """What a detector can answer; a missing channel is never ``clear``."""

    FINDING = "finding"
    CLEAR = "clear"
    NOT_APPLICABLE = "not_applicable"
    INSUFFICIENT_DATA = "insufficient_data"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One checkable statement: look at this channel at this time and see this value.

    Attributes
    ----------
    says : str
        The statement in words.
    channel : str or None
    t_s : float or None [s on the log's own clock]
    value, limit : float or None [the channel's unit]
        What was seen, and the threshold that it passed.
    """

    says: str
    channel: str | None = None
    t_s: float | None = None
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector concludes.

    Attributes
    ----------
    kind : Kind
    onset_s, end_s : float [s on the log's own clock]
    severity : Severity
    evidence : tuple of Evidence
    confidence : float
        0 … 1.
    thresholds : mapping of field name to value
        The detector's own thresholds, so that a finding can be argued with.
    detail : str
        What of the kind: ``"motor 3"``, ``"radio"``.
    """

    kind: Kind
    onset_s: float
    end_s: float
    severity: Severity
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    thresholds: dict[str, float] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A detector's answer for one sortie.

    Attributes
    ----------
    kind : Kind
    answer : Answer
    findings : tuple of Finding
        Not empty exactly when the answer is ``finding``.
    reason : str
        For ``insufficient_data`` and ``not_applicable``: what is missing, or why it cannot apply.
    """

    kind: Kind
    answer: Answer
    findings: tuple[Finding, ...] = ()
    reason: str = ""

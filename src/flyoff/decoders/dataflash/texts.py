"""What the autopilot's texts report: ArduPlane and Rover tell most failsafes in words alone."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flyoff.model.event import Event, EventKind

#: Refusals to arm: they name what is wrong, and nothing happened.
REFUSALS: Final = ("prearm:", "arm:", "arming failed", "arming denied")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text and the event it reports; a group ``n`` in the pattern is the event's value."""

    pattern: re.Pattern[str]
    kind: EventKind
    text: str


def _p(pattern: str, kind: EventKind, text: str = "") -> Phrase:
    return Phrase(re.compile(pattern, re.IGNORECASE), kind, text)


_ON, _OFF = EventKind.FAILSAFE, EventKind.FAILSAFE_CLEARED
_LINK: Final = r"(?:rc|radio|throttle|rc short|rc long|short|long)"

#: The first phrase that matches decides.
PHRASES: Final = (
    _p(r"^Reached (?:command|waypoint) #(?P<n>\d+)", EventKind.MISSION_REACHED),
    _p(r"^Passed waypoint #(?P<n>\d+)", EventKind.MISSION_REACHED),
    _p(r"^Mission: (?P<n>\d+) ", EventKind.MISSION_CURRENT),
    _p(r"^Takeoff complete", EventKind.TAKEOFF),
    _p(r"^Land complete", EventKind.LANDED),
    _p(rf"^{_LINK} failsafe\b.*\b(?:off|clear)", _OFF, "radio"),
    _p(r"^failsafe - (?:short|long) event off", _OFF, "radio"),
    _p(r"^FS OFF\b|^MSG FS OFF\b", _OFF, "radio"),
    _p(rf"^{_LINK} failsafe\b", _ON, "radio"),
    _p(r"^failsafe - (?:short|long) event on", _ON, "radio"),
    _p(r"^FS ON\b|^MSG FS ON\b", _ON, "radio"),
    _p(r"^GCS failsafe\b.*\b(?:off|clear)", _OFF, "gcs"),
    _p(r"^GCS failsafe\b", _ON, "gcs"),
    _p(r"^Battery (?P<n>\d+) is (?:low|critical)", _ON, "battery"),
    _p(r"^(?:Low battery|Battery failsafe)\b", _ON, "battery"),
    _p(r"^EKF failsafe\b.*\bclear", _OFF, "ekf"),
    _p(r"^EKF failsafe\b", _ON, "ekf"),
    _p(r"^Dead ?reckon\w* failsafe\b.*\bclear", _OFF, "dead_reckoning"),
    _p(r"^Dead ?reckon\w* failsafe\b", _ON, "dead_reckoning"),
    _p(r"^Vibration compensation on", _ON, "vibration"),
    _p(r"^Vibration compensation off", _OFF, "vibration"),
    _p(r"^Terrain failsafe\b|^Failsafe: Terrain", _ON, "terrain"),
    _p(r"\bfence breached\b", _ON, "fence"),
    _p(r"^Fence breach cleared", _OFF, "fence"),
    _p(r"^Crash: ", EventKind.ERROR, "crash"),
    _p(r"^Hit ground\b|^Hard landing\b", EventKind.ERROR, "crash"),
    _p(r"^Potential Thrust Loss(?: \((?P<n>\d+)\))?", EventKind.ERROR, "thrust_loss"),
    _p(r"^Yaw Imbalance", EventKind.ERROR, "yaw_imbalance"),
    _p(r"^Engine (?:stopped|failed)|^ICE: .*(?:stall|fail)", EventKind.ERROR, "engine"),
    _p(r"^Parachute:? released", EventKind.OTHER, "parachute_released"),
    _p(r"^(?:GPS Glitch or Compass error|GPS Glitch)$", EventKind.ERROR, "gnss"),
    _p(r"^Glitch cleared", EventKind.ERROR_CLEARED, "gnss"),
    _p(r"^EKF variance$", EventKind.ERROR, "ekf"),
    _p(r"^EKF\d? (?:primary changed:|lane switch )(?P<n>\d+)", EventKind.ERROR, "ekf_primary"),
    _p(r"^EKF\d IMU\d stopped aiding", EventKind.ERROR, "aiding"),
    _p(r"^EKF\d IMU\d (?:is using|started \w+ aiding)", EventKind.ERROR_CLEARED, "aiding"),
    _p(r"^EKF\d IMU\d emergency yaw reset", EventKind.ESTIMATOR_RESET, "yaw"),
    _p(r"^Airspeed (?:sensor )?\d+ (?:failure|disabled)", EventKind.ERROR, "airspeed"),
    _p(r"^Airspeed (?:sensor )?\d+ now OK", EventKind.ERROR_CLEARED, "airspeed"),
    _p(r"^Transition failed|^VTOL failsafe", EventKind.ERROR, "transition"),
    _p(r"^(?:No|Bad) launch\b|^Takeoff (?:timeout|blocked|aborted)", EventKind.ERROR, "takeoff"),
)

#: Texts that tell the motors' state.
ARMING: Final = re.compile(r"^(?:arming motors|throttle armed|armed\b(?! auto))", re.IGNORECASE)
DISARMING: Final = re.compile(r"^(?:disarming motors|throttle disarmed|disarmed\b)", re.IGNORECASE)


def is_refusal(text: str) -> bool:
    """Whether a text says that arming is, or would be, refused."""
    return text.lower().startswith(REFUSALS)


def recognise(t_us: int, text: str) -> Event | None:
    """The event that a text reports beside itself, or None."""
    found = _meaning(text)
    return Event(t_us, *found, source="MSG") if found else None


@lru_cache(maxsize=4096)  # scripts and failing sensors repeat one text thousands of times
def _meaning(text: str) -> tuple[EventKind, str, float | None] | None:
    if is_refusal(text):
        return None
    for phrase in PHRASES:
        found = phrase.pattern.search(text)
        if found:
            number = found.groupdict().get("n")
            return phrase.kind, phrase.text, float(number) if number else None
    return None

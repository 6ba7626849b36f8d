"""Real logs whose story is known: the right answer, or an honest *insufficient data*.

Each case names the physical evidence that a person can check in the log. The stories are the ones
that the logs came with (commit messages, papers, file names), not our own reading.
"""

from pathlib import Path

import numpy as np
import pytest

import flyoff
from flyoff.model.event import EventKind
from flyoff.model.finding import Kind, Severity
from flyoff.model.recording import Recording
from flyoff.model.sortie import Outcome, Sortie
from flyoff.pipeline.judgement import judge_recording
from tests.shared import needs_shared, shared
from tests.sorties.rebuilt import rebuilt

pytestmark = needs_shared


def judged(name: str) -> list[Sortie]:
    folder = shared()
    assert folder is not None
    path: Path = folder / "logs" / name
    if not path.exists():
        pytest.skip(f"{name} is not among the shared logs")
    return flyoff.judge(str(path))


def kinds(sortie: Sortie) -> set[Kind]:
    return {f.kind for f in sortie.findings}


def onset(sortie: Sortie, kind: Kind) -> float:
    return next(f.onset_s for f in sortie.findings if f.kind is kind)


def test_mechanical_failure_falls_from_a_hundred_metres_onto_its_back() -> None:
    """Lean of 80° within a second at 158 s, one motor driven far above the others, then 16 s of
    falling on full thrust from 107 m, and rest upside down (162°)."""
    (sortie,) = judged("dataflash/AirboundInc__ardupilot__mechanical_fail.log")
    assert sortie.outcome is Outcome.CRASHED
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.MOTOR_FAILURE
    assert sortie.cause.onset_s == pytest.approx(158.4, abs=1.0)


def test_under_powered_copter_falls_on_full_thrust() -> None:
    """Throttle saturated while it sinks, with the pack giving way under load."""
    sorties = judged("dataflash/AirboundInc__ardupilot__underpowered.log")
    flown = max(sorties, key=lambda s: s.airborne_s or 0.0)
    assert Kind.THRUST_SHORTFALL in kinds(flown)
    assert flown.cause is not None
    assert flown.cause.kind in (Kind.THRUST_SHORTFALL, Kind.BATTERY_LOW, Kind.BATTERY_SAG)


def test_attitude_without_numbers_ends_on_the_ground() -> None:
    """It goes over at the ground and never rises: a failed launch, whatever the filter thought."""
    sorties = judged("dataflash/AirboundInc__ardupilot__nan.log")
    assert Outcome.FAILED_LAUNCH in [s.outcome for s in sorties]
    assert Outcome.COMPLETED not in [s.outcome for s in sorties]


def test_bad_take_off_that_stops_in_the_air_is_not_decided() -> None:
    """The log ends 3 s after lift-off at 1.8 m, leaning 36° and rising: no end is in it."""
    (sortie,) = judged("dataflash/erlerobot__logs__119.BIN")
    assert sortie.outcome is Outcome.UNDETERMINED


def test_loss_of_control_is_seen_before_the_log_stops_in_the_air() -> None:
    """Lean of 60° against a demand of a few degrees; the last sample is still at 10 m and more."""
    (sortie,) = judged("dataflash/erlerobot__logs__181.BIN")
    assert sortie.outcome in (Outcome.CRASHED, Outcome.UNDETERMINED)
    assert Kind.ATTITUDE_CONTROL_LOSS in kinds(sortie)
    # motors 2 and 4 at full thrust by turns under a struggling pilot are no dead motor
    assert Kind.MOTOR_FAILURE not in kinds(sortie)


def test_satellite_trouble_is_found_where_the_fix_goes() -> None:
    """The receiver loses its fix at 97.7 s; the flight ends upside down on the ground at 130 s."""
    (sortie,) = judged("dataflash/erlerobot__logs__GPS_issues1.BIN")
    assert onset(sortie, Kind.GNSS_LOSS) == pytest.approx(97.7, abs=1.0)
    assert sortie.outcome is Outcome.CRASHED
    # the yaw pair (1 and 2) is driven up together for a second, then it goes over: no dead motor
    assert Kind.MOTOR_FAILURE not in kinds(sortie)
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.GNSS_LOSS


def test_an_ordinary_flight_over_a_lossy_link_raises_no_warning() -> None:
    """Airspeed 0.02 m/s for 8 s while it stands; for 3 s no message of the receiver, and of the
    others only a part; the fix before and after is the best there is."""
    (sortie,) = judged("tlog/ArduPilot__UAVLogViewer__vtol.tlog")
    assert sortie.outcome is Outcome.COMPLETED
    assert {f.severity for f in sortie.findings} <= {Severity.INFO}


@pytest.mark.parametrize("number", [157, 340, 341, 472])
def test_a_thrown_quadrotor_that_catches_itself_is_in_no_mortal_danger(number: int) -> None:
    """Motors off, tumbling through 150° half a second after the throw, level a second later, and
    many seconds of controlled flight."""
    (sortie,) = judged(f"blackbox/alang321__indiflightSupport__LOG00{number}.BFL")
    assert {f.severity for f in sortie.findings} <= {Severity.INFO, Severity.WARNING}


def test_a_radio_failsafe_of_the_start_up_is_no_lost_link() -> None:
    """'Short event on' and 'off' in one second, on the ground; then ten minutes by hand."""
    (sortie,) = judged("dataflash/erlerobot__logs__329.BIN")
    assert Kind.RC_LOSS not in kinds(sortie)


def test_a_cut_propeller_tip_against_a_good_one() -> None:
    """The motor with 10 mm less propeller is driven above its fellows all along; no other is."""
    (cut,) = judged("dataflash/srikanthgoli1__rrc_fault_tolerant_control__10_mm_cut_hover_1.BIN")
    (good,) = judged("dataflash/srikanthgoli1__rrc_fault_tolerant_control__good_prop_hover_1.BIN")
    assert Kind.MOTOR_DEGRADED in kinds(cut)
    assert not kinds(good) & {Kind.MOTOR_DEGRADED, Kind.MOTOR_FAILURE}
    assert {cut.outcome, good.outcome} == {Outcome.COMPLETED}


DELOREAN = "dataflash/DependableSystemsLab__DeLorean__000000{}.BIN"


def attacked(number: str) -> tuple[Recording, Sortie]:
    """An attacked flight, and what is said of it."""
    folder = shared()
    assert folder is not None
    path = folder / "logs" / DELOREAN.format(number)
    if not path.exists():
        pytest.skip(f"{path.name} is not among the shared logs")
    (recording,) = flyoff.read(str(path))
    (sortie,) = judge_recording(recording)
    return recording, sortie


def without_texts(recording: Recording) -> Sortie:
    """The same, had the log kept silent."""
    events = tuple(e for e in recording.events if e.kind is not EventKind.TEXT)
    silent = rebuilt(recording, lambda channel: channel, events=events)
    (sortie,) = judge_recording(silent)
    return sortie


def apart(recording: Recording, one: str, other: str, since_s: float, until_s: float) -> np.ndarray:
    """Two channels' difference at ten instants a second."""
    at_us = (np.arange(since_s, until_s, 0.1) * 1e6).astype(np.int64)
    return recording[one].interpolated(at_us) - recording[other].interpolated(at_us)


def test_a_gyro_attack_that_was_announced_and_shows_nowhere() -> None:
    """From 104.02 s the log says so 7,000 times a second, the framework that is attacked takes the
    lie out again: gyro, attitude, compass and accelerometer agree as before. Told, not detected."""
    recording, sortie = attacked("09")
    assert onset(sortie, Kind.IMU_FAILURE) == pytest.approx(104.02, abs=0.1)
    (finding,) = (f for f in sortie.findings if f.kind is Kind.IMU_FAILURE)
    assert finding.severity is Severity.WARNING
    assert all(e.says.startswith("the log says") for e in finding.evidence)
    turned = apart(recording, "gyro.x", "rate.roll", 104.0, 130.0)
    assert np.abs(turned).max() < 0.1
    assert Kind.IMU_FAILURE not in kinds(without_texts(recording))
    assert sortie.outcome is Outcome.UNDETERMINED  # the log ends in cruise at 50 m


def test_a_satellite_attack_behind_the_receiver_bends_the_way_and_not_the_log() -> None:
    """Announced at 110.12 s. Within four seconds it sinks by five metres and slides five to the
    side, and stays so far off the place that it is told to hold, demanding nothing against it: what
    steers it believes another position than the one that is logged. Receiver, Doppler, barometer
    and estimator agree all along, so no comparison among them can convict."""
    recording, sortie = attacked("29")
    assert onset(sortie, Kind.GNSS_SPOOFING) == pytest.approx(110.12, abs=0.1)
    before = apart(recording, "nav.target_height", "position.height", 100.0, 110.0)
    after = apart(recording, "nav.target_height", "position.height", 116.0, 140.0)
    assert np.abs(before).max() < 0.5
    assert after.min() > 4.0
    asked = recording["nav.climb_demand"].between(116_000_000, 140_000_000).values
    assert np.abs(asked).max() < 0.2  # five metres too low, and no climb demanded
    silent = without_texts(recording)
    assert Kind.GNSS_SPOOFING not in kinds(silent)
    assert silent.outcome is Outcome.UNDETERMINED


def test_a_satellite_attack_that_flies_it_into_the_ground_shows_in_the_pressure() -> None:
    """Announced at 120.24 s. The controller goes by a climb of 2.5 m/s while the barometer falls by
    3 m/s, down to the ground at 135.9 s: found without a word from the log."""
    recording, sortie = attacked("38")
    assert onset(sortie, Kind.GNSS_SPOOFING) == pytest.approx(120.24, abs=0.1)
    assert sortie.outcome is Outcome.CRASHED
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.GNSS_SPOOFING
    assert sortie.cause.origin == "interference"
    silent = without_texts(recording)
    assert silent.outcome is Outcome.CRASHED
    assert silent.cause is not None
    assert silent.cause.kind is Kind.ESTIMATOR_FAILURE
    assert onset(silent, Kind.ESTIMATOR_FAILURE) == pytest.approx(120.24, abs=0.5)


@pytest.mark.parametrize("number", ["01", "06"])
def test_flights_without_an_attack_are_not_told_as_attacked(number: str) -> None:
    """One flies and lands; the other goes over at the ground, by no attack."""
    sorties = judged(DELOREAN.format(number))
    for sortie in sorties:
        assert not kinds(sortie) & {Kind.GNSS_SPOOFING, Kind.GNSS_GLITCH, Kind.GNSS_JAMMING}
    ended = {"01": Outcome.COMPLETED, "06": Outcome.FAILED_LAUNCH}[number]
    assert sorties[-1].outcome is ended


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        ("motor_failure", {Kind.MOTOR_FAILURE, Kind.MOTOR_DEGRADED}),
        ("battery_brownout", {Kind.POWER_LOSS, Kind.BATTERY_LOW, Kind.BATTERY_SAG}),
        ("gps_interference", {Kind.GNSS_JAMMING, Kind.GNSS_LOSS, Kind.GNSS_SPOOFING}),
    ],
)
def test_misleading_names_raise_nothing(name: str, forbidden: set[Kind]) -> None:
    """All four motors turn; the pack is not sensed (0 V throughout); no receiver at all."""
    (sortie,) = judged(f"ulog/PX4__flight-review-rs__{name}.ulg")
    assert sortie.outcome is Outcome.COMPLETED
    assert not kinds(sortie) & forbidden


def test_what_is_not_measured_is_said_to_be_so() -> None:
    """The pack of that flight reads 0.00 to 0.13 V: unmeasured, and never called clear."""
    (sortie,) = judged("ulog/PX4__flight-review-rs__battery_brownout.ulg")
    assert {n.kind for n in sortie.not_assessed} >= {Kind.BATTERY_LOW, Kind.POWER_LOSS}


@pytest.mark.parametrize(
    "name",
    [
        "logs_baseline_20260406_010435_tlogs_telemetry.tlog",
        "logs_udp_flood_2026-04-09_16_18_50_tlogs_telemetry.tlog",
        "telemetry.tlog",
    ],
)
def test_an_oscillation_sampled_once_a_second_is_no_dead_motor(name: str) -> None:
    """The onboard log of the baseline has a limit cycle of 5 Hz between the diagonals; the ground
    station's samples of it, one to four a second, show its alias: one motor apart for seconds."""
    (sortie,) = judged(f"tlog/wlichon__masterthesis-target-system__{name}")
    assert not kinds(sortie) & {Kind.MOTOR_FAILURE, Kind.MOTOR_DEGRADED}
    assert {Kind.MOTOR_FAILURE, Kind.OSCILLATION} <= {n.kind for n in sortie.not_assessed}


@pytest.mark.parametrize("name", ["dataflash/{}.BIN", "tlog/{}.tlog"])
def test_a_dive_is_not_judged_as_a_failed_launch(name: str) -> None:
    """Armed, thrusters demanded, no position: a submarine does not leave the ground."""
    for sortie in judged(name.format("clydemcqueen__ardusub_log_tools__small")):
        assert sortie.outcome is Outcome.UNDETERMINED
        assert "not judged" in sortie.evidence[0].says

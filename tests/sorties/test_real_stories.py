"""Real logs whose story is known: the right answer, or an honest *insufficient data*.

Each case names the physical evidence that a person can check in the log. The stories are the ones
that the logs came with (commit messages, papers, file names), not our own reading.
"""

from pathlib import Path

import pytest

import flyoff
from flyoff.model.finding import Kind, Severity
from flyoff.model.sortie import Outcome, Sortie
from tests.shared import needs_shared, shared

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


@pytest.mark.parametrize(
    ("name", "kind", "since_s"),
    [
        ("00000009.BIN", Kind.IMU_FAILURE, 104.02),
        ("00000029.BIN", Kind.GNSS_SPOOFING, 110.12),
        ("00000038.BIN", Kind.GNSS_SPOOFING, 120.24),
    ],
)
def test_attacks_at_their_times(name: str, kind: Kind, since_s: float) -> None:
    sortie = max(
        judged(f"dataflash/DependableSystemsLab__DeLorean__{name}"),
        key=lambda s: s.airborne_s or 0.0,
    )
    assert onset(sortie, kind) == pytest.approx(since_s, abs=1.0)


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

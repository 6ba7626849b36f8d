"""A lift motor stopped giving thrust; or gives less than its fellows."""

import numpy as np
import pytest

from flyoff.detectors.motor_degraded import MotorDegraded
from flyoff.detectors.motor_failure import MotorFailure
from flyoff.detectors.motors import MotorGap, motor_gap
from flyoff.model.finding import Answer, Severity
from flyoff.sorties.segment import segment
from tests.detectors.told import answer, found
from tests.scenarios import stories
from tests.scenarios.flights import ALOFT, flight, sound
from tests.scenarios.stories import within
from tests.sorties.flown import LOST_MOTOR, SOUND, STANDS, VTOL, WING

ONSET = 40.0


def driven(number: int, by: float, opposite: int = 0, less: float = 0.0, end_s: float = 79.0):
    """One motor driven above its usual command from ONSET, another below it."""
    changes = {f"motor__command[{number}]": _by(by, end_s)}
    if opposite:
        changes[f"motor__command[{opposite}]"] = _by(-less, end_s)
    return SOUND.with_channels(**changes)


def _by(more, end_s):
    return lambda t, usual: np.where((t >= ONSET) & (t < end_s), usual + more, usual)


@pytest.mark.parametrize("number", [1, 4])
def test_the_motor_that_was_lost_is_named_and_dated(number):
    finding = found(MotorFailure(), driven(number, 0.45, opposite=2, less=0.35))
    assert finding.onset_s == pytest.approx(ONSET, abs=0.3)
    assert finding.detail == f"motor {number}"
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(0.45, abs=0.05)


def test_it_is_found_before_the_ground_ends_it():
    assert found(MotorFailure(), LOST_MOTOR).onset_s == pytest.approx(40.0, abs=0.3)


def test_a_yaw_demand_moves_motors_in_pairs():
    turning = SOUND.with_channels(
        **{f"motor__command[{n}]": _by(0.3 if n < 3 else -0.3, 60.0) for n in range(1, 5)}
    )
    assert answer(MotorFailure(), turning) is Answer.CLEAR
    assert answer(MotorDegraded(), turning) is Answer.CLEAR


@pytest.mark.parametrize("detector", [MotorFailure(), MotorDegraded()], ids=lambda d: d.kind)
@pytest.mark.parametrize("story", [SOUND, VTOL], ids=["multirotor", "vtol"])
def test_a_sound_vehicle_is_clear(detector, story):
    assert answer(detector, story) is Answer.CLEAR


def test_a_jolt_that_parts_the_motors_for_a_moment_is_no_failure():
    assert answer(MotorFailure(), driven(1, 0.45, 2, 0.35, end_s=ONSET + 0.2)) is Answer.CLEAR
    assert answer(MotorFailure(), driven(1, 0.45, 2, 0.35, end_s=ONSET + 1.0)) is Answer.FINDING


def test_the_flailing_of_a_controller_that_lost_the_attitude_before_is_no_failure():
    thrown = {"attitude__roll": within(ONSET - 3.0, ONSET + 5.0, 1.2)}
    lost = driven(1, 0.45, opposite=2, less=0.35)
    assert answer(MotorFailure(), lost.with_channels(**thrown)) is Answer.CLEAR
    late = {"attitude__roll": within(ONSET + 0.3, ONSET + 5.0, 1.2)}
    assert answer(MotorFailure(), lost.with_channels(**late)) is Answer.FINDING


def test_a_weak_motor_is_driven_a_little_above_the_others():
    finding = found(MotorDegraded(), driven(3, 0.1))
    assert finding.onset_s == pytest.approx(ONSET, abs=1.0)
    assert finding.detail == "motor 3"
    assert finding.severity is Severity.WARNING
    assert answer(MotorFailure(), driven(3, 0.1)) is Answer.CLEAR


def test_a_short_push_is_no_weakness():
    assert answer(MotorDegraded(), driven(3, 0.1, end_s=42.0)) is Answer.CLEAR


def test_a_load_that_was_uneven_all_along_is_no_weakness():
    story = SOUND.with_channels(**{"motor__command[3]": lambda t, u: np.where(u > 0.1, u + 0.1, u)})
    assert answer(MotorDegraded(), story) is Answer.CLEAR


def test_a_lost_motor_is_not_reported_as_weak_too():
    assert answer(MotorDegraded(), driven(1, 0.45, opposite=2, less=0.35)) is Answer.CLEAR


@pytest.mark.parametrize("detector", [MotorFailure(), MotorDegraded()], ids=lambda d: d.kind)
def test_fewer_than_four_motors_allow_no_comparison(detector):
    for missing in (("motor.command[4]",), ("motor.",)):
        assert answer(detector, SOUND.but(missing=missing)) is Answer.INSUFFICIENT_DATA


@pytest.mark.parametrize("detector", [MotorFailure(), MotorDegraded()], ids=lambda d: d.kind)
def test_commands_of_a_few_samples_a_second_may_be_the_alias_of_an_oscillation(
    detector, monkeypatch
):
    """At 1 Hz a limit cycle of 5 Hz looks as if one motor stood apart for seconds."""
    parted = driven(1, 0.45, opposite=2, less=0.35)
    monkeypatch.setattr(stories, "STEP_S", 0.25)
    assert answer(detector, parted) is Answer.INSUFFICIENT_DATA
    monkeypatch.setattr(stories, "STEP_S", 0.125)
    assert found(MotorFailure(), parted).detail == "motor 1"


def goes_over(number: int, by: float, lean: float):
    """A corner that gives way: driven apart from ONSET, and leaning further and further."""
    story = driven(number, by, opposite=2, less=by, end_s=ONSET + 1.8)

    def roll(t, usual):
        return np.where((t >= ONSET) & (t < ONSET + 1.8), lean * (t - ONSET), usual)

    return story.with_channels(attitude__roll=roll)


def test_slow_commands_convict_a_motor_against_whose_moment_it_goes_over(monkeypatch):
    """Two and a half samples a second, as telemetry has them: three of them before the ground."""
    monkeypatch.setattr(stories, "STEP_S", 0.4)
    finding = found(MotorFailure(), goes_over(1, 0.3, lean=1.2))
    assert finding.detail == "motor 1"
    assert finding.onset_s == pytest.approx(ONSET, abs=0.8)
    assert finding.evidence[-1].says == "lean against the demand meanwhile [rad]"
    # it holds its attitude: what the commands show may be the alias of an oscillation
    assert answer(MotorFailure(), goes_over(1, 0.3, lean=0.0)) is Answer.INSUFFICIENT_DATA
    assert answer(MotorDegraded(), goes_over(1, 0.3, lean=1.2)) is Answer.INSUFFICIENT_DATA


def test_two_samples_are_no_course_of_events(monkeypatch):
    """One sample a second: both before the ground show the gap, and nothing between them."""
    monkeypatch.setattr(stories, "STEP_S", 1.0)
    lies = {"attitude__roll": within(ONSET - 0.1, ONSET + 1.8, 1.0)}
    story = goes_over(1, 0.3, lean=1.2).with_channels(**lies)
    assert answer(MotorFailure(), story) is Answer.INSUFFICIENT_DATA


def test_where_it_goes_over_a_smaller_gap_convicts():
    assert answer(MotorFailure(), goes_over(1, 0.14, lean=0.0)) is Answer.CLEAR
    finding = found(MotorFailure(), goes_over(1, 0.14, lean=1.2))
    assert finding.evidence[0].value > finding.evidence[0].limit == MotorFailure().thrown_apart


def test_a_controller_that_flails_drives_now_this_motor_back_and_now_that():
    """A dead corner's moment is about one axis; here the weakest changes every 0.3 s."""
    by_turns = (
        goes_over(1, 0.14, lean=1.2)
        .with_channels(
            **{
                f"motor__command[{n}]": lambda t, u, n=n: np.where(
                    (t >= ONSET) & ((t - ONSET) // 0.3 % 2 == n % 2), u - 0.14, u
                )
                for n in (3, 4)
            }
        )
        .with_channels(**{"motor__command[2]": lambda t, u: u})
    )
    assert answer(MotorFailure(), by_turns) is Answer.CLEAR


def test_a_vehicle_that_rights_itself_on_the_moment_has_all_its_motors():
    """A gust throws it to 60°, the low corner is driven up, and it is level half a second later."""
    story = driven(1, 0.14, opposite=2, less=0.14, end_s=ONSET + 0.8)
    gust = {"attitude__roll": within(ONSET + 0.1, ONSET + 0.4, 1.05)}
    assert answer(MotorFailure(), story.with_channels(**gust)) is Answer.CLEAR


@pytest.mark.parametrize("detector", [MotorFailure(), MotorDegraded()], ids=lambda d: d.kind)
@pytest.mark.parametrize("story", [WING, STANDS], ids=["wing", "never flew"])
def test_who_is_not_carried_by_motors_is_not_asked(detector, story):
    assert answer(detector, story) is Answer.NOT_APPLICABLE


def test_a_vtol_is_compared_only_while_it_hovers():
    (hovers,) = segment(VTOL.recording())
    motors = motor_gap(hovers)
    assert motors is not None
    at_s = motors.t_us[motors.carrying] / 1e6
    assert not ((at_s > 25) & (at_s < 97)).any()


def test_the_gap_is_between_the_strongest_two():
    commands = np.array([[0.5, 0.9], [0.4, 0.3], [0.3, 0.5], [0.1, 0.2]])
    assert MotorGap.gap(commands) == pytest.approx([0.1, 0.4])


def test_idle_motors_are_not_compared():
    story = SOUND.with_channels(
        **{f"motor__command[{n}]": within(0, 99, 0.05) for n in range(1, 5)}
    )
    assert answer(MotorFailure(), story) is Answer.INSUFFICIENT_DATA


def balanced(motors: int, share: float) -> np.ndarray:
    """Thrust commands of a level regular frame whose first motor gives a share of its own."""
    angle = 2 * np.pi * np.arange(motors) / motors
    mixer = np.column_stack(
        [np.ones(motors), np.cos(angle), np.sin(angle), (-1.0) ** np.arange(motors)]
    )
    gives = np.ones(motors)
    gives[0] = share
    wanted = np.array([0.35 * motors, 0.0, 0.0, 0.0])
    return mixer @ np.linalg.solve(mixer.T @ np.diag(gives) @ mixer, wanted)


@pytest.mark.parametrize("motors", [6, 8, 12])
@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
def test_what_a_motor_lacks_is_read_from_the_balance_of_the_others(motors, share):
    thrust = balanced(motors, share)[:, None]
    gap = MotorGap(np.zeros(1, np.int64), tuple(range(motors)), thrust, np.ones(1, bool), 0.0)
    assert gap.lost(thrust) == pytest.approx([1.0 - share], abs=0.01)


@pytest.mark.parametrize(
    ("share", "detector"),
    [(0.0, MotorFailure()), (0.2, MotorFailure()), (0.6, MotorDegraded())],
)
def test_eight_motors_share_the_work_of_a_lost_one(share, detector):
    t = np.arange(0.0, 100.0, 0.1)
    aloft = (t > ALOFT[0]) & (t < ALOFT[1])
    channels = sound()
    for number, thrust in enumerate(balanced(8, share), start=1):
        usual = np.where(aloft, 0.35, 0.0)
        channels[f"motor.command[{number}]"] = (t, np.where(aloft & (t >= ONSET), thrust, usual))
    (finding,) = detector.assess(flight(channels, params={"MOT_THST_EXPO": 0.0})).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.5)
    assert finding.detail == "motor 1"

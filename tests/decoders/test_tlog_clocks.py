"""A ground station's clock that is set while it records: each stretch has an offset of its own."""

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from tests.scenarios.tlog import EPOCH_US, Tlog

S = 1_000_000
ARMED, DISARMED = 209, 81
HOUR_US = 3600 * S
ROWS = 2000
START_US = 100 * S
#: A message without a time of its own is sent so long after one that has one.
BEHIND_US = 20_000


def flown(steps: dict[int, int], *, delays_us: dict[int, int] | None = None) -> Tlog:
    """200 s of attitude and airspeed; the recorder's clock is set at some rows, by µs.

    ``delays_us`` is how late the link is from some rows on.
    """
    log, set_us, late_us = Tlog(), 0, 0
    for i in range(ROWS):
        set_us += steps.get(i, 0)
        late_us = (delays_us or {}).get(i, late_us)
        boot_us = START_US + i * S // 10
        at = EPOCH_US + boot_us + set_us + late_us
        log.write("ATTITUDE", at, time_boot_ms=boot_us // 1000, roll=0.001 * i)
        log.write("VFR_HUD", at + BEHIND_US, airspeed=float(i))
        if i % 10 == 0:
            mode = ARMED if 200 <= i < 1500 else DISARMED
            log.write("HEARTBEAT", at + 2 * BEHIND_US, type=1, autopilot=3, base_mode=mode)
    return log


def read(log: Tlog) -> Recording:
    raw = DECODER.decode(Source("set.tlog", bytes(log)))
    assert raw.receipt.boots == 1
    assert not raw.receipt.gaps
    (recording,) = DECODER.normalise(raw)
    return recording


def late(recording: Recording) -> "np.ndarray":
    """How much later than it was sent each airspeed stands [µs]."""
    speed = recording["airspeed.indicated"]
    assert len(speed) == ROWS
    return np.asarray(speed.t_us - START_US - np.rint(speed.values).astype(np.int64) * S // 10)


@pytest.mark.parametrize("row", [20, 300, 1000, 1950])
@pytest.mark.parametrize("step_us", [-HOUR_US, -30 * S, -2 * S, 2 * S, 30 * S, HOUR_US])
def test_what_carries_no_time_is_mapped_on_both_sides_of_a_step(row: int, step_us: int) -> None:
    recording = read(flown({row: step_us}))
    assert (late(recording) == BEHIND_US).all()
    arm, disarm = recording.events_of(EventKind.ARM, EventKind.DISARM)
    assert arm.t_us == START_US + 20 * S + 2 * BEHIND_US
    assert disarm.t_us == START_US + 150 * S + 2 * BEHIND_US
    told = f"was set 1 time while it recorded: {step_us / 1e6:+.1f} s"
    assert any(told in note for note in recording.notes)
    # the offset of the longer stretch, and the other one within the uncertainty
    assert recording.utc is not None
    assert recording.utc.offset_us == EPOCH_US + (step_us if row < ROWS // 2 else 0)
    assert recording.utc.uncertainty_s >= abs(step_us) / 1e6


def test_a_clock_set_forth_and_back_and_forth() -> None:
    recording = read(flown({300: HOUR_US, 900: -HOUR_US, 1500: 7 * S}))
    assert (late(recording) == BEHIND_US).all()
    assert any("set 3 times" in note for note in recording.notes)


def test_a_queue_in_the_radio_is_no_step() -> None:
    """Frames that come late, quicker and quicker, are the link's delay and not a clock."""
    backlog = {600 + i: 5 * S - i * 50_000 for i in range(101)}
    recording = read(flown({}, delays_us=backlog))
    assert not any("was set" in note for note in recording.notes)
    assert recording.utc is not None
    assert recording.utc.offset_us == EPOCH_US


def test_a_garbage_stamp_is_no_step() -> None:
    """One far stamp, ahead or behind, costs nothing but its own row."""
    for away in (-HOUR_US, HOUR_US):
        recording = read(flown({700: away, 701: -away}))
        assert not any("was set" in note for note in recording.notes)
        assert np.abs(np.delete(late(recording), 700) - BEHIND_US).max() == 0


def test_a_clock_that_is_set_without_end_is_bounded() -> None:
    """Every row another clock: no time leaves its witnesses."""
    recording = read(flown({i: HOUR_US * (-1) ** i for i in range(1, ROWS)}))
    assert ((late(recording) >= 0) & (late(recording) <= 2 * S)).all()


def test_two_vehicles_that_nothing_tells_apart_are_told() -> None:
    """Booted 8 s apart, and no places: a late second link would look alike. It is said."""
    log = Tlog()
    for i in range(400):
        for boot_us in (START_US + i * S // 10, START_US + 8 * S + i * S // 10):
            at = EPOCH_US + START_US + i * S // 10
            log.write("ATTITUDE", at, time_boot_ms=boot_us // 1000, roll=0.001 * i)
        log.write("HEARTBEAT", at, type=2, autopilot=3, base_mode=DISARMED)
    recording = read(log)
    assert any("more than one vehicle sends under these ids" in note for note in recording.notes)
    alone = read(flown({}))
    assert not any("more than one" in note for note in alone.notes)


@pytest.mark.parametrize("began_us", [0, 42 * S, 315_964_800 * S])
def test_a_computer_without_a_clock_counts_from_1970(began_us: int) -> None:
    """Or from 1980: the frames are as good as any, and nobody knows what time it was."""
    log = flown({0: began_us - EPOCH_US - START_US})
    assert DECODER.sniff(bytes(log)[:4096])
    recording = read(log)
    assert (late(recording) == BEHIND_US).all()
    assert recording.utc is None
    # without a word of the vehicle's own clock either
    bare = Tlog()
    for i in range(30):
        bare.write("VFR_HUD", began_us + i * S, airspeed=float(i))
        bare.write("HEARTBEAT", began_us + i * S, type=1, autopilot=3, base_mode=DISARMED)
    assert read(bare).utc is None


@pytest.mark.parametrize("row", [300, 1500])
def test_a_computer_that_learns_the_time_in_flight_knows_it_for_all_of_the_flight(row: int) -> None:
    recording = read(flown({0: -EPOCH_US - START_US, row: EPOCH_US}))
    assert (late(recording) == BEHIND_US).all()
    assert recording.utc is not None
    assert recording.utc.offset_us == EPOCH_US - START_US
    assert recording.utc.uncertainty_s == pytest.approx(30)


def test_a_restart_behind_which_the_clock_is_set_forth() -> None:
    """Found by fuzzing: of what came between the boots, nothing was recorded after the second."""
    log = flown({})
    log.write("HEARTBEAT", EPOCH_US, type=1, autopilot=3, base_mode=DISARMED)
    log.data += flown({0: HOUR_US}).data
    raw = DECODER.decode(Source("x", bytes(log)))
    assert raw.receipt.boots == 2
    assert [r.start_us for r in DECODER.normalise(raw)] == [START_US, START_US]

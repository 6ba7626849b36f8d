"""P frames behind damage that spared the main frames: kept if the next I frame proves them."""

import numpy as np
import pytest

from tests.decoders.test_blackbox_traps import decode, iterations, reasons
from tests.scenarios.blackbox import TIME, BlackboxLog, Field, run, small
from tests.shared import logs, needs_shared

SLOW_VALUES = {
    "flightModeFlags": 1,
    "stateFlags": 0,
    "failsafePhase": 0,
    "rxSignalReceived": 1,
    "rxFlightChannelsValid": 1,
}
NO_FRAME = b"\xff" * 6  # no number is so long


def with_a_slow_frame(
    late: int = 0, until: int = 64, count: int = 100
) -> tuple[BlackboxLog, list[int], int]:
    """Main frames, a slow frame behind number 39, and a clock that is late from 50 on."""
    log = small()
    offsets = run(log, 40)
    slow = log.put("S", SLOW_VALUES)
    for i in range(40, count):
        now = 1_000_000 + 1000 * i + (late if 50 <= i < until else 0)
        offsets.append(log.write("P" if i % 32 else "I", loopIteration=i, time=now, value=i))
    log.end()
    return log, offsets, slow


def test_damage_that_spares_the_main_frames_costs_none_of_them() -> None:
    """The I frame behind the P frames is the very one that has to come: none of them was lost."""
    log, offsets, slow = with_a_slow_frame()
    whole = decode(log).topics["main", 0].columns()
    log.data[slow + 1 : offsets[40]] = NO_FRAME
    raw = decode(log)
    assert iterations(raw) == list(range(100))
    assert reasons(raw) == ["damaged frames"]
    assert raw.receipt.skipped_bytes == 1 + len(NO_FRAME)
    for name, column in raw.topics["main", 0].columns().items():
        assert np.array_equal(column, whole[name]), name


def test_p_frames_behind_damage_are_left_out_if_one_more_is_missing() -> None:
    log, offsets, slow = with_a_slow_frame()
    log.data[slow + 1 : offsets[41]] = NO_FRAME
    assert iterations(decode(log)) == [*range(40), *range(64, 100)]


@pytest.mark.parametrize(
    ("late", "until", "is_steady"),
    [(-800, 64, True), (900, 64, True), (-1000, 64, False), (1001, 64, False), (1500, 100, False)],
)
def test_p_frames_behind_damage_have_to_keep_the_pace(late, until, is_steady) -> None:
    """Forward at each step, to the I frame too, and no step more than twice the mean."""
    log, offsets, slow = with_a_slow_frame(late, until)
    log.data[slow + 1 : offsets[40]] = NO_FRAME
    assert iterations(decode(log)) == [*range(40), *range(40 if is_steady else 64, 100)]


def test_p_frames_behind_damage_are_left_out_if_the_log_ends_before_any_proof() -> None:
    log, offsets, slow = with_a_slow_frame(count=60)
    assert iterations(decode(log)) == list(range(60))
    log.data[slow + 1 : offsets[40]] = NO_FRAME
    assert iterations(decode(log)) == list(range(40))


def test_p_frames_behind_damage_are_left_out_if_the_first_may_begin_in_it() -> None:
    """The last damaged byte is a P: from it on a frame reads as well as from the true P."""
    pair = [Field(f"pair[{i}]", 1, 0, 0, 0, 6) for i in range(2)]
    log = BlackboxLog((*TIME, *pair))
    for i in range(100):
        if i == 40:
            log.put("S", SLOW_VALUES)
            log.data[-3:] = NO_FRAME + b"P"
        # the step grows by 1 µs: a byte that, read as the tag of the pair, asks for one value
        now = {"loopIteration": i, "time": 1000 * i + max(0, i - 39), "pair[0]": 0, "pair[1]": 0}
        log.put("P" if i % 32 else "I", now)
    log.end()
    assert iterations(decode(log)) == [*range(40), *range(64, 100)]


@needs_shared
def test_real_damage_that_the_next_i_frame_overcomes_and_that_it_does_not() -> None:
    """Two shared logs whose slow frame is damaged, with P frames behind it.

    Of the first, all fifteen that belong between the I frames are there: orangebox reads seventeen
    main frames, and so do we. Of the second most are cut out. orangebox reads seven: the five that
    are left it numbers 16 to 80 although the I frame behind them is 256, and spaces by 2080 µs
    although the flight controller did by 2005. We keep the two that are certain.
    """
    found = {}
    for path in logs("blackbox"):
        if "error-recovery" in path.name:
            raw = decode(path.read_bytes())
            found["tests" in path.name] = (
                iterations(raw),
                raw.topics["main", 0].time_us(),
                raw.receipt.skipped_bytes,
            )
    every, times, skipped = found[False]
    assert every == list(range(0, 257, 16))
    assert np.ptp(np.diff(times)) < 100
    assert skipped == 5
    assert found[True][0] == [0, 256]
    assert found[True][2] == 126

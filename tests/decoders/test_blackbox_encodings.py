"""Every encoding and predictor of blackbox: what was packed is what is read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders.blackbox import DECODER
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from tests.scenarios.blackbox import HOME, SLOW, TIME, BlackboxLog, Field

I32 = st.integers(-(2**31), 2**31 - 1)
#: Small numbers as often as large ones, since an encoding chooses by size.
VALUE = st.one_of(st.integers(-2, 1), st.integers(-40, 40), st.integers(-40_000, 40_000), I32)
I16 = st.one_of(st.integers(-8, 7), st.integers(-200, 200), st.integers(-(2**15), 2**15 - 1))
INAV, CLEANFLIGHT = "INAV 7.1.2 (abc) MATEKF722", "Cleanflight 1.14.2 (abc) NAZE"


def built(fields, rows, **headers):
    """A log of these rows, an I frame first and P frames behind it."""
    log = BlackboxLog((*TIME, *fields), {"I interval": 4, **headers})
    for i, row in enumerate(rows):
        values = {"loopIteration": i, "time": 1000 * i} | dict(
            zip((f.name for f in fields), row, strict=True)
        )
        log.put("I" if i % 4 == 0 else "P", values)
    log.end()
    return log


def columns(log):
    raw = DECODER.decode(Source("built", bytes(log)))
    assert raw.receipt.status is Status.COMPLETE, raw.receipt.gaps
    return raw.topics["main", 0].columns()


def check(fields, rows, **headers):
    found = columns(built(fields, rows, **headers))
    for i, f in enumerate(fields):
        assert found[f.name].tolist() == [row[i] for row in rows], f.name


@pytest.mark.parametrize("code", [0, 5, 6, 7, 10])
@given(rows=st.lists(st.tuples(*[VALUE] * 3), min_size=1, max_size=9))
def test_signed_encodings_carry_any_number(code: int, rows) -> None:
    check([Field(f"v[{i}]", 1, 0, code, 0, code) for i in range(3)], rows)


@pytest.mark.parametrize("code", [1, 4])
@given(rows=st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 3), min_size=1, max_size=9))
def test_unsigned_encodings_carry_any_number(code: int, rows) -> None:
    check([Field(f"v[{i}]", 0, 0, code, 0, code) for i in range(3)], rows)


@pytest.mark.parametrize("version", [1, 2])
@given(rows=st.lists(st.tuples(*[I16] * 4), min_size=1, max_size=9))
def test_four_numbers_of_16_bits_in_both_data_versions(version: int, rows) -> None:
    fields = [Field(f"v[{i}]", 1, 0, 8, 0, 8) for i in range(4)]
    check(fields, rows, **{"Data version": version})


@given(rows=st.lists(st.tuples(st.integers(0, 8191)), min_size=1, max_size=9))
def test_negated_14_bits_below_the_battery_reference(rows) -> None:
    rows = [(16_383 - v,) for (v,) in rows]
    check([Field("vbat", 0, 9, 3, 1, 0)], rows, vbatref=16_383)


@pytest.mark.parametrize("firmware", [INAV, CLEANFLIGHT])
@given(rows=st.lists(st.tuples(*[VALUE] * 3), min_size=1, max_size=9))
def test_encoding_11_is_elias_gamma_where_10_is(firmware: str, rows) -> None:
    check([Field(f"v[{i}]", 1, 0, 11, 0, 11) for i in range(3)], rows, **{
        "Firmware revision": firmware
    })  # fmt: skip


@given(rows=st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 3), min_size=1, max_size=5))
def test_encoding_10_means_what_the_firmware_means(rows) -> None:
    fields = [Field(f"v[{i}]", 0, 0, 10, 0, 10) for i in range(3)]
    check(fields, rows, **{"Firmware revision": INAV})


def test_betaflights_encoding_10_read_as_inavs_would_be_garbage() -> None:
    """Guards the test above: the two readings of the same bytes must differ."""
    fields = [Field(f"v[{i}]", 1, 0, 10, 0, 10) for i in range(3)]
    data = bytes(built(fields, [(1, -1, 0), (5, -9, 3)]))
    as_inav = data.replace(b"Betaflight 4.5.1 (77d01ba3b)", b"INAV 4.5.1 (77d01ba3b) xxxxxx")
    assert len(as_inav) == len(data) + 1
    raw = DECODER.decode(Source("x", as_inav))
    topic = raw.topics["main", 0]
    assert len(topic) == 0 or topic.column("v[0]").tolist() != [1, 5]


@pytest.mark.parametrize("code", [6, 7, 8])
@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_groups_at_the_end_of_a_frame_may_be_short(code: int, count: int) -> None:
    fields = [Field(f"v[{i}]", 1, 0, code, 1, code) for i in range(count)]
    check(fields, [tuple(range(-i, count - i)) for i in range(6)])


def test_encoding_9_takes_no_byte() -> None:
    check([Field("nothing", 1, 0, 9, 0, 9), Field("v")], [(0, i) for i in range(5)])


def test_an_unknown_encoding_is_said_and_nothing_is_guessed() -> None:
    log = built([Field("v", 1, 0, 0, 0, 0)], [(1,)])
    data = bytes(log).replace(b"H Field I encoding:1,1,0", b"H Field I encoding:1,1,2")
    raw = DECODER.decode(Source("x", data))
    assert any("encoding 2, which no reader knows" in note for note in raw.receipt.notes)
    assert len(raw.topics["main", 0]) == 0


PREDICTED = [0, 1, 2, 3, 4, 8, 9, 11]


@pytest.mark.parametrize("predictor", PREDICTED)
@given(rows=st.lists(st.tuples(I32), min_size=1, max_size=9))
def test_predictors_are_added_modulo_32_bits(predictor: int, rows) -> None:
    intra = predictor if predictor in (4, 8, 9, 11) else 0
    check([Field("v", 1, intra, 0, predictor, 0)], rows)


@given(rows=st.lists(st.tuples(*[st.integers(0, 2**16)] * 3), min_size=1, max_size=9))
def test_motors_are_predicted_from_the_first(rows) -> None:
    fields = [Field("motor[0]", 0, 11, 1, 3, 0)]
    fields += [Field(f"motor[{i}]", 0, 5, 0, 3, 0) for i in (1, 2)]
    check(fields, rows)


def test_a_motor_below_its_minimum_is_not_four_billion() -> None:
    """The firmware writes the difference to the minimum unsigned, though it can be negative."""
    check([Field("motor[0]", 0, 11, 1, 3, 0)], [(0,), (47,), (158,)], motorOutput="158,2047")


def test_the_average_rounds_toward_zero_as_c_does() -> None:
    """-3 / 2 is -1 in C and -2 in Python: one unit a frame, and for ever."""
    fields = [Field("v", 1, 0, 0, 3, 0)]
    check(fields, [(0,), (-3,), (-4,), (-4,), (7,), (-8,)])


def test_slow_frames_have_no_frame_before_them() -> None:
    """INAV names the previous value as predictor of slow fields and then writes them whole."""
    log = BlackboxLog(TIME, slow=(Field("rxUpdateRate", 0, 1, 1), *SLOW), home=HOME)
    log.put("I", {"loopIteration": 0, "time": 0})
    for rate in (50, 70, 70):
        log.put("S", {f.name: 0 for f in SLOW} | {"rxUpdateRate": rate})
    log.end()
    raw = DECODER.decode(Source("x", bytes(log)))
    assert raw.topics["slow", 0].column("rxUpdateRate").tolist() == [50, 70, 70]


def test_columns_have_the_type_that_the_header_says() -> None:
    found = columns(built([Field("s"), Field("u", 0, 0, 1, 1, 0)], [(-1, 4_000_000_000)]))
    assert (found["s"].dtype, found["u"].dtype) == (np.int32, np.int64)
    assert found["time"].dtype == np.int64

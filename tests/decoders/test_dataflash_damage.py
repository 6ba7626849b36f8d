"""Damaged and hostile DataFlash bytes: a clear refusal, or every byte accounted for."""

import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.dataflash.walk import MAX_DEFINITIONS
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from tests.scenarios.dataflash import CODES, FMT_TYPE, HEAD, DataFlashLog, opened, sample
from tests.shared import logs, needs_shared

BUILT = sample(0.6)


def check(data: bytes) -> RawLog | None:
    """Decode; hold what every reading must hold; give the log, or None if it was refused."""
    try:
        raw = DECODER.decode(Source("damaged", data))
    except DecodeError:
        return None
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == len(data)
    if not receipt.gaps_omitted:
        assert sum(gap.bytes for gap in receipt.gaps) == receipt.skipped_bytes
    ends = [gap.offset + gap.bytes for gap in receipt.gaps]
    assert all(end <= gap.offset for end, gap in zip(ends, receipt.gaps[1:], strict=False))
    offsets = np.sort(
        np.concatenate([np.empty(0, np.int64)] + [t.offsets for t in raw.topics.values()])
    )
    assert offsets.size == receipt.messages == np.unique(offsets).size
    for topic in raw.topics.values():
        assert all(len(column) == len(topic) for column in topic.columns().values())
        assert topic.time_us().shape == (len(topic),)
    assert raw.boots[0][0] == 0
    assert raw.boots[-1][1] == len(data)
    return raw


@given(cut=st.integers(0, len(BUILT)))
def test_a_cut_log(cut: int) -> None:
    raw = check(BUILT[:cut])
    if raw is not None:
        assert raw.receipt.skipped_bytes < 255


@given(data=st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    damaged = bytearray(BUILT)
    places = st.lists(st.tuples(st.integers(0, len(BUILT) - 1), st.integers(1, 255)), max_size=30)
    for at, flip in data.draw(places):
        damaged[at] ^= flip
    check(bytes(damaged))


@given(data=st.data())
def test_bytes_put_in_taken_out_and_repeated(data: st.DataObject) -> None:
    damaged = BUILT
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged)))
        end = min(len(damaged), at + data.draw(st.integers(0, 600)))
        how = data.draw(st.sampled_from(["in", "out", "again"]))
        junk = data.draw(st.binary(max_size=300)) if how == "in" else b""
        middle = {"in": junk + damaged[at:end], "out": b"", "again": damaged[at:end] * 2}[how]
        damaged = damaged[:at] + middle + damaged[end:]
    check(damaged)


@given(st.binary(max_size=400), st.booleans())
def test_anything_behind_a_header(tail: bytes, described: bool) -> None:
    log = DataFlashLog()
    log.define(10, "TST", "QI", "TimeUS,N")
    check((bytes(log) if described else HEAD + bytes((FMT_TYPE,))) + tail)


@needs_shared
def test_real_logs_cut_and_flipped() -> None:
    choose = random.Random(20260101)
    paths = [p for p in logs("dataflash") if p.suffix.lower() == ".bin"]
    for path in sorted(paths, key=lambda p: p.stat().st_size)[:4]:
        data = path.read_bytes()
        for _ in range(4):
            damaged = bytearray(data[: choose.randrange(len(data))])
            for _ in range(choose.randrange(40)):
                if damaged:
                    damaged[choose.randrange(len(damaged))] ^= choose.randrange(1, 256)
            check(bytes(damaged))


@needs_shared
def test_a_type_byte_altered_in_a_real_log_costs_at_most_its_record() -> None:
    """At 40 % of this log, pymavlink's index loses everything that follows."""
    path = next(p for p in logs("dataflash") if p.name == "ArduPilot__pymavlink__test.BIN")
    data = bytearray(path.read_bytes())
    whole = check(bytes(data))
    assert whole is not None
    offsets = np.sort(np.concatenate([t.offsets for t in whole.topics.values()]))
    known = {int(data[at + 2]) for at in offsets}
    data[offsets[int(offsets.size * 0.4)] + 2] = next(k for k in range(256) if k not in known)
    raw = check(bytes(data))
    assert raw is not None
    assert raw.receipt.messages == whole.receipt.messages - 1


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (bytes(100_000), "begin with 00 00 00"),
        (b"ULog\x01\x12\x35\x01" + bytes(500), "begin with 55 4c 6f 67"),
        (b"\xfd" * 3000, "begin with fd fd"),
        (HEAD + b"\x80", "no FMT record"),
        (HEAD + b"\x80" + bytes(86), "no FMT record"),
    ],
)
def test_what_is_no_log_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError, match="not a DataFlash log") as caught:
        DECODER.decode(Source("nothing.bin", data))
    assert says in str(caught.value)
    assert str(caught.value).startswith("nothing.bin @ 0x0: ")


@pytest.mark.parametrize("byte", [0x00, 0xA3, 0xFF])
def test_two_gigabytes_of_one_byte_are_refused_at_once(tmp_path: Path, byte: int) -> None:
    """Without looking at most of them: the file is a hole behind its first 17 MB."""
    path = tmp_path / "big.BIN"
    with path.open("wb") as out:
        out.write(bytes((byte,)) * (17 << 20))
        out.truncate(2 << 30)
    with pytest.raises(DecodeError):
        DECODER.decode(Source(str(path)))


def test_a_quarter_gigabyte_of_zeros_behind_a_log_is_one_gap(tmp_path: Path) -> None:
    path = tmp_path / "big.BIN"
    with path.open("wb") as out:
        out.write(BUILT)
        out.truncate(1 << 28)
    receipt = DECODER.decode(Source(str(path))).receipt
    assert receipt.skipped_bytes == (1 << 28) - len(BUILT)
    assert [gap.reason for gap in receipt.gaps] == ["zero run"]


def test_sniffing() -> None:
    assert DECODER.sniff(BUILT[:4096])
    assert DECODER.sniff(bytes(512) + BUILT[:2000])
    for other in (b"", b"ULog\x01\x12\x35\x01", bytes(4096), b"FMT, 128, 89, FMT, BBnNZ, Type"):
        assert not DECODER.sniff(other)


KNOWN = {
    "PARM": "TimeUS,Name,Value",
    "MSG": "TimeUS,Message",
    "GPS": "TimeUS,GMS,GWk,T",
    "FMTU": "TimeUS,FmtType,UnitIds,MultIds",
    "UNIT": "TimeUS,Id,Label",
    "MULT": "TimeUS,Id,Mult",
    "VER": "TimeUS,BT,FWS",
    "DSF": "TimeUS,Dp",
}


@given(data=st.data())
def test_messages_that_we_interpret_may_be_of_any_type(data: st.DataObject) -> None:
    log = opened()
    for n in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(KNOWN)))
        count = KNOWN[name].count(",") + 1
        characters = data.draw(st.text(sorted(CODES), min_size=count, max_size=count))
        layout = log.expect(230 + n, name, characters, KNOWN[name])
        if layout.length > 255:
            continue
        log.fmt(230 + n, layout.length, name, characters, KNOWN[name])
        for _ in range(data.draw(st.integers(1, 3))):
            size = layout.length - 3
            payload = data.draw(st.binary(min_size=size, max_size=size))
            log.data += HEAD + bytes((230 + n,)) + payload
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raw = check(bytes(log))
    assert raw is not None
    for topic in raw.topics.values():
        assert set(topic.units) <= set(topic.fields)


# -- bounds -------------------------------------------------------------------------------------


def test_definitions_without_end_stay_bounded() -> None:
    log = DataFlashLog()
    for n in range(MAX_DEFINITIONS + 500):
        log.fmt(n % 100, 7, f"T{n % 1000:03d}", "I", f"F{n}")
    raw = check(bytes(log))
    assert raw is not None
    assert len(raw.topics["FMT", 0]) == MAX_DEFINITIONS + 500
    assert any("more than 4096 definitions" in note for note in raw.receipt.notes)


def test_topics_without_end_stay_bounded() -> None:
    log = opened()
    for n in range(40):
        log.define(n, f"T{n:02d}", "B", "I", "#")
        log.data += b"".join(HEAD + bytes((n, i)) for i in range(256))
    raw = check(bytes(log))
    assert raw is not None
    assert len(raw.topics) <= 4200


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_records_of_three_bytes_do_not_exhaust_memory(tmp_path: Path) -> None:
    """The smallest legal record; peak memory of the whole process stays a small multiple."""
    log = DataFlashLog()
    log.define(1, "NIL", "", "")
    path = tmp_path / "nil.BIN"
    path.write_bytes(bytes(log) + (HEAD + b"\x01") * 10_000_000)
    code = (
        "import re, sys\n"
        "from flyoff.decoders.dataflash import DECODER\n"
        "from flyoff.decoders.source import Source\n"
        "raw = DECODER.decode(Source(sys.argv[1]))\n"
        # not getrusage: its peak is inherited from the parent over fork and exec
        "peak = re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())\n"
        "print(raw.receipt.messages, peak[1])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    messages, peak_kb = map(int, ran.stdout.split())
    assert messages == 10_000_001
    assert peak_kb * 1024 < 8 * path.stat().st_size + 250e6


def test_importing_the_decoder_imports_no_numba() -> None:
    code = (
        "import sys, flyoff.decoders.dataflash as d\n"
        "assert d.DECODER.sniff(b'') is False\n"
        "assert 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

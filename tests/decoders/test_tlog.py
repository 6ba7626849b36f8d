"""tlog: frames to topics and a receipt, on logs built here."""

import numpy as np
import pytest

from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.decoders.tlog.layout import dialect
from flyoff.decoders.tlog.topic import TIME, TlogTopic
from flyoff.errors import DecodeError
from tests.scenarios.tlog import EPOCH_US, MESSAGES, V1, V2, Tlog, sample


def decode(log: Tlog | bytes):
    raw = DECODER.decode(Source("built", bytes(log)))
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == len(bytes(log))
    return raw


def flight(log: Tlog, rows: int = 50, start_us: int = EPOCH_US) -> Tlog:
    for i in range(rows):
        t_us = start_us + 100_000 * i
        log.write("ATTITUDE", t_us, time_boot_ms=5000 + 100 * i, roll=0.01 * i, yaw=-1.5)
        if i % 10 == 0:
            log.write("HEARTBEAT", t_us, type=2, autopilot=3, base_mode=81, mavlink_version=3)
    return log


def test_the_builder_agrees_with_the_definitions() -> None:
    rows = {row[1]: row for row in dialect()._rows.values()}
    for name, (number, _, seed, fields, base) in MESSAGES.items():
        assert rows[name][0] == number
        assert rows[name][2] == seed
        assert rows[name][6] == base
        built = fields.split()  # not every extension is
        assert {f[0] for f in rows[name][5][:base]} <= set(built)
        assert set(built) <= {f[0] for f in rows[name][5]}


@pytest.mark.parametrize("version", [V1, V2])
@pytest.mark.parametrize("form", ["stamped", "planner", "bare"])
@pytest.mark.parametrize("signed", [False, True])
def test_every_form_gives_the_same_values(version: int, form: str, signed: bool) -> None:
    log = flight(Tlog(version=version, form=form, signed=signed))
    assert DECODER.sniff(bytes(log)[:4096])
    raw = decode(log)
    assert raw.receipt.status is Status.COMPLETE
    columns = raw.topics["ATTITUDE", 0].columns()
    assert columns["time_boot_ms"].tolist() == [5000 + 100 * i for i in range(50)]
    assert columns["roll"].tolist() == [np.float32(0.01 * i) for i in range(50)]
    assert (columns["pitch"] == 0).all()
    if form == "bare":
        assert TIME not in columns
    else:
        assert columns[TIME].tolist() == [EPOCH_US + 100_000 * i for i in range(50)]


def test_nothing_that_is_no_tlog_is_read() -> None:
    for data in (b"", b"\0" * 100_000, b"\xfd" * 100_000, b"\xfe" * 100_000, b"hello" * 1000):
        with pytest.raises(DecodeError):
            DECODER.decode(Source("x", data))


def test_rows_of_a_stretch_are_those_whose_records_start_in_it() -> None:
    raw = DECODER.decode(Source("x", sample()))
    for topic in raw.topics.values():
        assert isinstance(topic, TlogTopic)
        offsets = topic.offsets
        for first in (0, int(offsets[0]), int(offsets[-1])):
            for last in (first, int(offsets[-1]), int(offsets[-1]) + 1, topic.size):
                found = topic.between(first, last).offsets
                inside = (offsets >= first) & (offsets < last)
                assert found.tolist() == offsets[inside].tolist()


def test_texts_are_read_when_asked_for() -> None:
    raw = DECODER.decode(Source("x", sample()))
    assert "messages" not in vars(raw)
    assert raw.messages
    assert raw.messages is raw.messages

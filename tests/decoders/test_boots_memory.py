"""A log of many boots: each recording keeps the rows of its own boot, not those of all."""

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from tests.scenarios.tlog import EPOCH_US, Tlog

BOOTS, ROWS = 12, 50


def restarted() -> bytes:
    log = Tlog()
    for boot in range(BOOTS):
        for i in range(ROWS):
            at = EPOCH_US + (boot * 100 + i) * 1_000_000
            log.write("ATTITUDE", at, time_boot_ms=20_000 + 1000 * i, roll=boot + i / 100)
    return bytes(log)


def test_columns_and_stamps_of_a_boot_are_its_own() -> None:
    raw = DECODER.decode(Source("boots.tlog", restarted()))
    assert raw.receipt.boots == BOOTS
    first, last = raw.boots[3]
    reader = Reader(raw, span=(first, last))
    t_us, (roll,) = reader.read("ATTITUDE", ("roll",))
    assert np.allclose(roll, 3 + np.arange(ROWS) / 100)
    kept = [t_us, roll, *(a for c in reader._sweep._read.values() for a in c.values())]
    assert all((a if a.base is None else a.base).size <= ROWS for a in kept)


def test_each_boot_is_a_recording_with_its_own_values() -> None:
    found = DECODER.normalise(DECODER.decode(Source("boots.tlog", restarted())))
    assert len(found) == BOOTS
    for boot, recording in enumerate(found):
        roll = recording["attitude.roll"].values
        assert roll.size == ROWS
        assert np.allclose(roll, boot + np.arange(ROWS) / 100)

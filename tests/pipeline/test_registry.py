"""The decoder is chosen by content, and what is refused is named."""

import struct
from pathlib import Path

import pytest

from flyoff.decoders import Source
from flyoff.errors import DecodeError, FlyoffError
from flyoff.pipeline import registry


def _tlog() -> bytes:
    frame = bytes([0xFD, 9, 0, 0, 0, 1, 1, 0, 0, 0]) + bytes(9 + 2)
    return b"".join(struct.pack(">Q", 1_700_000_000_000_000 + i) + frame for i in range(4))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (bytes(5000), "all 0x00"),
        (b"\xff" * 5000, "all 0xff"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"QGC WPL 110\n0\t1\t0", "mission plan"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "pcap"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"dear diary,\ntoday", "text that begins 'dear diary,'"),
        (b"\x01\x02\x03\x04\x05\xff\xfe\xfd\xfc", "begins with the bytes 01 02 03 04 05 ff fe fd"),
    ],
)
def test_what_is_no_log_is_named(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError) as refused:
        registry.choose(Source("a.BIN", data))
    assert says in str(refused.value)
    assert "expected: ulog, dataflash" in str(refused.value)
    assert str(refused.value).startswith("a.BIN @ 0x0: ")


def test_one_mavlink_frame_is_no_tlog() -> None:
    with pytest.raises(DecodeError) as refused:
        registry.choose(Source("x", _tlog()[:30] + b"\x01\x02\xff" * 20))
    assert "begins with the bytes" in str(refused.value)


def test_every_built_in_decoder_is_there() -> None:
    assert [d.name for d in registry.decoders()][:2] == ["ulog", "dataflash"]


def test_a_plugin_that_is_no_decoder_is_named() -> None:
    with pytest.raises(FlyoffError, match="has no 'sniff'"):
        registry._loaded(Path)

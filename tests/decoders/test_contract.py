"""The contract of every decoder: refuse the header, or account for every byte; nothing escapes.

One file for all formats: a decoder that is registered is held to it without another line here.
The log is the format's own built sample, ``tests.scenarios.NAME.sample()``.
"""

import importlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders import BUILTIN, Decoder, RawLog, Source
from flyoff.errors import DecodeError

NAMES = [module.rpartition(".")[2] for module in BUILTIN]


def decoder_of(name: str) -> Decoder:
    found: Decoder = importlib.import_module(f"flyoff.decoders.{name}").DECODER
    return found


@cache
def sample_log(name: str) -> bytes:
    """A small whole log of a format, built by the scenario that every format has."""
    return bytes(importlib.import_module(f"tests.scenarios.{name}").sample())


def cut(data: bytes, at: float) -> bytes:
    return data[: round(at * len(data))]


def flip(data: bytes, at: float) -> bytes:
    out = bytearray(data)
    for step in range(3):
        out[(round(at * (len(out) - 1)) + 97 * step) % len(out)] ^= 1 << (step * 3)
    return bytes(out)


def repeat(data: bytes, at: float) -> bytes:
    i = round(at * len(data))
    return data[:i] + data[max(0, i - 300) : i] + data[i:]


def twice(data: bytes, at: float) -> bytes:
    return data + data[round(at * len(data)) :]


def swap(data: bytes, at: float) -> bytes:
    i = max(64, round(at * len(data)))
    return data[:64] + data[i:] + data[64:i]


def zeros(data: bytes, at: float) -> bytes:
    i = round(at * len(data))
    return data[:i] + bytes(777) + data[i:]


DAMAGE: tuple[Callable[[bytes, float], bytes], ...] = (cut, flip, repeat, twice, swap, zeros)


def held(name: str, data: bytes) -> RawLog | None:
    """Decode, check the account and every column; None where the header was refused."""
    try:
        raw = decoder_of(name).decode(Source("damaged", data))
    except DecodeError:
        return None
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == len(data)
    assert receipt.decoded_bytes >= 0
    assert receipt.skipped_bytes >= 0
    listed = sum(gap.bytes for gap in receipt.gaps)
    assert listed <= receipt.skipped_bytes
    if not receipt.gaps_omitted:
        assert listed == receipt.skipped_bytes
    for topic in raw.topics.values():
        columns = topic.columns()
        assert {len(c) for c in columns.values()} <= {len(topic)}
    return raw


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_log_is_whole(name: str) -> None:
    raw = held(name, sample_log(name))
    assert raw is not None
    assert raw.format
    assert any(len(topic) for topic in raw.topics.values())


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_damage_is_refused_or_accounted_for(
    name: str, damage: Callable[[bytes, float], bytes]
) -> None:
    data = sample_log(name)

    @settings(max_examples=25, deadline=None)
    @given(at=st.floats(0, 1))
    def try_at(at: float) -> None:
        held(name, damage(data, at))

    try_at()


@pytest.mark.parametrize("name", NAMES)
def test_damage_never_becomes_an_exception_of_normalise(name: str) -> None:
    """What is left of a damaged log still becomes recordings, whose channels can all be read."""
    decoder = decoder_of(name)
    data = sample_log(name)
    for at in np.linspace(0.05, 0.95, 7):
        for damage in (cut, flip, zeros):
            raw = held(name, damage(data, float(at)))
            for recording in decoder.normalise(raw) if raw is not None else []:
                for channel in recording:
                    found = recording[channel]
                    assert found.t_us.shape == found.values.shape
                    assert not (np.diff(found.t_us) < 0).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [b"", b"\0" * 4096, b"\xff" * 4096, b"not a log\n" * 500])
def test_what_is_no_log_is_refused(name: str, data: bytes) -> None:
    decoder = decoder_of(name)
    assert not decoder.sniff(data[:4096])
    with pytest.raises(DecodeError, match=r"^other @ 0x"):
        decoder.decode(Source("other", data))


@pytest.mark.parametrize("name", NAMES)
def test_no_other_format_is_taken_for_ones_own(name: str) -> None:
    decoder = decoder_of(name)
    for other in NAMES:
        if other != name:
            assert not decoder.sniff(sample_log(other)[:4096]), f"{name} takes {other} for its own"

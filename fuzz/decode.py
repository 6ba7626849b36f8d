"""Coverage-guided fuzzing of one decoder: ``python fuzz/decode.py NAME [libFuzzer options]``.

The kernels run as plain Python (``NUMBA_DISABLE_JIT``), so that the fuzzer sees every branch of
them and an index out of range is an error instead of somebody else's memory. An input counts as a
find if anything but DecodeError leaves the decoder, if a byte is not accounted for, if a column
cannot be read, or if libFuzzer's limits of time and memory are passed. Whatever is found becomes a
test in ``tests/decoders``.
"""

import os

os.environ["NUMBA_DISABLE_JIT"] = "1"

import importlib
import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

with atheris.instrument_imports(include=["flyoff.decoders"]):
    from flyoff.decoders import BUILTIN, Decoder, Source
    from flyoff.errors import DecodeError

    NAMES = [module.rpartition(".")[2] for module in BUILTIN]
    _ALL = {name: importlib.import_module(f"flyoff.decoders.{name}") for name in NAMES}
    for _name in NAMES:
        for _part in ("decode", "normalise", "_kernels"):
            try:
                importlib.import_module(f"flyoff.decoders.{_name}.{_part}")
            except ModuleNotFoundError:
                continue

#: Longer inputs find nothing that shorter ones do not, at a cost [byte].
MOST = 6_144


def check(decoder: Decoder, data: bytes) -> None:
    """Decode, account for every byte, read every column, normalise."""
    try:
        raw = decoder.decode(Source("fuzzed", data))
    except DecodeError:
        return
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == len(data), receipt
    for topic in raw.topics.values():
        for column in topic.columns().values():
            assert len(column) == len(topic), topic
    for recording in decoder.normalise(raw):
        for name in recording:
            channel = recording[name]
            assert channel.t_us.shape == channel.values.shape, name


def seed(name: str) -> bytes:
    """A whole log of the format to begin with: the built sample, or the head of a shared one."""
    try:
        return bytes(importlib.import_module(f"tests.scenarios.{name}").sample())[:MOST]
    except (ModuleNotFoundError, AttributeError):
        from tests.shared import logs

        folder = "dataflash" if name == "dataflash_text" else name
        decoder = _ALL[name].DECODER
        found = (p.read_bytes()[:MOST] for p in logs(folder))
        return next((head for head in found if decoder.sniff(head[:4096])), b"")


def main() -> None:
    """Fuzz the decoder that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python fuzz/decode.py {{{'|'.join(NAMES)}}} [libFuzzer options]")
    name = sys.argv.pop(1)
    decoder: Decoder = _ALL[name].DECODER
    with tempfile.TemporaryDirectory() as corpus:
        Path(corpus, "seed").write_bytes(seed(name))
        limits = [f"-max_len={MOST}", "-timeout=30", "-rss_limit_mb=2048"]
        atheris.Setup([*sys.argv, *limits, corpus], lambda data: check(decoder, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()

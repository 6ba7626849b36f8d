"""Coverage-guided fuzzing of one reader: ``python fuzz/decode.py NAME --seconds 120``.

The kernels run as plain Python (``NUMBA_DISABLE_JIT``), so that the fuzzer sees every branch of
them and an index out of range is an error instead of somebody else's memory. An input counts as a
find if anything but the declared errors leaves the reader, if a byte is not accounted for, if a
column cannot be read, if it takes longer than ``TIMEOUT_S``, or if the process passes
``RSS_LIMIT_MB`` in the end, which a reader that keeps something of every input would. Whatever is
found lies in ``fuzz/found`` and becomes a test in ``tests/decoders``; ``--inputs FILE`` runs it.
"""

import os

os.environ["NUMBA_DISABLE_JIT"] = "1"

import argparse
import random
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

with atheris.instrument_imports(
    include=["flyoff.decoders", "flyoff.trials", "flyoff.exchange.bundle", "flyoff.lake.pages"]
):
    from fuzz.targets import NAMES, Target, target

#: Longer inputs find nothing that shorter ones do not, at a cost [byte].
MOST = 2_048
#: One input takes milliseconds; a second would be a thousand times the usual.
TIMEOUT_S = 10
RSS_LIMIT_MB = 2_048
#: Memory may grow so much after the first inputs, for caches and the corpus [MB].
GROWTH_MB = 400
_WARM = 2_000
#: Inputs that are finds.
FOUND = ROOT / "fuzz" / "found"


class Watch:
    """Counts inputs, holds against growth of memory, and ends the process when its time is over.

    libFuzzer would end it without a word: what it does itself cannot be asked how many there were.
    """

    def __init__(self, name: str, target: Target, seconds: float) -> None:
        self._name, self._target, self._seconds = name, target, seconds
        self._begun, self._inputs, self._warm_mb = time.monotonic(), 0, 0.0

    def __call__(self, data: bytes) -> None:
        """Check one input."""
        self._target.check(data)
        self._inputs += 1
        if self._inputs == _WARM:
            self._warm_mb = _resident_mb()
        took = time.monotonic() - self._begun
        if took > self._seconds:
            self._end(took)

    def _end(self, took: float) -> None:
        grown = _resident_mb() - self._warm_mb if self._warm_mb else 0.0
        print(
            f"{self._name}: {self._inputs} inputs in {took:.0f} s "
            f"({self._inputs / took:.0f} a second), memory grew by {grown:.0f} MB",
            flush=True,
        )
        if grown > GROWTH_MB:
            print(f"found: memory grows, by {grown:.0f} MB since input {_WARM}", flush=True)
        os._exit(1 if grown > GROWTH_MB else 0)


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Fuzz what the first argument names."""
    asked = argparse.ArgumentParser(description="Coverage-guided fuzzing of one reader.")
    asked.add_argument("name", nargs="?", choices=NAMES)
    asked.add_argument("--list", action="store_true", help="give the names")
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--inputs", nargs="*", default=(), help="only run what was found before")
    said = asked.parse_args()
    if said.list or not said.name:
        print(*NAMES)
        return
    made = target(said.name)
    warnings.simplefilter("ignore", RuntimeWarning)  # integers that wrap, as they do compiled
    for path in said.inputs:
        made.check(Path(path).read_bytes())
    if said.inputs:
        return
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(made.seeds):
            Path(corpus, f"seed{number}").write_bytes(seed)
        limits = [
            f"-max_len={MOST}", f"-timeout={TIMEOUT_S}", f"-rss_limit_mb={RSS_LIMIT_MB}",
            "-verbosity=0", f"-artifact_prefix={FOUND}/{said.name}-",
        ]  # fmt: skip
        mutator = {"custom_mutator": _mutator(made)} if made.repaired else {}
        watch = Watch(said.name, made, said.seconds)
        atheris.Setup([sys.argv[0], *limits, corpus], watch, **mutator)
        atheris.Fuzz()


def _mutator(made: Target):  # as atheris calls it
    def mutate(data: bytes, most: int, seed: int) -> bytes:
        changed = atheris.Mutate(data, most)
        assert made.repaired is not None
        return made.repaired(changed) if random.Random(seed).random() < 0.7 else changed

    return mutate


if __name__ == "__main__":
    main()

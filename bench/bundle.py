"""``python bench/bundle.py``: flips and edits of a bundle, and the time that a large one takes.

Every changed bundle has to be refused; exit code 1 if one is not. The large bundle is of 1,000
built sorties, their logs by digest; redaction of logs has a bench of its own.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from flyoff.campaign.folder import Campaign, Candidate
from flyoff.campaign.report import evaluate
from flyoff.campaign.requirement import Requirement
from flyoff.errors import ExchangeError
from flyoff.exchange.bundle.reader import read_bundle
from flyoff.exchange.keys import PrivateKey
from flyoff.pipeline.bundle.create import Wanted, create
from flyoff.views.campaign import read_flown
from tests.lake import build
from tests.views.build import store

KEY = PrivateKey(b"a" * 32)
FLIPS, EDITS, SORTIES = 10_000, 1_000, 1_000


def made(folder: Path, sorties: int) -> tuple[bytes, float]:
    """A bundle of so many sorties, and the processor time of evaluating and writing it [s]."""
    folder.mkdir()
    lake = store(folder, [build.entry(number) for number in range(sorties)])
    wanted = (Requirement("launch", "launch_success", "at_least", 0.9),)
    campaign = Campaign("bench", (Candidate("a", ("ap:0", "ap:1", "ap:2")),), (), wanted)
    begun = time.process_time()
    flown, _ = read_flown(lake, campaign)
    document = evaluate(campaign, flown)
    asked = Wanted(folder / "x.flyoff", "partner", folder / "secret")
    done = create(Path(lake), campaign, flown, document, [KEY], asked)
    return done.path.read_bytes(), time.process_time() - begun


def is_refused(data: bytes) -> bool:
    """Whether the reader refuses, and with nothing but the declared error."""
    try:
        read_bundle(memoryview(data), [KEY.public])
    except ExchangeError:
        return True
    return False


def flipped(data: bytes, bit: int) -> bytes:
    """One bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def edited(data: bytes, pick: random.Random) -> bytes:
    """A stretch removed, doubled, inserted, overwritten or moved; never the same bytes."""
    first, last = sorted(pick.sample(range(len(data) + 1), 2))
    last = min(last, first + pick.choice((1, 4, 22, 46, 1000)))
    part, noise = data[first:last], pick.randbytes(last - first)
    at = pick.randrange(len(data))
    changed = pick.choice(
        (
            data[:first] + data[last:],
            data[:last] + part + data[last:],
            data[:first] + noise + data[first:],
            data[:first] + noise + data[last:],
            data[:at] + part + data[at + len(part) :],
        )
    )
    return changed if changed != data else data + b"\0"


def main() -> int:
    """Print what was measured."""
    pick = random.Random(1)
    with tempfile.TemporaryDirectory() as scratch:
        small, _ = made(Path(scratch, "small"), 5)
        assert not is_refused(small)
        flips = sum(
            is_refused(flipped(small, pick.randrange(8 * len(small)))) for _ in range(FLIPS)
        )
        edits = sum(is_refused(edited(small, pick)) for _ in range(EDITS))
        print(f"{len(small)} bytes: {flips} of {FLIPS} single-bit flips refused", flush=True)
        print(f"{edits} of {EDITS} random edits refused", flush=True)
        large, took = made(Path(scratch, "large"), SORTIES)
        begun = time.process_time()
        read_bundle(memoryview(large), [KEY.public])
        print(
            f"{SORTIES} sorties by digest: {took:.2f} s of processor time, "
            f"{len(large) / 1e6:.2f} MB; "
            f"verified in {time.process_time() - begun:.3f} s"
        )
    return 0 if (flips, edits) == (FLIPS, EDITS) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The format's page is enough: a reader written from it alone says the same as ours."""

import base64
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from flyoff.errors import ExchangeError
from tests.exchange import second_reader
from tests.exchange.second_reader import Ed25519PublicKey, RefusedError
from tests.exchange.test_bundle import ANNA, BORIS, NOW, check

HERE = Path(__file__).parent / "vectors"
BOTH = [Ed25519PublicKey.from_public_bytes(key.public.raw) for key in (ANNA, BORIS)]


def test_it_takes_what_is_whole() -> None:
    held = json.loads((HERE / "signed-archive.json").read_text())
    read = second_reader.verify(base64.b64decode(held["archive_base64"]), BOTH, 2, NOW)
    assert read["campaign"] == "vector"
    whole = (HERE / "whole.flyoff").read_bytes()
    assert second_reader.verify(whole, BOTH[:1], 1, NOW)["sorties"] == 11


@pytest.mark.parametrize(
    "one", json.loads((HERE / "refused.json").read_text()), ids=lambda one: one["reason"]
)
def test_it_refuses_what_has_to_be_refused(one: dict[str, str]) -> None:
    with pytest.raises((RefusedError, ValueError, KeyError)):
        second_reader.verify(base64.b64decode(one["archive_base64"]), BOTH[:1], 1, NOW)


def test_both_readers_agree_on_changed_bundles() -> None:
    """Bits flipped, stretches moved: refused by both, whatever it is."""
    whole = (HERE / "whole.flyoff").read_bytes()
    pick = random.Random(9)
    for _ in range(200):
        changed = bytearray(whole)
        if pick.random() < 0.7:
            bit = pick.randrange(8 * len(whole))
            changed[bit // 8] ^= 1 << bit % 8
        else:
            first, last = sorted(pick.sample(range(len(whole)), 2))
            del changed[first : min(last, first + 46)]
        with pytest.raises(ExchangeError):
            check(bytes(changed))
        with pytest.raises((RefusedError, ValueError, KeyError)):
            second_reader.verify(bytes(changed), BOTH[:1], 1, NOW)


def test_it_runs_with_nothing_of_ours(tmp_path: Path) -> None:
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    source = Path(second_reader.__file__).read_text()
    assert "import flyoff" not in source
    assert "from flyoff" not in source
    command = [sys.executable, "-I", second_reader.__file__, HERE / "whole.flyoff",
               tmp_path / "anna.pem"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("verified: ")

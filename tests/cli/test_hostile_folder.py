"""One folder of all that goes wrong with files, of every format, through the command line."""

import gzip
import importlib
import io
import os
import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from flyoff.decoders import BUILTIN
from tests.cli.call import flyoff

NAMES = {
    "ulog": "a.ulg", "dataflash": "a.BIN", "tlog": "a.tlog", "blackbox": "a.BBL", "csv": "a.csv",
    "dataflash_text": "a.log",
}  # fmt: skip
#: Names that a shell, a terminal, a format string or another system stumbles over.
ODD = (
    "-rf.BIN", "a b\tc.BIN", "ü€🚁.BIN", "new\nline.BIN", "x" * 240 + ".BIN", "%s%n.BIN",
    "'q\".BIN",
)  # fmt: skip


def _sample(name: str) -> bytes:
    return bytes(importlib.import_module(f"tests.scenarios.{name}").sample())


def _damaged(data: bytes, other: bytes) -> list[bytes]:
    rng, flipped = random.Random(1), bytearray(data)
    for _ in range(40):
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    half = len(data) // 2
    return [
        data, data[:half], data[:7], data[3:], data * 2, data[half:] + data[:half], bytes(flipped),
        bytes(5000) + data, data[:64] + b"\xff" * 4000 + data[64:], data.replace(b"\n", b"\r\n"),
        other, data + other, data[:half] + other,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("card")
    samples = [_sample(module.rpartition(".")[2]) for module in BUILTIN]
    for number, module in enumerate(BUILTIN):
        name = NAMES[module.rpartition(".")[2]]
        other = samples[(number + 1) % len(samples)]
        for k, data in enumerate(_damaged(samples[number], other)):
            (made / f"{k:02d}{name}").write_bytes(data)
    whole = _sample("dataflash")
    for name in ODD:
        (made / name).write_bytes(whole)
    deep = whole
    for _ in range(8):
        deep = gzip.compress(deep)
    (made / "deep.gz").write_bytes(deep)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb.BIN", bytes(64 << 20))
        file.writestr("../../escaped.BIN", whole)
    (made / "bomb.zip").write_bytes(packed.getvalue())
    (made / "cut.zip").write_bytes(packed.getvalue()[:-30])
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        link = tarfile.TarInfo("link.BIN")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    (made / "link.tgz").write_bytes(archive.getvalue())
    os.mkfifo(made / "fifo.BIN")
    (made / "loop").symlink_to(made)
    return made


def test_a_folder_of_everything_is_read_to_its_end(folder: Path) -> None:
    done = flyoff("judge", "--json", folder)
    said = done.lines
    assert done.code == 1  # some could not be read
    for log in (line["log"] for line in said):
        receipt = log["receipt"]
        assert receipt["decoded_bytes"] + receipt["skipped_bytes"] == log["bytes"]
    paths = {Path(line["log"]["path"]).name for line in said}
    assert {f"00{name}" for name in NAMES.values()} <= paths
    assert {name for name in ODD if "\n" not in name} <= paths
    assert len(said) > 60
    for told in ("nested deeper", "no log is that empty", "a link, not followed", "is a FIFO"):
        assert told in done.err
    assert not list(folder.parent.rglob("escaped.BIN"))

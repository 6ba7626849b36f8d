"""Archives: what is in them is read, nothing gets out, nothing explodes."""

import gzip
import io
import lzma
import stat
import tarfile
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders import containers, packing
from flyoff.decoders.containers import kind_of, open_container
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from tests.decoders.archives import PACKERS, encrypted, overlapping, tar_of, tarred, zipped

LOG = bytes(range(256)) * 40


def opened(data: bytes, name: str = "archive") -> containers.Container:
    found = open_container(Source(name, data))
    assert found is not None
    return found


@pytest.mark.parametrize("kind", PACKERS)
def test_a_compressed_file_is_its_content(kind: str) -> None:
    container = opened(PACKERS[kind](LOG), f"x.BIN.{kind}")
    (name,) = container.members
    assert name == "x.BIN"
    assert container.head(name) == LOG[:512]
    inner = container.open(name)
    assert inner.path == f"x.BIN.{kind}!x.BIN"
    assert inner.data.tobytes() == LOG


@pytest.mark.parametrize("kind", ["", *PACKERS])
def test_a_tar_is_read_through_its_compression(kind: str) -> None:
    data = tarred({"card/1.BIN": LOG, "card/2.BIN": LOG[::-1]})
    container = opened(PACKERS[kind](data) if kind else data, "card.tgz")
    assert list(container.members) == ["card/1.BIN", "card/2.BIN"]
    assert container.open("card/2.BIN").data.tobytes() == LOG[::-1]
    assert container.problem == ""


@pytest.mark.parametrize("method", [0, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_every_method(method: int) -> None:
    container = opened(zipped({"a/1.BIN": LOG, "2.ulg": b"x"}, method))
    assert {n: m.size for n, m in container.members.items()} == {"a/1.BIN": len(LOG), "2.ulg": 1}
    assert container.open("a/1.BIN").data.tobytes() == LOG


def test_what_is_no_archive_is_none() -> None:
    assert open_container(Source("x", LOG)) is None
    assert kind_of(b"") == ""


def test_a_large_member_is_mapped_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "IN_MEMORY", 1000)
    inner = opened(gzip.compress(LOG), "x.gz").open("x")
    assert inner.data.tobytes() == LOG


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress], ids=["gz", "xz"])
def test_a_bomb_is_refused_before_it_fills_the_memory(pack: object) -> None:
    bomb = pack(bytes(60 << 20))
    container = opened(bomb, "bomb")
    tracemalloc.start()
    with pytest.raises(DecodeError, match="no log is that empty"):
        container.open("bomb")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 << 20


def test_a_bomb_in_a_zip_is_known_by_its_own_statement() -> None:
    container = opened(zipped({"bomb.BIN": bytes(100 << 20), "good.BIN": LOG}))
    assert "no log is that empty" in container.members["bomb.BIN"].problem
    with pytest.raises(DecodeError, match="no log is that empty"):
        container.open("bomb.BIN")
    assert container.open("good.BIN").data.tobytes() == LOG


def test_members_that_overlap_are_a_bomb() -> None:
    with pytest.raises(DecodeError, match="zip bomb"):
        opened(overlapping("a.BIN", LOG, 50))


def test_an_encrypted_member_is_named() -> None:
    container = opened(encrypted(zipped({"a.BIN": LOG})))
    with pytest.raises(DecodeError, match="is encrypted; unpack it with its password"):
        container.open("a.BIN")


def test_names_cannot_lead_outside() -> None:
    names = ["../../etc/passwd", "/abs/x.BIN", "a/../../b.BIN", "b.BIN"]
    for data in (tarred(dict.fromkeys(names, LOG)), zipped(dict.fromkeys(names, LOG))):
        container = opened(data)
        assert list(container.members) == ["etc/passwd", "abs/x.BIN", "b.BIN", "b.BIN#2"]
        assert container.open("b.BIN#2").data.tobytes() == LOG


def test_links_and_devices_are_not_followed() -> None:
    kinds = {
        "s": tarfile.SYMTYPE,
        "h": tarfile.LNKTYPE,
        "d": tarfile.CHRTYPE,
        "f": tarfile.FIFOTYPE,
    }
    members = []
    for name, kind in kinds.items():
        info = tarfile.TarInfo(f"{name}.BIN")
        info.type, info.linkname = kind, "/etc/passwd"
        members.append(info)
    container = opened(tar_of(*members))
    assert len(container.members) == len(kinds)
    for name in container.members:
        with pytest.raises(DecodeError, match=r"is a link, not followed|is no regular file"):
            container.open(name)


def test_a_link_in_a_zip_is_not_followed() -> None:
    link = zipfile.ZipInfo("a.BIN")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "symbolic link" in opened(out.getvalue()).members["a.BIN"].problem


def test_a_cut_tar_gives_what_is_whole() -> None:
    data = tarred({"1.BIN": LOG, "2.BIN": LOG, "3.BIN": LOG})
    container = opened(data[: len(data) // 2])
    assert container.open("1.BIN").data.tobytes() == LOG
    with pytest.raises(DecodeError, match="cut inside it"):
        container.open("2.BIN")


def test_a_cut_compressed_tar_gives_what_is_whole() -> None:
    import random

    noise = random.Random(1).randbytes(100_000)
    packed = gzip.compress(tarred({"1.BIN": noise, "2.BIN": noise[::-1]}))
    container = opened(packed[: len(packed) * 3 // 4])
    assert "the archive is cut" in container.problem
    assert container.open("1.BIN").data.tobytes() == noise


def test_a_cut_zip_gives_what_is_whole() -> None:
    data = zipped({"1.BIN": LOG, "2.BIN": LOG, "3.BIN": LOG})
    container = opened(data[: data.find(b"PK\x03\x04", len(data) // 2) + 40])
    assert "cut or damaged" in container.problem
    assert list(container.members) == ["1.BIN", "2.BIN"]
    assert container.open("2.BIN").data.tobytes() == LOG


def test_a_cut_compressed_file_is_refused() -> None:
    container = opened(gzip.compress(LOG)[:-20], "x.gz")
    with pytest.raises(DecodeError, match="the archive is cut"):
        container.open("x")


def test_a_zip_with_a_flipped_byte_tells_which_member() -> None:
    data = bytearray(zipped({"1.BIN": LOG, "2.BIN": LOG}, 0))
    data[100] ^= 0xFF
    container = opened(bytes(data))
    with pytest.raises(DecodeError, match=r"archive!1\.BIN.*cannot be unpacked"):
        container.open("1.BIN")
    assert container.open("2.BIN").data.tobytes() == LOG


def test_a_huge_table_of_contents_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "CONTENTS", 1000)
    with pytest.raises(DecodeError, match="table of contents"):
        opened(zipped({f"{i}.BIN": b"" for i in range(50)}))


@given(at=st.floats(0, 1), byte=st.integers(0, 255), cut=st.floats(0, 1), which=st.integers(0, 4))
def test_damage_raises_nothing_else(at: float, byte: int, cut: float, which: int) -> None:
    plain = tarred({"1.BIN": LOG, "2.BIN": LOG})
    whole = [plain, gzip.compress(plain), zipped({"1.BIN": LOG}), *(
        PACKERS[k](LOG) for k in ("xz", "zst"))][which]  # fmt: skip
    data = bytearray(whole)
    data[min(int(at * len(data)), len(data) - 1)] = byte
    del data[round(cut * len(data)) :]
    try:
        container = open_container(Source("x", bytes(data)))
        for name in container.members if container else ():
            container.head(name)
            container.open(name)
    except DecodeError:
        pass


def test_a_zip_whose_member_has_no_name() -> None:
    """Found by fuzzing: zipfile asks an empty name for its last character."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("x", b"log")
    data = out.getvalue()
    at = data.rindex(b"PK\x01\x02")
    end = bytearray(data[at + 47 :])
    end[12:16] = (46).to_bytes(4, "little")
    nameless = data[: at + 28] + b"\0\0" + data[at + 30 : at + 46] + bytes(end)
    found = open_container(Source("a.zip", nameless))
    assert found is not None
    assert list(found.members) == ["unnamed"]

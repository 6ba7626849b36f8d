"""Builds archives, honest ones and hostile ones."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping

import zstandard

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_of(*members: tarfile.TarInfo) -> bytes:
    """Members without bytes: links, devices, whatever the header says."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info in members:
            archive.addfile(info)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """The zip with the flag of encryption set on every member."""
    out = bytearray(data)
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = out.find(signature)
        while start >= 0:
            out[start + at] |= 1
            start = out.find(signature, start + 4)
    return bytes(out)


def overlapping(name: str, data: bytes, count: int) -> bytes:
    """A zip whose table of contents names one member's bytes many times."""
    plain = zipped({name: data})
    start, end = plain.find(b"PK\x01\x02"), plain.find(b"PK\x05\x06")
    entry, tail = plain[start:end], bytearray(plain[end:])
    tail[8:10] = tail[10:12] = count.to_bytes(2, "little")
    tail[12:16] = (len(entry) * count).to_bytes(4, "little")
    return plain[:start] + entry * count + bytes(tail)

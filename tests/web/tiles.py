"""A small PMTiles file (version 3), written here: one raster tile of one colour over the world."""

import struct
import zlib
from pathlib import Path

_NONE, _PNG = 1, 2


def write_pmtiles(path: Path, colour: tuple[int, int, int]) -> Path:
    """Write a file whose only tile, of zoom 0, is of one colour.

    Layout: header of 127 bytes, root directory, metadata, tiles; nothing is compressed twice.
    """
    tile = _png(256, colour)
    # one entry: id 0, run of one, its length, and its offset plus one
    root = b"".join(map(_varint, (1, 0, 1, len(tile), 1)))
    metadata = b'{"name": "one colour"}'
    root_at = 127
    metadata_at = root_at + len(root)
    tiles_at = metadata_at + len(metadata)
    spans = (root_at, len(root), metadata_at, len(metadata), tiles_at, 0, tiles_at, len(tile))
    counts = (1, 1, 1)
    head = b"PMTiles\x03" + struct.pack("<11Q", *spans, *counts)
    head += struct.pack("<6B", 1, _NONE, _NONE, _PNG, 0, 0)
    head += struct.pack("<4i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
    head += struct.pack("<Bii", 0, 0, 0)
    assert len(head) == root_at
    path.write_bytes(head + root + metadata + tile)
    return path


def _varint(value: int) -> bytes:
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def _png(size: int, colour: tuple[int, int, int]) -> bytes:
    rows = (b"\x00" + bytes(colour) * size) * size
    parts = (
        (b"IHDR", struct.pack(">2I5B", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    made = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)

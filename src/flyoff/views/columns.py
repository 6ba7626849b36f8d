"""Columns as bytes that a browser lays typed arrays over, without a copy and without a library.

Layout, little endian: ``FLY1``, the header's length as uint32, the header as JSON padded with
spaces so that the columns begin at a multiple of 8, then the columns, each at a multiple of 8. The
header names them: ``{"columns": [{"name", "type", "rows", "offset"}], "meta": {}}``; an offset
counts from the first column's first byte.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"FLY1"
_TYPES = {"f64": "<f8", "f32": "<f4", "i32": "<i4"}
_KINDS = {("f", 8): "f64", ("f", 4): "f32", ("i", 4): "i32"}


def pack(columns: Mapping[str, npt.NDArray[Any]], meta: Mapping[str, Any]) -> bytes:
    """Lay out columns of float64, float32 or int32.

    Parameters
    ----------
    columns : mapping of name to array, shape (n,)
    meta : mapping
        Plain values that go into the header; no NaN.

    Examples
    --------
    >>> made = pack({"t": np.array([1.0, 2.0])}, {})
    >>> made[:4], len(made) % 8
    (b'FLY1', 0)
    """
    told, parts, at = [], [], 0
    for name, values in columns.items():
        kind = _KINDS[values.dtype.kind, values.dtype.itemsize]
        raw = np.ascontiguousarray(values, dtype=_TYPES[kind]).tobytes()
        told.append({"name": name, "type": kind, "rows": int(values.size), "offset": at})
        padding = -len(raw) % 8
        parts += [raw, bytes(padding)]
        at += len(raw) + padding
    text = json.dumps({"columns": told, "meta": meta}, allow_nan=False).encode()
    text += b" " * (-(8 + len(text)) % 8)
    return b"".join((MAGIC, struct.pack("<I", len(text)), text, *parts))


def unpack(data: bytes) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Columns and meta out of what `pack` made."""
    (size,) = struct.unpack_from("<I", data, 4)
    header = json.loads(data[8 : 8 + size])
    columns = {
        c["name"]: np.frombuffer(
            data, dtype=_TYPES[c["type"]], count=c["rows"], offset=8 + size + c["offset"]
        )
        for c in header["columns"]
    }
    return columns, header["meta"]

"""The smallest logs that make a decoder run every kernel: what ``flyoff warmup`` decodes."""

import struct
from collections.abc import Callable, Sequence

import numpy as np

#: Enough rows for the kernels that only long topics use.
ROWS = 20_000


def dataflash() -> bytes:
    """A DataFlash log of two messages with fields of every width, and some junk."""
    described = _fmt(128, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    described += _fmt(1, 22, "LONG", "QBHIf", "TimeUS,A,B,C,D")
    described += _fmt(2, 75, "TEXT", "QZ", "TimeUS,E")
    described += _fmt(3, 44, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds")
    described += _fmt(4, 16, "TWIN", "QBf", "TimeUS,I,F")
    # "#" says that the field counts the instances of a sensor
    described += b"\xa3\x95\x03" + struct.pack("<QB16s16s", 0, 4, b"s#-", b"F--")
    twins = b"".join(b"\xa3\x95\x04" + struct.pack("<QBf", 1000 * i, i % 2, 0.5) for i in range(20))
    rows = _rows(b"\xa3\x95\x01", ("<u8", "u1", "<u2", "<u4", "<f4"), ROWS)
    texts = b"".join(b"\xa3\x95\x02" + struct.pack("<Q64s", 1000 * i, b"warm") for i in range(20))
    return described + twins + rows + bytes(200) + b"junk" * 9 + texts + texts


def ulog() -> bytes:
    """A ULog file of two topics with fields of every width, a text, and some junk."""
    head = b"ULog\x01\x12\x35\x01" + struct.pack("<Q", 0)
    head += _frame(b"B", bytes(40))
    for name in (b"long", b"short"):
        fields = b":uint64_t timestamp;uint8_t a;uint16_t b;uint32_t c;double d;char[4] e;"
        head += _frame(b"F", name + fields)
    head += _frame(b"A", struct.pack("<BH", 0, 0) + b"long")
    head += _frame(b"A", struct.pack("<BH", 0, 1) + b"short")
    rows = _of_topic(0, ROWS)
    text = _frame(b"L", b"6" + struct.pack("<Q", 5000) + b"warm")
    few = _of_topic(1, 20)
    return head + rows + text + b"\xff" * 50 + few + text


#: A tiny log for each format that has one here; others bring their own ``warmup``.
LOGS: dict[str, Callable[[], bytes]] = {"dataflash": dataflash, "ulog": ulog}


def _fmt(kind: int, length: int, name: str, form: str, labels: str) -> bytes:
    words = name.encode(), form.encode(), labels.encode()
    return b"\xa3\x95\x80" + struct.pack("<BB4s16s64s", kind, length, *words)


def _frame(kind: bytes, payload: bytes) -> bytes:
    return struct.pack("<H", len(payload)) + kind + payload


def _of_topic(topic: int, count: int) -> bytes:
    kinds = ("<u8", "u1", "<u2", "<u4", "<f8", "S4")
    length = 2 + sum(np.dtype(kind).itemsize for kind in kinds)
    return _rows(struct.pack("<HBH", length, ord("D"), topic), kinds, count)


def _rows(head: bytes, kinds: Sequence[str], count: int) -> bytes:
    """Rows that all begin with the same bytes: the time, numbers that grow, a text."""
    fields = [("head", f"V{len(head)}"), *((f"{at}", kind) for at, kind in enumerate(kinds))]
    rows, at = np.zeros(count, dtype=fields), np.arange(count)
    values = {"u8": 1000 * at, "u1": at % 200, "u2": at % 9000, "u4": at, "S4": b"warm"}
    rows["head"] = np.void(head)
    for place, kind in enumerate(kinds):
        rows[f"{place}"] = values.get(kind[-2:], 0.5 * at)
    return rows.tobytes()

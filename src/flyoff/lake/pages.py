"""What the pages of a Parquet file will take in memory, by their own headers, before one is read.

A Parquet reader allocates what page headers ask for, and some encodings write a gigabyte in a few
bytes: a dictionary, a prefix shared with the value before. So a table of a bundle has plain pages
only, and they have to add up: what a page claims beyond its column or its file is refused.

The footer is read here, too: asked for a column that it cannot believe, Arrow 26 ends the process
(its ``ColumnChunkMetaData`` throws where Python cannot catch it).

References
----------
Apache Parquet, parquet.thrift (``FileMetaData``, ``PageHeader``); Apache Thrift, compact protocol.
"""

from collections.abc import Iterator
from typing import Any, Final

_DATA_PAGE, _PLAIN, _RLE = 0, 0, 3
#: Fields of the structures that are read here.
_TYPE, _UNPACKED, _PACKED, _DATA_HEADER = 1, 2, 3, 5
_VALUES, _ENCODING, _LEVELS = 1, 2, 3
_ROW_GROUPS, _COLUMNS, _COLUMN = 4, 1, 3
_PATH, _MANY, _ROOM, _SIZE, _FIRST_PAGE, _DICTIONARY = 3, 5, 6, 7, 9, 11
_TRUE, _FALSE, _BYTE, _INT16, _INT32, _INT64, _DOUBLE, _BINARY, _LIST, _STRUCT = (*range(1, 10), 12)
#: The unit of a time in a schema stands so deep, or nearly.
_MOST_DEEP: Final = 8
#: At the end of a file: the footer's length and the format's name.
_TAIL, _NAME = 8, b"PAR1"
_MOST_BITS: Final = 63
#: Levels take so many bytes in a page beside its values.
_SPARE: Final = 1 << 16
Header = dict[int, Any]


def unpacked_bytes(content: memoryview) -> int:
    """Bytes of all pages of a file once they are unpacked.

    Raises
    ------
    ValueError
        If a page is not a plain one, or does not stand where its column says.
    """
    return sum(_chunk(content, column) for column in _chunks(content))


def _chunks(content: memoryview) -> Iterator[Header]:
    """What the footer says of each column of each group of rows."""
    end = len(content) - _TAIL
    if end < 0 or bytes(content[-len(_NAME) :]) != _NAME:
        raise ValueError("it does not end as a Parquet file")
    size = int.from_bytes(content[end : end + 4], "little")
    if size > end:
        raise ValueError("its footer is longer than the file")
    footer, _ = read_struct(content, end - size, end, 0)
    for group in _structs(footer, _ROW_GROUPS):
        for column in _structs(group, _COLUMNS):
            told = column.get(_COLUMN)
            if not isinstance(told, dict):
                raise ValueError("the footer does not say what a column is")
            yield told


def _structs(header: Header, field: int) -> list[Header]:
    found = header.get(field)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("the footer lacks the list of columns")
    return found


def _chunk(content: memoryview, column: Header) -> int:
    path = column.get(_PATH)
    name = b".".join(p for p in path if isinstance(p, bytes)) if isinstance(path, list) else b""
    told = [column.get(f) for f in (_MANY, _ROOM, _SIZE, _FIRST_PAGE)]
    if not all(isinstance(one, int) and one >= 0 for one in told):
        raise ValueError(f"the footer does not say where column {name!r} lies")
    many, room, packed, at = (int(one) for one in told if one is not None)
    if many == 0:
        return 0  # no reader looks for a page of it
    end = at + packed
    if _DICTIONARY in column or not 0 < at <= end <= len(content):
        raise ValueError(f"column {name!r} has a dictionary, or lies outside of the file")
    values = unpacked = 0
    while at < end:
        header, body = read_struct(content, at, end, 0)
        size = header.get(_PACKED)
        if not isinstance(size, int) or not 0 <= size <= end - body:
            raise ValueError(f"a page of column {name!r} ends outside of it")
        values += _plain_values(header, name)
        unpacked += header[_UNPACKED]
        at = body + size
    if values != many or unpacked > room + _SPARE:
        raise ValueError(f"the pages of column {name!r} hold more or less than it says")
    return unpacked


def _plain_values(header: Header, name: bytes) -> int:
    data = header.get(_DATA_HEADER)
    if header.get(_TYPE) != _DATA_PAGE or not isinstance(data, dict):
        raise ValueError(f"a page of column {name!r} holds something else than values")
    if (data.get(_ENCODING), data.get(_LEVELS)) != (_PLAIN, _RLE):
        raise ValueError(f"a page of column {name!r} is not a plain one")
    sizes = header.get(_UNPACKED), data.get(_VALUES)
    if not all(isinstance(one, int) and one >= 0 for one in sizes):
        raise ValueError(f"a page of column {name!r} has no size")
    return int(data[_VALUES])


def read_struct(content: memoryview, at: int, end: int, depth: int) -> tuple[Header, int]:
    """Read one structure of the compact protocol: its fields by number, and where it ends."""
    if depth > _MOST_DEEP:
        raise ValueError("a header is nested too deeply")
    found: Header = {}
    number = 0
    while True:
        head = _byte(content, at, end)
        at += 1
        if head == 0:
            return found, at
        if head >> 4:
            number += head >> 4
        else:
            number, at = _signed(content, at, end)
        if number in found:
            raise ValueError("a field is said twice, and readers differ in which they take")
        found[number], at = _value(content, at, end, head & 15, depth)


def _value(content: memoryview, at: int, end: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in (_INT16, _INT32, _INT64):
        return _signed(content, at, end)
    if kind == _STRUCT:
        return read_struct(content, at, end, depth + 1)
    if kind in (_BYTE, _DOUBLE, _BINARY):
        size, at = {_BYTE: (1, at), _DOUBLE: (8, at)}.get(kind) or _unsigned(content, at, end)
        if size > end - at:
            raise ValueError("a header ends outside of its place")
        return bytes(content[at : at + size]), at + size
    if kind == _LIST:
        return _items(content, at, end, depth + 1)
    raise ValueError(f"a header holds a field of kind {kind}, which none has")


def _items(content: memoryview, at: int, end: int, depth: int) -> tuple[list[Any], int]:
    head = _byte(content, at, end)
    count, at = (head >> 4, at + 1) if head >> 4 < 15 else _unsigned(content, at + 1, end)
    if depth > _MOST_DEEP or count > end - at:
        raise ValueError("a list in a header is longer than the header")
    found = []
    for _ in range(count):
        # a truth value in a list is a byte of its own
        kind = _BYTE if head & 15 in (_TRUE, _FALSE) else head & 15
        item, at = _value(content, at, end, kind, depth)
        found.append(item)
    return found, at


def _byte(content: memoryview, at: int, end: int) -> int:
    if at >= end:
        raise ValueError("a header ends outside of its place")
    return content[at]


def _unsigned(content: memoryview, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, _MOST_BITS + 1, 7):
        byte = _byte(content, at, end)
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number in a header has no end")


def _signed(content: memoryview, at: int, end: int) -> tuple[int, int]:
    value, at = _unsigned(content, at, end)
    return value >> 1 ^ -(value & 1), at

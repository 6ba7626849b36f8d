"""What the pages of a Parquet file will take in memory, by their own headers, before one is read.

A Parquet reader allocates what page headers ask for, and some encodings write a gigabyte in a few
bytes: a dictionary, a prefix shared with the value before. So a table of a bundle has plain pages
only, and they have to add up: what a page claims beyond its column or its file is refused.

References
----------
Apache Parquet, parquet.thrift (``PageHeader``); Apache Thrift, compact protocol.
"""

from typing import Any, Final

import pyarrow.parquet as pq

_DATA_PAGE, _PLAIN, _RLE = 0, 0, 3
#: Fields of the structures that are read here.
_TYPE, _UNPACKED, _PACKED, _DATA_HEADER = 1, 2, 3, 5
_VALUES, _ENCODING, _LEVELS = 1, 2, 3
_TRUE, _FALSE, _BYTE, _INT16, _INT32, _INT64, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 12
_MOST_DEEP: Final = 4
_MOST_BITS: Final = 63
#: Levels take so many bytes in a page beside its values.
_SPARE: Final = 1 << 16
Header = dict[int, Any]


def unpacked_bytes(content: memoryview, told: pq.FileMetaData) -> int:
    """Bytes of all pages once they are unpacked.

    Raises
    ------
    ValueError
        If a page is not a plain one, or does not stand where its column says.
    """
    total = 0
    for group in range(told.num_row_groups):
        for column in range(told.num_columns):
            total += _chunk(content, told.row_group(group).column(column))
    return total


def _chunk(content: memoryview, column: pq.ColumnChunkMetaData) -> int:
    name, at = column.path_in_schema, column.data_page_offset
    if column.num_values == 0:
        return 0  # no reader looks for a page of it
    end = at + column.total_compressed_size
    if column.has_dictionary_page or not 0 < at <= end <= len(content):
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
    if values != column.num_values or unpacked > column.total_uncompressed_size + _SPARE:
        raise ValueError(f"the pages of column {name!r} hold more or less than it says")
    return unpacked


def _plain_values(header: Header, name: str) -> int:
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
        raise ValueError("a page header is nested too deeply")
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
            raise ValueError("a page header ends outside of its column")
        return bytes(content[at : at + size]), at + size
    raise ValueError(f"a page header holds a field of kind {kind}, which none has")


def _byte(content: memoryview, at: int, end: int) -> int:
    if at >= end:
        raise ValueError("a page header ends outside of its column")
    return content[at]


def _unsigned(content: memoryview, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, _MOST_BITS + 1, 7):
        byte = _byte(content, at, end)
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number in a page header has no end")


def _signed(content: memoryview, at: int, end: int) -> tuple[int, int]:
    value, at = _unsigned(content, at, end)
    return value >> 1 ^ -(value & 1), at

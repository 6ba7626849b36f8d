"""The tables of a bundle: what a signer who means harm may have put into them."""

import io
import os
import struct
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flyoff.errors import ExchangeError
from flyoff.lake.pages import read_struct, unpacked_bytes
from flyoff.lake.parcel import PARCELS, from_parquet, rows_of, to_parquet
from tests.shared import ROOT

ROW = {"sortie_id": "a", "log_sha256": "b", "measure": "m", "value": 1.0, "unit": "m"}
LONG = "x" * 1_000_000


def written(table: pa.Table, **how: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", store_schema=False, **how)
    return out.getvalue()


def measures(rows: int, text: str) -> pa.Table:
    made = {"value": pa.array([1.0] * rows)}
    names = PARCELS["measures"].names
    columns = [made.get(name, pa.array([text] * rows)) for name in names]
    return pa.table(columns, names=names)


def same_text_by_dictionary(rows: int, text: str) -> pa.Table:
    """A column that is one text and a count: a few bytes, whatever the text."""
    one = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))
    names = PARCELS["measures"].names
    columns = [pa.array([1.0] * rows) if name == "value" else one for name in names]
    return pa.table(columns, names=names)


@pytest.mark.parametrize("rows", [0, 1, 3000])
def test_what_is_written_is_read_and_its_size_known_before(rows: int) -> None:
    made = [{**ROW, "sortie_id": f"s{i}", "unit": None if i % 3 else "m"} for i in range(rows)]
    content = to_parquet("measures", made)
    table = from_parquet("measures", content)
    assert rows_of(table) == made
    size = unpacked_bytes(memoryview(content))
    assert size >= sum(len(str(value or "")) for row in made for value in row.values()) - 3 * rows


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (written(same_text_by_dictionary(200_000, LONG)), "has a dictionary"),
        (written(measures(40, LONG), use_dictionary=False), "would take 40 rows and 1[0-9]{8} b"),
        (
            written(
                measures(9, "abc"),
                use_dictionary=False,
                column_encoding={"unit": "DELTA_BYTE_ARRAY"},
            ),
            "not a plain one",
        ),
        (written(measures(9, "abc"), use_dictionary=False, data_page_version="2.0"), "something"),
        (written(measures(9, "abc")), "has a dictionary"),
    ],
    ids=["a text many times", "packed hard", "shared prefixes", "another page", "a dictionary"],
)
def test_a_table_that_would_grow_is_refused_before_it_does(content: bytes, reason: str) -> None:
    with pytest.raises(ExchangeError, match=reason):
        from_parquet("measures", content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "ends outside"),
        (b"\x15", "ends outside"),
        (b"\x15" + b"\xff" * 11, "has no end"),
        (b"\x18\x7fabc", "ends outside"),
        (b"\x1a\x15\x00", "of kind 10"),
        (b"\x19\x95\x00", "longer than the header"),
        (b"\x15\x02\x05\x02\x04\x00", "said twice"),
        (b"\x1c" * 9, "too deeply"),
    ],
)
def test_a_damaged_page_header_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_struct(memoryview(content), 0, len(content), 0)


def test_a_page_header_is_read_by_its_numbers() -> None:
    double = struct.pack("<d", 1.5)
    content = b"\x15\x00\x15\x80\x01\x11\x05\x14\x06\x17" + double
    content += b"\x1c\x18\x01z\x00\x19\x28\x01a\x01b\x19\x12\x02\x00"
    found, end = read_struct(memoryview(content), 0, len(content), 0)
    lists = {13: [b"a", b"b"], 14: [b"\x02"]}
    assert found == {1: 0, 2: 64, 3: True, 10: 3, 11: double, 12: {1: b"z"}, **lists}
    assert end == len(content)


@pytest.mark.parametrize(
    "make_hostile",
    [
        lambda table: table.rename_columns(["x", *table.column_names[1:]]),
        lambda table: table.drop_columns(["unit"]),
    ],
)
def test_parquet_of_another_shape_is_refused(make_hostile) -> None:
    good = to_parquet("measures", [ROW])
    table = from_parquet("measures", good)
    with pytest.raises(ExchangeError, match="measures"):
        from_parquet("measures", written(make_hostile(table)))
    for cut in (0, 4, len(good) // 2, len(good) - 1):
        with pytest.raises(ExchangeError):
            from_parquet("measures", good[:cut])


def test_no_bit_of_a_footer_ends_the_process() -> None:
    """Arrow ends it where it cannot believe a column's size statistics; found by fuzzing."""
    program = """
from flyoff.errors import ExchangeError
from flyoff.lake.parcel import from_parquet, rows_of, to_parquet
from tests.exchange.test_parquet import ROW

whole = to_parquet("measures", [ROW])
start = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
refused = 0
for at in range(start, len(whole)):
    for bit in range(8):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << bit
        try:
            rows_of(from_parquet("measures", bytes(flipped)))
        except ExchangeError:
            refused += 1
print(refused)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout) > 1000

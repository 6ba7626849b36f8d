"""The tables of a bundle: their columns, and Parquet in memory, read strictly.

A bundle's table has just the columns named here, with just these types, and no metadata of anybody
else's; what a reader would have to guess is refused.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from flyoff.errors import ExchangeError
from flyoff.lake.pages import unpacked_bytes

_S, _I, _F, _B = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_OF_SORTIE: Final = {"sortie_id": _S, "log_sha256": _S}
#: Most rows of one table, and most bytes that they may take in memory.
MOST_ROWS: Final = 10_000_000
MOST_BYTES: Final = 1 << 30
#: And most of those for each byte of the file, beyond some: flight records pack by 5 to 50.
_MOST_RATIO: Final = 250
_FREE_BYTES: Final = 16 << 20
#: Every row has a name, of a sortie or a log: its length alone takes so much.
_ROW_BYTES: Final = 4

_COLUMNS: Final[dict[str, dict[str, pa.DataType]]] = {
    "logs": {
        "log_sha256": _S,
        "format": _S,
        "bytes": _I,
        "decoded_bytes": _I,
        "skipped_bytes": _I,
        "status": _S,
        "recordings": _I,
        "sorties": _I,
        "rules_version": _S,
        "redacted": _S,
        "redacted_sha256": _S,
    },
    # what counts, each sortie once, cards without a log included, in the order of time
    "evidence": {
        "number": _I,
        **_OF_SORTIE,
        "candidate": _S,
        "vehicle": _S,
        "judged": _S,
        "told": _S,
        "reviewed": _S,
        "flew": _B,
        "airborne_s": _F,
        "cause_class": _S,
        "disposition": _S,
        "gnss_denied": _B,
    },
    "sorties": {
        **_OF_SORTIE,
        "vehicle_id": _S,
        "vehicle_kind": _S,
        "autopilot": _S,
        "firmware": _S,
        "outcome": _S,
        "confidence": _F,
        "cause": _S,
        "cause_class": _S,
        "cause_onset_s": _F,
        "cause_confidence": _F,
        "start_utc": _S,
        "start_s": _F,
        "end_s": _F,
        "airborne_s": _F,
        "not_assessed": _S,
        "phases": _S,
        "rules_version": _S,
    },
    "findings": {
        **_OF_SORTIE,
        "kind": _S,
        "onset_s": _F,
        "end_s": _F,
        "severity": _S,
        "confidence": _F,
        "detail": _S,
        "thresholds": _S,
    },
    "measures": {**_OF_SORTIE, "measure": _S, "value": _F, "unit": _S},
    "reviews": {
        "sortie_id": _S,
        "outcome": _S,
        "cause": _S,
        "cause_class": _S,
        "by": _S,
        "because": _S,
    },
}
PARCELS: Final[Mapping[str, pa.Schema]] = {
    name: pa.schema([pa.field(column, kind) for column, kind in columns.items()])
    for name, columns in _COLUMNS.items()
}


def columns_of(name: str) -> list[str]:
    """Columns of a bundle's table."""
    return list(PARCELS[name].names)


def to_parquet(name: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as Parquet; the same rows give the same bytes with the same library."""
    return as_parquet(pa.Table.from_pylist([dict(row) for row in rows], schema=PARCELS[name]))


def as_parquet(table: pa.Table) -> bytes:
    """Write a table as Parquet."""
    out = io.BytesIO()
    # plain pages, so that a reader can see from their headers what they will take: see pages.py
    pq.write_table(
        table,
        out,
        compression="zstd",
        store_schema=False,
        use_dictionary=False,
        write_statistics=False,
        data_page_version="1.0",
    )
    return out.getvalue()


#: What reading a file of somebody else may raise; RuntimeError is Arrow's own C++ exceptions, of
#: which not all are given a kind on their way to Python.
_UNREADABLE = (
    pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, RuntimeError,
)  # fmt: skip


def from_parquet(name: str, content: bytes | memoryview) -> pa.Table:
    """Read a table of a bundle.

    Raises
    ------
    ExchangeError
        If it is no Parquet, has other columns, metadata of its own, or is larger than a table of a
        bundle can be.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)))
        _check(name, file, memoryview(content))
        table = file.read(use_threads=False)
        table.validate(full=True)
    except _UNREADABLE as problem:
        text = " ".join(str(problem).split())[:200]
        raise ExchangeError(f"table {name!r} is no Parquet that can be read: {text}") from problem
    if table.nbytes > MOST_BYTES:
        raise ExchangeError(f"table {name!r} takes {table.nbytes} bytes, at most {MOST_BYTES}")
    return table


def _check(name: str, file: pq.ParquetFile, content: memoryview) -> None:
    """Refuse by the file's own account, before anything of it is unpacked."""
    told = file.metadata
    if told.metadata:
        raise ExchangeError(f"table {name!r} carries metadata that no reader needs")
    if not file.schema_arrow.equals(PARCELS[name], check_metadata=True):
        raise ExchangeError(
            f"table {name!r} has columns {file.schema_arrow.names}, expected {columns_of(name)} "
            "with their types"
        )
    size = unpacked_bytes(content)
    most = min(MOST_BYTES, max(_FREE_BYTES, _MOST_RATIO * len(content)))
    if not 0 <= told.num_rows <= min(MOST_ROWS, size // _ROW_BYTES) or size > most:
        raise ExchangeError(
            f"table {name!r} would take {told.num_rows} rows and {size} bytes of memory from "
            f"{len(content)} bytes, at most {most}"
        )


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Rows in plain values."""
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows

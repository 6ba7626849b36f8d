"""Who says what a CSV's columns mean: a file beside it, else its header."""

from collections.abc import Sequence

from flyoff.decoders.csv.dialects import known_columns, unmapped
from flyoff.decoders.csv.mapping import Columns, columns_beside, read_mapping
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError


def mapping_of(source: Source, names: Sequence[str]) -> Columns:
    """The mapping beside the file, else the one that its header is known by.

    Raises
    ------
    DecodeError
        If there is none, or it is wrong.
    """
    found = source.columns if source.columns is not None else columns_beside(source.path)
    if found is not None:
        return read_mapping(source.path, found, names)
    known = known_columns(names)
    if known is None:
        some = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        what = unmapped(names) or f"a CSV with the columns {some}: nobody says what they mean"
        raise DecodeError(
            source.path, 0, f"{what}; put a columns.toml beside it (how-to: read any CSV)"
        )
    return known

"""orangebox as the peer of the blackbox decoder: every field of every frame, front to back."""

import contextlib
import io
import logging
from pathlib import Path


def read_orangebox(path: Path) -> None:
    """Read what ``Topic.columns`` gives: each value into a list for each field of each log."""
    from orangebox import Parser

    logging.disable(logging.ERROR)
    with contextlib.redirect_stderr(io.StringIO()):
        logs = Parser.load(str(path)).reader.log_count
        for number in range(1, logs + 1):
            parser = Parser.load(str(path), number)
            columns: list[list[object]] = [[] for _ in parser.field_names]
            with contextlib.suppress(ValueError):  # INAV's end of log is none to it
                for frame in parser.frames():
                    for column, value in zip(columns, frame.data, strict=False):
                        column.append(value)
    logging.disable(logging.NOTSET)


def big_blackbox(path: Path, source: Path, mb: int) -> None:
    """Write copies of a file one behind the other: many logs in one file, as a chip holds them."""
    data = source.read_bytes()
    with path.open("wb") as out:
        for _ in range(mb * 1_000_000 // len(data) + 1):
            out.write(data)

"""pymavlink as the peer of the DataFlash decoder: every field of every message, front to back."""

import contextlib
import io
from pathlib import Path


def read_pymavlink(path: Path) -> None:
    """Read what ``Topic.columns`` gives: each field's value, scaled, into a list for each field."""
    from pymavlink.DFReader import DFReader_binary

    columns: dict[str, dict[str, list[object]]] = {}
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        log = DFReader_binary(str(path), zero_time_base=True)
        while (message := log.recv_msg()) is not None:
            table = columns.setdefault(message.get_type(), {})
            for field, value in message.to_dict().items():
                table.setdefault(field, []).append(value)
        log.close()

"""pymavlink as the peer of the tlog decoder: every field of every message, front to back."""

import contextlib
import io
from pathlib import Path


def read_pymavlink(path: Path) -> None:
    """Read what ``Topic.columns`` gives: each field's value into a list for each field."""
    from pymavlink import mavutil

    columns: dict[str, dict[str, list[object]]] = {}
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        log = mavutil.mavlink_connection(str(path), robust_parsing=True, dialect="all")
        while (message := log.recv_msg()) is not None:
            table = columns.setdefault(message.get_type(), {})
            for field in message.get_fieldnames():
                table.setdefault(field, []).append(getattr(message, field))
        log.close()

"""Where a report goes: the kind of file by its name, and the file whole or not at all."""

import os
from pathlib import Path

from flyoff.errors import ReportError, reason_of


def form_of(out: Path) -> str:
    """``pdf`` or ``html``, by the name's ending.

    Raises
    ------
    ReportError
        If it ends otherwise.
    """
    form = out.suffix.lower().removeprefix(".")
    if form not in ("pdf", "html"):
        raise ReportError(f"{out}: a report ends in .pdf or .html, not {out.suffix or 'nothing'!r}")
    return form


def put(data: bytes, out: Path) -> Path:
    """Write the file whole or not at all.

    Raises
    ------
    ReportError
        If the place cannot be written.
    """
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        os.replace(partial, out)
    except OSError as error:
        reason = reason_of(error)
        raise ReportError(f"{out}: cannot be written: {reason}") from None
    finally:
        partial.unlink(missing_ok=True)
    return out

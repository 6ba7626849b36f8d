"""Write a bundle: whole or not at all, and never over another file."""

import os
from collections.abc import Iterable
from pathlib import Path

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.bundle import archive


def write_bundle(out: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files, given in the order of their names, as one archive.

    Raises
    ------
    ExchangeError
        If it cannot be written, or there is such a file already.
    """
    part = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            archive.write(files, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, out)  # unlike a rename, refuses to replace what came meanwhile
    except FileExistsError as error:
        raise ExchangeError(f"{out} is there already; nothing was written") from error
    except OSError as error:
        raise ExchangeError(f"{out} cannot be written: {reason_of(error)}") from error
    finally:
        part.unlink(missing_ok=True)

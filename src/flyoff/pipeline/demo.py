"""The sample fly-off: where its logs lie, and their unpacking."""

import lzma
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from flyoff.errors import FlyoffError

#: Ending of a packed log; without it stands the log's own name.
PACKED = ".xz"
#: No sample is nearly as large: what grows beyond this is not a sample.
MAX_BYTES = 64_000_000
_CHUNK = 1 << 20


def samples_folder(asked: Path | None = None) -> Path:
    """The campaign folder with the samples: as asked, else the clone's own.

    Raises
    ------
    FlyoffError
        If there are none; they are part of a clone, not of an installed package.
    """
    beside = Path(__file__).resolve().parents[3] / "samples" / "campaign"
    for folder in [asked] if asked is not None else [Path("samples/campaign"), beside]:
        if (folder / "logs").is_dir():
            return folder
    wanted = asked if asked is not None else beside
    raise FlyoffError(
        f"{wanted}: no samples there; they come with a clone of the repository, "
        "so run this in a clone or name their folder by --samples"
    )


def unpack(samples: Path, into: Path) -> Iterator[Path]:
    """Unpack every sample, its plan beside it, in the samples' own folders.

    Yields
    ------
    Path
        Each log, also where it was unpacked before.
    """
    source = samples / "logs"
    for packed in sorted(source.rglob("*")):
        if not packed.is_file():
            continue
        target = into / packed.relative_to(source)
        is_log = packed.suffix == PACKED
        target = target.with_suffix("") if is_log else target
        if not _is_current(target, packed):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(packed, target, is_log)
        if is_log:
            yield target


def _is_current(target: Path, packed: Path) -> bool:
    # files are written whole or not at all, so being there and not older is enough
    return target.exists() and target.stat().st_mtime_ns >= packed.stat().st_mtime_ns


def _write(packed: Path, target: Path, is_log: bool) -> None:
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if is_log:
            _decompress(packed, partial)
        else:
            shutil.copyfile(packed, partial)
        os.replace(partial, target)
        now = time.time_ns()
        os.utime(target, ns=(now, max(now, packed.stat().st_mtime_ns)))
    finally:
        partial.unlink(missing_ok=True)


def _decompress(packed: Path, target: Path) -> None:
    written = 0
    try:
        with lzma.open(packed) as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > MAX_BYTES:
                    raise FlyoffError(f"{packed}: unpacks to more than {MAX_BYTES} bytes")
                sink.write(chunk)
    except (lzma.LZMAError, EOFError) as error:
        raise FlyoffError(f"{packed}: damaged: {str(error).lower()}") from None

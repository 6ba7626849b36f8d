"""Which files a command's paths mean: files as named, folders walked in order."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flyoff.decoders.source import is_log_name

#: Endings that vehicles and ground stations give their logs: such a file, found in a folder, is
#: meant to be a log, and that it cannot be read is an error.
LOG_SUFFIXES = frozenset({".bin", ".ulg", ".ulog", ".log", ".tlog", ".bbl", ".bfl", ".px4log"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file to judge.

    Attributes
    ----------
    path : str
    is_meant : bool
        Named by the user, or with a log's ending: not being readable is an error. Else a note.
    """

    path: str
    is_meant: bool

    def __str__(self) -> str:
        return self.path

    @property
    def size(self) -> int:
        """Bytes; 0 where that cannot be told."""
        try:
            return os.stat(self.path).st_size
        except OSError:
            return 0


@dataclass(frozen=True, slots=True)
class Walk:
    """What the paths mean: files, and what is wrong with the folders themselves."""

    files: tuple[Found, ...]
    problems: tuple[str, ...]


def walk(paths: Iterable[str | os.PathLike[str]]) -> Walk:
    """Expand folders; files in a folder come sorted by path, companions of logs are passed over."""
    files: list[Found] = []
    problems: list[str] = []
    for path in [os.fspath(p) for p in paths]:
        if not os.path.isdir(path):
            files.append(Found(path, is_meant=True))
            continue
        inside = sorted(_inside(path, problems), key=lambda f: f.path)
        if not inside:
            problems.append(f"{path}: no log in this folder")
        files += inside
    return Walk(tuple(files), tuple(problems))


def _inside(folder: str, problems: list[str]) -> Iterable[Found]:
    def complain(error: OSError) -> None:
        problems.append(f"{error.filename}: cannot be listed: {(error.strerror or '').lower()}")

    for parent, folders, names in os.walk(folder, onerror=complain):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if not is_log_name(path):
                continue
            is_meant = path.suffix.lower() in LOG_SUFFIXES
            if is_meant or _is_regular(path):
                yield Found(str(path), is_meant)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False

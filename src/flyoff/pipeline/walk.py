"""Which files a command's paths mean: files as named, folders walked, archives looked into."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flyoff.decoders.source import LOG_SUFFIXES, is_log_name
from flyoff.errors import reason_of
from flyoff.pipeline.opening import entries, is_container
from flyoff.stages import stage


@dataclass(frozen=True, slots=True)
class Found:
    """A file to judge.

    Attributes
    ----------
    path : str
    is_meant : bool
        Named by the user, or with a log's ending: not being readable is an error. Else a note.
    inside : int or None [byte]
        Size of a member of an archive; None for a file.
    """

    path: str
    is_meant: bool
    inside: int | None = None

    def __str__(self) -> str:
        return self.path

    @property
    def size(self) -> int:
        """Bytes; 0 where that cannot be told."""
        if self.inside is not None:
            return self.inside
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
    """Expand folders and archives.

    Files in a folder come sorted by path, members in the archive's order; companions of logs are
    passed over.
    """
    with stage("walk") as now:
        found = _walked(paths)
        now.note(files=len(found.files))
    return found


def _walked(paths: Iterable[str | os.PathLike[str]]) -> Walk:
    files: list[Found] = []
    problems: list[str] = []
    for path in [os.fspath(p) for p in paths]:
        if not os.path.isdir(path):
            files += _opened(Found(path, is_meant=True), problems)
            continue
        inside = sorted(_inside(path, problems), key=lambda f: f.path)
        if not inside:
            problems.append(f"{path}: no log in this folder")
        for found in inside:
            files += _opened(found, problems)
    return Walk(tuple(files), tuple(problems))


def _opened(found: Found, problems: list[str]) -> list[Found]:
    """The file itself, or what is in it if it is an archive."""
    if not is_container(found.path):
        return [found]
    inside, before = list(entries(found.path)), len(problems)
    problems += [entry.problem for entry in inside if entry.problem]
    members = [e for e in inside if not e.problem]
    if not members and len(problems) == before and found.is_meant:
        problems.append(f"{found.path}: no log in this archive")
    # the only file of an archive that was named is what the user means
    is_meant = found.is_meant and len(members) == 1
    return [Found(e.path, is_meant or _is_log(e.path), inside=e.size) for e in members]


def _is_log(path: str) -> bool:
    return Path(path).suffix.lower() in LOG_SUFFIXES


def _inside(folder: str, problems: list[str]) -> Iterable[Found]:
    def complain(error: OSError) -> None:
        problems.append(f"{error.filename}: cannot be listed: {reason_of(error)}")

    for parent, folders, names in os.walk(folder, onerror=complain):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if not is_log_name(path):
                continue
            is_meant = _is_log(name)
            if is_meant or _is_regular(path):
                yield Found(str(path), is_meant)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False

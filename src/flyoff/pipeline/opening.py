"""Paths to bytes: a file, or a log inside archives, written ``archive.zip!inner/name.BIN``."""

import os
import posixpath
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flyoff.decoders.containers import (
    DEPTH,
    MARK,
    MEMBERS,
    TOTAL,
    Container,
    Packed,
    kind_of,
    open_container,
)
from flyoff.decoders.csv.mapping import column_files
from flyoff.decoders.packing import RATIO
from flyoff.decoders.plans import find_plan, plan_names
from flyoff.decoders.source import LOG_SUFFIXES, Source, is_log_name
from flyoff.errors import DecodeError, FlyoffError, SourceError

#: Open archives that a process keeps: members of one are asked for one after the other.
_KEPT = 3
_open: OrderedDict[tuple[str, int, int], Container] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in an archive.

    Attributes
    ----------
    path : str
        ``archive!member``, as deep as it lies.
    size : int [byte]
    problem : str
        Why it cannot be read; empty for a member that may be a log.
    """

    path: str
    size: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A member found in an archive, by the name inside it."""

    outer: str
    container: Container
    name: str


@dataclass(slots=True)
class _Budget:
    """What is left to look at in one archive and all inside it."""

    members: int
    bytes: int


def open_source(path: str | os.PathLike[str]) -> Source:
    """Open a log: a file, a member of an archive, or the only log in an archive.

    Raises
    ------
    SourceError
        If there is no such file or member.
    DecodeError
        If an archive cannot be read, or holds several logs or none.
    """
    name = os.fspath(path)
    place = _locate(name)
    if place is not None:
        found = place.container.open(place.name)
        found.path = name
        found.columns = _columns_inside(place)
        return found
    source = Source(name)
    return source if not kind_of(source.head(512)) else _only_log(source)


def is_container(path: str) -> bool:
    """Whether a file is an archive, by its first bytes."""
    try:
        return os.path.isfile(path) and bool(kind_of(Source(path).head(512)))
    except SourceError:
        return False


def entries(path: str) -> Iterator[Entry]:
    """What is in an archive, archives inside it included, in their order.

    Yields
    ------
    Entry
        Files that may be logs, and problems; what is certainly no log is passed over.
    """
    try:
        container = _container(path)
    except FlyoffError as error:
        yield Entry(path, problem=str(error))
        return
    budget = _Budget(MEMBERS, max(TOTAL, RATIO * os.path.getsize(path)))
    yield from _inside(path, container, 1, budget)


def plan_beside(path: str) -> str | None:
    """The plan of the same name beside a log, in the folder or in the archive; None without one."""
    place = _locate(path)
    if place is None:
        found = find_plan(Path(path))
        return str(found) if found else None
    if isinstance(place.container, Packed):
        # a compressed log lies where its compressed form lies
        archive, mark, packed = place.outer.rpartition(MARK)
        beside = posixpath.join(posixpath.dirname(packed), place.name)
        return plan_beside(f"{archive}{mark}{beside}")
    return _plan_inside(place)


def _columns_inside(place: Place) -> bytes | None:
    """The mapping of a CSV in the same archive."""
    folder, name = posixpath.split(place.name)
    if not name.lower().endswith(".csv"):
        return None
    for candidate in column_files(name):
        inside = posixpath.join(folder, candidate)
        if inside in place.container.members:
            return place.container.open(inside).data.tobytes()
    return None


def _plan_inside(place: Place) -> str | None:
    folder, name = posixpath.split(place.name)
    for candidate in plan_names(name):
        inside = posixpath.join(folder, candidate)
        if inside in place.container.members:
            return f"{place.outer}{MARK}{inside}"
    return None


def _inside(path: str, container: Container, depth: int, budget: _Budget) -> Iterator[Entry]:
    if container.problem:
        yield Entry(path, problem=f"{path}: {container.problem}")
    for name, member in container.members.items():
        budget.members -= 1
        if budget.members < 0:
            yield Entry(path, problem=f"{path}: more than {MEMBERS} members; others are not read")
            return
        full = f"{path}{MARK}{name}"
        if not is_log_name(Path(name)) or "__MACOSX/" in name:
            continue
        if member.problem:
            yield Entry(full, problem=f"{full}: {member.problem}")
            continue
        budget.bytes -= member.size
        if budget.bytes < 0:
            yield Entry(full, problem=f"{full}: the archive unpacks to too much; not read")
            return
        may_hold = Path(name).suffix.lower() not in LOG_SUFFIXES  # a look into each costs
        if may_hold and kind_of(container.head(name)):
            yield from _nested(full, container, name, depth, budget)
        else:
            yield Entry(full, member.size)


def _nested(
    full: str, container: Container, name: str, depth: int, budget: _Budget
) -> Iterator[Entry]:
    if depth >= DEPTH:
        yield Entry(full, problem=f"{full}: archives nested deeper than {DEPTH}; not read")
        return
    try:
        source = container.open(name)
        source.path = full
        inner = open_container(source)
    except FlyoffError as error:
        yield Entry(full, problem=str(error))
        return
    budget.bytes -= len(source)
    if inner is not None:
        yield from _inside(full, inner, depth + 1, budget)


def _only_log(source: Source) -> Source:
    found = list(entries(source.path))
    logs = [e.path for e in found if not e.problem]
    if len(logs) == 1:
        return open_source(logs[0])
    if not logs:
        why = found[0].problem if found else "there is no log in this archive"
        raise DecodeError(source.path, 0, why.removeprefix(f"{source.path} @ 0x0: "))
    some = ", ".join(logs[:3]) + (" …" if len(logs) > 3 else "")
    raise DecodeError(
        source.path, 0, f"{len(logs)} files in this archive; name one of them: {some}"
    )


def _locate(name: str) -> Place | None:
    """The member that a path means, or None if it means a file."""
    if MARK not in name or os.path.lexists(name):
        return None
    at = name.find(MARK)
    while at >= 0:
        if os.path.isfile(name[:at]):
            return _member(name[:at], name[at + 1 :])
        at = name.find(MARK, at + 1)
    return None


def _member(outer: str, rest: str) -> Place:
    container = _container(outer)
    for _ in range(DEPTH):
        if rest in container.members:
            return Place(outer, container, rest)
        at = rest.find(MARK)
        while at >= 0 and rest[:at] not in container.members:
            at = rest.find(MARK, at + 1)
        if at < 0:
            break
        outer, rest = f"{outer}{MARK}{rest[:at]}", rest[at + 1 :]
        container = _container(outer, container, outer.rpartition(MARK)[2])
    raise SourceError(f"{outer}{MARK}{rest}", "is not in this archive")


def _container(path: str, parent: Container | None = None, name: str = "") -> Container:
    """An open archive, kept for the next question."""
    key = (path, *_state(path.partition(MARK)[0] if parent is not None else path))
    if key in _open:
        _open.move_to_end(key)
        return _open[key]
    source = Source(path) if parent is None else parent.open(name)
    source.path = path
    found = open_container(source)
    if found is None:
        raise SourceError(path, "is no archive")
    _open[key] = found
    while len(_open) > _KEPT:
        _open.popitem(last=False)
    return found


def _state(path: str) -> tuple[int, int]:
    try:
        state = os.stat(path)
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size

"""Planned missions, as ground stations write them: ``read_plan`` and ``find_plan``.

Two formats are read: the text form ``QGC WPL`` (versions 110 and 120; Mission Planner, MAVProxy,
QGroundControl) and the JSON form ``.plan`` (QGroundControl). Unlike a damaged log, a malformed plan
is refused as a whole: half a plan would turn a completed sortie into a wrong verdict.

Format references: MAVLink, "Plain-text file format" of the mission protocol; QGroundControl
developer guide, "Plan file format".
"""

import os
from pathlib import Path

from flyoff.decoders.plans import qgc, wpl
from flyoff.decoders.source import Source
from flyoff.errors import PlanError, SourceError
from flyoff.model.mission import Mission

__all__ = ["find_plan", "plan_names", "read_plan"]

#: The largest mission a vehicle can hold has 65,535 items; no honest file of one is larger [byte].
MAX_BYTES = 32 << 20


def read_plan(path: str | Path | Source) -> Mission:
    r"""Read a planned mission; the contents, not the file's name, say which format it is.

    Parameters
    ----------
    path : str or Path or Source
        A ``QGC WPL`` text file or a QGroundControl ``.plan``.

    Returns
    -------
    Mission
        Items numbered from 0 where the file holds home as its first item, else from 1.
        ``is_complete`` is False where the file leaves the flown items to the ground station
        (a structure scan, for one).

    Raises
    ------
    PlanError
        If the file is malformed; with the line, what was found and what was expected.
    SourceError
        If it is no regular file or cannot be opened.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "short.waypoints"
    >>> _ = path.write_text(
    ...     "QGC WPL 110\n"
    ...     "0 1 0 16 0 0 0 0 47.0 8.0 488 1\n"
    ...     "1 0 3 22 0 0 0 0 0 0 20 1\n"
    ...     "2 0 3 21 0 0 0 0 47.001 8.0 0 1\n"
    ... )
    >>> read_plan(path).destination
    (47.001, 8.0)
    """
    source = path if isinstance(path, Source) else Source(str(path))
    if len(source) > MAX_BYTES:
        raise PlanError(
            source.path, 0, f"holds {len(source)} bytes, expected a plan of at most {MAX_BYTES}"
        )
    head = source.head(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(wpl.MAGIC):
        return wpl.parse(source.path, source.data.tobytes())
    if head.startswith(b"{"):
        return qgc.parse(source.path, source.data.tobytes())
    found = repr(head[:16]) if head else "an empty file" if not len(source) else "only blanks"
    raise PlanError(source.path, 1, f"begins with {found}, expected 'QGC WPL 110' or a JSON object")


def find_plan(log_path: str | Path) -> Path | None:
    """Find the plan of the same name beside a log.

    ``X.BIN`` is looked up as ``X.BIN.waypoints``, ``X.BIN.plan``, ``X.waypoints``, ``X.plan`` and,
    if it begins as a mission does, ``X.txt``; the first that is there wins, readable or not, since
    a plan that was meant but is broken should be heard of.

    Parameters
    ----------
    log_path : str or Path

    Returns
    -------
    Path or None
    """
    log = Path(log_path)
    for name in plan_names(log.name):
        candidate = log.with_name(name)
        # a log's name may be so long that no longer one can exist: os.path says no, pathlib raises
        if os.path.isfile(candidate) and candidate != log:
            return candidate
    notes = log.with_suffix(".txt") if log.name else log
    return notes if notes != log and _begins_as_mission(notes) else None


def plan_names(log_name: str) -> list[str]:
    """Names under which the plan of a log of this name is looked for, the preferred one first.

    Examples
    --------
    >>> plan_names("7.BIN")
    ['7.BIN.waypoints', '7.BIN.plan', '7.waypoints', '7.plan']
    """
    stem = Path(log_name).stem
    stems = [log_name] if stem == log_name else [log_name, stem]
    return [stem + suffix for stem in stems if stem for suffix in (".waypoints", ".plan")]


def _begins_as_mission(path: Path) -> bool:
    try:
        return os.path.isfile(path) and wpl.MAGIC in Source(str(path)).head(16)
    except SourceError:
        return False

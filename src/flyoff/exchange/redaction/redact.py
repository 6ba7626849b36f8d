"""One log, redacted: decode, choose the motion, write it anew in its own format."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee
from typing import Final

import numpy as np

from flyoff.decoders.rawlog import RawLog
from flyoff.errors import ExchangeError
from flyoff.exchange.redaction import blackbox, dataflash, dataflash_text, tlog, ulog
from flyoff.exchange.redaction.commands import kept_parameters
from flyoff.exchange.redaction.fallback import completed, places_of
from flyoff.exchange.redaction.moves import Move
from flyoff.exchange.redaction.reach import Reach
from flyoff.exchange.redaction.release import Launch, Release, launch_of
from flyoff.exchange.redaction.rules import Rules
from flyoff.model.mission import Mission, MissionItem
from flyoff.model.recording import Recording
from flyoff.units import FloatArray

_WRITERS: Final[dict[str, Callable[[RawLog, Move, Rules], np.ndarray]]] = {
    "dataflash": dataflash.rewrite,
    "ulog": ulog.rewrite,
    "tlog": tlog.rewrite,
    "blackbox": blackbox.rewrite,
    "dataflash_text": dataflash_text.rewrite,
}
#: Endings of the redacted files.
SUFFIXES: Final = {
    "dataflash": ".BIN",
    "dataflash_text": ".log",
    "ulog": ".ulg",
    "tlog": ".tlog",
    "blackbox": ".BBL",
}


@dataclass(frozen=True, slots=True)
class Redacted:
    """A redacted log, with what its owner needs to find the way back.

    Attributes
    ----------
    data : bytes
    format : str
    move : Move
    launch : Launch
    vehicle_id, pseudonym : str
    original_sha256 : str
    """

    data: bytes
    format: str
    move: Move
    launch: Launch
    vehicle_id: str
    pseudonym: str
    original_sha256: str

    def without_data(self) -> "Redacted":
        """The same without the bytes, and without the log that the motion was found for."""
        return replace(self, data=b"", move=replace(self.move, reach=None))


@dataclass(frozen=True, slots=True)
class Seen:
    """What has to be known of a log before it is rewritten.

    Attributes
    ----------
    launch : Launch
    vehicle_id : str
        ``unknown`` where the log names none.
    """

    launch: Launch
    vehicle_id: str


def look(raw: RawLog, recordings: Iterable[Recording]) -> Seen:
    """See where a log begins and which vehicle it is of.

    Parameters
    ----------
    raw : RawLog
    recordings : iterable of Recording
        The same log, normalised. No more are taken than tell that.

    Raises
    ------
    ExchangeError
        If nothing can write the log's format.
    """
    if raw.format not in _WRITERS:
        raise ExchangeError(
            f"{raw.path}: a log of format {raw.format!r} cannot be rewritten in its own format, "
            f"only {', '.join(_WRITERS)} can; flyoff bundle create hands over what it showed, "
            "in tables without places"
        )
    for_launch, for_vehicle = tee(recordings)
    launch = completed(launch_of(for_launch), raw)
    known = (r.vehicle.id for r in for_vehicle if r.vehicle.id != "unknown")
    return Seen(launch, next(known, "unknown"))


def rewritten(
    raw: RawLog, seen: Seen, move: Move, rules: Rules, plan: Mission | None = None
) -> Redacted:
    """Rewrite a log that was looked at; a plan that will move with it joins its places."""
    if seen.launch.place is not None:
        places = partial(_places, raw, plan)
        move = replace(move, reach=Reach(seen.launch.place, places))
    data = _WRITERS[raw.format](raw, move, rules).tobytes()
    return Redacted(
        data,
        raw.format,
        move,
        seen.launch,
        seen.vehicle_id,
        rules.pseudonym,
        raw.source.sha256,
    )


def _places(raw: RawLog, plan: Mission | None) -> Iterator[tuple[FloatArray, FloatArray]]:
    yield from places_of(raw)
    if plan is not None:
        items = [(item.lat, item.lon) for item in plan.items if item.has_position]
        items += [plan.home[:2]] if plan.home is not None else []
        lat, lon = np.array(items, dtype=np.float64).reshape(-1, 2).T
        yield lat, lon


def redact(
    raw: RawLog, recordings: Iterable[Recording], release: Release, flight: str = ""
) -> Redacted:
    """Look at a log and rewrite it.

    Parameters
    ----------
    raw, recordings
        See `look`.
    release : Release
    flight : str
        Name that other logs of the same flight are given too; without it the log is alone.
    """
    seen = look(raw, recordings)
    move = release.move(seen.launch, flight or raw.source.sha256)
    return rewritten(raw, seen, move, release.rules(seen.vehicle_id))


def moved_plan(mission: Mission, move: Move) -> bytes:
    """A planned mission after the same motion, as ``QGC WPL 110``."""
    lines = ["QGC WPL 110"]
    items = mission.items
    if mission.home is not None and (not items or items[0].seq != 0):
        home = MissionItem(0, 16, *mission.home, frame=0)
        items = (home, *items)
    for item in items:
        lat, lon = 0.0, 0.0
        if item.has_position:
            moved = move.place(np.array([item.lat]), np.array([item.lon]))
            lat, lon = float(moved[0][0]), float(moved[1][0])
        is_above_sea = item.frame in (0, 5)
        alt = float(move.height(np.array([item.alt]))[0]) if is_above_sea else item.alt
        params = [_finite(p) for p in kept_parameters(item.command, item.params)]
        numbers = (*params, lat, lon, _finite(alt))
        told = "\t".join(f"{number:.8f}" for number in numbers)
        lines.append(f"{item.seq}\t{int(item.seq == 0)}\t{item.frame}\t{item.command}\t{told}\t1")
    return ("\n".join(lines) + "\n").encode()


def _finite(number: float) -> float:
    return number if np.isfinite(number) else 0.0

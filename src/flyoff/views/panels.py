"""Which signals decide, and what of them to draw: the plots that belong to a sortie's evidence.

The channels are those that the evidence names, with what a reader needs beside them: all motors
when one is named, lean and lean error when an attitude is, height when a place is. A limit is drawn
only where the drawn signal is the one that the limit was held against.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Severity
from flyoff.model.flight import Flight
from flyoff.model.sortie import Sortie
from flyoff.units import RAD_PER_DEGREE, FloatArray
from flyoff.views.wording import plain

#: More plots than this hide what decided.
MAX_PANELS = 6
#: Drawn before the first and after the last instant of the evidence [s].
_BEFORE_S, _AFTER_S = 8.0, 5.0
_SHORTEST_S = 15.0
#: A limit belongs to the signal drawn if the value in the evidence is the signal's own at that
#: instant, or its extreme just before and after, to this share.
_SAME = 0.02
_NEAR_S = 0.6
#: More lines of one sort than this are not told apart by eye.
_MAX_LINES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One signal: ``t_s`` [s on the log's own clock] and values, float64 shape (n,)."""

    name: str
    t_s: FloatArray
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant worth a vertical line."""

    t_s: float
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One plot.

    Attributes
    ----------
    title : str
    unit : str
    lines : tuple of Line
    limits : tuple of float [unit]
        Drawn as horizontal lines.
    marks : tuple of Mark
    start_s, end_s : float
        The stretch to draw.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    limits: tuple[float, ...]
    marks: tuple[Mark, ...]
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """What is drawn for one sort of evidence, before the stretch is chosen."""

    title: str
    unit: str
    channels: tuple[Channel, ...]
    scale: float = 1.0
    has_limits: bool = True


def panels(flight: Flight, sortie: Sortie) -> tuple[Panel, ...]:
    """Choose the plots of a sortie, the decisive ones first; none where nothing was logged.

    Parameters
    ----------
    flight : Flight
        The signals that it was judged by.
    sortie : Sortie
    """
    evidence = list(_decisive(sortie))
    start_s, end_s = _stretch(flight, evidence, sortie)
    marks = _marks(sortie, start_s, end_s)
    found: dict[str, tuple[_Drawing, list[Evidence]]] = {}
    for piece in evidence:
        drawing = _drawing(flight, piece.channel) if piece.channel else None
        if drawing is not None:
            found.setdefault(drawing.title, (drawing, []))[1].append(piece)
    if flight.height is not None and flight.flies:
        height = _Drawing("height above the launch point", "m", (flight.height,))
        found.setdefault(height.title, (height, []))
    made = (_panel(d, pieces, marks, start_s, end_s) for d, pieces in found.values())
    return tuple(p for p in made if p is not None)[:MAX_PANELS]


def _decisive(sortie: Sortie) -> Iterable[Evidence]:
    """The cause's evidence, then the outcome's, then that of what else was grave."""
    grave = [f for f in sortie.findings if f.severity is not Severity.INFO]
    cause = sortie.cause
    if cause is not None:
        grave.sort(key=lambda f: (f.kind != cause.kind or f.onset_s != cause.onset_s, f.onset_s))
        if grave:
            yield from grave[0].evidence
    yield from sortie.evidence
    for finding in grave:
        yield from finding.evidence


def _stretch(flight: Flight, evidence: Sequence[Evidence], sortie: Sortie) -> tuple[float, float]:
    first_s, last_s = flight.start_us / 1e6, flight.end_us / 1e6
    instants = [e.t_s for e in evidence if e.t_s is not None]
    if sortie.cause is not None:
        instants += [sortie.cause.onset_s, *(k.t_s for k in sortie.cause.chain)]
    instants = [t for t in instants if first_s - 1.0 <= t <= last_s + 1.0]
    if not instants:
        return first_s, last_s
    a, b = min(instants) - _BEFORE_S, max(instants) + _AFTER_S
    short = max(0.0, _SHORTEST_S - (b - a))
    return max(first_s - 1.0, a - short / 2), min(last_s + 1.0, b + short / 2)


def _marks(sortie: Sortie, start_s: float, end_s: float) -> tuple[Mark, ...]:
    if sortie.cause is not None:
        found = [Mark(k.t_s, plain(str(k.kind))) for k in sortie.cause.chain if k.kind]
    else:
        found = [
            Mark(f.onset_s, plain(str(f.kind)))
            for f in sortie.findings
            if f.severity is not Severity.INFO
        ]
    return tuple(m for m in found if start_s <= m.t_s <= end_s)


def _drawing(flight: Flight, name: str) -> _Drawing | None:
    base = base_name(name)
    for prefix, make in _SORTS:
        if base.startswith(prefix):
            made = make(flight)
            if made is not None:
                return made
    if flight.height is not None and name == flight.height.source:
        return _Drawing("height above the launch point", "m", (flight.height,))
    return _plain_drawing(flight, base)


def _plain_drawing(flight: Flight, base: str) -> _Drawing | None:
    quantity = CATALOGUE.get(base)
    channels = tuple(flight.instances(base).values())[:_MAX_LINES]
    if quantity is None or not channels:
        return None
    in_degrees = quantity.unit == "rad"
    unit = "°" if in_degrees else quantity.unit
    scale = 1.0 / RAD_PER_DEGREE if in_degrees else 1.0
    return _Drawing(base.replace(".", " ").replace("_", " "), unit, channels, scale)


def _lean(flight: Flight) -> _Drawing | None:
    found = (_named(flight.tilt, "lean"), _named(flight.lean_error, "lean error"))
    channels = tuple(c for c in found if c is not None)
    return _Drawing("lean", "°", channels, 1.0 / RAD_PER_DEGREE) if channels else None


def _climb(flight: Flight) -> _Drawing | None:
    climb = flight.climb
    if climb is None:
        return None
    down = Channel("descent", climb.t_us, -climb.values, climb.source)
    return _Drawing("descent", "m/s", (down,))


def _speed(flight: Flight) -> _Drawing | None:
    speed = _named(flight.speed, "speed")
    return _Drawing("speed over ground", "m/s", (speed,)) if speed is not None else None


def _place(flight: Flight) -> _Drawing | None:
    """Distance from the launch point, as estimated and as the receivers say."""
    channels = []
    for group, label in (("position", "estimated"), ("gnss", "receiver")):
        track = flight.track(group)
        if track is not None:
            t_us, north, east = track
            channels.append(Channel(label, t_us, np.hypot(north, east), group))
    if not channels:
        return None
    # what is held against limits are jumps and distances from other places, never this distance
    return _Drawing("distance from the launch point", "m", tuple(channels), has_limits=False)


def _named(channel: Channel | None, name: str) -> Channel | None:
    return None if channel is None else Channel(name, channel.t_us, channel.values, channel.source)


#: Beginning of a channel's name to what is drawn for it; the first that fits.
_SORTS: tuple[tuple[str, Callable[[Flight], _Drawing | None]], ...] = (
    ("attitude.yaw", lambda flight: _plain_drawing(flight, "attitude.yaw")),
    ("attitude", _lean),
    ("velocity.down", _climb),
    ("velocity", _speed),
    ("gnss.speed", _speed),
    ("position.lat", _place),
    ("position.lon", _place),
    ("gnss.lat", _place),
    ("gnss.lon", _place),
    ("gnss.offset", _place),
)


def _panel(
    drawing: _Drawing,
    evidence: Sequence[Evidence],
    marks: tuple[Mark, ...],
    start_s: float,
    end_s: float,
) -> Panel | None:
    lines = []
    for channel in drawing.channels:
        part = channel.between(int(start_s * 1e6), int(end_s * 1e6))
        if np.isfinite(part.values).any():
            lines.append(Line(channel.name, part.t_s, part.values * drawing.scale))
    if not lines:
        return None
    held = evidence if drawing.has_limits else ()
    limits = tuple(dict.fromkeys(_limits(lines, held, drawing.scale)))
    return Panel(drawing.title, drawing.unit, tuple(lines), limits, marks, start_s, end_s)


def _limits(lines: Sequence[Line], evidence: Sequence[Evidence], scale: float) -> Iterable[float]:
    for piece in evidence:
        if piece.limit is None or piece.value is None or piece.t_s is None:
            continue
        named = [line for line in lines if line.name == piece.channel] or lines
        if any(_shows(line, piece.t_s, piece.value * scale) for line in named):
            yield piece.limit * scale


def _shows(line: Line, t_s: float, value: float) -> bool:
    """Whether the signal is the one that was judged: it takes this value at this instant."""
    good = np.isfinite(line.values) & (np.abs(line.t_s - t_s) <= _NEAR_S)
    t, near = line.t_s[good], line.values[good]
    if not near.size or not math.isfinite(value):
        return False
    candidates = (near[np.argmin(np.abs(t - t_s))], near.min(), near.max())
    slack = _SAME * max(abs(value), 1e-6)
    return any(abs(float(c) - value) <= slack for c in candidates)

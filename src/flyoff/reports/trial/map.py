"""Maps of a trial: where targets were seen and where not, and where false tracks began."""

import numpy as np

from flyoff.pipeline.trial import counts
from flyoff.pipeline.trial.drawn import scanned
from flyoff.pipeline.trial.evidence import Evidence
from flyoff.reports.figures.scales import Scale, ticks
from flyoff.reports.figures.svg import figure, line, text
from flyoff.reports.markup import Html, el, join
from flyoff.units import FloatArray, IntArray

SIZE = 520.0
_EDGE = 34.0


def seen_map(e: Evidence) -> Html:
    """Every scan of every target: seen, or missed (red), with the reports that follow it."""
    f = e.following
    truth, scan = scanned(e)
    place, report = f.place[truth, scan], f.report[truth, scan]
    followed = report[report >= 0]
    position = e.reports.position[followed]
    x, y = _frame(np.concatenate([place[:, :2], position[:, :2], e.sensor[None, :2]]))
    since = f.scans.middle_s - (f.scans.middle_s[0] if f.scans.middle_s.size else 0.0)
    reported = [
        _dot(x(p[0]), y(p[1]), 1.6, "report", since[k])
        for p, k in zip(position, scan[report >= 0], strict=True)
        if p[0] == p[0]
    ]
    marks = [
        _dot(x(p[0]), y(p[1]), 2.6, "hit" if r >= 0 else "miss", since[k])
        for p, r, k in zip(place, report, scan, strict=True)
    ]
    missed = int((report < 0).sum())
    said = f"Where targets were: seen in {report.size - missed} scans, missed in {missed}"
    return figure(SIZE, SIZE, said, _grid(x, y), *reported, *marks, _sensor(e, x, y))


def false_map(e: Evidence) -> Html:
    """Where false tracks began in target-free time."""
    starts: IntArray = counts.false_starts(e, e.free)
    position = e.reports.position[starts]
    position = position[np.isfinite(position[:, 0])]
    x, y = _frame(np.concatenate([position[:, :2], e.sensor[None, :2]]))
    marks = [_cross(x(p[0]), y(p[1])) for p in position]
    said = f"Where {position.shape[0]} false tracks began in target-free time"
    return figure(SIZE, SIZE, said, _grid(x, y), *marks, _sensor(e, x, y))


def _frame(points: FloatArray) -> tuple[Scale, Scale]:
    """Scales of a square that holds all points, metres alike on both axes."""
    known = points[np.isfinite(points).all(axis=1)]
    low, high = known.min(axis=0), known.max(axis=0)
    middle, reach = (low + high) / 2, max(float((high - low).max()) / 2 * 1.05, 50.0)
    return (
        Scale(middle[0] - reach, middle[0] + reach, _EDGE, SIZE - 6),
        Scale(middle[1] - reach, middle[1] + reach, SIZE - _EDGE, 6),
    )


def _grid(x: Scale, y: Scale) -> Html:
    lines = []
    for value in ticks(x.low, x.high, 8):
        lines.append(line(x(value), y.end, x(value), y.start, "grid"))
        lines.append(text(x(value), SIZE - _EDGE + 14, f"{value:g}", "tick", "middle"))
    for value in ticks(y.low, y.high, 8):
        lines.append(line(x.start, y(value), x.end, y(value), "grid"))
        lines.append(text(x.start - 4, y(value) + 4, f"{value:g}", "tick", "end"))
    lines.append(text((x.start + x.end) / 2, SIZE - 4, "m east of the site", "axis", "middle"))
    return join(*lines)


def _sensor(e: Evidence, x: Scale, y: Scale) -> Html:
    at = x(float(e.sensor[0])), y(float(e.sensor[1]))
    shape = f"M{at[0]:.1f} {at[1] - 6:.1f}l6 11h-12z"
    return join(
        el("path", {"d": shape, "class": "post"}, el("title", None, e.data.setup.name)),
        text(at[0] + 9, at[1] + 5, e.data.setup.name, "post-name"),
    )


def _dot(x: float, y: float, r: float, kind: str, t: float) -> Html:
    return el("circle", {"cx": x, "cy": y, "r": r, "class": kind, "data-t": f"{t:.0f}"})


def _cross(x: float, y: float) -> Html:
    return el("path", {"d": f"M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8", "class": "false"})

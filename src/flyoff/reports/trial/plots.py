"""Plots of a trial: the chance against range, custody over time, and how late reports came."""

import math
from typing import Any

import numpy as np

from flyoff.pipeline.trial.drawn import custody, late, track_name
from flyoff.pipeline.trial.evidence import Evidence, Pass
from flyoff.reports.figures.scales import Scale, ticks
from flyoff.reports.figures.svg import figure, line, rectangle, text
from flyoff.reports.markup import Html, el, join

_WIDTH, _HEIGHT = 520.0, 300.0
_LEFT, _BOTTOM, _TOP = 44.0, 40.0, 10.0
_ROW = 22.0


def chance_plot(scores: dict[str, Any]) -> Html | None:
    """Chance to be seen in a scan against range: line with its band, isotonic, and shares."""
    curve = scores["detection"]["curve"]
    if "unknown" in curve:
        return None
    x = Scale(0.0, max(curve["range_m"]) * 1.02, _LEFT, _WIDTH - 8)
    y = Scale(0.0, 1.0, _HEIGHT - _BOTTOM, _TOP)
    at = [x(r) for r in curve["range_m"]]
    band = [*zip(at, map(y, curve["high"]), strict=True)]
    band += reversed([*zip(at, map(y, curve["low"]), strict=True)])
    bins = scores["detection"]["by"][0]["bins"]
    marks = [_bin(b, x, y) for b in bins]
    said = "Chance to be seen in one scan against range, with its band"
    return figure(
        _WIDTH,
        _HEIGHT,
        said,
        _axes(x, y, "m from the sensor", "chance in a scan"),
        el("path", {"d": _path(band) + "z", "class": "band"}),
        el(
            "path", {"d": _path([*zip(at, map(y, curve["isotonic"]), strict=True)]), "class": "iso"}
        ),
        el("path", {"d": _path([*zip(at, map(y, curve["chance"]), strict=True)]), "class": "fit"}),
        *marks,
    )


def _bin(b: dict[str, Any], x: Scale, y: Scale) -> Html:
    middle, share = x((b["from"] + b["to"]) / 2), y(b["seen"] / b["scans"])
    parts = [el("circle", {"cx": middle, "cy": share, "r": 3, "class": "share-dot"})]
    if b["low"] is not None:
        parts.insert(0, line(middle, y(b["low"]), middle, y(b["high"]), "whisker"))
    return join(*parts)


def custody_plot(e: Evidence) -> Html | None:
    """A row for each pass: when it was in the volume, when followed, and by which track."""
    if not e.passes:
        return None
    longest = max(p.end_s - p.start_s for p in e.passes)
    width = 1060.0
    x = Scale(0.0, longest, 170.0, width - 10)
    height = _TOP + _ROW * len(e.passes) + _BOTTOM
    rows = [_custody(e, p, _TOP + k * _ROW, x) for k, p in enumerate(e.passes)]
    foot = height - _BOTTOM
    axis = [
        join(
            line(x(t), foot, x(t), foot + 4, "tick-mark"),
            text(x(t), foot + 17, f"{t:g}", "tick", "middle"),
        )
        for t in ticks(0.0, longest, 10)
    ]
    title = text((x.start + x.end) / 2, height - 4, "s since entering the volume", "axis", "middle")
    return figure(width, height, "Custody of each target in each run", *rows, *axis, title)


def _custody(e: Evidence, p: Pass, top: float, x: Scale) -> Html:
    parts = [text(164.0, top + 14, f"{p.run} · {p.target}", "row", "end")]
    for c in custody(e, p):
        kind = "gap" if c.nth < 0 else f"held held-{c.nth % 4}"
        name = el("title", None, track_name(e, c.owner))
        left = max(x(c.start_s), x.start)
        parts.append(rectangle(left, top + 3, x(c.end_s) - left, _ROW - 8, kind, name))
    if math.isfinite(p.line_s):
        at_line = x(p.line_s - p.start_s)
        parts.append(line(at_line, top, at_line, top + _ROW - 2, "crossing"))
    if math.isfinite(p.alert_s):
        at_alert = min(x(p.alert_s - p.start_s), x.end)
        parts.append(el("path", {"d": f"M{at_alert:.1f} {top + 1:.1f}l4 -5h-8z", "class": "alert"}))
    return join(*parts)


def latency_plot(e: Evidence) -> Html | None:
    """How late reports of targets reached the operator."""
    found = late(e)
    if found is None:
        return None
    counted, edges, every = found
    low, high = float(edges[0]), float(edges[-1])
    x = Scale(low, high, _LEFT, _WIDTH - 8)
    y = Scale(0.0, float(counted.max()) * 1.05, _HEIGHT - _BOTTOM, _TOP)
    bars = [
        rectangle(x(a), y(float(n)), x(b) - x(a) - 1, y.start - y(float(n)), "bar")
        for n, a, b in zip(counted, edges[:-1], edges[1:], strict=True)
    ]
    marks = [
        join(
            line(x(v), y.start, x(v), _TOP, "whisker"),
            text(x(v) + 4, _TOP + 10, f"p{q} {v:.2f} s", "tick"),
        )
        for q, v in ((50, float(np.quantile(every, 0.5))), (95, float(np.quantile(every, 0.95))))
    ]
    said = "How late reports reached the operator"
    return figure(
        _WIDTH, _HEIGHT, said, _axes(x, y, "s from measuring to the operator", ""), *bars, *marks
    )


def _axes(x: Scale, y: Scale, under: str, beside: str) -> Html:
    parts = []
    for value in ticks(x.low, x.high, 6):
        parts.append(line(x(value), y.start, x(value), y.start + 4, "tick-mark"))
        parts.append(text(x(value), y.start + 16, f"{value:g}", "tick", "middle"))
    for value in ticks(y.low, y.high, 5):
        parts.append(line(x.start, y(value), x.end, y(value), "grid"))
        parts.append(text(x.start - 5, y(value) + 4, f"{value:g}", "tick", "end"))
    parts.append(text((x.start + x.end) / 2, y.start + 34, under, "axis", "middle"))
    if beside:
        parts.append(text(x.start + 4, y.end + 12, beside, "axis"))
    return join(*parts)


def _path(points: list[tuple[float, float]]) -> str:
    return "".join(f"{'L' if k else 'M'}{a:.1f} {b:.1f}" for k, (a, b) in enumerate(points))

"""A sortie over time: height, speed and tilt, phases as bands, findings as numbered marks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flyoff.model.frames import tilt
from flyoff.reports.figures import svg
from flyoff.reports.figures.scales import Scale, span_of, thin_series, ticks
from flyoff.reports.markup import Html, el, join
from flyoff.reports.words import ENGLISH, Words
from flyoff.units import FloatArray
from flyoff.views.sortie import FlownPath, SortieDetail

WIDTH = 640.0
_LEFT, _RIGHT = 50.0, 12.0
_MARKS, _PHASES, _AXIS, _GAP = 24.0, 20.0, 34.0, 22.0
_MOST_POINTS = 500
#: Vehicles that stay on the surface: their height says nothing.
SURFACE = frozenset({"boat", "rover"})
#: More marks than this cannot be told apart; the table below the figure has them all.
_MOST_MARKS = 24
#: Room for a number on a mark [px].
_BADGE = 36.0
#: A longer stretch would hide the end [s].
_LONGEST_END_S = 90.0
#: What set in long before the stretch that is drawn has no mark in it [s].
_EARLY_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One quantity over time.

    Attributes
    ----------
    title, unit : str
    values : float64, shape (n,) [unit]
    height : float [px]
    least : float [unit]
        The axis spans at least so much: noise shall not look like an event.
    kind : str
        Class of the line.
    """

    title: str
    unit: str
    values: FloatArray
    height: float
    least: float
    kind: str


def timeline(detail: SortieDetail, w: Words = ENGLISH, width: float = WIDTH) -> Html | None:
    """The figure, so wide [px]; None if nothing of it was logged."""
    panels = [p for p in _panels(detail, w) if np.isfinite(p.values).any()]
    if not panels:
        return None
    t_s = detail.track.t_s
    low, high = detail["start_s"], max(detail["end_s"], float(t_s[-1]))
    time = Scale(low, max(high, low + 1.0), _LEFT, width - _RIGHT)
    bottom = _MARKS + _PHASES + sum(p.height + _GAP for p in panels)
    parts = [_phases(detail, time, bottom, w)]
    top = _MARKS + _PHASES
    for panel in panels:
        parts.append(_panel(panel, t_s, time, top + _GAP * 0.75, w))
        top += panel.height + _GAP
    parts += [_findings(detail, time, bottom, w), _time_axis(time, bottom, w)]
    return svg.figure(width, bottom + _AXIS, _spoken(detail, panels, w), *parts)


def numbered(detail: SortieDetail) -> list[tuple[int, float]]:
    """Number and onset [s] of the findings that get a mark; the table uses the same numbers."""
    return [(i + 1, f.onset_s) for i, f in enumerate(detail.findings[:_MOST_MARKS])]


def _panels(detail: SortieDetail, w: Words) -> list[Panel]:
    track = detail.track
    if not track.t_s.size:
        return []
    lean = np.degrees(tilt(track["roll"], track["pitch"]))
    speed = Panel(w.t("ground speed"), "m/s", track.ground_speed, 88, 2.0, "speed")
    if detail["vehicle_kind"] in SURFACE:
        return [speed, Panel(w.t("tilt"), "°", lean, 60, 10.0, "tilt")]
    height = Panel(w.t("height above home"), "m", track["height"], 132, 5.0, "height")
    return [height, speed, Panel(w.t("tilt"), "°", lean, 60, 20.0, "tilt")]


def _panel(panel: Panel, t_s: FloatArray, time: Scale, top: float, w: Words) -> Html:
    low, high = span_of(panel.values, panel.least, with_zero=True)
    scale = Scale(low, high, top + panel.height, top)
    parts = []
    for tick in ticks(low, high, 4 if panel.height > 100 else 2):
        y = scale(tick)
        parts.append(svg.line(_LEFT, y, time.end, y, "base" if tick == 0 else "grid"))
        parts.append(svg.text(_LEFT - 6, y + 4, f"{tick:g}", "tick", "end"))
    kept = thin_series(panel.values, _MOST_POINTS)
    x, y_all = time.many(t_s[kept]), scale.many(panel.values[kept])
    leaps = np.concatenate([[0], np.cumsum(np.diff(t_s) > svg.MAX_GAP_S)])
    parts.append(svg.stroke(x, y_all, leaps[kept] * (2 * svg.MAX_GAP_S), f"line {panel.kind}"))
    words = f"{panel.title} [{w.unit(panel.unit)}]"
    parts.append(svg.text(_LEFT + 4, top - 3, words, "label halo"))
    return join(*parts)


def _phases(detail: SortieDetail, time: Scale, bottom: float, w: Words) -> Html:
    """Alternating bands, each named where its name fits."""
    parts = []
    for i, phase in enumerate(detail.phases):
        start, end = (_clamped(time, t) for t in (phase.start_s, phase.end_s))
        name = w.word(phase.phase)
        span = w.local(f"{phase.start_s:.1f} – {phase.end_s:.1f} s")
        tip = el("title", None, f"{name}: {span}")
        kind = f"band b{i % 2}"
        parts.append(svg.rectangle(start, _MARKS, end - start, bottom - _MARKS, kind, tip))
        if end - start > 6.2 * len(name) + 4:
            parts.append(svg.text((start + end) / 2, _MARKS + 14, name, "phase", "middle"))
    return join(*parts)


def _findings(detail: SortieDetail, time: Scale, bottom: float, w: Words) -> Html:
    """A line at each onset with its number on top; numbers that would collide share a line."""
    parts: list[Html] = []
    for numbers, x in _clustered(
        [(n, _clamped(time, t)) for n, t in numbered(detail) if t >= time.low - _EARLY_S]
    ):
        first = detail.findings[numbers[0] - 1]
        worst = _worst([detail.findings[n - 1].severity for n in numbers])
        says = "; ".join(w.word(detail.findings[n - 1].kind) for n in numbers)
        tip = el("title", None, f"{first.onset_s:.1f} s: {says}")
        words = ", ".join(map(str, numbers)) if len(numbers) < 3 else f"{numbers[0]}–{numbers[-1]}"
        half = 7.0 + 3.2 * (len(words) - 1)
        middle = min(max(x, _LEFT + half), time.end - half)
        badge: dict[str, str | float | int | None] = {
            "x": middle - half, "y": 2, "width": 2 * half, "height": 16, "rx": 8,
            "class": f"badge s-{worst}",
        }  # fmt: skip
        kind = "n inverse" if worst == "critical" else "n"
        parts.append(svg.line(x, 18, x, bottom, f"mark s-{worst}"))
        parts.append(
            el(
                "g",
                None,
                tip,
                el("rect", badge),
                svg.text(middle, 14, words, kind, "middle"),
            )
        )
    return join(*parts)


def _clustered(marks: Sequence[tuple[int, float]]) -> list[tuple[list[int], float]]:
    """Marks closer than a badge is wide, together at the first one's place."""
    groups: list[tuple[list[int], float]] = []
    for number, x in marks:
        if groups and x - groups[-1][1] < _BADGE:
            groups[-1][0].append(number)
        else:
            groups.append(([number], x))
    return groups


def _worst(severities: Sequence[str]) -> str:
    return next((s for s in ("critical", "warning") if s in severities), "info")


def _time_axis(time: Scale, bottom: float, w: Words) -> Html:
    parts = [svg.line(_LEFT, bottom, time.end, bottom, "base")]
    for tick in ticks(time.low, time.high, round(time.end / 80)):
        x = time(tick)
        parts.append(svg.line(x, bottom, x, bottom + 4, "base"))
        parts.append(svg.text(x, bottom + 16, f"{tick:g}", "tick", "middle"))
    middle = (_LEFT + time.end) / 2
    parts.append(svg.text(middle, bottom + 31, w.t("log's own clock [s]"), "tick", "middle"))
    return join(*parts)


def _clamped(time: Scale, t_s: float) -> float:
    return min(max(time(t_s), time.start), time.end)


def _spoken(detail: SortieDetail, panels: Sequence[Panel], w: Words) -> str:
    said = [
        f"{p.title} {w.number(float(np.nanmin(p.values)))} – "
        f"{w.number(float(np.nanmax(p.values)), p.unit)}"
        for p in panels
    ]
    return f"{detail['log_name']}: {', '.join(said)}"


def ending(detail: SortieDetail, before_s: float = 10.0, least_s: float = 20.0) -> SortieDetail:
    """The sortie's last stretch: from before the cause set in, or the last seconds, to its end."""
    t_s = detail.track.t_s
    start, end = detail["start_s"] or 0.0, detail["end_s"] or 0.0
    end = max(end, float(t_s[-1])) if t_s.size else end
    onset = detail["cause_onset_s"]
    first = end - least_s if onset is None else min(onset - before_s, end - least_s)
    first = max(first, start, end - _LONGEST_END_S)
    inside = t_s >= first
    track = FlownPath(t_s[inside], {k: v[inside] for k, v in detail.track.columns.items()})
    return replace(
        detail,
        row={**detail.row, "start_s": first, "end_s": end},
        phases=tuple(p for p in detail.phases if p.end_s > first),
        track=track,
    )

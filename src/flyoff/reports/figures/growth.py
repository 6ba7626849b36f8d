"""Failures over the hours in the air, with the power law where it was fitted."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from flyoff.reports.figures import svg
from flyoff.reports.figures.scales import Scale, ticks
from flyoff.reports.markup import Html, el
from flyoff.reports.words import Words
from flyoff.views.paper import Line

WIDTH, _HEIGHT = 320.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 14.0, 20.0, 36.0


def growth_figure(lines: Sequence[Line], growth: Mapping[str, Any], w: Words) -> Html | None:
    """Draw the failures of one candidate; None where none or no hours are known.

    Parameters
    ----------
    lines : sequence of Line
        Its sorties in the order of time.
    growth : mapping
        As ``campaign evaluate --json`` has it.
    w : Words
    """
    attempts = [line for line in lines if line.is_attempt]
    hours = np.cumsum([(line.airborne_s or 0.0) / 3600.0 for line in attempts])
    failures = np.cumsum([line.is_bad for line in attempts])
    if not hours.size or hours[-1] <= 0 or not failures[-1]:
        return None
    in_minutes = hours[-1] < 2.0
    factor, unit = (60.0, "min") if in_minutes else (1.0, "h")
    x = Scale(0.0, float(hours[-1]), _LEFT, WIDTH - _RIGHT)
    y = Scale(0.0, float(failures[-1]), _HEIGHT - _BOTTOM, _TOP)
    parts: list[Html] = []
    for tick in ticks(0.0, float(hours[-1]) * factor, 5):
        at = x(tick / factor)
        parts.append(svg.line(at, _TOP, at, _HEIGHT - _BOTTOM, "grid"))
        parts.append(svg.text(at, _HEIGHT - _BOTTOM + 14, w.local(f"{tick:g}"), "tick", "middle"))
    for tick in ticks(0.0, float(failures[-1]), 4):
        if tick == int(tick):
            parts.append(svg.line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), "grid"))
            parts.append(svg.text(_LEFT - 6, y(tick) + 4, f"{tick:.0f}", "tick", "end"))
    parts.append(_steps(hours, failures, x, y))
    parts += _fit(growth, x, y, w)
    label = w.t("time in the air [{unit}]", unit=w.unit(unit))
    parts.append(svg.text((_LEFT + WIDTH - _RIGHT) / 2, _HEIGHT - 6, label, "tick", "middle"))
    parts.append(svg.text(_LEFT, 12, w.t("failures so far"), "label"))
    return svg.figure(WIDTH, _HEIGHT, spoken(growth, w), *parts)


def spoken(growth: Mapping[str, Any], w: Words) -> str:
    """What the figure says in words."""
    return w.n("{count} failure in {hours} in the air", "{count} failures in {hours} in the air",
               growth["failures"], hours=w.number(growth["hours"], "h"))  # fmt: skip


def _steps(
    hours: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    failures: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
    x: Scale,
    y: Scale,
) -> Html:
    path, before = f"M{x(0.0):.1f} {y(0.0):.1f}", 0
    for hour, count in zip(hours.tolist(), failures.tolist(), strict=True):
        path += f"L{x(hour):.1f} {y(before):.1f}"
        if count != before:
            path += f"L{x(hour):.1f} {y(count):.1f}"
        before = count
    data = {"d": path, "class": "line height", "data-failures": repr(int(failures[-1])),
            "data-hours": repr(float(hours[-1]))}  # fmt: skip
    return el("path", dict(data))


def _fit(growth: Mapping[str, Any], x: Scale, y: Scale, w: Words) -> list[Html]:
    """The fitted power law, through the last failure."""
    shape = growth["shape"]
    if shape is None:
        return []
    t = np.linspace(0.0, 1.0, 41)
    along = growth["failures"] * t ** shape["value"]
    points = " ".join(
        f"{x(a * growth['hours']):.1f},{y(b):.1f}"
        for a, b in zip(t.tolist(), along.tolist(), strict=True)
    )
    words = w.t("power law, shape {shape}", shape=w.number(shape["value"]))
    return [
        el("polyline", {"points": points, "class": "fit", "data-shape": repr(shape["value"])}),
        svg.text(_LEFT + 8, _TOP + 14, f"– – {words}", "value"),
    ]

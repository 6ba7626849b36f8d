"""Pieces that every figure is drawn with."""

import numpy as np

from flyoff.reports.figures.scales import runs
from flyoff.reports.markup import Html, Value, el, join
from flyoff.units import FloatArray

#: A line is not drawn across a longer gap than this [s].
MAX_GAP_S = 2.5


def figure(width: float, height: float, title: str, *children: "str | None") -> Html:
    """A drawing of its own that scales with the page; the title is what a screen reader says."""
    attributes: dict[str, Value] = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": width,
        "height": height,
        "role": "img",
        "class": "figure",
    }
    return el("svg", attributes, el("title", None, title), *children)


def text(x: float, y: float, words: str, kind: str = "", anchor: str | None = None) -> Html:
    """Words at a place."""
    return el("text", {"x": x, "y": y, "class": kind or None, "text-anchor": anchor}, words)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Html:
    """A straight line."""
    return el("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": kind})


def rectangle(x: float, y: float, width: float, height: float, kind: str, *inside: str) -> Html:
    """A box; what is inside is usually its title."""
    at: dict[str, Value] = {"x": x, "y": y, "width": max(width, 0.0), "height": max(height, 0.0)}
    return el("rect", {**at, "class": kind}, *inside)


def stroke(x: FloatArray, y: FloatArray, t_s: FloatArray, kind: str) -> Html:
    """A line through points, lifted where a value is missing or time leaps.

    Parameters
    ----------
    x, y : float64, shape (n,) [px]
    t_s : float64, shape (n,) [s]
        When each point was; gaps longer than ``MAX_GAP_S`` are not drawn over.
    kind : str
        Class of the line.
    """
    is_whole = np.isfinite(x) & np.isfinite(y)
    starts = set(runs(is_whole, t_s, MAX_GAP_S).tolist())
    parts = [
        f"{'M' if i in starts else 'L'}{x[i]:.1f} {y[i]:.1f}" for i in np.flatnonzero(is_whole)
    ]
    return el("path", {"d": "".join(parts), "class": kind}) if parts else join()

"""A small plot of a few signals in braille characters, with axes; two by four dots a character."""

import math
from collections.abc import Sequence

import numpy as np
from rich.text import Text

from flyoff.cli.terminal import cell
from flyoff.units import FloatArray
from flyoff.views.panels import Panel

_BLANK = 0x2800
#: Bit of each dot in a braille character, [row][column].
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_STYLES = ("cyan", "yellow", "green", "magenta", "blue", "red", "white", "bright_black")
_LIMIT_STYLE, _MARK_STYLE = "red", "bold red"
_LEFT = 10
#: Samples further apart are not joined [s].
_SILENCE_S = 2.0


def chart(panel: Panel, width: int = 78, height: int = 8) -> list[Text]:
    """Draw a panel as lines of text.

    Parameters
    ----------
    panel : Panel
    width, height : int [characters]
        Of the whole drawing; of the plotting area.

    Returns
    -------
    list of Text
        Title with the legend, the plotting area, and the time axis.
    """
    columns = max(20, width - _LEFT - 1)
    low, high = _range(panel)
    canvas = np.zeros((len(panel.lines), height, columns), dtype=np.int64)
    for k, line in enumerate(panel.lines):
        _draw(canvas[k], line.t_s, line.values, (panel.start_s, panel.end_s), (low, high))
    limit_rows = {_row(v, low, high, height) for v in panel.limits if low <= v <= high}
    marked = {_column(m.t_s, panel, columns) for m in panel.marks}
    out = [_title(panel)]
    for row in range(height):
        text = Text(_label(row, height, low, high).rjust(_LEFT - 1) + "┤", style="dim")
        for column in range(columns):
            text.append_text(
                _character(canvas[:, row, column], row in limit_rows, column in marked)
            )
        out.append(text)
    out += [_axis(panel, columns, marked), _ticks(panel, columns)]
    return out


def _range(panel: Panel) -> tuple[float, float]:
    values = np.concatenate([line.values for line in panel.lines])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    span = high - low
    near = [v for v in panel.limits if low - 1.5 * span <= v <= high + 1.5 * span]
    low, high = min([low, *near]), max([high, *near])
    if high - low < 1e-9:
        pad = max(abs(high) * 0.05, 0.5)
        return low - pad, high + pad
    pad = 0.04 * (high - low)
    return (low if low == 0.0 else low - pad), high + pad


def _draw(
    cells: np.ndarray,
    t_s: FloatArray,
    values: FloatArray,
    stretch: tuple[float, float],
    limits: tuple[float, float],
) -> None:
    """Set the dots of one signal: in each dot column everything between its least and greatest."""
    good = np.isfinite(values)
    t, v = t_s[good], values[good]
    if not t.size:
        return
    height, columns = cells.shape
    x = (t - stretch[0]) / max(stretch[1] - stretch[0], 1e-9) * (2 * columns - 1)
    y = (limits[1] - v) / (limits[1] - limits[0]) * (4 * height - 1)
    step = np.diff(t)
    # a silence is left blank: a line across it would be an invention
    silent = step > max(_SILENCE_S, 10.0 * float(np.median(step))) if step.size else step > 0
    for part in np.split(np.arange(t.size), np.flatnonzero(silent) + 1):
        _draw_part(cells, x[part], y[part])


def _draw_part(cells: np.ndarray, x: FloatArray, y: FloatArray) -> None:
    """Set the dots of a stretch without a silence, in dot columns and dot rows."""
    height, columns = cells.shape
    first, last = max(0, round(float(x[0]))), min(2 * columns - 1, round(float(x[-1])))
    for i in range(first, last + 1):
        inside = y[(x >= i - 0.5) & (x < i + 0.5)]
        # a steep signal is drawn as the stretch between two dot columns, not as loose dots
        sides = np.interp((i - 0.5, i, i + 0.5), x, y)
        top = min(float(sides.min()), float(inside.min()) if inside.size else math.inf)
        bottom = max(float(sides.max()), float(inside.max()) if inside.size else -math.inf)
        for dot in range(max(0, round(top)), min(4 * height - 1, round(bottom)) + 1):
            cells[dot // 4, i // 2] |= _DOTS[dot % 4][i % 2]


def _character(dots: np.ndarray, is_limit: bool, is_marked: bool) -> Text:
    lit = np.flatnonzero(dots)
    if not lit.size:
        if is_marked:
            return Text("│", style=_MARK_STYLE)
        return Text("╌", style=_LIMIT_STYLE) if is_limit else Text(" ")
    bits = int(np.bitwise_or.reduce(dots))
    style = _STYLES[int(lit[0]) % len(_STYLES)]
    return Text(chr(_BLANK + bits), style=style)


def _row(value: float, low: float, high: float, height: int) -> int:
    dot = round((high - value) / (high - low) * (4 * height - 1))
    return min(max(dot // 4, 0), height - 1)


def _column(t_s: float, panel: Panel, columns: int) -> int:
    share = (t_s - panel.start_s) / max(panel.end_s - panel.start_s, 1e-9)
    return min(columns - 1, max(0, round(share * (2 * columns - 1)) // 2))


def _label(row: int, height: int, low: float, high: float) -> str:
    if row not in (0, height // 2, height - 1):
        return ""
    value = high - (row + 0.5) / height * (high - low)
    span = high - low
    digits = max(0, min(4, 2 - math.floor(math.log10(span)))) if span > 0 else 0
    places = max(0, digits - 1)
    return f"{round(value, places) + 0.0:.{places}f}"  # + 0.0 makes no "-0" of a small negative


def _title(panel: Panel) -> Text:
    unit = f" [{panel.unit}]" if panel.unit else ""
    text = Text(" " * _LEFT)
    text.append_text(cell(panel.title + unit, "bold"))
    if len(panel.lines) > 1:
        for k, line in enumerate(panel.lines):
            text.append("  ━ ", style=_STYLES[k % len(_STYLES)])
            text.append_text(cell(line.name, "dim"))
    if panel.limits:
        text.append("  ╌ ", style=_LIMIT_STYLE)
        text.append("limit " + ", ".join(f"{v:.3g}" for v in panel.limits), style="dim")
    return text


def _axis(panel: Panel, columns: int, marked: set[int]) -> Text:
    text = Text(" " * (_LEFT - 1) + "└", style="dim")
    for column in range(columns):
        text.append("┴" if column in marked else "─", style=_MARK_STYLE if column in marked else "")
    return text


def _ticks(panel: Panel, columns: int) -> Text:
    line = [" "] * (columns + _LEFT + 1)
    instants: Sequence[float] = (
        panel.start_s,
        (panel.start_s + panel.end_s) / 2,
        panel.end_s,
    )
    for k, t_s in enumerate(instants):
        word = f"{t_s:.1f} s"
        at = _LEFT + _column(t_s, panel, columns)
        at -= (0, len(word) // 2, len(word) - 1)[k]
        line[at : at + len(word)] = word
    return Text("".join(line), style="dim")

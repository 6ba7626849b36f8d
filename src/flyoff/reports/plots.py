"""The decisive plots of a sortie as one PNG; matplotlib is imported when one is drawn."""

import logging
from collections.abc import Sequence
from pathlib import Path

from flyoff.errors import SourceError, reason_of
from flyoff.views.panels import Panel

_WIDTH_IN, _PANEL_IN, _DPI = 9.0, 2.1, 110
_COLOURS = ("#1565c0", "#e65100", "#2e7d32", "#6a1b9a", "#00838f", "#ad1457", "#5d4037", "#757575")
_ALARM = "#c62828"


def write_png(panels: Sequence[Panel], title: str, path: Path) -> None:
    """Draw panels under each other over one time axis, and write them.

    Parameters
    ----------
    panels : sequence of Panel
        At least one.
    title : str
    path : Path
        Its folder is made if need be.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of a home without a cache
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_IN, 0.7 + _PANEL_IN * len(panels)), layout="constrained")
    FigureCanvasAgg(figure)
    # a log's words must not be taken for mathematics
    figure.suptitle(title.replace("$", r"\$"), fontsize=11, fontweight="bold")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for number, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
        _draw(axis, panel, is_first=number == 0)
    axes[-1].set_xlabel("time on the log's own clock [s]")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=_DPI)
    except OSError as error:
        raise SourceError(str(path), f"cannot be written: {reason_of(error)}") from error


def _draw(axis: object, panel: Panel, *, is_first: bool) -> None:
    from matplotlib.axes import Axes

    if not isinstance(axis, Axes):
        raise TypeError(f"expected matplotlib's Axes, got {type(axis).__name__}")
    for k, line in enumerate(panel.lines):
        axis.plot(
            line.t_s, line.values, color=_COLOURS[k % len(_COLOURS)], linewidth=1.1, label=line.name
        )
    for limit in panel.limits:
        axis.axhline(limit, color=_ALARM, linestyle="--", linewidth=0.9)
        axis.annotate(
            f"limit {limit:.3g}",
            (0.0, limit),
            xycoords=("axes fraction", "data"),
            xytext=(3, 2),
            textcoords="offset points",
            color=_ALARM,
            fontsize=7,
        )
    for k, mark in enumerate(panel.marks):
        axis.axvline(mark.t_s, color=_ALARM, linewidth=0.9, alpha=0.7)
        if is_first:
            axis.annotate(
                f"{mark.label}, {mark.t_s:.2f} s",
                (mark.t_s, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(3, -9 - 10 * (k % 5)),
                textcoords="offset points",
                fontsize=7,
                color=_ALARM,
                bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.6},
            )
    axis.set_xlim(panel.start_s, panel.end_s)
    axis.set_title(panel.title, fontsize=9, loc="left")
    axis.set_ylabel(f"[{panel.unit}]" if panel.unit else "", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.grid(visible=True, color="#e0e0e0", linewidth=0.6)
    axis.set_axisbelow(True)
    if len(panel.lines) > 1:
        axis.legend(fontsize=7, loc="upper right", ncols=min(4, len(panel.lines)))

"""The forest of verdicts: of every requirement and candidate the interval that decides.

Shares have one common axis; hours and rates have a logarithmic one each.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from flyoff.reports.figures import svg
from flyoff.reports.figures.marks import sign_drawing
from flyoff.reports.figures.scales import Scale
from flyoff.reports.markup import Html, Value, el, join
from flyoff.reports.verdict_words import counted, requirement, shortly
from flyoff.reports.words import Words

Verdict = Mapping[str, Any]

WIDTH = 660.0
_LABEL, _START, _END, _SAID = 104.0, 112.0, 350.0, 374.0
_ROW, _HEAD, _AXIS, _TOP = 15.0, 21.0, 16.0, 4.0
_SHARES = Scale(0.0, 1.0, _START, _END)
#: A logarithmic axis spans at most so much: an end beyond is drawn as an arrow.
_DECADES = 4.0
_NAME = 17
#: Width of a letter of a title, on average, wide fonts of a page included [px].
_LETTER = 6.2
#: Where a long title lies over the words at the limit, those get a line of their own [px].
_OWN_LINE = 11.0
#: The same of what stands behind a verdict.
_SMALL_LETTER = 5.8


def forest(groups: Sequence[tuple[str, Sequence[Verdict]]], w: Words) -> Html:
    """Draw the forest.

    Parameters
    ----------
    groups : sequence of (title, verdicts)
        One for each requirement, as ``campaign evaluate --json`` has them.
    w : Words
    """
    parts: list[Html] = []
    y = _TOP
    for title, verdicts in groups:
        parts.append(svg.text(0, y + 13, title, "strong"))
        scale = _axis_of(verdicts)
        y += _HEAD + (_OWN_LINE if _is_covered(title, verdicts, scale) else 0.0)
        bottom = y + _ROW * len(verdicts)
        parts += _axis(scale, y, bottom, verdicts, w)
        for verdict in verdicts:
            parts.append(_row(verdict, scale, y + _ROW / 2, w))
            y += _ROW
        y += _AXIS if scale.is_logarithmic else 3.0
    shares = any(not _axis_of(v).is_logarithmic for _, v in groups)
    if shares:
        parts += _share_ticks(y, w)
        y += 16
    # a language with longer words widens the drawing, which is then set a little smaller
    longest = max((len(shortly(v, w)) for _, verdicts in groups for v in verdicts), default=0)
    width = max(WIDTH, _SAID + _SMALL_LETTER * longest)
    return svg.figure(width, y + 2, _spoken(groups, w), *parts)


class _Axis:
    """A linear axis of shares, or a logarithmic one of hours and rates."""

    def __init__(self, low: float, high: float, *, is_logarithmic: bool) -> None:
        self.is_logarithmic = is_logarithmic
        self.low, self.high = low, high
        bounds = (math.log10(low), math.log10(high)) if is_logarithmic else (low, high)
        self._scale = Scale(*bounds, _START, _END)

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self._scale(math.log10(inside) if self.is_logarithmic else inside)


def _axis_of(verdicts: Sequence[Verdict]) -> _Axis:
    if not _is_rate(verdicts):
        return _Axis(0.0, 1.0, is_logarithmic=False)
    known = [x for v in verdicts for x in _numbers(v) if x is not None and x > 0]
    limit = float(verdicts[0]["decides_limit"] or verdicts[0]["limit"]) or 1.0
    low, high = min([*known, limit]), max([*known, limit])
    middle = math.log10(limit)
    return _Axis(
        10 ** max(math.floor(math.log10(low)), math.floor(middle - _DECADES)),
        10 ** min(math.ceil(math.log10(high) + 1e-9), math.ceil(middle + _DECADES)),
        is_logarithmic=True,
    )


def _is_rate(verdicts: Sequence[Verdict]) -> bool:
    return any(v["counts"]["hours"] is not None for v in verdicts)


def _numbers(v: Verdict) -> tuple[float | None, float | None, float | None]:
    decides, estimate = v["decides"] or {}, v["estimate"] or {}
    return decides.get("low"), decides.get("high"), estimate.get("value")


def _axis(
    axis: _Axis,
    top: float,
    bottom: float,
    verdicts: Sequence[Verdict],
    w: Words,
) -> list[Html]:
    parts = []
    if axis.is_logarithmic:
        first, last = round(math.log10(axis.low)), round(math.log10(axis.high))
        step = max(1, (last - first) // 4)
        ticks = [10.0**k for k in range(first, last + 1, step)]
    else:
        ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    for tick in ticks:
        parts.append(svg.line(axis(tick), top, axis(tick), bottom, "grid"))
        if axis.is_logarithmic:
            words = w.local(f"{tick:g} {verdicts[0]['unit']}")
            parts.append(svg.text(axis(tick), bottom + 12, words, "tick", "middle"))
    limit = _limit(verdicts)
    if limit is not None:
        at: dict[str, Value] = {"x1": axis(limit), "x2": axis(limit), "y1": top - 3, "y2": bottom}
        parts.append(el("line", {**at, "class": "limit", "data-limit": repr(float(limit))}))
        anchor = "end" if axis(limit) > _END - 30 else "middle"
        words = _limit_words(verdicts[0], limit, w)
        parts.append(svg.text(axis(limit), top - 6, words, "value", anchor))
    return parts


def _limit(verdicts: Sequence[Verdict]) -> float | None:
    return next((v["decides_limit"] for v in verdicts if v["decides"]), None)


def _is_covered(title: str, verdicts: Sequence[Verdict], axis: _Axis) -> bool:
    """Whether a title reaches to where the words at the limit stand."""
    limit = _limit(verdicts)
    if limit is None:
        return False
    width = 45.0 if axis(limit) > _END - 30 else 25.0
    return axis(limit) - width < _LETTER * len(title)


def _limit_words(v: Verdict, limit: float, w: Words) -> str:
    sign = "≥" if v["decides_direction"] == "at_least" else "≤"
    shown = w.number(limit, v["unit"]) if _is_rate([v]) else w.percent(limit, _digits(limit))
    return f"{sign} {shown}"


def _digits(share: float) -> int:
    return 0 if abs(100 * share - round(100 * share)) < 1e-9 else 1


def _share_ticks(y: float, w: Words) -> list[Html]:
    return [
        svg.text(_SHARES(tick), y + 10, w.percent(tick), "tick", "middle")
        for tick in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]


def _row(v: Verdict, axis: _Axis, y: float, w: Words) -> Html:
    low, high, _ = _numbers(v)
    name = str(v["candidate"])
    parts = [svg.text(_LABEL, y + 4, _short(name), "label", "end")]
    if v["decides"] is None:
        parts.append(svg.text((_START + _END) / 2, y + 4, w.t("not measured"), "note", "middle"))
    else:
        a, b = axis(low or axis.low), axis(axis.high if high is None else high)
        data: dict[str, Value] = {
            "x1": a, "x2": b, "y1": y, "y2": y, "class": "interval",
            "data-candidate": name, "data-requirement": str(v["requirement"]),
            "data-low": repr(low), "data-high": repr(high),
        }  # fmt: skip
        parts.append(el("line", data, el("title", None, requirement(v, w))))
        parts += [_end(a, y, low is None or a <= _START), _end(b, y, high is None)]
        parts.append(_point(v, axis, y, w))
    sign = el(
        "svg",
        {"x": _SAID - 17, "y": y - 6, "width": 12, "height": 12, "viewBox": "0 0 16 16",
         "class": f"v-{v['verdict']}"},
        sign_drawing(str(v["verdict"])),
    )  # fmt: skip
    return join(*parts, sign, svg.text(_SAID, y + 4, shortly(v, w), "label"))


def _end(x: float, y: float, is_open: bool) -> Html:
    return join() if is_open else svg.line(x, y - 4, x, y + 4, "interval")


def _point(v: Verdict, axis: _Axis, y: float, w: Words) -> Html:
    """The share of the decided sorties, or the estimate of a rate."""
    _, _, value = _numbers(v)
    if not _is_rate([v]):
        counts = v["counts"]
        decided = counts["successes"] + counts["failures"]
        value = counts["successes"] / decided if decided else None
    if value is None:
        return join()
    data: dict[str, Value] = {"cx": axis(value), "cy": y, "r": 4, "class": "point"}
    return el("circle", {**data, "data-value": repr(value)}, el("title", None, counted(v, w)))


def _short(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _spoken(groups: Sequence[tuple[str, Sequence[Verdict]]], w: Words) -> str:
    said = [
        f"{title}: " + ", ".join(f"{_short(v['candidate'])} {w.t(v['verdict'])}" for v in verdicts)
        for title, verdicts in groups
    ]
    return f"{w.t('Verdicts with the intervals that decide them')}. {'; '.join(said)}"

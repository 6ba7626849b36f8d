"""A value of every sortie on one line, with the limit and the quantiles that were estimated."""

from collections.abc import Sequence
from dataclasses import dataclass

from flyoff.reports.figures import svg
from flyoff.reports.figures.scales import Scale, ticks
from flyoff.reports.markup import Html, Value, el
from flyoff.reports.words import Words

WIDTH, _HEIGHT = 320.0, 112.0
_LEFT, _RIGHT, _AXIS, _MIDDLE = 14.0, 20.0, 78.0, 50.0


@dataclass(frozen=True, slots=True)
class Quantile:
    """An estimated quantile with its interval; an end is None where there is no bound."""

    name: str
    value: float
    low: float | None
    high: float | None


def values_figure(
    title: str,
    unit: str,
    values: Sequence[tuple[str, float]],
    quantiles: Sequence[Quantile],
    limit: float | None,
    w: Words,
) -> Html | None:
    """Draw values; None where there are none.

    Parameters
    ----------
    title, unit : str
    values : sequence of (sortie, value)
    quantiles : sequence of Quantile
    limit : float or None
        Of the requirement.
    w : Words
    """
    if not values:
        return None
    numbers = [v for _, v in values]
    top = max([*numbers, *([limit] if limit is not None else [])]) or 1.0
    x = Scale(0.0, top * 1.04, _LEFT, WIDTH - _RIGHT)
    parts: list[Html] = [svg.text(0, 12, f"{title} [{w.unit(unit)}]", "strong")]
    for tick in ticks(0.0, top * 1.04, 5):
        parts.append(svg.line(x(tick), 26, x(tick), _AXIS, "grid"))
        parts.append(svg.text(x(tick), _AXIS + 14, w.local(f"{tick:g}"), "tick", "middle"))
    parts.append(svg.line(_LEFT, _AXIS, WIDTH - _RIGHT, _AXIS, "base"))
    if limit is not None:
        at: dict[str, Value] = {"x1": x(limit), "x2": x(limit), "y1": 26, "y2": _AXIS}
        parts.append(el("line", {**at, "class": "limit", "data-limit": repr(float(limit))}))
        parts.append(svg.text(x(limit), 24, w.t("limit"), "value",
                              "end" if x(limit) > WIDTH * 0.8 else "middle"))  # fmt: skip
    for i, (name, number) in enumerate(values):
        dot: dict[str, Value] = {"cx": x(number), "cy": _MIDDLE + (i % 3 - 1) * 7, "r": 3.6}
        tip = el("title", None, f"{name}: {w.number(number, unit)}")
        parts.append(el("circle", {**dot, "class": "point", "data-value": repr(number)}, tip))
    parts += [p for i, q in enumerate(quantiles) for p in _quantile(q, i, x, w)]
    return svg.figure(WIDTH, _HEIGHT, f"{title}: {_spoken(numbers, unit, w)}", *parts)


def _quantile(q: Quantile, row: int, x: Scale, w: Words) -> list[Html]:
    data: dict[str, Value] = {"x1": x(q.value), "x2": x(q.value), "y1": 32, "y2": _AXIS}
    return [
        el("line", {**data, "class": "interval", "data-quantile": repr(q.value)},
           el("title", None, f"{q.name}: {w.number(q.value)}")),
        svg.text(x(q.value), 108 if row % 2 else 40 - 8, q.name, "value", "middle"),
    ]  # fmt: skip


def _spoken(numbers: Sequence[float], unit: str, w: Words) -> str:
    return w.n("{count} value from {low} to {high}", "{count} values from {low} to {high}",
               len(numbers), low=w.number(min(numbers), unit),
               high=w.number(max(numbers), unit))  # fmt: skip

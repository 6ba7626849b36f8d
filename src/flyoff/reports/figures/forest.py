"""The leaderboard's figure: a share with its interval and bounds, a line for each candidate."""

from collections.abc import Sequence

from flyoff.reports.figures import svg
from flyoff.reports.figures.scales import Scale
from flyoff.reports.markup import Html, el, join
from flyoff.views.leaderboard import Share

_WIDTH, _ROW, _TOP, _BOTTOM = 440.0, 44.0, 26.0, 30.0
_LABEL = 92.0
_SCALE = Scale(0.0, 1.0, _LABEL + 6, _WIDTH - 24)


def forest(title: str, rows: Sequence[tuple[str, Share]]) -> Html:
    """Shares of candidates over a common axis.

    Parameters
    ----------
    title : str
    rows : sequence of (candidate, Share)
    """
    height = _TOP + _ROW * len(rows) + _BOTTOM
    bottom = height - _BOTTOM
    parts = [svg.text(_LABEL + 6, 14, title, "head")]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _SCALE(tick)
        parts.append(svg.line(x, _TOP, x, bottom, "grid"))
        parts.append(svg.text(x, bottom + 16, f"{100 * tick:.0f} %", "tick", "middle"))
    for i, (name, share) in enumerate(rows):
        parts.append(_row(name, share, _TOP + _ROW * (i + 0.5)))
    return svg.figure(_WIDTH, height, _spoken(title, rows), *parts)


def _row(name: str, share: Share, y: float) -> Html:
    parts = [svg.text(_LABEL - 4, y + 4, name or "no candidate", "label", "end")]
    if share.worst and share.best and share.undecided:
        low, high = _SCALE(share.worst.low), _SCALE(share.best.high)
        tip = el("title", None, f"bounds if all {share.undecided} undetermined failed or succeeded")
        parts.append(svg.rectangle(low, y - 9, high - low, 18, "bound", tip))
    if share.estimate is None:
        parts.append(svg.text(_SCALE(0.5), y + 4, "nothing decided yet", "note", "middle"))
        return join(*parts)
    low, at, high = (
        _SCALE(v) for v in (share.estimate.low, share.estimate.value, share.estimate.high)
    )
    parts += [
        svg.line(low, y, high, y, "interval"),
        svg.line(low, y - 6, low, y + 6, "interval"),
        svg.line(high, y - 6, high, y + 6, "interval"),
        el("circle", {"cx": at, "cy": y, "r": 5, "class": "point"}),
    ]
    words = f"{share.successes} of {share.decided}"
    is_left = at > _SCALE(0.9)
    parts.append(
        svg.text(at - 2 if is_left else at, y - 10, words, "value", "end" if is_left else "middle")
    )
    return join(*parts)


def _spoken(title: str, rows: Sequence[tuple[str, Share]]) -> str:
    said = [
        f"{name or 'no candidate'}: {share.estimate or 'nothing decided'}" for name, share in rows
    ]
    return f"{title}. {'; '.join(said)}"

"""Where a sortie went, in metres around its launch: no map tiles, so no request to anybody."""

import math
from dataclasses import dataclass

import numpy as np

from flyoff.model.frames import to_local
from flyoff.model.mission import Mission
from flyoff.reports.figures import svg
from flyoff.reports.figures.scales import Scale, round_step, thin_path
from flyoff.reports.markup import Html, el, join
from flyoff.reports.words import ENGLISH, Words, marked
from flyoff.units import FloatArray, IntArray
from flyoff.views.sortie import SortieDetail

WIDTH, _LEAST_HEIGHT, _MOST_HEIGHT = 400.0, 230.0, 440.0
_MARGIN = 36.0
_MOST_POINTS = 900
#: Width of a letter, on average [px].
_LETTER = 6.2
#: Closer in than this [px/m] a picture would show the noise of the position.
_CLOSEST = 16.0
#: With these faults the estimated position may be far from the true one.
_MISLEADS = frozenset({"gnss_jamming", "gnss_spoofing", "gnss_glitch", "gnss_loss"})
#: A plan item farther than this from the launch is no part of the picture [m]: a place at 0, 0.
_FAR_M = 200_000.0


@dataclass(frozen=True, slots=True)
class _Paper:
    east: Scale
    north: Scale
    height: float

    def place(self, north: float, east: float) -> tuple[float, float]:
        return self.east(east), self.north(north)


def flight_map(
    detail: SortieDetail,
    plan: Mission | None,
    wind: tuple[float, float] | None = None,
    w: Words = ENGLISH,
) -> Html | None:
    """Track, plan, launch, end or impact, wind, grid, scale and north; None without a position.

    Parameters
    ----------
    detail : SortieDetail
    plan : Mission or None
    wind : (north, east) or None [m/s]
        Where it blows to, on average.
    w : Words
    """
    lat, lon = detail.track["lat"], detail.track["lon"]
    known = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    if not known.size:
        return None
    origin = (float(lat[known[0]]), float(lon[known[0]]))
    north, east = to_local(lat, lon, origin)
    points = _plan_points(plan, origin)
    paper = _paper(
        np.concatenate([north[known], [p[1] for p in points]]),
        np.concatenate([east[known], [p[2] for p in points]]),
    )
    x, y = paper.east.many(east), paper.north.many(north)
    kept = known[thin_path(x[known], y[known], 0.8, _MOST_POINTS)]
    drawn = [
        _grid(paper),
        _plan(points, paper, w),
        *_track(x, y, kept, detail),
        _ends(x[known], y[known], detail, w),
        _onset(x, y, detail, w),
        _scale_bar(paper, w),
        _north_arrow(),
        _wind(wind, paper, w),
    ]
    title = w.t("Map: track, plan, launch and end, in metres") + f" ({detail['log_name']})"
    return svg.figure(WIDTH, paper.height, title, *drawn)


def _track(
    x: FloatArray, y: FloatArray, kept: IntArray, detail: SortieDetail
) -> tuple[Html, Html | None]:
    """The track, dotted from where its position could not be trusted any more."""
    t_s = detail.track.t_s
    strokes = _joined(kept, t_s)
    since = untrusted_since(detail)
    if since is None:
        return svg.stroke(x[kept], y[kept], strokes, "track"), None
    doubted = t_s[kept] >= since
    sure = np.where(doubted, np.nan, x[kept])
    # one point more, so that both lines meet
    unsure = np.where(doubted | np.append(doubted[1:], False), x[kept], np.nan)
    return (
        svg.stroke(sure, y[kept], strokes, "track"),
        svg.stroke(unsure, y[kept], strokes, "track doubted"),
    )


def untrusted_since(detail: SortieDetail) -> float | None:
    """When the first fault of satellite navigation set in [s]; None if there was none."""
    onsets = [f.onset_s for f in detail.findings if f.kind in _MISLEADS]
    return min(onsets) if onsets else None


def _joined(kept: IntArray, t_s: FloatArray) -> FloatArray:
    """Times under which thinning leaves no gap, and a gap in the log stays one."""
    leaps = np.diff(t_s) > svg.MAX_GAP_S
    before = np.concatenate([[0], np.cumsum(leaps)])
    return before[kept] * (2 * svg.MAX_GAP_S)


def _plan_points(
    plan: Mission | None, origin: tuple[float, float]
) -> list[tuple[int, float, float]]:
    """Sequence number, north and east [m] of each planned place that the vehicle has to pass."""
    if plan is None:
        return []
    items = [i for i in plan.waypoints if math.isfinite(i.lat) and math.isfinite(i.lon)]
    north, east = to_local(
        np.array([i.lat for i in items]), np.array([i.lon for i in items]), origin
    )
    far = np.hypot(north, east)
    return [
        (item.seq, float(n), float(e))
        for item, n, e, d in zip(items, north, east, far, strict=True)
        if d < _FAR_M
    ]


def _paper(north: FloatArray, east: FloatArray) -> _Paper:
    """One scale for both directions; as high as the flight is long from north to south."""
    middle_n, middle_e = (float(north.min() + north.max()) / 2, float(east.min() + east.max()) / 2)
    tall, wide = max(float(np.ptp(north)), 1.0), max(float(np.ptp(east)), 1.0)
    per_metre = min((WIDTH - 2 * _MARGIN) / wide, (_MOST_HEIGHT - 2 * _MARGIN) / tall, _CLOSEST)
    height = max(tall * per_metre + 2 * _MARGIN, _LEAST_HEIGHT)
    half_e, half_n = (WIDTH / 2 - _MARGIN) / per_metre, (height / 2 - _MARGIN) / per_metre
    return _Paper(
        Scale(middle_e - half_e, middle_e + half_e, _MARGIN, WIDTH - _MARGIN),
        Scale(middle_n - half_n, middle_n + half_n, height - _MARGIN, _MARGIN),
        height,
    )


def _plan(points: list[tuple[int, float, float]], paper: _Paper, w: Words) -> Html:
    places = [(seq, *paper.place(n, e)) for seq, n, e in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for _, x, y in places)
    parts = [el("polyline", {"points": path, "class": "plan"})] if len(places) > 1 else []
    for seq, x, y in places:
        parts.append(
            svg.rectangle(x - 4, y - 4, 8, 8, "waypoint", el("title", None, f"{w.t('plan')} {seq}"))
        )
        parts.append(svg.text(x + 7, y - 6, str(seq), "plan-label"))
    return join(*parts)


def _ends(x: FloatArray, y: FloatArray, detail: SortieDetail, w: Words) -> Html:
    first, last = (float(x[0]), float(y[0])), (float(x[-1]), float(y[-1]))
    near = math.dist(first, last) < 22
    launch = f"M{first[0]:.1f} {first[1] - 7:.1f}l6.5 11.5h-13z"
    words = w.t(_END_WORDS.get(detail["outcome"], "end"))
    tip = el("title", None, words)
    if detail["outcome"] == "crashed":
        cross = "".join(f"M{last[0] - 6:.1f} {last[1] + s * 6:.1f}l12 {-s * 12}" for s in (1, -1))
        end = el("path", {"d": cross, "class": "impact"}, tip)
    else:
        end = svg.rectangle(last[0] - 5, last[1] - 5, 10, 10, "end", tip)
    started = w.t("launch")
    both = w.t("{first} and {last}", first=started, last=words)
    return join(
        el("path", {"d": launch, "class": "launch"}, el("title", None, started)),
        end,
        _beside(first, both if near else started, _heads_east(x), below=True),
        None if near else _beside(last, words, last[0] > WIDTH * 0.7, below=False),
    )


#: What the last point of a track is.
_END_WORDS = {"undetermined": marked("end of log"), "crashed": marked("impact")}


def _heads_east(x: FloatArray) -> bool:
    """Whether the track leaves to the right, and there is room for a word on the left."""
    return float(np.mean(x)) >= float(x[0]) and float(x[0]) > 90


def _beside(at: tuple[float, float], words: str, is_left: bool, *, below: bool) -> Html:
    room = _LETTER * len(words) + 12
    if is_left and at[0] < room:
        is_left = False
    elif not is_left and at[0] + room > WIDTH:
        is_left = at[0] >= room
    x, y = at[0] + (-10 if is_left else 10), at[1] + (16 if below else 4)
    return svg.text(x, y, words, "label halo", "end" if is_left else None)


def _onset(x: FloatArray, y: FloatArray, detail: SortieDetail, w: Words) -> Html | None:
    """Where the cause set in."""
    onset, t_s = detail["cause_onset_s"], detail.track.t_s
    if onset is None or not t_s.size:
        return None
    i = int(np.argmin(np.abs(t_s - onset)))
    if abs(float(t_s[i]) - onset) > svg.MAX_GAP_S or not math.isfinite(x[i] + y[i]):
        return None
    at = (float(x[i]), float(y[i]))
    ring = el("circle", {"cx": at[0], "cy": at[1], "r": 8, "class": "onset"})
    is_right = at[0] > WIDTH * 0.62
    words = svg.text(
        at[0] + (-12 if is_right else 12), at[1] - 9, w.t("cause sets in"), "label halo",
        "end" if is_right else None,
    )  # fmt: skip
    return join(ring, words)


def _grid(paper: _Paper) -> Html:
    """Lines every round number of metres from the launch, as many as the scale bar is long."""
    step = round_step(60 / _per_metre(paper))
    parts = []
    for low, high, scale, is_east in (
        (paper.east.low, paper.east.high, paper.east, True),
        (paper.north.low, paper.north.high, paper.north, False),
    ):
        spare = _MARGIN / _per_metre(paper)
        first, last = math.ceil((low - spare) / step), math.floor((high + spare) / step)
        for k in range(first, last + 1):
            at = scale(k * step)
            ends = (at, 0.0, at, paper.height) if is_east else (0.0, at, WIDTH, at)
            parts.append(svg.line(*ends, "grid"))
    return join(*parts)


def _per_metre(paper: _Paper) -> float:
    return abs(paper.east.end - paper.east.start) / (paper.east.high - paper.east.low)


def _scale_bar(paper: _Paper, w: Words) -> Html:
    per_metre = _per_metre(paper)
    length = round_step(60 / per_metre)
    x, y = 14.0, paper.height - 12
    end = x + length * per_metre
    words = w.local(f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m")
    return join(
        svg.line(x, y, end, y, "bar"),
        svg.line(x, y - 4, x, y + 4, "bar"),
        svg.line(end, y - 4, end, y + 4, "bar"),
        svg.text(end + 7, y + 4, words, "tick halo"),
    )


def _north_arrow() -> Html:
    x, y = WIDTH - 18, 14.0
    arrow = el("path", {"d": f"M{x:g} {y:g}l5 15-5-3.5-5 3.5z", "class": "north"})
    return join(arrow, svg.text(x, y + 28, "N", "tick halo", "middle"))


def _wind(wind: tuple[float, float] | None, paper: _Paper, w: Words) -> Html:
    """An arrow where the wind blows to, with its speed; or that it is not known."""
    x, y = WIDTH - 22, paper.height - 30
    if wind is None:
        return svg.text(WIDTH - 8, paper.height - 8, w.t("wind not known"), "tick halo", "end")
    speed, turned = math.hypot(*wind), math.degrees(math.atan2(wind[1], wind[0]))
    arrow = el(
        "path",
        {"d": "M0 12V-8M-5 -3L0 -12L5 -3", "class": "wind",
         "transform": f"translate({x:g} {y:g}) rotate({turned:.0f})"},
    )  # fmt: skip
    words = f"{w.t('wind')} {w.number(speed, 'm/s')}"
    return join(arrow, svg.text(WIDTH - 8, paper.height - 6, words, "tick halo", "end"))

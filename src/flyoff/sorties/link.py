"""Which recordings are of one flight: the onboard log, its ground station's, a second stream.

Nobody has to say so. Clocks narrow the search where there are any; the signals themselves decide:
how a vehicle turns, climbs and leans through a flight is a fingerprint, and two recordings of it
agree at one offset of their clocks and at no other. Two vehicles flying one formation agree too,
but not in place; vehicles with different identities are never joined.

Clocks of two satellite receivers that disagree keep recordings apart. A computer's clock does not:
a laptop in a field may show any year. What no clock narrows is held to more: the likeness has to
be higher, rest on enough independent motion, stand out from every other offset, and be as good as
any other recording's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from flyoff.model.frames import to_local
from flyoff.sorties.candidates import APART_M, CLOCK_SLACK_S, Candidates, box, is_vouched, root
from flyoff.sorties.likeness import (
    OVERLAP_S,
    PERIOD_US,
    Grid,
    drift_s,
    grid_of,
    likeness,
    refined,
    rival_of,
    shared_signals,
)
from flyoff.sorties.screening import similar_pairs
from flyoff.sorties.witness import RATE_HZ, Link, Witness

__all__ = ["OVERLAP_S", "RATE_HZ", "Link", "Witness", "groups", "link"]

#: Likeness (mean correlation of the signals) that joins two recordings.
LIKE = 0.6
#: Without clocks nothing narrows the search: it has to be higher, and stand out from every other
#: offset by this much.
LIKE_UNAIDED, STANDS_OUT = 0.85, 0.25
#: … higher still where no positions show that the vehicles were in one place.
LIKE_UNPLACED = 0.93
#: They have to share this much information beyond the number of things that were tried [nat].
SURPLUS_NATS, SURPLUS_UNPLACED_NATS = 3.0, 12.0
#: … and be within this of the best that either recording is like.
AS_GOOD = 0.08
#: Of the shorter recording, by clocks alone, where nothing moved.
COVERED = 0.6
#: What the texts of one moment differ by on their way [s].
_TEXT_S = 0.3
#: … of which a busy radio may hold up all [s].
_MARK_SLACK_S = 5.0
#: Filters, queues and sampling delay one log's attitude against another's by about this [s].
_LATENCY_S = 0.05


def link(witnesses: Sequence[Witness], came: Sequence[int] | None = None) -> list[Link]:
    """Find the pairs of recordings that are of one flight.

    Parameters
    ----------
    witnesses : sequence of Witness
    came : sequence of int or None
        In which order they came, each number once; None where they are in that order.

    Returns
    -------
    list of Link, in the order of the witnesses
    """
    grids = [grid_of(w) for w in witnesses]
    found: dict[tuple[int, int], Link] = {}
    candidates = Candidates(witnesses, came)

    def compare(i: int, j: int) -> bool:
        joined = _aided(witnesses[i], witnesses[j], grids[i], grids[j])
        if joined is not None:
            found[i, j] = joined
        return joined is not None

    candidates.sweep(compare)
    untimed = list(candidates.untimed())
    found |= _told(witnesses, grids, candidates.told())
    tries = max(sum(others.size for _, others in untimed), 1)
    lone = {
        (i, j): joined
        for i, j in similar_pairs(grids, untimed)
        if (i, j) not in found
        and (joined := _unaided(witnesses[i], witnesses[j], grids[i], grids[j], tries)) is not None
    }
    found |= _as_good(lone, found)
    return [found[pair] for pair in sorted(found)]


def groups(witnesses: Sequence[Witness], links: Sequence[Link]) -> list[list[str]]:
    """Keys of the recordings of each flight, those without a link alone; order kept."""
    home = {w.key: w.key for w in witnesses}
    for joined in links:
        home[root(home, joined.second)] = root(home, joined.first)
    out: dict[str, list[str]] = {}
    for witness in witnesses:
        out.setdefault(root(home, witness.key), []).append(witness.key)
    return list(out.values())


# comparing ----------------------------------------------------------------------------------------


def _aided(a: Witness, b: Witness, grid_a: Grid | None, grid_b: Grid | None) -> Link | None:
    """Compare two whose clocks overlap."""
    shared = shared_signals(grid_a, grid_b) if grid_a and grid_b else []
    if not shared or grid_a is None or grid_b is None:
        return _by_clocks(a, b)
    return _around(a, b, (grid_a, grid_b), shared, _clock_offset(a, b))


def _around(
    a: Witness,
    b: Witness,
    grids: tuple[Grid, Grid],
    shared: Sequence[str],
    clocks: tuple[int, float],
) -> Link | None:
    """The best offset within some seconds of what clocks, or texts, say."""
    (grid_a, grid_b), (middle_us, slack_s) = grids, clocks
    found = likeness(grid_a, grid_b, shared)
    offsets = grid_a.start_us - grid_b.start_us + found.lags * PERIOD_US
    allowed = np.isfinite(found.mean) & (np.abs(offsets - middle_us) <= slack_s * 1e6)
    if not allowed.any():
        return None
    best = int(np.argmax(np.where(allowed, found.mean, -np.inf)))
    if found.mean[best] < LIKE:
        return None
    if found.nats[best] < float(np.log(allowed.sum())) + SURPLUS_NATS:
        return _by_clocks(a, b)  # too little motion to prove anything
    return _joined(a, b, grid_a, grid_b, shared, found.mean, int(found.lags[best]))


def _unaided(
    a: Witness, b: Witness, grid_a: Grid | None, grid_b: Grid | None, tries: int
) -> Link | None:
    """Compare two of whose clocks nothing is known."""
    assert grid_a is not None
    assert grid_b is not None
    shared = shared_signals(grid_a, grid_b)
    if not shared:
        return None
    found = likeness(grid_a, grid_b, shared)
    if not np.isfinite(found.mean).any():
        return None
    best = int(np.nanargmax(found.mean))
    peak = float(found.mean[best])
    chance = float(np.log(tries * found.lags.size))
    placed = box(a) is not None and box(b) is not None
    least = LIKE_UNAIDED if placed else LIKE_UNPLACED
    surplus = SURPLUS_NATS if placed else SURPLUS_UNPLACED_NATS
    if peak < least or found.nats[best] < chance + surplus:
        return None
    if peak - rival_of(found, best) <= STANDS_OUT:
        return None
    return _joined(a, b, grid_a, grid_b, shared, found.mean, int(found.lags[best]))


def _joined(
    a: Witness,
    b: Witness,
    grid_a: Grid,
    grid_b: Grid,
    shared: Sequence[str],
    mean: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    lag: int,
) -> Link | None:
    """The link at a lag, unless the vehicles were in two places."""
    best = lag + grid_b.size - 1
    shift, width_s = refined(mean, best)
    offset_us = round(grid_a.start_us - grid_b.start_us + (lag + shift) * PERIOD_US)
    if _separation(a, b, offset_us) > APART_M:
        return None
    drift = drift_s(grid_a, grid_b, shared, lag)
    uncertainty_s = float(np.sqrt(width_s**2 + (drift / 2) ** 2 + _LATENCY_S**2))
    return Link(a.key, b.key, offset_us, uncertainty_s, float(mean[best]), "signals")


def _as_good(
    lone: dict[tuple[int, int], Link], found: dict[tuple[int, int], Link]
) -> dict[tuple[int, int], Link]:
    """Links that no other recording contests: another flight of one mission is like, but less."""
    best: dict[int, float] = {}
    for pair, joined in [*lone.items(), *found.items()]:
        if np.isfinite(joined.likeness):
            for end in pair:
                best[end] = max(best.get(end, 0.0), joined.likeness)
    return {
        pair: joined
        for pair, joined in lone.items()
        if all(joined.likeness >= best[end] - AS_GOOD for end in pair)
    }


def _clock_offset(a: Witness, b: Witness) -> tuple[int, float]:
    """What the clocks say of the offset [µs], and how far it may be out [s]."""
    assert a.utc is not None
    assert b.utc is not None
    slack = 3.0 * float(np.hypot(a.utc.uncertainty_s, b.utc.uncertainty_s)) + CLOCK_SLACK_S
    return b.utc.offset_us - a.utc.offset_us, slack


def _by_clocks(a: Witness, b: Witness) -> Link | None:
    """Nothing moved: identity and a shared span of time are all there is."""
    offset_us, _ = _clock_offset(a, b)
    if a.utc is None or b.utc is None or not (is_vouched(a) and is_vouched(b)):
        return None
    if a.vehicle_id == "unknown" and b.vehicle_id == "unknown":
        return None
    start = max(a.start_us, b.start_us + offset_us)
    end = min(a.end_us, b.end_us + offset_us)
    shorter = max(min(a.end_us - a.start_us, b.end_us - b.start_us), 1)
    if (end - start) / shorter < COVERED or _separation(a, b, offset_us) > APART_M:
        return None
    uncertainty_s = float(np.hypot(a.utc.uncertainty_s, b.utc.uncertainty_s))
    return Link(a.key, b.key, offset_us, uncertainty_s, float("nan"), "clocks")


def _told(
    witnesses: Sequence[Witness],
    grids: Sequence[Grid | None],
    pairs: Iterable[tuple[int, int]],
) -> dict[tuple[int, int], Link]:
    """Pairs in which the vehicle told the ground station the name of the log, with its date."""
    found = {}
    for i, j in pairs:
        a, b, grid_a, grid_b = witnesses[i], witnesses[j], grids[i], grids[j]
        offset = _offset_of_marks(a, b)
        if offset is None:
            continue
        found[i, j] = Link(a.key, b.key, *offset, float("nan"), "log name")
        shared = shared_signals(grid_a, grid_b) if grid_a and grid_b else []
        if shared and grid_a is not None and grid_b is not None:
            near = offset[0], _MARK_SLACK_S
            better = _around(a, b, (grid_a, grid_b), shared, near)
            found[i, j] = replace(better, by="log name") if better else found[i, j]
    return found


def _offset_of_marks(a: Witness, b: Witness) -> tuple[int, float] | None:
    """Offset [µs] at which most of what both heard coincides, and its uncertainty [s]."""
    ours, theirs = a.marks or {}, b.marks or {}
    heard = [(ours[text], theirs[text]) for text in ours if text in theirs]
    apart = np.sort([t - u for mine, other in heard for t in mine for u in other])
    if not apart.size:
        return None
    last = np.searchsorted(apart, apart + 2 * _TEXT_S * 1e6, side="right")
    first = int(np.argmax(last - np.arange(apart.size)))
    agreeing = apart[first : last[first]]
    # a text may wait for the radio: the median is late by part of the spread, however many agree
    spread_s = float(np.std(agreeing)) / 1e6 if agreeing.size > 2 else _TEXT_S
    return int(np.median(agreeing)), max(spread_s, _LATENCY_S)


def _separation(a: Witness, b: Witness, offset_us: int) -> float:
    """Median distance of the two positions at the same instants [m]; 0 if one has none."""
    for name in ("lat", "lon"):
        if name not in a.columns or name not in b.columns:
            return 0.0
    t = b.t_us + offset_us
    good = np.isfinite(a.columns["lat"]) & np.isfinite(a.columns["lon"])
    inside = np.isfinite(b.columns["lat"]) & np.isfinite(b.columns["lon"])
    if good.any():
        inside &= (t >= a.t_us[good][0]) & (t <= a.t_us[good][-1])
    if inside.sum() < 3 or good.sum() < 3:
        return 0.0
    lat = np.interp(t[inside], a.t_us[good], a.columns["lat"][good])
    lon = np.interp(t[inside], a.t_us[good], a.columns["lon"][good])
    origin = (float(lat[0]), float(lon[0]))
    n1, e1 = to_local(lat, lon, origin)
    n2, e2 = to_local(b.columns["lat"][inside], b.columns["lon"][inside], origin)
    return float(np.median(np.hypot(n1 - n2, e1 - e2)))

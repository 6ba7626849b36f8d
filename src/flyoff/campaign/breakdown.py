"""A share by operator, site, wind, vehicle or configuration, drawn towards the common mean.

Small groups show extreme shares by chance; partial pooling takes that back as far as the groups
resemble each other. A group of which the sample says nothing is flagged, not ranked.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from flyoff.campaign.flown import FAILURE, NONE, SUCCESS, UNKNOWN, Codes, Flown, Label, Trials
from flyoff.stats.beta_binomial import beta_binomial_fit
from flyoff.stats.comparison import homogeneity
from flyoff.stats.estimate import Estimate
from flyoff.stats.proportions import wilson

LEVEL = 0.90
#: Wider than this, an interval says next to nothing.
SAYS_NOTHING = 0.5
#: Groups this large need no shrinkage, and the fit would take long.
LARGE = 5_000
MOST_GROUPS = 200
WIND_EDGES_MS = (0.0, 4.0, 8.0, 12.0)


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a table.

    Attributes
    ----------
    name : str
    successes, trials, undetermined : int
    raw : Estimate or None
        Wilson, of the group alone.
    shrunk : Estimate or None
        Drawn towards the mean of all groups; None where there is one group only.
    flag : str
        What keeps it from saying anything; empty if nothing does.
    """

    name: str
    successes: int
    trials: int
    undetermined: int
    raw: Estimate | None
    shrunk: Estimate | None
    flag: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One candidate's share, by one property.

    Attributes
    ----------
    candidate, measure, by : str
    groups : tuple of Group
    correlation : float or None
        Within groups, beyond chance.
    p_value : float or None
        That all groups have one share, by the χ² test.
    note : str
    """

    candidate: str
    measure: str
    by: str
    groups: tuple[Group, ...]
    correlation: float | None
    p_value: float | None
    note: str


def wind_label(flown: Flown) -> Label:
    """The mean wind of each sortie, in classes."""
    wind = flown.measures.get("wind_mean_ms", np.full(flown.size, np.nan))
    codes = np.searchsorted(WIND_EDGES_MS, np.nan_to_num(wind), side="right") - 1
    edges = [*(f"{e:g}" for e in WIND_EDGES_MS), ""]
    names = tuple(
        f"{low} to {high} m/s" if high else f"{low} m/s or more" for low, high in pairwise(edges)
    )
    return Label(np.where(np.isfinite(wind), codes, NONE).astype(np.int32), names)


def breakdown(
    candidate: str, measure: str, by: str, flown: Flown, counting: Trials, label: Label
) -> Breakdown | None:
    """Make the table of one property; None if nobody wrote it down."""
    codes = label.codes[counting.rows]
    written = codes != NONE
    if not written.any():
        return None
    names, counts = _counted(codes[written], counting.result[written], label.names)
    won, lost, unknown = counts
    n = won + lost
    shrunk, correlation = _shrunk(won, n)
    groups = tuple(
        _group(name, int(x), int(t), int(u), s)
        for name, x, t, u, s in zip(names, won, n, unknown, shrunk, strict=True)
    )
    decided = n > 0
    p_value = None
    if decided.sum() > 1:
        test = homogeneity(won[decided].tolist(), n[decided].tolist())
        p_value = test.p_value
    notes = [] if written.all() else [f"{int((~written).sum())} sorties without {by}"]
    if len(names) > MOST_GROUPS:
        notes.append(f"the {MOST_GROUPS} largest of {len(names)} groups are shown")
        largest = sorted(range(len(names)), key=lambda i: (-int(n[i]), names[i]))[:MOST_GROUPS]
        groups = tuple(groups[i] for i in sorted(largest))
    return Breakdown(candidate, measure, by, groups, correlation, p_value, "; ".join(notes))


def _counted(
    codes: Codes, result: Codes, names: tuple[str, ...]
) -> tuple[list[str], tuple[Codes, Codes, Codes]]:
    present = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    order = np.array(sorted(present.tolist(), key=lambda c: names[c]), dtype=np.int64)
    size = len(names)
    won, lost, unknown = (
        np.bincount(codes[result == what], minlength=size)[order].astype(np.int64)
        for what in (SUCCESS, FAILURE, UNKNOWN)
    )
    return [names[int(c)] for c in order], (won, lost, unknown)


def _shrunk(won: Codes, n: Codes) -> tuple[list[Estimate | None], float | None]:
    """Each group drawn to the mean, in the groups' order; None where there is nothing to draw."""
    decided = np.flatnonzero(n > 0)
    nothing: list[Estimate | None] = [None] * int(n.size)
    if decided.size < 2 or int(n.max()) > LARGE:
        return nothing, None
    fit = beta_binomial_fit(won[decided].tolist(), n[decided].tolist())
    for at, shown in zip(decided.tolist(), fit.shrunk(level=LEVEL), strict=True):
        nothing[at] = shown
    return nothing, fit.correlation


def _group(name: str, won: int, n: int, unknown: int, shrunk: Estimate | None) -> Group:
    raw = wilson(won, n, level=LEVEL) if n else None
    flag = ""
    if raw is None:
        flag = "no decided sortie"
    elif raw.width > SAYS_NOTHING:
        flag = f"{n} sorties say nothing: {100 * raw.low:.0f} % to {100 * raw.high:.0f} %"
    return Group(name, won, n, unknown, raw, shrunk, flag)

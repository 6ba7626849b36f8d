"""Candidate against candidate: differences that hold together, and where nothing can be said."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from flyoff.campaign.bounds import ByVehicle, design_effect
from flyoff.campaign.configuration import Settings
from flyoff.stats.comparison import boschloo, fisher, newcombe
from flyoff.stats.estimate import Estimate
from flyoff.stats.multiplicity import holm, simultaneous_level
from flyoff.stats.ranking import probability_best

#: Boschloo's test takes too long above so many effective sorties together.
BOSCHLOO_UP_TO = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """Two candidates in one measure.

    Attributes
    ----------
    first, second : str
    difference : Estimate
        First minus second; the intervals of all pairs hold together at the level told.
    p_value : float
        Two-sided, adjusted for all pairs by Holm's method.
    test : str
    says : str
        Who is better, or that they cannot be told apart.
    """

    first: str
    second: str
    difference: Estimate
    p_value: float
    test: str
    says: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All candidates in one measure.

    Attributes
    ----------
    measure : str
    level : float
        Of all intervals together.
    differences : tuple of Difference
    probability_best : mapping of candidate to float
        That its share is the highest; with uniform priors, on effective sorties.
    note : str
    """

    measure: str
    level: float
    differences: tuple[Difference, ...]
    probability_best: dict[str, float]
    note: str


def compare(measure: str, counts: Mapping[str, ByVehicle], settings: Settings) -> Comparison | None:
    """Compare all candidates by the sorties decided; None if fewer than two have any."""
    level = max(2.0 * settings.confidence - 1.0, 0.5)
    sizes = {name: _effective(c, settings) for name, c in counts.items()}
    sizes = {name: size for name, size in sizes.items() if size[1]}
    pairs = list(combinations(sizes, 2))
    if not pairs:
        return None
    each = simultaneous_level(level, len(pairs))
    made, p_values = [], []
    for a, b in pairs:
        made.append(newcombe(*sizes[a], *sizes[b], level=each))
        p_values.append(_p_value(*sizes[a], *sizes[b]))
    adjusted = holm([p for p, _ in p_values])
    differences = tuple(
        Difference(a, b, shown, float(p), test, _says(a, b, shown))
        for (a, b), shown, p, (_, test) in zip(pairs, made, adjusted, p_values, strict=True)
    )
    best = probability_best([x for x, _ in sizes.values()], [n for _, n in sizes.values()])
    return Comparison(
        measure,
        level,
        differences,
        {name: float(p) for name, p in zip(sizes, best, strict=True)},
        "on effective sorties: those decided, divided by the design effect of each candidate",
    )


def _effective(counts: ByVehicle, settings: Settings) -> tuple[int, int]:
    won, lost, _ = counts.totals
    if not won + lost:
        return 0, 0
    decided = counts.successes + counts.failures
    flown = decided > 0
    _, factor = design_effect(
        counts.successes[flown].tolist(),
        decided[flown].tolist(),
        settings.vehicle_correlation_at_most,
    )
    n = max(1, int((won + lost) / factor))
    return min(n, round(won / (won + lost) * n)), n


def _p_value(x: int, n: int, y: int, m: int) -> tuple[float, str]:
    if n + m <= BOSCHLOO_UP_TO:
        return boschloo(x, n, y, m).two_sided, "Boschloo"
    return fisher(x, n, y, m).two_sided, "Fisher"


def _says(first: str, second: str, shown: Estimate) -> str:
    if shown.low > 0.0:
        return f"{first} is better than {second}"
    if shown.high < 0.0:
        return f"{second} is better than {first}"
    return f"{first} and {second} cannot be told apart"

"""True coverage of our intervals: exact where outcomes can be enumerated, else simulated.

    python bench/interval_coverage.py            writes docs/coverage.md and its two figures

Everything is computed from `flyoff.stats` at the moment of running; seeds are fixed, so the same
code gives the same page.
"""

import argparse
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]  # not this folder: its names hide others'

from bench.tables import table
from flyoff.stats import (
    clustered_bounds,
    clustering,
    comparison,
    confidence_sequence,
    proportions,
    rates,
    survival,
    weibull,
)
from flyoff.stats.distributions import binomial_pmf
from flyoff.stats.estimate import Estimate

LEVEL = 0.90
GRID = np.arange(0.500, 0.9951, 0.005)
SIZES = (10, 20, 60)
LOOKS = 100
SHARES = (0.5, 0.7, 0.8, 0.9, 0.95)
SORTIES = 10  # of each vehicle
INTERVALS: dict[str, Callable[..., Estimate]] = {
    "Clopper-Pearson": proportions.clopper_pearson,
    "Wilson": proportions.wilson,
    "Wilson, corrected": proportions.wilson_continuity,
    "Jeffreys": proportions.jeffreys,
    "confidence sequence": confidence_sequence.confidence_sequence,
}
COLOURS = ("#00695c", "#e65100", "#6a1b9a", "#1565c0", "#757575")
Series = dict[str, list[tuple[float, float]]]


def coverage(interval: Callable[..., Estimate], n: int) -> np.ndarray:
    """Chance that the two-sided interval holds the truth, for every truth of the grid."""
    shown = [interval(x, n, level=LEVEL) for x in range(n + 1)]
    low, high = (np.array([getattr(e, end) for e in shown]) for end in ("low", "high"))
    return np.array([binomial_pmf(n, p)[(low <= p) & (p <= high)].sum() for p in GRID])


def wrong_met(interval: Callable[..., Estimate], n: int) -> float:
    """Largest chance, over the grid, that the one-sided lower bound lies above the truth."""
    low = np.array([interval(x, n, level=LEVEL, sides="lower").low for x in range(n + 1)])
    return max(float(binomial_pmf(n, p)[low > p].sum()) for p in GRID)


def peeking(interval: Callable[..., Estimate], p: float) -> list[float]:
    """Chance that the interval has ever excluded the truth, after each of the first looks."""
    shown = functools.cache(lambda x, n: interval(x, n, level=LEVEL))
    inside, excluded, path = {0: 1.0}, 0.0, []
    for n in range(1, LOOKS + 1):
        moved: dict[int, float] = {}
        for x, chance in inside.items():
            moved[x] = moved.get(x, 0.0) + chance * (1.0 - p)
            moved[x + 1] = moved.get(x + 1, 0.0) + chance * p
        kept = {x for x, c in moved.items() if c < 1e-12 or _holds(shown(x, n), p)}
        excluded += sum(chance for x, chance in moved.items() if x not in kept)
        inside = {x: chance for x, chance in moved.items() if x in kept and chance >= 1e-12}
        path.append(excluded)
    return path


def _holds(shown: Estimate, truth: float) -> bool:
    return shown.low <= truth <= shown.high


def clustered(vehicles: int, icc: float, truth: float, repeats: int) -> list[float]:
    """Chance of a lower bound above the truth: naive, by design effect, by worst correlation."""
    rng = np.random.default_rng(20)
    if icc > 0.0:
        strength = 1.0 / icc - 1.0
        shares = rng.beta(truth * strength, (1.0 - truth) * strength, (repeats, vehicles))
    else:
        shares = np.full((repeats, vehicles), truth)
    drawn = np.sort(rng.binomial(SORTIES, shares), axis=1)
    outcomes, counts = np.unique(drawn, axis=0, return_counts=True)
    trials = [SORTIES] * vehicles
    wrong = np.zeros(3)
    for outcome, count in zip(outcomes.tolist(), counts, strict=True):
        bounds = (
            proportions.clopper_pearson(sum(outcome), sum(trials), level=LEVEL, sides="lower"),
            clustering.clustered_proportion(outcome, trials, level=LEVEL, sides="lower").estimate,
            clustered_bounds.clustered_bounds(outcome, trials, level=LEVEL, sides="lower").estimate,
        )
        wrong += count * np.array([bound.low > truth for bound in bounds])
    return (wrong / repeats).tolist()


def differences(interval: Callable[..., Estimate], n: int) -> tuple[float, float]:
    """Least and mean coverage of the difference of two shares, groups of equal size."""
    shown = [[interval(a, n, b, n, level=LEVEL) for b in range(n + 1)] for a in range(n + 1)]
    low, high = (
        np.array([[getattr(e, end) for e in row] for row in shown]) for end in ("low", "high")
    )
    truths = np.arange(0.5, 0.99, 0.02)
    pmf = [binomial_pmf(n, p) for p in truths]
    covered = [
        float(np.outer(pmf[i], pmf[j])[(low <= p - q) & (p - q <= high)].sum())
        for i, p in enumerate(truths)
        for j, q in enumerate(truths)
    ]
    return min(covered), float(np.mean(covered))


def poisson_coverage(mean: float) -> float:
    """Coverage of Garwood's interval of a rate, by enumeration."""
    chance, total = np.exp(-mean), 0.0
    for k in range(int(mean + 12.0 * np.sqrt(mean) + 20.0)):
        total += chance if _holds(rates.garwood(k, 1.0, level=LEVEL), mean) else 0.0
        chance *= mean / (k + 1)
    return float(total)


def survival_coverage(transform: survival.Transform, repeats: int) -> float:
    """Share of 20 lives beyond 1, a third of them censored before: how often covered."""
    rng, truth, hits = np.random.default_rng(21), float(np.exp(-1.0)), 0
    for _ in range(repeats):
        lives, ends = rng.exponential(1.0, 20), rng.exponential(2.0, 20)
        curve = survival.kaplan_meier(
            np.minimum(lives, ends).tolist(),
            (lives <= ends).tolist(),
            level=LEVEL,
            transform=transform,
        )
        hits += _holds(curve.at(1.0), truth)
    return hits / repeats


def weibull_coverage(failures: int, repeats: int) -> float:
    """Large-sample interval of a Weibull shape, with few failures."""
    rng, hits = np.random.default_rng(22), 0
    for _ in range(repeats):
        lives = rng.weibull(2.0, failures).tolist()
        fit = weibull.weibull_fit(lives, [True] * failures)
        hits += _holds(fit.shape_estimate(level=LEVEL), 2.0)
    return hits / repeats


def chart(series: Series, title: str, below: str, bottom: float, top: float, line: float) -> str:
    """Draw lines over a common axis as an SVG that needs no other file."""
    width, height, left, right, head, foot = 720, 360, 56, 190, 36, 44
    xs = [x for points in series.values() for x, _ in points]
    x0, x1 = min(xs), max(xs)

    def at(x: float, y: float) -> str:
        across = left + (x - x0) / (x1 - x0) * (width - left - right)
        down = (
            height
            - foot
            - (min(max(y, bottom), top) - bottom) / (top - bottom) * (height - head - foot)
        )
        return f"{across:.1f},{down:.1f}"

    def text(point: str, words: str, more: str = "") -> str:
        x, y = point.split(",")
        return f'<text x="{x}" y="{y}" {more}>{words}</text>'

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' font-family="sans-serif" font-size="12"><title>{title}</title>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="20" font-size="14">{title}</text>',
        text(
            at((x0 + x1) / 2, bottom).split(",")[0] + f",{height - 8}",
            below,
            'text-anchor="middle"',
        ),
    ]
    for y in np.linspace(bottom, top, 6):
        out.append(f'<polyline points="{at(x0, y)} {at(x1, y)}" stroke="#ddd" fill="none"/>')
        out.append(text(at(x0, y), f"{y:.2f}", 'text-anchor="end" dx="-6" dy="4"'))
    for x in np.linspace(x0, x1, 6):
        out.append(text(at(x, bottom), f"{x:g}", 'text-anchor="middle" dy="18"'))
    out.append(
        f'<polyline points="{at(x0, line)} {at(x1, line)}" stroke="black" stroke-dasharray="5 4"/>'
    )
    for i, (name, points) in enumerate(series.items()):
        path = " ".join(at(x, y) for x, y in points)
        colour = COLOURS[i % len(COLOURS)]
        out.append(f'<polyline points="{path}" stroke="{colour}" stroke-width="1.6" fill="none"/>')
        out.append(
            f'<text x="{width - right + 12}" y="{head + 18 * i + 12}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


def fixed_tables(folder: Path) -> str:
    curves = {(name, n): coverage(f, n) for name, f in INTERVALS.items() for n in SIZES}
    series = {
        name: list(zip(GRID.tolist(), curves[name, 20].tolist(), strict=True)) for name in INTERVALS
    }
    figure = chart(series, "Coverage of 90 % intervals, 20 trials", "true share", 0.75, 1.0, LEVEL)
    (folder / "coverage.svg").write_text(figure, encoding="utf-8")
    rows = [
        (name, n, float(c.min()), float(c.mean()), wrong_met(INTERVALS[name], n))
        for (name, n), c in curves.items()
    ]
    return table(("interval", "trials", "least", "mean", "largest chance of a wrong *met*"), rows)


def peeking_tables(folder: Path) -> str:
    used = ("Clopper-Pearson", "Wilson", "confidence sequence")
    paths = {(name, p): peeking(INTERVALS[name], p) for name in used for p in SHARES}
    series = {
        name: [(float(n), value) for n, value in enumerate(paths[name, 0.9], start=1)]
        for name in used
    }
    figure = chart(
        series, "Chance of ever having excluded a true share of 0.9", "looks", 0.0, 0.6, 1 - LEVEL
    )
    (folder / "coverage-peeking.svg").write_text(figure, encoding="utf-8")
    rows = [(name, *(paths[name, p][-1] for p in SHARES)) for name in used]
    return table(("interval", *(f"share {p:g}" for p in SHARES)), rows)


def clustered_table(repeats: int) -> str:
    rows = [
        (vehicles, f"{icc:g}", *clustered(vehicles, icc, 0.9, repeats))
        for vehicles in (3, 6, 12)
        for icc in (0.0, 0.1, 0.25, 0.5)
    ]
    head = ("vehicles", "correlation", "as if independent", "design effect", "worst correlation")
    return table(head, rows)


def other_table(repeats: int) -> str:
    rows: list[Sequence[object]] = []
    for name, f in (("Newcombe", comparison.newcombe), ("Agresti-Caffo", comparison.agresti_caffo)):
        rows.append((f"{name}, difference, 20 and 20 trials", "enumerated", *differences(f, 20)))
    garwood = [poisson_coverage(mean) for mean in np.arange(0.25, 20.0, 0.25)]
    rows.append(("Garwood, rate", "enumerated", min(garwood), float(np.mean(garwood))))
    for transform in ("plain", "log", "log-log"):
        share = survival_coverage(transform, repeats)
        rows.append((f"Kaplan-Meier, {transform}, 20 lives", f"{repeats} simulated", "", share))
    for failures in (6, 20):
        share = weibull_coverage(failures, repeats)
        rows.append((f"Weibull shape, {failures} failures", f"{repeats} simulated", "", share))
    return table(("interval", "how", "least", "mean"), rows)


PAGE = """# How often our intervals are right

Written by `bench/interval_coverage.py` from the code as it is; nominal level 90 % throughout.

## One share, looked at once

Exact, over true shares from 0.5 to 0.995. A wrong *met* is a one-sided 90 % lower bound above the
truth; it may happen one time in ten. Clopper-Pearson and the confidence sequence keep that promise
everywhere. Wilson and Jeffreys keep it on average over both sides, but their lower bounds near 1
are too high: they are for tables and plots, not for the claim that a requirement is met.

![Coverage of 90 % intervals for 20 trials](coverage.svg)

{fixed}

## Looked at after every trial

Chance that the interval has excluded the truth at one look or another within {looks} looks. Exact.

![Chance of having excluded the truth, by looks](coverage-peeking.svg)

{peeking}

## Sorties that share vehicles

Chance of a lower bound above a true share of 0.9 with {sorties} sorties of each vehicle;
{repeats} simulations a row, hence known to about {error:.3f}. "Design effect" is
`clustered_proportion`, "worst correlation" is `clustered_bounds` with its default of at most 0.5.
The design effect fails where all vehicles happen to do well: nothing is seen of the correlation.

{clustered}

## Others

{other}

The Weibull interval rests on large samples: with few failures it is right less often than it says.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2000, help="simulations of each case")
    docs = ROOT / "docs"
    parser.add_argument("--folder", type=Path, default=docs, help="where to write")
    chosen = parser.parse_args()
    page = PAGE.format(
        fixed=fixed_tables(chosen.folder),
        peeking=peeking_tables(chosen.folder),
        clustered=clustered_table(chosen.repeats),
        other=other_table(chosen.repeats),
        looks=LOOKS,
        sorties=SORTIES,
        repeats=chosen.repeats,
        error=np.sqrt(0.09 / chosen.repeats),
    )
    (chosen.folder / "coverage.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

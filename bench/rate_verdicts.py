"""How often a campaign wrongly says *met* of hours between failures, beside the naive method.

    python bench/rate_verdicts.py       writes docs/verdicts-rates.md

The truth lies exactly at the limit. Vehicles differ: the failure rate of each is drawn from a Gamma
distribution about the true one, which is what the code divides counts by their dispersion for. What
decides is the code that ``flyoff campaign evaluate`` runs; seeds are fixed.
"""

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flyoff.campaign.configuration import Settings
from flyoff.campaign.rates import Exposure, deciding_rate, in_hours, rate_bounds, rate_verdict
from flyoff.campaign.requirement import Requirement, Verdict
from flyoff.stats.mtbf import mtbf
from flyoff.stats.proportions import clopper_pearson

SIMULATIONS, RISK, LIMIT_H, LOOKS = 2_000, 0.10, 20.0, 8
#: Vehicles, and hours of each.
SIZES = ((6, 60.0), (3, 40.0))
#: Coefficient of variation of the vehicles' rates.
SPREADS = (0.0, 0.5)
REQUIREMENT = Requirement("mtbf", "hours_between_failures", "at_least", LIMIT_H, 1 - RISK)


@dataclass(frozen=True)
class Combination:
    """One kind of campaign."""

    vehicles: int
    hours: float
    spread: float
    peeks: bool

    @property
    def settings(self) -> Settings:
        return Settings(looks="any time" if self.peeks else "once", planned_sorties=1)

    @property
    def looks(self) -> np.ndarray:
        """Share of the hours flown at each look."""
        return np.arange(1, LOOKS + 1) / LOOKS if self.peeks else np.ones(1)


def flown(one: Combination, mtbf_h: float, draw: np.random.Generator) -> np.ndarray:
    """Failures of every vehicle up to each look, shape (looks, vehicles)."""
    rates = np.full(one.vehicles, 1.0 / mtbf_h)
    if one.spread:
        shape = 1.0 / one.spread**2
        rates = draw.gamma(shape, 1.0 / (shape * mtbf_h), one.vehicles)
    step = one.hours * np.diff(one.looks, prepend=0.0)
    return np.cumsum(draw.poisson(np.outer(step, rates)), axis=0)


def ours(events: np.ndarray, hours: np.ndarray, settings: Settings) -> bool:
    exposure = Exposure(events, np.zeros_like(events), hours)
    if exposure.total_h < LIMIT_H * events.sum():
        return False  # an interval holds its own estimate
    decides = in_hours(deciding_rate(rate_bounds(exposure, REQUIREMENT, settings), settings))
    return rate_verdict(decides, REQUIREMENT) is Verdict.MET


def naive(events: np.ndarray, hours: np.ndarray) -> bool:
    """The χ² bound of all failures and hours together, as if looked at once."""
    total = int(events.sum())
    return mtbf(float(hours.sum()), total, level=1 - RISK, sides="lower").low >= LIMIT_H


def simulate(one: Combination, simulations: int, seed: int, mtbf_h: float) -> tuple[int, int]:
    """How often the naive method and ours say *met*."""
    draw = np.random.default_rng(seed)
    met = [0, 0]
    for _ in range(simulations):
        looks = list(zip(flown(one, mtbf_h, draw), one.looks * one.hours, strict=True))
        seen = [(events, np.full(one.vehicles, at)) for events, at in looks]
        met[0] += any(naive(*look) for look in seen)
        met[1] += any(ours(*look, one.settings) for look in seen)
    return met[0], met[1]


def row(one: Combination, simulations: int, seed: int) -> tuple[str, bool]:
    naively, wrong = simulate(one, simulations, seed, LIMIT_H)
    good = simulate(one, max(1, simulations // 10), seed, 4 * LIMIT_H)[1]
    upper = clopper_pearson(wrong, simulations, level=0.95, sides="upper").high
    cells = (
        f"{one.vehicles} of {one.hours:g} h",
        f"differ by {100 * one.spread:.0f} %" if one.spread else "alike",
        f"{LOOKS} times" if one.peeks else "once",
        *(f"{100 * share:.1f} %" for share in (naively / simulations, wrong / simulations, upper)),
        f"{100 * good / max(1, simulations // 10):.0f} %",
    )
    return f"| {' | '.join(cells)} |", wrong / simulations <= RISK


TEXT = """\
# How often a verdict on hours between failures is wrong

Made by `python bench/rate_verdicts.py`; {simulations:,} simulated campaigns for each line, a
requirement of {limit:g} h between failures at a one-sided confidence of {level:.0f} %: a wrong
*met* may happen in {risk:.0f} % of all campaigns at most. The truth lies exactly **at** the limit.
"Differ by" is the coefficient of variation of the vehicles' own failure rates (Gamma distributed).
The naive method is the χ² bound of all hours and failures together, at whatever look it likes.

{table}

{kept} The last column is the price: how often a product with {good:g} h between failures is met
(from a tenth as many simulations). For [shares of sorties](verdicts.md) the interval allows for
every correlation up to a stated one; for rates, counts are divided by their dispersion as measured,
widened for the few vehicles it is measured on. It remains an approximation: few failures hardly
show how vehicles differ, and one vehicle shows nothing.
"""
COLUMNS = (
    "Vehicles",
    "Their rates",
    "Looks",
    "Naive: wrong *met*",
    "Flyoff: wrong *met*",
    "95 % upper",
    "Good product met",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--out", type=Path, default=Path("docs/verdicts-rates.md"))
    given = parser.parse_args()
    rows, kept = [], []
    every = itertools.product(SIZES, SPREADS, (False, True))
    for seed, (size, spread, peeks) in enumerate(every):
        line, fine = row(Combination(*size, spread, peeks), given.simulations, seed)
        rows.append(line)
        kept.append(fine)
        print(line, flush=True)
    head = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
    broken = f"**{kept.count(False)} of {len(kept)} lines do not keep the stated risk.**"
    text = TEXT.format(
        simulations=given.simulations,
        limit=LIMIT_H,
        level=100 * (1 - RISK),
        risk=100 * RISK,
        good=4 * LIMIT_H,
        table="\n".join([head, *rows]),
        kept="Every line keeps the stated risk." if all(kept) else broken,
    )
    given.out.write_text(text)
    raise SystemExit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()

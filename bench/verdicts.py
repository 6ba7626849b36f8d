"""How often a campaign wrongly says *met*, by simulation, beside the naive method.

    python bench/verdicts.py            writes docs/verdicts.md

The truth lies exactly at the limit, where a wrong *met* is likeliest. What decides is the code that
``flyoff campaign evaluate`` runs; seeds are fixed, so the same code gives the same page.
"""

import argparse
import itertools
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flyoff.campaign.bounds import ByVehicle
from flyoff.campaign.configuration import Settings
from flyoff.campaign.flown import FAILURE, SUCCESS, UNKNOWN
from flyoff.campaign.requirement import Requirement, Verdict
from flyoff.campaign.shares import verdict_of
from flyoff.stats.proportions import clopper_pearson

SIMULATIONS = 2_000
VEHICLES, SORTIES = 6, 60
EVERY = 5  # sorties between two looks
ICC = 0.2
#: Share of logs that are lost: of sorties that failed, and of those that succeeded.
LOST = {"all there": (0.0, 0.0), "half lost in failures": (0.5, 0.02)}
RISK = 0.10
COLUMNS = (
    "Limit",
    "Sorties of a vehicle",
    "Looks",
    "Logs",
    "Naive: wrong *met*",
    "Flyoff: wrong *met*",
    "95 % upper",
    "Good product met",
)


@dataclass(frozen=True)
class Combination:
    """One kind of campaign."""

    limit: float
    icc: float
    peeks: bool
    logs: str

    @property
    def settings(self) -> Settings:
        if self.peeks:
            return Settings(looks="any time", vehicle_correlation_at_most=ICC)
        return Settings("once", SORTIES, ICC)


def campaign(truth: float, icc: float, logs: str, draw: np.random.Generator) -> np.ndarray:
    """Results of all sorties in the order flown, shape (sorties,); vehicles take turns."""
    shares = np.full(VEHICLES, truth)
    if icc:
        strength = 1.0 / icc - 1.0
        shares = draw.beta(truth * strength, (1.0 - truth) * strength, VEHICLES)
    won = draw.random(SORTIES) < shares[np.arange(SORTIES) % VEHICLES]
    of_failures, of_successes = LOST[logs]
    lost = draw.random(SORTIES) < np.where(won, of_successes, of_failures)
    return np.where(lost, UNKNOWN, np.where(won, SUCCESS, FAILURE))


def looks(peeks: bool) -> range:
    return range(EVERY, SORTIES + 1, EVERY) if peeks else range(SORTIES, SORTIES + 1)


def ours(result: np.ndarray, requirement: Requirement, settings: Settings, peeks: bool) -> bool:
    """Whether a campaign was ever found to meet the requirement."""
    vehicle = np.arange(SORTIES) % VEHICLES
    return any(
        verdict_of(ByVehicle.of(vehicle[:n], result[:n]), requirement, settings) is Verdict.MET
        for n in looks(peeks)
    )


def naive(result: np.ndarray, limit: float, peeks: bool) -> bool:
    """The exact bound on what was decided, as if independent and looked at once."""
    for n in looks(peeks):
        won, lost = (int((result[:n] == what).sum()) for what in (SUCCESS, FAILURE))
        if not won + lost:
            continue
        shown = clopper_pearson(won, won + lost, level=1 - RISK, sides="lower")
        if shown.low >= limit:
            return True
    return False


def simulate(one: Combination, simulations: int, seed: int) -> tuple[int, int, float]:
    """Wrong *met* by the naive method and by ours, and how often a good product is met."""
    requirement = Requirement("r", "sortie_completion", "at_least", one.limit, 1 - RISK)
    draw = np.random.default_rng(seed)
    wrong = [0, 0]
    for _ in range(simulations):
        result = campaign(one.limit, one.icc, one.logs, draw)
        wrong[0] += naive(result, one.limit, one.peeks)
        wrong[1] += ours(result, requirement, one.settings, one.peeks)
    good, few = 0, max(1, simulations // 10)
    for _ in range(few):
        result = campaign(0.98, one.icc, one.logs, draw)
        good += ours(result, requirement, one.settings, one.peeks)
    return wrong[0], wrong[1], good / few


def row(one: Combination, simulations: int, seed: int) -> tuple[str, bool]:
    naively, wrong, good = simulate(one, simulations, seed)
    upper = clopper_pearson(wrong, simulations, level=0.95, sides="upper").high
    cells = (
        f"{100 * one.limit:.0f} %",
        f"alike ({one.icc:g})" if one.icc else "independent",
        f"every {EVERY} sorties" if one.peeks else "once",
        one.logs,
        f"{100 * naively / simulations:.1f} %",
        f"{100 * wrong / simulations:.1f} %",
        f"{100 * upper:.1f} %",
        f"{100 * good:.0f} %",
    )
    return f"| {' | '.join(cells)} |", wrong / simulations <= RISK


TEXT = """\
# How often a verdict is wrong

Made by `python bench/verdicts.py`; {simulations:,} simulated campaigns for each line, {sorties}
sorties of {vehicles} vehicles in turn, a requirement at a one-sided confidence of {level:.0f} %: a
wrong *met* may happen in {risk:.0f} % of all campaigns at most. The true share lies exactly **at**
the limit, where that is likeliest; "alike" is the correlation between sorties of one vehicle, and
campaigns allow for {icc:g} at most.

The naive method takes the exact (Clopper–Pearson) bound of the sorties whose logs are there, as if
they were independent, and stops as soon as it likes what it sees. "Half lost in failures" loses
{failures:.0f} % of the logs of failed sorties and {successes:.0f} % of the others: the recorder
burns with the vehicle, and no card says how the sortie ended.

{table}

{kept} "95 % upper" is the upper confidence bound of the share that was simulated. The last column
is the price: how often {sorties} sorties show that a product with a true share of 98 % meets the
requirement (from a tenth as many simulations). Where logs are lost, cards that say how those
sorties ended win it back.
"""


def page(rows: list[str], simulations: int, kept: bool) -> str:
    head = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
    failures, successes = LOST["half lost in failures"]
    return TEXT.format(
        simulations=simulations,
        sorties=SORTIES,
        vehicles=VEHICLES,
        level=100 * (1 - RISK),
        risk=100 * RISK,
        icc=ICC,
        failures=100 * failures,
        successes=100 * successes,
        table="\n".join([head, *rows]),
        kept="Every line keeps the stated risk."
        if kept
        else "**Not every line keeps the stated risk.**",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--out", type=Path, default=Path("docs/verdicts.md"))
    given = parser.parse_args()
    rows, kept = [], True
    every = itertools.product((0.8, 0.9), (0.0, ICC), (False, True), LOST)
    for seed, (limit, icc, peeks, logs) in enumerate(every):
        started = time.monotonic()
        line, fine = row(Combination(limit, icc, peeks, logs), given.simulations, seed)
        rows.append(line)
        kept = kept and fine
        print(line, f"{time.monotonic() - started:.0f} s", flush=True)
    given.out.write_text(page(rows, given.simulations, kept))
    raise SystemExit(0 if kept else 1)


if __name__ == "__main__":
    main()

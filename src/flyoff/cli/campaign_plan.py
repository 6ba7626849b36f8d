"""What ``flyoff campaign plan`` does."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from flyoff.cli.guard import OK
from flyoff.cli.terminal import cell, counted, print_table
from flyoff.pipeline.campaign import Planned, plain, plan_campaign, write_cards


@dataclass(frozen=True, slots=True)
class Wanted:
    """The schedule that was asked for."""

    cards: Path | None
    sorties: int | None
    operators: tuple[str, ...]
    conditions: tuple[str, ...]
    start: str
    per_day: int
    seed: int


def run_plan(
    folder: Path,
    only: list[str],
    producer_risk: float,
    vehicles: int,
    correlation: float,
    wanted: Wanted,
    as_json: bool,
) -> int:
    """Plan, print, and write the schedule; returns the exit code."""
    campaign, plans, skipped = plan_campaign(folder, only, producer_risk, vehicles, correlation)
    count = wanted.sorties or _fixed_sorties(plans)
    if wanted.cards is not None:  # first: a reader of what is printed may go away
        write_cards(campaign, wanted.cards, count, wanted)
    if as_json:
        print(json.dumps({"plans": plain(plans), "skipped": skipped}, allow_nan=False))
        return OK
    for planned in plans:
        _print(planned)
    for line in skipped:
        print(line)
    if wanted.cards is not None:
        print(
            f"wrote {wanted.cards}: {counted(count, 'sortie')} of each candidate, "
            f"seed {wanted.seed}"
        )
    return OK


def _fixed_sorties(plans: list[Planned]) -> int:
    """What the most demanding fixed plan needs, resemblance of sorties included."""
    fixed = [
        p.most * planned.design_effect
        for planned in plans
        if planned.unit == "sorties"
        for p in planned.plans
        if p.kind == "fixed"
    ]
    return max((math.ceil(n) for n in fixed if math.isfinite(n)), default=1)


def _print(planned: Planned) -> None:
    print(f"\n{planned.requirement}: {planned.says}; a good product: {planned.good:g}")
    rows = [
        tuple(
            cell(text)
            for text in (
                p.kind,
                f"{p.most:.4g} {planned.unit}",
                f"{100 * p.consumer_risk:.1f} %",
                f"{100 * p.producer_risk:.1f} %",
                p.says,
            )
        )
        for p in planned.plans
    ]
    print_table(("plan", "at most", "consumer's risk", "producer's risk", "rule"), rows)
    truths = [point.truth for point in planned.plans[0].power]
    print_table(
        ("if the truth is", *(p.kind for p in planned.plans)),
        [
            (
                cell(f"{truth:.4g}"),
                *(
                    cell(f"{100 * p.power[i].met:.0f} % met, {p.power[i].expected:.0f} flown")
                    for p in planned.plans
                ),
            )
            for i, truth in enumerate(truths)
        ],
    )
    print(planned.note)

"""A balanced flight schedule as cards: every candidate meets every operator and condition alike.

Days, operators and weather favour whoever flies with them. The schedule goes round all
combinations of vehicle, operator and condition, each candidate as often as the others in every
block, in an order drawn at random with a seed that is written down.
"""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from flyoff.campaign.cards import COLUMNS
from flyoff.campaign.configuration import Candidate
from flyoff.errors import CampaignError


@dataclass(frozen=True, slots=True)
class Design:
    """What the schedule is made of.

    Attributes
    ----------
    sorties : int
        Of each candidate.
    operators, conditions : tuple of str
    start : str
        ISO date of the first day.
    per_day : int
        Sorties of all candidates together.
    seed : int
    """

    sorties: int
    operators: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    start: str = "2026-01-01"
    per_day: int = 12
    seed: int = 0


def schedule(candidates: Sequence[Candidate], design: Design) -> str:
    """Make ``cards.csv``: the same text for the same seed.

    Raises
    ------
    CampaignError
        If a candidate has no vehicle, or the date is impossible.
    """
    try:
        first = date.fromisoformat(design.start)
    except ValueError:
        raise CampaignError(f"start {design.start!r} is no date like 2026-05-04") from None
    draw = random.Random(design.seed)
    queues = {c.name: _flights(c, design, draw) for c in candidates}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    number = 0
    for block in range(design.sorties):
        order = [c.name for c in candidates]
        draw.shuffle(order)  # each candidate once in a block, so no day favours one
        for name in order:
            vehicle, operator, condition = queues[name][block]
            number += 1
            writer.writerow(
                {
                    "card": f"C{number:04}",
                    "date": (first + timedelta(days=(number - 1) // design.per_day)).isoformat(),
                    "candidate": name,
                    "vehicle": vehicle,
                    "operator": operator,
                    "conditions": condition,
                    "notes": f"seed {design.seed}" if number == 1 else "",
                }
            )
    return out.getvalue()


def _flights(
    candidate: Candidate, design: Design, draw: random.Random
) -> list[tuple[str, str, str]]:
    """Each combination as often as the others, give or take one; none twice before all once."""
    if not candidate.vehicles:
        raise CampaignError(f"candidate {candidate.name!r} has no vehicle to plan with")
    every = list(product(candidate.vehicles, design.operators or ("",), design.conditions or ("",)))
    flights: list[tuple[str, str, str]] = []
    while len(flights) < design.sorties:
        left = design.sorties - len(flights)
        flights += _balanced(every, draw) if left >= len(every) else _spread(every, left, draw)
    return flights[: design.sorties]


def _balanced(
    every: Sequence[tuple[str, str, str]], draw: random.Random
) -> list[tuple[str, str, str]]:
    shuffled = list(every)
    draw.shuffle(shuffled)
    return shuffled


def _spread(
    every: Sequence[tuple[str, str, str]], count: int, draw: random.Random
) -> list[tuple[str, str, str]]:
    """Part of a round in which vehicles, operators and conditions each occur evenly."""
    left, chosen = _balanced(every, draw), list[tuple[str, str, str]]()
    for _ in range(count):
        best = min(left, key=lambda f: sum(sum(f[i] == c[i] for c in chosen) for i in range(3)))
        chosen.append(best)
        left.remove(best)
    return chosen

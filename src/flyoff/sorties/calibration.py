"""How sure a statement may be: what a rule argues for, held against how often it was right.

A rule carries a confidence that its author argued from physics. That argument counts as much as
``WEIGHT`` flights; the labelled flights on which the rule fired count as what they are, one each.
However well it goes, n of them never support more than (n + 1) / (n + 2): the rule of succession.
The tables are written by ``bench/calibrate.py``; docs/calibration.md tells how, and shows the
curve.
"""

from dataclasses import dataclass

from flyoff.sorties.calibration_table import CAUSES, OUTCOMES, WEIGHT


@dataclass(frozen=True, slots=True)
class Seen:
    """On how many labelled flights a rule fired, and how often it was right.

    Attributes
    ----------
    right, flights : float
        Fractions of a flight are possible: a flight judged in several altered forms counts once.
    """

    right: float
    flights: float


def outcome_confidence(rule: str, outcome: str, argued: float) -> float:
    """Confidence in an outcome.

    Parameters
    ----------
    rule : str
        Name of the rule that decided.
    outcome : str
    argued : float
        What the rule itself argues for.
    """
    # what a rule argues for tells its branches apart: a landing without a plan is another statement
    # than one at the planned place, and has its own flights
    return held_against(Seen(*OUTCOMES.get((rule, outcome, argued), (0.0, 0.0))), argued)


def cause_confidence(grounds: str, argued: float) -> float:
    """Confidence in a cause that was chosen on these grounds."""
    return held_against(Seen(*CAUSES.get(grounds, (0.0, 0.0))), argued)


def held_against(seen: Seen, argued: float, *, weight: float = WEIGHT) -> float:
    """Combine an argued confidence with what was seen; three decimals, never 1.

    Examples
    --------
    >>> held_against(Seen(10.0, 10.0), 0.9, weight=4.0)
    0.938
    >>> held_against(Seen(5.0, 10.0), 0.9, weight=4.0)
    0.614
    >>> held_against(Seen(0.0, 0.0), 0.9, weight=4.0), held_against(Seen(0.0, 0.0), 0.6, weight=4.0)
    (0.833, 0.6)
    """
    n = seen.flights + weight
    mixed = (seen.right + weight * argued) / n
    return round(min(mixed, (n + 1.0) / (n + 2.0)), 3)

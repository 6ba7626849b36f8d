"""Campaigns made in memory."""

import numpy as np

from flyoff.campaign.configuration import Candidate, Settings
from flyoff.campaign.flown import CODE, NONE, Flown, Label
from flyoff.campaign.folder import Campaign
from flyoff.campaign.requirement import Requirement


def flown(words: list[str], *, vehicles: int = 4, candidates: int = 1, **columns: object) -> Flown:
    """Sorties with these outcomes; vehicles and candidates take turns."""
    n = len(words)
    judged = np.array([CODE[w] for w in words], dtype=np.int64)
    none = np.full(n, NONE, dtype=np.int64)
    at = np.arange(n)
    names = tuple(f"V{i}" for i in range(vehicles * candidates))
    made: dict[str, object] = {
        "ids": [f"s{i}" for i in range(n)],
        "candidate": at % candidates,
        "vehicle": at % (vehicles * candidates),
        "vehicles": names,
        "judged": judged,
        "told": none,
        "reviewed": none,
        "flew": ~np.isin(judged, [CODE["failed_launch"], CODE["not_flown"]]),
        "airborne_s": np.full(n, 600.0),
        "cause": none,
        "disposition": np.zeros(n, dtype=np.int64),
        "labels": {"card": Label(none, ())},
    }
    return Flown(**{**made, **columns})


def campaign(*requirements: Requirement, candidates: int = 1, **settings: object) -> Campaign:
    return Campaign(
        "test",
        tuple(Candidate(f"c{i}", ()) for i in range(candidates)),
        (),
        requirements,
        Settings(**settings),
    )


COMPLETION = Requirement("r", "sortie_completion", "at_least", 0.8)

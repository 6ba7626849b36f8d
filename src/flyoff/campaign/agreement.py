"""How often people agree with what the program judged."""

from dataclasses import dataclass

import numpy as np

from flyoff.campaign.flown import CODE, NONE, OUTCOMES, Codes, Flown
from flyoff.stats.estimate import Estimate
from flyoff.stats.proportions import clopper_pearson

LEVEL = 0.90
MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A sortie of which a person says something else than the program."""

    sortie: str
    judged: str
    said: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The program's outcomes against those of people.

    Attributes
    ----------
    by : str
        ``reviews`` or ``cards``.
    agreed, compared : int
        Only where both say how it ended.
    undetermined : int
        Sorties that people decided and the program did not.
    rate : Estimate or None
        Clopper-Pearson. Reviewed sorties are seldom drawn at random: it describes these only.
    corrections : tuple of Correction
        At most 200.
    """

    by: str
    agreed: int
    compared: int
    undetermined: int
    rate: Estimate | None
    corrections: tuple[Correction, ...]


def agreement(flown: Flown) -> tuple[Agreement, ...]:
    """Compare the program with reviewers and with the test director's cards."""
    return tuple(
        _against(flown, by, word)
        for by, word in (("reviews", flown.reviewed), ("cards", flown.told))
    )


def _against(flown: Flown, by: str, said: Codes) -> Agreement:
    undetermined = CODE["undetermined"]
    spoken = (said != NONE) & (said != undetermined) & (flown.judged != NONE)
    open_ = int((spoken & (flown.judged == undetermined)).sum())
    both = spoken & (flown.judged != undetermined)
    agreed, compared = int((both & (said == flown.judged)).sum()), int(both.sum())
    apart = np.flatnonzero(spoken & (said != flown.judged))[:MOST_NAMED]
    return Agreement(
        by,
        agreed,
        compared,
        open_,
        clopper_pearson(agreed, compared, level=LEVEL) if compared else None,
        tuple(
            Correction(
                flown.ids[int(i)],
                str(OUTCOMES[int(flown.judged[i])]),
                str(OUTCOMES[int(said[i])]),
            )
            for i in apart
        ),
    )

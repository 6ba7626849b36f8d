"""Agreement of declared with true classes, from the table of counts.

Keep "unknown" and "no declaration" as columns of their own; leaving them out flatters.

References
----------
Cohen (1960), Educ. Psychol. Meas. 20:37. Gorodkin (2004), Comput. Biol. Chem. 28:367.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.units import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Measures of a square table: rows are the truth, columns what was declared.

    Attributes
    ----------
    accuracy : float
        Share declared rightly.
    kappa : float
        Agreement beyond chance; NaN where chance alone agrees always.
    mcc : float
        Matthews' correlation for several classes; 0 where rows or columns do not vary.
    recall, precision : float64, shape (classes,)
        NaN for a class that never occurred, or was never declared.
    n : int
    """

    accuracy: float
    kappa: float
    mcc: float
    recall: FloatArray
    precision: FloatArray
    n: int


def confusion(table: Sequence[Sequence[int]]) -> Confusion:
    """Measure the agreement in a table of counts.

    Examples
    --------
    >>> shown = confusion([[40, 5, 3], [6, 30, 4], [2, 3, 27]])
    >>> round(shown.accuracy, 4), round(shown.kappa, 4), round(shown.mcc, 4)
    (0.8083, 0.7091, 0.7094)
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise StatsError(f"a confusion table is square, not {' by '.join(map(str, counts.shape))}")
    if not np.all((counts >= 0) & (counts == np.floor(counts))) or counts.sum() == 0:
        raise StatsError("a confusion table holds counts of at least 0, not all of them 0")
    total = float(counts.sum())
    truth, declared, right = counts.sum(axis=1), counts.sum(axis=0), np.diag(counts)
    accuracy = float(right.sum()) / total
    by_chance = float(truth @ declared) / total**2
    kappa = (accuracy - by_chance) / (1.0 - by_chance) if by_chance < 1.0 else math.nan
    spread = (total**2 - float(declared @ declared)) * (total**2 - float(truth @ truth))
    covaried = float(right.sum()) * total - float(truth @ declared)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, precision = right / truth, right / declared
    return Confusion(
        accuracy,
        kappa,
        covaried / math.sqrt(spread) if spread > 0.0 else 0.0,
        recall,
        precision,
        int(total),
    )

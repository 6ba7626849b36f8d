"""Pairs worth comparing where no clock says: one transform a pair instead of thirty."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import fft

from flyoff.sorties.likeness import Grid
from flyoff.sorties.witness import RATE_HZ
from flyoff.units import FloatArray, IntArray

#: A second is one sample here: what is alike at 5 Hz is alike at 1 Hz.
_STEP = round(RATE_HZ)
#: Of the quieter recording's motion, that a pair has to share at some lag. Two recordings of one
#: flight share nearly all; half of it is left where they overlap by half.
_SHARED = 0.35
#: A long recording is cut to its first hours [s].
_LONGEST_S = 4 * 3600
_SIGNALS = ("roll", "pitch", "yaw", "climb", "speed")


def similar_pairs(
    grids: Sequence[Grid | None], wanted: Iterable[tuple[int, IntArray]]
) -> list[tuple[int, int]]:
    """Those of the wanted pairs whose motion is roughly alike at some offset.

    Parameters
    ----------
    grids : sequence of Grid or None
    wanted : iterable of (i, others)
        Each grid with those that it is held against.
    """
    usable = [k for k, g in enumerate(grids) if g is not None and g.values]
    coarse = {k: _coarse(grids[k]) for k in usable}
    longest = max((c.shape[1] for c in coarse.values()), default=1)
    size = fft.next_fast_len(2 * longest, real=True)
    spectra = {k: fft.rfft(c, size, axis=1) for k, c in coarse.items()}
    energy = {k: np.sum(c**2, axis=1) for k, c in coarse.items()}
    found: list[tuple[int, int]] = []
    for i, partners in wanted:
        others = [j for j in partners.tolist() if j in coarse] if i in coarse else []
        for at in range(0, len(others), 64):  # a stack that stays in the cache
            some = others[at : at + 64]
            share = _shares(i, some, spectra, energy, size)
            found += [(i, j) for j, s in zip(some, share, strict=True) if s >= _SHARED]
    return found


def _shares(
    i: int,
    others: Sequence[int],
    spectra: dict[int, FloatArray],
    energy: dict[int, FloatArray],
    size: int,
) -> FloatArray:
    stack = np.stack([spectra[j] for j in others])
    crossed = np.einsum("sf,jsf->jf", np.conj(spectra[i]), stack)
    top = fft.irfft(crossed, size, axis=1).max(axis=1)
    both = np.stack([energy[j] for j in others])
    shared = (both > 0) & (energy[i] > 0)
    least = np.minimum((both * shared).sum(axis=1), (energy[i] * shared).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share: FloatArray = np.asarray(np.nan_to_num(top / least), dtype=np.float64)
    return share


def _coarse(grid: Grid | None) -> npt.NDArray[np.float32]:
    """Signals at 1 Hz, each of unit spread, zero where unknown; float32, shape (5, n)."""
    assert grid is not None
    n = min(max(grid.size // _STEP, 1), _LONGEST_S)
    out = np.zeros((len(_SIGNALS), n), dtype=np.float32)
    for row, name in enumerate(_SIGNALS):
        if name not in grid.values:
            continue
        known = grid.known[name]
        x = np.where(known, grid.values[name] - grid.values[name][known].mean(), 0.0)
        x = x[: n * _STEP].reshape(-1, _STEP).mean(axis=1) if x.size >= _STEP else x[:n]
        spread = float(np.std(x))
        if spread > 0:
            out[row] = x / spread
    return out

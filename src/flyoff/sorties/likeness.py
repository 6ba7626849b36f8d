"""How alike two recordings are at every offset of their clocks, and how much that proves.

Turn rates, climb and speed on an even grid, correlated at all lags by FFT over the samples that
both hold. A correlation proves as much as there are independent samples behind it: a boat that
turned once agrees with every other turn there ever was. Evidence is therefore the information that
the signals share, in nats, with the independent samples counted by Bartlett's formula (M. S.
Bartlett, J. R. Stat. Soc. 98 (1935) 536) and by how evenly the motion is spread over the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from flyoff.sorties.witness import RATE_HZ, Witness
from flyoff.units import BoolArray, FloatArray, IntArray

#: A shorter overlap of moving signals proves nothing [s].
OVERLAP_S = 8.0
PERIOD_US = round(1e6 / RATE_HZ)
_SIGNALS = ("roll", "pitch", "yaw", "climb", "speed")
#: Below this spread a signal does not move and cannot be compared: rad/s, rad/s, rad/s, m/s, m/s.
_STILL = {"roll": 0.01, "pitch": 0.01, "yaw": 0.01, "climb": 0.1, "speed": 0.15}
#: No signal counts for more than this many samples: yaw alone shall not outvote the others.
_ENOUGH = 600.0
#: Squared correlation beyond which a sample proves no more: shapes are not drawn at random.
_SURE = 0.95
#: A stamp this many times further away than samples go is stray: the grid would be all holes.
_STRAY = 50
#: Beyond this lag a signal's likeness to itself is not summed up [s].
_MEMORY_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Signals on an even grid without holes.

    Attributes
    ----------
    start_us : int [µs]
    values : mapping of signal to float64, shape (n,)
        0 where nothing was logged.
    known : mapping of signal to bool, shape (n,)
        Where it was logged.
    independence : mapping of signal to float
        Independent samples for each sample.
    """

    start_us: int
    values: dict[str, FloatArray]
    known: dict[str, BoolArray]
    independence: dict[str, float]

    @property
    def size(self) -> int:
        """Samples of the grid; 0 if nothing moved."""
        return next((v.size for v in self.values.values()), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Of two grids, at every lag.

    Attributes
    ----------
    lags : int64, shape (n,)
        Lag k lays sample i of the second on sample i + k of the first.
    mean : float64, shape (n,)
        Mean correlation of the signals; NaN where they overlap too little.
    nats : float64, shape (n,)
        Information shared.
    """

    lags: IntArray
    mean: FloatArray
    nats: FloatArray


def grid_of(witness: Witness) -> Grid | None:
    """The witness's signals, or None if it is too short to compare."""
    t_us, kept = _without_strays(witness.t_us)
    if t_us.size < OVERLAP_S * RATE_HZ:
        return None
    start = int(t_us[0])
    at = np.round((t_us - start) / PERIOD_US).astype(np.int64)
    values, known = {}, {}
    for name in _SIGNALS:
        raw = _signal(witness, name)
        if raw is None:
            continue
        out = np.full(int(at[-1]) + 1, np.nan)
        out[at] = raw[kept]
        if name in ("roll", "pitch", "yaw"):  # turning, not standing: free of any mounting angle
            out = np.gradient(_unwrapped(out)) * RATE_HZ
        good = np.isfinite(out)
        if good.sum() > OVERLAP_S * RATE_HZ and float(np.std(out[good])) > _STILL[name]:
            values[name], known[name] = np.where(good, out, 0.0), good
    return Grid(start, values, known, {k: _independence(values[k], known[k]) for k in values})


def shared_signals(a: Grid, b: Grid) -> list[str]:
    """What moved in both."""
    return [name for name in _SIGNALS if name in a.values and name in b.values]


def likeness(a: Grid, b: Grid, shared: Sequence[str]) -> Likeness:
    """Mean correlation of the shared signals at every lag, and what it proves."""
    n, m = a.size, b.size
    size = fft.next_fast_len(n + m, real=True)
    lags = np.arange(-(m - 1), n, dtype=np.int64)
    total, weight, nats = np.zeros(lags.size), np.zeros(lags.size), np.zeros(lags.size)
    for name in shared:
        x, y = (a.values[name], a.known[name]), (b.values[name], b.known[name])
        r, overlap = _correlation(*x, *y, size)
        counted = np.where(np.isfinite(r), np.minimum(overlap, _ENOUGH), 0.0)
        r = np.nan_to_num(r)
        total += r * counted
        weight += counted
        independent = overlap * min(a.independence[name], b.independence[name])
        nats -= 0.5 * independent * np.log1p(-np.minimum(r**2, _SURE)) * (r > 0)
    # a short overlap agrees with anything: what it says is taken back by how short it is
    trust = 1.0 - np.exp(-weight / len(shared) / (RATE_HZ * OVERLAP_S))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 0, trust * total / weight, np.nan)
    return Likeness(lags, mean, nats)


def rival_of(found: Likeness, best: int, apart_s: float = 3.0) -> float:
    """The highest likeness at any other offset; -1 if there is none."""
    elsewhere = np.abs(found.lags - found.lags[best]) > apart_s * RATE_HZ
    rivals = found.mean[elsewhere & np.isfinite(found.mean)]
    return float(rivals.max()) if rivals.size else -1.0


def refined(mean: FloatArray, best: int) -> tuple[float, float]:
    """Peak between samples by a parabola: shift in samples, uncertainty in seconds."""
    if best in (0, mean.size - 1):
        return 0.0, 1.0 / RATE_HZ
    left, top, right = mean[best - 1 : best + 2]
    bend = left - 2 * top + right
    if not np.isfinite(bend) or bend >= 0:
        return 0.0, 1.0 / RATE_HZ
    shift = float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))
    # where the curve has fallen by the peak's own lack of likeness, the offset is no worse
    width = float(np.sqrt(max(1.0 - top, 0.0) / -bend))
    return shift, float(np.clip(width, 0.1, 5.0)) / RATE_HZ


def drift_s(a: Grid, b: Grid, shared: Sequence[str], lag: int) -> float:
    """How far the offsets of the first and of the second half lie apart [s]; 0 if not told.

    Clocks of two machines do not run alike: one offset is then right in the middle only.
    """
    first, last = max(lag, 0), min(a.size, b.size + lag)
    if last - first < 4 * OVERLAP_S * RATE_HZ:
        return 0.0
    middle = (first + last) // 2
    shifts = []
    for part in (slice(first, middle), slice(middle, last)):
        half = Grid(
            a.start_us + part.start * PERIOD_US,
            {k: a.values[k][part] for k in shared},
            {k: a.known[k][part] for k in shared},
            a.independence,
        )
        told = [k for k in shared if half.known[k].sum() > OVERLAP_S * RATE_HZ]
        if not told:
            return 0.0
        found = likeness(half, b, told)
        near = np.abs(found.lags + part.start - lag) <= 2 * RATE_HZ
        near &= np.isfinite(found.mean)
        if not near.any():
            return 0.0
        best = int(np.argmax(np.where(near, found.mean, -np.inf)))
        if found.mean[best] < 0.5:  # nothing moved in this half
            return 0.0
        shift = refined(found.mean, best)[0]
        shifts.append((float(found.lags[best]) + part.start + shift) / RATE_HZ)
    return abs(shifts[1] - shifts[0])


def _without_strays(t_us: IntArray) -> tuple[IntArray, BoolArray]:
    """Instants without those far from all others: a damaged stamp may lie years away."""
    kept = np.ones(t_us.shape, np.bool_)
    if t_us.size:
        reach = _STRAY * PERIOD_US * t_us.size
        kept = np.abs(t_us - int(np.median(t_us))) <= reach
    return t_us[kept], kept


def _unwrapped(angle: FloatArray) -> FloatArray:
    good = np.isfinite(angle)
    out = angle.copy()
    out[good] = np.unwrap(angle[good])
    return out


def _signal(witness: Witness, name: str) -> FloatArray | None:
    columns = witness.columns
    if name == "climb":
        down = columns.get("velocity_down")
        return None if down is None else -down
    if name == "speed":
        north, east = columns.get("velocity_north"), columns.get("velocity_east")
        return None if north is None or east is None else np.hypot(north, east)
    return columns.get(name)


def _independence(x: FloatArray, known: BoolArray) -> float:
    """Independent samples for each sample: by the signal's memory, and by how evenly it moves."""
    x = np.where(known, x - x[known].mean(), 0.0)
    energy = float(np.sum(x**2))
    if energy <= 0:
        return 0.0
    size = fft.next_fast_len(2 * x.size, real=True)
    own = fft.irfft(np.abs(fft.rfft(x, size)) ** 2, size)[: int(_MEMORY_S * RATE_HZ)]
    memory = 1.0 + 2.0 * float(np.sum((own[1:] / energy) ** 2))
    # of Gaussian noise all samples take part; of a single bump, only those of the bump
    part = min(3.0 * energy**2 / float(np.sum(x**4)) / float(known.sum()), 1.0)
    return part / memory


def _correlation(
    x: FloatArray, x_known: BoolArray, y: FloatArray, y_known: BoolArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Pearson correlation at every lag over the samples that both know, and how many they are."""
    x = np.where(x_known, x - x[x_known].mean(), 0.0)
    y = np.where(y_known, y - y[y_known].mean(), 0.0)
    # every sum over an overlap is a product of transforms: six of them, and five back
    fx, fxx, fx1 = (fft.rfft(v, size) for v in (x, x * x, x_known.astype(np.float64)))
    fy, fyy, fy1 = (np.conj(fft.rfft(v, size)) for v in (y, y * y, y_known.astype(np.float64)))
    products = np.stack([fx1 * fy1, fx * fy1, fx1 * fy, fxx * fy1, fx1 * fyy, fx * fy])
    full = fft.irfft(products, size, axis=1)
    sums = np.concatenate([full[:, size - (y.size - 1) :], full[:, : x.size]], axis=1)
    count, sum_x, sum_y, xx, yy, xy = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        xx, yy = xx - sum_x**2 / count, yy - sum_y**2 / count
        r = (xy - sum_x * sum_y / count) / np.sqrt(xx * yy)
    enough = (count >= OVERLAP_S * RATE_HZ) & (xx > 1e-6) & (yy > 1e-6)
    return np.where(enough, np.clip(r, -1.0, 1.0), np.nan), count

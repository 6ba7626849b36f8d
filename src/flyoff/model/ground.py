"""Where the ground is on a height that knows no ground: what every judge of a sortie measures from.

Source: own. A log that begins before arming shows it; one that begins in the air shows it at its
end, or the autopilot's own height over the place where it was armed does.
"""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.middle import median
from flyoff.units import FloatArray, IntArray

#: Before arming, this much is looked at for the value on the ground.
BEFORE_S = 3.0
#: Pressure height drifts by less than this over a flight [m].
DROP_M = 3.0
#: Higher than this over home by its own account, and said to be in the air, it is [m].
ALOFT_M = 1.0
#: The first word of a flag comes this soon: heartbeats come once a second.
FIRST_WORD_US = 3_000_000


def ground_level(
    t_us: IntArray, values: FloatArray, start_us: int, end_us: int, begun_m: float | None
) -> float:
    """Median of a height just before arming; its first values if the log starts armed.

    Such a log may start in the air: where it ends clearly lower, the ground is there.

    Parameters
    ----------
    t_us, values : arrays, shape (n,) [µs], [m]
    start_us, end_us : int [µs]
        Of the sortie.
    begun_m : float or None [m]
        Where arming was not seen: how high it was when the log began, 0 if nothing says.

    Returns
    -------
    float [m]
    """
    a = start_us - int(BEFORE_S * 1e6)
    before = values[(t_us >= a) & (t_us <= start_us + 200_000) & np.isfinite(values)]
    if before.size < 3:
        before = values[np.isfinite(values)][:5]
    if not before.size:
        return 0.0
    ground = median(before)
    if begun_m is None:
        return ground
    if begun_m:
        return ground - begun_m
    last = values[(t_us > end_us - 1_000_000) & (t_us <= end_us)]
    rest = median(last) if last.size else ground
    return rest if ground - rest > DROP_M else ground


def begun_aloft(height: Channel | None, landed: Channel | None, start_us: int) -> float:
    """How high a vehicle was when its log began, by two witnesses that agree; 0 if they do not.

    Parameters
    ----------
    height : Channel or None [m]
        Over home, as the autopilot itself reckons it from arming on.
    landed : Channel or None
        Its landed flag.
    start_us : int [µs]
    """
    if height is None or landed is None:
        return 0.0
    said = landed.between(start_us - 200_000, start_us + FIRST_WORD_US)
    first = height.between(start_us - 200_000, start_us + FIRST_WORD_US)
    known = first.values[np.isfinite(first.values)][:5]
    if not len(said) or not known.size or said.values[0] != 0.0:
        return 0.0
    over_home = median(known)
    return over_home if over_home > ALOFT_M else 0.0

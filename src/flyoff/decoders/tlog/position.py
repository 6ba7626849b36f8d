"""The estimator's height where it came seldom in one frame of reference and often in another."""

import numpy as np

from flyoff.decoders.normalisation import Reader, sampled
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader

_LOCAL, _GLOBAL = "LOCAL_POSITION_NED", "GLOBAL_POSITION_INT"


def dense_height(reader: Reader) -> dict[str, Loader]:
    """``position.down`` at the pace of the global position; nothing where one of both is absent.

    Both are one estimate: they differ by the height of the estimator's origin, which a flight
    changes seldom if ever. Above home, which moves when the vehicle arms, would not do.
    """
    if not reader.has(_LOCAL, "z") or not reader.has(_GLOBAL, "alt"):
        return {}

    def load() -> Channel:
        seldom_us, (down,) = reader.floats(_LOCAL, ("z",))
        t_us, (alt,) = reader.floats(_GLOBAL, ("alt",))
        up = alt / 1e3
        good = np.isfinite(down)
        if not good.any():
            return Channel("position.down", t_us[:0], up[:0], f"{_LOCAL}.z")
        origin = np.interp(seldom_us[good], t_us, up) + down[good]
        values = np.interp(t_us, seldom_us[good], origin) - up
        return sampled("position.down", t_us, values, f"{_GLOBAL}.alt by {_LOCAL}.z")

    return {"position.down": load}

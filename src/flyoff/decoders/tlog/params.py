"""Parameters as the flight controller reported them, and how they changed."""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import ParameterChange
from flyoff.decoders.tlog.systems import PX4

#: MAV_PARAM_TYPE to the type whose bits PX4 puts into the float.
_INTEGERS: Final = {1: "<u1", 2: "<i1", 3: "<u2", 4: "<i2", 5: "<u4", 6: "<i4"}


def read_params(reader: Reader, autopilot: int) -> tuple[dict[str, float], list[ParameterChange]]:
    """The first value reported of each parameter, and later ones that differ.

    ArduPilot converts integers to floats; PX4 sends their bits in a float's place.
    """
    params: dict[str, float] = {}
    changes: list[ParameterChange] = []
    fields = ("param_id", "param_value", "param_type")
    if not reader.has("PARAM_VALUE", *fields):
        return params, changes
    t_us, (names, values, kinds) = reader.read("PARAM_VALUE", fields)
    latest: dict[str, float] = {}
    for t, raw, value, kind in zip(t_us.tolist(), names.tolist(), values, kinds, strict=True):
        name = raw.decode("ascii", errors="replace")
        if not name.isprintable() or not name:
            continue
        number = float(value)
        if autopilot == PX4 and int(kind) in _INTEGERS:
            number = float(np.float32(value).reshape(1).view(_INTEGERS[int(kind)])[0])
        if name not in params:
            params[name] = number
        elif latest[name] != number:
            changes.append(ParameterChange(t, name, number))
        latest[name] = number
    return params, changes

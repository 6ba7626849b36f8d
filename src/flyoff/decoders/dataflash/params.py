"""Parameters of one boot, and whole numbers out of them."""

import math
from collections.abc import Mapping

from flyoff.decoders.dataflash.layout import text
from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import ParameterChange


def read_params(reader: Reader) -> tuple[dict[str, float], list[ParameterChange]]:
    """Parameters at the start of a boot, and how they changed after it."""
    raw = reader.raw
    if reader.span is None:
        return dict(raw.params), list(raw.parameter_changes)
    params: dict[str, float] = {}
    changes: list[ParameterChange] = []
    if reader.has("PARM", "Name", "Value"):
        t_us, (names, values) = reader.read("PARM", ("Name", "Value"))
        latest: dict[str, float] = {}
        for t, raw_name, value in zip(t_us.tolist(), names.tolist(), values.tolist(), strict=True):
            name = text(raw_name)
            if name not in params:
                params[name] = value
            elif latest[name] != value:
                changes.append(ParameterChange(t, name, value))
            latest[name] = value
    return params, changes


def whole(params: Mapping[str, float], name: str, default: int = 0) -> int:
    """A parameter that counts or chooses; the default where it is absent or damaged."""
    value = params.get(name, default)
    return int(value) if math.isfinite(value) else default

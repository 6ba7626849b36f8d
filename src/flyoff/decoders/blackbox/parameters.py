"""Header values that are numbers, under the names that the header gives them."""

import re
import struct
from collections.abc import Mapping
from typing import Final

_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,8}")
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,18})?")
#: Written as the bits of a single-precision number.
_FLOATS: Final = frozenset({"gyro_scale", "gyro.scale"})


def parameters_of(text: Mapping[str, str]) -> dict[str, float]:
    """Numbers of a header; a list becomes ``name[0]``, ``name[1]`` and so on.

    Examples
    --------
    >>> parameters_of({"minthrottle": "1070", "motorOutput": "158,2047", "Craft name": "AR8"})
    {'minthrottle': 1070, 'motorOutput[0]': 158, 'motorOutput[1]': 2047}
    >>> parameters_of({"gyro_scale": "0x3f800000"})
    {'gyro_scale': 1.0}
    """
    found: dict[str, float] = {}
    for key, value in text.items():
        if key.startswith("Field "):
            continue
        parts = [p.strip() for p in value.split(",")]
        numbers = [_number(key, p) for p in parts]
        if len(parts) == 1:
            if numbers[0] is not None:
                found[key] = numbers[0]
        elif all(n is not None for n in numbers):
            found |= {f"{key}[{i}]": n for i, n in enumerate(numbers) if n is not None}
    return found


def _number(key: str, part: str) -> float | None:
    if _HEX.fullmatch(part):
        bits = int(part, 16)
        if key in _FLOATS:
            scale: float = struct.unpack("<f", struct.pack("<I", bits))[0]
            return scale
        return bits
    if not _NUMBER.fullmatch(part):
        return None
    return float(part) if "." in part else int(part)

"""Units that people write over their columns, to those of the catalogue."""

from collections.abc import Callable
from typing import Final

from flyoff.units import GRAVITY, RAD_PER_DEGREE, FloatArray

#: Name in lower case to (base, factor, offset): ``base = value × factor + offset``.
UNITS: Final[dict[str, tuple[str, float, float]]] = {
    name: (base, factor, offset)
    for base, factor, offset, names in (
        ("m", 1.0, 0.0, "m meter meters metre metres"),
        ("m", 0.3048, 0.0, "ft feet foot"),
        ("m", 1000.0, 0.0, "km"),
        ("m", 0.01, 0.0, "cm"),
        ("m", 0.001, 0.0, "mm"),
        ("m/s", 1.0, 0.0, "m/s mps"),
        ("m/s", 1 / 3.6, 0.0, "km/h kph kmh"),
        ("m/s", 1609.344 / 3600, 0.0, "mph"),
        ("m/s", 1852 / 3600, 0.0, "kn kt kts knot knots"),
        ("m/s", 0.3048, 0.0, "ft/s fps"),
        ("m/s", 0.01, 0.0, "cm/s"),
        ("rad", 1.0, 0.0, "rad"),
        ("rad", RAD_PER_DEGREE, 0.0, "deg degree degrees °"),
        ("rad/s", 1.0, 0.0, "rad/s"),
        ("rad/s", RAD_PER_DEGREE, 0.0, "deg/s °/s"),
        ("m/s²", 1.0, 0.0, "m/s² m/s2 m/s^2"),
        ("m/s²", GRAVITY, 0.0, "g"),
        ("V", 1.0, 0.0, "v volt volts"),
        ("V", 0.001, 0.0, "mv"),
        ("A", 1.0, 0.0, "a ampere amperes"),
        ("A", 0.001, 0.0, "ma"),
        ("mAh", 1.0, 0.0, "mah"),
        ("mAh", 1000.0, 0.0, "ah"),
        ("Wh", 1.0, 0.0, "wh"),
        ("°C", 1.0, 0.0, "°c c celsius"),
        ("°C", 5 / 9, -160 / 9, "°f f fahrenheit"),
        ("°C", 1.0, -273.15, "k"),
        ("Pa", 1.0, 0.0, "pa"),
        ("Pa", 100.0, 0.0, "hpa mbar"),
        ("µT", 1.0, 0.0, "µt ut"),
        ("µT", 0.1, 0.0, "mg milligauss"),
        ("µs", 1.0, 0.0, "µs us"),
        ("s", 1.0, 0.0, "s sec"),
        ("rpm", 1.0, 0.0, "rpm 1/min"),
        ("ohm", 1.0, 0.0, "ohm"),
        ("", 1.0, 0.0, "1"),
        ("", 0.01, 0.0, "% percent"),
    )
    for name in names.split()
}


def conversion(unit: str, target: str) -> Callable[[FloatArray], FloatArray] | None:
    """How values in one unit become values in another; None where they measure different things.

    Examples
    --------
    >>> import numpy as np
    >>> float(conversion("F", "°C")(np.array([212.0]))[0])
    100.0
    >>> conversion("ft", "V") is None
    True
    """
    if unit.strip().lower() == target.lower() or not unit.strip():
        return lambda values: values
    base, factor, offset = UNITS.get(unit.strip().lower(), ("?", 1.0, 0.0))
    to_base, to_factor, to_offset = UNITS.get(target.lower() or "1", (target, 1.0, 0.0))
    if base != to_base:
        return None
    return lambda values: (values * factor + offset - to_offset) / to_factor

"""What it cost: charge and energy drawn, and what was left."""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.flight import Flight
from flyoff.units import JOULES_PER_WH, FloatArray

#: A pack below this is not measured at all (a sensor that is not fitted reads about 0) [V].
SENSED_V = 2.0


def _sensed(flight: Flight) -> Channel | None:
    volts = flight.get("battery.voltage")
    if volts is None or not np.isfinite(volts.values).any():
        return None
    return volts if float(np.nanmax(volts.values)) > SENSED_V else None


def _power(flight: Flight) -> tuple[FloatArray, FloatArray] | None:
    volts, amperes = _sensed(flight), flight.get("battery.current")
    if volts is None or amperes is None:
        return None
    inside = (volts.t_us >= flight.start_us) & (volts.t_us <= flight.end_us)
    t = volts.t_us[inside]
    power = volts.values[inside] * amperes.interpolated(t)
    good = np.isfinite(power)
    return (t[good] / 1e6, power[good]) if good.sum() > 1 and power[good].any() else None


def _drawn(value: float) -> float | None:
    """What a whole sortie drew; below nothing, the current sensor has an offset or is reversed."""
    return value if value >= 0.0 else None


def energy_wh(flight: Flight) -> float | None:
    """Energy drawn from the main battery between arming and the end [Wh]."""
    found = _power(flight)
    if found is None:
        return None
    t_s, power = found
    return _drawn(float(np.trapezoid(power, t_s)) / JOULES_PER_WH)


def mean_power_w(flight: Flight) -> float | None:
    """Mean power drawn between arming and the end [W]."""
    found = _power(flight)
    if found is None:
        return None
    t_s, power = found
    length_s = float(t_s[-1] - t_s[0])
    return _drawn(float(np.trapezoid(power, t_s)) / length_s) if length_s > 0 else None


def charge_mah(flight: Flight) -> float | None:
    """Charge drawn between arming and the end, as the autopilot counted it [mAh]."""
    used = flight.get("battery.consumed")
    if used is None:
        return None
    part = used.between(flight.start_us, flight.end_us).values
    part = part[np.isfinite(part)]
    return _drawn(float(part[-1] - part[0])) if part.size > 1 else None


def battery_at_landing_v(flight: Flight) -> float | None:
    """Pack voltage at the landing, or at the end of the log [V]."""
    volts = _sensed(flight)
    return None if volts is None else _at_landing(flight, volts)


def battery_at_landing_share(flight: Flight) -> float | None:
    """Share of charge left at the landing, as the autopilot has it."""
    left = flight.get("battery.remaining")
    return None if left is None else _at_landing(flight, left)


def _at_landing(flight: Flight, channel: Channel) -> float | None:
    at = flight.landing_us if flight.landing_us is not None else flight.end_us
    value = float(channel.at(np.array([at], dtype=np.int64))[0])
    return value if np.isfinite(value) else None

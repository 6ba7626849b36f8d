"""What physics still tells of a place and a date, with a number for each.

Nothing of this is found by searching bytes: it is computed from the redacted log, as an attacker
would, and held against what the original says.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.exchange.redaction.moves import SEA_LEVEL_PA
from flyoff.exchange.redaction.release import earth_field, launch_of
from flyoff.model.channel import Channel
from flyoff.model.recording import Recording
from flyoff.units import GRAVITY, FloatArray

#: Scale error of a consumer accelerometer, from its data sheets: ± 0.5 %.
_ACCELEROMETER: Final = 0.005
#: Gravity at the pole and at the equator differ by so much.
_GRAVITY_RANGE: Final = 0.0052
_LEAST_PROFILE_M: Final = 500.0
_FIELD_MARGIN_UT: Final = 1.0
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Inference:
    """One question to the redacted log.

    Attributes
    ----------
    what : str
    says : str
        In words, with what it means.
    number : float
        The measure that the words name; NaN where the log carries nothing of it.
    gives_away : bool
        Whether it narrows the place or the date down.
    """

    what: str
    says: str
    number: float
    gives_away: bool


def infer(original: Sequence[Recording], redacted: Sequence[Recording]) -> list[Inference]:
    """Ask each question."""
    return [
        _inclination(original, redacted),
        _pressure(redacted),
        _date(original, redacted),
        _terrain(redacted),
        _shape(original, redacted),
        _gravity(redacted),
    ]


def _inclination(original: Sequence[Recording], redacted: Sequence[Recording]) -> Inference:
    what = "magnetic field"
    true = next((f for one in original if (f := earth_field(one)) is not None), None)
    left = next((f for one in redacted if (f := earth_field(one)) is not None), None)
    if left is None:
        return Inference(what, "no compass or no attitude: nothing to compute", math.nan, False)
    dip = _dip(left)
    size = float(np.linalg.norm(left))
    if true is None:
        return Inference(what, f"dip {dip:.1f}°, {size:.1f} µT; the original has none", dip, False)
    apart = abs(dip - _dip(true))
    same = apart < 1.0 and abs(size - float(np.linalg.norm(true))) < _FIELD_MARGIN_UT
    says = f"dip {dip:.1f}°, {size:.1f} µT; {apart:.1f}° from the true dip"
    return Inference(what, says, apart, same)


def _dip(field: FloatArray) -> float:
    return math.degrees(math.atan2(field[2], math.hypot(field[0], field[1])))


def _pressure(redacted: Sequence[Recording]) -> Inference:
    pressure = launch_of(redacted).pressure_pa
    if not math.isfinite(pressure):
        return Inference("static pressure", "not in the log", math.nan, False)
    height = 44_330.8 * (1.0 - (pressure / SEA_LEVEL_PA) ** 0.190263)
    says = f"the launch stands at {height:.0f} m in the standard atmosphere"
    return Inference("static pressure", says, height, abs(height) > 50.0)


def _date(original: Sequence[Recording], redacted: Sequence[Recording]) -> Inference:
    true, left = launch_of(original).unix_us, launch_of(redacted).unix_us
    if not left:
        return Inference("date", "no UTC in the log", math.nan, False)
    days = abs(left - true) / 1e6 / _DAY_S
    says = f"its UTC is {days:.0f} days from the true one"
    return Inference("date", says, days, bool(true) and days < 1.0)


def _terrain(redacted: Sequence[Recording]) -> Inference:
    """A profile of the ground: height above it and height flown, over a long enough way."""
    for one in redacted:
        for name in ("range.distance", "terrain.height"):
            ground = one.get(name)
            if ground is not None and np.isfinite(ground.values).any():
                length = _way(one, ground)
                says = f"{name} over {length:.0f} m of way gives a profile of heights"
                return Inference("terrain", says, length, length > _LEAST_PROFILE_M)
    return Inference("terrain", "no height above ground in the log", 0.0, False)


def _way(one: Recording, ground: Channel) -> float:
    speed = one.get("gnss.speed")
    if speed is None:
        return 0.0
    seen = ground.t_us[np.isfinite(ground.values)]
    inside = (speed.t_us >= seen[0]) & (speed.t_us <= seen[-1]) & np.isfinite(speed.values)
    t_s = speed.t_us[inside] / 1e6
    return float(np.trapezoid(speed.values[inside], t_s)) if t_s.size > 1 else 0.0


def _shape(original: Sequence[Recording], redacted: Sequence[Recording]) -> Inference:
    """A long track is a fingerprint for whoever holds another record of the same flight."""
    length = 0.0
    for one in redacted:
        speed = one.get("gnss.speed")
        if speed is not None and speed.values.size > 1:
            good = np.isfinite(speed.values)
            length += float(np.trapezoid(speed.values[good], speed.t_us[good] / 1e6))
    says = (
        f"a way of {length:.0f} m keeps its shape: whoever has another track of this very flight "
        "can match it"
    )
    return Inference("shape of the track", says, length, False)


def _gravity(redacted: Sequence[Recording]) -> Inference:
    for one in redacted:
        axes = [one.get(f"accel.{axis}") for axis in "xyz"]
        if any(axis is None or axis.values.size < 50 for axis in axes):
            continue
        held = [axis.values[:50] for axis in axes if axis is not None]
        force = float(np.nanmedian(np.sqrt(sum(axis**2 for axis in held))))
        says = (
            f"{force:.3f} m/s² at rest; latitude changes gravity by {_GRAVITY_RANGE:.2%}, the "
            f"scale of such a sensor errs by {_ACCELEROMETER:.1%}: tells nothing"
        )
        return Inference("gravity", says, force / GRAVITY - 1.0, False)
    return Inference("gravity", "no accelerometer in the log", math.nan, False)

"""Vectors measured in the vehicle's own frame, seen from the world: the estimator's attitude."""

from dataclasses import dataclass

import numpy as np

from flyoff.model.flight import Flight
from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class BodyFrame:
    """Attitude at some instants, as sines and cosines.

    Attributes
    ----------
    t_us : int64, shape (n,)
    roll, pitch, yaw : float64, shape (n,) [rad]
        Yaw unwrapped, so that it may be interpolated.
    """

    t_us: IntArray
    roll: FloatArray
    pitch: FloatArray
    yaw: FloatArray

    def level(
        self, x: FloatArray, y: FloatArray, z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Body vector with roll and pitch taken out: (ahead, right, down); no heading needed."""
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        cp, sp = np.cos(self.pitch), np.sin(self.pitch)
        across = y * sr + z * cr
        return x * cp + across * sp, y * cr - z * sr, across * cp - x * sp

    def world(
        self, x: FloatArray, y: FloatArray, z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Body vector to (north, east, down)."""
        ahead, right, down = self.level(x, y, z)
        cy, sy = np.cos(self.yaw), np.sin(self.yaw)
        return ahead * cy - right * sy, ahead * sy + right * cy, down


def body_frame(flight: Flight, t_us: IntArray | None = None) -> BodyFrame | None:
    """Attitude at the given instants, or at its own samples; None without an attitude."""
    roll, pitch, yaw = (flight.get(f"attitude.{a}") for a in ("roll", "pitch", "yaw"))
    if roll is None or pitch is None or yaw is None or len(roll) < 3:
        return None
    t = roll.t_us if t_us is None else t_us
    good = np.isfinite(yaw.values)
    if good.sum() < 3:
        return None
    turning = np.interp(t, yaw.t_us[good], np.unwrap(yaw.values[good]))
    return BodyFrame(t, _at(t, roll.t_us, roll.values), _at(t, pitch.t_us, pitch.values), turning)


def _at(t_us: IntArray, at_us: IntArray, values: FloatArray) -> FloatArray:
    good = np.isfinite(values)
    return np.interp(t_us, at_us[good], values[good]) if good.any() else np.full(t_us.shape, np.nan)

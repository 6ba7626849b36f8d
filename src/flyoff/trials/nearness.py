"""How far each report is from each truth, in metres and in units of the claimed spread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.trials.rules import Gate
from flyoff.trials.site import Placed
from flyoff.trials.truth import TruthTrack
from flyoff.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Nearness:
    """Reports against truths; all shape (reports, truths, …).

    Attributes
    ----------
    residual : float64, shape (…, 3) [m]
        Report less truth: east, north, up. For bearings: across the line of sight and upright, the
        third NaN. NaN where the truth is not known.
    distance : float64 [m]
        In the plane, or across the line of sight; infinite where the truth is not known.
    squared : float64
        Squared Mahalanobis distance in the plane; NaN where no spread is claimed.
    """

    residual: FloatArray
    distance: FloatArray
    squared: FloatArray

    def within(self, gate: Gate) -> BoolArray:
        """Which pairs lie inside a gate."""
        near = self.distance <= gate.metres * gate.scale
        if gate.mahalanobis is None:
            return near
        # the scale is one of lengths, the gate one of their squares
        likely = self.squared <= gate.mahalanobis * gate.scale**2
        return np.where(np.isfinite(self.squared), likely, near)


def nearness(reports: Placed, truths: Sequence[TruthTrack], sensor: FloatArray) -> Nearness:
    """Compare every report with every truth at the report's time.

    Parameters
    ----------
    reports : Placed
    truths : sequence of TruthTrack
    sensor : float64, shape (3,) [m]
        Where the sensor stands, for bearings.
    """
    n, m = len(reports), len(truths)
    residual, sigma = np.full((n, m, 3), np.nan), np.full((n, m), np.nan)
    is_bearing = np.isfinite(reports.bearing[:, 0])
    sight = np.full((int(is_bearing.sum()), m, 3), np.nan)
    for j, truth in enumerate(truths):
        at = truth.at(reports.time_s)
        sigma[:, j] = at.sigma
        residual[:, j] = reports.position - at.position
        sight[:, j] = at.position[is_bearing] - sensor
    if is_bearing.any():
        residual[is_bearing] = _across(reports.bearing[is_bearing], sight)
    second = np.where(is_bearing[:, None], np.nan_to_num(residual[:, :, 1]), residual[:, :, 1])
    distance = np.hypot(residual[:, :, 0], second)
    squared = _squared(residual, reports.covariance, sigma)
    if is_bearing.any():
        spread = reports.spread[is_bearing, None, 0] * _level(sight)
        spread = np.hypot(spread, sigma[is_bearing])
        squared[is_bearing] = (residual[is_bearing, :, 0] / spread) ** 2
    distance = np.where(np.isfinite(distance), distance, np.inf)
    return Nearness(residual, distance, squared)


def _squared(residual: FloatArray, covariance: FloatArray, sigma: FloatArray) -> FloatArray:
    """Squared Mahalanobis distance in the plane, truth's own spread included."""
    a = covariance[:, None, 0, 0] + sigma**2
    b = covariance[:, None, 0, 1]
    d = covariance[:, None, 1, 1] + sigma**2
    east, north = residual[:, :, 0], residual[:, :, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((d * east**2 - 2 * b * east * north + a * north**2) / (a * d - b * b))


def _across(bearing: FloatArray, sight: FloatArray) -> FloatArray:
    """How far bearings pass a truth: across in the plane, and upright [m]."""
    azimuth = np.arctan2(sight[..., 0], sight[..., 1])
    turn = (bearing[:, None, 0] - azimuth + np.pi) % (2 * np.pi) - np.pi
    level = _level(sight)
    # a bearing that points away is as far off as the target
    across = level * np.where(np.abs(turn) < np.pi / 2, np.sin(turn), np.sign(turn))
    upright = level * np.tan(bearing[:, None, 1]) - sight[..., 2]
    return np.stack([across, upright, np.full_like(across, np.nan)], axis=-1)


def _level(sight: FloatArray) -> FloatArray:
    return np.asarray(np.hypot(sight[..., 0], sight[..., 1]))

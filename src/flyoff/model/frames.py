"""Frames and rotations: degrees on the ellipsoid to metres around a place, quaternions."""

import numpy as np
import pymap3d

from flyoff.units import FloatArray


def to_local(
    lat: FloatArray, lon: FloatArray, origin: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Metres north and east of an origin on the WGS-84 ellipsoid.

    Parameters
    ----------
    lat, lon : float64, shape (n,) [deg]
    origin : (lat, lon) [deg]

    Returns
    -------
    north, east : float64, shape (n,) [m]
    """
    east, north, _ = pymap3d.geodetic2enu(lat, lon, 0.0, origin[0], origin[1], 0.0)
    return np.asarray(north, dtype=np.float64), np.asarray(east, dtype=np.float64)


def to_enu(
    lat: FloatArray, lon: FloatArray, height: FloatArray, origin: tuple[float, float, float]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Metres east, north and up of an origin on the WGS-84 ellipsoid.

    Parameters
    ----------
    lat, lon : float64, shape (n,) [deg]
    height : float64, shape (n,) [m above the ellipsoid]
    origin : (lat, lon, height) [deg, deg, m above the ellipsoid]

    Returns
    -------
    east, north, up : float64, shape (n,) [m]
    """
    east, north, up = pymap3d.geodetic2enu(lat, lon, height, *origin)
    return _float64(east), _float64(north), _float64(up)


def from_enu(
    east: FloatArray, north: FloatArray, up: FloatArray, origin: tuple[float, float, float]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Latitude, longitude [deg] and ellipsoid height [m] of metres around an origin.

    The inverse of `to_enu`.
    """
    lat, lon, height = pymap3d.enu2geodetic(east, north, up, *origin)
    return _float64(lat), _float64(lon), _float64(height)


def _float64(values: object) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two places (lat, lon) [deg] → [m]; local plane, good to 0.1 % below 50 km."""
    north, east = to_local(np.array([a[0]]), np.array([a[1]]), b)
    return float(np.hypot(north[0], east[0]))


def quaternion_to_euler(
    w: FloatArray, x: FloatArray, y: FloatArray, z: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Body-to-NED quaternion (Hamilton, scalar first) to roll, pitch, yaw [rad]."""
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return roll, pitch, yaw


def tilt(roll: FloatArray, pitch: FloatArray) -> FloatArray:
    """Angle between the body's down axis and the world's [rad]."""
    cosine = np.clip(np.cos(roll) * np.cos(pitch), -1.0, 1.0)
    return np.asarray(np.arccos(cosine), dtype=np.float64)


def lean_between(
    roll: FloatArray, pitch: FloatArray, other_roll: FloatArray, other_pitch: FloatArray
) -> FloatArray:
    """Angle between the down axes of two attitudes of the same heading [rad]."""
    # down axes in the heading frame: (-sin p · cos r, sin r, cos p · cos r)
    dot = (
        np.sin(pitch) * np.cos(roll) * np.sin(other_pitch) * np.cos(other_roll)
        + np.sin(roll) * np.sin(other_roll)
        + np.cos(pitch) * np.cos(roll) * np.cos(other_pitch) * np.cos(other_roll)
    )
    return np.asarray(np.arccos(np.clip(dot, -1.0, 1.0)), dtype=np.float64)


def wrap_pi(angle: FloatArray) -> FloatArray:
    """Wrap angles into (-π, π] [rad]."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi, dtype=np.float64)

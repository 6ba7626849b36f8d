"""Indiflight's own state estimate: quaternion, position and velocity in its frame, which is ours.

Its source states no units. They follow from the logs themselves: the quaternion's norm is constant
(so any scale is divided out) and its change is the gyro's rate with pitch and yaw turned (so the
body axes are forward, right, down); the change of ``pos`` is ten times ``vel``, and its third
component mirrors the receiver's altitude in metres a thousandfold (so mm and cm/s, down positive).
A test holds these on every log that there is.

A version that learns in flight how its sensor is mounted (field ``hoverAttitude``) logs gyro and
accelerometer in the sensor's axes, which no field relates to the body's: those are left out.
"""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Mapping
from flyoff.model.frames import quaternion_to_euler
from flyoff.units import FloatArray

_NAMES: Final = ("north", "east", "down")
_ANGLES: Final = ("roll", "pitch", "yaw")


def _euler(angle: int, q: tuple[FloatArray, ...]) -> FloatArray:
    norm = np.sqrt(sum(c * c for c in q))
    w, x, y, z = (c / norm for c in q)
    return quaternion_to_euler(w, x, y, z)[angle]


def roll(*q: FloatArray) -> FloatArray:
    """Roll of a quaternion of any scale, scalar first [rad]."""
    return _euler(0, q)


def pitch(*q: FloatArray) -> FloatArray:
    """Pitch of such a quaternion [rad]."""
    return _euler(1, q)


def yaw(*q: FloatArray) -> FloatArray:
    """Heading of such a quaternion [rad]."""
    return _euler(2, q)


def _lines() -> tuple[Mapping, ...]:
    lines = []
    for group, field in (("attitude", "quat"), ("attitude_demand", "quatSp")):
        names = tuple(f"{field}[{i}]" for i in range(4))
        for angle, convert in zip(_ANGLES, (roll, pitch, yaw), strict=True):
            lines.append(Mapping(f"{group}.{angle}", "main", names, convert=convert))
    for i, name in enumerate(_NAMES):
        lines.append(Mapping(f"position.{name}", "main", (f"pos[{i}]",), 1e-3))
        lines.append(Mapping(f"velocity.{name}", "main", (f"vel[{i}]",), 1e-2))
    lines.append(Mapping("nav.target_north", "main", ("posSp[0]",), 1e-3))
    lines.append(Mapping("nav.target_east", "main", ("posSp[1]",), 1e-3))
    lines.append(Mapping("nav.target_height", "main", ("posSp[2]",), -1e-3))
    return tuple(lines)


TABLE: Final = _lines()

"""Shared by the motor detectors: commands on one clock, and how far one motor stands apart.

A healthy airframe moves motors in groups: a yaw demand raises one half of them and lowers the
other, a roll or pitch demand likewise. A single motor that is driven far above the next strongest,
while the one opposite is throttled back, is carrying the controller's attempt to hold up a corner
that no longer lifts. The gap between the strongest and the second strongest command is therefore
small in every manoeuvre and large only then.
"""

from dataclasses import dataclass

import numpy as np

from flyoff.detectors.base import InsufficientData
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.units import BoolArray, FloatArray, IntArray

#: ArduPilot's default share of the square in thrust over command (MOT_THST_EXPO).
EXPO = 0.65
#: Below this mean command the motors idle, or a VTOL flies on its wing: nothing to compare.
CARRYING = 0.12
#: An attitude loop on the brink swings at 2 to 8 Hz: a few samples a second show its alias [Hz].
SLOWEST_HZ = 5.0


@dataclass(frozen=True, slots=True)
class MotorGap:
    """Commands of all lift motors while they carry the vehicle.

    Attributes
    ----------
    t_us : int64, shape (n,)
    numbers : tuple of int, length m
    commands : float64, shape (m, n)
    carrying : bool, shape (n,)
        In the air, on the motors, before the first contact with the ground.
    expo : float
        Share of the square in thrust over command; 0 where thrust itself is commanded.
    """

    t_us: IntArray
    numbers: tuple[int, ...]
    commands: FloatArray
    carrying: BoolArray
    expo: float

    @property
    def rate_hz(self) -> float:
        """Median rate of the commands while the motors carry the vehicle [Hz]."""
        step_us = median(np.diff(self.t_us)[self.carrying[1:]])
        return 1e6 / max(step_us, 1.0)

    def smoothed(self, window_s: float) -> FloatArray:
        """Moving mean of the commands, shape (m, n)."""
        step_s = median(np.diff(self.t_us)) / 1e6
        width = max(1, round(window_s / max(step_s, 1e-3)))
        if width == 1:
            return self.commands
        total = np.cumsum(np.pad(self.commands, ((0, 0), (width, 0)), mode="edge"), axis=1)
        mean = (total[:, width:] - total[:, :-width]) / width
        return np.roll(mean, -(width // 2), axis=1)

    @staticmethod
    def gap(commands: FloatArray) -> FloatArray:
        """Strongest command less the second strongest, shape (n,)."""
        top = np.partition(commands, -2, axis=0)
        return np.asarray(top[-1] - top[-2], dtype=np.float64)

    def lost(self, commands: FloatArray) -> FloatArray:
        """Share of its thrust that the strongest motor lacks, shape (n,).

        On a regular frame of m motors the controller holds level by adding to each motor its lean
        and its turning parts. In balance the thrust that is missing at one corner is m/2 times the
        lean part and m times the turning part that it receives, so that it stands above the mean
        by 3/m of what it lacks: ``lost = m (most - mean) / (3 most)``, in thrust. Where motors are
        at their limits it comes out smaller.
        """
        thrust = (1.0 - self.expo) * commands + self.expo * commands**2
        most, mean = thrust.max(axis=0), thrust.mean(axis=0)
        return np.asarray(len(self.numbers) * (most - mean) / (3.0 * np.maximum(most, 1e-3)))


def comparable(flight: Flight) -> MotorGap:
    """The lift motors' commands, if they allow a comparison.

    Raises
    ------
    InsufficientData
        Fewer than four motors, hardly any time on them, or commands logged so slowly that a quick
        oscillation looks as if one motor stood apart for seconds.
    """
    motors = flight.once(motor_gap)
    if motors is None:
        raise InsufficientData("fewer than four lift motors with commands in flight")
    if motors.rate_hz < SLOWEST_HZ:
        raise InsufficientData(f"motor commands logged at {motors.rate_hz:.1f} Hz only")
    return motors


def motor_gap(flight: Flight) -> MotorGap | None:
    """Gather the lift motors' commands; None below four motors or a second of flight on them."""
    found = {n: c for n, c in flight.instances("motor.command").items() if len(c) > 10}
    if len(found) < 4 or not flight.under_way:
        return None
    first = next(iter(found.values()))
    t = first.t_us
    commands = np.vstack(
        [np.nan_to_num(c.values if c.t_us is t else c.at(t)) for c in found.values()]
    )
    carrying = flight.mask_under_way(t, shrink_s=0.3) & (commands.mean(axis=0) > CARRYING)
    hard = [c.t_us for c in flight.contacts if c.stopped_by_ground]
    if hard:
        carrying &= t < hard[0]
    hover = flight.get("vtol.is_hovering")
    if hover is not None:
        carrying &= np.nan_to_num(hover.at(t), nan=1.0) > 0.5
    if carrying.sum() < 10:
        return None
    expo = flight.param("MOT_THST_EXPO", EXPO if flight.vehicle.autopilot == "ardupilot" else 0.0)
    return MotorGap(t, tuple(found), commands, carrying, expo)

"""Servo outputs by what they drive: pulse widths to motor commands and surface deflections.

``SERVOn_FUNCTION`` says what output n drives (``RCn_FUNCTION`` until 3.5, auxiliary outputs only,
so that there the first outputs drive what the firmware fixes). Source: ``SRV_Channel.h``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.dataflash.conversions import pulse
from flyoff.decoders.dataflash.params import whole
from flyoff.decoders.normalisation import Reader, sampled
from flyoff.model.catalogue import base_name
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader, Vehicle
from flyoff.units import FloatArray

#: SERVOn_FUNCTION of lift motors 1 … 12.
_MOTORS: Final = {**{33 + i: i + 1 for i in range(8)}, **{82 + i: i + 9 for i in range(4)}}
_THROTTLE, _THROTTLE_LEFT, _THROTTLE_RIGHT, _STEERING, _HELI_RSC = 70, 73, 74, 26, 31
#: Functions whose outputs make one surface: (channel, ((function, sign), …)). The mixer writes
#: elevator ∓ aileron to elevons, and elevator ± rudder to v-tails.
_SURFACES: Final = (
    ("surface.aileron", ((4, 1.0),)),
    ("surface.aileron", ((77, -0.5), (78, 0.5))),
    ("surface.elevator", ((19, 1.0),)),
    ("surface.elevator", ((77, 0.5), (78, 0.5))),
    ("surface.elevator", ((79, 0.5), (80, 0.5))),
    ("surface.rudder", ((21, 1.0),)),
    ("surface.rudder", ((79, 0.5), (80, -0.5))),
    ("surface.flaps", ((3, 1.0),)),
    ("surface.flaps", ((2, 1.0),)),
)
#: What outputs 1 … 4 of a plane drive where no parameter says it.
_PLANE_DEFAULT: Final = {1: 4, 2: 19, 3: _THROTTLE, 4: 21}
_ROVER_DEFAULT: Final = {1: _STEERING, 3: _THROTTLE}
_MIDDLE_US: Final = 1500.0
_FULL_US: Final = (1000.0, 2000.0)
_SUB_US: Final = (1100.0, 1900.0)
_OLDEST_RANGE_US: Final = (1100.0, 1900.0)  # RC3_MIN and RC3_MAX, shipped

Params = Mapping[str, float]
ToCommand = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Range:
    """Calibration of one output or input [µs]."""

    low: float
    trim: float
    high: float
    sign: float = 1.0

    def unipolar(self, width: FloatArray) -> FloatArray:
        """0 at idle … 1 at full; NaN without pulses. A controller clips as this does."""
        return np.clip((_on(width) - self.low) / (self.high - self.low), 0.0, 1.0)

    def bipolar(self, width: FloatArray) -> FloatArray:
        """-1 … 1 around the trim."""
        away = (_on(width) - self.trim) * self.sign
        up = away * self.sign > 0
        return away / np.where(up, self.high - self.trim, self.trim - self.low)


def _on(width: FloatArray) -> FloatArray:
    """No pulse (0) and half-initialised values are no command."""
    return np.where(width <= 0, np.nan, pulse(width))


def _range(params: Params, prefix: str, default: tuple[float, float], trim: float) -> Range:
    low = params.get(f"{prefix}_MIN", default[0])
    high = params.get(f"{prefix}_MAX", default[1])
    if high <= low:
        low, high = default
    middle = params.get(f"{prefix}_TRIM", trim)
    if not low < middle < high:
        middle = (low + high) / 2
    reverse = params.get(f"{prefix}_REVERSED", 0) > 0 or params.get(f"{prefix}_REV", 1) < 0
    return Range(low, middle, high, -1.0 if reverse else 1.0)


def output_loaders(reader: Reader, params: Params, vehicle: Vehicle) -> dict[str, Loader]:
    """Loaders of motor commands, surfaces, steering and the operator's throttle stick."""
    drives = functions(params, vehicle)
    found: dict[str, Loader] = {}
    _add_motors(found, reader, params, vehicle, drives)
    by_function: dict[int, int] = {}
    for output, function in sorted(drives.items()):
        by_function.setdefault(function, output)
    for channel, terms in _SURFACES:
        if channel in found or not all(function in by_function for function, _ in terms):
            continue
        parts = [(by_function[f], sign) for f, sign in terms]
        _add(found, channel, reader, [(o, _surface(params, o), s) for o, s in parts])
    if _STEERING in by_function:
        output = by_function[_STEERING]
        _add(found, "steering.demand", reader, [(output, _surface(params, output), 1.0)])
    _add_stick(found, reader, params, vehicle)
    return found


def functions(params: Params, vehicle: Vehicle) -> dict[int, int]:
    """What each output drives: output number → SERVOn_FUNCTION."""
    found = {n: whole(params, f"SERVO{n}_FUNCTION", 0) for n in range(1, 33)}
    if not any(f"SERVO{n}_FUNCTION" in params for n in range(1, 17)):
        fixed = {"fixed_wing": _PLANE_DEFAULT, "vtol": _PLANE_DEFAULT}
        fixed |= {"rover": _ROVER_DEFAULT, "boat": _ROVER_DEFAULT}
        found = {n: whole(params, f"RC{n}_FUNCTION", 0) for n in range(1, 17)}
        found |= fixed.get(vehicle.kind, {})
        if vehicle.kind in ("multirotor", "sub"):
            lift = {number: function for function, number in _MOTORS.items()}
            found |= {n: lift[n] for n in range(1, (vehicle.motors or 4) + 1)}
    return {n: function for n, function in found.items() if function > 0}


def _add_motors(
    found: dict[str, Loader],
    reader: Reader,
    params: Params,
    vehicle: Vehicle,
    drives: dict[int, int],
) -> None:
    for output, function in drives.items():
        if function in _MOTORS and vehicle.kind != "helicopter":  # there they are the swashplate
            command = _lift(params, vehicle)
            _add(found, f"motor.command[{_MOTORS[function]}]", reader, [(output, command, 1.0)])
        elif function in (_THROTTLE, _THROTTLE_LEFT, _THROTTLE_RIGHT, _HELI_RSC):
            number = 2 if function == _THROTTLE_RIGHT else 1
            command = _drive(params, output, vehicle)
            if vehicle.kind == "vtol":
                _add(found, "throttle.forward", reader, [(output, command, 1.0)])
            elif vehicle.kind != "multirotor":
                _add(found, f"motor.command[{number}]", reader, [(output, command, 1.0)])


def _lift(params: Params, vehicle: Vehicle) -> ToCommand:
    """Lift motors share one range: MOT_PWM_MIN/MAX, and before it the throttle stick's."""
    prefix = "Q_M_PWM" if vehicle.kind == "vtol" else "MOT_PWM"
    low, high = params.get(f"{prefix}_MIN", 0.0), params.get(f"{prefix}_MAX", 0.0)
    if vehicle.kind == "sub":
        low, high = (low, high) if high > low > 0 else _SUB_US
        return Range(low, _MIDDLE_US, high).bipolar
    if not high > low > 0:
        stick = f"RC{whole(params, 'RCMAP_THROTTLE', 3)}"
        known = f"{stick}_MIN" in params
        default = _OLDEST_RANGE_US if known else _FULL_US
        low, high = params.get(f"{stick}_MIN", default[0]), params.get(f"{stick}_MAX", default[1])
        if high <= low:
            low, high = default
    return Range(low, (low + high) / 2, high).unipolar


def _drive(params: Params, output: int, vehicle: Vehicle) -> ToCommand:
    """Propulsion: from idle, or around the middle where the vehicle can reverse."""
    found = _range(params, _servo(params, output), _FULL_US, _MIDDLE_US)
    return found.bipolar if vehicle.kind in ("rover", "boat", "sub") else found.unipolar


def _surface(params: Params, output: int) -> ToCommand:
    return _range(params, _servo(params, output), _SUB_US, _MIDDLE_US).bipolar


def _servo(params: Params, output: int) -> str:
    return f"SERVO{output}" if f"SERVO{output}_MIN" in params else f"RC{output}"


def _add_stick(found: dict[str, Loader], reader: Reader, params: Params, vehicle: Vehicle) -> None:
    number = whole(params, "RCMAP_THROTTLE", 3)
    calibration = _range(params, f"RC{number}", _SUB_US, _MIDDLE_US)
    both_ways = vehicle.kind in ("rover", "boat", "sub")
    command = calibration.bipolar if both_ways else calibration.unipolar
    for field in (f"C{number}", f"Chan{number}"):  # the second until 3.1
        if reader.has("RCIN", field):
            name = "throttle.input"
            found[name] = _loader(reader, name, [("RCIN", field, command, 1.0)])


def _add(
    found: dict[str, Loader],
    channel: str,
    reader: Reader,
    parts: list[tuple[int, ToCommand, float]],
) -> None:
    """Add a loader that sums outputs, unless one of them is not logged or the channel is there."""
    placed = [(where, command, sign) for o, command, sign in parts if (where := _column(reader, o))]
    if channel not in found and len(placed) == len(parts):
        terms = [(topic, field, command, sign) for (topic, field), command, sign in placed]
        if len({topic for topic, *_ in terms}) == 1:
            found[channel] = _loader(reader, channel, terms)


def _column(reader: Reader, output: int) -> tuple[str, str] | None:
    """Where an output is logged: RCOU.C1 … C14, RCO2.C15 … C18, RCO3 beyond.

    Old logs have Ch1 … or Chan1 …; a copter's until 3.1 only its motors, MOT.Mot1 ….
    """
    for topic in ("RCOU", "RCO2", "RCO3"):
        for field in (f"C{output}", f"Ch{output}", f"Chan{output}"):
            if reader.has(topic, field):
                return topic, field
    return ("MOT", f"Mot{output}") if reader.has("MOT", f"Mot{output}") else None


def _loader(reader: Reader, channel: str, terms: list[tuple[str, str, ToCommand, float]]) -> Loader:
    topic = terms[0][0]
    fields = [field for _, field, _, _ in terms]

    def load() -> Channel:
        t_us, columns = reader.floats(topic, fields)
        values = sum(
            (command(c) * sign for c, (_, _, command, sign) in zip(columns, terms, strict=True)),
            start=np.zeros(t_us.shape),
        )
        return sampled(channel, t_us, values, f"{topic}.{'+'.join(fields)}")

    return load


def turning(loaders: Mapping[str, Loader]) -> dict[str, Loader]:
    """Motor speeds, none of them if no motor ever turned: the telemetry then is a dummy's.

    One motor that stands still while others turn is a finding; all of them at 0 while the vehicle
    flies is a driver (the simulator's among them) that fills in what nobody measures.
    """
    speeds = {k: v for k, v in loaders.items() if base_name(k) == "esc.rpm"}

    def checked(name: str) -> Loader:
        def load() -> Channel:
            own = speeds[name]()
            if np.any(own.values) or any(np.any(other().values) for other in speeds.values()):
                return own
            return Channel(own.name, own.t_us[:0], own.values[:0], own.source)

        return load

    return {name: checked(name) for name in speeds}

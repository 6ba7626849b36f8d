"""What a PX4 vehicle told its motors, surfaces and speed controllers to do, and what they report.

Since 1.13 ``actuator_motors`` and ``actuator_servos`` are the allocator's normalised outputs, and
parameters say what each drives. Before, a mixer wrote ``actuator_outputs`` in the driver's own
unit: pulse width, DShot step or UAVCAN raw command.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Mapping as M
from flyoff.decoders.normalisation import Reader, loaders, sampled
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader, Vehicle
from flyoff.units import FloatArray

_MAX_MOTORS: Final = 12
_UAVCAN_FULL: Final = 8191.0  # uavcan.equipment.esc.RawCommand is 14 bits with sign
_DSHOT_FULL: Final = 1999.0
_FIRST_MOTOR_FUNCTION: Final = 101  # output function "Motor 1"
#: CA_SV_CS<i>_TYPE: which channel a control surface is, and its sign.
_SURFACES: Final = {
    1: ("surface.aileron", 1.0),
    2: ("surface.aileron", -1.0),
    3: ("surface.elevator", 1.0),
    4: ("surface.rudder", 1.0),
    9: ("surface.flaps", 1.0),
    10: ("surface.flaps", 1.0),
    15: ("surface.aileron", 1.0),
    16: ("steering.demand", 1.0),
}


def actuation_loaders(
    reader: Reader, vehicle: Vehicle, params: Mapping[str, float]
) -> dict[str, Loader]:
    """Motors, servos, surfaces, speed controllers, collective thrust, operator's channels."""
    found = _motors(reader, vehicle, params)
    found.update(_servos(reader))
    found.update(_surfaces(reader, params))
    found.update(_steering(reader, vehicle, found))
    found.update(_controllers(reader, vehicle))
    found.update(_operator(reader))
    found.update(_thrust(reader, vehicle))
    return found


def _motors(reader: Reader, vehicle: Vehicle, params: Mapping[str, float]) -> dict[str, Loader]:
    if reader.has("actuator_motors", "control[0]"):
        count = vehicle.motors or _MAX_MOTORS
        return {f"motor.command[{k + 1}]": _allocated(reader, k) for k in range(count)}
    if vehicle.kind in ("multirotor", "vtol") and vehicle.motors:
        if reader.has("actuator_outputs", "output[0]", instance=_driver(reader)):
            return {
                f"motor.command[{k + 1}]": _mixed(reader, k, vehicle.motors, params)
                for k in range(vehicle.motors)
            }
    return {}


def _allocated(reader: Reader, k: int) -> Loader:
    field = f"control[{k}]"

    def load() -> Channel:
        t_us, (values,) = reader.floats("actuator_motors", (field,))
        return sampled(f"motor.command[{k + 1}]", t_us, values, f"actuator_motors.{field}")

    return load


def _driver(reader: Reader) -> int:
    """The instance of ``actuator_outputs`` that was written most: the driver of the motors."""
    instances = reader.instances("actuator_outputs")
    rows = {i: len(reader.raw.topics["actuator_outputs", i]) for i in instances}
    return max(rows, key=lambda i: (rows[i], -i), default=0)


def _mixed(reader: Reader, k: int, count: int, params: Mapping[str, float]) -> Loader:
    name, field = f"motor.command[{k + 1}]", f"output[{k}]"

    def load() -> Channel:
        instance = _motor_driver(reader, count)
        fields = [f"output[{i}]" for i in range(count)]
        t_us, columns = reader.floats("actuator_outputs", fields, instance)
        off, low, full = _output_scale(np.array(columns), params)
        values = np.where(columns[k] > off, (columns[k] - low) / (full - low), np.nan)
        values = np.clip(values, 0.0, 1.0)
        return sampled(name, t_us, values, f"actuator_outputs.{field} [{instance}]")

    return load


def _motor_driver(reader: Reader, count: int) -> int:
    # a board has a driver for each bus, and only one of them drives the motors: the one that moves
    best, best_range = 0, -1.0
    for instance in reader.instances("actuator_outputs"):
        fields = [f"output[{i}]" for i in range(count)]
        _, columns = reader.floats("actuator_outputs", fields, instance)
        moved = min(_spread(column) for column in columns)
        if moved > best_range:
            best, best_range = instance, moved
    return best


def _spread(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.ptp(known)) if known.size else -1.0


def _output_scale(values: FloatArray, params: Mapping[str, float]) -> tuple[float, float, float]:
    """At or below which the motor is off, its idle and its full, in the driver's own unit."""
    known = values[np.isfinite(values)]
    top = float(known.max()) if known.size else 0.0
    if top <= 1.0:
        return -1.0, 0.0, 1.0
    if top > 2500.0:
        return 0.0, 0.0, _UAVCAN_FULL
    if ((known > 0) & (known < 800)).any():  # no pulse is that short
        return 0.0, 0.0, _DSHOT_FULL
    low = params.get("PWM_MAIN_MIN", params.get("PWM_MIN", 1000.0))
    full = params.get("PWM_MAIN_MAX", params.get("PWM_MAX", 2000.0))
    disarmed = params.get("PWM_MAIN_DISARM", params.get("PWM_DISARMED", 900.0))
    if not 0 <= disarmed < low < full:
        return 900.0, 1000.0, 2000.0
    return float(disarmed), float(low), float(full)


def _servos(reader: Reader) -> dict[str, Loader]:
    instance = _driver(reader)
    fields = [f"output[{k}]" for k in range(16)]
    return {
        f"servo.output[{k + 1}]": _pulse(reader, field, instance, k)
        for k, field in enumerate(fields)
        if reader.has("actuator_outputs", field, instance=instance)
    }


def _pulse(reader: Reader, field: str, instance: int, k: int) -> Loader:
    def load() -> Channel:
        t_us, (values,) = reader.floats("actuator_outputs", (field,), instance)
        # other drivers write steps or raw commands here, which are no pulse widths
        is_pulse = (values == 0) | ((values >= 700) & (values <= 2500)) | np.isnan(values)
        values = np.where(values == 0, np.nan, values) if is_pulse.all() else values * np.nan
        source = f"actuator_outputs.{field} [{instance}]"
        return sampled(f"servo.output[{k + 1}]", t_us, values, source)

    return load


def _surfaces(reader: Reader, params: Mapping[str, float]) -> dict[str, Loader]:
    found: dict[str, Loader] = {}
    for k in range(8):
        kind = _SURFACES.get(int(params.get(f"CA_SV_CS{k}_TYPE", 0)))
        field = f"control[{k}]"
        if kind and kind[0] not in found and reader.has("actuator_servos", field):
            found[kind[0]] = _surface(reader, kind[0], field, kind[1])
    if params.get("CA_AIRFRAME") == 5 and reader.has("actuator_servos", "control[0]"):
        # Ackermann rover: one steering servo, before the rover modules had topics of their own
        found.setdefault("steering.demand", _surface(reader, "steering.demand", "control[0]", 1.0))
    return found


def _steering(reader: Reader, vehicle: Vehicle, found: Mapping[str, Loader]) -> dict[str, Loader]:
    """Steering of older rovers and boats: the yaw torque or control that their mixer was given."""
    if vehicle.kind not in ("rover", "boat") or "steering.demand" in found:
        return {}
    name, older, newer = "steering.demand", "actuator_controls_0", "vehicle_torque_setpoint"
    table = (M(name, newer, ("xyz[2]",)), M(name, older, ("control[2]",)))
    return loaders(reader, table)


def _surface(reader: Reader, name: str, field: str, sign: float) -> Loader:
    def load() -> Channel:
        t_us, (values,) = reader.floats("actuator_servos", (field,))
        return sampled(name, t_us, values * sign, f"actuator_servos.{field}")

    return load


def _controllers(reader: Reader, vehicle: Vehicle) -> dict[str, Loader]:
    found: dict[str, Loader] = {}
    for channel, options in (
        ("esc.rpm", ("esc_rpm",)),
        ("esc.voltage", ("esc_voltage",)),
        ("esc.current", ("esc_current",)),
        ("esc.temperature", ("esc_temperature",)),
        ("esc.errors", ("failures", "esc_errorcount")),
    ):
        field = next((f for f in options if reader.has("esc_status", f"esc[0].{f}")), None)
        if field is None:
            continue
        for k in range(vehicle.motors or 8):
            found[f"{channel}[{k + 1}]"] = _controller(reader, f"{channel}[{k + 1}]", field, k)
    return found


def _controller(reader: Reader, name: str, field: str, k: int) -> Loader:
    def load() -> Channel:
        at = _controller_of_motor(reader, k)
        source = f"esc_status.esc[{at}].{field}"
        if at is None or not reader.has("esc_status", f"esc[{at}].{field}"):
            return Channel(name, np.zeros(0, np.int64), np.zeros(0), source)
        t_us, (values, count) = reader.floats("esc_status", (f"esc[{at}].{field}", "esc_count"))
        if field == "esc_temperature":
            values = _celsius(values)
        # slots beyond the count were never filled
        return sampled(name, t_us, np.where(count > at, values, np.nan), source)

    return load


def _celsius(values: FloatArray) -> FloatArray:
    # UAVCAN sends kelvin, and until 1.10 PX4 wrote it down as it came; no controller is at 200 °C
    known = values[np.isfinite(values)]
    return values - 273.15 if known.size and known.max() > 200.0 else values


def _controller_of_motor(reader: Reader, k: int) -> int | None:
    """Which slot of ``esc_status`` drives motor k; the slot k where the log does not say."""
    fields = [f"esc[{i}].actuator_function" for i in range(8)]
    fields = [field for field in fields if reader.has("esc_status", field)]
    if not fields:
        return k if k < 8 else None
    _, functions = reader.floats("esc_status", fields)
    for at, function in enumerate(functions):
        if function.size and np.median(function) == _FIRST_MOTOR_FUNCTION + k:
            return at
    said = any((f >= _FIRST_MOTOR_FUNCTION).any() for f in functions)
    return None if said else k


def _operator(reader: Reader) -> dict[str, Loader]:
    fields = [f"values[{k}]" for k in range(18)]
    return {
        f"rc.channel[{k + 1}]": _stick(reader, field, k)
        for k, field in enumerate(fields)
        if reader.has("input_rc", field, "channel_count")
    }


def _stick(reader: Reader, field: str, k: int) -> Loader:
    def load() -> Channel:
        t_us, (values, count) = reader.floats("input_rc", (field, "channel_count"))
        there = (count > k) & (values > 0) & (values <= 3000)  # 65535 is "not there" in MAVLink
        name = f"rc.channel[{k + 1}]"
        return sampled(name, t_us, np.where(there, values, np.nan), f"input_rc.{field}")

    return load


def _thrust(reader: Reader, vehicle: Vehicle) -> dict[str, Loader]:
    body = ("vehicle_thrust_setpoint", [f"xyz[{i}]" for i in range(3)])
    older = ("vehicle_rates_setpoint", [f"thrust_body[{i}]" for i in range(3)])
    for topic, fields in (body, older):
        if reader.has(topic, *fields):
            return {"throttle.demand": _thrust_loader(reader, vehicle.kind, topic, fields)}
    table = (
        M("throttle.demand", "actuator_controls_0", ("control[3]",)),
        M("throttle.demand", "vehicle_attitude_setpoint", ("thrust",)),
    )
    return loaders(reader, table)


def _thrust_loader(reader: Reader, kind: str, topic: str, fields: list[str]) -> Loader:
    along: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
        "fixed_wing": lambda x, z: x,
        "rover": lambda x, z: x,
        "boat": lambda x, z: x,
        "sub": lambda x, z: x,
        "airship": lambda x, z: x,
        # whichever propulsion works harder: the lift motors in hover, the pusher in forward flight
        "vtol": lambda x, z: np.where(np.abs(x) > np.abs(z), x, -z),
    }

    def load() -> Channel:
        t_us, (x, _, z) = reader.floats(topic, fields)
        values = along[kind](x, z) if kind in along else -z
        return sampled("throttle.demand", t_us, values, f"{topic}.{fields[0][:-3]}")

    return load

"""Motor commands, surfaces, sticks and motor controllers of a flight controller's telemetry."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

import numpy as np

from flyoff.decoders.dataflash.outputs import output_loaders, turning
from flyoff.decoders.normalisation import Reader, sampled
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader, Vehicle
from flyoff.units import FloatArray, IntArray

#: What ArduPilot's outputs drive where no SERVOn_FUNCTION was sent: the shipped values of a
#: QuadPlane, whose lift motors are outputs 5 to 8.
_VTOL_SHIPPED: Final = {
    "SERVO1_FUNCTION": 4.0, "SERVO2_FUNCTION": 19.0, "SERVO3_FUNCTION": 70.0,
    "SERVO4_FUNCTION": 21.0, **{f"SERVO{5 + i}_FUNCTION": 33.0 + i for i in range(4)},
}  # fmt: skip
_FUNCTION: Final = re.compile(r"^SERVO\d+_FUNCTION$")
#: PX4's shipped range of a motor's pulses [µs]; below it a motor is off.
_PX4_IDLE, _PX4_FULL, _PX4_OFF = 1000.0, 2000.0, 980.0
_PX4_LAST: Final = 2300.0
_OWN: Final = {"RCOU": ("SERVO_OUTPUT_RAW", "servo{}_raw"), "RCIN": ("RC_CHANNELS", "chan{}_raw")}


class _AsOnBoard:
    """Outputs and sticks under the names that ArduPilot's own log gives them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def has(self, topic: str, *fields: str) -> bool:
        """Whether the telemetry carries these outputs."""
        own = _named(topic, fields)
        return own is not None and self._reader.has(own[0], *own[1])

    def floats(self, topic: str, fields: Sequence[str]) -> tuple[IntArray, list[FloatArray]]:
        """Times and columns."""
        own = _named(topic, fields)
        assert own is not None  # asked by ``has`` before
        return self._reader.floats(*own)


def _named(topic: str, fields: Sequence[str]) -> tuple[str, list[str]] | None:
    if topic not in _OWN or not all(re.fullmatch(r"C\d+", f) for f in fields):
        return None
    name, pattern = _OWN[topic]
    return name, [pattern.format(f[1:]) for f in fields]


def ardupilot_outputs(
    reader: Reader, params: Mapping[str, float], vehicle: Vehicle
) -> dict[str, Loader]:
    """Loaders of what ArduPilot's outputs drive, by its parameters as far as they were sent."""
    if vehicle.kind == "vtol" and not any(_FUNCTION.match(name) for name in params):
        params = {**params, **_VTOL_SHIPPED}
    found = output_loaders(cast(Reader, _AsOnBoard(reader)), params, vehicle)
    return {name: _renamed(loader) for name, loader in found.items()}


def _renamed(loader: Loader) -> Loader:
    def load() -> Channel:
        channel = loader()
        topic, _, fields = channel.source.partition(".")
        own = _named(topic, fields.split("+"))
        return replace(channel, source=f"{own[0]}.{'+'.join(own[1])}") if own else channel

    return load


def px4_outputs(reader: Reader, vehicle: Vehicle) -> dict[str, Loader]:
    """Loaders of PX4's motors: its first outputs, as far as the vehicle's type counts them."""
    found: dict[str, Loader] = {}
    for i in range(1, vehicle.motors + 1):
        if reader.has("SERVO_OUTPUT_RAW", f"servo{i}_raw"):
            found[f"motor.command[{i}]"] = _px4_motor(reader, i)
    return found


def _px4_motor(reader: Reader, number: int) -> Loader:
    name, field = f"motor.command[{number}]", f"servo{number}_raw"

    def load() -> Channel:
        t_us, (width,) = reader.floats("SERVO_OUTPUT_RAW", (field,))
        command = np.clip((width - _PX4_IDLE) / (_PX4_FULL - _PX4_IDLE), 0.0, 1.0)
        is_pulse = (width >= _PX4_OFF) & (width <= _PX4_LAST)
        return sampled(name, t_us, np.where(is_pulse, command, np.nan), f"SERVO_OUTPUT_RAW.{field}")

    return load


#: Field of both kinds of message, its unit's factor in ESC_TELEMETRY and in ESC_STATUS.
_ESC: Final = {
    "rpm": (1.0, 1.0), "voltage": (0.01, 1.0), "current": (0.01, 1.0), "temperature": (1.0, None),
}  # fmt: skip


def esc_loaders(reader: Reader) -> dict[str, Loader]:
    """Loaders of what motor controllers report, four in a message."""
    found: dict[str, Loader] = {}
    for first in range(1, 33, 4):
        topic = f"ESC_TELEMETRY_{first}_TO_{first + 3}"
        for field, (scale, _) in _ESC.items():
            for i in range(4 if reader.has(topic, field) else 0):
                name = f"esc.{field}[{first + i}]"
                found[name] = _esc(reader, name, topic, field, i, scale, None)
    if reader.has("ESC_STATUS", "index", "rpm") and not found:
        _, (index,) = reader.floats("ESC_STATUS", ("index",))
        for first in sorted({int(n) for n in index.tolist() if n < 32}):
            for field, (_, own) in _ESC.items():
                for i in range(4 if own else 0):
                    name = f"esc.{field}[{first + i + 1}]"
                    found[name] = _esc(reader, name, "ESC_STATUS", field, i, own or 1.0, first)
    return found | turning(found)


def _esc(
    reader: Reader, name: str, topic: str, field: str, i: int, scale: float, index: int | None
) -> Loader:
    def load() -> Channel:
        fields = (field,) if index is None else (field, "index")
        t_us, columns = reader.floats(topic, fields)
        values = columns[0][:, i] * scale
        if index is not None:
            own = columns[1] == index
            t_us, values = t_us[own], values[own]
        return sampled(name, t_us, values, f"{topic}.{field}[{i}]")

    return load

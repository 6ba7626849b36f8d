"""What Rotorflight calls its fields, and measures them in.

Source: its ``blackbox_fielddefs.c`` and ``blackbox.c``: voltages and currents in hundredths, height
in centimetres, motors in thousandths of full. The fourth stick command and setpoint are collective
pitch, not throttle; head and tail speed have no channel, since they are of rotors, not of motors.
"""

from collections.abc import Iterator
from typing import Final

from flyoff.decoders.blackbox import conversions as c
from flyoff.decoders.blackbox.firmware import Firmware
from flyoff.decoders.normalisation import Mapping, Reader
from flyoff.units import GRAVITY, RAD_PER_DEGREE

_CENTI: Final = 0.01
_MOTORS: Final = 4
_AXES: Final = (("x", 1.0), ("y", -1.0), ("z", -1.0))


def table(firmware: Firmware, reader: Reader) -> Iterator[Mapping]:
    """Lines for its own fields; those it shares with Betaflight follow elsewhere."""
    one_g = firmware.params.get("acc_1G", 0.0)
    for i, (axis, sign) in enumerate(_AXES):
        yield Mapping(f"gyro.{axis}", "main", (f"gyroRAW[{i}]",), sign * RAD_PER_DEGREE)
        if one_g > 1:
            scale = sign * GRAVITY / one_g
            yield Mapping(f"accel.{axis}", "main", (f"accADC[{i}]",), scale, convert=c.measured)
    yield Mapping("battery.voltage", "main", ("Vbat",), _CENTI, convert=c.positive)
    yield Mapping("battery.current", "main", ("Ibat",), _CENTI, convert=c.measured)
    for number, prefix in enumerate(("Esc", "Esc2")):
        yield _esc("esc.voltage", f"{prefix}V", _CENTI, number)
        yield _esc("esc.current", f"{prefix}I", _CENTI, number)
        yield _esc("esc.temperature", f"T{prefix.lower()}", 1.0, number)
    yield Mapping("baro.height", "main", ("altitude",), _CENTI)
    yield Mapping("velocity.down", "main", ("vario",), -_CENTI)
    motors = [f"motor[{i}]" for i in range(_MOTORS) if reader.has("main", f"motor[{i}]")]
    one = c.motor(0.0, 1000.0, 0.0)
    for number, field in enumerate(motors):
        yield Mapping("motor.command", "main", (field,), convert=one, number=number)
    if motors:
        yield Mapping("throttle.demand", "main", (motors[0],), convert=c.mean_motor(one))


def _esc(channel: str, field: str, scale: float, number: int) -> Mapping:
    return Mapping(channel, "main", (field,), scale, convert=c.measured, number=number)

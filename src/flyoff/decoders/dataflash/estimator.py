"""The estimator's channels: which filter and which of its cores flew the vehicle, sample by sample.

ArduPilot runs up to three cores of EKF2 (``NKF*``) or EKF3 (``XKF*``) side by side and flies on
one, the primary, which may change in flight. Until 4.0 the second core of EKF2 has messages of its
own (``NKF6`` … ``NKF9``) instead of an instance; before 3.3 there is EKF1 alone.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from flyoff.decoders.dataflash import conversions as c
from flyoff.decoders.normalisation import Convert, Mapping, Reader, apply, loaders, sampled
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader
from flyoff.units import FloatArray, IntArray

#: How far the second core's message numbers lie above the first's in old firmware.
_SECOND_CORE: Final = 5


#: The filters log inertial minus measured; the catalogue's innovations are measured minus inertial.
_TURNED: Final = -1.0


def _m(
    channel: str, number: int, field: str, convert: Convert | None = None, scale: float = 1.0
) -> Mapping:
    """A line whose topic is the message's number within its family."""
    return Mapping(channel, str(number), (field,), scale, convert=convert)


_STATE: Final = (
    _m("velocity.north", 1, "VN"),
    _m("velocity.east", 1, "VE"),
    _m("velocity.down", 1, "VD"),
    _m("position.north", 1, "PN"),
    _m("position.east", 1, "PE"),
    _m("position.down", 1, "PD"),
    _m("wind.north", 2, "VWN"),
    _m("wind.east", 2, "VWE"),
    _m("estimator.innovation_velocity_north", 3, "IVN", scale=_TURNED),
    _m("estimator.innovation_velocity_east", 3, "IVE", scale=_TURNED),
    _m("estimator.innovation_velocity_down", 3, "IVD", scale=_TURNED),
    _m("estimator.innovation_position_north", 3, "IPN", scale=_TURNED),
    _m("estimator.innovation_position_east", 3, "IPE", scale=_TURNED),
    _m("estimator.innovation_height", 3, "IPD"),  # down: the turn makes it up again
    _m("estimator.ratio_velocity", 4, "SV", c.wrapped_ratio),
    _m("estimator.ratio_position", 4, "SP", c.wrapped_ratio),
    _m("estimator.ratio_height", 4, "SH", c.wrapped_ratio),
    _m("estimator.ratio_mag", 4, "SM", c.wrapped_ratio),
    _m("estimator.fault_flags", 4, "FS"),
    _m("estimator.timeout_flags", 4, "TS"),
    _m("estimator.solution_flags", 4, "SS"),
    _m("estimator.position_lost", 4, "SS", c.position_lost),
    _m("estimator.error_angle", 4, "errRP"),
    _m("estimator.offset_north", 4, "OFN"),
    _m("estimator.offset_east", 4, "OFE"),
)
#: EKF2's SVT is the convergence of the tilt and no airspeed ratio, and its SS ends at 16 bits.
_EKF3_ONLY: Final = (
    _m("estimator.ratio_airspeed", 4, "SVT", c.wrapped_ratio),
    _m("estimator.is_dead_reckoning", 4, "SS", c.dead_reckoning),
)
#: EKF1 logs a ratio for each magnetometer axis, and airspeed's under the same name as EKF3.
_EKF1: Final = (
    *_STATE,
    _EKF3_ONLY[0],
    Mapping("estimator.ratio_mag", "4", ("SMX", "SMY", "SMZ"), convert=c.largest_ratio),
)


def estimator_loaders(reader: Reader, ekf_type: int | None) -> dict[str, Loader]:
    """Loaders of the filter in use.

    Parameters
    ----------
    ekf_type : int or None
        Parameter ``AHRS_EKF_TYPE``: both filters may be logged.
    """
    has = {family: reader.count(f"{family}1") > 0 for family in ("XKF", "NKF", "EKF")}
    if has["XKF"] and not (ekf_type == 2 and has["NKF"]):
        return _by_core(reader, "XKF", _STATE + _EKF3_ONLY)
    if has["NKF"]:
        return _by_core(reader, "NKF", _STATE)
    return loaders(reader, (replace(m, topic=f"EKF{m.topic}") for m in _EKF1))


def _by_core(reader: Reader, family: str, table: Iterable[Mapping]) -> dict[str, Loader]:
    primary = Primary(reader, f"{family}4")
    found: dict[str, Loader] = {}
    for line in table:
        cores = _cores(reader, family, line)
        if cores:
            found[line.channel] = _spliced(reader, line, cores, primary)
    return found | loaders(reader, [Mapping("estimator.primary", f"{family}4", ("PI",))])


Key = tuple[str, int]


def _cores(reader: Reader, family: str, line: Mapping) -> dict[int, Key]:
    """Topic and instance of a line's message for each core."""
    name = f"{family}{line.topic}"
    found = {i: (name, i) for i in reader.instances(name)}
    second = f"{family}{int(line.topic) + _SECOND_CORE}"
    if family == "NKF" and len(found) == 1 and reader.count(second):
        found[1] = (second, 0)
    return {core: k for core, k in found.items() if reader.has(k[0], *line.fields, instance=k[1])}


class Primary:
    """Which core flew the vehicle when; read from the log when first needed."""

    def __init__(self, reader: Reader, topic: str) -> None:
        self._reader, self._topic = reader, topic
        self._known: tuple[IntArray, FloatArray] | None = None

    def changes(self) -> tuple[IntArray, FloatArray]:
        """Times of change [µs] and the core from then on; core 0 where the log does not say."""
        if self._known is None:
            t_us, core = np.zeros(0, dtype=np.int64), np.zeros(0)
            # every core logs the same index
            for i in self._reader.instances(self._topic):
                if self._reader.has(self._topic, "PI", instance=i):
                    t_us, (core,) = self._reader.floats(self._topic, ("PI",), i)
                    break
            core = np.maximum(core, 0.0)  # -1 until the filter has started
            new = np.flatnonzero(np.diff(core, prepend=np.nan) != 0)
            self._known = (
                (t_us[new], core[new]) if new.size else (np.zeros(1, np.int64), np.zeros(1))
            )
        return self._known

    def at(self, t_us: IntArray) -> FloatArray:
        """The core in use at each instant, shape (n,)."""
        change_us, core = self.changes()
        found = np.searchsorted(change_us, t_us, side="right") - 1
        return np.asarray(core[np.maximum(found, 0)])


def _spliced(reader: Reader, line: Mapping, cores: dict[int, Key], primary: Primary) -> Loader:
    def load() -> Channel:
        used = {int(core) for core in primary.changes()[1]} & set(cores) or {min(cores)}
        parts = [_read(reader, line, cores[core]) for core in sorted(used)]
        if len(parts) > 1:
            kept = [primary.at(p.t_us) == core for core, p in zip(sorted(used), parts, strict=True)]
            t_us = np.concatenate([p.t_us[k] for p, k in zip(parts, kept, strict=True)])
            values = np.concatenate([p.values[k] for p, k in zip(parts, kept, strict=True)])
            order = np.argsort(t_us, kind="stable")
            source = f"{parts[0].source} and {len(parts) - 1} more, whichever is primary"
            return Channel(line.channel, t_us[order], values[order], source)
        return parts[0]

    return load


def _read(reader: Reader, line: Mapping, key: Key) -> Channel:
    t_us, columns = reader.read(key[0], line.fields, key[1])
    source = f"{key[0]}.{','.join(line.fields)}" + (f" [{key[1]}]" if key[1] else "")
    return sampled(line.channel, t_us, apply(line, columns), source)

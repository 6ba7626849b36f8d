"""Apply a motion to the fields of a block, each by the kind of content that it is."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from flyoff.exchange.redaction.block import Block
from flyoff.exchange.redaction.commands import KEPT
from flyoff.exchange.redaction.moves import Move
from flyoff.exchange.redaction.tables import Contents
from flyoff.units import BoolArray, FloatArray, IntArray

_S = 1e6
#: A longer way leads to no target, but to where longitude and latitude are 0, or to nowhere.
_MOST_WAY_M = 300_000.0
_HEIGHTS = ("height", "height_mm")


@dataclass(frozen=True)
class Attitude:
    """How the vehicle stood, to take the earth's field out of what its compass felt.

    Attributes
    ----------
    t_us : int64 or float64, shape (n,)
    q : four float64 arrays, shape (n,)
        Body to north-east-down, as flown.
    """

    t_us: FloatArray
    q: tuple[FloatArray, ...]

    def at(self, t_us: FloatArray) -> tuple[FloatArray, ...]:
        """Attitude at other instants: interpolated, of length 1 again; level where none is."""
        if not self.t_us.size:
            one, none = np.ones(t_us.size), np.zeros(t_us.size)
            return one, none, none, none
        near = [np.interp(t_us, self.t_us, part) for part in self._continuous]
        length = np.sqrt(sum(part * part for part in near))
        return tuple(part / np.where(length > 0, length, 1.0) for part in near)

    @cached_property
    def _continuous(self) -> tuple[FloatArray, ...]:
        """The sign that lies nearest to the one before: q and -q are the same attitude."""
        dot = sum(part[1:] * part[:-1] for part in self.q)
        sign = np.concatenate(([1.0], np.cumprod(np.where(np.asarray(dot) < 0, -1.0, 1.0))))
        return tuple(part * sign for part in self.q)


def apply(
    block: Block,
    contents: Contents,
    move: Move,
    attitude: Attitude,
    t_us: FloatArray,
) -> None:
    """Redact the cells of a block in place.

    Parameters
    ----------
    t_us : float64, shape (n,) [µs]
        When each record was written, for the compass.
    """
    placed = _placed(block, contents, move)
    _apply_single(block, contents, move)
    if placed is not None:
        # a height of somewhere else, or of nowhere: that of the launch tells nothing
        for cell in (c for k in _HEIGHTS for n in contents.single[k] for c in block.named(n)):
            block.write(cell, np.where(placed, block.read(cell), 0.0))
    for lat, lon in _pairs(block, contents.groups["place"]):
        _write(block, (lat, lon), move.place(block.read(lat), block.read(lon)))
    for names in _pairs(block, contents.groups["north_east"]):
        turned = move.vector(*(block.read(name) for name in names))
        if all(block.cells[name].dtype.kind == "i" for name in names):
            unit = max(block.cells[names[0]].divisor, 1.0)
            whole = whole_vector(*(part * unit for part in turned))
            turned = whole[0] / unit, whole[1] / unit
        _write(block, names, turned)
    for week, ms in _pairs(block, contents.groups["gps_time"]):
        _write(block, (week, ms), move.gps(block.read(week), block.read(ms)))
    for names in _pairs(block, contents.groups["quaternion"]):
        _write(block, names, move.quaternion([block.read(name) for name in names]))
    for names in _pairs(block, contents.groups["magnetic"]):
        felt = [block.read(name) for name in names]
        unit = float(contents.special["per_microtesla"])
        _write(block, names, move.magnetic(felt, attitude.at(t_us), unit))


def _placed(block: Block, contents: Contents, move: Move) -> BoolArray | None:
    """Which records are of a place of this flight; None where that is all, or they name none."""
    for lat, lon in _pairs(block, contents.groups["place"]):
        here = move.is_here(block.read(lat), block.read(lon))
        return None if here.all() else here
    return None


def _apply_single(block: Block, contents: Contents, move: Move) -> None:
    order = _by_instance(block)
    for kind, change in _SINGLE.items():
        for cell in (c for name in contents.single.get(kind, ()) for c in block.named(name)):
            values = block.read(cell)
            if order is None or not kind.startswith("heading"):
                block.write(cell, change(move, values))
                continue
            values[order] = change(move, values[order])  # what is a row of zeros is one's own
            block.write(cell, values)
    for name in contents.single.get("identity_numbers", ()):
        for i, cell in enumerate(block.named(name)):
            # which sensor it is stays told, not which specimen
            block.write(cell, np.where(block.read(cell) != 0.0, i + 1.0, 0.0))
    _apply_where(block, contents)
    _apply_command(block, contents)
    alt, relative = contents.special.get("height_if", " ").split(" ")
    if block.has(alt, relative):
        heights = block.read(alt)
        block.write(alt, np.where(block.read(relative) > 0.0, heights, move.height(heights)))


def _by_instance(block: Block) -> IntArray | None:
    """Order in which the rows of one sensor or estimator follow one another; None for one alone."""
    for name in ("C", "I"):
        if block.has(name):
            instances = block.raw(name)
            if instances.size and (instances != instances[0]).any():
                return np.argsort(instances, kind="stable")
    return None


def _apply_where(block: Block, contents: Contents) -> None:
    """Clear fields whose meaning another field decides, unless that meaning is harmless."""
    for key, clears_listed in (("only_where", False), ("not_where", True)):
        rule = contents.special.get(key)
        if rule is None or not block.has(rule["field"]):
            continue
        listed = [float(number) for number in rule["values"].split()]
        values = block.read(rule["field"])
        if "bits" in rule:
            values = np.mod(values, 2.0 ** rule["bits"])
        cleared = np.isin(values, listed) == clears_listed
        if cleared.any():
            for name in rule["fields"].split():
                for cell in block.named(name):
                    block.write(cell, np.where(cleared, 0.0, block.read(cell)))


def whole_vector(north: FloatArray, east: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The whole numbers beside a vector's parts that keep its length best.

    Rounded one by one they change it by up to 0.7: a speed of 0.50 m/s in cm/s becomes 0.507, and a
    boat lies still or is under way by one sample more.
    """
    length = np.hypot(north, east)
    low_n, low_e = np.floor(north), np.floor(east)
    best = np.rint(north), np.rint(east)
    least = np.full(north.shape, np.inf)
    worth = 0.05 * np.maximum(length / 100.0, 1.0)
    for n in (low_n - 1.0, low_n, low_n + 1.0, low_n + 2.0):
        for e in (low_e - 1.0, low_e, low_e + 1.0, low_e + 2.0):
            # of two that keep the length as well, the one that is nearer keeps the direction,
            # which is worth the more the longer the vector is
            wrong = np.abs(np.hypot(n, e) - length) + worth * np.hypot(n - north, e - east)
            is_better = wrong < least
            least = np.where(is_better, wrong, least)
            best = np.where(is_better, n, best[0]), np.where(is_better, e, best[1])
    return best


def _apply_command(block: Block, contents: Contents) -> None:
    """Clear parameters of mission items that may be a place, a direction or a time."""
    rule = contents.special.get("mission_command")
    if rule is None or not block.has(rule["field"]):
        return
    commands = block.read(rule["field"])
    for i, name in enumerate(rule["fields"].split()):
        kept = np.isin(commands, [number for number, count in KEPT.items() if count > i])
        if block.has(name) and not kept.all():
            block.write(name, np.where(kept, block.read(name), 0.0))


def _pressure(move: Move, values: FloatArray) -> FloatArray:
    return values * (move.pressure if math.isfinite(move.pressure) else 0.0)


def _heading_cd(move: Move, values: FloatArray) -> FloatArray:
    # 65535 says that a receiver knows none
    return np.where(values >= 65535.0, values, move.heading(values / 100.0) * 100.0)


def _heading_rad(move: Move, values: FloatArray) -> FloatArray:
    return np.radians(move.heading(np.degrees(values)))


_SINGLE: dict[str, Callable[[Move, FloatArray], FloatArray]] = {
    "height": lambda move, values: move.height(values),
    "height_mm": lambda move, values: move.height(values / 1000.0) * 1000.0,
    "pressure": _pressure,
    "airspeed": lambda move, values: values * move.thin_air,
    "airspeed_pressure": lambda move, values: values * move.thin_air**2,
    "eas_to_tas": lambda move, values: values / move.thin_air,
    "heading": lambda move, values: move.heading(values),
    "heading_cd": _heading_cd,
    "heading_rad": _heading_rad,
    "bearing": lambda move, values: move.bearing(values),
    "bearing_cd": lambda move, values: np.where(values == 0.0, 0.0, _heading_cd(move, values)),
    "bearing_rad": lambda move, values: np.where(values == 0.0, 0.0, _heading_rad(move, values)),
    "distance": lambda move, values: np.where(np.abs(values) > _MOST_WAY_M, 0.0, values),
    "unix_us": lambda move, values: move.unix(values),
    "unix_s": lambda move, values: move.unix(values * _S) / _S,
}


def _pairs(block: Block, groups: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    return (names for names in groups if block.has(*names))


def _write(block: Block, names: Sequence[str], values: Sequence[FloatArray]) -> None:
    for name, column in zip(names, values, strict=True):
        block.write(name, column)

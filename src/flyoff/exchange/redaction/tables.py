"""Which kind of content every field of a format is: the tables in ``fields/``.

A field that no table names is not in the redacted log.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

from flyoff.errors import ExchangeError

#: Kinds of one field, and of groups of fields, with how many belong together.
SINGLE: Final = (
    "keep",
    "height",
    "height_mm",
    "heading",
    "heading_cd",
    "heading_rad",
    "bearing",
    "bearing_cd",
    "bearing_rad",
    "distance",
    "unix_us",
    "unix_s",
    "pressure",
    "airspeed",
    "airspeed_pressure",
    "eas_to_tas",
    "text",
    "identity",
    "identity_numbers",
)
GROUPS: Final = {
    "place": 2,
    "north_east": 2,
    "quaternion": 4,
    "gps_time": 2,
    "magnetic": 3,
}
#: Formats that hold the same messages.
_SAME: Final = {"dataflash_text": "dataflash"}
_SPECIAL: Final = frozenset(
    {"same_as", "group", "parameter", "height_by_frame", "height_if", "north_of", "vehicle_number"}
    | {"per_microtesla", "only_where", "not_where", "known", "mission_command"}
    | {"heading_dd", "bearing_dd", "altitude", "above_start", "week_ms", "quaternion_short"}
)


@dataclass(frozen=True, eq=False)
class Contents:
    """What the fields of one topic are.

    Attributes
    ----------
    single : mapping of kind to field names
    groups : mapping of kind to tuples of field names that belong together
    special : mapping
        Whatever only one format knows: see the formats' own modules.
    group : str
        What a policy may leave out as a whole: ``terrain``, or empty.
    """

    single: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[tuple[str, ...], ...]]
    special: Mapping[str, Any]
    group: str = ""

    @cached_property
    def bases(self) -> frozenset[str]:
        """The same without the index of an array's element."""
        return frozenset(name.partition("[")[0] for name in self.fields)

    @cached_property
    def fields(self) -> frozenset[str]:
        """Every field that is allowed."""
        named = {name for names in self.single.values() for name in names}
        named |= {name for kind in self.groups.values() for one in kind for name in one}
        for value in self.special.values():
            named |= _named(value)
        return frozenset(named)


def _named(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {
            name for pair in value.get("fields", "").split(",") for name in pair.split()[:1] if name
        }
    return set(value.split()) if isinstance(value, str) else set()


@cache
def table(format_name: str) -> Mapping[str, Contents]:
    """The table of a format.

    Raises
    ------
    ExchangeError
        If no log of this format can be rewritten.
    """
    described = _SAME.get(format_name, format_name)
    place = files("flyoff.exchange.redaction") / "fields" / f"{described}.toml"
    if not place.is_file():
        raise ExchangeError(
            f"a log of format {format_name!r} cannot be redacted: "
            "only ulog, dataflash, its text, tlog and blackbox can be rewritten in their own format"
        )
    told = tomllib.loads(place.read_text())
    return {
        name: _contents(told[one["same_as"]] if "same_as" in one else one)
        for name, one in told.items()
    }


def _contents(told: Mapping[str, Any]) -> Contents:
    unknown = set(told) - set(SINGLE) - set(GROUPS) - _SPECIAL
    if unknown:
        raise ExchangeError(f"a field table holds kinds that nobody treats: {sorted(unknown)}")
    groups = {kind: tuple(tuple(names.split()) for names in told.get(kind, ())) for kind in GROUPS}
    if any(len(one) != GROUPS[kind] for kind, found in groups.items() for one in found):
        raise ExchangeError("a field table holds a group of a wrong number of fields")
    return Contents(
        {kind: tuple(told.get(kind, "").split()) for kind in SINGLE},
        groups,
        {name: told[name] for name in _SPECIAL - {"same_as", "group"} if name in told},
        told.get("group", ""),
    )

"""A policy: what happens to each kind of content, and why; a TOML file that people can read.

`public`, `partner` and `maker` are shipped; any other is a path.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from flyoff.errors import ExchangeError

SHIPPED: Final = ("public", "partner", "maker")
#: Section, key, and the values that it may have.
_CHOICES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "place": ("action", ("move",)),
    "time": ("action", ("relative", "shift", "keep")),
    "magnetic": ("action", ("neutral", "drop")),
    "pressure": ("action", ("scale", "drop")),
    "identity": ("action", ("pseudonym", "keep", "drop")),
    "text": ("action", ("template", "keep", "drop")),
    "terrain": ("action", ("keep", "drop")),
}
_TURNS: Final = ("log", "release")
_MOST_KNOWN: Final = 20_000
#: Numbers as headers write them, none with so many digits that it is a serial number or a place.
_NUMBER: Final = r"(?:0x[0-9a-fA-F]{1,8}|-?\d{1,8}(?:\.\d{1,4})?)"
_NUMBERS: Final = re.compile(f"{_NUMBER}(?:[ ,/:]{_NUMBER}){{0,31}}")
_LISTS: Final = ("parameters", "info")


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be in a redacted log.

    Attributes
    ----------
    name, says : str
    turn : str
        ``log``: every log has a turn of its own; ``release``: those of one site share it.
    time : str
        ``relative``: every log begins at the neutral date; ``shift``: all move by the same span;
        ``keep``.
    magnetic, pressure, identity, text, terrain : str
    """

    name: str
    says: str
    turn: str
    time: str
    magnetic: str
    pressure: str
    identity: str
    text: str
    terrain: str
    _keep: Mapping[str, re.Pattern[str]]
    _drop: Mapping[str, re.Pattern[str]]
    _values: re.Pattern[str]
    _known: dict[tuple[str, str], bool] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def allows_parameter(self, name: str) -> bool:
        """Whether a parameter's name is among those kept, and not among those dropped."""
        return self._allows("parameters", name)

    def allows_info(self, key: str) -> bool:
        """Whether a line of a header stays, if its value may."""
        return self._allows("info", key)

    def info_value(self, value: str) -> str:
        """What stays of such a line's value: numbers, or the words that the policy lists."""
        if _NUMBERS.fullmatch(value):
            return value
        known = self._values.match(value)
        return known[0] if known else ""

    def allows_group(self, group: str) -> bool:
        """Whether topics of a group stay."""
        return group != "terrain" or self.terrain == "keep"

    def _allows(self, kind: str, name: str) -> bool:
        known = self._known.get((kind, name))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()  # names that a log made up
            kept = bool(self._keep[kind].fullmatch(name))
            known = self._known[kind, name] = kept and not self._drop[kind].fullmatch(name)
        return known


@cache
def load(name: str) -> Policy:
    """Read a shipped policy by name, or one from a file.

    Raises
    ------
    ExchangeError
        If there is none, or it leaves something open: nothing is kept by omission.
    """
    if name in SHIPPED:
        text = (files("flyoff.exchange.redaction") / "policies" / f"{name}.toml").read_text()
        return parse(text, name)
    path = Path(name)
    if not path.is_file():
        near = get_close_matches(name, SHIPPED, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ExchangeError(
            f"policy {name!r} is neither {', '.join(SHIPPED)} nor a file that can be read{hint}"
        )
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise ExchangeError(f"policy {name}: {problem}") from problem


def parse(text: str, where: str) -> Policy:
    """Read a policy; every kind of content has to have an action."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ExchangeError(f"policy {where} is no TOML: {problem}") from problem
    known = {"name", "says", *_CHOICES, *_LISTS}
    for key in told:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise ExchangeError(f"policy {where}: {key!r} is no kind of content{hint}")
    actions = {kind: _choice(told, where, kind, *_CHOICES[kind]) for kind in _CHOICES}
    lists = {kind: _section(told, where, kind) for kind in _LISTS}
    return Policy(
        name=str(told.get("name", where)),
        says=str(told.get("says", "")),
        turn=_choice(told, where, "place", "turn", _TURNS),
        _keep={kind: _patterns(one, where, kind, "keep") for kind, one in lists.items()},
        _drop={kind: _patterns(one, where, kind, "drop") for kind, one in lists.items()},
        _values=_patterns(lists["info"], where, "info", "values"),
        **{kind: action for kind, action in actions.items() if kind != "place"},
    )


def _section(told: Mapping[str, Any], where: str, kind: str) -> Mapping[str, Any]:
    found = told.get(kind)
    if not isinstance(found, dict):
        raise ExchangeError(f"policy {where}: no [{kind}], expected what happens to it and why")
    return found


def _choice(
    told: Mapping[str, Any], where: str, kind: str, key: str, choices: tuple[str, ...]
) -> str:
    value = _section(told, where, kind).get(key)
    if value not in choices:
        raise ExchangeError(
            f"policy {where}: [{kind}] {key} is {value!r}, expected {' or '.join(choices)}"
        )
    return str(value)


def _patterns(one: Mapping[str, Any], where: str, kind: str, key: str) -> re.Pattern[str]:
    listed = one.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(x, str) for x in listed):
        raise ExchangeError(f"policy {where}: [{kind}] {key} is no list of patterns")
    try:
        return re.compile("|".join(f"(?:{x})" for x in listed) or r"(?!)")
    except re.error as problem:
        raise ExchangeError(f"policy {where}: [{kind}] {key}: {problem}") from problem

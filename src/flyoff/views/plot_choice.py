"""Which plots of a log to show first: those that the evidence names, then what every pilot asks.

A limit is drawn only where the evidence held it against the very signal that is drawn.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.views.panels import MAX_PANELS

Facts = dict[str, Any]
#: Value of a channel near an instant [s]: the nearest one, and the extremes around it.
Near = Callable[[str, float], tuple[float, ...]]

#: What is shown of every log, by title: quantities of the catalogue.
USUAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("height", ("position.height",)),
    ("attitude", ("attitude.roll", "attitude.pitch")),
    ("descent", ("velocity.down",)),
    ("speed over ground", ("velocity.north", "velocity.east")),
    ("battery voltage", ("battery.voltage",)),
    ("battery current", ("battery.current",)),
    ("motors", ("motor.command",)),
    ("satellites", ("gnss.satellites",)),
    ("vibration", ("vibration.x", "vibration.y", "vibration.z")),
)
#: Quantities that are read together.
_TOGETHER = (
    ("attitude.roll", "attitude.pitch"),
    ("attitude_demand.roll", "attitude_demand.pitch"),
    ("velocity.north", "velocity.east"),
    ("gyro.x", "gyro.y", "gyro.z"),
    ("accel.x", "accel.y", "accel.z"),
    ("mag.x", "mag.y", "mag.z"),
    ("vibration.x", "vibration.y", "vibration.z"),
)
#: Shown by the map: as a line over time no degree of latitude tells anybody anything.
_PLACES = ("position.lat", "position.lon")
#: More lines than this are not told apart.
_MOST_LINES = 8
_SAME = 0.02


def plot_choice(facts: Mapping[str, Any], channels: Iterable[str], near: Near) -> list[Facts]:
    """Choose plots for a sortie, in plain values.

    Parameters
    ----------
    facts : mapping
        As ``sortie_facts`` gives them.
    channels : iterable of str
        That its log carries.
    near : function of channel and instant
        Values there, to tell whether a limit belongs to the signal.
    """
    there = list(channels)
    decisive: dict[tuple[str, ...], list[Facts]] = {}
    for piece in _evidence(facts):
        quantities = _with_company(base_name(piece["channel"] or ""))
        if quantities[0] not in _PLACES and _lines(quantities, there):
            decisive.setdefault(quantities, []).append(piece)
    made = [
        _plot(_title(quantities), quantities, there, pieces, near)
        for quantities, pieces in list(decisive.items())[:MAX_PANELS]
    ]
    for title, quantities in USUAL:
        if quantities not in decisive and _lines(quantities, there):
            made.append(_plot(title, quantities, there, [], near))
    return made


def _evidence(facts: Mapping[str, Any]) -> Iterable[Facts]:
    """The cause's evidence, then the outcome's, then that of what else was grave."""
    grave = [f for f in facts["findings"] if f["severity"] != "info"]
    cause = facts["cause"]
    if cause is not None:
        for finding in grave:
            if finding["kind"] == cause["kind"]:
                yield from finding["evidence"]
    yield from facts["evidence"]
    for finding in grave:
        yield from finding["evidence"]


def _with_company(quantity: str) -> tuple[str, ...]:
    return next((group for group in _TOGETHER if quantity in group), (quantity,))


def _title(quantities: tuple[str, ...]) -> str:
    first = quantities[0]
    if len(quantities) > 1:
        return first.partition(".")[0].replace("_", " ")
    return first.replace(".", " ").replace("_", " ")


def _lines(quantities: tuple[str, ...], there: list[str]) -> list[str]:
    """The channels of some quantities, all instances of each."""
    return [name for q in quantities for name in there if base_name(name) == q][:_MOST_LINES]


def _plot(
    title: str, quantities: tuple[str, ...], there: list[str], pieces: list[Facts], near: Near
) -> Facts:
    names = _lines(quantities, there)
    quantity = CATALOGUE.get(quantities[0])
    limits = (p["limit"] for p in pieces if _is_of(p, names, near))
    return {
        "title": title,
        "unit": quantity.unit if quantity else "",
        "lines": [{"series": f"channel:{name}", "name": _legend(name, quantities)}
                  for name in names],
        "limits": list(dict.fromkeys(limits)),
        "is_decisive": bool(pieces),
    }  # fmt: skip


def _legend(name: str, quantities: tuple[str, ...]) -> str:
    base = base_name(name)
    number = name[len(base) :].strip("[]")
    word = base.partition(".")[2].replace("_", " ") if len(quantities) > 1 or not number else ""
    return f"{word} {number}".strip() or word


def _is_of(piece: Facts, names: list[str], near: Near) -> bool:
    """Whether the evidence's value is the channel's own at its instant."""
    channel, value, limit, t_s = (piece[k] for k in ("channel", "value", "limit", "t_s"))
    if channel not in names or value is None or limit is None or t_s is None:
        return False
    slack = _SAME * max(abs(value), 1e-6)
    return any(math.isfinite(v) and abs(v - value) <= slack for v in near(channel, t_s))

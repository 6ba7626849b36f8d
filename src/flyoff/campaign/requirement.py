"""What can be required: the measures, how each is counted, and what a log must carry for it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from flyoff.measures import BUILTIN

Form = Literal["share", "rate", "hours", "value"]
Direction = Literal["at_least", "at_most"]

_QUANTILE = re.compile(r"^p(\d{1,2}(?:\.\d+)?)$")


class Verdict(StrEnum):
    """Whether a requirement is met; *undecided* where the evidence does not tell."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that can be required.

    Attributes
    ----------
    form : {"share", "rate", "hours", "value"}
        A share of attempts; losses per hour; hours per failure; a number for each sortie.
    about : str
        How it is counted, in words.
    unit : str
    needs : tuple of str
        Channels, or other things, without which no log carries it.
    source : str
        Stored measure that a value is; empty for those that are counted or derived.
    """

    form: Form
    about: str
    unit: str = ""
    needs: tuple[str, ...] = ()
    source: str = ""


_PLACE = ("position.lat", "a planned mission beside the log")

#: Whose doing a cause can be.
CAUSE_CLASSES = ("vehicle", "operator", "environment", "interference")
#: What people require, by name; every measure of a sortie can be required besides.
MEASURES: dict[str, Measure] = {
    "launch_success": Measure("share", "properly under way, of the attempts"),
    "sortie_completion": Measure("share", "flown as planned, of the attempts"),
    "gnss_denied_survival": Measure(
        "share",
        "neither lost nor forced down, of the attempts in which satellite navigation was lost, "
        "jammed or spoofed",
    ),
    "wind_endured": Measure(
        "share",
        "flown as planned, of the attempts in which the wind reached wind_at_least_ms",
        needs=("wind.north",),
    ),
    "operator_caused_share": Measure(
        "share", "caused by the operator, of the attempts that failed"
    ),
    "loss_rate_per_hour": Measure("rate", "crashed or flown away, per hour in the air", unit="1/h"),
    "hours_between_failures": Measure(
        "hours",
        "hours in the air for each sortie that ended badly; cause_class counts one class of cause",
        unit="h",
    ),
    "endurance_s": Measure(
        "value", "time in the air of sorties that flew as planned", "s", source="airborne_s"
    ),
    "range_m": Measure(
        "value", "distance flown by sorties that flew as planned", "m", source="distance_m"
    ),
    "energy_wh_per_km": Measure(
        "value", "energy drawn for each kilometre flown", "Wh/km", needs=("battery.current",)
    ),
    "range_with_reserve_m": Measure(
        "value",
        "distance flown, carried on until the share `reserve` of the charge is left",
        "m",
        needs=("battery.remaining",),
    ),
    "time_to_launch_s": Measure(
        "value", "from arming to under way", "s", source="arming_to_airborne_s"
    ),
    "link_range_m": Measure(
        "value",
        "distance reached before a link was lost; a sortie that lost none and stayed nearer than "
        "required says nothing",
        "m",
        needs=("any of rc.is_lost, link.is_lost, link.gcs_age",),
        source="link_held_m",
    ),
}
_NEEDS = {
    "arrival_error_m": _PLACE,
    "landing_error_m": _PLACE,
    "return_error_m": ("position.lat",),
    "energy_wh": ("battery.voltage", "battery.current"),
    "mean_power_w": ("battery.voltage", "battery.current"),
    "charge_mah": ("battery.consumed",),
    "battery_at_landing_v": ("battery.voltage",),
    "battery_at_landing_share": ("battery.remaining",),
    "wind_mean_ms": ("wind.north", "wind.east"),
    "wind_max_ms": ("wind.north", "wind.east"),
    "arming_to_airborne_s": ("the arming in the log",),
}
for _name, _function in BUILTIN.items():
    _about = (_function.__doc__ or "").strip().splitlines()[0].rstrip(".")
    MEASURES.setdefault(_name, Measure("value", _about, needs=_NEEDS.get(_name, ()), source=_name))


@dataclass(frozen=True, slots=True)
class Requirement:
    """A limit on a measure at a confidence.

    Attributes
    ----------
    id : str
    measure : str
        One of `MEASURES`.
    direction : {"at_least", "at_most"}
    limit : float
        In the measure's unit; a share is between 0 and 1.
    confidence : float
        One-sided.
    statistic : str
        ``share``, ``rate``, ``hours``, or the quantile of a value: ``median``, ``p90``.
    good : float or None
        A truth at which the product should pass; the producer's risk is stated there.
    candidates : tuple of str
        Whom it concerns; empty for all.
    cause_class : str
        For ``hours_between_failures``: ``vehicle``, ``operator``, … ; empty for all.
    wind_at_least_ms : float [m/s]
    reserve : float
    line : int
        Of ``campaign.toml``.
    """

    id: str
    measure: str
    direction: Direction
    limit: float
    confidence: float = 0.90
    statistic: str = "share"
    good: float | None = None
    candidates: tuple[str, ...] = ()
    cause_class: str = ""
    wind_at_least_ms: float = 8.0
    reserve: float = 0.2
    line: int = 0

    @property
    def definition(self) -> Measure:
        """How the measure is counted."""
        return MEASURES[self.measure]

    @property
    def share_within(self) -> float:
        """For a value: the share of all sorties that has to keep the limit.

        Examples
        --------
        >>> Requirement("a", "arrival_error_m", "at_most", 5.0, statistic="p90").share_within
        0.9
        >>> Requirement("e", "endurance_s", "at_least", 900, statistic="p10").share_within
        0.9
        """
        p = quantile_of(self.statistic)
        if p is None:
            return self.limit
        return round(p if self.direction == "at_most" else 1.0 - p, 12)

    @property
    def unit(self) -> str:
        """Of the limit; empty for a share."""
        return self.definition.unit or _unit_of(self.measure)

    @property
    def says(self) -> str:
        """The requirement in words.

        Examples
        --------
        >>> Requirement("l", "launch_success", "at_least", 0.9).says
        'launch success at least 90 % (one-sided confidence 90 %)'
        >>> Requirement("a", "arrival_error_m", "at_most", 5.0, statistic="p90").says
        'p90 of arrival error at most 5 m (one-sided confidence 90 %)'
        """
        sign = self.direction.replace("_", " ")
        words = self.measure.split("_")
        if len(words) > 1 and _unit_of(self.measure):
            words.pop()  # the limit says it
        name = " ".join(words)
        if self.definition.form == "value":
            name = f"{self.statistic} of {name}"
        number = f"{100 * self.limit:g} %" if self.definition.form == "share" else f"{self.limit:g}"
        shown = f"{number} {self.unit}".strip()
        return f"{name} {sign} {shown} (one-sided confidence {100 * self.confidence:g} %)"


def quantile_of(statistic: str) -> float | None:
    """The share that a statistic such as ``p90`` or ``median`` names; None if it names none.

    Examples
    --------
    >>> quantile_of("p90"), quantile_of("median"), quantile_of("mean")
    (0.9, 0.5, None)
    """
    if statistic == "median":
        return 0.5
    found = _QUANTILE.match(statistic)
    p = float(found.group(1)) / 100.0 if found else 0.0
    return round(p, 12) if 0.0 < p < 1.0 else None


def _unit_of(measure: str) -> str:
    last = measure.rpartition("_")[2]
    return {"m": "m", "s": "s", "ms": "m/s", "wh": "Wh", "v": "V", "deg": "°", "w": "W"}.get(
        last, ""
    )

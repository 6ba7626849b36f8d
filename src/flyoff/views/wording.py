"""Findings and outcomes in words, for the page and the terminal alike."""

import re

from flyoff.stats.estimate import Estimate

#: A unit that a statement carries in its own text.
_UNIT = re.compile(r"\s*\[([^\]]{1,8})\]")
#: A statement that counts in its own text needs no figure behind it.
_COUNTED = re.compile(r"^\d+ of \d+ ")
#: What a statement measures, where it does not say the unit itself, by how it begins.
_BEGINS = (
    (r"(descent|horizontal speed|greatest speed|speed|ground speed changed)\b", "m/s"),
    (r"(wind, mean|airspeed changed|the value it repeats)\b", "m/s"),
    (r"(distance|greatest height|height(?! measurements)|never moved|growing over)\b", "m"),
    (r"(position (walked|pulled|jumped)|of it to the|barometric minus)\b", "m"),
    (r"magnetic field\b", "µT"),
    (r"(vibration level|its level earlier)\b", "m/s²"),
)
_ABBREVIATIONS = {"gnss": "GNSS", "imu": "IMU", "rc": "RC", "baro": "barometer"}
_DEGREES_PER_RADIAN = 57.29577951308232


def plain(word: str) -> str:
    """A word of one of the closed lists, as people write it.

    Examples
    --------
    >>> plain("gnss_jamming"), plain("failed_launch"), plain("baro_fault")
    ('GNSS jamming', 'failed launch', 'barometer fault')
    """
    return " ".join(_ABBREVIATIONS.get(w, w) for w in word.split("_"))


def statement(
    says: str, value: float | None = None, limit: float | None = None, channel: str | None = None
) -> str:
    """One piece of evidence as a sentence, with figures and units where they say something.

    Parameters
    ----------
    says : str
        May carry a unit in brackets; radians are shown as degrees.
    value, limit : float or None
    channel : str or None

    Examples
    --------
    >>> statement("descent just before contact", 10.55, 4.0, "velocity.down")
    'descent just before contact: 10.6 m/s (limit 4 m/s)'
    >>> statement("lean at the ground [rad]", 1.5708, 0.7854, "attitude.roll")
    'lean at the ground: 90° (limit 45°)'
    >>> statement("height measurements rejected for 7.9 s", 1.49, 1.0, "estimator.ratio_height")
    'height measurements rejected for 7.9 s: 1.49 (limit 1)'
    >>> statement("no 3-D fix from here on", 0.0, 3.0, "gnss.fix")
    'no 3-D fix from here on'
    >>> statement("4 of 4 planned waypoints passed", 4.0, 4.0, "position.lat")
    '4 of 4 planned waypoints passed'
    """
    text, shown, held = statement_parts(says, value, limit, channel)
    told = f"{text}: {shown}" if shown else text
    return f"{told} (limit {held})" if held else told


def statement_parts(
    says: str, value: float | None = None, limit: float | None = None, channel: str | None = None
) -> tuple[str, str, str]:
    """Split a piece of evidence into its words, its figure and its limit; empty what it lacks.

    Examples
    --------
    >>> statement_parts("lean at the ground [rad]", 1.5708, 0.7854, "attitude.roll")
    ('lean at the ground', '90°', '45°')
    """
    found = _UNIT.search(says)
    text = _UNIT.sub("", says, count=1).strip()
    unit = found.group(1) if found else _implied_unit(says)
    if _COUNTED.match(text) or (value is not None and _is_flag(value, limit, channel or "")):
        return text, "", ""
    return (
        text,
        figure(value, unit) if value is not None else "",
        figure(limit, unit) if limit is not None else "",
    )


def figure(value: float, unit: str) -> str:
    """A number to three digits with its unit; radians become degrees.

    Examples
    --------
    >>> figure(1677.18, "m"), figure(0.0478, "m"), figure(0.5236, "rad"), figure(10.2, "V")
    ('1677 m', '0.05 m', '30°', '10.2 V')
    >>> figure(6.18e6, "m")
    '6180 km'
    """
    if unit == "rad":
        return f"{value * _DEGREES_PER_RADIAN:.0f}°"
    if unit == "m" and abs(value) >= 10_000:
        return figure(value / 1000, "km")
    if unit == "m" and abs(value) < 10:  # below the centimetre no position means anything
        number = f"{value:.2f}".rstrip("0").rstrip(".")
    else:
        number = f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.3g}"
    return f"{number} {unit}" if unit else number


def percent(estimate: Estimate | None) -> str:
    """An estimate as the page and the terminal print it.

    Examples
    --------
    >>> percent(Estimate(0.875, 0.589, 0.972, 0.9, "two-sided", "Wilson", 8)), percent(None)
    ('88 % (59 to 97 %)', '–')
    """
    if estimate is None:
        return "–"
    return f"{100 * estimate.value:.0f} % ({100 * estimate.low:.0f} to {100 * estimate.high:.0f} %)"


def _implied_unit(says: str) -> str:
    return next((unit for begins, unit in _BEGINS if re.match(begins, says)), "")


def _is_flag(value: float, limit: float | None, channel: str) -> bool:
    """A state that is or is not: its number tells a reader nothing."""
    whole = float(value).is_integer()
    is_state = channel.partition("[")[0].startswith("gnss.fix") or ".is_" in channel
    return whole and (limit is None or (is_state and value in (0.0, 1.0)))

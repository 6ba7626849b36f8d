"""From ASTERIX records to reports: which item says what, for each category.

Every category has its own geometry: 048 is slant range, azimuth and flight level of a radar, 062
a place from a tracker, 015 whatever the surveillance system measures, 021 what an aircraft says.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from flyoff.trials.readers.cat129 import Identification
from flyoff.trials.reports import Report

NAN: Final = float("nan")
_NM: Final = 1852.0
_FOOT: Final = 0.3048


class Record:
    """A record of the library, with its items by path."""

    def __init__(self, record: Any) -> None:
        self.record = record

    def number(self, item: str, part: str = "", sub: str = "") -> float:
        """A number in the unit of the specification; NaN if it is not there."""
        content = self._content(item, part, sub)
        if content is None:
            return NAN
        for read in ("as_quantity", "as_integer", "as_uint"):
            if hasattr(content, read):
                return float(getattr(content, read)())
        return NAN

    def text(self, item: str, part: str = "", sub: str = "") -> str:
        """A text without filling; empty if it is not there."""
        content = self._content(item, part, sub)
        return str(content.as_string()).strip() if hasattr(content, "as_string") else ""

    def has(self, item: str) -> bool:
        """Whether the item is there."""
        return self.record.get_item(item) is not None

    @property
    def source(self) -> str:
        """SAC and SIC, as in ``"25/201"``."""
        sac, sic = self.number("010", "SAC"), self.number("010", "SIC")
        return f"{sac:.0f}/{sic:.0f}" if sac == sac and sic == sic else ""

    def _content(self, item: str, part: str, sub: str) -> Any:
        found = self.record.get_item(item)
        for name in (part, sub):
            if found is None:
                return None
            if name:
                found = found.variation.get_item(name)
        if found is None:
            return None
        content = getattr(found.variation, "content", None)
        if content is None and hasattr(found.variation, "rule"):
            content = found.variation.rule
        return content


Read = Callable[[Record], Report | None]


def of_048(r: Record) -> Report | None:
    """A plot or track of a radar."""
    height, above = NAN, "unknown"
    if r.has("110"):
        height, above = r.number("110", "3DH"), "msl"
        height = height if math.isfinite(height) else r.number("110")
        height *= _FOOT
    elif r.has("090"):
        height, above = r.number("090", "FL") * 100.0 * _FOOT, "pressure"
    speed, heading = r.number("200", "GSP"), math.radians(r.number("200", "HDG"))
    speed *= _NM  # NM/s
    return Report(
        r.number("140"),
        range_m=r.number("040", "RHO") * _NM,
        azimuth_deg=r.number("040", "THETA"),
        east_m=r.number("042", "X") * _NM,
        north_m=r.number("042", "Y") * _NM,
        height_m=height,
        height_above=above,
        velocity_east=speed * math.sin(heading),
        velocity_north=speed * math.cos(heading),
        track=_number_name(r.number("161", "TRN"), r.number("161")),
        label=r.text("240"),
        sensor=r.source,
        ends=r.number("170", "TRE") == 1.0,
    )


def of_062(r: Record) -> Report | None:
    """A track of a system that fuses sensors."""
    height, above = r.number("130") * _FOOT, "msl"
    if not math.isfinite(height):
        height, above = r.number("136") * 100.0 * _FOOT, "pressure"
    spread_lat, spread_lon = r.number("500", "APW", "LAT"), r.number("500", "APW", "LON")
    lat, lon = r.number("105", "LAT"), r.number("105", "LON")
    metres = math.radians(1.0) * 6_371_000.0
    return Report(
        r.number("070"),
        lat=lat,
        lon=lon,
        height_m=height,
        height_above=above,
        velocity_east=r.number("185", "VX"),
        velocity_north=r.number("185", "VY"),
        velocity_up=r.number("220") * _FOOT / 60.0,
        sigma_north=_first(r.number("500", "APC", "Y"), spread_lat * metres),
        sigma_east=_first(
            r.number("500", "APC", "X"), spread_lon * metres * math.cos(math.radians(lat))
        ),
        track=_number_name(r.number("040")),
        label=r.text("245", "CHR") or r.text("380", "ID"),
        sensor=r.source,
        ends=r.number("080", "TSE") == 1.0,
    )


def of_015(r: Record) -> Report | None:
    """A target report of an independent non-cooperative system."""
    return Report(
        r.number("145"),
        lat=r.number("600", "P84", "LATITUDE"),
        lon=r.number("600", "P84", "LONGITUDE"),
        height_m=r.number("601", "GH"),
        height_above="ellipsoid",
        range_m=r.number("625", "R"),
        azimuth_deg=r.number("627", "AZ"),
        elevation_deg=r.number("628", "EL"),
        velocity_east=r.number("602", "HV", "X"),
        velocity_north=r.number("602", "HV", "Y"),
        velocity_up=r.number("604", "VV"),
        sigma_east=r.number("600", "HPP", "SDHPX"),
        sigma_north=r.number("600", "HPP", "SDHPY"),
        rho=r.number("600", "HPP", "COSDHPXY"),
        sigma_up=r.number("601", "SDGH"),
        sigma_range=r.number("625", "SDR"),
        sigma_azimuth=r.number("627", "SDASZ"),
        sigma_elevation=r.number("628", "SDEL"),
        track=_number_name(r.number("161")),
        sensor=r.source,
    )


def of_021(r: Record) -> Report | None:
    """What an aircraft said of itself by ADS-B."""
    item = "131" if r.has("131") else "130"
    height, above = r.number("140") * _FOOT, "ellipsoid"
    if not math.isfinite(height):
        height, above = r.number("145") * 100.0 * _FOOT, "pressure"
    speed, heading = r.number("160", "GS") * _NM, math.radians(r.number("160", "TA"))
    times = [r.number(item) for item in ("071", "073", "077", "030")]
    address = r.number("080")
    return Report(
        next((t for t in times if math.isfinite(t)), NAN),
        lat=r.number(item, "LAT"),
        lon=r.number(item, "LON"),
        height_m=height,
        height_above=above,
        velocity_east=speed * math.sin(heading),
        velocity_north=speed * math.cos(heading),
        track=f"{int(address):06X}" if math.isfinite(address) else "",
        label=r.text("170"),
        sensor=r.source,
    )


def of_129(said: Identification) -> Report:
    """What a drone said of itself."""

    def known(value: float | None) -> float:
        return NAN if value is None else value

    # the accuracy is the radius that holds half of all errors: 1.1774 standard deviations
    spread = known(said.accuracy_m) / 1.1774
    return Report(
        known(said.time_of_day_s),
        lat=known(said.lat),
        lon=known(said.lon),
        height_m=known(said.altitude_msl_m),
        height_above="msl",
        velocity_east=known(said.velocity_east),
        velocity_north=known(said.velocity_north),
        velocity_up=known(said.velocity_up),
        sigma_east=spread,
        sigma_north=spread,
        track=f"{said.manufacturer}{said.model}{said.serial}",
        label="uas",
        sensor="" if said.sac is None else f"{said.sac}/{said.sic}",
    )


#: Category to the editions tried, best first, and how its records are read. Categories without a
#: reader are service messages: they are whole, and say nothing of a target.
CATEGORIES: Final[dict[int, tuple[tuple[str, ...], Read | None]]] = {
    15: (("1_2", "1_1", "1_0"), of_015),
    21: (("2_6", "2_1", "0_26"), of_021),
    34: (("1_29", "1_27"), None),
    48: (("1_32", "1_27"), of_048),
    62: (("1_20", "1_18"), of_062),
    65: (("1_5", "1_4"), None),
}


def is_nowhere(report: Report) -> bool:
    """Whether the place is none on earth: what another edition of the category reads like."""
    return abs(report.lat) > 90.0 or abs(report.lon) > 180.0


def at_time(report: Report, time_s: float, declared_s: float) -> Report:
    """The report, its time of day made UTC."""
    return replace(report, time_s=time_s, declared_s=declared_s)


def _number_name(*numbers: float) -> str:
    return next((str(int(n)) for n in numbers if math.isfinite(n)), "")


def _first(*numbers: float) -> float:
    return next((n for n in numbers if math.isfinite(n)), NAN)

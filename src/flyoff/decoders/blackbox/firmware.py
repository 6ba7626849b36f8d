"""Which firmware wrote a log, and what that says of its units.

A header cut inside its firmware lines names none; nothing is guessed then: the quantities whose
unit depends on the firmware are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flyoff.decoders.blackbox.layout import Header

#: First word of the revision to the family, which shares its code and so its units.
_FAMILIES: Final = {
    "Betaflight": "betaflight",
    "EmuFlight": "emuflight",
    "Rotorflight": "rotorflight",
    "Indiflight": "indiflight",
    "INAV": "inav",
    "Cleanflight": "cleanflight",
    "Raceflight": "raceflight",
}
#: Betaflight of which others were made, and so whose units they have.
#: Source: the forks' own histories.
_LIKE_BETAFLIGHT: Final = {
    "emuflight": (3, 5, 0),
    "rotorflight": (4, 2, 0),
    "indiflight": (4, 4, 0),
}
_ADC_VOLTS: Final = 3.3 / 4095.0  # a 12-bit converter on a 3.3 V reference


@dataclass(frozen=True, slots=True)
class Firmware:
    """A firmware and its units.

    Attributes
    ----------
    family : str
        ``betaflight``, ``inav`` …; ``unknown`` where the header names none.
    version : tuple of int
    printed : str
        Name, version and build as logged.
    betaflight : tuple of int
        The Betaflight whose units it has; (0, 0, 0) for others.
    params : mapping
        Numbers of the header.
    """

    family: str
    version: tuple[int, int, int]
    printed: str
    betaflight: tuple[int, int, int]
    params: Mapping[str, float]

    @property
    def resolution(self) -> float:
        """Factor by which rates and stick values were multiplied before they were rounded."""
        return 10.0 if self.params.get("blackbox_high_resolution") else 1.0

    @property
    def volts(self) -> float | None:
        """Volts of one unit of ``vbat``; None where nobody knows."""
        if self.family == "inav":
            return 0.01 if self.version >= (2, 0, 0) else self._divided_volts()
        if self.family == "emuflight" and "vbatcellvoltage[2]" in self.params:
            # its fork point lies between the two units; the cell's limit is written in the same
            return 0.01 if self.params["vbatcellvoltage[2]"] > 100 else 0.1
        if self.betaflight >= (4, 0, 0):
            return 0.01
        if self.betaflight >= (3, 1, 0) or self._is_cleanflight_2():
            return 0.1
        return self._divided_volts()

    @property
    def amperes(self) -> tuple[float, float] | None:
        """Amperes of one unit of ``amperage``, and at zero."""
        if self.family == "inav" or self.betaflight >= (3, 1, 0) or self._is_cleanflight_2():
            return 0.01, 0.0
        scale = self.params.get("currentMeter[1]", 0.0)
        if not scale or self.family == "unknown":
            return None
        # scale: tenths of a millivolt for an ampere; offset: millivolts
        return _ADC_VOLTS * 1e4 / scale, -self.params.get("currentMeter[0]", 0.0) * 10.0 / scale

    @property
    def altitude_m(self) -> float | None:
        """Metres of one unit of ``GPS_altitude``; None where nobody knows.

        Source: Betaflight 4 and EmuFlight divide centimetres by ten; 3.5 wrote them as they were
        (blackbox-tools, issue 18); older firmware and INAV write metres.
        """
        if self.family == "unknown":
            return None
        if self.betaflight >= (4, 0, 0) or self.family == "emuflight":
            return 0.1
        if self.betaflight >= (3, 5, 0):
            return 0.01
        return 1.0

    def _divided_volts(self) -> float | None:
        """Of the voltage divider at the converter; the scale is ten times the ratio."""
        scale = self.params.get("vbatscale", self.params.get("vbat_scale", 0.0))
        return _ADC_VOLTS * scale / 10.0 if scale and self.family != "unknown" else None

    def _is_cleanflight_2(self) -> bool:
        return self.family == "cleanflight" and self.version >= (2, 0, 0)


def firmware_of(header: Header, params: Mapping[str, float]) -> Firmware:
    """Read the firmware out of a header."""
    revision = header.text.get("Firmware revision", "")
    family = _FAMILIES.get(header.firmware, "unknown")
    like = header.version if family == "betaflight" else _LIKE_BETAFLIGHT.get(family, (0, 0, 0))
    version = header.version
    printed = (
        f"{header.firmware} {'.'.join(map(str, version))}" if version > (0, 0, 0) else revision
    )
    return Firmware(family, version, printed, like, params)

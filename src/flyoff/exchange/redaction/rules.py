"""A policy with the owner's secret: what of a log may stay, and under which name."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flyoff.exchange.redaction.policy import Policy
from flyoff.exchange.redaction.texts import template, templates

#: Bytes of a vehicle's number, as the autopilots print it; an STM32 has 12.
NUMBER_BYTES: Final[Mapping[str, int]] = {"px4": 18}
_NUMBER_BYTES: Final = 12


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What only the owner knows; pseudonyms are stable for as long as it is used again.

    Attributes
    ----------
    key : bytes
        32 bytes.
    """

    key: bytes

    def __repr__(self) -> str:
        return "Secret(…)"

    def mac(self, *words: str) -> bytes:
        """32 bytes that nobody can compute or undo without the secret."""
        return hmac.new(
            self.key, "\0".join(words).encode("utf-8", "surrogateescape"), hashlib.sha256
        ).digest()

    def pseudonym(self, vehicle_id: str) -> str:
        """A stable stand-in for a vehicle's number, of as many hexadecimal digits, upper case."""
        size = NUMBER_BYTES.get(vehicle_id.partition(":")[0], _NUMBER_BYTES)
        return self.mac("vehicle", vehicle_id)[:size].hex().upper()

    def fraction(self, *words: str) -> float:
        """A number in [0, 1) that belongs to these words."""
        return int.from_bytes(self.mac(*words)[:6], "big") / 2.0**48


@dataclass(frozen=True, slots=True)
class Rules:
    """What a format's writer asks while it rewrites one log.

    Attributes
    ----------
    policy : Policy
    pseudonym : str
        Of the vehicle; empty where the policy drops it or the log names none.
    """

    policy: Policy
    pseudonym: str = ""

    def allows_parameter(self, name: str) -> bool:
        """Whether a parameter stays."""
        return self.policy.allows_parameter(name)

    def text(self, line: str) -> str:
        """What stays of a text, empty if nothing."""
        if self.policy.text == "drop":
            return ""
        return line if self.policy.text == "keep" else template(line)

    def texts(self, lines: Sequence[str], width: int) -> list[str]:
        """What stays of texts in the order of the log, of a field of so many letters."""
        if self.policy.text == "template":
            return templates(lines, width)
        return [self.text(line) for line in lines]

    def board_line(self, width: int) -> bytes:
        """The pseudonym as ArduPilot prints its board's number."""
        name = self.pseudonym
        return f"redacted {name[:8]} {name[8:16]} {name[16:24]}".encode()[:width]

    def info(self, told: Mapping[str, str]) -> dict[str, str]:
        """What a ULog or a blackbox header may still say of itself."""
        kept = {k: self.policy.info_value(v) for k, v in told.items() if self.policy.allows_info(k)}
        return {key: value for key, value in kept.items() if value or not told[key]}

"""Why a PX4 vehicle left the operator's mode: what the log says of the cause around an instant.

Heard in this order: the failsafe machine's own announcement (topic ``event``, since 1.14), the
health flag that changed last, the text that was printed.
"""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.ulog.flags import Edge

#: failsafe_cause_t in events/enums.json; 0 names no cause.
_ANNOUNCED: Final = {1: "radio", 2: "gcs", 3: "battery", 4: "battery", 5: "battery", 6: "battery"}
#: Event name to where its cause stands among the argument bytes; arguments are packed in order:
#: uint32 mode, uint8 action[, uint16 delay], uint8 cause.
_CAUSE_AT: Final = {"commander_failsafe_enter": 5, "commander_failsafe_enter_hold": 7}
#: A flag is believed to be the cause of what happens this long after it, besides COM_FAIL_ACT_T,
#: for which the vehicle waits before it acts [s].
_FLAG_AGE_S: Final = 6.0
_TOGETHER_US: Final = 300_000
_TEXT_BEFORE_US: Final = 3_000_000
_TEXT_AFTER_US: Final = 1_000_000
#: Where several flags change together, the more particular one is the cause.
_RANK: Final = (
    "radio", "gcs", "battery", "fence", "gnss", "motor", "vtol", "failure_detector", "parachute",
    "mission", "offboard", "wind", "timeout", "dead_reckoning", "sensor", "ekf",
)  # fmt: skip
#: Words of the commander and navigator, the more particular first.
_WORDS: Final = (
    ("geofence", "fence"),
    ("battery", "battery"),
    ("remaining flight time", "battery"),
    ("manual control", "radio"),
    ("rc loss", "radio"),
    ("rc signal", "radio"),
    ("rc lost", "radio"),
    ("data link", "gcs"),
    ("datalink", "gcs"),
    ("ground station", "gcs"),
    ("gcs", "gcs"),
    ("gps", "gnss"),
    ("gnss", "gnss"),
    ("motor", "motor"),
    ("engine", "motor"),
    ("esc", "motor"),
    ("quadchute", "vtol"),
    ("quad-chute", "vtol"),
    ("transition", "vtol"),
    ("attitude failure", "failure_detector"),
    ("offboard", "offboard"),
    ("position", "ekf"),
    ("blind land", "ekf"),
    ("wind", "wind"),
)
#: What counts as a cause for words alone: the message has to speak of trouble.
_TROUBLE: Final = (
    "fail", "lost", "loss", "low", "critical", "emergency", "breach", "violat", "invalid",
    "danger", "timeout", "no ", "exceed", "blind", "unhealthy",
)  # fmt: skip


def event_id(name: str) -> int:
    """The number under which PX4 sends an event: FNV-1a of its name, 24 bits.

    Source: PX4 ``libevents``, ``events::ID``.

    Examples
    --------
    >>> hex(event_id("commander_failsafe_enter"))
    '0x94ca8a'
    """
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value & 0xFFFFFF


class Causes:
    """What the log says of causes.

    Parameters
    ----------
    raw : RawLog
    reader : Reader
    edges : list of Edge, ordered by time
    """

    def __init__(self, raw: RawLog, reader: Reader, edges: list[Edge]) -> None:
        self._reader = reader
        self._edges = [edge for edge in edges if edge.is_set]
        self._messages = raw.messages
        wait_s = float(raw.params.get("COM_FAIL_ACT_T", 5.0))
        self._age_us = int((_FLAG_AGE_S + min(max(wait_s, 0.0), 60.0)) * 1e6)
        self._announced = _announcements(reader)

    def at(self, t_us: int) -> str:
        """The subsystem that a failsafe at this instant is about; ``unknown`` if nothing says."""
        for at_us, cause in self._announced:
            if abs(at_us - t_us) <= 1_000_000:
                return cause
        cause = self._flagged(t_us) or self.printed(t_us)
        if cause == "ekf" and not self._has_fix(t_us):
            return "gnss"  # without satellites the estimate cannot hold: it is not to blame
        return cause or "unknown"

    def _flagged(self, t_us: int) -> str:
        near = [e for e in self._edges if t_us - self._age_us <= e.t_us <= t_us + _TOGETHER_US]
        if not near:
            return ""
        last_us = near[-1].t_us
        together = {e.subsystem for e in near if e.t_us >= last_us - _TOGETHER_US}
        return next((subsystem for subsystem in _RANK if subsystem in together), "")

    def printed(self, t_us: int) -> str:
        """The subsystem that a warning around this instant speaks of, or an empty string."""
        for message in reversed(self._messages):
            if not t_us - _TEXT_BEFORE_US <= message.t_us <= t_us + _TEXT_AFTER_US:
                continue
            text = message.text.lower()
            if message.level <= 4 and any(word in text for word in _TROUBLE):
                found = next((subsystem for word, subsystem in _WORDS if word in text), "")
                if found:
                    return found
        return ""

    def _has_fix(self, t_us: int) -> bool:
        for topic in ("vehicle_gps_position", "sensor_gps"):
            if self._reader.has(topic, "fix_type"):
                at_us, (fix,) = self._reader.read(topic, ("fix_type",))
                row = int(np.searchsorted(at_us, t_us, side="right")) - 1
                return row < 0 or (int(fix[row]) >= 3 and t_us - int(at_us[row]) < 2_000_000)
        return True


def _announcements(reader: Reader) -> list[tuple[int, str]]:
    fields = ("id", *(f"arguments[{i}]" for i in range(max(_CAUSE_AT.values()) + 1)))
    if not reader.has("event", *fields):
        return []
    t_us, (number, *arguments) = reader.read("event", fields)
    places = {event_id(name): at for name, at in _CAUSE_AT.items()}
    found: list[tuple[int, str]] = []
    for row, name in enumerate((number & 0xFFFFFF).tolist()):
        if name in places:
            cause = _ANNOUNCED.get(int(arguments[places[name]][row]))
            if cause:
                found.append((int(t_us[row]), cause))
    return found

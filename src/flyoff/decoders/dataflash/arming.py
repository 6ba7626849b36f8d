"""When the motors were armed: the union of all that says so, since no one line is complete."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from flyoff.decoders.dataflash import codes
from flyoff.decoders.dataflash.modes import ARM_REASONS
from flyoff.decoders.dataflash.texts import ARMING, DISARMING, is_refusal
from flyoff.decoders.normalisation import Reader
from flyoff.model.event import Event, EventKind

#: Signs of one change that lie this close together are one change.
_TOGETHER_US: Final = 2_000_000
#: No change has more signs; a hostile log may have any number at one instant.
_MOST_SIGNS: Final = 100
#: LOG_DISARMED: 0 logs while armed only, so the first line is written by arming.
_ARMED_ONLY: Final = 0

Text = tuple[int, str]


@dataclass(frozen=True, slots=True, order=True)
class Sign:
    """Something that says the motors are armed, or are not."""

    t_us: int
    armed: bool
    reason: str = ""
    source: str = ""
    #: ``EV 15`` comes some time after arming: it proves a state, not the instant.
    is_change: bool = True


def arming(
    reader: Reader, texts: list[Text], start_us: int, log_disarmed: int | None
) -> tuple[list[Event], bool | None]:
    """Arm and disarm events, and whether the recording starts armed (None where nobody knows)."""
    signs = sorted([*_arm(reader), *_ev(reader), *_stat(reader), *_texts(texts)])
    at_start = _at_start(signs, texts, start_us, log_disarmed)
    events: list[Event] = []
    state = at_start
    if state:
        first = next((s for s in signs if s.armed and s.t_us - start_us <= _TOGETHER_US), None)
        source = first.source if first else "the log starts armed"
        events.append(_event(Sign(start_us, True, first.reason if first else "", source)))
    for i, sign in enumerate(signs):
        # ArduCopter repeats "auto armed" at every loop after a forced disarming in AUTO: a state
        # that is known already is changed by a change only
        if sign.armed != state and (sign.is_change or state is None):
            state = sign.armed
            events.append(_event(_best(sign, islice(signs, i, i + _MOST_SIGNS))))
    return events, at_start


def _event(sign: Sign) -> Event:
    kind = EventKind.ARM if sign.armed else EventKind.DISARM
    return Event(sign.t_us, kind, reason=sign.reason or "unknown", source=sign.source)


def _best(sign: Sign, following: Iterable[Sign]) -> Sign:
    """The reason of the sign nearby that knows one."""
    for other in following:
        if other.t_us - sign.t_us > _TOGETHER_US:
            break
        if other.armed == sign.armed and other.reason:
            return Sign(sign.t_us, sign.armed, other.reason, other.source)
    return sign


def _at_start(
    signs: list[Sign], texts: list[Text], start_us: int, log_disarmed: int | None
) -> bool | None:
    """Whether the motors were armed when the recording started."""
    if signs:
        first = signs[0]
        if not first.armed:
            return True if first.is_change else False
        # a log that runs while disarmed too has lines from before the arming
        opened_by_it = log_disarmed in (None, _ARMED_ONLY)
        opened_by_it &= first.t_us - start_us <= _TOGETHER_US
        return opened_by_it or not first.is_change
    # a refusal to arm starts a log too, for some seconds
    if any(is_refusal(text) for _, text in texts):
        return False
    return True if log_disarmed == _ARMED_ONLY else None


def _arm(reader: Reader) -> list[Sign]:
    fields = ("ArmState", "Method") if reader.has("ARM", "Method") else ("ArmState",)
    found = []
    for t, state, *method in reader.records("ARM", fields):
        reason = ARM_REASONS.get(int(method[0]), "unknown") if method else ""
        source = f"ARM.Method={int(method[0])}" if method else "ARM.ArmState"
        found.append(Sign(int(t), state > 0, reason, source))
    return found


def _ev(reader: Reader) -> list[Sign]:
    found = []
    for t, number in reader.records("EV", ("Id",)):
        source = f"EV.Id={int(number)}"
        if number in (codes.ARMED, codes.AUTO_ARMED):
            found.append(Sign(int(t), True, "", source, number == codes.ARMED))
        elif number == codes.DISARMED:
            found.append(Sign(int(t), False, "", source))
    return found


def _stat(reader: Reader) -> list[Sign]:
    """STAT is written at 5 or 10 Hz; only its changes and its first line are signs."""
    if not reader.has("STAT", "Armed"):
        return []
    t_us, (armed,) = reader.floats("STAT", ("Armed",))
    change = np.flatnonzero(np.diff(armed, prepend=np.nan) != 0)
    return [Sign(int(t_us[i]), bool(armed[i]), "", "STAT.Armed", bool(i)) for i in change]


def _texts(texts: list[Text]) -> list[Sign]:
    found = []
    for t, text in texts:
        if ARMING.match(text):
            found.append(Sign(t, True, "", "MSG"))
        elif DISARMING.match(text):
            found.append(Sign(t, False, "", "MSG"))
    return found

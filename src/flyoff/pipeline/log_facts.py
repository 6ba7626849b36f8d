"""What the raw logs of a store say beside its tables: parameters, and the wind as a vector."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import FlyoffError
from flyoff.lake.store import Store
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from flyoff.pipeline.kept import kept_source

#: What an autopilot sets by itself at each start or flight: no part of a configuration.
SET_BY_ITSELF = re.compile(
    r"STAT_|LND_FLIGHT_T_|COM_FLIGHT_UUID|SYS_NUM_RESETS|BARO\d?_GND_|GND_ABS_PRESS|COMPASS_DEC$|"
    r"INS_GYR\d?(_?\d)?_?OFFS|BAT_ESTABLISH|MIS_TOTAL|FENCE_TOTAL|RALLY_TOTAL|BRD_RTC|SYSID_SW_"
)
#: An estimator that does not estimate wind logs zeros [m/s].
_NOT_ESTIMATED = 1e-6

Wind = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LogFacts:
    """Beside what the tables hold.

    Attributes
    ----------
    params : mapping of parameter to value at the start, those set by the autopilot itself left out
    params_sha256 : str
        Of all of them, sorted; empty if the log carries none.
    winds : tuple of (north, east) or None [m/s, where it blows to]
        For each span asked for: the mean of the autopilot's estimate.
    """

    params: Mapping[str, str]
    params_sha256: str
    winds: tuple[Wind | None, ...] = ()


def log_facts(
    store: str, sha256: str, spans: Sequence[tuple[int, float, float]] = ()
) -> LogFacts | None:
    """Read a log of a store; None if it cannot be read any more.

    Parameters
    ----------
    store : str
    sha256 : str
        Of the log.
    spans : sequence of (boot, start_s, end_s)
        Whose wind is asked for.
    """
    try:
        source = kept_source(Store(store), sha256, sha256)
        decoder = registry.choose(source)
        log = decoder.decode(source)
        params = configuration(dict(log.params))
        boots = {r.boot: r for r in decoder.normalise(log)} if spans else {}
        winds = tuple(wind(boots.get(boot), start, end) for boot, start, end in spans)
    except FlyoffError:
        return None  # the receipt was made when it was taken in; the report says what is missing
    return LogFacts(params, digest(params), winds)


def configuration(params: Mapping[str, object]) -> dict[str, str]:
    """Parameters as text, without what the autopilot sets by itself."""
    return {
        name: f"{value:.9g}" if isinstance(value, float) else str(value)
        for name, value in sorted(params.items())
        if not SET_BY_ITSELF.match(name)
    }


def digest(params: Mapping[str, str]) -> str:
    """SHA-256 over ``name=value`` lines; empty for none."""
    text = "".join(f"{name}={value}\n" for name, value in params.items())
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def wind(recording: Recording | None, start_s: float, end_s: float) -> Wind | None:
    """Mean of the estimated wind over a stretch, north and east [m/s]."""
    if recording is None:
        return None
    north, east = recording.get("wind.north"), recording.get("wind.east")
    if north is None or east is None:
        return None
    part = north.between(int(start_s * 1e6), int(end_s * 1e6))
    other = east.interpolated(part.t_us)
    good = np.isfinite(part.values) & np.isfinite(other)
    speed = np.hypot(part.values[good], other[good])
    if not speed.size or float(speed.max()) <= _NOT_ESTIMATED:
        return None
    return float(part.values[good].mean()), float(other[good].mean())

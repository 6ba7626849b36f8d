"""Where a recording flew, at 5 Hz: what maps and the ``tracks`` table hold."""

from dataclasses import dataclass

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.recording import Recording
from flyoff.units import FloatArray, IntArray

RATE_HZ = 5
#: A position older than this is not drawn out: a line across a gap would be an invention.
MAX_GAP_S = 2.0

#: Column of a track, and the channel it is interpolated from.
COLUMNS = {
    "lat": "position.lat",
    "lon": "position.lon",
    "alt_msl": "position.alt_msl",
    "height": "position.height",
    "velocity_north": "velocity.north",
    "velocity_east": "velocity.east",
    "velocity_down": "velocity.down",
}
#: Receivers' own position, where the estimator's is not logged.
FALLBACK = {"lat": "gnss.lat", "lon": "gnss.lon", "alt_msl": "gnss.alt_msl"}
#: Angles go the shorter way round: half-way between +179° and -179° is not north.
ANGLES = {"roll": "attitude.roll", "pitch": "attitude.pitch", "yaw": "attitude.yaw"}


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A recording sampled evenly.

    Attributes
    ----------
    t_us : int64, shape (n,) [µs on the log's own clock]
    columns : mapping of column name to float64, shape (n,)
        NaN where nothing was logged.
    """

    t_us: IntArray
    columns: dict[str, FloatArray]


def track_of(
    recording: Recording, rate_hz: float = RATE_HZ, *, needs_position: bool = True
) -> Track | None:
    """Sample a recording's position, velocity and attitude; None if it has no position.

    Without ``needs_position`` attitude alone is sampled where there is no position.

    The samples lie between the first and the last position, on whole multiples of the period, so
    that two recordings of one flight can be laid over each other. Instants without any value are
    left out.
    """
    lat = recording.get("position.lat") or recording.get("gnss.lat")
    if not needs_position:
        lat = lat or recording.get("attitude.roll") or recording.get("attitude.yaw")
    if lat is None:
        return None
    # a damaged time stamp may lie years away: only the recording's own span counts
    first = max(int(lat.t_us[0]), recording.start_us)
    last = min(int(lat.t_us[-1]), recording.end_us)
    if last < first:
        return None
    t_us = _instants(lat.between(first, last).t_us, round(1e6 / rate_hz))
    columns = {}
    for name, channel_name in COLUMNS.items():
        channel = recording.get(channel_name) or recording.get(FALLBACK.get(name, ""))
        columns[name] = (
            channel.interpolated(t_us, max_gap_s=MAX_GAP_S)
            if channel is not None
            else np.full(t_us.shape, np.nan)
        )
    for name, channel_name in ANGLES.items():
        columns[name] = _turned(recording.get(channel_name), t_us)
    keep = np.isfinite(columns["lat"]) & np.isfinite(columns["lon"])
    if not needs_position:
        keep |= np.isfinite(columns["roll"]) | np.isfinite(columns["yaw"])
    return Track(t_us[keep], {name: values[keep] for name, values in columns.items()})


def _turned(angle: Channel | None, t_us: IntArray) -> FloatArray:
    """An angle at each instant [rad], in (-π, π]."""
    if angle is None:
        return np.full(t_us.shape, np.nan)
    good = np.isfinite(angle.values)
    whole = Channel(angle.name, angle.t_us[good], np.unwrap(angle.values[good]))
    turned = whole.interpolated(t_us, max_gap_s=MAX_GAP_S)
    return np.asarray(np.pi - np.mod(np.pi - turned, 2 * np.pi))


def _instants(t_us: IntArray, period_us: int) -> IntArray:
    """Multiples of the period near a sample: never more of them than a few for each sample."""
    if not t_us.size:
        return t_us
    ticks = t_us // period_us
    step = np.diff(ticks, append=ticks[-1] + 1)
    reach = int(MAX_GAP_S * 1e6) // period_us
    step = np.clip(step, 1, reach + 1)
    # each sample's own tick and those that follow until the next sample, gaps left out
    starts = np.repeat(ticks, step)
    within = np.arange(starts.size) - np.repeat(np.cumsum(step) - step, step)
    return np.asarray(np.unique(starts + within) * period_us, dtype=np.int64)

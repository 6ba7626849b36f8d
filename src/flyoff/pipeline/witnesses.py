"""Recordings to witnesses: what linking looks at."""

import re

import numpy as np

from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from flyoff.pipeline.track import Track, track_of
from flyoff.sorties.witness import Witness

#: A log's name as the vehicle tells it, with date and time: PX4 names its logs so.
_LOG_NAME = re.compile(r"\d{4}-\d\d-\d\d[/_]\d\d_\d\d_\d\d\w*\.ulg", re.IGNORECASE)
#: PX4 writes the module before the text into its own log, and leaves it out on the air.
_MODULE = re.compile(r"^\[\w+\]\s*")
#: Of a text that repeats, so many instants are kept.
MOST_REPEATED = 32


def witness_of(recording: Recording, key: str, track: Track | None = None) -> Witness:
    """What a recording can say to linking.

    Parameters
    ----------
    recording : Recording
        Its channels are looked at only without a track.
    key : str
    track : Track or None
    """
    if track is None and recording.loaders:
        track = track_of(recording, needs_position=False)
    texts = [(e.t_us, e.text) for e in recording.events if e.kind is EventKind.TEXT and e.text]
    names = frozenset(m.lower() for _, text in texts for m in _LOG_NAME.findall(text))
    said: dict[str, list[int]] = {}
    for t_us, text in texts:
        said.setdefault(_MODULE.sub("", text), []).append(t_us)
    return Witness(
        key,
        recording.vehicle.id,
        recording.start_us,
        recording.end_us,
        recording.utc,
        track.t_us if track else np.empty(0, np.int64),
        track.columns if track else {},
        {text: tuple(at[:MOST_REPEATED]) for text, at in said.items()},
        names,
    )

"""A log of a store opened again: its topics and channels as series, its texts and parameters."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flyoff.decoders import RawLog, Source
from flyoff.errors import FlyoffError, UnknownChannel
from flyoff.lake.borrowed import borrowed
from flyoff.lake.raw import key_of
from flyoff.lake.store import Store
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.flight import Flight
from flyoff.model.recording import Recording
from flyoff.model.sortie import Sortie
from flyoff.pipeline import registry
from flyoff.pipeline.kept import kept_source
from flyoff.pipeline.stored import stored_plan
from flyoff.units import BoolArray, FloatArray

CHANNEL, TOPIC = "channel:", "topic:"

_LOG = """
SELECT l.log_sha256, l.path, l.plan_sha256, s.start_s, s.end_s, s.ingest_id
FROM sorties s JOIN logs l USING (log_sha256) WHERE s.sortie_id = ?
"""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One plotted quantity.

    Attributes
    ----------
    name, unit : str
    t_s : float64, shape (n,) [s on the log's own clock]
        Never decreasing.
    values : float64, shape (n,)
        NaN where nothing was logged.
    """

    name: str
    unit: str
    t_s: FloatArray
    values: FloatArray

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return int(self.t_s.nbytes + self.values.nbytes)


@dataclass(frozen=True, slots=True, eq=False)
class StoredLog:
    """A log of a store, indexed; columns are gathered when asked for.

    Attributes
    ----------
    sha256 : str
    path : str
        The name it came with.
    file : str
        Where its bytes lie; empty in an object store.
    source : Source
        Its bytes.
    plan_sha256 : str or None
    raw : RawLog
    recordings : tuple of Recording
    """

    sha256: str
    path: str
    file: str
    source: Source
    plan_sha256: str | None
    raw: RawLog
    recordings: tuple[Recording, ...]

    @property
    def nbytes(self) -> int:
        """About how much memory it takes: offsets of all rows, and bytes that no file holds."""
        index = 16 * sum(len(t) for t in self.raw.topics.values())
        return index + (0 if self.file else len(self.source)) + (1 << 20)

    def recording(self, boot: int) -> Recording:
        """The recording of a boot."""
        for found in self.recordings:
            if found.boot == boot:
                return found
        raise FlyoffError(f"{self.path}: no boot {boot} in this log any more; rejudge the store")

    def series(self, name: str, boot: int) -> Series:
        """A channel or a field of a topic, decoded whole.

        Parameters
        ----------
        name : str
            ``channel:battery.voltage`` or ``topic:vehicle_attitude/0/q[0]``.
        boot : int

        Raises
        ------
        UnknownChannel
            If the log carries no such thing.
        FlyoffError
            If it is text.
        """
        if name.startswith(CHANNEL):
            return self._channel(name.removeprefix(CHANNEL), boot)
        if name.startswith(TOPIC):
            return self._field(name.removeprefix(TOPIC), boot)
        raise FlyoffError(f"series {name!r}: write channel:NAME or topic:NAME/INSTANCE/FIELD")

    def _channel(self, name: str, boot: int) -> Series:
        recording = self.recording(boot)
        channel = recording[name]
        recording.forget()  # the server keeps what it needs, within its own bounds
        quantity = CATALOGUE.get(base_name(name))
        return Series(
            name, quantity.unit if quantity else "", *_in_order(channel.t_s, channel.values)
        )

    def _field(self, name: str, boot: int) -> Series:
        for (topic_name, instance), topic in self.raw.topics.items():
            prefix = f"{topic_name}/{instance}/"
            field = name.removeprefix(prefix)
            if not name.startswith(prefix) or field not in topic.fields:
                continue
            values = topic.column(field)
            if values.dtype.kind not in "iufb":
                raise FlyoffError(f"{name}: is text and cannot be plotted")
            t_s, numbers = topic.time_us() / 1e6, values.astype(np.float64)
            if len(self.raw.boots) > 1:
                own = self._of_boot(topic.offsets, boot)
                t_s, numbers = t_s[own], numbers[own]
            shown = f"{topic_name}[{instance}].{field}" if instance else f"{topic_name}.{field}"
            return Series(shown, topic.units.get(field, ""), *_in_order(t_s, numbers))
        raise UnknownChannel(name, "; the list of topics has all that there is")

    def _of_boot(self, offsets: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", boot: int) -> (
        BoolArray
    ):  # fmt: skip
        first, last = self.raw.boots[min(boot, len(self.raw.boots) - 1)]
        return np.asarray((offsets >= first) & (offsets < last))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sortie lies: its log, boot, and stretch on the log's own clock [s].

    ``ingest_id`` is another one whenever its log was judged anew.
    """

    sha256: str
    path: str
    plan_sha256: str | None
    boot: int
    start_s: float
    end_s: float
    ingest_id: str


def place_of(store: str, sortie_id: str) -> Place | None:
    """Where a sortie lies; None if the store has no such sortie."""
    with borrowed(Store(store)) as db:
        row = db.execute(_LOG, [sortie_id]).fetchone()
    if row is None:
        return None
    sha256, path, plan, start_s, end_s, ingest = row
    start = start_s or 0.0
    return Place(sha256, path, plan, int(sortie_id.split("-")[1]), start,
                 end_s if end_s is not None else start, ingest)  # fmt: skip


def open_log(store: str, place: Place) -> StoredLog:
    """Index a log of a store.

    Raises
    ------
    StoreError
        If its raw file is gone.
    """
    lake = Store(store)
    source = kept_source(lake, place.sha256, place.path)
    store_file = lake.home.local(key_of(place.sha256))
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    return StoredLog(
        place.sha256,
        place.path,
        str(store_file or ""),
        source,
        place.plan_sha256,
        raw,
        tuple(decoder.normalise(raw)),
    )


def judged_again(store: str, log: StoredLog, boot: int) -> Iterator[tuple[Flight, Sortie]]:
    """The sorties of a boot with the signals that they are judged by."""
    from flyoff.pipeline.judgement import judge_flights

    yield from judge_flights(log.recording(boot), stored_plan(store, log.plan_sha256))


def _in_order(t_s: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """By time: a logger may write late what it sampled early."""
    good = np.isfinite(t_s)
    if not good.all():
        t_s, values = t_s[good], values[good]
    if t_s.size and (np.diff(t_s) < 0).any():
        order = np.argsort(t_s, kind="stable")
        t_s, values = t_s[order], values[order]
    return np.ascontiguousarray(t_s), np.ascontiguousarray(values)

"""ULog bytes to topics and a receipt: one pass over the frames.

The walk itself is a kernel; this module feeds it, interprets what is not data, and afterwards sorts
the data frames by topic.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from flyoff.decoders._kernels import count_slots, is_nearly_zero, scatter_slots
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import MAX_GAPS_LISTED, Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.decoders.ulog import _kernels as k
from flyoff.decoders.ulog.definitions import Definitions, Slot, Unreadable
from flyoff.decoders.ulog.layout import (
    HEADER_BYTES,
    KNOWN_VERSIONS,
    MAX_RECORD,
    FormatError,
    Header,
    read_header,
)
from flyoff.decoders.ulog.topic import Segment, ULogTopic
from flyoff.units import IntArray

#: Frames other than data that are kept of each type; a hostile file could hold millions.
MAX_OF_A_TYPE = 1 << 17
DATA_CHUNK = 1 << 16
FEW_IDS = 1 << 9
OTHER_CHUNK = 1 << 12
CRASH_DUMP = "a crash dump is appended: written at the next boot, of the flight before or of none"
#: A header time beyond this is garbage: ten years after boot.
LATEST_START_US = 10 * 365 * k.DAY_US


class ULogRaw(RawLog):
    """A decoded ULog; ``params`` and ``info`` are read from the file when first asked for."""

    def __init__(self, source: Source, told: Definitions, walk: "_Walk") -> None:
        self._told = told
        super().__init__(
            format="ulog",
            source=source,
            topics=walk.topics(),
            receipt=walk.receipt(),  # after the topics: sorting them may refuse rows
            messages=told.messages,
            parameter_changes=told.changes,
            boots=((0, len(source)),),
        )

    @property
    def params(self) -> Mapping[str, float]:
        """Parameters at the start of the data, int or float as logged."""
        return self._params

    @params.setter
    def params(self, _: Mapping[str, float]) -> None:
        """The base class sets its default; what the log says stands above it."""

    @cached_property
    def _params(self) -> dict[str, float]:
        return self._told.params()

    @property
    def info(self) -> Mapping[str, str]:
        """What the log says of itself, as text."""
        return self._info

    @info.setter
    def info(self, _: Mapping[str, str]) -> None:
        """See ``params``."""

    @cached_property
    def _info(self) -> dict[str, str]:
        return self._told.info()

    @cached_property
    def defaults(self) -> dict[str, dict[str, float]]:
        """Default values that the log gives, by set: ``system``, ``airframe``."""
        return self._told.defaults()


def decode(source: Source) -> ULogRaw:
    """Index a ULog.

    Raises
    ------
    DecodeError
        If the header does not describe a readable ULog.
    """
    walk = _Walk(source, read_header(source.path, source.head()))
    walk.run()
    return ULogRaw(source, walk.told, walk)


class _Walk:
    """State of one pass."""

    def __init__(self, source: Source, header: Header) -> None:
        self.data = source.data
        self.header = header
        self.told = Definitions(source.data)
        self.ctl = np.zeros(k.CTL_SIZE, dtype=np.int64)
        self.ctl[k.POS] = HEADER_BYTES
        self.ctl[k.LIMIT] = MAX_OF_A_TYPE
        if header.start_us < LATEST_START_US:
            self.ctl[k.LAST_T] = header.start_us
        self.by_id = np.zeros((FEW_IDS, 4), dtype=np.int32)
        self.seen = np.zeros(256, dtype=np.int64)
        self.orphans = np.zeros(1 << 16, dtype=np.int32)
        self.gaps = np.zeros((MAX_GAPS_LISTED, 4), dtype=np.int64)
        self.refused: list[Gap] = []  # frames that the walk took and whose content was unreadable
        self.chunks: list[tuple[IntArray, npt.NDArray[np.int32]]] = []
        size = len(source)
        self._new_chunk()
        self.other_at = np.empty(min(OTHER_CHUNK, size // 5 + 1), dtype=np.int64)
        self.other_t = np.empty_like(self.other_at)
        self.urgent = np.empty_like(self.other_at)
        self.later = np.empty_like(self.other_at)

    def _new_chunk(self) -> None:
        # no data frame is shorter than five bytes
        rows = min(DATA_CHUNK, (self.data.size - int(self.ctl[k.POS])) // 5 + 1)
        self.out_at = np.empty(max(rows, 1), dtype=np.int64)
        self.out_slot = np.empty(max(rows, 1), dtype=np.int32)

    def run(self) -> None:
        """Walk every section: the file, and what was appended to it after it was closed."""
        size = self.data.size
        for end in (*self._boundaries(), size):
            self.ctl[k.END] = end
            self._section()
            if end < size and not self._begins_section(end):
                self.told.notes[f"appended offset {end:#x} points into a message: ignored"] = None
        self._keep_chunk()

    def _boundaries(self) -> list[int]:
        good: list[int] = []
        for at in self.header.appended:
            if (good[-1] if good else HEADER_BYTES) < at <= self.data.size:
                good.append(at)
            else:
                self.told.notes[f"appended offset {at:#x} is not within the file: ignored"] = None
        if good:
            self.told.notes[f"{len(good)} section(s) appended after the log was closed"] = None
        return good

    def _begins_section(self, at: int) -> bool:
        """Whether a stated boundary is one; if not, take back the cut that it made."""
        n = int(self.ctl[k.N_GAPS])
        if not 0 < n <= len(self.gaps):
            return True
        start, length = int(self.gaps[n - 1, 0]), int(self.gaps[n - 1, 1])
        if start + length != at:
            return True
        size = self.data.size
        if k.chains(self.data, at, size, self.by_id, 2):
            return True
        if not k.chains(self.data, start, size, self.by_id, 2):
            return True
        self.ctl[k.N_GAPS] -= 1
        self.ctl[k.SKIPPED] -= length
        self.ctl[k.POS] = start
        return False

    def _section(self) -> None:
        while True:
            why = k.walk(
                self.data, self.ctl, self.by_id, self.seen, self.orphans, self.gaps,
                self.out_at, self.out_slot, self.other_at, self.other_t,
            )  # fmt: skip
            self._read_others()
            if why == k.DONE:
                return
            if why == k.OUT_FULL:
                self._keep_chunk()
                self._new_chunk()

    def _keep_chunk(self) -> None:
        n = int(self.ctl[k.N_OUT])
        self.chunks.append((self.out_at[:n], self.out_slot[:n]))
        self.ctl[k.N_OUT] = 0

    def _read_others(self) -> None:
        """Interpret the frames that are not data, and tell the walk what they changed."""
        urgent, later = k.sort_others(self.data, self.ctl, self.other_at, self.urgent, self.later)
        if later:
            self.told.later.append(self.later[:later].copy())
        chosen = self.urgent[:urgent]
        data = self.data.data
        times = self.other_t[chosen].tolist()
        for at, t in zip(self.other_at[chosen].tolist(), times, strict=True):
            size, kind = data[at] | data[at + 1] << 8, chr(data[at + 2])
            try:
                self.told.read(kind, bytes(data[at + 3 : at + 3 + size]), t)
            except (Unreadable, FormatError) as error:
                self._refuse(at, 3 + size, str(error))
        self.ctl[k.N_OTHER] = self.ctl[k.DIRTY] = 0
        if self.told.touched:
            keys = list(self.told.touched)
            self.told.touched.clear()
            while max(keys) >= len(self.by_id):  # ids are small but for odd or hostile logs
                self.by_id = np.concatenate([self.by_id, np.zeros_like(self.by_id)])
            self.by_id[keys] = [self._row(key) for key in keys]

    def _refuse(self, at: int, size: int, reason: str) -> None:
        self.refused.append(Gap(at, size, reason))
        self.ctl[k.FRAMES] -= 1

    def _row(self, key: int) -> tuple[int, int, int, int]:
        number = self.told.live.get(key)
        if number is None:
            return (0, 0, 0, 0)
        layout = self.told.slots[number].layout
        if layout is None:
            return (number + 1, 0, MAX_RECORD, 0)
        time_at = k.HEADER + 2 + layout.time_at if layout.time_at >= 0 else 0
        return (number + 1, layout.size_min, layout.size_max, time_at)

    def topics(self) -> dict[tuple[str, int], ULogTopic]:
        """Sort the data frames by subscription and join those of one (name, multi id)."""
        slots = self.told.slots
        counts = np.zeros(len(slots), dtype=np.int64)
        for _, numbers in self.chunks:
            count_slots(numbers, counts)
        ends = np.cumsum(counts)
        cursor = ends - counts
        grouped = np.empty(int(counts.sum()), dtype=np.int64)
        while self.chunks:  # freed as they are used: the index is held once
            scatter_slots(*self.chunks.pop(0), cursor, grouped)
        grouped.flags.writeable = False
        segments: dict[tuple[str, int], list[Segment]] = {}
        for slot, first, last in zip(slots, (ends - counts).tolist(), ends.tolist(), strict=True):
            self._place(slot, grouped[first:last], segments)
        return {
            (name, instance): ULogTopic(self.data, name, instance, parts)
            for (name, instance), parts in segments.items()
        }

    def _place(
        self, slot: Slot, offsets: IntArray, segments: dict[tuple[str, int], list[Segment]]
    ) -> None:
        if slot.layout is None:
            self._refuse_rows(offsets, f"data of {slot.name[:60]!r}, which no format describes")
            return
        if slot.late:
            sizes = self._sizes(offsets) - 2
            fits = (sizes >= slot.layout.size_min) & (sizes <= slot.layout.size_max)
            self._refuse_rows(offsets[~fits], f"data of {slot.name[:60]!r} of another size")
            offsets = offsets[fits]
        parts = segments.setdefault((slot.name, slot.instance), [])
        if offsets.size or not parts:
            parts[:] = [one for one in parts if one.offsets.size]
            parts.append(Segment(slot.layout, offsets))

    def _sizes(self, offsets: IntArray) -> IntArray:
        return self.data[offsets].astype(np.int64) + (self.data[offsets + 1].astype(np.int64) << 8)

    def _refuse_rows(self, offsets: IntArray, reason: str) -> None:
        listed = offsets[:MAX_GAPS_LISTED]
        sizes = (self._sizes(offsets) + 3) if offsets.size else offsets
        for at, size in zip(listed.tolist(), sizes.tolist(), strict=False):
            self.refused.append(Gap(at, size, reason))
        rest = offsets.size - listed.size
        self.ctl[k.FRAMES] -= offsets.size
        self.ctl[k.SKIPPED] += int(sizes[listed.size :].sum())
        self.ctl[k.N_GAPS] += rest

    def receipt(self) -> Receipt:
        """The account of every byte, once all is read."""
        size = self.data.size
        kept = min(int(self.ctl[k.N_GAPS]), len(self.gaps))
        rows = self.gaps[:kept].tolist()
        gaps = [Gap(at, n, self._reason(at, n, why, what)) for at, n, why, what in rows]
        gaps = sorted(gaps + self.refused, key=lambda gap: gap.offset)
        total = int(self.ctl[k.N_GAPS]) + len(self.refused)
        skipped = int(self.ctl[k.SKIPPED]) + sum(gap.bytes for gap in self.refused)
        cut = total == kept and all(why == k.CUT for _, _, why, _ in rows)
        status = Status.COMPLETE if not total else Status.TRUNCATED if cut else Status.MALFORMED
        if self.header.version not in KNOWN_VERSIONS:
            self.told.notes[f"version {self.header.version} is unknown, read as version 1"] = None
        if self.ctl[k.CRASH_DUMP]:
            self.told.notes[CRASH_DUMP] = None
        return Receipt(
            bytes=size,
            decoded_bytes=size - skipped,
            skipped_bytes=skipped,
            status=status,
            gaps=tuple(gaps[:MAX_GAPS_LISTED]),
            gaps_omitted=total - min(len(gaps), MAX_GAPS_LISTED),
            resyncs=int(self.ctl[k.RESYNCS]),
            unknown_ids=self._unknown(),
            dropouts=tuple(self.told.dropouts),
            messages=int(self.ctl[k.FRAMES]),
            boots=1,
            notes=tuple(self.told.notes),
        )

    def _unknown(self) -> dict[str, int]:
        if not self.ctl[k.N_GAPS]:
            return {}
        ids = {str(key): int(self.orphans[key]) for key in np.flatnonzero(self.orphans).tolist()}
        types = {
            f"type {_letter(kind)}": int(self.seen[kind])
            for kind in np.flatnonzero(self.seen).tolist()
            if chr(kind) not in "FIMPQARLCOSB"
        }
        return ids | types

    def _reason(self, at: int, size: int, why: int, what: int) -> str:
        if why == k.CUT:
            where = "the file ends" if at + size == self.data.size else "an appended section begins"
            return f"{where} inside a message"
        if why == k.DAMAGED:
            # a file system that lost power leaves zeros behind the first bytes of the last frame
            few = size > 64 and is_nearly_zero(self.data, at, at + size, 8)
            return "zeros" if few else "no message can begin here"
        return {
            k.ORPHAN: f"data of id {what}, which has no subscription",
            k.WRONG_SIZE: f"data of id {what} of a size that its format does not have",
            k.UNKNOWN_TYPE: f"message of unknown type {_letter(what)}",
            k.OVER_LIMIT: f"more than {MAX_OF_A_TYPE} messages of type {_letter(what)}",
        }[why]


def _letter(kind: int) -> str:
    return repr(chr(kind)) if 32 < kind < 127 else f"{kind:#04x}"

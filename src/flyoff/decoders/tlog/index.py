"""From bytes to an index: where each payload of each stream stands, and what none explains."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from flyoff.decoders._kernels import scatter_slots
from flyoff.decoders.receipt import MAX_GAPS_LISTED
from flyoff.decoders.tlog import _kernels as kernels
from flyoff.decoders.tlog.framing import BARE, PLANNER, STAMPED, Form
from flyoff.decoders.tlog.layout import Dialect
from flyoff.units import ByteArray, IntArray

#: The first record has to come this early.
SEARCH: Final = 1 << 20


class Stream(NamedTuple):
    """Frames of one message from one sender.

    Attributes
    ----------
    system, component : int
        As in the frames.
    message : int
        Message id.
    instance : int
        Of the sensor or battery that the message is about; 0 where it has no such field.
    """

    system: int
    component: int
    message: int
    instance: int

    @classmethod
    def of_key(cls, key: int) -> "Stream":
        """Take apart what the walk uses as key."""
        return cls(key >> 16 & 0xFF, key >> 8 & 0xFF, key >> 24, key & 0xFF)


@dataclass(slots=True, eq=False)
class Index:
    """What one walk over a log found.

    Attributes
    ----------
    form : Form
        How the frames are stored.
    streams : list of Stream
    payloads : list of int64 arrays
        Frames of each stream: where the payload starts << 9 | MAVLink 1 << 8 | its length.
    gaps : int64, shape (n, 4)
        Offset, bytes, reason (see ``_kernels``), message id.
    messages : int
        Whole frames found.
    is_old : bool
        Every one of them is MAVLink 1.
    """

    form: Form
    streams: list[Stream]
    payloads: list[IntArray]
    gaps: IntArray
    omitted: int
    skipped: int
    resyncs: int
    messages: int
    is_old: bool


def find_form(data: ByteArray, dialect: Dialect) -> Form | None:
    """How the frames are stored; None if no frame near the start is proven.

    A form counts where a record has the right checksum or a chain behind it. One whose next record
    stands in its place goes before one whose does not: behind a damaged stamp, a frame without
    stamps would seem to come first.
    """
    found: list[tuple[bool, int, int, Form]] = []
    tables = dialect.numbers, dialect.seeds
    for rank, form in enumerate((STAMPED, PLANNER, BARE)):
        at = int(kernels.next_record(data, 0, SEARCH, form.stamp, form.trail, *tables))
        if at < 0:
            continue
        after = int(kernels.frame_end(data, at + form.stamp)) + form.trail
        goes_on = bool(kernels.follows(data, after, form.stamp, form.trail, *tables))
        if at == 0 and goes_on:
            return form
        found.append((not goes_on, at + form.stamp, rank, form))
    return min(found, key=lambda entry: entry[:3])[3] if found else None


def index(data: ByteArray, form: Form, dialect: Dialect) -> Index:
    """Walk a log and group its frames by stream."""
    capacity = data.size // (form.stamp + 8) + 1
    payloads = np.empty(capacity, dtype=np.int64)
    owners = np.empty(capacity, dtype=np.uint16)
    places = np.full(kernels.PLACES, -1, dtype=np.int16)
    keys = np.empty(kernels.MAX_TABLES, dtype=np.int64)
    counts = np.zeros(kernels.MAX_TABLES, dtype=np.int64)
    gaps = np.empty((MAX_GAPS_LISTED, 4), dtype=np.int64)
    state = np.zeros(kernels.STATE_SIZE, dtype=np.int64)
    kernels.walk(
        data, form.stamp, form.trail, dialect.numbers, dialect.seeds, dialect.instance_at,
        places, keys, counts, payloads, owners, gaps, state,
    )  # fmt: skip
    tables, filled = int(state[kernels.TABLES]), int(state[kernels.FILLED])
    counts = counts[:tables]
    ends = np.cumsum(counts)
    grouped = np.empty(filled, dtype=np.int64)
    scatter_slots(payloads[:filled], owners[:filled], ends - counts, grouped)
    starts = (ends - counts).tolist()
    return Index(
        form=form,
        streams=[Stream.of_key(key) for key in keys[:tables].tolist()],
        payloads=[grouped[a:b] for a, b in zip(starts, ends.tolist(), strict=True)],
        gaps=gaps[: state[kernels.GAPS]],
        omitted=int(state[kernels.OMITTED]),
        skipped=int(state[kernels.SKIPPED]),
        resyncs=int(state[kernels.RESYNCS]),
        messages=filled,
        is_old=int(state[kernels.OLD]) == filled,
    )

"""The walk over ULog frames: one pass, no Python object for a message, nothing raised.

A frame is ``uint16 size, uint8 type, payload``. It has no checksum, so a frame is believed when
its size fits its type (for data: the subscribed format) and doubtful ones only when the frames
after them chain.

The walk talks to Python through four arrays: ``ctl`` (counters, see the constants below), ``by_id``
(what is known of each message id), ``out_*`` (data frames) and ``other_*`` (everything else, which
Python interprets). It stops when one of them is full, or before the first data frame that follows
a change of formats or subscriptions.
"""

import numba
import numpy as np
import numpy.typing as npt

from flyoff.decoders._kernels import i64, u16, zeros_end
from flyoff.units import ByteArray, IntArray

IdTable = npt.NDArray[np.int32]

# slots of ``ctl``
(POS, END, N_OUT, N_OTHER, LAST_T, DIRTY,
 N_GAPS, SKIPPED, RESYNCS, FRAMES, LIMIT, IN_DATA, CRASH_DUMP, CTL_SIZE) = range(14)  # fmt: skip

# what a walk returns
DONE, OUT_FULL, OTHER_FULL, DEFINITIONS_CHANGED = range(4)

# why bytes were skipped: column 2 of ``gaps``; column 3 is the id or type it is about
CUT, DAMAGED, ORPHAN, WRONG_SIZE, UNKNOWN_TYPE, OVER_LIMIT = range(6)

# columns of ``by_id``: slot + 1 (0: no subscription), least and most payload bytes without the id,
# and where the 64-bit timestamp stands, counted from the frame's start (0: nowhere)
SLOT, LEAST, MOST, TIME_AT = range(4)

DATA, SYNC = ord("D"), ord("S")
DAY_US = 86_400_000_000
HEADER = 3
CHAIN = 3  # frames that must follow each other before a place counts as found again
CHAIN_STEPS = 64  # with data of unknown ids in between, which prove nothing

_NEVER = 1 << 20
_LEAST = np.full(256, _NEVER, dtype=np.int32)
_MOST = np.full(256, 0xFFFF, dtype=np.int32)
for _kind, _size in zip("FIMPQARLCOSBD", (3, 3, 4, 3, 4, 4, 2, 9, 11, 2, 8, 40, 2), strict=True):
    _LEAST[ord(_kind)] = _size
for _kind, _size in zip("ROS", (2, 2, 8), strict=True):
    _MOST[ord(_kind)] = _size
_MAGIC = np.array([0x2F, 0x73, 0x13, 0x20, 0x25, 0x0C, 0xBB, 0x12], dtype=np.uint8)
_KEY_AT = np.zeros(256, dtype=np.int32)  # where the length of the key stands, for I P Q M
for _kind, _at in zip("IPQM", (3, 3, 4, 4), strict=True):
    _KEY_AT[ord(_kind)] = _at
_FLOAT = np.frombuffer(b"float ", dtype=np.uint8)  # the only types that parameters have
_INT32 = np.frombuffer(b"int32_t ", dtype=np.uint8)
_CRASH = np.frombuffer(b" hardfault", dtype=np.uint8)
_REDEFINES = np.zeros(256, dtype=np.uint8)
for _kind in "FAR":
    _REDEFINES[ord(_kind)] = 1


@numba.njit(nogil=True, cache=True)
def is_text_start(byte: int) -> bool:
    """Whether a type or name may begin with this byte: a letter or an underscore."""
    return 97 <= (byte | 0x20) <= 122 or byte == 95


@numba.njit(nogil=True, cache=True)
def fits(by_id: IdTable, key: int, size: int) -> bool:
    """Whether a data message of that id may have that many bytes behind the id."""
    if key >= by_id.shape[0] or by_id[key, SLOT] == 0:
        return False
    return bool(by_id[key, LEAST] <= size <= by_id[key, MOST])


@numba.njit(nogil=True, cache=True)
def is_subscribed(by_id: IdTable, key: int) -> bool:
    """Whether a subscription of that id is in force."""
    return bool(key < by_id.shape[0] and by_id[key, SLOT] != 0)


@numba.njit(nogil=True, cache=True)
def content_ok(data: ByteArray, at: int, end: int, kind: int, size: int) -> bool:
    """Whether the first bytes of a frame that is not data agree with its type."""
    if kind == SYNC:
        for i in range(min(8, end - at - HEADER)):
            if data[at + HEADER + i] != _MAGIC[i]:
                return False
        return True
    key_at = _KEY_AT[kind]
    if key_at and at + key_at + 1 < end:
        key = int(data[at + key_at])
        return 0 < key <= size - (key_at - 2) and is_text_start(int(data[at + key_at + 1]))
    if (kind == 76 or kind == 67) and at + HEADER < end:  # L, C: the level is a digit
        level = int(data[at + HEADER])
        return 48 <= level <= 55 or level <= 7
    if kind == 70 and at + HEADER < end:  # F
        return is_text_start(int(data[at + HEADER]))
    return True


@numba.njit(nogil=True, cache=True)
def plausible(data: ByteArray, at: int, end: int, by_id: IdTable) -> int:
    """Length of the frame that seems to begin here; 0 if none can, -1 if its header is cut.

    The frame itself may reach beyond ``end``.
    """
    if at + HEADER > end:
        return -1
    kind = int(data[at + 2])
    size = u16(data, at)
    if size < _LEAST[kind] or size > _MOST[kind]:
        return 0
    if kind != DATA:
        return HEADER + size if content_ok(data, at, end, kind, size) else 0
    if at + 5 <= end and not fits(by_id, u16(data, at + HEADER), size - 2):
        return 0
    return HEADER + size


@numba.njit(nogil=True, cache=True)
def chains(data: ByteArray, at: int, end: int, by_id: IdTable, need: int) -> bool:
    """Whether ``need`` plausible frames follow each other from here, or all up to the end do.

    Data of an unknown id is stepped over: it neither proves nor disproves anything.
    """
    for _ in range(CHAIN_STEPS):
        if at == end:
            return True
        length = plausible(data, at, end, by_id)
        if length == 0:
            if data[at + 2] != DATA or at + 5 > end or is_subscribed(by_id, u16(data, at + HEADER)):
                return False
            length = HEADER + u16(data, at)
            if length < 5 or at + length > end:
                return False
            need += 1
        need -= 1
        if need == 0 or length < 0 or at + length > end:
            return True
        at += length
    return False


@numba.njit(nogil=True, cache=True)
def find_chain(data: ByteArray, at: int, stop: int, end: int, by_id: IdTable) -> int:
    """First place in [at, stop) where frames chain again, or ``stop``."""
    while at < stop and at + HEADER <= end:
        if data[at + 2] == 0:  # a type that nothing has: a hole in the file is stepped over
            at = zeros_end(data, at + 2, end) - 3
        elif _LEAST[data[at + 2]] != _NEVER:
            length = plausible(data, at, end, by_id)
            whole = length > 0 and at + length <= end
            # a sync frame is eleven bytes that nothing else writes: it needs no witness
            if whole and (data[at + 2] == SYNC or chains(data, at, end, by_id, CHAIN)):
                return at
        at += 1
    return stop


@numba.njit(nogil=True, cache=True)
def skip(ctl: IntArray, gaps: IntArray, to: int, why: int, what: int) -> None:
    """Account for the bytes from the current place to ``to``; go there."""
    at, n = ctl[POS], ctl[N_GAPS]
    ctl[SKIPPED] += to - at
    ctl[POS] = to
    if 0 < n <= gaps.shape[0]:
        last = gaps[n - 1]
        if last[0] + last[1] == at and last[2] == why and last[3] == what:
            last[1] += to - at
            return
    if n < gaps.shape[0]:
        gaps[n, 0], gaps[n, 1], gaps[n, 2], gaps[n, 3] = at, to - at, why, what
    ctl[N_GAPS] += 1


@numba.njit(nogil=True, cache=True)
def resync(data: ByteArray, ctl: IntArray, by_id: IdTable, gaps: IntArray) -> None:
    """The frame at the current place cannot be believed: go to where frames chain again."""
    at, end = ctl[POS], ctl[END]
    found = find_chain(data, at + 1, end, end, by_id)
    if found < end:
        ctl[RESYNCS] += 1
        skip(ctl, gaps, found, DAMAGED, 0)
        return
    cut = plausible(data, at, end, by_id) != 0
    skip(ctl, gaps, end, CUT if cut else DAMAGED, 0)


@numba.njit(nogil=True, cache=True)
def take_other(data, ctl, seen, gaps, other_at, other_t):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Hand a frame that is not data to Python, or drop it once there are too many of its type."""
    at, kind = ctl[POS], int(data[ctl[POS] + 2])
    to = at + HEADER + u16(data, at)
    seen[kind] += 1
    if kind != SYNC and seen[kind] > ctl[LIMIT]:
        skip(ctl, gaps, to, OVER_LIMIT, kind)
        return
    ctl[FRAMES] += 1
    ctl[POS] = to
    if kind == SYNC:
        return
    other_at[ctl[N_OTHER]] = at
    other_t[ctl[N_OTHER]] = ctl[LAST_T]
    ctl[N_OTHER] += 1
    if _REDEFINES[kind]:
        ctl[DIRTY] = 1


@numba.njit(nogil=True, cache=True)
def step_other(data, ctl, by_id, seen, gaps, other_at, other_t):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """One frame of a known type that is not data, and lies within the file."""
    at, end = ctl[POS], ctl[END]
    to = at + HEADER + u16(data, at)
    good = plausible(data, at, end, by_id) > 0
    if good and chains(data, to, end, by_id, 1):
        take_other(data, ctl, seen, gaps, other_at, other_t)
        return
    # either this frame's size lies, or the next frame is damaged: look inside before believing it
    inside = find_chain(data, at + 1, to, end, by_id)
    if inside < to:
        ctl[RESYNCS] += 1
        skip(ctl, gaps, inside, DAMAGED, 0)
    elif good or chains(data, to, end, by_id, 2):
        take_other(data, ctl, seen, gaps, other_at, other_t)
    else:
        resync(data, ctl, by_id, gaps)


@numba.njit(nogil=True, cache=True)
def step_odd(data, ctl, by_id, seen, gaps, orphans):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """One frame that cannot be used: whole but unknown, or no frame at all."""
    at, end = ctl[POS], ctl[END]
    kind, size = int(data[at + 2]), u16(data, at)
    to = at + HEADER + size
    if size == 0 or to > end or (kind == DATA and size < 2) or not chains(data, to, end, by_id, 2):
        resync(data, ctl, by_id, gaps)
    elif kind != DATA:
        seen[kind] += 1
        skip(ctl, gaps, to, UNKNOWN_TYPE, kind)
    else:
        key = u16(data, at + HEADER)
        if not is_subscribed(by_id, key):
            orphans[key] += 1
            skip(ctl, gaps, to, ORPHAN, key)
        else:
            skip(ctl, gaps, to, WRONG_SIZE, key)


@numba.njit(nogil=True, cache=True)
def walk_data(data, ctl, by_id, out_at, out_slot):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Take data frames for as long as they fit their formats; stop before anything else.

    All state is local: this loop is where the time goes.
    """
    at, n, last_t = ctl[POS], ctl[N_OUT], ctl[LAST_T]
    first = n
    end = ctl[END]
    while at + 5 <= end and n < out_at.size and data[np.uint64(at + 2)] == DATA:
        size = u16(data, at)
        key = u16(data, at + HEADER)
        to = at + HEADER + size
        if to > end or not fits(by_id, key, size - 2):
            break
        row = by_id[key]
        out_at[n], out_slot[n] = at, row[SLOT] - 1
        n += 1
        if row[TIME_AT]:
            t = i64(data, at + row[TIME_AT])
            # a garbage time must not rule all that come after it
            if last_t < t < last_t + DAY_US:
                last_t = t
        at = to
    ctl[POS], ctl[N_OUT], ctl[LAST_T] = at, n, last_t
    ctl[FRAMES] += n - first


@numba.njit(nogil=True, cache=True)
def walk(data, ctl, by_id, seen, orphans, gaps, out_at, out_slot, other_at, other_t):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Walk frames from ``ctl[POS]`` to ``ctl[END]`` until done or until Python is needed.

    Parameters
    ----------
    data : uint8, shape (size,)
    ctl : int64, shape (CTL_SIZE,)
        Counters, kept between calls.
    by_id : int32, shape (ids, 4)
        What is known of each message id; higher ones have no subscription.
    seen : int64, shape (256,)
        Frames met of each type other than data.
    orphans : int32, shape (65536,)
        Data frames met of each id without a subscription.
    gaps : int64, shape (g, 4)
        Start, bytes, reason, detail; those beyond ``g`` are only counted.
    out_at, out_slot : int64, int32, shape (n,)
        Data frames: where they start, and the slot that their id had then.
    other_at, other_t : int64, shape (m,)
        Other frames: where they start, and the last data time before them [µs].

    Returns
    -------
    int
        DONE, OUT_FULL, OTHER_FULL or DEFINITIONS_CHANGED.
    """
    end = ctl[END]
    while ctl[POS] < end:
        at = ctl[POS]
        if at + HEADER > end:
            skip(ctl, gaps, end, CUT, 0)
            break
        size, kind = u16(data, at), int(data[at + 2])
        whole = _LEAST[kind] <= size <= _MOST[kind] and at + HEADER + size <= end
        if kind != DATA and whole:
            if ctl[N_OTHER] == other_at.size:
                return OTHER_FULL
            step_other(data, ctl, by_id, seen, gaps, other_at, other_t)
            continue
        if ctl[DIRTY]:
            return DEFINITIONS_CHANGED
        if ctl[N_OUT] == out_at.size:
            return OUT_FULL
        walk_data(data, ctl, by_id, out_at, out_slot)
        if ctl[POS] == at:
            step_odd(data, ctl, by_id, seen, gaps, orphans)
    return DONE


@numba.njit(nogil=True, cache=True)
def is_keyed(data: ByteArray, at: int) -> bool:
    """Whether the frame at ``at`` is an I, M, P or Q that reads without doubt."""
    size, kind = u16(data, at), int(data[at + 2])
    if _KEY_AT[kind] == 0:
        return False
    key_at = at + _KEY_AT[kind]
    key = int(data[key_at])
    rest = size - (key_at - at - HEADER) - 1 - key
    if rest < 0:
        return False
    if kind == 73 or kind == 77:  # I, M
        return True
    if rest != 4:
        return False
    return begins(data, key_at + 1, key, _FLOAT) or begins(data, key_at + 1, key, _INT32)


@numba.njit(nogil=True, cache=True)
def begins(data: ByteArray, at: int, size: int, start: ByteArray) -> bool:
    """Whether the ``size`` bytes at ``at`` begin with ``start`` and go on."""
    if size <= start.size:
        return False
    for i in range(start.size):
        if data[at + i] != start[i]:
            return False
    return True


@numba.njit(nogil=True, cache=True)
def is_crash_dump(data: ByteArray, at: int) -> bool:
    """Whether the key of a well-formed M frame is one of those that a crash handler writes."""
    key_at = at + _KEY_AT[77]
    key = int(data[key_at])
    for i in range(key - _CRASH.size):
        if begins(data, key_at + 1 + i, _CRASH.size + 1, _CRASH):
            return True
    return False


@numba.njit(nogil=True, cache=True)
def sort_others(data, ctl, other_at, urgent, later):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Part the frames that are not data into those to read now and those to read when asked for.

    Parameters, and what the log says of itself, come by the thousand and are seldom asked for. A
    parameter behind the start of the data (the first A, L or C) is a change, and read at once.

    Parameters
    ----------
    other_at : int64, shape (n,)
    urgent : int64, shape (≥ n,)
        Written: indices into ``other_at``.
    later : int64, shape (≥ n,)
        Written: offsets in the file.

    Returns
    -------
    tuple of (urgent, later) counts
    """
    n_urgent = n_later = 0
    for i in range(ctl[N_OTHER]):
        at = other_at[i]
        kind = int(data[at + 2])
        if kind == 65 or kind == 76 or kind == 67:
            ctl[IN_DATA] = 1
        if is_keyed(data, at) and not (kind == 80 and ctl[IN_DATA]):
            later[n_later] = at
            n_later += 1
            if kind == 77 and is_crash_dump(data, at):
                ctl[CRASH_DUMP] = 1
        else:
            urgent[n_urgent] = i
            n_urgent += 1
    return n_urgent, n_later

"""The walk over the frames of one log: one pass, no Python object for a frame, nothing raised.

A frame is a marker byte and fields, packed as the header describes; it has neither length nor
checksum. It is believed when a legal marker follows it and it is not longer than ``ctl[LIMIT]``.
Main frames (I, P) hold differences to the frames before, so after damage only an I frame counts;
P frames behind damage that spared the main frames count if the next I frame proves them.

Python lends the tables (``tables``: main, slow, GPS, home, event; ``stamps``: time and offset of
each row) and calls again when one of them is full.
"""

import numba
import numpy as np
import numpy.typing as npt

from flyoff.decoders.blackbox.encodings._kernels import (
    PAST_END,
    read_event,
    read_frame,
)
from flyoff.units import IntArray

Table = npt.NDArray[np.uint32]
Tables = tuple[Table, Table, Table, Table, Table]
Stamps = tuple[IntArray, IntArray, IntArray, IntArray, IntArray]

# kinds of frames; the tables are numbered as the kinds, I and P sharing the first
INTRA, INTER, SLOW, GPS, HOME, EVENT = range(6)
MAIN_TABLE, SLOW_TABLE, GPS_TABLE, HOME_TABLE, EVENT_TABLE = range(5)

# slots of ``ctl``
POS, END, SYNCED, LIMIT, ROWS = 0, 1, 2, 3, 4  # ROWS: five slots, one a table
LAST_ITER, LAST_TIME, NEXT_ITER, NEXT_TIME, ENDED, HOMES = range(9, 15)
N_GAPS, GAPS_OMITTED, SKIPPED, RESYNCS, FRAMES, REFERENCE = range(15, 21)
ITER_AT, TIME_AT, MOTOR_AT, GPS_TIME_AT, HOME_LAT_AT, HOME_LON_AT, IS_INAV = range(21, 28)
CTL_SIZE = 28

# what ``ctl[REFERENCE]`` says of the main frames before: lost, there, or there before damage to
# frames of other kinds
LOST, SURE, DOUBTED = 0, 1, 2

# predictors as the header numbers them; the second of two home coordinates is ours
PREVIOUS, STRAIGHT_LINE, AVERAGE, MIN_THROTTLE, MOTOR_0, INCREMENT = 1, 2, 3, 4, 5, 6
HOME_LAT, BASE_1500, VBAT_REF, MAIN_TIME, MIN_MOTOR, HOME_LON = 7, 8, 9, 10, 11, 12
N_PREDICTORS = 13

# why bytes were skipped
DAMAGED, ORPHAN, JUMP, CUT, ERASED, AFTER_END = range(6)

# what a walk returns: DONE, or the number of the table that is full
DONE = -1

MASK = 0xFFFFFFFF
#: Source: blackbox-tools and the viewers hold the same limits.
MAX_TIME_JUMP_US = 10_000_000
MAX_ITERATION_JUMP = 5000
#: So many rows may stand before a jump back that they are taken for a false start.
FALSE_START = 8
#: No step of a chain that is to be proved takes more than so many times the mean step.
MAX_STEP_RATIO = 2
#: Erased flash is told from garbage by a run at least this long.
ERASED_RUN = 16
LOGGING_RESUME, LOG_END = 14, 255


@numba.njit(nogil=True, cache=True)
def gap(ctl: IntArray, gaps: IntArray, at: int, length: int, why: int) -> None:
    """Note skipped bytes; what touches the gap before, for the same reason, extends it."""
    ctl[SKIPPED] += length
    n = ctl[N_GAPS]
    if n and gaps[n - 1, 0] + gaps[n - 1, 1] == at and gaps[n - 1, 2] == why:
        gaps[n - 1, 1] += length
    elif n < gaps.shape[0]:
        gaps[n, 0], gaps[n, 1], gaps[n, 2] = at, length, why
        ctl[N_GAPS] = n + 1
    else:
        ctl[GAPS_OMITTED] += 1


@numba.njit(nogil=True, cache=True)
def predict(row, predictors, signed, kind, hist, base, motor_at):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Add to each field of ``row`` what its predictor says, modulo 2³² as the firmware counts.

    Parameters
    ----------
    row : int64, shape (fields,)
        Values as encoded; written.
    predictors, signed : int64, shape (6, fields)
    kind : int
        Row of the two above. All kinds but P stand alone: what was before counts as zero.
    hist : int64, shape (3, fields)
        The main frame before, the one before that, zeros.
    base : int64, shape (N_PREDICTORS,)
        What the predictors add that need no frame; ``base[INCREMENT]`` is the step.
    motor_at : int
        Where ``motor[0]`` stands, -1 if nowhere.
    """
    last, older = (0, 1) if kind == INTER else (2, 2)
    for i in range(row.size):
        how = predictors[kind, i]
        value = row[i]
        if how == PREVIOUS:
            value += hist[last, i]
        elif how == AVERAGE:
            both = hist[last, i] + hist[older, i]
            value += (both + (both < 0)) >> 1  # C rounds toward zero
        elif how == STRAIGHT_LINE:
            value += 2 * hist[last, i] - hist[older, i]
        elif how == INCREMENT:
            value = hist[last, i] + base[INCREMENT]
        elif how == MOTOR_0:
            value += row[motor_at] if motor_at >= 0 else 0
        else:
            value += base[how]
        value &= MASK
        row[i] = value - ((value >> 31 & signed[kind, i]) << 32)


@numba.njit(nogil=True, cache=True)
def keep(ctl, number, at, t_us, row, places, table, stamps):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Append a row to a table: its wanted fields, as 32-bit patterns, its time and offset."""
    n = ctl[ROWS + number]
    stamps[0, n], stamps[1, n] = t_us, at
    for i in range(places.size):
        if places[i] >= 0:
            table[places[i], n] = np.uint32(row[i] & MASK)
    ctl[ROWS + number] = n + 1


@numba.njit(nogil=True, cache=True)
def unwrapped(raw: int, near_us: int) -> int:
    """The time whose low 32 bits are ``raw`` and which is nearest to ``near_us``."""
    ahead = (raw - near_us) & MASK
    return near_us + (ahead if ahead < 1 << 31 else ahead - (1 << 32))


@numba.njit(nogil=True, cache=True)
def follows(iteration: int, t_us: int, last_iteration: int, last_us: int) -> bool:
    """Whether a main frame can come after another: forward, and not by too much."""
    return bool(
        0 <= iteration - last_iteration <= MAX_ITERATION_JUMP
        and 0 <= t_us - last_us <= MAX_TIME_JUMP_US
    )


@numba.njit(nogil=True, cache=True)
def is_believed(ctl: IntArray, kind: int, iteration: int, t_us: int) -> bool:
    """Whether a main frame continues the log; moves the last iteration and time on if so.

    A frame that jumps is not believed, but an I frame that jumps is remembered: if the I frame
    after it continues it, the log really went on there (and lost what was between). A jump back
    counts only against a false start, since it would put two flights into one.
    """
    known = ctl[LAST_ITER] >= 0
    believed = not known or follows(iteration, t_us, ctl[LAST_ITER], ctl[LAST_TIME])
    if not believed and kind == INTRA:
        believed = ctl[NEXT_ITER] >= 0 and follows(iteration, t_us, ctl[NEXT_ITER], ctl[NEXT_TIME])
        forward = iteration >= ctl[LAST_ITER] and t_us >= ctl[LAST_TIME]
        if forward or ctl[ROWS] <= FALSE_START:
            ctl[NEXT_ITER], ctl[NEXT_TIME] = iteration, t_us
    if believed:
        ctl[LAST_ITER], ctl[LAST_TIME], ctl[NEXT_ITER] = iteration, t_us, -1
    return believed


@numba.njit(nogil=True, cache=True)
def take_main(kind, at, ctl, row, predictors, signed, hist, base, skip, table, stamps, places):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Complete a main frame and keep it; False if it does not continue the log."""
    iter_at, time_at = ctl[ITER_AT], ctl[TIME_AT]
    base[INCREMENT] = 1
    if kind == INTER and iter_at >= 0:
        base[INCREMENT] += skip[hist[0, iter_at] % skip.size]
    predict(row, predictors, signed, kind, hist, base, ctl[MOTOR_AT])
    iteration = row[iter_at] if iter_at >= 0 else 0
    t_us = row[time_at] if time_at >= 0 else 0
    if ctl[LAST_TIME] >= 0:
        t_us = unwrapped(t_us, ctl[LAST_TIME])
    if not is_believed(ctl, kind, iteration, t_us):
        return False
    for i in range(row.size):
        hist[1, i] = hist[0, i] if kind == INTER else row[i]
        hist[0, i] = row[i]
    base[MAIN_TIME] = t_us & MASK
    keep(ctl, MAIN_TABLE, at, t_us, row, places, table, stamps)
    return True


@numba.njit(nogil=True, cache=True)
def take_other(  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    kind, at, ctl, row, predictors, signed, hist, base, tables, stamps, places
):
    """Complete a slow, GPS or home frame and keep it."""
    t_us = max(ctl[LAST_TIME], 0)
    predict(row, predictors, signed, kind, hist, base, -1)
    if kind == SLOW:
        keep(ctl, SLOW_TABLE, at, t_us, row, places[1], tables[1], stamps[1])
    elif kind == GPS:
        if ctl[GPS_TIME_AT] >= 0:
            t_us = max(0, unwrapped(row[ctl[GPS_TIME_AT]] & MASK, t_us))
        keep(ctl, GPS_TABLE, at, t_us, row, places[2], tables[2], stamps[2])
    else:
        if ctl[HOME_LAT_AT] >= 0 and ctl[HOME_LON_AT] >= 0:
            base[HOME_LAT], base[HOME_LON] = row[ctl[HOME_LAT_AT]], row[ctl[HOME_LON_AT]]
            ctl[HOMES] += 1
        keep(ctl, HOME_TABLE, at, t_us, row, places[3], tables[3], stamps[3])


@numba.njit(nogil=True, cache=True)
def take_event(at, ctl, row, tables, stamps, places):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Keep an event; a pause of logging lets the next main frame jump, an end ends the log."""
    t_us = max(ctl[LAST_TIME], 0)
    if row[0] == LOGGING_RESUME:
        ahead = (row[2] - t_us) & MASK
        # logging can have rested for more than half of the clock's round, but not run back
        t_us += ahead if ahead < MASK - MAX_TIME_JUMP_US else 0
        ctl[LAST_ITER], ctl[LAST_TIME] = row[1] & MASK, t_us
    elif row[0] == LOG_END:
        ctl[ENDED] = 1
    keep(ctl, EVENT_TABLE, at, t_us, row, places[4], tables[4], stamps[4])


@numba.njit(nogil=True, cache=True)
def read(data, at, end, ctl, kinds, ops, spans, row):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Where the frame at ``at`` ends if it is well formed and a marker or the end follows.

    -1 if it is not; ``PAST_END`` if the log ends inside it.
    """
    kind = kinds[data[at]]
    stop = min(end, at + ctl[LIMIT])
    if kind == EVENT:
        after = read_event(data, at + 1, stop, row, ctl[IS_INAV])
    else:
        after = read_frame(data, at + 1, stop, ops, spans[kind, 0], spans[kind, 1], row)
    if after == PAST_END:
        return PAST_END if stop == end else -1
    if after >= 0 and after < end and kinds[data[after]] < 0:
        # what follows the end of a log is no frame: the next log, erased flash
        return after if kind == EVENT and row[0] == LOG_END else -1
    return after


@numba.njit(nogil=True, cache=True)
def chains(data, after, end, ctl, kinds, ops, spans, spare):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Whether what follows a doubtful frame is a frame as well."""
    if after == end or kinds[data[after]] < 0:
        return True
    following = read(data, after, end, ctl, kinds, ops, spans, spare)
    return following >= 0 or following == PAST_END


@numba.njit(nogil=True, cache=True)
def is_ambiguous(data, at, ctl, kinds, ops, spans, row):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Whether a P frame has another in its tail: then it may begin in what was damaged."""
    after = read(data, at, ctl[END], ctl, kinds, ops, spans, row)
    for i in range(at + 1, after):
        if kinds[data[i]] == INTER and read(data, i, after, ctl, kinds, ops, spans, row) == after:
            return True
    return False


@numba.njit(nogil=True, cache=True)
def is_proved(data, at, ctl, kinds, ops, spans, fields, hist, base, skip, row, size):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Whether the next I frame meets the P frames from ``at`` on; changes nothing that is kept.

    It stands alone, and it is the very frame that the logged ratio puts behind the last of them:
    then none was lost and none invented. Time has to run through all of them, from the frame
    before the damage to the I frame, at a steady pace.
    """
    iter_at, time_at, (predictors, signed) = ctl[ITER_AT], ctl[TIME_AT], fields
    if ctl[REFERENCE] != DOUBTED or min(iter_at, time_at) < 0 or ctl[LAST_ITER] != hist[0, iter_at]:
        return False
    if is_ambiguous(data, at, ctl, kinds, ops, spans, row):
        return False
    unsigned = signed[INTER, :size] == 0
    unsigned[time_at] = False  # goes round
    past, iteration, t_us, longest, kind = hist.copy(), ctl[LAST_ITER], ctl[LAST_TIME], 0.0, INTER
    while kind != INTRA:
        if at >= ctl[END]:
            return False
        kind = kinds[data[at]]
        at = read(data, at, ctl[END], ctl, kinds, ops, spans, row)
        if at < 0 or (kind == EVENT and (row[0] == LOGGING_RESUME or row[0] == LOG_END)):
            return False
        if kind > INTER:
            continue
        step = 1 + skip[iteration % skip.size]
        base[INCREMENT] = step
        predict(row, predictors, signed, kind, past, base, ctl[MOTOR_AT])
        now_us = unwrapped(row[time_at], t_us)
        fell = np.any(unsigned & (row[:size] > MASK >> 1))  # below zero
        if row[iter_at] != iteration + step or now_us <= t_us or fell:
            return False
        longest = max(longest, (now_us - t_us) / step)
        iteration, t_us, past[1], past[0] = row[iter_at], now_us, past[0], row
    mean = (t_us - ctl[LAST_TIME]) / (iteration - ctl[LAST_ITER])
    return longest <= MAX_STEP_RATIO * mean


@numba.njit(nogil=True, cache=True)
def pass_garbage(data, ctl, kinds, gaps):  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    """Skip bytes that begin no frame; the stream is out of step afterwards."""
    at, end = ctl[POS], ctl[END]
    after, erased = at, 0
    while after < end and data[after] == 0xFF:
        after += 1
    why = ERASED if after - at >= ERASED_RUN else DAMAGED
    while why == DAMAGED and after < end and kinds[data[after]] < 0:
        erased = erased + 1 if data[after] == 0xFF else 0
        after += 1
        if erased == ERASED_RUN:
            after -= ERASED_RUN  # the run is a gap of its own
            break
    gap(ctl, gaps, at, after - at, why)
    lose_step(ctl, DOUBTED)  # what stands here was no main frame
    ctl[POS] = after


@numba.njit(nogil=True, cache=True)
def lose_step(ctl: IntArray, reference: int) -> None:
    """From here on no main frame is believed until an I frame continues the log or proves it."""
    ctl[RESYNCS] += ctl[SYNCED]
    ctl[SYNCED] = 0
    if ctl[REFERENCE] != LOST:
        ctl[REFERENCE] = reference


@numba.njit(nogil=True, cache=True)
def walk(  # type: ignore[no-untyped-def]  # compiled for the arrays of decode.py
    data, ctl, kinds, ops, spans, fields, base, skip, hist, rows, tables, stamps, places, gaps
):
    """Read frames to ``ctl[END]``, to the end marker, or until a table is full.

    Parameters
    ----------
    data : uint8, shape (size,)
    ctl : int64, shape (CTL_SIZE,)
    kinds : int8, shape (256,)
        Kind of frame that a marker begins, -1 where it begins none.
    ops, spans : int64, shape (ops, 3) and (6, 2)
        How the fields are packed: encoding, first field, how many; and which ops make a kind.
    fields : (predictors, signed), each int64, shape (6, fields)
    base : int64, shape (N_PREDICTORS,)
    skip : int64, shape (I interval,)
        Iterations that are left out by intent after iteration i.
    hist, rows : int64, shape (3, fields) and (2, fields), wider than any frame
        The two main frames before and zeros; two rows to work with.
    tables, stamps, places : see above; places: which column of its table a field goes to, or -1
    gaps : int64, shape (n, 3)
        Offset, length, reason.
    """
    end, row, spare = ctl[END], rows[0], rows[1]
    predictors, signed = fields
    table, stamp, place = tables[0], stamps[0], places[0]  # the busiest
    while ctl[POS] < end and not ctl[ENDED]:
        at = ctl[POS]
        kind = kinds[data[at]]
        if kind < 0:
            pass_garbage(data, ctl, kinds, gaps)
            continue
        number = max(kind - 1, 0)
        if ctl[ROWS + number] == (stamp if number == 0 else stamps[number]).shape[1]:
            return number
        after = read(data, at, end, ctl, kinds, ops, spans, row)
        if after == PAST_END and ctl[SYNCED]:
            gap(ctl, gaps, at, end - at, CUT)
            ctl[POS] = end
            break
        if after < 0 or not (
            ctl[SYNCED] or chains(data, after, end, ctl, kinds, ops, spans, spare)
        ):
            gap(ctl, gaps, at, 1, DAMAGED)
            # out of step, the letter of a main frame may be any byte of what was damaged
            lose_step(ctl, LOST if ctl[SYNCED] and kind <= INTER else DOUBTED)
            ctl[POS] = at + 1
            continue
        ctl[POS] = after
        if kind == EVENT:
            take_event(at, ctl, row, tables, stamps, places)
        elif kind > INTER:
            take_other(kind, at, ctl, row, predictors, signed, hist, base, tables, stamps, places)
        elif (
            kind == INTER
            and ctl[REFERENCE] != SURE
            and not is_proved(
                data, at, ctl, kinds, ops, spans, fields, hist, base, skip, spare, place.size
            )
        ):
            gap(ctl, gaps, at, after - at, ORPHAN)
            ctl[REFERENCE] = LOST  # nothing is tried twice: the time is linear
            continue
        elif take_main(
            kind, at, ctl, row, predictors, signed, hist, base, skip, table, stamp, place
        ):
            ctl[SYNCED] = ctl[REFERENCE] = SURE
        else:
            gap(ctl, gaps, at, after - at, JUMP)
            lose_step(ctl, LOST)
            continue
        ctl[FRAMES] += 1
    return DONE

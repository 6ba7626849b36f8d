"""ASTERIX by the library's tables: raw blocks, captures with UDP, and FINAL recordings.

Known limits: of several editions of a category the newest that explains every byte of the block is
taken, unless one is named; category 001/002 and the service categories are passed over; a place in
the Cartesian plane of a fusion system (I062/100) is not used, only its WGS-84 one. Times of day get
their date from the capture, or from the date of the trial.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from flyoff.errors import TrialError
from flyoff.trials.account import Accountant
from flyoff.trials.readers import capture, cat129
from flyoff.trials.readers.asterix_items import CATEGORIES, Record, at_time, is_nowhere, of_129
from flyoff.trials.readers.time_of_day import DayClock
from flyoff.trials.reports import Reading, Report, Reports

NAME: Final = "asterix"
#: Categories that a block may begin with, for looking for the next one after damage.
_KNOWN: Final = frozenset(
    {1, 2, 4, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 23, 25, 30, 32, 34, 48, 62, 63, 65}
    | {129, 150, 205, 240, 247}
)
_FINAL_HEAD, _FINAL_TAIL, _FINAL_PAD = 8, 4, b"\xa5\xa5\xa5\xa5"
_WRAPPER: Final = 6
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes that hold blocks one after the other, when they were received, and where they lie."""

    data: bytes
    received_s: float
    offset: int


def read(
    data: bytes, *, start_s: float | None = None, editions: Mapping[int, str] | None = None
) -> Reading:
    """Read a recording.

    Parameters
    ----------
    data : bytes
    start_s : float [s, UNIX UTC] or None
        Midnight of the trial's date, or any instant of it, for recordings without a date.
    editions : mapping of category to edition, such as ``{21: "0.26"}``
    """
    account = Accountant(len(data))
    clock, rows, undated = DayClock(start_s), [], False
    chosen = {c: (e.replace(".", "_"),) for c, e in (editions or {}).items()}
    for stretch in _stretches(data, account):
        for at, category, record in _blocks(stretch, account):
            undated |= start_s is None and stretch.received_s != stretch.received_s
            for report in _reports(category, record, stretch.offset + at, chosen, account):
                time_s = clock.utc(report.time_s, stretch.received_s)
                rows.append(at_time(report, time_s, stretch.received_s))
    notes = ("no date: neither the recording nor the trial names one",) if undated and rows else ()
    return Reading(NAME, Reports.of(rows), account.close(), notes)


def sniff(head: bytes) -> bool:
    """Whether the file begins with an ASTERIX block, or with a FINAL record of one."""
    return _begins_block(head, 0) or _is_final(head)


def _stretches(data: bytes, account: Accountant) -> Iterator[Stretch]:
    if capture.is_capture(data):
        for packet in capture.packets(data, account):
            found = capture.datagram(packet)
            if found is None:
                account.passed("a packet that is no UDP datagram")
            else:
                yield Stretch(found[0], packet.time_s, found[1])
    elif _is_final(data):
        yield from _final(data, account)
    else:
        yield Stretch(data, _NAN, 0)


def _final(data: bytes, account: Accountant) -> Iterator[Stretch]:
    """Records of 2 bytes length, 6 bytes of how it was received, blocks, and filling."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        if size < _FINAL_HEAD + 3 or at + size > len(data):
            account.gap(at, len(data) - at, "the recording ends inside a record", is_cut=True)
            return
        end = at + size
        if data[end - _FINAL_TAIL : end] == _FINAL_PAD:
            end -= _FINAL_TAIL
        yield Stretch(data[at + _FINAL_HEAD : end], _NAN, at + _FINAL_HEAD)
        at += size
        if data[at : at + _FINAL_TAIL] == _FINAL_PAD:
            at += _FINAL_TAIL


def _is_final(head: bytes) -> bool:
    if len(head) < _FINAL_HEAD + 3:
        return False
    size = int.from_bytes(head[:2], "big")
    inside = int.from_bytes(head[9:11], "big")
    fits = inside + _FINAL_HEAD in (size, size - _FINAL_TAIL) or head[0] == 0
    return fits and _FINAL_HEAD + 3 <= size and head[8] in _KNOWN and 3 <= inside <= size


def _begins_block(data: bytes, at: int) -> bool:
    if at + 3 > len(data) or data[at] not in _KNOWN:
        return False
    return int.from_bytes(data[at + 1 : at + 3], "big") > 3


def _is_wrapped(data: bytes, at: int) -> bool:
    """Whether a recorder put a length and a time of its own before the block that follows."""
    inside = at + _WRAPPER
    if not _begins_block(data, inside):
        return False
    size = int.from_bytes(data[inside + 1 : inside + 3], "big")
    return int.from_bytes(data[at : at + 2], "big") == size + _WRAPPER


def _chains(data: bytes, at: int) -> bool:
    """Whether a block begins here, and the end or another block follows it."""
    if not _begins_block(data, at):
        return False
    after = at + int.from_bytes(data[at + 1 : at + 3], "big")
    return after == len(data) or _begins_block(data, after)


def _blocks(stretch: Stretch, account: Accountant) -> Iterator[tuple[int, int, bytes]]:
    """Blocks as (offset of the records, category, records); looks for the next one after damage."""
    data, at = stretch.data, 0
    while at < len(data):
        at += _WRAPPER if _is_wrapped(data, at) else 0
        size = int.from_bytes(data[at + 1 : at + 3], "big")
        if _begins_block(data, at) and at + size <= len(data):
            yield at + 3, data[at], data[at + 3 : at + size]
            at += size
            continue
        start, is_cut = at, _begins_block(data, at) or len(data) - at < 3
        at += 1
        while at < len(data) and not _chains(data, at):
            at += 1
        reason = "the recording ends inside a block" if is_cut else "no ASTERIX block"
        account.gap(stretch.offset + start, at - start, reason, is_cut=is_cut and at == len(data))


def _reports(
    category: int,
    data: bytes,
    offset: int,
    chosen: Mapping[int, tuple[str, ...]],
    account: Accountant,
) -> Iterator[Report]:
    if category == 129:
        said = cat129.parse(data)
        if said is None:
            account.gap(offset, len(data), "a record of category 129 that cannot be read")
        else:
            account.messages += 1
            yield of_129(said)
        return
    editions, of = CATEGORIES.get(category, ((), None))
    if not editions:
        account.passed(f"category {category:03d}")
        return
    records = _records(category, data, chosen.get(category, editions))
    if not records:
        shown = ", ".join(e.replace("_", ".") for e in chosen.get(category, editions))
        reason = f"category {category:03d}: no edition of {shown} explains the block"
        account.gap(offset, len(data), reason)
    found = [of(Record(record)) for record in records] if of else []
    if any(report is not None and is_nowhere(report) for report in found):
        reason = f"category {category:03d}: places off the earth, the block is of another edition"
        account.gap(offset, len(data), reason)
        return
    account.messages += len(records)
    if of is None:
        for _ in records:
            account.passed(f"category {category:03d}")
    yield from (report for report in found if report is not None)


def _records(category: int, data: bytes, editions: tuple[str, ...]) -> list[Any]:
    """Records by the first edition that explains every byte of the block; none without one.

    Another edition often explains the beginning, and then the numbers are nonsense.
    """
    for edition in editions:
        found = _parsed(_record_class(category, edition), data)
        if found:
            return found
    return []


def _parsed(record_class: Any, data: bytes) -> list[Any]:
    import asterix.base as base

    left, found = base.Bits.from_bytes(data), []
    while len(left):
        result = record_class.parse(base.ParsingMode.StrictParsing, left)
        if isinstance(result, ValueError) or len(result[1]) == len(left):
            return []
        found.append(result[0])
        left = result[1]
    return found


@cache
def _record_class(category: int, edition: str) -> Any:
    # its tables are 190,000 lines: loaded when the first block is met, never before
    import asterix.generated as tables

    found = getattr(tables, f"Cat_{category:03d}_{edition}", None)
    if found is None:
        shown = edition.replace("_", ".")
        raise TrialError(f"ASTERIX category {category:03d}: edition {shown} is not known")
    return found.cv_record

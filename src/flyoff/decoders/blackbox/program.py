"""From the description of the frames to the arrays that the kernels follow."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from flyoff.decoders.blackbox import _kernels as k
from flyoff.decoders.blackbox.encodings import _kernels as e
from flyoff.decoders.blackbox.layout import KINDS, FrameLayout, Header
from flyoff.units import IntArray

#: Firmware whose encoding 10 is not Betaflight's: there it is Elias gamma, as 11 is. Cleanflight 2
#: is Betaflight's code, and so are its encodings.
ELIAS_GAMMA: Final = frozenset({"INAV", "Cleanflight", "Baseflight"})
_BETAFLIGHTS_CLEANFLIGHT: Final = (2, 0, 0)
#: How many fields an encoding packs together; -8: as many neighbours as share it, up to 8.
_GROUP: Final = {
    e.TAG8_8SVB: 8,
    e.TAG2_3S32: 3,
    e.TAG2_3SVARIABLE: 3,
    e.TAG8_4S16: 4,
    e.TAG8_4S16_V1: 4,
}
_ELIAS: Final = frozenset({e.DELTA_U32, e.DELTA_S32, e.GAMMA_U32, e.GAMMA_S32})
_SINGLE: Final = frozenset({e.SIGNED_VB, e.UNSIGNED_VB, e.NEG_14BIT, e.NULL})
#: The event table's columns: number, then up to five values.
EVENT_FIELDS: Final = 6
MAX_I_INTERVAL: Final = 1 << 16
#: Frames of a usual firmware stay below this; Indiflight's, of 200 fields, do not.
#: Source: FLIGHT_LOG_MAX_FRAME_LENGTH in blackbox-tools and the viewers.
MAX_FRAME: Final = 256
_BYTES_PER_FIELD: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What the kernels need to know of a log; see ``_kernels.walk``.

    Attributes
    ----------
    notes : tuple of str
        Kinds of frames that cannot be read, and why.
    """

    kinds: npt.NDArray[np.int8]
    ops: IntArray
    spans: IntArray
    predictors: IntArray
    signed: IntArray
    base: IntArray
    skip: IntArray
    ctl: IntArray
    notes: tuple[str, ...]

    @property
    def width(self) -> int:
        """Length of the rows that the kernels work with."""
        return int(self.predictors.shape[1])


def program_of(header: Header) -> Program:
    """Translate a header."""
    frames, notes = _readable(header)
    width = max([EVENT_FIELDS, *(len(f.names) for f in frames.values())]) + 4
    kinds = np.full(256, -1, dtype=np.int8)
    predictors, signed = np.zeros((2, 6, width), dtype=np.int64)
    ops: list[tuple[int, int, int]] = []
    spans = np.zeros((6, 2), dtype=np.int64)
    for number, kind in enumerate(KINDS):
        if kind not in frames:
            continue
        layout = frames[kind]
        kinds[ord(kind)] = number
        predictors[number, : len(layout.names)] = layout.predictors
        signed[number, : len(layout.names)] = np.array(layout.signed) != 0
        first = len(ops)
        ops += _ops(layout)
        spans[number] = first, len(ops)
    kinds[ord("E")] = k.EVENT
    program = Program(
        kinds,
        np.array(ops, dtype=np.int64).reshape(-1, 3),
        spans,
        predictors,
        signed,
        _base(header),
        _skip(header),
        np.zeros(k.CTL_SIZE, dtype=np.int64),
        tuple(notes),
    )
    _start(program.ctl, frames, header)
    return program


def _readable(header: Header) -> tuple[dict[str, FrameLayout], list[str]]:
    """Layouts with our own numbers for encodings, without those that no reader knows."""
    frames: dict[str, FrameLayout] = {}
    notes = [f"frames {kind} are not described" for kind in "IP" if kind not in header.frames]
    for kind, layout in header.frames.items():
        encodings = tuple(_code(code, header) for code in layout.encodings)
        predictors = _home_pairs(layout.predictors)
        odd = [c for c, ours in zip(layout.encodings, encodings, strict=True) if ours < 0]
        if odd:
            notes.append(f"frames {kind} use encoding {odd[0]}, which no reader knows")
        elif not all(0 <= p < k.N_PREDICTORS for p in predictors):
            notes.append(f"frames {kind} use a predictor that no reader knows")
        else:
            frames[kind] = FrameLayout(layout.names, layout.signed, predictors, encodings)
    if "I" not in frames:
        frames.pop("P", None)
    return frames, notes


def _code(code: int, header: Header) -> int:
    """Our number of an encoding: 10 and 11 mean what the firmware means by them."""
    is_betaflights = header.firmware == "Cleanflight" and header.version >= _BETAFLIGHTS_CLEANFLIGHT
    if code in (10, 11) and header.firmware in ELIAS_GAMMA and not is_betaflights:
        return e.GAMMA_U32 if code == 10 else e.GAMMA_S32
    if code == e.TAG8_4S16 and header.integer("Data version", 2) < 2:
        return e.TAG8_4S16_V1
    return code if code in _SINGLE or code in (4, 5, 6, 7, 8, 10) else -1


def _home_pairs(predictors: tuple[int, ...]) -> tuple[int, ...]:
    """Latitude and longitude of home share one number; the second of a pair gets ours."""
    found = [p if p < k.HOME_LON else -1 for p in predictors]  # 12 is no number of the format
    for i in range(1, len(found)):
        if found[i - 1] == found[i] == k.HOME_LAT:
            found[i] = k.HOME_LON
    return tuple(found)


def _ops(layout: FrameLayout) -> list[tuple[int, int, int]]:
    """Encoding, first field, number of fields, for each run that is read at once."""
    codes = [
        e.NULL if predictor == k.INCREMENT else code
        for code, predictor in zip(layout.encodings, layout.predictors, strict=True)
    ]
    ops: list[tuple[int, int, int]] = []
    at = 0
    while at < len(codes):
        code, count = codes[at], 1
        most = _GROUP.get(code, len(codes)) if code in _GROUP else len(codes)
        if code == e.TAG8_8SVB or code in _SINGLE or code in _ELIAS:
            while count < most and at + count < len(codes) and codes[at + count] == code:
                count += 1
        else:
            count = min(most, len(codes) - at)
        ops.append((code, at, count))
        at += count
    return ops


def _base(header: Header) -> IntArray:
    """What the predictors add that need no frame before; defaults as other readers have them."""
    base = np.zeros(k.N_PREDICTORS, dtype=np.int64)
    base[k.MIN_THROTTLE] = header.integer("minthrottle", 1150)
    base[k.INCREMENT] = 1
    base[k.BASE_1500] = 1500
    base[k.VBAT_REF] = header.integer("vbatref", 4095)
    base[k.MIN_MOTOR] = header.integer("motorOutput", int(base[k.MIN_THROTTLE]))
    return base


def _skip(header: Header) -> IntArray:
    """How many iterations are left out after each one of an I interval."""
    interval = min(max(header.integer("I interval", 32), 1), MAX_I_INTERVAL)
    of, _, rest = header.text.get("P interval", "").partition("/")
    parts = [int(p) if p.strip().isdecimal() and len(p) < 7 else 0 for p in (of, rest or "0")]
    num, denom = (parts[0], parts[1]) if parts[1] else (1, parts[0])
    num, denom = max(num, 1), max(denom, 1)
    i = np.arange(interval, dtype=np.int64)
    logged = np.flatnonzero((i + num - 1) % denom < num)  # the first always is
    following = np.append(logged, interval)[np.searchsorted(logged, i, side="right")]
    return np.asarray(following - i - 1, dtype=np.int64)


def _start(ctl: IntArray, frames: dict[str, FrameLayout], header: Header) -> None:
    def place(kind: str, name: str) -> int:
        names = frames[kind].names if kind in frames else ()
        return names.index(name) if name in names else -1

    ctl[k.POS] = header.end
    ctl[k.SYNCED] = not header.is_cut
    ctl[k.LIMIT] = max(
        MAX_FRAME, _BYTES_PER_FIELD * max((len(f.names) for f in frames.values()), default=0)
    )
    ctl[[k.LAST_ITER, k.LAST_TIME, k.NEXT_ITER]] = -1
    ctl[k.ITER_AT], ctl[k.TIME_AT] = place("I", "loopIteration"), place("I", "time")
    ctl[k.MOTOR_AT], ctl[k.GPS_TIME_AT] = place("I", "motor[0]"), place("G", "time")
    ctl[k.HOME_LAT_AT], ctl[k.HOME_LON_AT] = place("H", "GPS_home[0]"), place("H", "GPS_home[1]")
    ctl[k.IS_INAV] = header.firmware == "INAV"

"""What is fuzzed: every decoder, and the readers of plans, archives and column files.

A target is a check, which may raise nothing but the errors that the house declares, and a seed: a
whole input of the kind, as small as it can be, since the kernels run as plain Python.
"""

import gzip
import importlib
import io
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from flyoff.decoders import BUILTIN, Decoder, Source
from flyoff.decoders.containers import open_container
from flyoff.decoders.csv.mapping import read_mapping
from flyoff.decoders.plans import read_plan
from flyoff.errors import DecodeError, ExchangeError, PlanError
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import sign_claim
from flyoff.exchange.bundle.manifest import MANIFEST, STATEMENT, line, manifest
from flyoff.exchange.bundle.reader import read_bundle
from flyoff.exchange.keys import PrivateKey
from flyoff.lake.parcel import from_parquet, to_parquet
from flyoff.trials.readers import format_of
from flyoff.trials.readers import read as read_sensor
from flyoff.trials.site import Post, Site, place
from tests.scenarios import blackbox, csv, dataflash, dataflash_text, trial_files, ulog
from tests.scenarios import tlog as tlogs


@dataclass(frozen=True)
class Target:
    """One thing that reads what strangers wrote.

    Attributes
    ----------
    check : callable
        Of the input; raises where something is wrong with the reader.
    seeds : tuple of bytes
    repaired : callable or None
        Gives an input whose checksums are right again, without which few mutations get far.
    """

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    repaired: Callable[[bytes], bytes] | None = None


def _decoder(name: str) -> Callable[[bytes], None]:
    decoder: Decoder = importlib.import_module(f"flyoff.decoders.{name}").DECODER

    def check(data: bytes) -> None:
        decoder.sniff(data[:4096])
        try:
            raw = decoder.decode(Source("fuzzed", data))
        except DecodeError:
            return
        receipt = raw.receipt
        assert receipt.decoded_bytes + receipt.skipped_bytes == len(data), receipt
        for topic in raw.topics.values():
            for column in topic.columns().values():
                assert len(column) == len(topic), topic
        try:
            recordings = decoder.normalise(raw)
        except DecodeError:  # a table whose times cannot be read is refused when they are
            return
        for recording in recordings:
            for name in recording:
                channel = recording[name]
                assert channel.t_us.shape == channel.values.shape, name

    return check


def _plan(data: bytes) -> None:
    with suppress(PlanError):
        read_plan(Source("fuzzed.plan", data))


def _container(data: bytes) -> None:
    try:
        found = open_container(Source("fuzzed", data))
    except DecodeError:
        return
    for name in found.members if found else ():
        assert not name.startswith("/"), name
        assert ".." not in name.split("/"), name
        assert found is not None
        found.head(name)
        try:
            inner = found.open(name)
        except DecodeError:
            continue
        assert len(inner) <= max(16 << 20, 250 * len(data)), name


def _sensor(name: str) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        format_of(data)
        found = read_sensor(data, name)
        account = found.account
        assert account.decoded_bytes + account.skipped_bytes == len(data), account
        placed = place(found.reports, Post(47.0, 8.0, 500.0), Site(47.0, 8.0, 500.0))
        assert len(placed) == len(found.reports)

    return check


def _bundle(data: bytes) -> None:
    with suppress(ExchangeError):
        read_bundle(memoryview(data), [_KEY.public])
        raise AssertionError("a changed bundle was believed")


def _parcel(data: bytes) -> None:
    """A table of a bundle whose signature holds: the signer may mean harm."""
    with suppress(ExchangeError):
        from_parquet("measures", data)


def _signed(data: bytes) -> bytes:
    """A bundle whose CRCs, manifest and signature fit what was changed in its files."""
    try:
        files = {n: bytes(c) for n, c in archive.read(memoryview(data)).items()}
    except ExchangeError:
        return data
    return _sealed(files)


def _sealed(files: dict[str, bytes]) -> bytes:
    left = {n: c for n, c in files.items() if n not in (MANIFEST, STATEMENT)}
    listed = manifest([line(n, c) for n, c in left.items()])
    claim = {"created_utc": "2026-01-01T00:00:00Z", "policy": {"name": "x", "sha256": "0" * 64}}
    left |= {MANIFEST: listed, STATEMENT: sign_claim(claim, listed, [_KEY])}
    out = io.BytesIO()
    archive.write(sorted(left.items()), out)
    return out.getvalue()


def _columns(data: bytes) -> None:
    with suppress(DecodeError):
        read_mapping("fuzzed", data, ("when", "height", "speed", "state"))


def _frames(data: bytes) -> bytes:
    """A tlog whose frames have the checksums that their contents ask for."""
    from flyoff.decoders.tlog.framing import STAMPED, frame_bytes
    from flyoff.decoders.tlog.layout import dialect

    known, out, at = dialect(), bytearray(data), STAMPED.stamp
    while at < len(out):
        size = frame_bytes(bytes(out[at : at + 4]), 0)
        if size <= 0 or at + size > len(out):
            at += 1
            continue
        is_old = out[at] == 0xFE
        number = out[at + 5] if is_old else int.from_bytes(out[at + 7 : at + 10], "little")
        body = at + (6 if is_old else 10) + out[at + 1]
        row = known.numbers[number] if number < known.numbers.size else -1
        if row >= 0:
            right = tlogs.crc(bytes(out[at + 1 : body]) + bytes((int(known.seeds[row]),)))
            out[body : body + 2] = right.to_bytes(2, "little")
        at += size + STAMPED.stamp
    return bytes(out)


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as file:
        info = tarfile.TarInfo("a/1.BIN")
        info.size = 4
        file.addfile(info, io.BytesIO(b"\xa3\x95\x80\x80"))
    return out.getvalue()[:1536]


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("1.ulg", b"ULog\x01\x12\x35")
        file.writestr("b/2.tlog", b"stamp" * 9, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _small_dataflash() -> bytes:
    log = dataflash.DataFlashLog()
    log.define(dataflash.FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.define(59, "MSG", "QZ", "TimeUS,Message")
    log.define(72, "ATT", "Qcccc", "TimeUS,DesRoll,Roll,DesPitch,Pitch")
    log.write("MSG", 1_000_000, "ArduCopter V4.6.3 (3fc7011a)")
    for tick in range(8):
        log.write("ATT", 2_000_000 + tick * 20_000, 1.5, 1.25, -2.0, -1.75)
    return bytes(log)


def _small_blackbox() -> bytes:
    log = blackbox.small()
    blackbox.run(log, 20)
    log.disarm(4)
    log.end()
    return bytes(log)


PLAN_TEXT = b"""QGC WPL 110
0\t1\t0\t16\t0\t0\t0\t0\t47.1\t8.2\t500\t1
1\t0\t3\t22\t0\t0\t0\t0\t47.1\t8.2\t20\t1
2\t0\t3\t177\t1\t2\t0\t0\t0\t0\t0\t1
"""
PLAN_JSON = b"""{"fileType":"Plan","version":1,"mission":{"version":2,
"plannedHomePosition":[47,8,500],"items":[{"type":"SimpleItem","command":22,"frame":3,"doJumpId":1,"params":[0,0,0,null,47,8,20]},
{"type":"ComplexItem","complexItemType":"fwLandingPattern","version":2,"landCoordinate":[47,8,0],
"landingApproachCoordinate":[47,8.1,30],"loiterRadius":50}]}}"""
COLUMNS = b"""decimal = ","
[vehicle]
kind = "fixed_wing"
[time]
column = "when"
format = "s"
[columns]
height = { channel = ["position.height"], unit = "ft" }
state = { channel = "arm.is_armed", true = ["fly"] }
"""
_KEY = PrivateKey(b"a" * 32)
_MEASURE = {"sortie_id": "a", "log_sha256": "b", "measure": "m", "value": 1.0, "unit": "m"}
_DECODERS = tuple(module.rpartition(".")[2] for module in BUILTIN)
_SEEDS: dict[str, Callable[[], tuple[bytes, ...]]] = {
    "ulog": lambda: (ulog.sample(4),),
    "dataflash": lambda: (_small_dataflash(),),
    "dataflash_text": lambda: (dataflash_text.printed(_small_dataflash()),),
    "tlog": lambda: (tlogs.sample(0.5),),
    "blackbox": lambda: (_small_blackbox(),),
    "csv": lambda: (csv.sample(4), csv.table(csv.DATCON, 4, {"Clock:offsetTime": float})),
}
_OTHERS: dict[str, Callable[[], Target]] = {
    "plans": lambda: Target(_plan, (PLAN_TEXT, PLAN_JSON)),
    "containers": lambda: Target(_container, (_zip(), _tar(), gzip.compress(b"log" * 30))),
    "columns": lambda: Target(_columns, (COLUMNS,)),
    "parcel": lambda: Target(_parcel, (to_parquet("measures", [_MEASURE]),)),
    "bundle": lambda: Target(_bundle, (_sealed({"policy.toml": b"x"}),), _signed),
}
_OTHERS |= {
    name: partial(lambda n: Target(_sensor(n), (trial_files.small(n),)), name)
    for name in trial_files.NAMES
}
#: Every decoder there is, and the other readers.
NAMES = (*_DECODERS, *_OTHERS)


def target(name: str) -> Target:
    """Make the target of one of ``NAMES``."""
    if name in _OTHERS:
        return _OTHERS[name]()
    return Target(_decoder(name), _SEEDS[name](), _frames if name == "tlog" else None)

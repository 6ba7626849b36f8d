"""``flyoff export``: channels, topics and tracks as files."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from flyoff.cli.guard import FAILED, MISUSE, OK, complain
from flyoff.cli.inspect import say
from flyoff.errors import FlyoffError, reason_of
from flyoff.pipeline import steps
from flyoff.pipeline.track import track_of
from flyoff.views.export import (
    TABLE_FORMATS,
    TRACK_FORMATS,
    TrackLine,
    columns_table,
    file_name,
    write_channels,
    write_table,
    write_track,
)


def run(
    log: Path,
    to: str,
    out: Path,
    topics: Sequence[str],
    as_json: bool,
    *,
    others: Sequence[Path] = (),
) -> int:
    """Export one log; returns the exit code."""
    if to not in TABLE_FORMATS + TRACK_FORMATS:
        known = ", ".join(TABLE_FORMATS + TRACK_FORMATS)
        complain(f"--to {to}: not a format that can be written; expected one of {known}")
        return MISUSE
    if topics and to not in TABLE_FORMATS:
        complain(f"--topic gives tables, and {to} holds tracks; use --to parquet or --to csv")
        return MISUSE
    if topics:
        written = _topics(log, to, out, topics)
    elif to in TABLE_FORMATS:
        written = _channels(log, to, out)
    else:
        written = _track(log, to, out)
    if others and (topics or to not in TABLE_FORMATS):
        complain("--with writes channels on one clock; use it with --to parquet or csv, no --topic")
        return MISUSE
    paths = [str(p) for p in (*_others(log, others, to, out), *written)]
    if as_json:
        print(json.dumps({"written": paths}))
    else:
        for path in paths:
            say(path)
    if not paths:
        complain(f"{log}: nothing to write: the log holds no {_wanted(to)}")
        return FAILED
    return OK


def _wanted(to: str) -> str:
    return "position" if to in TRACK_FORMATS else "channel"


def _topics(log: Path, to: str, out: Path, names: Sequence[str]) -> Iterator[Path]:
    raw = steps.decode(log)
    for name in names:
        instances = raw.instances(name)
        if not instances:
            some = ", ".join(sorted({n for n, _ in raw.topics})[:20])
            raise FlyoffError(f"{log}: no topic {name!r}; there are {some} …")
        for instance in instances:
            table = columns_table(raw.topics[name, instance].columns())
            suffix = f".{instance}" if len(instances) > 1 else ""
            yield write_table(table, _made(out) / file_name(name + suffix), to)


def _channels(log: Path, to: str, out: Path) -> Iterator[Path]:
    recordings = steps.read(log)
    for recording in recordings:
        folder = out if len(recordings) == 1 else out / f"boot{recording.boot}"
        yield from write_channels(recording, to, _made(folder))


def _others(log: Path, others: Sequence[Path], to: str, out: Path) -> Iterator[Path]:
    """Channels of other logs of the flight, each in a folder by its log's name, on one clock."""
    if not others:
        return
    from flyoff.pipeline.one_flight import on_one_clock

    for path, recording in on_one_clock(log, others):
        boot = f".boot{recording.boot}" if recording.boot else ""
        folder = out / file_name(Path(path).name + boot)
        yield from write_channels(recording, to, _made(folder))


def _track(log: Path, to: str, out: Path) -> Iterator[Path]:
    lines = []
    for recording in steps.read(log):
        track = track_of(recording)
        if track is None or not track.t_us.size:
            continue
        utc_us = track.t_us + recording.utc.offset_us if recording.utc else None
        name = f"{log.name} boot {recording.boot}" if recording.boot else log.name
        columns = track.columns
        lines.append(TrackLine(name, columns["lat"], columns["lon"], columns["alt_msl"], utc_us))
    if lines:
        yield write_track(lines, _made(out) / file_name(log.stem), to)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = reason_of(error)
        raise FlyoffError(f"{folder}: cannot be made: {why}") from error
    return folder

"""What people take away of a log: the file as received, tables, tracks."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from flyoff.pipeline.stored_log import Place, StoredLog
from flyoff.pipeline.track import track_of
from flyoff.server.problems import Refusal
from flyoff.views.export import (
    TRACK_FORMATS,
    TrackLine,
    columns_table,
    file_name,
    write_channels,
    write_table,
    write_track,
)


def raw_file(log: StoredLog) -> Response:
    """The log as it was received, under its own file name."""
    if not log.file:  # in an object store
        name = quote(stem(log.path)[0])
        headers = {"Content-Disposition": f"attachment; filename*=utf-8''{name}"}
        media = "application/octet-stream"
        return Response(log.source.data.tobytes(), media_type=media, headers=headers)
    if not Path(log.file).is_file():
        raise Refusal(503, "the raw file of this log is missing in the store")
    return FileResponse(log.file, media_type="application/octet-stream", filename=stem(log.path)[0])


def exported(log: StoredLog, place: Place, to: str, topics: Sequence[str]) -> FileResponse:
    """Tables or the track as one file, or as an archive of several.

    Raises
    ------
    Refusal
        If there is nothing of that sort in the log.
    """
    folder = Path(tempfile.mkdtemp(prefix="flyoff-export-"))
    try:
        inside = folder / "files"
        inside.mkdir()
        written = list(_written(log, place, to, topics, inside))
        if not written:
            what = "position" if to in TRACK_FORMATS else "channel"
            raise Refusal(404, f"the log holds no {what}")
        base = stem(log.path)[1]
        made, name = written[0], f"{base}.{to}"
        if len(written) > 1:
            made, name = folder / "all.zip", f"{base}-{to}.zip"
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in written:
                    archive.write(path, path.name)
    except BaseException:  # nothing is left behind, whatever went wrong; it goes on up
        shutil.rmtree(folder, ignore_errors=True)
        raise
    kind = "application/zip" if made.suffix == ".zip" else "application/octet-stream"
    cleaned = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(made, media_type=kind, filename=name, background=cleaned)


def stem(path: str) -> tuple[str, str]:
    r"""A log's own file name, safe in any folder; whole, and without its ending.

    Examples
    --------
    >>> stem("C:\\cards\\flight 1.BIN"), stem("a/../..")
    (('flight_1.BIN', 'flight_1'), ('_', '_'))
    """
    name = file_name(path.replace("\\", "/").rpartition("/")[2])
    return name, Path(name).stem or "_"


def _written(
    log: StoredLog, place: Place, to: str, topics: Sequence[str], folder: Path
) -> Iterator[Path]:
    if to in TRACK_FORMATS:
        if topics:
            raise Refusal(422, f"topic gives tables, and {to} holds tracks; take parquet or csv")
        yield from _track(log, place, to, folder)
    elif topics:
        yield from _topics(log, to, topics, folder)
    else:
        yield from write_channels(log.recording(place.boot), to, folder)


def _topics(log: StoredLog, to: str, names: Sequence[str], folder: Path) -> Iterator[Path]:
    for name in names:
        instances = log.raw.instances(name)
        if not instances:
            raise Refusal(404, f"the log has no topic {name!r}")
        for instance in instances:
            table = columns_table(log.raw.topics[name, instance].columns())
            suffix = f".{instance}" if len(instances) > 1 else ""
            yield write_table(table, folder / file_name(name + suffix), to)


def _track(log: StoredLog, place: Place, to: str, folder: Path) -> Iterator[Path]:
    recording = log.recording(place.boot)
    track = track_of(recording)
    recording.forget()
    if track is None or not track.t_us.size:
        return
    utc_us = track.t_us + recording.utc.offset_us if recording.utc else None
    columns = track.columns
    line = TrackLine(stem(log.path)[0], columns["lat"], columns["lon"], columns["alt_msl"], utc_us)
    yield write_track([line], folder / stem(log.path)[1], to)

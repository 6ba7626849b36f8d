"""The public face: Arrow streams that other libraries take as they are, and reprs."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import flyoff
from flyoff.errors import UnknownChannel
from flyoff.model.arrow import table_of
from flyoff.model.channel import Channel
from flyoff.model.recording import Recording
from tests.pipeline.flights import card


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    (found,) = flyoff.read(card(tmp_path, 1)[0])
    return found


def test_every_arrow_library_takes_a_stream(recording: Recording) -> None:
    stream = recording.stream("battery")
    volts = recording["battery.voltage"].values.tolist()
    assert pl.from_arrow(stream)["battery.voltage"].to_list() == volts
    assert pl.DataFrame(stream)["battery.voltage"].to_list() == volts
    assert pa.table(stream)["battery.voltage"].to_pylist() == volts
    assert pd.DataFrame.from_arrow(stream)["battery.voltage"].tolist() == volts
    assert pa.table(stream).schema.field("battery.voltage").metadata[b"unit"] == b"V"


def _channel(name: str, t_us: list[int], values: list[float]) -> Channel:
    return Channel(name, np.array(t_us, dtype=np.int64), np.array(values))


def test_rows_are_the_instants_of_any_channel() -> None:
    a = _channel("gnss.fix", [10, 20, 30], [3.0, float("nan"), 4.0])
    b = _channel("gnss.hdop", [20, 40], [0.5, 0.6])
    table = pa.table(table_of((a, b)))
    assert table["t_us"].to_pylist() == [10, 20, 30, 40]
    assert table["gnss.hdop"].to_pylist() == [None, 0.5, None, 0.6]
    fix = table["gnss.fix"].to_pylist()
    assert (fix[0], fix[2], fix[3]) == (3.0, 4.0, None)
    assert fix[1] != fix[1]  # sampled, without a value: NaN, not null


def test_samples_of_one_instant_are_all_kept() -> None:
    a = _channel("gyro.x", [10, 10, 20], [1.0, 2.0, 3.0])
    b = _channel("gyro.y", [10, 20, 20], [4.0, 5.0, 6.0])
    table = pa.table(table_of((a, b)))
    assert table["t_us"].to_pylist() == [10, 10, 20, 20]
    assert table["gyro.x"].to_pylist() == [1.0, 2.0, 3.0, None]
    assert table["gyro.y"].to_pylist() == [4.0, None, 5.0, 6.0]


def test_an_unknown_group_is_named(recording: Recording) -> None:
    with pytest.raises(UnknownChannel, match="warp_drive"):
        recording.stream("warp_drive")


def test_a_misspelt_channel_is_told_each_near_name_once(recording: Recording) -> None:
    with pytest.raises(UnknownChannel, match=r"did you mean battery\.voltage") as told:
        recording["battery.volts"]
    assert str(told.value).count("battery.voltage") == 1


def test_a_notebook_shows_something_useful(recording: Recording) -> None:
    assert "ArduCopter" in repr(recording)
    assert "battery.voltage" in recording._repr_html_()


def test_the_face_judges(tmp_path: Path) -> None:
    path = card(tmp_path, 1)[0]
    (sortie,) = flyoff.judge(path)
    assert sortie.outcome == "not_flown"
    raw = flyoff.decode(str(path))
    assert raw.format == "dataflash"
    assert raw.topics["BAT", 0].columns()["Volt"].size
    with pytest.raises(AttributeError):
        flyoff.nothing  # noqa: B018 - that it raises is what is asked

"""Two vehicles that send under the same ids: separated where clocks and counts can tell."""

import random
from dataclasses import dataclass, field

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from tests.scenarios.tlog import EPOCH_US, MESSAGES, Tlog, payload

S = 1_000_000
ARMED, DISARMED = 209, 81


@dataclass
class Vehicle:
    """One of them: booted at an instant, at a place, heard with a delay that varies."""

    number: int
    booted_us: int
    lat: int
    sender: tuple[int, int] = (1, 1)
    writer: Tlog = field(init=False)
    frames: list[tuple[int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Tlog(sender=self.sender, sequence=self.number * 77)
        self.chance = random.Random(self.number)

    def send(self, at_us: int, name: str, **values: object) -> None:
        number, _, seed, _, _ = MESSAGES[name]
        frame = self.writer.frame(number, payload(name, values, self.writer.version), seed)
        arrived = EPOCH_US + at_us + self.chance.randrange(20_000)
        arrived = max(arrived, self.frames[-1][0] + 1) if self.frames else arrived
        self.frames.append((arrived, self.writer.stamp(arrived) + frame))

    def fly(self, first_s: int = 0, last_s: int = 60) -> None:
        for i in range(first_s * 4, last_s * 4):
            at = i * S // 4
            boot_ms = (at - self.booted_us) // 1000
            self.send(at, "ATTITUDE", time_boot_ms=boot_ms, roll=self.number + i / 1e4)
            self.send(at, "SYS_STATUS", voltage_battery=10_000 * self.number)
            if i % 2:
                self.send(
                    at, "GLOBAL_POSITION_INT", time_boot_ms=boot_ms, lat=self.lat, lon=80_000_000,
                    alt=400_000, relative_alt=1000 * self.number,
                )  # fmt: skip
            if i % 4 == 0:
                mode = ARMED if first_s * 4 + 40 <= i < last_s * 4 - 40 else DISARMED
                self.send(
                    at, "HEARTBEAT", type=2, autopilot=3, custom_mode=self.number, base_mode=mode,
                    system_status=4,
                )  # fmt: skip
            if i == 80:
                self.send(at, "STATUSTEXT", severity=6, text=f"I am {self.number}".encode())


def log_of(*vehicles: Vehicle, lost: float = 0.0) -> bytes:
    chance = random.Random(5)
    frames = sorted(f for v in vehicles for f in v.frames if chance.random() >= lost)
    return b"".join(data for _, data in frames)


def read(data: bytes) -> list[Recording]:
    raw = DECODER.decode(Source("two.tlog", data))
    assert not raw.receipt.gaps
    return DECODER.normalise(raw)


def of_number(found: list[Recording], number: int) -> Recording:
    (one,) = [r for r in found if round(float(r["attitude.roll"].values[0])) == number]
    return one


@pytest.mark.parametrize("apart_s", [8, 600])
@pytest.mark.parametrize("lost", [0.0, 0.2])
def test_each_vehicle_gets_its_own_frames(apart_s: int, lost: float) -> None:
    """Those with a time and those without; 8 s apart, the places 5 km apart decide."""
    one, two = Vehicle(1, -100 * S, 470_000_000), Vehicle(2, -(100 + apart_s) * S, 470_450_000)
    one.fly()
    two.fly()
    found = read(log_of(one, two, lost=lost))
    assert [r.boot for r in found] == [0, 1]
    for number in (1, 2):
        r = of_number(found, number)
        assert np.allclose(r["attitude.roll"].values, number, atol=0.1)
        assert np.allclose(r["position.height"].values, number)
        # nothing in these frames says whose they are but the sender's count
        volts = r["battery.voltage"].values
        assert np.mean(np.isclose(volts, 10.0 * number)) > (0.999 if not lost else 0.99)
        texts = [e.text for e in r.events_of(EventKind.TEXT)]
        assert set(texts) <= {f"I am {number}"}
        assert len(r.events_of(EventKind.ARM)) == len(r.events_of(EventKind.DISARM)) == 1
        assert any("of 2 that send under these ids" in note for note in r.notes)


def test_one_of_them_restarts() -> None:
    one, two = Vehicle(1, -100 * S, 470_000_000), Vehicle(2, -700 * S, 470_450_000)
    one.fly(0, 30)
    one.booted_us = 30 * S
    one.fly(31, 60)
    two.fly()
    found = read(log_of(one, two))
    rolls = sorted(round(float(np.median(r["attitude.roll"].values))) for r in found)
    assert rolls == [1, 1, 2]
    assert sorted(r.boot for r in found) == [0, 1, 2]


def test_a_restart_alone_is_one_vehicle() -> None:
    one = Vehicle(1, -1000 * S, 470_000_000)
    one.fly(0, 30)
    one.booted_us = 30 * S
    one.fly(31, 60)
    found = read(log_of(one))
    assert len(found) == 2
    assert not any("these ids" in note for r in found for note in r.notes)


def test_clocks_that_are_near_without_places_are_left_as_one() -> None:
    """A second way over which everything comes 8 s late would look the same."""
    one, two = Vehicle(1, -100 * S, 470_000_000), Vehicle(2, -108 * S, 470_000_100)
    one.fly()
    two.fly()
    found = read(log_of(one, two))
    assert not any("told apart" in note for r in found for note in r.notes)


def test_a_clock_that_is_set_to_and_fro_makes_no_second_vehicle() -> None:
    """The ground station's, by a minute every second: the vehicle's own goes on."""
    one = Vehicle(1, -1000 * S, 470_000_000)
    one.fly()
    stamps = [(at, at + 60 * S * ((at // S) % 2)) for at, _ in one.frames]
    moved = [
        data.replace(one.writer.stamp(at), one.writer.stamp(set_us), 1)
        for (at, set_us), (_, data) in zip(stamps, one.frames, strict=True)
    ]
    found = read(b"".join(moved))
    assert not any("told apart" in note for r in found for note in r.notes)


def test_vehicles_of_one_log_are_numbered_throughout() -> None:
    """A sortie is known by its log and this number: two vehicles' first boots are two."""
    one = Vehicle(1, -100 * S, 470_000_000)
    two = Vehicle(2, -100 * S, 470_450_000, sender=(2, 1))
    one.fly()
    two.fly()
    assert [r.boot for r in read(log_of(one, two))] == [0, 1]

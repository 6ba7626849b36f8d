"""One vehicle heard over several links: told apart, each with its own delay, nothing doubled."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.decoders.tlog.links import Copies, copies_in
from flyoff.decoders.tlog.sender import tlog_topics
from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from tests.scenarios.tlog import EPOCH_US, MESSAGES, Tlog, payload

S = 1_000_000
ARMED, DISARMED = 209, 81


@dataclass
class Air:
    """A vehicle that sends over links, and the program that records what arrives.

    Attributes
    ----------
    mark : function of (stamp, link) → stamp
        How the program writes the link down.
    """

    mark: Callable[[int, int], int]
    writers: dict[int, Tlog] = field(default_factory=dict)
    arrived: list[tuple[int, int, bytes]] = field(default_factory=list)

    def send(self, link: int, sent_us: int, delay_us: int, name: str, **values: object) -> None:
        """One frame of a link, counted by that link alone."""
        writer = self.writers.setdefault(link, Tlog(form="bare"))
        number, _, seed, _, _ = MESSAGES[name]
        frame = writer.frame(number, payload(name, values, writer.version), seed)
        at = EPOCH_US + sent_us + delay_us
        self.arrived.append((at, link, frame))

    def log(self) -> bytes:
        """The log in order of arrival."""
        out = bytearray()
        # a link keeps its order
        for at, link, frame in sorted(self.arrived, key=lambda a: a[:2]):
            out += self.mark(at, link).to_bytes(8, "big") + frame
        return bytes(out)


def mavproxy(at: int, link: int) -> int:
    return at & ~3 | link


def plain(at: int, link: int) -> int:
    del link
    return at


def fly(air: Air, link: int, delay_us: int, *, rate: int = 4, phase_us: int = 0) -> Air:
    """Twenty seconds: attitude, heartbeats, one arming and one text."""
    for i in range(20 * rate):
        sent = 100 * S + i * S // rate + phase_us
        ms = sent // 1000
        late = delay_us + (i * 7919) % 30_000
        air.send(link, sent, late, "ATTITUDE", time_boot_ms=ms, roll=ms / 1e6, yaw=1.0)
        air.send(
            link, sent, late, "GLOBAL_POSITION_INT", time_boot_ms=ms, lat=440000000 + i,
            lon=260000000, alt=100_000, relative_alt=ms - 100_000,
        )  # fmt: skip
        if i % rate == 0:
            armed = 5 <= i // rate < 15
            air.send(
                link, sent, late, "HEARTBEAT", type=2, autopilot=3, custom_mode=5,
                base_mode=ARMED if armed else DISARMED, system_status=4,
            )  # fmt: skip
        if i == 9 * rate:
            air.send(link, sent, late, "STATUSTEXT", severity=6, text=b"Mission: 1 Takeoff")
    return air


def read(data: bytes) -> Recording:
    raw = DECODER.decode(Source("two.tlog", data))
    assert not raw.receipt.gaps
    (recording,) = DECODER.normalise(raw)
    return recording


@pytest.mark.parametrize("delay_us", [300_000, 3 * S, 15 * S])
def test_a_slow_second_link_is_no_restart_and_doubles_nothing(delay_us: int) -> None:
    one = read(fly(Air(mavproxy), 0, 10_000).log())
    both = fly(fly(Air(mavproxy), 0, 10_000), 1, delay_us).log()
    raw = DECODER.decode(Source("two.tlog", both))
    assert raw.receipt.boots == 1
    two = read(both)
    assert np.array_equal(two["attitude.roll"].t_us, one["attitude.roll"].t_us)
    assert np.array_equal(two["attitude.roll"].values, one["attitude.roll"].values)
    for kind in (EventKind.TEXT, EventKind.ARM, EventKind.DISARM):
        times = [[e.t_us for e in r.events_of(kind)] for r in (one, two)]
        assert len(times[0]) == len(times[1]) == 1
        assert times[1][0] == pytest.approx(times[0][0], abs=100_000)
    assert any("links 0, 1" in note for note in two.notes)


def test_a_stream_of_its_own_on_each_link_adds_its_samples() -> None:
    """Other instants are other samples: both links' are kept, in order of the vehicle's clock."""
    air = fly(fly(Air(mavproxy), 0, 10_000), 2, 2 * S, phase_us=120_000)
    roll = read(air.log())["attitude.roll"]
    assert len(roll) == 160
    assert (np.diff(roll.t_us) > 0).all()
    assert roll.values == pytest.approx(roll.t_us / 1e9, abs=1e-6)


def test_what_only_the_slow_link_heard_is_kept() -> None:
    air = fly(fly(Air(mavproxy), 0, 10_000), 1, 2 * S)
    lost = EPOCH_US + 108 * S, EPOCH_US + 112 * S
    air.arrived = [a for a in air.arrived if a[1] or not lost[0] <= a[0] < lost[1]]
    recording = read(air.log())
    assert np.diff(recording["attitude.roll"].t_us).max() == 250_000
    assert [e.text for e in recording.events_of(EventKind.TEXT)] == ["Mission: 1 Takeoff"]
    # the text carries no time: it is dated by the link it came over, not by the quick one
    assert recording.events_of(EventKind.TEXT)[0].t_us == pytest.approx(109 * S, abs=300_000)


def test_plain_microseconds_are_no_links() -> None:
    raw = DECODER.decode(Source("x", fly(Air(plain), 0, 10_000).log()))
    assert copies_in(tlog_topics(raw)) is Copies.NONE
    raw = DECODER.decode(Source("x", fly(Air(mavproxy), 3, 10_000).log()))
    assert copies_in(tlog_topics(raw)) is Copies.NONE


def test_frames_that_a_router_recorded_twice_count_once() -> None:
    """Byte for byte the same, a moment later, in a log that knows no links."""
    air = fly(Air(plain), 0, 10_000)
    once = read(air.log())
    air.arrived += [(at + 1_500, link, frame) for at, link, frame in air.arrived]
    twice = read(air.log())
    assert np.array_equal(twice["attitude.roll"].t_us, once["attitude.roll"].t_us)
    assert len(twice.events_of(EventKind.TEXT)) == 1
    assert any("more than once" in note for note in twice.notes)


def test_the_same_text_said_twice_is_said_twice() -> None:
    air = fly(fly(Air(mavproxy), 0, 10_000), 1, 400_000)
    for link in (0, 1):
        for again in (12, 13):
            air.send(link, (100 + again) * S, 400_000 * link, "STATUSTEXT", severity=4, text=b"hey")
    texts = [e.text for e in read(air.log()).events_of(EventKind.TEXT)]
    assert texts.count("hey") == 2


def test_a_restart_is_seen_over_two_links() -> None:
    air = fly(fly(Air(mavproxy), 0, 10_000), 1, 600_000)
    late = Air(mavproxy, air.writers)
    fly(fly(late, 0, 10_000), 1, 600_000)
    # the second boot's clock begins anew, ten minutes later by the recorder's
    again = [(at + 600 * S, link, frame) for at, link, frame in late.arrived]
    air.arrived += again
    raw = DECODER.decode(Source("x", air.log()))
    assert raw.receipt.boots == 2
    first, second = DECODER.normalise(raw)
    assert len(first["attitude.roll"]) == len(second["attitude.roll"]) == 80

"""Small DataFlash logs with a sortie in each, for the tests that move files about."""

from pathlib import Path

from tests.scenarios import dataflash

ARMED, DISARMED = 10, 11


def flight(seconds: float = 3.0) -> bytes:
    """Arm, stand for a while, disarm; a different length is a different log."""
    log = dataflash.opened()
    log.define(75, "EV", "QB", "TimeUS,Id", "s-", "F-")
    log.define(73, "MODE", "QMBB", "TimeUS,Mode,ModeNum,Rsn", "s---", "F---")
    log.write("MODE", 1_500_000, 0, 0, 1)
    log.write("EV", 2_000_000, ARMED)
    dataflash.fly(log, seconds=seconds)
    log.write("EV", 2_000_000 + round(seconds * 1e6), DISARMED)
    return bytes(log)


def card(folder: Path, count: int) -> list[Path]:
    """A card full of different flights."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i in range(count):
        paths.append(folder / f"{i:08}.BIN")
        paths[-1].write_bytes(flight(2.0 + 0.1 * i))
    return paths

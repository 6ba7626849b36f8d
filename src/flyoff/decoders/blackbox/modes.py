"""Flight modes out of the flags of slow frames, by firmware and version.

Betaflight logs which boxes are switched on, INAV in ``activeFlightModeFlags`` what is really
flown. Where several flags are set, the one that flies the vehicle gives the name; without one the
pilot flies rates: ``ACRO``. Source: ``rc_modes.h`` and ``runtime_config.h`` of the firmware, and
the lists of blackbox-log-viewer.
"""

from typing import Final

from flyoff.decoders.blackbox.firmware import Firmware

ARM_BIT: Final = 1
_RATES: Final = "ACRO"
Names = tuple[tuple[int, str], ...]  # bit and name, the strongest first

_INAV: Final[Names] = (
    (9, "FAILSAFE"),
    (4, "RTL"),
    (18, "AUTO_LAND"),
    (11, "MISSION"),
    (7, "LAUNCH"),
    (5, "POSHOLD"),
    (12, "COURSE_HOLD"),
    (19, "SEND_TO"),
    (3, "ALTHOLD"),
    (15, "TURTLE"),
    (8, "MANUAL"),
    (0, "ANGLE"),
    (1, "HORIZON"),
    (17, "ANGLE_HOLD"),
)
#: Least version, and the boxes that name a mode.
_BETAFLIGHT: Final[tuple[tuple[tuple[int, int, int], Names], ...]] = (
    (
        (2025, 12, 0),
        (
            (8, "FAILSAFE"), (10, "GPS_RESCUE"), (9, "POSHOLD"), (4, "ALTHOLD"), (7, "PASSTHRU"),
            (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    (
        (4, 0, 0),
        ((6, "FAILSAFE"), (7, "GPS_RESCUE"), (5, "PASSTHRU"), (1, "ANGLE"), (2, "HORIZON")),
    ),
    (
        (3, 5, 0),
        (
            (9, "FAILSAFE"), (10, "GPS_RESCUE"), (5, "GPS_HOME"), (6, "GPS_HOLD"), (4, "ALTHOLD"),
            (8, "PASSTHRU"), (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    (
        (3, 4, 0),
        (
            (10, "FAILSAFE"), (11, "GPS_RESCUE"), (5, "GPS_HOME"), (6, "GPS_HOLD"), (4, "ALTHOLD"),
            (8, "PASSTHRU"), (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    (
        (3, 3, 0),
        (
            (10, "FAILSAFE"), (5, "GPS_HOME"), (6, "GPS_HOLD"), (4, "ALTHOLD"), (8, "PASSTHRU"),
            (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    (
        (3, 1, 7),
        (
            (27, "FAILSAFE"), (10, "GPS_HOME"), (11, "GPS_HOLD"), (3, "ALTHOLD"), (12, "PASSTHRU"),
            (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    (
        (3, 0, 0),
        (
            (26, "FAILSAFE"), (9, "GPS_HOME"), (10, "GPS_HOLD"), (3, "ALTHOLD"), (11, "PASSTHRU"),
            (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
)  # fmt: skip
#: Cleanflight and Betaflight 2 logged the modes themselves, without one for arming.
_CLEANFLIGHT: Final[Names] = (
    (4, "GPS_HOME"), (5, "GPS_HOLD"), (3, "ALTHOLD"), (8, "PASSTHRU"), (0, "ANGLE"), (1, "HORIZON"),
)  # fmt: skip


def mode_names(firmware: Firmware) -> Names | None:
    """The bits that name a mode; None where this firmware's are not known."""
    if firmware.family == "inav":
        return _INAV
    if firmware.family == "betaflight" or firmware.family == "emuflight":
        for least, names in _BETAFLIGHT:
            if firmware.betaflight >= least:
                return names
        return _CLEANFLIGHT
    return _CLEANFLIGHT if firmware.family == "cleanflight" else None


def has_arm_bit(firmware: Firmware) -> bool:
    """Whether bit 0 of ``flightModeFlags`` says that the vehicle is armed."""
    return firmware.family == "inav" or firmware.betaflight >= (3, 0, 0)


def mode_name(flags: int, names: Names | None) -> str:
    """Name of the mode that flags mean.

    Examples
    --------
    >>> mode_name(0b10, _INAV), mode_name(0b10001, _INAV), mode_name(0, _INAV)
    ('HORIZON', 'RTL', 'ACRO')
    >>> mode_name(0b1010, None)
    'FLAGS_0XA'
    """
    if names is None:
        return f"FLAGS_{flags & ~ARM_BIT:#X}"
    return next((name for bit, name in names if flags >> bit & 1), _RATES)

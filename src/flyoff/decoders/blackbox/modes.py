"""Flight modes out of the flags of slow frames, by firmware and version.

Every firmware but the oldest logs in ``flightModeFlags`` which boxes are switched on, the lowest 32
of them; their numbers moved whenever a box was added or dropped. INAV adds what is really flown: in
``activeFlightModeFlags`` from version 8 on, in ``navState`` of the main frames (``navigation.py``)
before. Where several flags are set, the one that flies the vehicle gives the name; without one the
pilot flies rates: ``ACRO``.

Source: ``rc_modes.h`` and ``runtime_config.h`` of each firmware, and the lists of
blackbox-log-viewer and of Rotorflight's viewer. Where neither says which boxes a version had
(Betaflight 4.6, which never left development and moved them three times; Cleanflight 2.0 and from
2.4 on), no name is guessed.
"""

from typing import Final

from flyoff.decoders.blackbox.firmware import Firmware

ARM_BIT: Final = 1
_RATES: Final = "ACRO"
Names = tuple[tuple[int, str], ...]  # bit and name, the strongest first
Version = tuple[int, int, int]
#: Least version and its boxes, the newest first; None: not known.
Versions = tuple[tuple[Version, Names | None], ...]

#: INAV's flags of what is flown.
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
#: INAV's boxes, numbered alike since 2.0. Not LAUNCH (14): its switch stays on in flight.
_INAV_BOXES: Final[Names] = (
    (18, "FAILSAFE"), (8, "RTL"), (10, "MANUAL"), (19, "MISSION"), (9, "POSHOLD"), (3, "ALTHOLD"),
    (1, "ANGLE"), (2, "HORIZON"),
)  # fmt: skip
#: Those of them that are no navigation: where ``navState`` is logged, it alone tells of that.
_INAV_PILOTED: Final[Names] = ((10, "MANUAL"), (1, "ANGLE"), (2, "HORIZON"))

_BETAFLIGHT_4: Final[Names] = (
    (6, "FAILSAFE"), (7, "GPS_RESCUE"), (5, "PASSTHRU"), (1, "ANGLE"), (2, "HORIZON"),
)  # fmt: skip
_BETAFLIGHT_3_3: Final[Names] = (
    (10, "FAILSAFE"), (5, "GPS_HOME"), (6, "GPS_HOLD"), (4, "ALTHOLD"), (8, "PASSTHRU"),
    (1, "ANGLE"), (2, "HORIZON"),
)  # fmt: skip
_BETAFLIGHT_3_2: Final[Names] = (
    (27, "FAILSAFE"), (10, "GPS_HOME"), (11, "GPS_HOLD"), (3, "ALTHOLD"), (12, "PASSTHRU"),
    (1, "ANGLE"), (2, "HORIZON"),
)  # fmt: skip
#: Cleanflight and Betaflight 2 logged the modes themselves, without one for arming.
_CLEANFLIGHT: Final[Names] = (
    (4, "GPS_HOME"), (5, "GPS_HOLD"), (3, "ALTHOLD"), (8, "PASSTHRU"), (0, "ANGLE"), (1, "HORIZON"),
)  # fmt: skip
_BETAFLIGHT: Final[Versions] = (
    # Betaflight's autopilot flies the plan of waypoints that it holds
    (
        (2026, 6, 0),
        (
            (8, "FAILSAFE"), (10, "GPS_RESCUE"), (11, "MISSION"), (9, "POSHOLD"), (4, "ALTHOLD"),
            (7, "PASSTHRU"), (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    (
        (2025, 12, 0),
        (
            (8, "FAILSAFE"), (10, "GPS_RESCUE"), (9, "POSHOLD"), (4, "ALTHOLD"), (7, "PASSTHRU"),
            (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    ((4, 6, 0), None),
    ((4, 0, 0), _BETAFLIGHT_4),
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
    ((3, 3, 0), _BETAFLIGHT_3_3),
    ((3, 1, 7), _BETAFLIGHT_3_2),
    (
        (3, 0, 0),
        (
            (26, "FAILSAFE"), (9, "GPS_HOME"), (10, "GPS_HOLD"), (3, "ALTHOLD"), (11, "PASSTHRU"),
            (1, "ANGLE"), (2, "HORIZON"),
        ),
    ),
    ((0, 0, 0), _CLEANFLIGHT),
)  # fmt: skip
_BY_FAMILY: Final[dict[str, Versions]] = {
    "betaflight": _BETAFLIGHT,
    # its boxes are those of Betaflight 4, whatever version it prints (3.7.0 in every log of a time)
    "emuflight": (((0, 0, 0), _BETAFLIGHT_4),),
    # position control and its kin are its own; the switches that let it throw itself into the air
    # and learn (10, 11) stay on in flight and name no mode
    "indiflight": (
        (
            (0, 0, 0),
            (
                (6, "FAILSAFE"), (7, "GPS_RESCUE"), (9, "POSITION"), (8, "VELOCITY"),
                (5, "PASSTHRU"), (1, "ANGLE"), (2, "HORIZON"),
            ),
        ),
    ),
    "rotorflight": (
        (
            (4, 3, 0),
            (
                (7, "FAILSAFE"), (5, "RESCUE"), (6, "GPS_RESCUE"), (4, "ALTHOLD"), (3, "TRAINER"),
                (1, "ANGLE"), (2, "HORIZON"),
            ),
        ),
        (
            (4, 2, 0),
            (
                (4, "FAILSAFE"), (5, "RESCUE"), (6, "GPS_RESCUE"), (3, "PASSTHRU"), (1, "ANGLE"),
                (2, "HORIZON"),
            ),
        ),
    ),
    # Cleanflight 2 is Betaflight's code: 2.1 and 2.2 that of 3.2, 2.3 that of 3.3
    "cleanflight": (
        ((2, 4, 0), None),
        ((2, 3, 0), _BETAFLIGHT_3_3),
        ((2, 1, 0), _BETAFLIGHT_3_2),
        ((2, 0, 0), None),
        ((0, 0, 0), _CLEANFLIGHT),
    ),
}  # fmt: skip


def mode_names(firmware: Firmware) -> Names | None:
    """The boxes that name a mode; None where this firmware's are not known."""
    if firmware.family == "inav":
        return _INAV_BOXES
    for least, names in _BY_FAMILY.get(firmware.family, ()):
        if firmware.version >= least:
            return names
    return None


def active_names(firmware: Firmware) -> Names | None:
    """The bits of ``activeFlightModeFlags``, which only INAV logs."""
    return _INAV if firmware.family == "inav" else None


def piloted_names(firmware: Firmware) -> Names | None:
    """The boxes that still name a mode where the state of navigation is logged."""
    return _INAV_PILOTED if firmware.family == "inav" else None


def has_arm_bit(firmware: Firmware) -> bool:
    """Whether bit 0 of ``flightModeFlags`` says that the vehicle is armed."""
    if firmware.family == "cleanflight":
        return firmware.version >= (2, 0, 0)
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

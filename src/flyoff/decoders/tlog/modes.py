"""PX4's custom_mode as the nav_state that its own logs carry, so that both read alike.

Source: PX4 ``px4_custom_mode.h``: main mode in bits 16 … 23, sub mode in bits 24 … 31.
"""

from typing import Final

#: Main mode to nav_state, where there is no sub mode that matters.
_MAIN: Final = {1: 0, 2: 1, 3: 2, 5: 10, 6: 14, 7: 15, 8: 16, 10: 13}
#: Sub mode of AUTO (main mode 4) to nav_state.
_AUTO: Final = {
    1: 4, 2: 17, 3: 4, 4: 3, 5: 5, 6: 18, 7: 7, 8: 19, 9: 20, 10: 22,
    **{11 + i: 23 + i for i in range(8)},
}  # fmt: skip
#: Sub mode of POSCTL (main mode 3): orbit, and slow.
_POSCTL: Final = {1: 21, 2: 6}


def nav_state(custom_mode: int) -> int:
    """The nav_state of a PX4 custom_mode; -1 where there is none.

    Examples
    --------
    >>> nav_state(4 << 16 | 5 << 24), nav_state(3 << 16), nav_state(99 << 16)
    (5, 2, -1)
    """
    main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
    if main == 4:
        return _AUTO.get(sub, -1)
    if main == 3 and sub in _POSCTL:
        return _POSCTL[sub]
    return _MAIN.get(main, -1)

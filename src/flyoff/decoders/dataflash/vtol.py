"""A VTOL logs two sets of controllers: the lift motors' while they work, the wing's always."""

import numpy as np

from flyoff.model.catalogue import base_name
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader

#: A lift controller that was silent for so long is not in charge.
_IN_CHARGE_US = 500_000
#: Lift motors above this share of full are turning to lift; idle with spin-when-armed is 5 … 15 %.
_LIFTING = 0.15


def lift_first(wing: dict[str, Loader], lift: dict[str, Loader]) -> dict[str, Loader]:
    """The wing's channels with the lift controllers' wherever these were at work."""
    merged = dict(wing)
    for name, loader in lift.items():
        merged[name] = _filled(loader, wing[name]) if name in wing else loader
    return merged


def _filled(first: Loader, second: Loader) -> Loader:
    def load() -> Channel:
        a, b = first(), second()
        if not len(a):
            return b
        after = np.searchsorted(a.t_us, b.t_us)
        last, following = a.t_us[np.maximum(after - 1, 0)], a.t_us[np.minimum(after, len(a) - 1)]
        away = np.minimum(np.abs(b.t_us - last), np.abs(following - b.t_us)) > _IN_CHARGE_US
        t_us = np.concatenate([a.t_us, b.t_us[away]])
        order = np.argsort(t_us, kind="stable")
        values = np.concatenate([a.values, b.values[away]])[order]
        return Channel(a.name, t_us[order], values, f"{a.source}, else {b.source}")

    return load


def hovering(loaders: dict[str, Loader]) -> Loader | None:
    """Whether the lift motors lift, from their commands; None without them."""
    motors = [loader for name, loader in loaders.items() if base_name(name) == "motor.command"]
    if not motors:
        return None

    def load() -> Channel:
        commands = [loader() for loader in motors]
        mean = np.mean([np.nan_to_num(c.values) for c in commands], axis=0)
        return Channel(
            "vtol.is_hovering", commands[0].t_us, (mean > _LIFTING).astype(np.float64), "RCOU"
        )

    return load

"""Channels of PX4's estimators and inertial sensors that depend on which one was in use, or when.

With several estimators running, ``estimator.*`` without a number is the one that flew the vehicle
at each instant (``estimator_selector_status``); with a number it is that estimator throughout.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Convert, Reader, loaders, sampled
from flyoff.decoders.normalisation import Mapping as M
from flyoff.decoders.ulog import conversions as to
from flyoff.model.catalogue import base_name
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader
from flyoff.units import FloatArray, IntArray

_DEFAULT_IMU_HZ: Final = 200.0  # IMU_INTEG_RATE as shipped


def _e(channel: str, topic: str, *fields: str, convert: Convert | None = None) -> M:
    return M(f"estimator.{channel}", topic, fields, convert=convert, each=True)


_RATIOS = "estimator_innovation_test_ratios"
_INNOVATIONS = "estimator_innovations"
_OLD = "ekf2_innovations"
#: Published by each running estimator; the one in use is chosen below.
_RUNNING: Final = (
    _e("ratio_velocity", "estimator_status", "vel_test_ratio"),
    _e("ratio_position", "estimator_status", "pos_test_ratio"),
    _e("ratio_height", "estimator_status", "hgt_test_ratio"),
    _e("ratio_mag", "estimator_status", "mag_test_ratio"),
    _e("ratio_mag", _RATIOS, *(f"mag_field[{i}]" for i in range(3)), convert=to.largest),
    _e("ratio_heading", "estimator_status", "hdg_test_ratio"),
    _e("ratio_heading", _RATIOS, "heading"),
    _e("ratio_airspeed", "estimator_status", "tas_test_ratio"),
    # PX4's innovation is state minus measurement, down positive; ours measurement minus state, and
    # height upwards
    *(
        _e(channel, topic, field, convert=convert)
        for channel, new, old, convert in (
            ("innovation_velocity_north", "gps_hvel[0]", "vel_pos_innov[0]", to.innovation),
            ("innovation_velocity_east", "gps_hvel[1]", "vel_pos_innov[1]", to.innovation),
            ("innovation_velocity_down", "gps_vvel", "vel_pos_innov[2]", to.innovation),
            ("innovation_position_north", "gps_hpos[0]", "vel_pos_innov[3]", to.innovation),
            ("innovation_position_east", "gps_hpos[1]", "vel_pos_innov[4]", to.innovation),
            ("innovation_height", "baro_vpos", "vel_pos_innov[5]", None),
        )
        for topic, field in ((_INNOVATIONS, new), (_OLD, old))
    ),
    _e("fault_flags", "estimator_status", "filter_fault_flags"),
    _e("solution_flags", "estimator_status", "solution_status_flags"),
    _e(
        "is_dead_reckoning",
        "estimator_status_flags",
        "cs_inertial_dead_reckoning",
        "cs_wind_dead_reckoning",
        convert=to.flag,
    ),
    _e("reset_count", "estimator_status", "reset_count_pos_ne"),
)

#: The same, from what the estimator in use publishes for all.
_SHARED: Final = (
    M("estimator.is_dead_reckoning", "vehicle_local_position", ("dead_reckoning",)),
    M("estimator.is_dead_reckoning", "vehicle_global_position", ("dead_reckoning",)),
    M("estimator.position_lost", "vehicle_local_position", ("xy_valid",), convert=to.inverted),
    M(
        "estimator.error_angle",
        "vehicle_local_position",
        ("tilt_var",),
        convert=lambda v: np.sqrt(np.maximum(v, 0.0)),
    ),
    M("estimator.reset_count", "vehicle_local_position", ("xy_reset_counter",)),
    M("estimator.primary", "estimator_selector_status", ("primary_instance",)),
)


def estimator_loaders(reader: Reader, params: Mapping[str, float]) -> dict[str, Loader]:
    """Test ratios, innovations, flags, vibration and IMU health."""
    found = loaders(reader, _RUNNING)
    if reader.has("estimator_selector_status", "primary_instance"):
        several = {base_name(name) for name in found if name.endswith("]")} & set(found)
        found.update({name: _in_use(reader, name, dict(found)) for name in several})
    for name, loader in loaders(reader, _SHARED).items():
        found.setdefault(name, loader)
    found.update(_vibration(reader, params))
    found.update(_health(reader))
    return found


def _in_use(reader: Reader, name: str, own: Mapping[str, Loader]) -> Loader:
    """The samples of whichever estimator was in use when they were taken."""

    def load() -> Channel:
        at_us, (primary,) = reader.floats("estimator_selector_status", ("primary_instance",))
        times: list[IntArray] = []
        values: list[FloatArray] = []
        source = ""
        for instance in range(int(primary.max()) + 1 if primary.size else 1):
            loader = own.get(name if instance == 0 else f"{name}[{instance}]")
            if loader is None:
                continue
            channel = loader()
            source = source or channel.source
            last = np.maximum(np.searchsorted(at_us, channel.t_us, side="right") - 1, 0)
            mine = primary[last] == instance if primary.size else last == 0
            times.append(channel.t_us[mine])
            values.append(channel.values[mine])
        if not times:
            return Channel(name, np.zeros(0, np.int64), np.zeros(0), source)
        t_us = np.concatenate(times)
        order = np.argsort(t_us, kind="stable")
        return sampled(name, t_us[order], np.concatenate(values)[order], f"{source} (in use)")

    return load


def _vibration(reader: Reader, params: Mapping[str, float]) -> dict[str, Loader]:
    found: dict[str, Loader] = {}
    for instance in reader.instances("vehicle_imu_status"):
        if reader.has("vehicle_imu_status", "accel_vibration_metric", instance=instance):
            name = "vibration.metric" + (f"[{instance}]" if instance else "")
            found[name] = _metric(reader, name, instance, params)
    if not found and reader.has("estimator_status", "vibe[2]"):
        found["vibration.metric"] = lambda: _vibe(reader)
    return found


def _metric(reader: Reader, name: str, instance: int, params: Mapping[str, float]) -> Loader:
    topic = "vehicle_imu_status"
    # m/s over one integration until 1.12, m/s² since 1.13, which also began to log the variance
    is_rate = reader.has(topic, "var_accel[0]", instance=instance)
    factor = 1.0 if is_rate else float(params.get("IMU_INTEG_RATE", _DEFAULT_IMU_HZ))

    def load() -> Channel:
        t_us, (values,) = reader.floats(topic, ("accel_vibration_metric",), instance)
        source = f"{topic}.accel_vibration_metric [{instance}]"
        return sampled(name, t_us, values * factor, source)

    return load


def _vibe(reader: Reader) -> Channel:
    """Until 1.11 the estimator's own metric, m/s over one sample of ``sensor_combined``."""
    t_us, (values,) = reader.floats("estimator_status", ("vibe[2]",))
    dt_s = 0.004
    field = "accelerometer_integral_dt"
    if reader.has("sensor_combined", field):
        _, (dt,) = reader.floats("sensor_combined", (field,))
        usual = float(np.median(dt)) if dt.size else 0.0
        # microseconds; seconds until 1.5
        dt_s = usual * 1e-6 if usual > 1.0 else usual or dt_s
    return sampled("vibration.metric", t_us, values / dt_s, "estimator_status.vibe[2]")


def _health(reader: Reader) -> dict[str, Loader]:
    found: dict[str, Loader] = {}
    topic = "sensors_status_imu"
    for k in range(4):
        fields = (f"accel_healthy[{k}]", f"gyro_healthy[{k}]", f"accel_device_ids[{k}]")
        if reader.has(topic, *fields):
            name = "imu.is_healthy" + (f"[{k}]" if k else "")
            found[name] = _healthy(reader, name, fields)
    return found


def _healthy(reader: Reader, name: str, fields: tuple[str, str, str]) -> Loader:
    def load() -> Channel:
        t_us, (accel, gyro, device) = reader.floats("sensors_status_imu", fields)
        healthy = ((accel != 0) & (gyro != 0)).astype(np.float64)
        source = f"sensors_status_imu.{fields[0]},{fields[1]}"
        return sampled(name, t_us, np.where(device != 0, healthy, np.nan), source)

    return load

"""PX4 channels out of built logs: each version's fields, types and units to one catalogue value."""

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.decoders.ulog.topic import ULogTopic
from tests.decoders import px4
from tests.scenarios.ulog import ULogWriter

T = [10.0, 10.5, 11.0, 11.5, 12.0]


def constant(value: object) -> list[object]:
    return [value] * len(T)


def test_gnss_reads_alike_before_and_after_1_14() -> None:
    old = px4.recording(
        {
            "vehicle_gps_position": {
                "timestamp": T,
                "int32_t lat": constant(473977420),
                "int32_t lon": constant(85455940),
                "int32_t alt": constant(488123),
                "uint8_t fix_type": constant(3),
            }
        }
    )
    new = px4.recording(
        {
            "sensor_gps": {
                "timestamp": T,
                "double latitude_deg": constant(47.397742),
                "double longitude_deg": constant(8.545594),
                "double altitude_msl_m": constant(488.123),
                "uint8_t fix_type": constant(3),
            }
        }
    )
    for name in ("gnss.lat", "gnss.lon", "gnss.alt_msl"):
        assert old[name].values == pytest.approx(new[name].values, abs=1e-6)


def test_position_without_fix_is_not_a_position() -> None:
    found = px4.recording(
        {
            "sensor_gps": {
                "timestamp": T,
                "double latitude_deg": constant(0.0),
                "uint8_t fix_type": [0, 0, 3, 3, 3],
                "float eph": [4294967.0, 3750000.0, 1.5, 1.5, 1.5],
            }
        }
    )
    assert np.isnan(found["gnss.lat"].values).tolist() == [True, True, False, False, False]
    assert np.isnan(found["gnss.hacc"].values).tolist() == [True, True, False, False, False]


def test_each_receiver_is_an_instance_and_one_receiver_is_read_where_it_is_dense() -> None:
    one = {"timestamp": T[:2], "uint8_t fix_type": [3, 3], "uint8_t satellites_used": [9, 9]}
    dense = {
        "timestamp": T,
        "uint8_t fix_type": constant(3),
        "uint8_t satellites_used": constant(9),
    }
    two = px4.recording({"sensor_gps": one, "sensor_gps 1": one, "vehicle_gps_position": dense})
    assert sorted(two.instances("gnss.satellites")) == [0, 1]
    assert len(two["gnss.satellites"]) == 2
    single = px4.recording({"sensor_gps": one, "vehicle_gps_position": dense})
    assert len(single["gnss.satellites"]) == 5


@pytest.mark.parametrize(
    ("outputs", "params", "expected"),
    [
        ([900, 1075, 1512.5, 1950, 1950], {"PWM_MIN": 1075.0, "PWM_MAX": 1950.0}, "pulse width"),
        ([0, 0.001, 4095.5, 8191, 8191], {}, "UAVCAN raw command"),
        ([0, 0.001, 999.5, 1999, 1999], {}, "DShot step"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_motor_command_is_off_idle_half_and_full_in_every_unit(
    outputs: list[float], params: dict[str, float], expected: str
) -> None:
    found = px4.recording(
        {
            "actuator_outputs": {
                "timestamp": T,
                "float[16] output": [[value] * 4 + [0.0] * 12 for value in outputs],
            },
            "vehicle_status": {
                "timestamp": T,
                "uint8_t arming_state": constant(2),
                "uint8_t nav_state": constant(0),
                "uint8_t system_type": constant(2),
            },
        },
        params=params,
        release=0x010900FF,
    )
    command = found["motor.command[3]"].values
    assert np.isnan(command[0])
    assert command[1:] == pytest.approx([0.0, 0.5, 1.0, 1.0], abs=1e-5)


def test_allocated_motors_are_taken_as_they_are_and_unused_ones_left_out() -> None:
    nan = float("nan")
    found = px4.recording(
        {
            "actuator_motors": {
                "timestamp": T,
                "float[12] control": [[0.5, nan] + [nan] * 10, *([[0.5, 0.25] + [nan] * 10] * 4)],
            }
        }
    )
    assert sorted(found.instances("motor.command")) == [1, 2]
    assert np.isnan(found["motor.command[2]"].values[0])


def test_speed_controller_belongs_to_the_motor_that_its_function_names() -> None:
    writer = ULogWriter()
    writer.format("esc_report", "int32_t esc_rpm;float esc_temperature;uint8_t actuator_function;")
    writer.format("esc_status", "uint64_t timestamp;uint8_t esc_count;esc_report[8] esc;")
    writer.subscribe("esc_status", 0)
    for t_s in T:
        row: dict[str, float] = {"timestamp": round(t_s * 1e6), "esc_count": 2}
        for slot, (rpm, kelvin, function) in enumerate([(2000, 300.0, 102), (1000, 290.0, 101)]):
            row[f"esc[{slot}].esc_rpm"] = rpm
            row[f"esc[{slot}].esc_temperature"] = kelvin
            row[f"esc[{slot}].actuator_function"] = function
        writer.data(0, row)
    (found,) = DECODER.normalise(DECODER.decode(Source("built.ulg", writer.bytes())))
    assert {k: c.values[0] for k, c in found.instances("esc.rpm").items()} == {1: 1000, 2: 2000}
    assert found["esc.temperature[1]"].values == pytest.approx(290.0 - 273.15)


def test_vibration_before_1_13_is_per_integration() -> None:
    old = px4.recording(
        {"vehicle_imu_status": {"timestamp": T, "float accel_vibration_metric": constant(0.02)}},
        params={"IMU_INTEG_RATE": 250},
        release=0x010C03FF,
    )
    new = px4.recording(
        {
            "vehicle_imu_status": {
                "timestamp": T,
                "float accel_vibration_metric": constant(5.0),
                "float[3] var_accel": constant([0.0, 0.0, 0.0]),
            }
        }
    )
    assert old["vibration.metric"].values == pytest.approx(new["vibration.metric"].values)


@pytest.mark.parametrize("pressure", [950.0, 95000.0], ids=["hectopascal", "pascal"])
def test_barometer_is_pascal(pressure: float) -> None:
    found = px4.recording({"sensor_baro": {"timestamp": T, "float pressure": constant(pressure)}})
    assert found["baro.pressure"].values == pytest.approx(95000.0)


def test_battery_that_never_was_there_is_absent_and_one_that_tears_off_is_not() -> None:
    def pack(voltage: list[float], connected: list[int]) -> dict[str, list[float]]:
        return {"timestamp": T, "float voltage_v": voltage, "bool connected": connected}

    found = px4.recording(
        {
            "battery_status": pack([16.0, 15.0, 9.0, 1.0, 0.1], [1, 1, 1, 0, 0]),
            "battery_status 1": pack([0.1] * 5, [0] * 5),
        }
    )
    assert found["battery.voltage"].values[-1] == pytest.approx(0.1)
    assert found.get("battery.voltage[1]") is None


def test_magnetometer_is_microtesla_and_throttle_stick_a_share() -> None:
    found = px4.recording(
        {
            "vehicle_magnetometer": {
                "timestamp": T,
                "float[3] magnetometer_ga": constant([0.2, 0.0, 0.4]),
            },
            "manual_control_setpoint": {"timestamp": T, "float throttle": [-1, -0.5, 0, 0.5, 1]},
        }
    )
    assert found["mag.x"].values == pytest.approx(20.0)
    assert found["throttle.input"].values == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_height_is_over_the_home_that_was_set_and_not_over_its_corrections() -> None:
    found = px4.recording(
        {
            "vehicle_local_position": {
                "timestamp": T,
                "float z": [0, -5, -10, -10, -10],
                "float ref_alt": constant(100.0),
                "bool z_valid": constant(1),
                "bool z_global": constant(1),
            },
            "home_position": {
                "timestamp": T,
                "double lat": constant(47.0),
                "double lon": constant(8.0),
                "float alt": [101.0, 102.0, 99.0, 102.0, 99.0],
            },
        }
    )
    assert found["position.height"].values == pytest.approx([-1.0, 4.0, 9.0, 9.0, 9.0])


def test_global_position_follows_from_the_local_frame_where_it_is_not_logged() -> None:
    found = px4.recording(
        {
            "vehicle_local_position": {
                "timestamp": T,
                "float x": constant(1111.9493),
                "float y": constant(0.0),
                "float z": constant(-20.0),
                "double ref_lat": constant(47.0),
                "double ref_lon": constant(8.0),
                "float ref_alt": constant(100.0),
                "bool xy_global": [0, 1, 1, 1, 1],
                "bool z_global": constant(1),
            }
        }
    )
    assert np.isnan(found["position.lat"].values[0])
    assert found["position.lat"].values[1:] == pytest.approx(47.01, abs=1e-6)
    assert found["position.alt_msl"].values == pytest.approx(120.0)


def test_estimator_channel_is_the_one_in_use() -> None:
    def core(ratio: float) -> dict[str, list[float]]:
        return {"timestamp": T, "float vel_test_ratio": constant(ratio)}

    found = px4.recording(
        {
            "estimator_status": core(0.1),
            "estimator_status 1": core(0.9),
            "estimator_selector_status": {
                "timestamp": [10.0, 11.0],
                "uint8_t primary_instance": [0, 1],
            },
        }
    )
    assert found["estimator.ratio_velocity"].values == pytest.approx([0.1, 0.1, 0.9, 0.9, 0.9])
    assert found["estimator.ratio_velocity[1]"].values == pytest.approx(0.9)


def test_normalising_decodes_no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[tuple[str, tuple[str, ...]]] = []
    gather = ULogTopic.gather

    def spy(topic: ULogTopic, fields: tuple[str, ...]) -> object:
        gathered.append((topic.name, tuple(fields)))
        return gather(topic, fields)

    data = px4.log(
        {
            "sensor_combined": {
                "timestamp": T,
                "float[3] accelerometer_m_s2": constant([0.0, 0.0, -9.8]),
            }
        }
    )
    raw = DECODER.decode(Source("built.ulg", data))
    monkeypatch.setattr(ULogTopic, "gather", spy)
    (found,) = DECODER.normalise(raw)
    assert ("sensor_combined", ("timestamp",)) in gathered
    assert all(fields == ("timestamp",) for name, fields in gathered if name == "sensor_combined")
    assert found["accel.z"].values == pytest.approx(-9.8, abs=1e-6)


def test_steering_of_a_rover_is_its_own_topic_before_the_yaw_torque() -> None:
    torque = {"timestamp": T, "float[3] xyz": constant([0.0, 0.0, 0.25])}
    own = {"timestamp": T, "float normalized_steering_setpoint": constant(0.75)}
    rover = {"MAV_TYPE": 10.0}
    older = px4.recording({"vehicle_torque_setpoint": torque}, params=rover)
    assert older["steering.demand"].values == pytest.approx(0.25)
    newer = px4.recording(
        {"vehicle_torque_setpoint": torque, "rover_steering_setpoint": own}, params=rover
    )
    assert newer["steering.demand"].values == pytest.approx(0.75)
    quad = px4.recording({"vehicle_torque_setpoint": torque}, params={"MAV_TYPE": 2.0})
    assert "steering.demand" not in quad


@pytest.mark.parametrize(
    ("kind", "expected"), [(2, 0.6), (1, 0.3), (10, 0.3)], ids=["multirotor", "plane", "rover"]
)
def test_thrust_is_up_for_a_multirotor_and_forward_for_the_rest(kind: int, expected: float) -> None:
    thrust = {"timestamp": T, "float[3] xyz": constant([0.3, 0.0, -0.6])}
    found = px4.recording({"vehicle_thrust_setpoint": thrust}, params={"MAV_TYPE": kind})
    assert found["throttle.demand"].values == pytest.approx(expected)


def test_vtol_hovers_in_transition_and_not_on_the_wing() -> None:
    found = px4.recording(
        {"vtol_vehicle_status": {"timestamp": T, "uint8_t vehicle_vtol_state": [0, 3, 1, 4, 2]}}
    )
    assert found["vtol.is_hovering"].values[1:].tolist() == [1.0, 1.0, 0.0, 1.0]
    assert np.isnan(found["vtol.is_hovering"].values[0])


def test_a_link_that_never_was_is_not_lost() -> None:
    def flags(lost: list[int]) -> dict[str, list[float]]:
        return {
            "timestamp": T,
            "uint8_t arming_state": constant(2),
            "uint8_t nav_state": constant(0),
            "bool gcs_connection_lost": lost,
        }

    assert px4.recording({"vehicle_status": flags([1] * 5)}).get("link.is_lost") is None
    found = px4.recording({"vehicle_status": flags([0, 0, 1, 1, 1])})
    assert found["link.is_lost"].values.tolist() == [0, 0, 1, 1, 1]


def test_heartbeat_of_an_onboard_computer_is_no_ground_station() -> None:
    def status(kind: int) -> dict[str, list[float]]:
        heard = [round((t - 0.5) * 1e6) for t in T]
        return {
            "timestamp": T,
            "uint64_t heartbeat_time": heard,
            "uint8_t remote_type": constant(kind),
        }

    station = px4.recording({"telemetry_status": status(6)})
    assert station["link.gcs_age"].values == pytest.approx(0.5)
    assert px4.recording({"telemetry_status": status(18)}).get("link.gcs_age") is None

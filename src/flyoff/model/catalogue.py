"""The channel catalogue: every quantity that a recording can carry, its unit and plausible range.

Names are ``group.quantity``; ``[k]`` names instance k: motors, servos, ESCs and RC channels are
counted from 1 as makers number them and always carry it; sensors are counted from 0 and instance 0
is written without it. Frames: north-east-down (NED) for the world, forward-right-down for the body,
angles in radians. A range is what a real vehicle can show; the contract tests hold every decoder's
output to it, which catches unit mistakes. Source: SIGNALS of the autopilots' own log messages.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """One catalogue entry.

    Attributes
    ----------
    name : str
    unit : str
        As printed beside an axis; ``""`` for a ratio, a flag or a count.
    low, high : float [unit]
        Plausible range.
    about : str
    """

    name: str
    unit: str
    low: float
    high: float
    about: str


def _q(name: str, unit: str, low: float, high: float, about: str) -> tuple[str, Quantity]:
    return name, Quantity(name, unit, low, high, about)


_PI = 3.1416
CATALOGUE: dict[str, Quantity] = dict(
    (
        # state
        _q("arm.is_armed", "", 0, 1, "motors may turn"),
        _q("land.is_landed", "", 0, 1, "the autopilot believes it stands on the ground"),
        _q("land.has_contact", "", 0, 1, "ground felt, before the autopilot calls it landed"),
        _q("land.is_falling", "", 0, 1, "the autopilot believes it falls freely"),
        _q("mode.number", "", -1, 1e9, "the autopilot's own mode number"),
        _q("vtol.is_hovering", "", 0, 1, "a VTOL flies on its lift motors"),
        # where it is
        _q("position.lat", "deg", -90, 90, "fused latitude"),
        _q("position.lon", "deg", -180, 180, "fused longitude"),
        _q("position.alt_msl", "m", -1000, 40000, "fused height above mean sea level"),
        _q(
            "position.height", "m", -5000, 40000, "fused height above home, as the autopilot has it"
        ),
        _q("position.north", "m", -1e6, 1e6, "fused position north of the estimator's origin"),
        _q("position.east", "m", -1e6, 1e6, "fused position east of the estimator's origin"),
        _q("position.down", "m", -40000, 40000, "fused position below the estimator's origin"),
        _q("velocity.north", "m/s", -400, 400, "fused velocity north"),
        _q("velocity.east", "m/s", -400, 400, "fused velocity east"),
        _q("velocity.down", "m/s", -200, 200, "fused velocity down"),
        _q("home.lat", "deg", -90, 90, "home, whenever it is set"),
        _q("home.lon", "deg", -180, 180, "home, whenever it is set"),
        _q("home.alt_msl", "m", -1000, 40000, "home, whenever it is set"),
        # satellite navigation, per receiver
        _q("gnss.lat", "deg", -90, 90, "receiver latitude"),
        _q("gnss.lon", "deg", -180, 180, "receiver longitude"),
        _q("gnss.alt_msl", "m", -1000, 40000, "receiver height above mean sea level"),
        _q("gnss.speed", "m/s", 0, 600, "receiver ground speed"),
        _q("gnss.course", "rad", -2 * _PI, 2 * _PI, "receiver course over ground"),
        _q("gnss.velocity_down", "m/s", -600, 600, "receiver vertical velocity"),
        _q("gnss.fix", "", 0, 8, "0-1 none, 2 2-D, 3 3-D, 4 DGPS, 5 RTK float, 6 RTK fixed"),
        _q("gnss.satellites", "", 0, 100, "satellites used"),
        _q("gnss.hdop", "", 0, 100, "horizontal dilution of precision"),
        _q("gnss.hacc", "m", 0, 1e6, "receiver's estimate of its horizontal error"),
        _q("gnss.vacc", "m", 0, 1e6, "receiver's estimate of its vertical error"),
        _q("gnss.sacc", "m/s", 0, 1e6, "receiver's estimate of its speed error"),
        _q("gnss.noise", "", 0, 1e5, "receiver noise per millisecond"),
        _q("gnss.agc", "", 0, 1e5, "receiver automatic gain control"),
        _q("gnss.jam_indicator", "", 0, 255, "receiver's continuous-wave jamming indicator"),
        _q("gnss.jam_state", "", 0, 4, "0 unknown, 1 ok, 2 mitigated, 3 detected"),
        _q("gnss.spoof_state", "", 0, 4, "0 unknown, 1 none, 2 indicated, 3 multiple"),
        # attitude and rates
        _q("attitude.roll", "rad", -_PI, _PI, "fused roll"),
        _q("attitude.pitch", "rad", -_PI, _PI, "fused pitch"),
        _q("attitude.yaw", "rad", -_PI, 2 * _PI, "fused heading"),
        _q("attitude_demand.roll", "rad", -_PI, _PI, "demanded roll"),
        _q("attitude_demand.pitch", "rad", -_PI, _PI, "demanded pitch"),
        _q("attitude_demand.yaw", "rad", -_PI, 2 * _PI, "demanded heading"),
        _q("rate.roll", "rad/s", -80, 80, "body rate"),
        _q("rate.pitch", "rad/s", -80, 80, "body rate"),
        _q("rate.yaw", "rad/s", -80, 80, "body rate"),
        _q("rate_demand.roll", "rad/s", -80, 80, "demanded body rate"),
        _q("rate_demand.pitch", "rad/s", -80, 80, "demanded body rate"),
        _q("rate_demand.yaw", "rad/s", -80, 80, "demanded body rate"),
        _q("control.roll", "", -10, 10, "roll torque or aileron demanded of the mixer"),
        _q("control.pitch", "", -10, 10, "pitch torque or elevator demanded of the mixer"),
        _q("control.yaw", "", -10, 10, "yaw torque or rudder demanded of the mixer"),
        _q("control.torque_shortfall", "", 0, 10, "torque demanded that the motors cannot give"),
        _q("control.thrust_shortfall", "", 0, 10, "thrust demanded that the motors cannot give"),
        # inertial sensors, per instance; a simulated impact is not clipped by the sensor's range
        _q("accel.x", "m/s²", -2500, 2500, "specific force, forward"),
        _q("accel.y", "m/s²", -2500, 2500, "specific force, right"),
        _q("accel.z", "m/s²", -2500, 2500, "specific force, down (-9.8 at rest)"),
        _q("gyro.x", "rad/s", -80, 80, "raw body rate"),
        _q("gyro.y", "rad/s", -80, 80, "raw body rate"),
        _q("gyro.z", "rad/s", -80, 80, "raw body rate"),
        _q("imu.is_healthy", "", 0, 1, "the autopilot's own health flag of this IMU"),
        _q("imu.temperature", "°C", -60, 150, "IMU temperature"),
        _q("vibration.x", "m/s²", 0, 2000, "vibration level as ArduPilot's VIBE defines it"),
        _q("vibration.y", "m/s²", 0, 2000, "vibration level as ArduPilot's VIBE defines it"),
        _q("vibration.z", "m/s²", 0, 2000, "vibration level as ArduPilot's VIBE defines it"),
        _q(
            "vibration.metric",
            "m/s²",
            0,
            2000,
            "vibration metric as PX4's vehicle_imu_status has it",
        ),
        _q("vibration.clips", "", 0, 1e10, "accelerometer clippings counted since boot"),
        # actuation
        _q("throttle.demand", "", -1.5, 1.5, "collective thrust demanded of the mixer"),
        _q("throttle.input", "", -1, 1.5, "the operator's throttle stick"),
        _q("throttle.hover", "", 0, 1, "hover throttle as learned"),
        _q("throttle.forward", "", -1, 1, "output to the propulsion of a plane or VTOL"),
        _q("motor.command", "", -1, 1, "output to a motor, 0 idle … 1 full, NaN off"),
        _q("motor.imbalance", "", -1e4, 1e4, "the autopilot's own measure of imbalance"),
        _q("motor.failure_mask", "", 0, 65535, "motors believed dead by the autopilot, bits"),
        _q("servo.output", "µs", 0, 3000, "raw output pulse width"),
        _q("surface.aileron", "", -1.5, 1.5, "aileron output"),
        _q("surface.elevator", "", -1.5, 1.5, "elevator output"),
        _q("surface.rudder", "", -1.5, 1.5, "rudder output"),
        _q("surface.flaps", "", -1.5, 1.5, "flap output"),
        _q("steering.demand", "", -1.5, 1.5, "steering output of a boat or rover"),
        _q("steering.turn_rate_demand", "rad/s", -20, 20, "demanded turn rate"),
        _q("steering.turn_rate", "rad/s", -20, 20, "achieved turn rate"),
        _q("motor.thrust_limit", "", 0, 2, "share of thrust that the voltage still allows"),
        _q("motor.failure_flags", "", 0, 255, "thrust-loss flags of ArduPilot's mixer, 2 normal"),
        _q("esc.rpm", "1/min", -1e5, 1e6, "motor speed from its controller"),
        _q("esc.voltage", "V", 0, 1000, "controller's input voltage"),
        _q("esc.current", "A", -500, 1000, "controller's current"),
        _q("esc.temperature", "°C", -60, 250, "controller's temperature"),
        _q("esc.errors", "", 0, 1e10, "controller's error count or flags"),
        _q("engine.rpm", "1/min", 0, 1e6, "engine or motor speed from a separate sensor"),
        # estimator: ratio 1 = the innovation is rejected
        _q("estimator.ratio_velocity", "", 0, 1e6, "innovation test ratio, velocity"),
        _q("estimator.ratio_position", "", 0, 1e6, "innovation test ratio, position"),
        _q("estimator.ratio_height", "", 0, 1e6, "innovation test ratio, height"),
        _q("estimator.ratio_mag", "", 0, 1e6, "innovation test ratio, magnetometer"),
        _q("estimator.ratio_heading", "", 0, 1e6, "innovation test ratio, heading"),
        _q("estimator.ratio_airspeed", "", 0, 1e6, "innovation test ratio, airspeed"),
        _q("estimator.innovation_velocity_north", "m/s", -1e5, 1e5, "GNSS minus inertial"),
        _q("estimator.innovation_velocity_east", "m/s", -1e5, 1e5, "GNSS minus inertial"),
        _q("estimator.innovation_velocity_down", "m/s", -1e5, 1e5, "GNSS minus inertial"),
        _q("estimator.innovation_position_north", "m", -1e7, 1e7, "GNSS minus inertial"),
        _q("estimator.innovation_position_east", "m", -1e7, 1e7, "GNSS minus inertial"),
        _q("estimator.innovation_height", "m", -1e6, 1e6, "height source minus inertial"),
        _q("estimator.fault_flags", "", 0, 1e10, "numerical faults, a bit each"),
        _q("estimator.timeout_flags", "", 0, 1e10, "aiding that timed out, a bit each"),
        _q("estimator.solution_flags", "", 0, 1e10, "solution status, the autopilot's own bits"),
        _q("estimator.is_dead_reckoning", "", 0, 1, "no position or velocity aiding is used"),
        _q("estimator.position_lost", "", 0, 1, "horizontal position not valid"),
        _q("estimator.error_angle", "rad", 0, 10, "tilt error estimate"),
        _q("estimator.reset_count", "", 0, 1e9, "position resets counted"),
        _q("estimator.offset_north", "m", -1e7, 1e7, "hides a jump of the position source"),
        _q("estimator.offset_east", "m", -1e7, 1e7, "hides a jump of the position source"),
        _q("estimator.primary", "", -1, 20, "core in use"),
        # energy, per battery
        _q("battery.voltage", "V", 0, 1000, "pack voltage"),
        _q("battery.current", "A", -1000, 2000, "pack current"),
        _q("battery.consumed", "mAh", -1000, 1e7, "charge drawn"),
        _q("battery.energy", "Wh", -1000, 1e6, "energy drawn"),
        _q("battery.remaining", "", -0.01, 1.01, "charge left, share"),
        _q("battery.temperature", "°C", -60, 150, "pack temperature"),
        _q("battery.resistance", "ohm", 0, 10, "internal resistance as the autopilot has it"),
        _q("battery.warning", "", 0, 10, "0 none, 1 low, 2 critical, 3 emergency, 4 failed"),
        _q("battery.cell_min", "V", 0, 10, "lowest cell as the monitor sees it"),
        _q("board.voltage", "V", 0, 60, "flight controller's supply"),
        _q("board.servo_voltage", "V", 0, 100, "servo rail"),
        _q("board.power_flags", "", 0, 65535, "supply status bits of the autopilot"),
        _q("mcu.voltage", "V", 0, 10, "processor supply"),
        _q("mcu.temperature", "°C", -60, 150, "processor temperature"),
        # links
        _q("rc.channel", "µs", 0, 3000, "operator's input pulse width"),
        _q("rc.rssi", "", 0, 1.01, "receiver signal, share of full"),
        _q("rc.link_quality", "", 0, 1.01, "receiver link quality, share of full"),
        _q("rc.is_lost", "", 0, 1, "no valid input from the operator"),
        _q("link.rssi", "", -200, 300, "telemetry radio signal, as the radio reports it"),
        _q("link.remote_rssi", "", -200, 300, "telemetry radio signal at the far end"),
        _q("link.noise", "", -200, 300, "telemetry radio noise"),
        _q("link.is_lost", "", 0, 1, "no heartbeat of the ground station"),
        _q("link.gcs_age", "s", 0, 1e7, "time since the last heartbeat of the ground station"),
        # other sensors, per instance
        _q("baro.height", "m", -5000, 40000, "pressure height above boot"),
        _q("baro.pressure", "Pa", 1000, 200000, "static pressure"),
        _q("baro.temperature", "°C", -60, 150, "barometer temperature"),
        _q("baro.is_healthy", "", 0, 1, "the autopilot's own health flag"),
        _q("mag.x", "µT", -2000, 2000, "magnetic field in the body frame, corrected as logged"),
        _q("mag.y", "µT", -2000, 2000, "magnetic field in the body frame, corrected as logged"),
        _q("mag.z", "µT", -2000, 2000, "magnetic field in the body frame, corrected as logged"),
        _q("mag.is_disturbed", "", 0, 1, "the autopilot finds the field unlike the Earth's"),
        _q("mag.is_healthy", "", 0, 1, "the autopilot's own health flag"),
        _q("airspeed.indicated", "m/s", -10, 400, "indicated airspeed"),
        _q("airspeed.true", "m/s", -10, 400, "true airspeed as estimated"),
        _q("airspeed.pressure", "Pa", -5000, 50000, "differential pressure"),
        _q("airspeed.is_healthy", "", 0, 1, "the autopilot's own health flag"),
        _q("airspeed.is_used", "", 0, 1, "the sensor is used for control"),
        _q("range.distance", "m", -1, 10000, "downward range finder"),
        _q("terrain.height", "m", -5000, 40000, "height above the terrain map"),
        _q("flow.quality", "", 0, 255, "optical flow quality"),
        _q("wind.north", "m/s", -100, 100, "wind vector as estimated, where the air moves to"),
        _q("wind.east", "m/s", -100, 100, "wind vector as estimated, where the air moves to"),
        _q("depth", "m", -5, 11000, "depth of a submarine"),
        # navigation
        _q("nav.target_lat", "deg", -90, 90, "position demanded"),
        _q("nav.target_lon", "deg", -180, 180, "position demanded"),
        _q("nav.target_north", "m", -1e6, 1e6, "position demanded, from the estimator's origin"),
        _q("nav.target_east", "m", -1e6, 1e6, "position demanded, from the estimator's origin"),
        _q("nav.target_height", "m", -5000, 40000, "height demanded above home or origin"),
        _q("nav.target_velocity_north", "m/s", -400, 400, "velocity demanded"),
        _q("nav.target_velocity_east", "m/s", -400, 400, "velocity demanded"),
        _q("nav.climb_demand", "m/s", -200, 200, "climb rate demanded"),
        _q("nav.climb_rate", "m/s", -200, 200, "climb rate as the controller has it"),
        _q("nav.speed_demand", "m/s", -400, 400, "speed demanded along the way"),
        _q("nav.distance", "m", 0, 1e7, "distance to the target"),
        _q("nav.crosstrack", "m", -1e7, 1e7, "distance from the track"),
        _q("mission.item", "", -1, 1e5, "mission item being flown"),
        _q("fence.breach", "", 0, 255, "fence breach bits"),
        # health of the logger and the computer
        _q("cpu.load", "", 0, 1.01, "processor load"),
        _q("cpu.internal_errors", "", 0, 1e10, "the autopilot's internal errors, a bit each"),
        _q("logger.dropped", "", 0, 1e10, "messages dropped by the logger, counted since boot"),
    )
)

#: Quantities of which a vehicle has several, numbered from 1 and always written with ``[k]``.
NUMBERED = frozenset(
    {
        "motor.command",
        "servo.output",
        "rc.channel",
        "esc.rpm",
        "esc.voltage",
        "esc.current",
        "esc.temperature",
        "esc.errors",
    }
)


def base_name(name: str) -> str:
    """Strip the instance: ``"motor.command[3]"`` → ``"motor.command"``.

    Examples
    --------
    >>> base_name("motor.command[3]")
    'motor.command'
    """
    return name.partition("[")[0]


def instance_name(name: str, instance: int) -> str:
    """Write the name of an instance as the catalogue does.

    Examples
    --------
    >>> instance_name("accel.x", 0), instance_name("accel.x", 1), instance_name("esc.rpm", 1)
    ('accel.x', 'accel.x[1]', 'esc.rpm[1]')
    """
    if name in NUMBERED or instance:
        return f"{name}[{instance}]"
    return name

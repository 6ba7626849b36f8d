"""Small ArduPilot logs for the tests of normalisation: banner, parameters, what a test adds."""

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.source import Source
from flyoff.model.recording import Recording
from tests.scenarios.dataflash import FMT_TYPE, DataFlashLog

COPTER = "ArduCopter V4.6.3 (3fc7011a)"
#: Messages by name: format characters and labels, as firmware 4.6 has them unless said otherwise.
LAYOUTS = {
    "ATT": ("QffffffB", "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw,AEKF"),
    "ARM": ("QBIBB", "TimeUS,ArmState,ArmChecks,Forced,Method"),
    "EV": ("QB", "TimeUS,Id"),
    "ERR": ("QBB", "TimeUS,Subsys,ECode"),
    "MODE": ("QMBB", "TimeUS,Mode,ModeNum,Rsn"),
    "MISE": ("QHHHffffLLfB", "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame"),
    "CMD": ("QHHHffffLLfB", "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame"),
    "ORGN": ("QBLLe", "TimeUS,Type,Lat,Lng,Alt"),
    "GPS": (
        "QBBIHBcLLeffffB",
        "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U",
    ),
    "RCOU": ("QHHHHHHHH", "TimeUS,C1,C2,C3,C4,C5,C6,C7,C8"),
    "RCIN": ("QHHHH", "TimeUS,C1,C2,C3,C4"),
    "RCI2": ("QHHHB", "TimeUS,C15,C16,OMask,Flags"),
    "BAT": ("QBfffffcfB", "TimeUS,Inst,Volt,VoltR,Curr,CurrTot,EnrgTot,Temp,Res,RemPct"),
    "XKF1": ("QBfff", "TimeUS,C,VN,VE,VD"),
    "XKF3": ("QBcccccc", "TimeUS,C,IVN,IVE,IVD,IPN,IPE,IPD"),
    "XKF4": ("QBcccccIb", "TimeUS,C,SV,SP,SH,SM,SVT,SS,PI"),
    "ESC": ("QBf", "TimeUS,Instance,RPM"),
    "STAT": ("QBfB", "TimeUS,isFlying,isFlyProb,Armed"),
    "VER": ("QBHBBBBIZHBB", "TimeUS,BT,BST,Maj,Min,Pat,FWT,GH,FWS,APJ,BU,FV"),
    "PM": ("QHHHIIHHIIIIIIQ", "TimeUS,LR,NLon,NL,MaxT,Mem,Load,ErrL,InE,ErC,SPIC,I2CC,I2CI,Ex,R"),
    "RFND": ("QBCBBb", "TimeUS,Instance,Dist,Stat,Orient,Quality"),
}
#: Which column FMTU marks as the instance.
_INSTANCES = {"GPS": 1, "BAT": 1, "XKF1": 1, "XKF3": 1, "XKF4": 1, "ESC": 1, "RFND": 1}


class Log(DataFlashLog):
    """A log that describes a message when it is first written."""

    def put(self, name: str, t_us: int, *values: object) -> None:
        """Append a record, its description first if need be; values left out are 0."""
        if name not in self.formats:
            self.layout(name, *LAYOUTS[name])
        count = len(self.formats[name].characters)
        self.write(name, t_us, *values, *[0] * (count - 1 - len(values)))

    def layout(self, name: str, characters: str, labels: str) -> None:
        """Describe a message as some other firmware does."""
        units = ["-"] * len(characters)
        if name in _INSTANCES:
            units[_INSTANCES[name]] = "#"
        self.define(130 + len(self.formats), name, characters, labels, "".join(units))

    def say(self, t_us: int, text: str) -> None:
        """Append a text."""
        self.write("MSG", t_us, text)


def opened(
    firmware: str = COPTER, *, start_us: int = 1_000_000, samples: bool = True, **params: float
) -> Log:
    """A log with banner and parameters, and attitude at 25 Hz for 20 s unless told otherwise."""
    log = Log()
    log.legend()
    open_boot(log, firmware, start_us, params)
    if samples:
        attitude(log, start_us)
    return log


def open_boot(log: Log, firmware: str, start_us: int, params: dict[str, float]) -> None:
    """The lines that a boot starts with."""
    log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.define(32, "PARM", "QNff", "TimeUS,Name,Value,Default")
    log.define(59, "MSG", "QZ", "TimeUS,Message")
    for name, value in params.items():
        log.write("PARM", start_us, name, value, 0.0)
    if firmware:
        log.banner(start_us, firmware)


def attitude(log: Log, start_us: int, seconds: float = 20.0) -> None:
    """Level attitude, which keeps the recording's clock."""
    for tick in range(round(seconds * 25)):
        log.put("ATT", start_us + tick * 40_000, 0.0, 0.0, 0.0, 0.0, 90.0, 90.0, 3)


def recordings(log: Log) -> list[Recording]:
    """Decode and normalise."""
    return DECODER.normalise(DECODER.decode(Source("built.BIN", bytes(log))))


def recording(log: Log) -> Recording:
    """The only recording of a log."""
    (found,) = recordings(log)
    return found

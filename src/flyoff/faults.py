"""Named steps at which a test may end, stop or fail this process: how durability is proved.

``FLYOFF_FAULT=raw.kept:10:kill`` kills this process the tenth time that it comes to the step
``raw.kept``; several are separated by commas. The variable is read once, when this module is
loaded, and without it a step costs one comparison. ``FLYOFF_FAULT_TRACE=FILE`` appends every step
that is met to a file, so that a test can visit them all.

A step's name says what has just been done (``raw.named``: the file has its name); it is met by the
process that did it, in the order of the code, whatever the machine's speed.
"""

import errno
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn, get_args

#: ``kill``: SIGKILL to itself. ``stop``: SIGSTOP to itself, until somebody continues it.
#: ``interrupt``: Ctrl-C to the process group. ``raise``, ``full``, ``denied``: OSError as of a
#: broken disk, a full one, and one without permission.
Action = Literal["kill", "stop", "interrupt", "raise", "full", "denied"]
_ACTIONS: Final[dict[str, Action]] = {action: action for action in get_args(Action)}
_ERRNO: Final = {"raise": errno.EIO, "full": errno.ENOSPC, "denied": errno.EACCES}
_PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens the ``nth`` time that a step is met."""

    step: str
    nth: int
    action: Action


@dataclass(slots=True)
class Plan:
    """Faults to come, and how often each step was met."""

    faults: tuple[Fault, ...] = ()
    trace: str = ""
    met: Counter[str] = field(default_factory=Counter)

    def meet(self, name: str) -> None:
        """Count a step, and do what is planned for it."""
        self.met[name] += 1
        if self.trace:
            with open(self.trace, "a") as file:
                file.write(f"{os.getpid()} {name}\n")
        for fault in self.faults:
            if (fault.step, fault.nth) == (name, self.met[name]):
                _do(fault)


def parsed(text: str) -> tuple[Fault, ...]:
    """Faults as the environment writes them.

    Examples
    --------
    >>> parsed("raw.kept:10:kill")
    (Fault(step='raw.kept', nth=10, action='kill'),)
    """
    found = []
    for word in filter(None, text.split(",")):
        try:
            step, nth, action = word.split(":")
            found.append(Fault(step, int(nth), _ACTIONS[action]))
        except (ValueError, KeyError):
            raise SystemExit(f"flyoff: FLYOFF_FAULT has {word!r}, expected step:n:action") from None
    return tuple(found)


def _from_environment() -> Plan | None:
    faults = os.environ.get("FLYOFF_FAULT", "")
    trace = os.environ.get("FLYOFF_FAULT_TRACE", "")
    return Plan(parsed(faults), trace) if faults or trace else None


_plan: Plan | None = _from_environment()


def step(name: str) -> None:
    """Say that a step is done; nothing, unless a test has planned something for it."""
    if _plan is not None:
        _plan.meet(name)


def arm(plan: Plan | None) -> None:
    """Plan faults in this process, or none any more."""
    global _plan  # one plan a process, as the environment gives one
    _plan = plan


def _do(fault: Fault) -> None:
    if fault.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault.action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif fault.action == "interrupt":
        os.killpg(0, signal.SIGINT)
        _await_interrupt()
    else:
        number = _ERRNO[fault.action]
        raise OSError(number, os.strerror(number), fault.step)


def _await_interrupt() -> NoReturn:
    """Python hears of a signal between two of its own instructions: let there be some."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        time.sleep(0.01)
    raise SystemExit("flyoff: the interrupt that was planned never came")

"""What a command may end with: an exit code and at most one line; never a traceback."""

import contextlib
import errno
import functools
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import ParamSpec

import typer

from flyoff.errors import (
    CampaignError,
    DecodeError,
    ExchangeError,
    FlyoffError,
    PlanError,
    TrialError,
    reason_of,
)

P = ParamSpec("P")

#: What the machine refused, and no program can help.
_SURROUNDINGS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE,
    errno.ENFILE, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR,
}  # fmt: skip
OK, FAILED, MISUSE, INTERRUPTED = 0, 1, 2, 130
STORE_HELP = "The store: a folder, or a URL such as s3://bucket/trial."
#: Set to 1 to see the traceback of what went wrong.
TRACE = "FLYOFF_TRACE"
#: ``json``: what goes to standard error is one JSON object a line; ``text``: as people read it.
LOG = "FLYOFF_LOG"
_FORMATS = ("text", "json")
#: Errors whose words may quote a file.
_QUOTING = (CampaignError, DecodeError, ExchangeError, PlanError, TrialError)
#: Whether it is JSON now.
_is_json = False


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """Turn a command's return value into the exit code, and what it raises into one line."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        wanted = kwargs.get("log_format") or os.environ.get(LOG) or "text"
        with _lines(str(wanted)):
            code = _code_of(lambda: command(*args, **kwargs))
        raise typer.Exit(code)

    # the command line's own signature, without the return value that it has no use for
    run.__annotations__ = {**command.__annotations__, "return": None}
    return run


@contextlib.contextmanager
def _lines(wanted: str) -> Iterator[None]:
    """Standard error in the form that was asked for."""
    global _is_json  # one command a process; in tests one after the other
    if wanted not in _FORMATS:
        complain(f"{LOG} is {wanted!r}, expected one of {', '.join(_FORMATS)}")
        raise typer.Exit(MISUSE)
    if wanted == "text":
        yield
        return
    from flyoff.pipeline.log_lines import end_lines, write_lines

    handler, _is_json = write_lines(sys.stderr), True
    try:
        yield
    finally:
        _is_json = False
        end_lines(handler)


def _code_of(call: Callable[[], int]) -> int:
    _take_any_text()
    try:
        code = call()
        sys.stdout.flush()  # a reader that has gone away is met here, not at exit
        return code
    except FlyoffError as error:
        complain(str(error), kind=type(error).__name__, brief=brief_of(error))
        show_trace()
        return FAILED
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read us has seen enough; keep the interpreter from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        if error.errno not in _SURROUNDINGS:
            return _bug(error)
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{reason_of(error)}")
        show_trace()
        return FAILED
    except (typer.Exit, SystemExit):
        raise
    except BaseException as error:  # the last resort: a line, never a traceback; Rust's panics too
        return _bug(error)


def _bug(error: BaseException) -> int:
    text = " ".join(str(error).split())
    kind = type(error).__name__
    complain(f"{kind}: {text}; {bug_hint()}", kind=kind, brief=f"{kind}; {bug_hint()}")
    show_trace()
    return FAILED


def _take_any_text() -> None:
    """Let standard output take a file name's odd byte, and what its encoding has no sign for.

    The byte goes out as it came in; the sign becomes a question mark.
    """
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and out.errors in ("strict", "surrogateescape"):
        is_utf8 = out.encoding.lower().replace("-", "") == "utf8"
        out.reconfigure(errors="surrogateescape" if is_utf8 else "replace")


def complain(line: str, *, kind: str = "", brief: str = "") -> None:
    """Write one line to standard error, whatever odd bytes a file name holds.

    Parameters
    ----------
    line : str
        For a person; it may quote what a file holds.
    kind : str
        What is wrong, in one word for a machine.
    brief : str
        What a structured log says instead, which goes further than a terminal: nothing quoted.
    """
    if _is_json:
        from flyoff.pipeline.log_lines import log_problem

        log_problem(one_line(brief or line), kind)
        return
    text = f"flyoff: {one_line(line)}"
    print(text.encode(errors="backslashreplace").decode(), file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    r"""The text without line breaks and control characters, which a log could smuggle in.

    Examples
    --------
    >>> one_line("a\x1b[2Jb")
    'a?[2Jb'
    """
    joined = " ".join(text.split())
    return "".join(c if c.isprintable() or 0xDC80 <= ord(c) <= 0xDCFF else "?" for c in joined)


def brief_of(error: FlyoffError) -> str:
    """What is said of an error where nothing that a file holds may be quoted."""
    if not isinstance(error, _QUOTING):
        return str(error)
    where = getattr(error, "path", "")
    return f"{where}: cannot be read" if where else f"{type(error).__name__}: a file is at fault"


def bug_hint() -> str:
    """What to do about a bug."""
    return f"this is a bug in Flyoff; {TRACE}=1 shows where"


def is_json() -> bool:
    """Whether standard error takes one JSON object a line now."""
    return _is_json


def show_trace(text: str | None = None) -> None:
    """Print the traceback if the user asked for it by ``FLYOFF_TRACE=1``."""
    if os.environ.get(TRACE, "") not in ("", "0"):
        import traceback

        shown = text if text is not None else traceback.format_exc()
        complain(shown) if _is_json else print(shown, file=sys.stderr)

"""What a command may end with: an exit code and at most one line; never a traceback."""

import errno
import functools
import io
import os
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from flyoff.errors import FlyoffError

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


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """Turn a command's return value into the exit code, and what it raises into one line."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_code_of(lambda: command(*args, **kwargs)))

    # the command line's own signature, without the return value that it has no use for
    run.__annotations__ = {**command.__annotations__, "return": None}
    return run


def _code_of(call: Callable[[], int]) -> int:
    _take_any_text()
    try:
        code = call()
        sys.stdout.flush()  # a reader that has gone away is met here, not at exit
        return code
    except FlyoffError as error:
        complain(str(error))
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
        complain(f"{where}{(error.strerror or str(error)).lower()}")
        show_trace()
        return FAILED
    except (typer.Exit, SystemExit):
        raise
    except BaseException as error:  # the last resort: a line, never a traceback; Rust's panics too
        return _bug(error)


def _bug(error: BaseException) -> int:
    text = " ".join(str(error).split())
    complain(f"{type(error).__name__}: {text}; {bug_hint()}")
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


def complain(line: str) -> None:
    """Write one line to standard error, whatever odd bytes a file name holds."""
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


def bug_hint() -> str:
    """What to do about a bug."""
    return f"this is a bug in Flyoff; {TRACE}=1 shows where"


def show_trace(text: str | None = None) -> None:
    """Print the traceback if the user asked for it by ``FLYOFF_TRACE=1``."""
    if os.environ.get(TRACE, "") not in ("", "0"):
        import traceback

        print(text if text is not None else traceback.format_exc(), file=sys.stderr)

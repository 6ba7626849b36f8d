"""Where Numba keeps compiled kernels: decided once, before any kernel is imported.

Numba writes beside the source or below ``$HOME``; where neither can be written it refuses to
import the kernel at all. Only the standard library is imported here, because ``import flyoff``
and ``flyoff --help`` pass through.
"""

import os
import stat
import sys
import tempfile
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


def prepare() -> str:
    """Set ``NUMBA_CACHE_DIR`` to a writable folder, unless the user has set it; return it.

    The user's cache folder is taken if it can be written, else a private folder of this user among
    the temporary files. Calling it again costs a dictionary look-up.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return chosen
    folder = _user_cache()
    if folder is None or not _is_writable(folder):
        folder = _private_temporary()
    chosen = os.environ[VARIABLE] = str(folder)
    if "numba" in sys.modules:  # it read the environment when it was imported
        sys.modules["numba"].config.reload_config()
    return chosen


def _user_cache() -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):  # the XDG base directory specification ignores relative paths
        return Path(base) / "flyoff" / "numba"
    home = os.path.expanduser("~")  # "/" or "~" itself where nobody knows a home
    if not os.path.isabs(home) or home == "/":
        return None
    return Path(home) / ".cache" / "flyoff" / "numba"


def _is_writable(folder: Path) -> bool:
    """Make the folder and look whether it can be written; permission bits alone do not tell."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    # W_OK is false on a file system mounted read only, even for root
    return os.access(folder, os.W_OK | os.X_OK)


def _private_temporary() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"flyoff-numba-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="flyoff-numba-"))
    # compiled code is loaded from here: nobody else may have put it there
    is_ours = stat.S_ISDIR(state.st_mode) and state.st_uid == user and not state.st_mode & 0o077
    return folder if is_ours else Path(tempfile.mkdtemp(prefix="flyoff-numba-"))

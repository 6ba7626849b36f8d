"""Readers of what sensors record: the format by its first bytes, or by name.

Adding a format is a module with ``NAME`` and ``read``, and a line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flyoff.errors import TrialError
from flyoff.trials.readers import asterix, capture, cot, remote_id, sapient, table
from flyoff.trials.reports import Reading

FORMATS: Final = (sapient.NAME, asterix.NAME, cot.NAME, remote_id.NAME, table.NAME)
_HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Options:
    """What a file does not say itself.

    Attributes
    ----------
    start_s : float [s, UNIX UTC] or None
        Midnight of the date, or any instant of it, for times of day without a date.
    columns : table.Columns or None
        Of a CSV.
    editions : mapping of ASTERIX category to edition
    """

    start_s: float | None = None
    columns: table.Columns | None = None
    editions: Mapping[int, str] = field(default_factory=dict)


def format_of(data: bytes) -> str:
    """Name of the format, by its first bytes; empty where none fits.

    Examples
    --------
    >>> format_of(b'<?xml version="1.0"?><event uid="a"/>')
    'cot'
    """
    head = data[:_HEAD]
    if capture.is_capture(head):
        return remote_id.NAME if remote_id.sniff_link(data) else asterix.NAME
    for name, sniff in (
        (cot.NAME, cot.sniff),
        (sapient.NAME, sapient.sniff),
        (asterix.NAME, asterix.sniff),
    ):
        if sniff(head):
            return name
    return ""


def read(data: bytes, name: str = "", options: Options | None = None) -> Reading:
    """Read a sensor's file.

    Parameters
    ----------
    data : bytes
    name : str
        One of `FORMATS`; found out where it is empty.
    options : Options

    Raises
    ------
    TrialError
        If the format is not known, or a CSV has no mapping.
    """
    given = options or Options()
    name = name or (table.NAME if given.columns else format_of(data))
    if name == asterix.NAME:
        return asterix.read(data, start_s=given.start_s, editions=given.editions)
    if name == sapient.NAME:
        return sapient.read(data)
    if name == cot.NAME:
        return cot.read(data)
    if name == remote_id.NAME:
        return remote_id.read(data)
    if name == table.NAME and given.columns:
        return table.read(data, given.columns, start_s=given.start_s)
    if name == table.NAME:
        why = "a CSV needs a mapping of its columns"
    elif not data:
        why = "the file is empty; if the sensor reported nothing, say in which format"
    else:
        why = f"the format is not known: it begins with {data[:8].hex(' ')}"
    raise TrialError(f"{why}; known formats are {', '.join(FORMATS)}")

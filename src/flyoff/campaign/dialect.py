"""CSV as spreadsheets write it: byte order marks, UTF-16, semicolons or tabs, quoted new lines."""

import codecs
import csv
import io
from collections.abc import Iterator

_SEPARATORS = (",", ";", "\t")


def text_of(data: bytes) -> str:
    r"""Decode a file: UTF-8, or UTF-16 with its mark.

    Raises
    ------
    ValueError
        If it is neither; tells the line.

    Examples
    --------
    >>> text_of("\ufeffcard".encode()), text_of("card".encode("utf-16"))
    ('card', 'card')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"line {line}: byte {data[error.start]:#04x} is not UTF-8; "
            "save the table as CSV in UTF-8"
        ) from None


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    r"""Split a table into rows, each with the line that it starts on.

    The separator is the one of the header: comma, semicolon or tab; a line ``sep=;`` may name it.

    Raises
    ------
    csv.Error
        If a quote is not closed.

    Examples
    --------
    >>> list(rows_of('card;notes\r\n"1";"two\nlines"\r\n2;\r\n'))
    [(1, ['card', 'notes']), (2, ['1', 'two\nlines']), (4, ['2', ''])]
    """
    first, _, rest = text.partition("\n")
    named, start = first.strip().removeprefix("sep="), 1
    if first.startswith("sep=") and len(named) == 1:
        text, start, separator = rest, 2, named
    else:
        separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = start
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(f"line {line}: {error}") from None
        if row:
            yield line, row
        line = start + reader.line_num

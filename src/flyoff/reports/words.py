"""Words, numbers and dates of a report in the reader's language.

Messages come from gettext catalogues; the English text is the key. A text that a catalogue lacks
stays English and is counted, so that a report can say that it is not wholly translated. What the
program itself says of a flight is translated by its sentence with the figures taken out.
"""

import gettext
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from typing import Any

from flyoff.errors import ReportError
from flyoff.model.finding import Evidence
from flyoff.reports.frames import framed
from flyoff.views.wording import figure, plain, statement_parts

#: Languages that a report can be asked for; the first needs no catalogue.
LANGUAGES = ("en", "de", "uk", "da", "no")
DOMAIN = "report"
#: Between a number and its unit: never a line break.
NARROW = "\u00a0"
_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:\.\d+)?(?![\w.]*[A-Za-z_]\d)")
#: A channel such as ``link.rssi``, a flight mode such as ``ALT_HOLD``.
_NAME = re.compile(r"[\w\[\]]+\.[\w.]+|[A-Z][A-Z0-9_]+")
_QUANTITY = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True, slots=True)
class Locale:
    """How a language writes numbers and dates; as the CLDR has it."""

    decimal: str = "."
    group: str = ","
    date: str = "{y}-{m}-{d}"
    units: Mapping[str, str] = field(default_factory=dict)


_SYMBOLS = "m/s² m/s rad/s 1/s m km s min h Hz V A Wh Wh/km W kg J"
# Cyrillic is meant: DSTU writes the symbols of units so
_CYRILLIC = "м/с² м/с рад/с 1/с м км с хв год Гц В А Вт·год Вт·год/км Вт кг Дж"  # noqa: RUF001
_UNITS = dict(zip(_SYMBOLS.split(), _CYRILLIC.split(), strict=True))
#: A unit after its number.
_AFTER = re.compile(r"(?<=[\d∞])([ \u00a0])([A-Za-z][A-Za-z/²]*)(?![\w/²·])")

_LOCALES = {
    "en": Locale(),
    "de": Locale(",", ".", "{d}.{m}.{y}"),
    "uk": Locale(",", "\u00a0", "{d}.{m}.{y}", _UNITS),
    "da": Locale(",", ".", "{d}.{m}.{y}"),
    "no": Locale(",", "\u00a0", "{d}.{m}.{y}"),
}


@dataclass(slots=True, eq=False)
class Words:
    """One language.

    Attributes
    ----------
    language : str
    asked, missing : set of str
        Messages that were used, and those of them that the catalogue lacks.
    """

    language: str
    catalogue: gettext.NullTranslations
    asked: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    @property
    def locale(self) -> Locale:
        """Marks of numbers and dates."""
        return _LOCALES[self.language]

    def t(self, message: str, /, **values: object) -> str:
        """A message in the language, with values filled in."""
        found = self._found(message)
        return found.format(**values) if values else found

    def n(self, one: str, many: str, count: int, /, **values: object) -> str:
        """A message that depends on a number, which is filled in as ``count``."""
        self.asked.add(one)
        found = self.catalogue.ngettext(one, many, count)
        if self.language != "en" and (one, 0) not in self._known:
            self.missing.add(one)
        return found.format(count=self.whole(count), **values)

    def word(self, word: str | None) -> str:
        """A word of one of the closed lists: an outcome, a kind of finding, a phase."""
        return self.t(plain(word)) if word else "–"

    def says(self, sentence: str) -> str:
        """What the program says in English, with its figures kept."""
        if self.language == "en" or (" " not in sentence and _NAME.match(sentence)):
            return sentence  # names of channels and modes are no language's
        if sentence in self._known:
            return self.t(sentence)
        figures: list[str] = []

        def taken(found: re.Match[str]) -> str:
            figures.append(found.group())
            return "{}"

        pattern = _NUMBER.sub(taken, sentence)
        self.asked.add(pattern)
        if pattern not in self._known:  # it may hold braces of its own: never a format
            return self._framed(sentence) or self._lacking(pattern, sentence)
        shown = [self.local(f) for f in figures]
        return self._known[pattern].format(*shown)

    def _framed(self, sentence: str) -> str:
        """A sentence with words inside, by its frame; empty if there is none."""
        found = framed(sentence)
        if found is None or found[0] not in self._known:
            return ""
        frame, parts = found
        inside = {k: self._known.get(plain(v), self.local(v)) for k, v in parts.items()}
        return self._known[frame].format(**inside)

    def _lacking(self, pattern: str, sentence: str) -> str:
        self.missing.add(pattern)
        return sentence

    def evidence(self, piece: Evidence) -> str:
        """A piece of evidence as a sentence."""
        text, value, limit = statement_parts(piece.says, piece.value, piece.limit, piece.channel)
        told = self.says(text)
        shown = f"{told}: {self.local(value)}" if value else told
        return f"{shown} ({self.t('limit')} {self.local(limit)})" if limit else shown

    def local(self, number: str) -> str:
        """A number that is formatted in English, with the language's decimal mark and unit."""
        shown, units = _QUANTITY.sub(self.locale.decimal, number), self.locale.units
        if not units:
            return shown
        return _AFTER.sub(lambda found: found[1] + units.get(found[2], found[2]), shown)

    def unit(self, symbol: str) -> str:
        """The symbol of a unit."""
        return self.locale.units.get(symbol, symbol)

    def whole(self, number: int) -> str:
        """A count with its thousands apart."""
        return f"{number:,}".replace(",", self.locale.group)

    def number(self, value: float | None, unit: str = "") -> str:
        """A value to three digits with its unit; ∞ where there is no bound."""
        shown = self.local(figure(value, unit)) if value is not None else "–"
        return shown.replace(" ", NARROW)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share in percent."""
        if share is None:
            return "–"
        return self.local(f"{100 * share:.{digits}f}{NARROW}%").replace("-", "−")

    def date(self, iso: str | None) -> str:
        """The day of an ISO date."""
        if not iso or not re.match(r"\d{4}-\d\d-\d\d", iso):
            return iso or "–"
        return self.locale.date.format(y=iso[:4], m=iso[5:7], d=iso[8:10])

    def instant(self, iso: str | None) -> str:
        """Day and time of an ISO instant, to the second."""
        clock = (iso or "")[11:19]
        return f"{self.date(iso)} {clock}".strip()

    @property
    def _known(self) -> dict[Any, str]:
        known: dict[Any, str] = getattr(self.catalogue, "_catalog", {})
        return known

    def _found(self, message: str) -> str:
        self.asked.add(message)
        found = self.catalogue.gettext(message)
        if self.language != "en" and message not in self._known:
            self.missing.add(message)
        return found


def words(language: str = "en") -> Words:
    """The words of a language.

    Raises
    ------
    ReportError
        If there is no such language.
    """
    if language not in LANGUAGES:
        raise ReportError(f"language {language!r} is none of {', '.join(LANGUAGES)}")
    if language == "en":
        return Words(language, gettext.NullTranslations())
    with as_file(files("flyoff.reports") / "catalogues") as folder:
        return Words(language, gettext.translation(DOMAIN, folder, [language]))


#: The words of the tool itself.
ENGLISH = words()


def marked(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message

"""Reads dates however a system writes them; day and month order is decided per column, from all its values."""

import re
import unicodedata
from datetime import date, timedelta

from ledger.intake.documents import BadCell

FIRST_YEAR, LAST_YEAR = 1970, 2100
EXCEL_EPOCH = date(1899, 12, 30)
STYLES = ("ymd", "dmy", "mdy", "compact", "serial", "mixed")

ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", re.ASCII)
PARTS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ,].*)?", re.ASCII)
COMPACT = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})(?:\.0+)?", re.ASCII)
SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?", re.ASCII)
WORDED = re.compile(
    r"(\d{1,2})(?:º|er|st|nd|rd|th)?[-/. ]*(?:de )?([^\W\d_]{3,12})\.?[-/., ]*(?:de )?(\d{4}|\d{2})(?: .*)?"
)
WORDED_US = re.compile(r"([^\W\d_]{3,12})\.?[- ]*(\d{1,2})(?:st|nd|rd|th)?,?[- ]+(\d{4})(?: .*)?")

MONTHS = {
    1: "january januar janvier enero gennaio janeiro jan ene janv gen jaenner",
    2: "february februar fevrier febrero febbraio fevereiro feb fev fevr",
    3: "march marz maerz mars marzo marco mar mrz mae",
    4: "april avril abril aprile apr avr abr",
    5: "may mai mayo maggio maio mag",
    6: "june juni juin junio giugno junho jun giu",
    7: "july juli juillet julio luglio julho jul juil lug",
    8: "august aout agosto aug ago aou",
    9: "september septembre septiembre settembre setembro setiembre sep sept set",
    10: "october oktober octobre octubre ottobre outubro oct okt ott out",
    11: "november novembre noviembre novembro nov",
    12: "december dezember decembre diciembre dicembre dezembro dec dez dic",
}
MONTH_OF = {word: month for month, words in MONTHS.items() for word in words.split()}


def plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def evidence_of(cell: str) -> str:
    """What one value says: a style of STYLES, `word`, `?` when day and month could be swapped, or `` for no date."""
    text = cell.strip()
    if ISO.fullmatch(text):
        return "ymd"
    found = PARTS.fullmatch(text)
    if found:
        first, second = int(found[1]), int(found[2])
        if first > 31 or second > 31 or (first > 12 and second > 12):
            return ""
        return "dmy" if first > 12 else "mdy" if second > 12 else "same" if first == second else "?"
    if COMPACT.fullmatch(text):
        return "compact"
    if SERIAL.fullmatch(text):
        return "serial"
    worded = WORDED.fullmatch(text) or WORDED_US.fullmatch(text)
    words = [plain(part) for part in worded.groups()] if worded else []
    return "word" if any(word in MONTH_OF for word in words) else ""


class DateEvidence:
    """What a column's values say about how dates are written in it."""

    def __init__(self) -> None:
        self.filled = 0
        self.seen: dict[str, int] = {}

    def add(self, cell: str, count: int = 1) -> None:
        """Learn from a cell that is not empty and stands `count` times in the column."""
        self.filled += count
        what = evidence_of(cell)
        if what:
            self.seen[what] = self.seen.get(what, 0) + count

    @property
    def share(self) -> float:
        """The part of the filled cells that are dates; bare five-digit numbers count only among themselves."""
        dates = sum(count for what, count in self.seen.items() if what != "serial")
        serial = self.seen.get("serial", 0)
        return max(dates, serial) / self.filled if self.filled else 0.0

    @property
    def style(self) -> str:
        """`dmy` or `mdy` when the values tell, `mixed` when they contradict each other, `` when none tells."""
        day, month = "dmy" in self.seen, "mdy" in self.seen
        if day and month:
            return "mixed"
        return "dmy" if day else "mdy" if month else ""

    @property
    def ambiguous(self) -> bool:
        """Whether the order of day and month cannot be told from the column alone."""
        return not self.style and "?" in self.seen


def read_date(cell: str, style: str) -> date:
    """The date. `style` settles only the order of day and month: `dmy`, `mdy` or `mixed`. Raises BadCell."""
    text = cell.strip()
    found = ISO.fullmatch(text)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3]))
    found = PARTS.fullmatch(text)
    if found:
        return _ordered(int(found[1]), int(found[2]), _year(found[3]), style)
    found = COMPACT.fullmatch(text)
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3]))
    found = SERIAL.fullmatch(text)
    if found:
        day = EXCEL_EPOCH + timedelta(days=int(found[1]))
        return _date(day.year, day.month, day.day)
    return _worded(text)


def _ordered(first: int, second: int, year: int, style: str) -> date:
    if style == "mixed":
        if first <= 12 and second <= 12 and first != second:
            raise BadCell("ambiguous_date")
        style = "mdy" if second > 12 else "dmy"
    day, month = (second, first) if style == "mdy" else (first, second)
    return _date(year, month, day)


def _worded(text: str) -> date:
    found = WORDED.fullmatch(text)
    if found and plain(found[2]) in MONTH_OF:
        return _date(_year(found[3]), MONTH_OF[plain(found[2])], int(found[1]))
    found = WORDED_US.fullmatch(text)
    if found and plain(found[1]) in MONTH_OF:
        return _date(int(found[3]), MONTH_OF[plain(found[1])], int(found[2]))
    raise BadCell("not_a_date")


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 80 else 1900 + year


def _date(year: int, month: int, day: int) -> date:
    try:
        value = date(year, month, day)
    except ValueError as error:
        raise BadCell("not_a_date") from error
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise BadCell("date_out_of_range")
    return value

"""Payment terms in words: "30 days net", "Zahlbar innerhalb 30 Tagen", "30 jours fin de mois", "al contado"."""

import calendar
import re
from datetime import date

from ledger.intake.dates import LAST_YEAR
from ledger.intake.xml_fields import days_after

DAY_WORD = (
    r"(?:days?|tagen?|jours?|d[ií]as?|giorni|gg|dagen|dagar|dage|dager|p[äa]iv[äa]{1,2}|dni|dn[íi]|dias?)"
)
DAYS = re.compile(rf"(?<![\d.,])(\d{{1,3}})\s*(?:calendar\s+|naturales\s+)?{DAY_WORD}\b", re.IGNORECASE)
NET_DAYS = re.compile(r"\bnet(?:to)?\s+(\d{1,3})\b(?!\s*%)", re.IGNORECASE)
END_OF_MONTH = re.compile(
    r"end of (?:the )?month|\beom\b|fin(?:e)? (?:de |del? )?(?:mois|mes|mese)|\bf\.?m\.?\b|monatsende|fim do m[êe]s",
    re.IGNORECASE,
)
AT_ONCE = re.compile(
    r"\bsofort\b|\bimmediate(?:ly)?\b|(?:due )?(?:up)?on receipt|à réception|a la vista|al contado|\bcontado\b|"
    r"\bimmediato\b|vista fattura|à vista|comptant",
    re.IGNORECASE,
)
UNTIL = re.compile(
    r"\b(?:bis(?: zum)?|until|by|before|avant le|hasta el|entro il|até)\s+(\d{1,2})[./-](\d{1,2})[./-](\d{4})",
    re.IGNORECASE,
)
# Cash discount and late interest speak of days too, but not of when the invoice is due.
ELSE = re.compile(
    r"skonto|discount|escompte|descuento|sconto|verzug|mahn|interest|int[ée]r[êe]t|inter[ée]s|mora\b|penal|p[ée]nalit|"
    r"retard|reclam|complain|returns?\b|r[üu]ckgabe",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[;\n|]|,\s+|\.\s+")
STRUCTURED = re.compile(r"#(?:SKONTO|VERZUG)#[^\n]*?(?:#\s*(?=\s|$|#[A-Z]+#TAGE)|$)", re.MULTILINE)


def due_by_words(text: str, issued: date | None) -> date | None:
    """The due date that payment terms name; None when they name none that can be trusted."""
    if issued is None or not text:
        return None
    clauses = [
        part for part in CLAUSE.split(STRUCTURED.sub("\n", text[:4000])) if part and not ELSE.search(part)
    ]
    until = [found for part in clauses for found in UNTIL.findall(part)]
    dates = [made for day, month, year in until if (made := _date(day, month, year)) and made >= issued]
    if dates:
        return max(dates)
    for part in clauses:
        days = [int(found) for found in DAYS.findall(part) + NET_DAYS.findall(part)]
        if days:
            due = days_after(issued, max(days))
            return _month_end(due) if END_OF_MONTH.search(part) else due
    if any(END_OF_MONTH.search(part) for part in clauses):
        return _month_end(issued)
    return issued if any(AT_ONCE.search(part) for part in clauses) else None


def _date(day: str, month: str, year: str) -> date | None:
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return made if made.year <= LAST_YEAR else None


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])

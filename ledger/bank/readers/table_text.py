"""What a movement's words say: the text joined, references and accounts picked out, the payer's name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from ledger.bank.readers.common import account_of, joined
from ledger.bank.readers.table_columns import Columns
from ledger.bank.statements import Transaction

QR = re.compile(r"(?<!\d)(?:\d{2} ?(?:\d{5} ?){4}\d{5}|\d{27}|\d{26})(?!\d)")
CREDITOR = re.compile(r"\bRF\d{2}(?: ?[A-Z0-9]{1,4}){1,6}\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
END_TO_END = re.compile(
    r"(?:\bE2E(?:[- ]?ID)?|\bEREF|\bEnd[- ]?to[- ]?End(?:[- ]?(?:ID|Ref\w*))?)\s*[:+=.]\s*([A-Za-z0-9][\w./+-]{2,34})",
    re.IGNORECASE,
)
NOT_GIVEN = {"NOTPROVIDED", "NONREF", "NOREF", "NOT PROVIDED"}
PAID_BY = re.compile(
    r"^(?:sepa[ -])?(?:gutschrift|zahlungseingang|vergutung|überweisung|accredito|bonifico|versamento|credit|crédit|"
    r"virement|paiement|abono|transferencia|ingreso|payment|transfer|incoming payment|received money)\b"
    r"(?:\s+(?:recu|reçu|recibida|ricevuto|received|sepa|instant|istantaneo|permanent|en votre faveur|"
    r"a vostro favore|a su favor|transf\.))*"
    r"(?:\s+(?:von|de|da|del|di|from|par|auftraggeber|donneur d'ordre|ordinante|ordenante))?\s*[:,]?\s+"
    r"(?P<name>[^\W\d_][^\d;,:/|]{2,60})",
    re.IGNORECASE,
)
# Where a payer's name ends and the words about the payment begin.
ABOUT = re.compile(
    r"\s+(?:fatt\w*|fact\w*|fra|rechnung\w*|rg|rnr|re|invoice|inv|ref\w*|concepto|end-to-end\w*|mitteilung|"
    r"zahlungszweck|verwendungszweck|motif|causale|cod|virement|bonifico|nr|n°|no)\b.*$",
    re.IGNORECASE,
)
BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
ROW = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
MAX_NAME = 140


def text_of(columns: Columns, cells: Sequence[str]) -> str:
    """The texts of a row, in the order of its columns; what an earlier column said is not repeated."""
    parts: list[str] = []
    for place in columns.texts:
        cell = BREAK.sub(" ", cells[place]) if place < len(cells) else ""
        if cell and not any(cell in part for part in parts):
            parts.append(cell)
    return joined(parts)


def with_more(text: str, more: str) -> str:
    """A text with that of a continuation row, which often repeats it."""
    if not more or more in text:
        return text
    return joined([more]) if text and more.startswith(text) else joined([text, more])


def reference_in(texts: Iterable[str]) -> str:
    """The first QR or ISO 11649 reference of the texts whose check digits are right; empty when there is none."""
    for text in texts:
        for found in CREDITOR.findall(text):
            for cut in _shorter(found):
                bare = cut.replace(" ", "")
                if 5 <= len(bare) <= 25 and _mod97(bare):
                    return bare
        for found in QR.findall(text):
            digits = str(found).replace(" ", "")
            if len(digits) == 27 and digits.strip("0") and _mod10(digits):
                return digits
    return ""


def _shorter(found: str) -> list[str]:
    """The text, and without its last words: a name may follow a reference."""
    words = found.split(" ")
    return [" ".join(words[:size]) for size in range(len(words), 0, -1)]


def _mod97(number: str) -> bool:
    """Whether the two check digits behind the first two letters are right (ISO 7064)."""
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def _mod10(digits: str) -> bool:
    carry = 0
    for digit in digits[:-1]:
        carry = ROW[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(digits[-1])


@lru_cache(maxsize=8192)
def account_in(text: str) -> str:
    """The first valid IBAN of a text; empty when there is none."""
    for found in IBAN.findall(text):
        for cut in _shorter(found):
            bare = cut.replace(" ", "")
            if 15 <= len(bare) <= 34 and _mod97(bare):
                return bare
    return ""


def end_to_end_in(text: str) -> str:
    """The end-to-end id that the text names."""
    found = END_TO_END.search(text)
    return "" if not found or found[1].upper() in NOT_GIVEN else found[1].rstrip(".")


def name_in(text: str) -> str:
    """The payer that an incoming payment's text begins with: `Gutschrift von Peter Muster, Bern`."""
    found = PAID_BY.match(text)
    return ABOUT.sub("", found["name"]).strip(" .-")[:MAX_NAME] if found else ""


def transaction_of(columns: Columns, cells: Sequence[str], bare: Transaction) -> Transaction:
    """The transaction with what its row's own columns give, else what its text says."""
    text = bare.text
    own = account_of(columns.of(cells, "account"))
    other = account_of(columns.of(cells, "party_account"))
    named = joined([columns.of(cells, "reference")], 140)
    structured = reference_in([named, text])
    found = account_in(text)
    end_to_end = columns.of(cells, "end_to_end")
    given = "" if end_to_end.upper() in NOT_GIVEN else end_to_end[:140]
    return replace(
        bare,
        text=text if structured or named in text else joined([text, named]),
        reference=structured or (named if " " not in named else ""),
        end_to_end_id=given or end_to_end_in(text),
        bank_reference=columns.of(cells, "bank_reference")[:140],
        party_name=columns.of(cells, "party")[:MAX_NAME] or (name_in(text) if bare.amount > 0 else ""),
        party_account=other[:60] or (found if found != own else ""),
    )
